# Rám kolem každé stránky, odemykání, seznam trezorů, nastavení.

opening = Conclave se otevírá…
opening-kept = Nic nebylo otevřeno a nic se neztratilo.

frame-skip = Přejít na stránku
frame-vaults = Trezory
frame-all-vaults = Všechny trezory
frame-add-vault = Přidat trezor
frame-back = Zpět (Alt+šipka vlevo)
lock-now = Zamknout

nav-overview = Přehled
nav-receive = Přijmout
nav-propose = Zaplatit
nav-transactions = Transakce
nav-coins = Mince
nav-addresses = Adresy
nav-policy = Pravidla
nav-record = Záznam
nav-board = Založení

status-line = Spojení
status-network = Síť: regtest, cvičné peníze
status-tor-off = Tor: vypnutý; dosažitelný je jen tento počítač
status-tip = Blok číslo { $height }
status-tip-age = Blok číslo { $height }, { $age }
status-members = Ostatní členové viděni za poslední den: { $seen } z { $all }
status-trouble = Není dosažitelné všechno

unlock-title = Conclave je zamčený
unlock-auto-locked = Zamkl se sám, protože ho chvíli nikdo nepoužíval.
unlock = Odemknout
unlock-busy = Odemyká se…
unlock-wrong-count = { $count ->
    [one] Jedna chybná heslová fráze od posledního otevření.
    [few] { $count } chybné heslové fráze od posledního otevření.
   *[other] { $count } chybných heslových frází od posledního otevření.
}
unlock-forgotten = Zapomenutou heslovou frázi nemůže nikdo obnovit. Se slovy svého klíče se můžete ke svým trezorům znovu připojit v nové instalaci.

vaults-title = Trezory
vaults-loading = Čtou se vaše trezory…
vaults-none = Zatím tu není žádný trezor. Čím chcete začít?
vaults-total = Dohromady
vaults-ring = { $threshold } z { $keyholders }
vaults-heard = ostatní se ozvali
vaults-frozen = Zmrazený: nic nelze zaplatit
vaults-unopened = Trezor { $vault } se nepodařilo otevřít
vaults-unopened-kept = Nic v něm nebylo změněno a ostatních trezorů se to netýká.
vault-gone-title = Tady není
vault-gone = Tento trezor v této instalaci není.
wait-ratify = Porovnejte slova s ostatními a ratifikujte
wait-approve = Schvalte nebo odmítněte „{ $purpose }“
wait-sign = Podepište „{ $purpose }“
wait-vote = Hlasujte o navržené změně

settings-title = Nastavení

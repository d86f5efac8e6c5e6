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
nav-payments = Platby
nav-transactions = Transakce
nav-coins = Mince
nav-addresses = Adresy
nav-policy = Pravidla
nav-record = Záznam
nav-board = Založení

status-line = Spojení
status-network = Síť: regtest, cvičné peníze
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
settings-lead = Uchovávají se na tomto počítači a každá změna platí hned.
settings-kept = Nastavení zůstalo, jak bylo.
settings-version = Conclave, verze

settings-looks = Jazyk a vzhled
settings-language = Jazyk
settings-language-system = Podle systému
settings-theme = Barvy
settings-theme-system = Podle systému
settings-theme-light = Světlé
settings-theme-dark = Tmavé
settings-unit = Částky
settings-unit-btc = V bitcoinech ({ $sign })
settings-unit-sat = V satoshi ({ $sign })

settings-safety = Zamykání a heslová fráze
settings-auto-lock = Zamknout se samo po
settings-auto-lock-hint = Počítá se od posledního použití okna.
settings-auto-lock-never = Nikdy
settings-passphrase = Změnit heslovou frázi
settings-passphrase-current = Dosavadní heslová fráze
settings-passphrase-new = Nová heslová fráze
settings-passphrase-backups = Zálohy zapsané dříve se stále otevírají dřívější frází.
settings-passphrase-change = Změnit heslovou frázi
settings-passphrase-busy = Heslová fráze se mění…
settings-passphrase-changed = Heslová fráze je změněna.

settings-notify = Oznámení
settings-notify-on = Ukazovat oznámení na ploše
settings-notify-on-hint = Přečte je každý, kdo se dívá na obrazovku, i když je Conclave v pozadí.
settings-notify-what = Uvádějí
settings-notify-kind = co se od vás žádá: schválit, podepsat, ratifikovat
settings-notify-amount = částku
settings-notify-vault = trezor

settings-network = Síť
settings-network-name = Síť bitcoinu
settings-network-regtest = Regtest: cvičné peníze. Jinou tato verze neotevře.
settings-tor-explained = Vše mimo tento počítač jde přes Tor uvnitř programu. Dokud Tor není připojený, nic se neposílá: vše čeká tady.
settings-bridges = Můstky
settings-bridges-hint = Kde je Tor blokovaný: na každém řádku jeden můstek, jak jste ho dostali. Prázdné znamená žádný.
settings-bridges-change = Použít tyto můstky
settings-relays = Relé
settings-relays-vote = Všichni členové používají stejná relé; mění je hlasováním:
own-relay = Vlastní relé
own-relay-hint = Tento program je provozuje na onion adrese, jen pro členy tohoto trezoru, dokud je otevřený a odemčený. Ničí jiný server není potřeba.
own-relay-serve = Provozovat relé
own-relay-stop = Přestat provozovat
own-relay-busy = Mění se…
own-relay-begun = Relé je v provozu.
own-relay-stopped = Relé už není v provozu.
own-relay-kept = Relé zůstalo, jaké bylo.
own-relay-used = Procházejí jím zprávy členů. Dokud je zavřené, čekají, nebo procházejí jinými relé.
own-relay-unused = Zprávy jím zatím neprocházejí: členové musí jeho adresu přijmout hlasováním.
settings-chain = Zdroj dat o řetězci
settings-chain-hint = Server Electrum podle vaší volby. Říká této instalaci, co je v řetězci, a dozví se vaše adresy.
settings-chain-change = Používat tento zdroj
settings-chain-busy = Zdroj se mění…
settings-chain-changed = Zdroj je změněn. Mince se hledají znovu.
settings-chain-kept = Zdroj zůstal, jaký byl.

settings-files = Soubory
settings-home = Conclave uchovává data v
settings-exports = Složka pro exporty
settings-exports-hint = Zapisují se sem exporty, záložní listy a zálohy, každý pod novým jménem. Nechte prázdné pro systémovou složku stažených souborů.
settings-exports-change = Používat tuto složku

settings-backup = Záloha všeho
settings-backup-lead = Jeden šifrovaný soubor se všemi trezory, klíči a popisky této instalace. Otevírá se současnou heslovou frází.
settings-backup-write = Zapsat zálohu
settings-backup-busy = Záloha se zapisuje…
settings-backup-kept = Nezůstal po ní žádný soubor.
settings-backup-done = Záloha je zapsaná.
settings-backup-after = Uložte ji na jiném počítači. Instalace z ní obnovená nejdřív jen čte, dokud ostatní neřeknou, co řekla naposledy.

settings-keys = Klávesy
settings-key-vault = Přejít k trezoru
settings-key-vaults = Přejít ke všem trezorům
settings-key-back = Zpět
settings-key-lock = Zamknout

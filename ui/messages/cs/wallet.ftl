# Peníze trezoru: přehled, mince, adresy, transakce, štítky, sledované deskriptory.

overview-history = Zůstatek v čase, nyní { $balance }
overview-history-loading = Čtu zůstatek v čase …
overview-pay = Navrhnout platbu
overview-receive = Přijmout
overview-waits = Čeká na vás
overview-payments = Otevřené platby
overview-payments-none = Žádná platba není otevřená.
overview-payments-all = Všechny platby
overview-activity = Poslední transakce
overview-activity-all = Všechny transakce
overview-members = Členové
overview-members-all = Členové a založení trezoru
overview-backup-sheet = Záložní list
overview-member = Člen
overview-roles = Role
overview-heard = Poslední zpráva
overview-signed = První podpis
overview-you = (vy)
overview-here = zde
overview-present = přítomen
overview-away = pryč
overview-silent = dlouho mlčí
overview-never-heard = zatím bez zprávy
overview-no-key = nemá klíč
overview-never-signed = zatím ne
overview-health = Stav
overview-network = Síť
overview-connected = Relé a zdroj blockchainu odpovídají
overview-chain = Blockchain
overview-record = Záznam
overview-all-hold = všichni členové jej mají celý
overview-lag = { $members ->
    [one] { $members } člen ještě nepotvrdil, že má vše
    [few] { $members } členové ještě nepotvrdili, že mají vše
   *[other] { $members } členů ještě nepotvrdilo, že má vše
}
overview-events = { $events ->
    [one] { $events } událost
    [few] { $events } události
   *[other] { $events } událostí
}
overview-waiting = { $events ->
    [one] { $events } událost čeká na ty, na kterých stojí
    [few] { $events } události čekají na ty, na kterých stojí
   *[other] { $events } událostí čeká na ty, na kterých stojí
}
overview-script = Adresy
overview-whose = Čí je to čin: { $whose }
overview-frozen = { $name } trezor zmrazil(a): nic se neplatí.
overview-frozen-more = Jak se uvolní

coins-title = Mince
coins-lead = Všechny mince, které nikdo neutratil. Zmrazená mince se nepoužije v platbách, které navrhujete vy; ostatním se to nehlásí.
coins-loading = Čtu mince …
coins-none = Zatím tu žádná mince neleží. Vydejte adresu, abyste nějakou přijali.
coins-count = { $count ->
    [one] { $count } mince
    [few] { $count } mince
   *[other] { $count } mincí
}
coins-amount = Částka
coins-address = Adresa
coins-state = Stav
coins-freezing = Utrácení
coins-change = Drobné { $index }
coins-deposit = Vklad { $index }
coins-copy = Kopírovat označení mince (transakce a výstup)
coins-held = drží ji platba
coins-unconfirmed = ještě není v bloku
coins-frozen = zde zmrazená
coins-free = volná
coins-block = Blok { $height }
coins-until = do
coins-freeze = Zmrazit
coins-unfreeze = Uvolnit

label = Štítek
label-write = Upravit štítek: { $what }
label-keep = Uložit
label-keeping = Ukládám …
label-of-coin = tato mince
label-of-transaction = tato transakce
label-of-address = tato adresa
labels-title = Štítky
labels-lead = Štítky zůstávají v tomto programu. Čtou a zapisují se jako BIP329, který znají i jiné peněženky.
labels-export = Zapsat všechny štítky do souboru
labels-import = Načíst štítky ze souboru
labels-unreadable = Tento soubor není text. Nic se nenačetlo.
labels-taken = { $taken ->
    [one] Načten { $taken } štítek.
    [few] Načteny { $taken } štítky.
   *[other] Načteno { $taken } štítků.
}
labels-unknown = { $unknown ->
    [one] { $unknown } z nich je o něčem, co tu není vidět; přesto je uložen.
    [few] { $unknown } z nich jsou o něčem, co tu není vidět; přesto jsou uloženy.
   *[other] { $unknown } z nich je o něčem, co tu není vidět; přesto jsou uloženy.
}
labels-frozen = { $frozen ->
    [one] { $frozen } mince je nyní zmrazená, jak soubor žádá.
    [few] { $frozen } mince jsou nyní zmrazené, jak soubor žádá.
   *[other] { $frozen } mincí je nyní zmrazených, jak soubor žádá.
}
labels-refused = { $refused ->
    [one] { $refused } řádek není štítek a byl vynechán.
    [few] { $refused } řádky nejsou štítky a byly vynechány.
   *[other] { $refused } řádků nejsou štítky a bylo vynecháno.
}
labels-line = Řádek { $line }:

transactions-title = Transakce
transactions-loading = Čtu transakce …
transactions-none = Zatím žádná transakce.
transactions-count = { $count ->
    [one] { $count } transakce
    [few] { $count } transakce
   *[other] { $count } transakcí
}
transactions-when = Kdy
transactions-amount = Částka
transactions-id = Transakce
transactions-came = přišlo
transactions-went = odešlo
transactions-payment = platba
transactions-copy = Kopírovat číslo transakce
transactions-export = Zapsat vše do tabulky (CSV)

addresses-title = Adresy
addresses-lead = Odvozené zde z deskriptoru, který ratifikovali všichni držitelé klíčů.
addresses-loading = Odvozuji adresy …
addresses-none = Zatím žádná nebyla vydána ani použita.
addresses-which = Které
addresses-deposits = Pro vklady
addresses-change = Pro drobné
addresses-index = Pořadí
addresses-balance = Leží tam
addresses-received = Celkem přišlo
addresses-issued = Vydal(a): { $name }
addresses-attested = Stejně odvodili: { $names }

watch-title = Sledovat deskriptor
watch-lead = Pro peněženku nebo trezor, které chcete vidět, ale odsud nepoužívat: žádný klíč není třeba a odsud se nedá platit.
watch-name = Jak mu budete říkat
watch-descriptor = Deskriptor
watch-descriptor-hint = Jeden řádek pro oba druhy adres (<0;1>), nebo pro každý zvlášť. Jen s veřejnými klíči.
watch-file = Načíst ze souboru
watch-chain = Zdroj blockchainu
watch-chain-hint = Server Electrum, například ssl://electrum.example:50002, přes Tor, nebo na tomto počítači. Dozví se, na které adresy se ptáte.
watch-check = Podívat se, co to je
watch-begin = Sledovat
watch-busy = Čtu …
watch-understood = Čemu program porozuměl
watch-kind = Druh
watch-quorum = Podpisy
watch-m-of-n = { $threshold } z { $keys }
watch-keys = Klíče
watch-addresses = První adresy
watch-whole = Celý deskriptor
watch-copy = Kopírovat deskriptor
watched-lead = Jen sledovaný: tento program k němu nemá žádný klíč.
watched-block = Blok { $height }
watched-what = Co to je
watched-chain = Zdroj blockchainu
chain-change = Ptát se odteď tohoto
chain-changed = Odteď se ptáme jiného zdroje blockchainu.
watched-forget = Už nesledovat
watched-forget-title = Už nesledovat { $name }?
watched-forget-text = Co bylo o něm načteno, i jeho štítky z tohoto programu zmizí. Mincí se to netýká. Stejným deskriptorem jej lze sledovat znovu.

export-busy = Zapisuji …
export-kept = Žádný soubor nebyl zapsán.
export-saved = Zapsáno, { $kilobytes } kB:
export-copy-path = Kopírovat cestu
pager = Části seznamu
pager-newer = Novější
pager-older = Starší

warning-checksum-missing = Chybí kontrolní součet: překlep by se neukázal (checksum-missing)
warning-origin-missing = U klíče není řečeno, z kterého hlavního klíče pochází: podepisovací zařízení jej mohou odmítnout (origin-missing)
warning-fingerprint-zero = Otisk klíče je 00000000: zařízení svůj klíč nenajdou (fingerprint-zero)
warning-depth-differs = Hloubka klíče neodpovídá délce jeho cesty: cesta může být chybná (depth-differs)
warning-multi-unsorted = Na pořadí klíčů záleží: program, který je řadí, dostane jiné adresy (multi-unsorted)
warning-key-reused = Jeden klíč stojí na více místech s různými cestami (key-reused)
warning-change-missing = Nejsou tu adresy pro drobné (change-missing)
warning-change-implied = Adresy pro drobné v textu nejsou: míní se /1/* vedle /0/* (change-implied)
warning-not-ranged = Je tu jediná adresa: všechny platby budou vidět jako táž (not-ranged)
warning-not-sane = Ne každý způsob utracení je spolehlivý: cestou může být pozměněn, nebo není možný (not-sane)

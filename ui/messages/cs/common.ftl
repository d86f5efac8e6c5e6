# Slova, která znamenají na každé stránce totéž: role, stavy, nebezpečí, co chybí, jednotky, časy.

ask-again = Zeptat se znovu
cancel = Zrušit
technical-details = Technické podrobnosti
nothing-changed = Nic se nezměnilo.
shown-is-old = Zobrazeno je to, co bylo známo naposledy.
nobody = zatím nikdo
names-and = { $first } a { $last }
balance = Zůstatek
balance-unconfirmed = zatím není v bloku
fee = Poplatek
approved-by = Schválili
signed-by = Podepsali
waits-for-you = { $count ->
    [one] 1 věc čeká na vás
    [few] { $count } věci čekají na vás
   *[other] { $count } věcí čeká na vás
}
watched-only = Jen ke sledování
copy-address = Zkopírovat adresu
copy-key = Zkopírovat klíč
copy-path = Zkopírovat cestu
copied = Zkopírováno. Schránka se vymaže za 60 sekund.
qr-too-long = Text je na jeden QR kód příliš dlouhý. Použijte soubor.
file-too-large = Soubor je větší než { $kilobytes } kB. Nic nebylo přečteno.
file-unreadable = Soubor se nepodařilo přečíst. Vyberte ho znovu, nebo vezměte jiný.
confirm-leave = Nechat být
confirm-type-word = Pro pokračování napište „{ $word }“

# Role
role-keyholder = držitel klíče
role-approver = schvalovatel
role-mediator = prostředník
role-auditor = auditor (jen čte)
role-signer = automatický podepisující
role-keyholder-explained = Drží jeden z klíčů trezoru: schvaluje platby a podepisuje je.
role-approver-explained = Schvaluje platby nebo je odmítá. Klíč nemá.
role-mediator-explained = Drží klíč a rozhoduje, když se strany obchodu neshodnou.
role-auditor-explained = Všechno čte a ověřuje. Nic jiného nemůže.
role-signer-explained = Program, který drží klíč a podepisuje sám.

# Trezory
vault-status-gathering = shromažďuje členy
vault-status-proving = čeká, až bude prokázán každý klíč
vault-status-ratifying = čeká na ratifikaci
vault-status-active = v provozu
key-state-unproven = klíč zatím není prokázán
key-state-proven = klíč je prokázán
script-p2wsh-sortedmulti = Nativní segwit (P2WSH), klíče seřazené
script-p2wsh-multi = Nativní segwit (P2WSH), klíče v pevném pořadí
script-nested-sortedmulti = Segwit uvnitř P2SH, klíče seřazené
script-nested-multi = Segwit uvnitř P2SH, klíče v pevném pořadí
script-legacy-sortedmulti = Bez segwitu (P2SH), klíče seřazené
script-legacy-multi = Bez segwitu (P2SH), klíče v pevném pořadí
script-taproot-multi = Taproot, klíče v pevném pořadí
template-low-trust-3-of-5 = Pět rovných klíčů, podepisují tři
template-hot-2-of-3 = Oddělení a jeho bezpečnost, dva ze tří
template-escrow-2-of-3 = Kupující, prodávající a prostředník, dva ze tří
template-low-trust-3-of-5-explained = Pro lidi, kteří si příliš nevěří. Dva z pěti se mohou ztratit nebo odmítnout, a zbylí tři přesto zaplatí.
template-hot-2-of-3-explained = Pro každodenní platby. Oddělení podepíše, bezpečnost podepíše po kontrole a záložní klíč leží jinde.
template-escrow-2-of-3-explained = Pro jeden obchod. Kupující a prodávající ho dokončí sami; prostředník podepisuje, jen když se neshodnou.

# Platby
proposal-status-proposed = Čeká na schválení
proposal-status-approved = Čeká na podpisy
proposal-status-signed = Podepsaná, čeká na odeslání
proposal-status-broadcast = Odeslaná, čeká na blok
proposal-status-confirmed = Potvrzená
proposal-status-rejected = Odmítnutá
proposal-status-expired = Lhůta vypršela, mince jsou volné
proposal-status-replaced = Nahrazená jinou platbou
replacement-fee-bump = Platí týmž příjemcům tytéž částky s vyšším poplatkem.
replacement-cancel = Neplatí nikomu: vše se vrací do trezoru po odečtení poplatku.
replacement-other-payment = Platí jiným nebo jiné částky: posuzujte ji jako samostatnou platbu.

# Kroky cvičného trezoru
step-ahead = čeká
step-running = probíhá
step-done = hotovo
step-failed = nezdařilo se

# Heslové fráze
passphrase = Heslová fráze
passphrase-show = Ukázat
passphrase-hide = Skrýt
advice-longer = Prodlužte ji.
advice-uncommon = Vynechte jména, data a běžná hesla.
advice-less-regular = Vynechte opakování a řady kláves.
advice-more-words = Přidejte slova, která spolu nesouvisejí.

# Co je napsáno
form-empty = Vyplňte to.
form-too-long = Vejde se sem nejvýše { $most } znaků.
form-not-a-number = Napište celé číslo, jen číslice.
form-out-of-range = Napište číslo od { $least } do { $most }.
form-no-server = Napište adresu, například { $form }.
form-not-the-same = Tohle není to, co jste napsali výše.
server-here = Tento počítač, bez Toru
server-own-network = Vlastní síť, nešifrovaně a bez Toru
tor-off = Tor: není potřeba
tor-starting = Tor: připojuje se, { $percent } %
tor-ready = Tor: připojeno
tor-failed = Tor: nepřipojeno; nic se neposílá
hosting-off = Není v provozu
hosting-waiting = Čeká na Tor
hosting-publishing = Oznamuje se; může to trvat několik minut
hosting-reachable = Je dostupné
hosting-failed = Není dostupné; zkouší se znovu
tor-trouble-configuration = Nastavení Toru nebo můstek nelze použít. Opravte je.
tor-trouble-folder = Jeho složku nelze použít. Zavřete jiné programy, které tuto složku používají, a zkontrolujte místo na disku.
tor-trouble-offline = Zdá se, že tento počítač nemá síť. Připojte ho.
tor-trouble-filtered = Zdá se, že síť Tor blokuje. Přidejte níže můstky.
tor-trouble-clock = Hodiny tohoto počítače jdou špatně. Nařiďte je.
tor-trouble-directory = Adresář Toru nelze stáhnout. Zkouší se znovu; pokud to trvá, zkontrolujte hodiny a síť.
tor-trouble-unreachable = Síť Tor není dosažitelná. Zkouší se znovu; mohou pomoci můstky.
amount-empty = Napište částku.
amount-not-a-number = Napište číslice s jednou tečkou, například 0.25.
amount-points-doubled = Použijte jen jednu tečku a mezi tisíci mezery.
amount-comma-unclear = Napište tečku: 1,000 je pro někoho tisíc a pro někoho jedna.
amount-groups-uneven = Mezery patří mezi skupiny tří číslic.
amount-too-many-decimals = Za tečku se vejde nejvýše osm číslic.
amount-sat-divided = Satoshi nelze dělit: vynechte tečku.
amount-more-than-there-is = Bitcoinů je jen 21 milionů.
amount-zero = Napište částku větší než nula.
rate-empty = Napište sazbu poplatku.
rate-not-a-number = Napište číslice s jednou tečkou, například 2.5.
rate-too-many-decimals = Za tečku se vejdou nejvýše tři číslice.
rate-zero = Napište sazbu větší než nula.
rate-too-high = Přijme se nejvýše 10 000 sat/vB.

# Časy
time-just-now = právě teď
time-minutes-ago = { $minutes ->
    [one] před minutou
    [few] před { $minutes } minutami
   *[other] před { $minutes } minutami
}
time-hours-ago = { $hours ->
    [one] před hodinou
    [few] před { $hours } hodinami
   *[other] před { $hours } hodinami
}
time-days-ago = { $days ->
    [one] včera
    [few] před { $days } dny
   *[other] před { $days } dny
}
time-in-minutes = { $minutes ->
    [one] za minutu
    [few] za { $minutes } minuty
   *[other] za { $minutes } minut
}
time-in-hours = { $hours ->
    [one] za hodinu
    [few] za { $hours } hodiny
   *[other] za { $hours } hodin
}
time-in-days = { $days ->
    [one] za den
    [few] za { $days } dny
   *[other] za { $days } dní
}
time-seconds = { $seconds ->
    [one] 1 sekunda
    [few] { $seconds } sekundy
   *[other] { $seconds } sekund
}
time-minutes = { $minutes ->
    [one] 1 minuta
    [few] { $minutes } minuty
   *[other] { $minutes } minut
}
time-hours = { $hours ->
    [one] 1 hodina
    [few] { $hours } hodiny
   *[other] { $hours } hodin
}
time-days = { $days ->
    [one] 1 den
    [few] { $days } dny
   *[other] { $days } dní
}

# Co chybí
unmet-not-active = Trezor není v provozu: neratifikovali všichni držitelé klíčů.
unmet-rules-unknown = Pravidla trezoru jsou novější než tento program: aktualizujte ho.
unmet-configuration-changed = Konfigurace trezoru se změnila: navrhněte platbu znovu.
unmet-configurations-doubled = Byly přijaty dvě konfigurace najednou: držitelé klíčů to musí rozhodnout hlasováním.
unmet-role-missing = To může jen člen s touto rolí: { $role }.
unmet-approvals-missing = Schválení je dáno { $have } z { $need }.
unmet-role-approvals-missing = Schválení od této role je dáno { $have } z { $need }: { $role }.
unmet-destination-denied = Tato adresa je na seznamu těch, kterým se nikdy neplatí: { $address }
unmet-destination-not-allowed = Tato adresa není na seznamu těch, kterým se smí platit: { $address }
unmet-frozen = Trezor je zmrazen (kdo: { $name }): dokud se zmrazení neuvolní, nic nepokračuje.
unmet-signatures-missing = Podepsalo { $have } z { $need } držitelů klíčů.
unmet-rejected = Odmítl(a): { $name }.
unmet-ended = Platba skončila: je odeslaná, nebo je jedna z jejích mincí utracená.
unmet-coin-reserved = Jednu z jejích mincí drží jiná platba.
unmet-expired = Nebyla podepsána v čase, který jí dal navrhovatel: navrhněte ji znovu.
unmet-void = Návrh nemá účinek.
unmet-challenge-missing = Číslo člena { $name } tu ještě není: počkejte, až ho jeho program pošle.
unmet-key-proof-missing = Člen { $name } neprokázal, že drží klíč z konfigurace (key-unproven).
unmet-two-stories = Člen { $name } řekl různým členům různé věci (two-stories).
unmet-already-signed = Tento klíč už podepsal.
unmet-danger = Nebezpečí: { $danger }.
unmet-funds-missing = Je třeba { $need }, utratit lze { $have }.

# Selhání, o kterých okno víc neví
failure-kind-rule = Pravidlo to teď nedovoluje.
failure-kind-input = Něco v zadání není správně.
failure-kind-network = Relé nebo zdroj dat o řetězci není dosažitelný.
failure-kind-machine = Tento počítač to nedokázal.
failure-silent = Program za oknem neodpověděl.
failure-unexpected = Program za oknem odpověděl něco jiného, než na co se ptalo.

# Nebezpečí: obyčejnými slovy, pak pevné jméno
finding-transaction-not-proposed = Transakce není ta, která byla navržena (transaction-not-proposed)
finding-input-not-ours = Utrácí minci, která nepatří tomuto trezoru (input-not-ours)
finding-change-not-ours = Drobné by se nevrátily do tohoto trezoru (change-not-ours)
finding-previous-transaction-missing = Částku vstupu nelze prokázat bez předchozí transakce (previous-transaction-missing)
finding-previous-transaction-foreign = Předchozí transakce není ta, kterou vstup jmenuje (previous-transaction-foreign)
finding-amount-unproven = Částka vstupu není ta, kterou uvádí řetězec (amount-unproven)
finding-sighash-unexpected = Podpis by nepokryl celou transakci (sighash-unexpected)
finding-finals-prefilled = Přišla s už vyplněnými podpisy (finals-prefilled)
finding-input-duplicated = Utrácí jednu minci dvakrát (input-duplicated)
finding-fee-negative = Odchází víc, než přichází (fee-negative)
finding-locktime-ahead = Dala by se zadržet a odeslat, až se na ni zapomene (locktime-ahead)
finding-fee-absurd = Poplatek je nesmyslně vysoký (fee-absurd)
finding-two-stories = Člen řekl různým členům různé věci: jeho souhlasy a návrhy se tu už nepočítají (two-stories)
finding-chain-broken = Událost nenavazuje na tu, kterou její autor napsal před ní (chain-broken)
finding-event-forged = Událost nepodepsal člen, jehož jménem přišla (event-forged)
finding-message-malformed = Přišla zpráva, jakou žádný poctivý program nepíše (message-malformed)
finding-stranger-refused = Zprávu poslal někdo, kdo není členem (stranger-refused)
finding-flood-refused = Člen posílá víc, než se tu uchovává z toho, co čeká na chybějící události (flood-refused)
finding-relay-withholds = Relé zadržuje zprávy (relay-withholds)
finding-clock-ahead = Hodiny člena jdou hodně napřed, nebo se hodiny tohoto počítače zpožďují (clock-ahead)
finding-action-unknown = Člen používá novější program: dokud se tento neaktualizuje, nic se nepovolí (action-unknown)
finding-backup-restored = Tato instalace byla obnovena ze starší kopie: jen čte, dokud ostatní neřeknou, co řekla naposledy (backup-restored)
finding-invitation-doubled = Jednu pozvánku použilo několik lidí: někdo z nich není ten, kdo byl pozván (invitation-doubled)
finding-words-differ = Slova ostatních jsou jiná: možná drží jiné klíče (words-differ)
finding-double-vote = Byli přijati dva nástupci jedné konfigurace: někdo hlasoval dvakrát a nic se nepovolí, dokud ostatní nehlasují znovu (double-vote)
finding-database-damaged = V databázi není to, co tento program zapsal (database-damaged)
finding-change-index-far = Drobné by se vrátily na místo, kde je žádný program nehledá (change-index-far)
finding-origin-swapped = Původ klíče je uveden jinak než v deskriptoru (origin-swapped)
finding-key-duplicated = Jeden klíč je uveden dvakrát (key-duplicated)
finding-script-mismatch = Skript není ten, který mince vyžaduje (script-mismatch)
finding-signature-invalid = Podpis není platný (signature-invalid)
finding-psbt-malformed = Není to PSBT, které by šlo přečíst (psbt-malformed)
finding-oversize = Je to příliš velké (oversize)
finding-outputs-changed = Soubory patří k různým transakcím (outputs-changed)
finding-fee-unverified = Poplatek nelze prokázat (fee-unverified)
finding-fields-conflict = Dva soubory si odporují (fields-conflict)
finding-key-foreign = Klíč není z této peněženky (key-foreign)
finding-descriptor-malformed = Není to deskriptor, který by šel přečíst (descriptor-malformed)
finding-checksum-wrong = Deskriptor byl změněn nebo chybně opsán (checksum-wrong)
finding-not-supported = Tato forma je známá, ale není podporovaná (not-supported)
finding-private-key-inside = Uvnitř je soukromý klíč (private-key-inside)
finding-key-unproven = Člen neprokázal, že drží klíč uvedený pod jeho jménem (key-unproven)
finding-own-key-swapped = Konfigurace uvádí pro člena jiný klíč než jeho vlastní (own-key-swapped)
finding-origin-unknown = Klíč neříká, z jakého seedu a jakou cestou vznikl (origin-unknown)
finding-address-differs = Program jednoho člena odvodil jinou adresu pro příjem: nic na ni neplaťte (address-differs)

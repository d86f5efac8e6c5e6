# Příprava trezoru, jeho členové, záložní listy a slova klíče.

nav-members = Členové
member-you = vy
member-heard = ozval se

# Příprava
board-title = Příprava: { $name }
board-title-unnamed = Trezor, ke kterému jste se připojili
board-first-contact = Čeká se na první zprávu toho, kdo vás pozval.
board-gathering = { $open ->
    [0] Všechna místa jsou obsazená. Konfigurace přijde sama.
    [one] Zbývá jedno volné místo.
    [few] Zbývají { $open } volná místa.
   *[other] Zbývá { $open } volných míst.
}
board-gathering-next = Dokud se nepřipojí všichni, není co dělat. Okno můžete zavřít; pokračuje se, až se vrátíte.
board-proving = Všichni jsou tu. Programy si teď navzájem dokazují své klíče.
board-proving-next = Děje se to samo, jakmile má každý člen program otevřený.
board-ratifying = Ratifikovalo { $have } z { $all } držitelů klíčů.
board-ratifying-next = Zavolejte si a porovnejte dvanáct slov. Trezor funguje, až ratifikují všichni držitelé klíčů.
board-words = Porovnejte slova
board-places = Místa
board-about = Co všichni ratifikují
board-done = hotovo
board-open = ještě ne
board-step-joined = Připojení
board-step-challenged = Žádost o důkaz
board-step-proven = Klíč dokázán
board-step-ratified = Ratifikace
board-key = Klíč
board-place-open = Čeká na toho, kdo má pozvánku.
board-place-until = Platí do { $when }.
board-place-expired = Platnost pozvánky skončila: místo zůstane prázdné a trezor je nutné založit znovu.
board-finding-by = Zjištěno u člena { $name }.
board-stop = Zastavte se. Neratifikujte, dokud nemluvíte s ostatními.
board-trouble = Ne každé relé nebo zdroj blockchainu je dosažitelný.
board-trouble-kept = Nic se neztratilo: co tu uděláte, se uloží a odešle později.

awaited-nothing = { $name }: vše hotovo.
awaited-nothing-me = Udělali jste vše.
awaited-joined = { $name } už je tu.
awaited-others-join = Jste tu. Čeká se na ostatní.
awaited-challenge = Čeká se, až program člena { $name } požádá ostatní o důkaz klíčů.
awaited-challenge-me = Váš program se chystá požádat ostatní o důkaz klíčů.
awaited-proof = Čeká se, až program člena { $name } dokáže svůj klíč.
awaited-proof-me = Váš program dokáže svůj klíč, jakmile ho všichni požádají.
awaited-ratify = Čeká se, až { $name } porovná slova a ratifikuje.
awaited-ratify-me = Čeká se na vás: porovnejte slova a ratifikujte.

# Porovnání slov
compare-show = Ukázat má slova, abych je přečetl
compare-hide = Skrýt má slova
compare-read-out = Přečtěte je ostatním po telefonu nebo osobně. Zkopírovat je nelze.
compare-counting = Počítám slova … chvíli to trvá, aby je nikdo nemohl podvrhnout.
compare-own = Má slova
compare-heard = Co jste slyšeli od jiného člena
compare-heard-hint = { $count } z 12 slov. Pište, co slyšíte, ne co máte na obrazovce: vaše slova jsou zatím skrytá.
compare-count = { $count ->
    [one] Slov má být dvanáct, toto je { $count }.
    [few] Slov má být dvanáct, toto jsou { $count }.
   *[other] Slov má být dvanáct, těchto je { $count }.
}
compare-differ = Stop: slova se liší.
compare-differ-means = Vy a druhý člen nevidíte totéž. Buď jste se přeslechli, nebo někdo cestou vyměnil klíč. Nic nebylo ratifikováno.
compare-differ-do = Přečtěte si slova ještě jednou, pomalu. Když se budou lišit i pak, neposílejte do tohoto trezoru žádné peníze, řekněte to všem členům a založte nový.
ratify-why = Když všichni slyší stejná slova, vidí všichni stejné členy i klíče a cestou nikdo nebyl vyměněn. Vzít zpět to nelze.
ratify-act = Ratifikovat: slova jsou stejná
ratify-busy = Porovnávám a ratifikuji …
ratify-done = Ratifikovali jste.
ratify-you-did = Ratifikovali jste. Přečtěte svá slova těm, kdo ještě ne.
ratify-not-yet = Ratifikovat můžete, až bude dokázán každý klíč. Slova už tu jsou.
ratify-no-key = Ratifikují držitelé klíčů. Můžete poslouchat, zda mají stejná slova jako vy.

# Členové
members-title = Členové
members-lead = Kdo společně drží { $name }.
members-all = Všichni členové
members-this-program = tento program
members-never-heard = ještě se neozval
members-signed = klíč už podepsal
members-not-signed = klíč ještě nepodepsal
members-signed-first = První podpis
members-key-state = Klíč
members-id = Identita
members-more = Časy, klíč a identita
members-former = Bývalí členové
members-former-text = Jejich klíče zůstávají v deskriptoru a mohou podepisovat, dokud se mince nepřevedou do jiného trezoru.
members-keyholders-change = Členy zvou a vyřazují držitelé klíčů.
member-remove = Vyřadit …
member-remove-ask = Navrhnout vyřazení člena { $name }?
member-remove-act = Navrhnout vyřazení
member-remove-means = { $name } už neuvidí ani neschválí nic nového.
member-remove-key-means = { $name } už neuvidí ani neschválí nic nového. Klíč zůstává v deskriptoru: může podepisovat, dokud se mince nepřevedou do jiného trezoru.
member-replace = Instalace se ztratila …
invite-title = Pozvat
invite-role = Jako koho
invite-new = Nový člen
invite-act = Vytvořit pozvánku
invite-busy = Vytvářím pozvánku …
invite-what-follows = Kdo se jí připojí, ještě není člen: navrhne ho držitel klíče a držitelé klíčů hlasují.
invite-replaces = Na místo člena { $name }
invite-replaces-text = Pro téhož člověka na nové instalaci. Potřebuje slova svého klíče a držitelé klíčů hlasují.
invite-not-instead = Pozvat někoho jiného
invite-instead-of = Na místo člena { $name }
candidates-title = Čekají na přijetí
candidates-text = Připojili se pozvánkou a z trezoru zatím nic nevidí.
candidate-role = Role: { $role }.
candidate-replaces = Na místo člena { $name }, se stejným klíčem.
candidate-unknown = Připojení pozvánkou, o které se tu ještě neví.
candidate-propose = Navrhnout za člena
candidate-proposed = Navrženo: držitelé klíčů hlasují.
candidate-waits = Čeká, až ho navrhne držitel klíče.

# Co dál
next-title = Pro jistotu
next-sheet = Záložní list
next-sheet-text = Bez deskriptoru nikdo mince nenajde, ať je klíčů kolik chce. Vytiskněte ho nebo uložte.
next-sheet-go = K záložnímu listu
next-words = Slova vašeho klíče
next-words-text = Jediná cesta k vašemu klíči, když přijdete o tento počítač. Zapište je rukou.
next-words-go = Ke slovům vašeho klíče
next-address = První adresa
next-address-text = Začněte malou částkou.
next-address-go = K první adrese
self-test = Zkouška klíčů
self-test-text = Platba trezoru sobě samému, kterou podepíše každý držitel klíče. Po ní všichni vědí, že každý klíč funguje.
self-test-ring = Už podepsalo { $have } z { $all } klíčů
self-test-all = Každý klíč už podepsal.
self-test-missing = Ještě nepodepsali: { $names }.
self-test-no-coins = Je k ní potřeba mince: nejdřív přijměte malou částku.
self-test-keyholders = Začít ji může držitel klíče.
self-test-go = K platbě zkoušky
self-test-act = Začít zkoušku klíčů
self-test-busy = Sestavuji platbu …

# Záložní list
sheet-title = Záložní list: { $name }
sheet-lead = Uložte ho tam, kde ho za deset let najdete, a odděleně od slov vašeho klíče. Nic tajného na něm není, ale kdo ho čte, vidí všechny vaše platby.
sheet-loading = Sestavuji list …
sheet-print = Vytisknout
sheet-printing = Otevírám tisk …
sheet-save = Uložit do souboru
sheet-saving = Zapisuji soubor …
sheet-saved = Uloženo zde:
sheet-kept = List je stále tady.
sheet-vault = Trezor
sheet-name = Název
sheet-text = { $text }
sheet-id = Označení trezoru
sheet-for = List člena
sheet-quorum = Podpisy
sheet-quorum-text = platbu podepisují { $threshold } z { $keyholders } klíčů
sheet-script = Adresy
sheet-recovery = Záchranná cesta
sheet-recovery-members = Po { $after } blocích bez pohybu stačí { $threshold } z týchž klíčů
sheet-recovery-own = Po { $after } blocích bez pohybu smějí podepsat { $threshold } z { $keys } jiných klíčů
sheet-recovery-key = Klíč záchranné cesty
sheet-date = Ke dni
sheet-members = Členové a klíče
sheet-keyholder = { $name }, { $place } ({ $role }), otisk { $fingerprint }
sheet-member = { $name }, { $role }, bez klíče
sheet-former = { $name }, už není člen; klíč se stále počítá
sheet-descriptor = Deskriptor
sheet-descriptor-text = Celá peněženka na jednom řádku, s kontrolním součtem. Každý program, který deskriptory zná, podle něj najde všechny adresy a mince.
sheet-first-address = První adresa pro kontrolu, že obnovená peněženka je tatáž
sheet-words = Slova sestavy
sheet-words-text = Slova, která porovnali všichni členové. Jiný list se stejnými slovy je od téhož trezoru.
sheet-can = S tímto listem můžete
sheet-can-watch = vidět zůstatek a všechny platby trezoru
sheet-can-rebuild = obnovit peněženku v jiném programu a platit, když se sejde tolik klíčů: { $threshold }
sheet-can-check = ověřit, že adresa patří trezoru
sheet-cannot = Se samotným listem nemůžete
sheet-cannot-sign = platit ani cokoli podepsat
sheet-cannot-replace-words = získat zpět svůj klíč: k tomu jsou potřeba jeho slova, zapsaná jinde
sheet-cannot-secret = schvalovat, hlasovat ani mluvit za člena
sheet-hand = Rukou
sheet-hand-place = Kde je tento list uložen
sheet-hand-words = Kde jsou slova mého klíče (sem je nikdy nepište)
sheet-hand-seen = Naposledy zkontrolováno dne
sheet-hand-note = Komu volat

# Slova vlastního klíče
seed-title = Slova vašeho klíče
seed-lead = Váš klíč v trezoru { $name }: 24 slov.
seed-warning = Kdo má tato slova, může podepisovat místo vás.
seed-warning-text = Zapište je na papír rukou. Nefoťte je, nikam je nepište na klávesnici a mějte je odděleně od záložního listu. Ověřte, že se nikdo nedívá.
seed-no-key = V tomto trezoru nemáte klíč, takže není co zapisovat.
seed-passphrase-hint = Ta, která otevírá Conclave, ještě jednou.
seed-act = Vyžádat slova
seed-busy = Ověřuji heslovou frázi … chvíli to trvá.
seed-kept = Žádná slova se neukázala.
seed-show = Ukázat slova
seed-hide = Skrýt slova
seed-done = Hotovo, smazat je
seed-left = { $seconds ->
    [one] Smažou se za { $seconds } sekundu.
    [few] Smažou se za { $seconds } sekundy.
   *[other] Smažou se za { $seconds } sekund.
}
seed-hidden = Připravená slova: { $count }. Dokud nestisknete, nic není vidět.
seed-cleared = Slova jsou z okna smazaná.
seed-to-sheet = K záložnímu listu
seed-to-members = Ke členům

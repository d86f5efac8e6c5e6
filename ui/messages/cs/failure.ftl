# Co se stalo, co zůstalo, co dělat: jedna zpráva pro každé selhání, které program pojmenuje.

# Trezory a instalace
failure-unknown-vault = Tato instalace takový trezor nemá. Vraťte se k seznamu trezorů.
failure-unopened = Trezor nelze otevřít. Nic se v něm nezměnilo a ostatních trezorů se to netýká. Uschovejte složku s daty a vraťte zálohu.
failure-already-member = Už jste členem tohoto trezoru. Nic se nezměnilo.
failure-blocked = Pravidlo trezoru to teď nedovoluje. Nic se nestalo.
failure-reads-only = Tato instalace byla obnovena ze starší kopie, a proto jen čte, dokud dost členů nesdělí, co řekla naposled. Nic se neztratilo: počkejte, až budou ve spojení.
failure-no-configuration = Slova k porovnání ještě nejsou: nepřipojili se všichni členové.
failure-no-key = Tato instalace nedrží žádný klíč trezoru, proto to udělat nemůže.
failure-stored-event = Událost v databázi nelze přečíst. Nic se nezměnilo. Uschovejte složku s daty a vraťte zálohu.
failure-stored-identity = Identitu v databázi nelze použít. Nic se nezměnilo. Uschovejte složku s daty a vraťte zálohu.
failure-own-chain = Nepodařilo se to zapsat do vlastního záznamu instalace, proto se nic nestalo. Zkuste to znovu.
failure-rules-old = Trezor se zakládá podle starých pravidel, která po nikom nechtějí důkaz klíče. Nic nebylo ratifikováno. Organizátor musí aktualizovat program a založit nový trezor.
failure-randomness = Počítač nedává náhodná čísla, proto nic nevzniklo. Restartujte ho a zkuste to znovu.
failure-own-event = To, co se mělo zapsat, by odporovalo vašemu záznamu, a proto se nezapsalo. Je to chyba programu: nahlaste ji prosím.
failure-stopped = Instalace se zastavila. Co bylo zapsáno, je celé. Otevřete ji znovu.

# Otevření, zamčení, heslová fráze
failure-fresh = Instalace ještě není. Vytvořte ji, nebo vraťte zálohu.
failure-not-fresh = Instalace tu už je. Zůstala, jak byla.
failure-locked = Conclave je zamčený. Otevřete ho heslovou frází.
failure-not-locked = Conclave už je otevřený.
failure-locked-meanwhile = Conclave byl zamčen dřív, než přišla odpověď. Otevřete ho a podívejte se, zda se to stalo.
failure-wrong-passphrase = Heslová fráze je chybná. Nic se neotevřelo ani nezměnilo. Zkuste to znovu.
failure-passphrase-weak = Heslovou frázi by šlo uhodnout. Zvolte delší, z několika slov, která spolu nesouvisejí.
failure-passphrase-empty = Heslová fráze je prázdná. Napište ji.
failure-passphrase-long = Heslová fráze je příliš dlouhá. Zvolte kratší.
failure-words-apart = Slova klíče se ukážou jen tomu, kdo znovu napíše heslovou frázi.
failure-in-use = Tuto instalaci má otevřenou jiný program. Zavřete ho a zkuste to znovu.
failure-not-there = Ve složce s daty není žádná instalace. Nic nevzniklo.
failure-already-there = Ve složce už instalace je. Zůstala, jak byla.
failure-key-file = Soubor s klíčem conclave.key nelze použít. Vraťte jeho kopii, nebo zálohu.
failure-in-memory = Tato instalace žije jen v paměti: nemá heslovou frázi ani zálohu.

# Disk a databáze
failure-database-newer = Databázi zapsal novější program. Nic se nezměnilo. Aktualizujte tento program.
failure-database-damaged = Databáze je poškozená. Nic se nezměnilo. Uschovejte složku s daty a vraťte zálohu.
failure-database-disk = Databázi nešlo přečíst nebo zapsat. Co v ní bylo, je celé. Zkontrolujte disk a otevřete ji znovu.
failure-no-cipher = Toto sestavení neumí šifrovat, proto se nic nezapsalo. Nainstalujte správné sestavení.
failure-disk-full = Disk je plný. Z tohoto kroku se nic neuložilo, co bylo předtím, je celé. Uvolněte místo a zkuste to znovu.
failure-not-writable = Do složky nebo souboru nelze zapisovat. Nic se nezměnilo. Povolte tomuto účtu zápis.
failure-file = Soubor nešlo přečíst nebo zapsat. Co bylo předtím, je celé. Zkontrolujte disk a zkuste to znovu.
failure-vault-exists = Tento trezor tu už je. Nic se nezměnilo.
failure-other-vault = Smíchaly se záznamy dvou trezorů, proto se nic nezapsalo. Je to chyba programu: nahlaste ji prosím.
failure-wallet-fixed = Peněženku trezoru takto změnit nelze a nezměnila se. Je to chyba programu: nahlaste ji prosím.
failure-out-of-range = Číslo je větší, než databáze uloží. Nic se nezapsalo.
failure-app-event-order = Vlastní záznam instalace na sebe nenavazoval, proto se nic nezapsalo. Je to chyba programu: nahlaste ji prosím.

# Soubory, zálohy, schránka, obrázky
failure-not-a-backup = Tento soubor není záloha Conclave, nebo je neúplný. Nic se nezměnilo. Zvolte jiný soubor.
failure-backup-large = Záloha by byla větší, než lze vrátit, proto se neuložila. Zavřete program a zkopírujte jeho složku s daty.
failure-exports-missing = Složka pro soubory neexistuje. Nic se nezapsalo. Zvolte v nastavení existující složku, celou její cestu.
failure-file-unwritable = Soubor nešlo zapsat a nic z něj nezůstalo. Zkontrolujte disk, nebo zvolte v nastavení jinou složku.
failure-file-malformed = Soubor nedorazil celý. Nic se nezměnilo. Zvolte ho ještě jednou.
failure-text-long = Je to větší, než se přijímá. Nic se nezměnilo.
failure-copy-long = Text je příliš dlouhý na zkopírování. Uložte ho jako soubor.
failure-clipboard-unreachable = Schránka není dostupná. Nic se nezkopírovalo. Zkuste to znovu, nebo to opište.
failure-qr-none = Na obrázku není QR kód, který by šel přečíst. Vyfoťte ho znovu, rovně a ostře.
failure-qr-several = Na obrázku je několik QR kódů. Vyřízněte ten, o který jde.
failure-image-unreadable = Obrázek nelze přečíst. Čte se PNG a JPEG do 20 MB a 50 megapixelů.
failure-auto-lock-long = To je déle než den. Zvolte nejvýše 1440 minut, nebo 0 pro nikdy. Nic se nezměnilo.
failure-bridges = Tyto můstky nelze použít. Nic se nezměnilo. Vložte celé řádky, na každém jeden můstek.
failure-request-malformed = Okno se zeptalo na něco, co tento program nezná. Nic se nestalo. Spusťte program znovu.
failure-broken = Část programu selhala. Co je na disku, je celé. Zavřete program a otevřete ho znovu.

# Mince a platby
failure-funds = Na tuto částku s poplatkem to nestačí. Nic nebylo navrženo.
failure-coin-unknown = Tohle není mince trezoru, kterou lze utratit. Podívejte se na seznam mincí.
failure-coin-frozen = Mince je tu zmrazená. Nejdřív ji rozmrazte, nebo zvolte jinou.
failure-coin-not-frozen = Mince tu zmrazená není. Nic se nezměnilo.
failure-coin-not-free = Mince není volná: drží ji jiná platba, nebo pro obnovu neleží dost dlouho.
failure-coin-unconfirmed = Mince ještě není v bloku. Počkejte, nebo urychlete její transakci.
failure-too-many-coins = Platba by utratila víc mincí, než jedna transakce unese. Zvolte jich méně a udělejte více plateb.
failure-dust = Co zbude po poplatku, je na odeslání příliš málo. Nic nebylo navrženo.
failure-nothing-to-spend = Tato transakce nepřinesla trezoru volnou minci, není ji čím urychlit.
failure-not-unconfirmed = Podle zdroje dat transakce na blok nečeká. Není co urychlovat.
failure-fee-unknown = Zdroj dat ještě neukázal, kolik tato transakce platí. Zkuste to za chvíli.
failure-fee-rate-reached = Transakce už takový poplatek platí.
failure-payment-unbuilt = Platbu nešlo sestavit. Nic nebylo navrženo. Zkontrolujte částky a poplatek.
failure-wallet-unopened = Peněženku trezoru nelze otevřít. Nic se nezměnilo. Uschovejte složku s daty a vraťte zálohu.
failure-wallet-update = Co říká zdroj dat, se neshoduje s tím, co je známo. Nic se nepřijalo. Zvolte jiný zdroj.
failure-unknown-proposal = Taková platba v tomto trezoru není. Vraťte se k jeho platbám.
failure-signature-invalid = Podpis pro tuto platbu neplatí, proto se neuložil. Nic dalšího se nezměnilo.
failure-payment-inconsistent = Platba nesedí dohromady. Nic se nezaznamenalo.
failure-replacement-not-possible = Platba nemůže nahradit tu druhou. Nic se nezaznamenalo. Zvyšte poplatek.
failure-nothing-to-replace = Platba je v bloku, nebo je jedna z jejích mincí utracená. Není co nahradit.
failure-expiry-wrong = Platba může čekat od minuty do 30 dnů. Zvolte jinou dobu.
failure-not-yours = Vzít zpět ji může jen navrhovatel. Vy ji můžete odmítnout.
failure-address-wrong = Toto není adresa sítě trezoru. Ověřte ji u toho, kdo vám ji dal.
failure-no-more-addresses = Trezor už nemá další adresy.
failure-guard-unable = Platbu nelze posoudit, proto se nic nepodepsalo ani neschválilo.
failure-psbt-malformed = Toto není PSBT, které lze přečíst. Nic se nepřijalo.
failure-psbt-not-satisfied = Podpisy ještě nestačí. Nic se neodeslalo; co je, zůstává.

# Klíče a podepisování
failure-not-our-key = Tento klíč nepatří ke klíčům trezoru. Nic se nepodepsalo.
failure-seed-words-wrong = Toto nejsou slova klíče. Je to 12 až 24 slov anglického seznamu, po pořádku. Hledejte překlep.
failure-key-unreadable = Uložený klíč nelze přečíst. Nic se nepodepsalo. Vraťte zálohu.
failure-key-refused = Klíč nebyl přijat. Nic se nezaznamenalo.
failure-key-unproven = Klíč není prokázán. Nic se nezaznamenalo. Počkejte, až budou ve spojení programy všech členů.

# Založení a změny trezoru
failure-words-differ = Slova se liší od vašich. Nic nebylo ratifikováno. Nepokračujte, dokud je všichni neporovnají hlasem: někdo může držet jiné klíče.
failure-place-doubled = Jednu pozvánku použilo více lidí. Nic nebylo ratifikováno. Zjistěte hlasem, kdo to je.
failure-own-entry-differs = Konfigurace u vás uvádí jiný klíč, jméno nebo roli, než s jakými jste se připojili. Nic nebylo ratifikováno. Neratifikujte ji.
failure-unknown-successor = Tato změna nebyla navržena, nebo nenavazuje na dnešní konfiguraci. Nic se nezaznamenalo.
failure-vote-given = Váš hlas má jiná změna. Nejdřív ho vezměte zpět.
failure-vote-taken-back = Svůj hlas pro tuto změnu jste vzali zpět. Navrhněte ji znovu.
failure-no-vote = Pro tuto změnu nemáte hlas, který by šlo vzít zpět.
failure-vote-final = Změna je přijata. Hlas pro ni už zpět vzít nelze.
failure-no-change = Návrh by nic nezměnil. Nic se nezaznamenalo.
failure-not-a-member = Někdo z uvedených není členem tohoto trezoru, nebo je uveden dvakrát.
failure-not-a-candidate = Někdo z budoucích členů se nepřipojil takovou pozvánkou. Nejdřív ji pošlete.
failure-place-role = Trezor v provozu přijímá auditory a schvalovatele, nebo držitele klíče místo toho, čí instalace se ztratila.
failure-reason-too-long = Důvod je příliš dlouhý, nebo má znaky, které nelze zobrazit. Zkraťte ho.
failure-not-frozen = V tomto trezoru žádné zmrazení neplatí.
failure-unknown-freeze = Takové zmrazení v tomto trezoru není.
failure-not-listed = Adresa v tom seznamu není. Nic se nezměnilo.
failure-change-not-possible = Takto trezor změnit nelze. Nic se nezaznamenalo.
failure-configuration-not-possible = Takto trezor založit nelze. Nic se nezaznamenalo.
failure-not-an-invitation = Toto není pozvánka Conclave. K ničemu jste se nepřipojili.
failure-invitation-damaged = Pozvánka není zkopírovaná celá. Zkopírujte ji znovu, nebo o ni znovu požádejte.
failure-invitation-malformed = Pozvánku nelze přečíst. Požádejte o jinou.
failure-invitation-expired = Pozvánka vypršela. Požádejte organizátora o novou.

# Síť
failure-address-malformed = Adresa relé nebo zdroje dat nemá správný tvar. Relé je ws://JMÉNO.onion, wss://HOSTITEL nebo ws://127.0.0.1:PORT; zdroj tcp://JMÉNO.onion:PORT, ssl://HOSTITEL:PORT nebo tcp://127.0.0.1:PORT.
failure-not-loopback = Adresa vede na jiný stroj, a sem patří jen tento počítač (127.0.0.1).
failure-address-plain = Na tuto adresu by vše šlo nešifrovaně, komukoli po cestě na očích. Použijte wss:// pro relé, ssl:// pro zdroj dat nebo adresu .onion. Nic se nestalo.
failure-address-onion = Adresa .onion je překlepnutá nebo neúplná. Nic se nestalo. Zkopírujte ji znovu.
failure-chain-unreachable = Zdroj dat o řetězci není dosažitelný. Zobrazeno je, co bylo známo naposled. Zkuste to později.
failure-chain-refused = Síť transakci odmítá. Její podpisy zůstávají.
failure-chain-declined = Zdroj dat nedokázal odpovědět. Zkuste to později.
failure-chain-malformed = Zdroj dat odpověděl něco, co nemůže být pravda, a nic se z toho nepřijalo. Zvolte jiný.
failure-event-too-large = Co se mělo zapsat, je na jednu událost příliš velké. Nic se nezaznamenalo. Zkraťte to.
failure-event-malformed = Událost nemá správný tvar, proto se nepřijala.
failure-event-forged = Událost nepodepsal ten, koho uvádí, proto se nepřijala.
failure-event-kind = Událost je jiného druhu, než sem patří, proto se nepřijala.
failure-event-tag = Události něco chybí, proto se nepřijala.
failure-event-time = Časy v události si odporují, proto se nepřijala.

# Pole
failure-field-address = Adresa není správná. Nic se nestalo. Zkontrolujte ji.
failure-field-after = Seznam se změnil. Prohlédněte si ho od začátku.
failure-field-amount = Částka není správná. Nic se nestalo. Zkontrolujte ji.
failure-field-before = Seznam se změnil. Prohlédněte si ho od začátku.
failure-field-by = Takový člen v záznamu není.
failure-field-coin = Mince není uvedena jako TXID:VOUT.
failure-field-expires-seconds = Platba může čekat nejvýše 30 dnů. Zvolte jinou dobu.
failure-field-fee-rate = Sazba poplatku musí být 1 až 10000 sat/vB. Nic se nestalo.
failure-field-invitation = Pozvánka k tomu nesedí. K ničemu jste se nepřipojili.
failure-field-keyholders = Takový počet klíčů a podpisů není možný. Nic nevzniklo.
failure-field-kind = Takový druh události není.
failure-field-limit = Tolik najednou zobrazit nelze.
failure-field-own-network = Pozvánka jmenuje relé ve vlastní síti, dosažitelné nešifrovaně a bez Toru. Nepřipojili jste se. Nejprve s tím souhlaste.
failure-field-parent = Uveďte platbu tohoto trezoru, nebo transakci podle jejího id.
failure-field-place = Takové místo v tomto trezoru není. Zvolte jiné.
failure-field-recipients = Platba má 1 až 100 příjemců. Nic nebylo navrženo.
failure-field-recovery = Tento trezor nemá obnovu: jeho mince se utrácejí jen jeho prahem. Nic nebylo navrženo.
failure-field-request = Tento program to zatím neumí. Nic se nestalo.
failure-field-seed-words = Slova ztraceného klíče jsou třeba právě tehdy, když pozvánka nahrazuje držitele klíče. K ničemu jste se nepřipojili.

# Sledované deskriptory a štítky
failure-already-watched = Tento deskriptor se už sleduje. Nic se nezměnilo.
failure-not-watched = Tohle je trezor, ne sledovaný deskriptor. Zůstává.
failure-too-many-watched = Víc deskriptorů sledovat nelze. Nejdřív jeden zapomeňte.
failure-descriptor-network = Deskriptor je z jiné sítě. Nic se nepřijalo.
failure-stored-descriptor = Uložený deskriptor není ten, který se sledoval. Uschovejte složku s daty a vraťte zálohu.
failure-descriptor-malformed = Toto není deskriptor, který lze přečíst. Nic se nepřijalo.
failure-checksum-wrong = Deskriptor byl změněn nebo špatně opsán: kontrolní součet nesedí. Nic se nepřijalo.
failure-not-supported = Tento tvar je známý, ale není podporován. Nic se nepřijalo.
failure-private-key-inside = V deskriptoru je soukromý klíč. Nic se nepřijalo. Použijte deskriptor s veřejnými klíči.
failure-key-duplicated = Jeden klíč je v tom dvakrát. Nic se nepřijalo.
failure-oversize = Je to příliš velké. Nic se nepřijalo.
failure-file-too-large = Soubor je příliš velký. Nic se nepřijalo. Rozdělte ho na části.
failure-file-too-long = Soubor má příliš mnoho řádků. Nic se nepřijalo. Rozdělte ho na části.
failure-too-many-labels = Štítků by bylo příliš mnoho. Nic se nepřijalo.
failure-label-too-long = Štítek má nejvýše 255 znaků. Nic se nezměnilo.
failure-label-odd = Štítek nesmí mít znaky, které nejsou vidět. Nic se nezměnilo.
failure-field-label = Štítek se netýká ničeho, co tento trezor má. Nic se nezměnilo.
failure-field-points = Tolik bodů najednou zobrazit nelze.

# Soubory s podpisy
failure-outputs-changed = Soubor patří k jiné transakci. Nic se nepřijalo.
failure-sighash-unexpected = Podpis by nepokryl celou transakci. Nic se nepřijalo.
failure-finals-prefilled = Soubor je už konečný. Nic se nepřijalo. Uložte ho z druhého programu dřív, než se dokončí.
failure-psbt-unsigned = V souboru není žádný podpis. Nic se nepřijalo.
failure-replacement-unrelated = Platba neutrácí žádnou minci té, kterou má nahradit. Nic se nezaznamenalo.
failure-replacement-unpaid = Platba neplatí o dost víc, aby mohla nahradit tu druhou. Nic se nezaznamenalo. Zvyšte poplatek.

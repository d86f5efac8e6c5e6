# Založení trezoru a připojení: místa, formulář, pozvánky.

# Místa
place-key = Klíč { $number }
place-approver = Schvalovatel { $number }
place-auditor = Auditor č. { $number }
place-desk = Pokladna
place-backup = Záloha
place-security = Bezpečnostní tým
place-buyer = Kupující
place-seller = Prodávající
place-mediator = Prostředník
place-own = { $title }
place-key-does = Schvaluje platby a podepisuje je vlastním klíčem.
place-desk-does = Navrhuje běžné platby a podepisuje je jako první.
place-backup-does = Má klíč jinde pro případ, že se jeden z ostatních dvou ztratí.
place-security-does = Zkontroluje každou platbu podle svých pravidel a podepíše jako druhý.
place-buyer-does = Vloží peníze a podepíše, aby je uvolnil, nebo dostal zpět.
place-seller-does = Dodá a podepíše, aby peníze dostal, nebo vrátil.
place-mediator-does = Podepisuje, jen když se kupující a prodávající neshodnou, a to s tím, komu dá za pravdu.
place-approver-does = Platby schvaluje, nebo odmítá. Klíč nemá.
place-auditor-does = Všechno vidí a ověřuje. Udělat nemůže nic.
place-instructions-keyholder = Řekněte: nainstalujte Conclave, zvolte „Připojit se k trezoru“ a vložte toto. Pak buďte u telefonu: než trezor začne fungovat, přečtete si všichni navzájem dvanáct slov.
place-instructions-signer = Pro stroj, který podepisuje sám: připojte se na něm touto pozvánkou a ať tam někdo porovná dvanáct slov.
place-instructions-approver = Řekněte: nainstalujte Conclave, zvolte „Připojit se k trezoru“ a vložte toto. Klíč není potřeba a nic se nezapisuje.
place-instructions-auditor = Řekněte: nainstalujte Conclave, zvolte „Připojit se k trezoru“ a vložte toto. Od té chvíle je vidět vše, co se děje.

# Z čeho se trezor skládá
fact-relays = Relé
fact-script = Adresy
fact-quorum = Podpisy
fact-vault-id = Označení trezoru
fact-chain-source = Zdroj blockchainu

# Založení
create-title = Založit trezor
create-lead = Zvolte, k čemu má být. Ostatní se připojí podle pozvánek, které nakonec rozdáte.
create-kind = Jaký trezor?
create-own = Vlastní
create-own-text = Od 1 do 15 stejných klíčů a tolik podpisů, kolik řeknete.
create-choose-first = Zvolte jeden z nich, abyste mohli pokračovat.
create-quorum = { $threshold } z { $keyholders } klíčů podepisují
create-every-key = Každý klíč
create-threshold = Podpisy
create-threshold-hint = Kolik klíčů platba potřebuje
create-keyholders = Klíče
create-keyholders-hint = Nejvýše 15
create-names = Jména
create-name = Název trezoru
create-name-hint = Vidí ho všichni členové. Později ho nelze změnit.
create-member = Vaše jméno
create-member-hint = Podle něj vás ostatní poznají.
create-place = Vaše místo
create-others = Další členové a pozvánky
create-approvers = Schvalovatelé
create-approvers-hint = Schvalují platby a nemají klíč. Obvykle žádní nejsou.
create-auditors = Auditoři
create-auditors-hint = Všechno vidí a ověřují, udělat nemohou nic.
create-days = Pozvánky platí
create-days-hint = Kdo se do té doby nepřipojí, už nemůže, a trezor je nutné založit znovu.
create-days-unit = dní
create-servers = Spojení
create-relay = Relé { $number }
create-relay-hint = Předává zašifrované zprávy členů. Přečíst je nemůže. Například wss://relay.example nebo ws://127.0.0.1:7777
create-relay-more-hint = Když jedno selže nebo zprávy zadrží, předají je ostatní.
create-relay-more = Další relé
create-relay-twice = Toto relé už tu je.
create-own-relay = Provozovat relé z tohoto počítače
create-own-relay-hint = Tento program je provozuje přes Tor, jen pro členy tohoto trezoru. Předává zprávy, dokud je program otevřený a odemčený. Jiné relé není potřeba.
create-chain-hint = Server, kterého se ptáte na mince a bloky. Každý člen se ptá svého. Například ssl://electrum.example:50002 nebo tcp://127.0.0.1:50001
create-advanced = Pokročilé: druh adres, záchranná cesta, první pravidla
create-script = Druh adres
create-script-hint = První je správný téměř pro každého. Později ho nelze změnit.
create-recovery = Druhý způsob, jak utrácet, po dlouhé době
create-recovery-hint = Když se ztratí příliš mnoho klíčů, může mince, které dlouho ležely, převést menší počet klíčů nebo jiné klíče.
create-recovery-blocks = Po kolika blocích
create-recovery-blocks-hint = 144 bloků je asi den, 25 920 asi půl roku. Nejvýše 65 535.
create-recovery-threshold = Kolik podpisů pak stačí
create-recovery-keys = Klíče, které pak smějí podepsat
create-recovery-keys-hint = Každý na vlastním řádku, [otisk/cesta]tpub. Prázdné: vlastní klíče členů.
create-recovery-no-easier = Stačí už jeden podpis: stejnými klíči by to nebylo o nic snazší.
create-policy = Určit první pravidla
create-policy-hint = Jinak budou taková. Členové je mohou později změnit hlasováním.
create-check-above = Něco výše ještě není v pořádku. Podívejte se i pod „Pokročilé“.
create-kept = Žádný trezor nevznikl. Co jste napsali, zůstalo.
create-act = Založit trezor
create-busy = Vytvářím klíče a pozvánky …

# Pozvánky
invitations-title = Pozvánky do { $name }
invitations-lead = Trezor je založen. Každou pozvánku předejte právě jednomu člověku tak, aby ji nikdo jiný nečetl.
invitations-once = Ukazují se jen teď.
invitations-secret = Kdo má pozvánku, může místo zaujmout. Conclave si ji nenechává: když odejdete z této stránky nebo program zamknete, je pryč.
invitations-each = { $count ->
    [one] { $count } pozvánka
    [few] { $count } pozvánky
   *[other] { $count } pozvánek
}
invitations-none = Jste jediný člen: není koho zvát.
invitations-go-on = Přejít k přípravě
invitations-leave-title = Rozdali jste všechny pozvánky?
invitations-leave-text = Znovu je nelze ukázat. Místo, jehož pozvánka se ztratí, zůstane prázdné a trezor je nutné založit znovu.
invitations-leave-act = Opustit pozvánky
invitation-for = Pozvánka: { $title }
invitation-copy = Zkopírovat pozvánku
invitation-once = Tato pozvánka se ukazuje jen teď.

# Připojení
join-title = Připojit se k trezoru
join-lead = Někdo vám dal pozvánku: text, který začíná conclave1, nebo jeho QR kód.
join-invitation = Pozvánka
join-invitation-hint = Vložte ji celou. Konce řádků nevadí.
join-picture = Přečíst obrázek QR kódu
join-picture-reading = Hledám kód na obrázku …
join-picture-kept = Obrázek se neuložil.
join-empty = Vložte pozvánku nebo vyberte její obrázek.
join-not-an-invitation = Toto není pozvánka: ta začíná conclave1.
join-damaged = Pozvánka není celá. Zkopírujte ji znovu od začátku do konce.
join-expired = Platnost pozvánky skončila. Požádejte o novou.
join-told = K čemu byste se připojili
join-role = Budete
join-until = Platí do
join-own-network = Relé tohoto trezoru je ve vlastní síti
join-own-network-text = Je dosažitelné nešifrovaně a bez Toru: kdo je v té síti, vidí, že s ním mluvíte a kolik.
join-own-network-agree = Souhlasím s tím
join-told-rest = Název, ostatní členové a počet podpisů přijdou, až se připojíte. Než ratifikujete, nic vás neváže.
join-you = Vy
join-chain-hint = Server, kterého se ptáte na mince a bloky; volíte ho sami. Například ssl://electrum.example:50002 nebo tcp://127.0.0.1:50001
join-replaces = Tato pozvánka nahrazuje ztracenou instalaci.
join-replaces-text = Potřebujete slova jejího klíče v tomto trezoru. Kdo je přečte, může podepisovat: pište je jen tam, kde se nikdo nedívá.
join-seed = Slova klíče ztracené instalace
join-seed-hint = Po pořádku, oddělená mezerami. Až se připojíte, z této stránky zmizí.
join-seed-count = { $count ->
    [one] Slov je 12 až 24, toto je { $count }.
    [few] Slov je 12 až 24, toto jsou { $count }.
   *[other] Slov je 12 až 24, těchto je { $count }.
}
join-kept = Nepřipojili jste se. Co jste napsali, zůstalo.
join-act = Připojit se k trezoru
join-busy = Vytvářím váš klíč a připojuji vás …

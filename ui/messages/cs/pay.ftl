# Návrh platby a podpisový list.

flow-coin = Mince tohoto trezoru
flow-leaves = Odchází
flow-comes-back = Vrací se, prokázáno
flow-fee = Poplatek
flow-head-what = Co
flow-head-amount = Částka
flow-head-where = Kam

amount-switch-unit = Částky jsou v { $unit }. Přepnout na { $other }
rate-not-higher = Zadejte sazbu vyšší než { $rate } sat/vB.
fee-share = { $share } z placené částky

# Na co platba čeká
payment-awaits-your-approval = Čeká na vás: schvalte ji, nebo odmítněte.
payment-awaits-your-signature = Čeká na váš podpis.
payment-awaits-approval-of = Čeká na schválení. Dát je může { $name }.
payment-awaits-approvals = { $more ->
    [one] Čeká ještě na { $more } schválení.
    [few] Čeká ještě na { $more } schválení.
   *[other] Čeká ještě na { $more } schválení.
}
payment-awaits-approvals-of = { $more ->
    [one] Čeká ještě na { $more } schválení. Dát je mohou: { $names }.
    [few] Čeká ještě na { $more } schválení. Dát je mohou: { $names }.
   *[other] Čeká ještě na { $more } schválení. Dát je mohou: { $names }.
}
payment-awaits-signature-of = Čeká na podpis. Podepsat může { $name }.
payment-awaits-signatures = { $more ->
    [one] Čeká ještě na { $more } podpis.
    [few] Čeká ještě na { $more } podpisy.
   *[other] Čeká ještě na { $more } podpisů.
}
payment-awaits-signatures-of = { $more ->
    [one] Čeká ještě na { $more } podpis. Podepsat mohou: { $names }.
    [few] Čeká ještě na { $more } podpisy. Podepsat mohou: { $names }.
   *[other] Čeká ještě na { $more } podpisů. Podepsat mohou: { $names }.
}
payment-awaits-sending = Má vše potřebné a čeká na odeslání.
payment-awaits-block = Je odeslaná a čeká na blok.
payment-last-heard = Naposledy se ozval(a)

# Pravidla
rule-every = Každá platba potřebuje { $approvals ->
    [one] { $approvals } schválení
    [few] { $approvals } schválení
   *[other] { $approvals } schválení
} a { $signatures ->
    [one] { $signatures } podpis.
    [few] { $signatures } podpisy.
   *[other] { $signatures } podpisů.
}
rule-from = Odchází { $from } nebo více: to potřebuje { $approvals ->
    [one] { $approvals } schválení
    [few] { $approvals } schválení
   *[other] { $approvals } schválení
} a { $signatures ->
    [one] { $signatures } podpis.
    [few] { $signatures } podpisy.
   *[other] { $signatures } podpisů.
}
rule-recovery = Platí záložní cesta trezoru: to potřebuje { $approvals ->
    [one] { $approvals } schválení
    [few] { $approvals } schválení
   *[other] { $approvals } schválení
} a záložními klíči { $signatures ->
    [one] { $signatures } podpis.
    [few] { $signatures } podpisy.
   *[other] { $signatures } podpisů.
}
rule-by-role = { $count ->
    [one] { $count } ze schválení musí dát člen s rolí: { $role }.
    [few] { $count } ze schválení musí dát členové s rolí: { $role }.
   *[other] { $count } ze schválení musí dát členové s rolí: { $role }.
}

# Seznam plateb
payments-title = Platby
payments-new = Navrhnout platbu
payments-none = Zatím nikdo žádnou platbu nenavrhl. Kdo chce platit, navrhne to zde; ostatní schválí a podepíší.
payments-open = Otevřené
payments-over = Ukončené
payments-more = { $count ->
    [one] Zobrazit ještě { $count }
    [few] Zobrazit ještě { $count }
   *[other] Zobrazit ještě { $count }
}
payment-ring = Schválení { $approvals } z { $needapprovals }, podpisy { $signatures } z { $needsignatures }
payment-to-vault = Zpět do trezoru
payment-to-several = { $count ->
    [one] { $count } příjemce
    [few] { $count } příjemci
   *[other] { $count } příjemců
}
payment-self-test = Zkouška podpisů
payment-without-purpose = Účel není uveden

# Nová platba
propose-title = Nová platba
propose-lead = Návrhem nic neodejde. Ostatní uvidí přesně toto, schválí to a podepíší.
propose-not-you = Tento trezor můžete číst, ale nemůžete navrhovat platby: to smějí držitelé klíčů a schvalovatelé.
propose-recipients = Komu
propose-add-recipient = Přidat příjemce
propose-remove-recipient = Odebrat tohoto příjemce
propose-address = Adresa
propose-address-empty = Napište nebo vložte adresu.
propose-address-none = Toto není bitcoinová adresa. Zkontrolujte, zda písmeno nechybí nebo nepřebývá.
propose-address-network = Toto je adresa jiné bitcoinové sítě. Peníze odeslané odtud by se ztratily.
propose-address-denied = Pravidla placení na tuto adresu zakazují.
propose-address-not-allowed = Pravidla dovolují platit jen na adresy ze seznamu a tato na něm není.
propose-address-looking = Ověřuji adresu …
propose-address-unlooked = Adresu se nepodařilo ověřit. Před návrhem se ověří znovu.
propose-address-own = Toto je adresa samotného trezoru: peníze by se jen vrátily.
propose-address-new = Platná adresa. Tento trezor na ni ještě neplatil.
propose-address-paid = { $times ->
    [one] Tento trezor na ni už jednou platil.
    [few] Tento trezor na ni už { $times }krát platil.
   *[other] Tento trezor na ni už { $times }krát platil.
}
propose-address-similar = Tato adresa se podobá jiné, ale není to ona.
propose-address-similar-do = Zloději vytvářejí adresy, které začínají a končí stejně jako ta, kterou znáte, a čekají, že si z historie zkopírujete tu jejich. Porovnejte označené skupiny a zeptejte se příjemce.
propose-address-this = Zadali jste
propose-address-earlier = Podobá se
propose-clipboard-changed = Ve schránce je něco jiného, než co jste vložili.
propose-clipboard-changed-do = Některý program v tomto počítači možná adresy ve schránce vyměňuje. Než budete pokračovat, porovnejte celou adresu s jejím zdrojem.
propose-amount = Částka
propose-all = Dostane vše, co zbude po poplatku
propose-all-gets = Dostane
propose-all-later = vše, co zbude
propose-fee = Poplatek
propose-fee-how-soon = Jak brzy má být platba v bloku
propose-fee-soon = Brzy
propose-fee-hour = Do hodiny
propose-fee-day = Do jednoho dne
propose-fee-own = Jiná sazba
propose-fee-own-explained = Zadáte ji sami
propose-fee-loading = Ptám se zdroje blockchainu na poplatky …
propose-fee-unknown = Zdroj blockchainu teď žádný odhad nedává. Zadejte sazbu sami.
propose-fee-own-all-the-same = Sazbu můžete přesto zadat sami.
propose-rate = Sazba poplatku
propose-rate-hint = Nejméně { $least } sat/vB
propose-rate-low = Zdroj blockchainu nepřijme méně než { $least } sat/vB.
propose-purpose = Účel
propose-purpose-hint = Ostatní si to přečtou, než platbu schválí. Zůstane to v záznamu.
propose-more = Mince a lhůta
propose-coins = Vybrat mince ručně
propose-coins-hint = Jinak program vezme z volných mincí, co je potřeba.
propose-coins-loading = Čtu mince …
propose-coins-none = V tomto trezoru ještě žádná mince není.
propose-coins-more = Zobrazeny jsou nejnovější mince, nejvýše { $count }.
propose-coins-chosen = { $count ->
    [one] Vybrána { $count } mince:
    [few] Vybrány { $count } mince:
   *[other] Vybráno { $count } mincí:
}
propose-coin-frozen = zmrazená zde
propose-coin-held = drží ji jiná platba
propose-coin-unconfirmed = ještě není v bloku
propose-expiry = Podepsat lze po dobu
propose-expiry-hint = Tak dlouho platba drží své mince. Potom jsou zase volné.
propose-days = { $days ->
    [one] { $days } den
    [few] { $days } dny
   *[other] { $days } dní
}
propose-recovery = Zaplatit záložní cestou trezoru
propose-recovery-hint = Z mincí, které dost dlouho ležely; podepisují záložní klíče.
propose-do = Navrhnout tuto platbu
propose-busy = Navrhuji …
propose-done = Navrženo. Ostatní to už vidí.
propose-kept = Nic nebylo navrženo; co jste zadali, zůstalo zde.
propose-not-sent = Návrhem se nic neodešle: nejdřív přijdou schválení a podpisy.
preview-title = Jaká platba bude
preview-empty = Příjemce, částka a poplatek: jakmile tu budou, uvidíte zde, co odejde a co se vrátí.
preview-loading = Počítám …
preview-kept = Co jste zadali, zůstalo zde.
preview-leaves = Odejde z trezoru
preview-change = Vrátí se
preview-coins = Utratí
preview-coin-count = { $count ->
    [one] { $count } minci
    [few] { $count } mince
   *[other] { $count } mincí
}
preview-rule = Pravidlo
preview-approvers = Schválit mohou
preview-signers = Podepsat mohou
preview-recovery-keys = kdo mají záložní klíče
preview-against = Brání tomu

# Podpisový list
payment-title = Platba { $amount }
payment-title-back = Platba zpět do trezoru
payment-gone-title = Zde to není
payment-gone = Tato platba v záznamu trezoru není.
payment-proposed-by = Návrh: { $name },
payment-in-block = Blok { $height }
payment-expires = Lhůta k podpisu končí
payment-self-test-explained = Toto je zkouška podpisů: peníze se vrátí do trezoru a každý držitel klíče jednou podepíše, aby všichni věděli, že může.
payment-recovery-explained = Zde platí záložní cesta trezoru: mince, které dlouho ležely, podepisují záložní klíče.
payment-replaces = Tato platba přichází na místo jiné.
payment-show-replaced = Zobrazit onu platbu
payment-replaced-by = Na místo této platby by přišla jiná.
payment-show-replacing = Zobrazit jinou platbu
payment-flow = Platba: na jedné straně mince trezoru, na druhé co odchází, co se vrací a poplatek
payment-recipients = Komu
payment-pays-nobody = Nikdo mimo trezor nic nedostane: vrátí se vše kromě poplatku.
payment-proven = Prokázáno na tomto počítači: mince, částky, drobné i poplatek.
payment-not-proven-yet = Zatím neprokázáno: zdroj blockchainu mince ještě neukázal. Do té doby tu nelze nic podepsat.
payment-has-findings = { $count ->
    [one] Nalezeno { $count } nebezpečí: viz níže.
    [few] Nalezena { $count } nebezpečí: viz níže.
   *[other] Nalezeno { $count } nebezpečí: viz níže.
}
payment-whole = Všechny mince a výstupy s celými adresami
payment-coin = Mince
payment-output-back = Vrací se, drobné { $index }
payment-output-leaves = Odchází
payment-more-ends = { $count ->
    [one] a ještě { $count }
    [few] a ještě { $count }
   *[other] a ještě { $count }
}
payment-purpose = Účel
payment-no-purpose = Účel není uveden.
payment-rule = Pravidlo
payment-unmet = Ještě nesplněno
payment-all-met = Vše, co pravidlo žádá, je splněno.
payment-so-many = { $have } z { $need }
payment-signed-by-others = Podepisují záložní klíče, které nepatří žádnému členovi.
payment-given = dáno
payment-given-in-vain = dáno, ale už se nepočítá
payment-refused = odmítnuto
payment-not-yet = ještě ne
payment-not-given = nedáno
payment-you = (vy)
payment-words = Slova k porovnání
payment-words-explained = Přečtěte si je navzájem nahlas, než schválíte nebo podepíšete. Kdo vidí jiná slova, vidí jinou platbu.
payment-words-loading = Čtu slova …
payment-approve-of = Schválit tuto platbu { $amount }
payment-approve-back = Schválit tuto platbu zpět do trezoru
payment-approve-explained = Vaše schválení se zapíše do záznamu pod vaším jménem a nelze je vzít zpět. Odmítnout platbu můžete, dokud není odeslaná.
payment-approved-now = Schváleno. Ostatní to už vidí.
payment-approving = Schvaluji …
payment-sign-of = Podepsat tuto platbu { $amount }
payment-sign-back = Podepsat tuto platbu zpět do trezoru
payment-sign-explained = Váš klíč podepíše přesně to, co je zde vidět. Podpis nelze vzít zpět: až jich bude dost, platba se sama odešle.
payment-signed-now = Podepsáno. Ostatní to už vidí.
payment-signing = Podepisuji …
payment-reject-of = Odmítnout tuto platbu { $amount }
payment-reject-back = Odmítnout tuto platbu zpět do trezoru
payment-reject-explained = Odmítnutá platba nemůže pokračovat. Je-li přece jen správná, musí se navrhnout znovu.
payment-rejected-now = Odmítnuto. Ostatní to už vidí.
payment-rejecting = Odmítám …
payment-withdraw-of = Stáhnout tuto platbu { $amount }
payment-withdraw-back = Stáhnout tuto platbu zpět do trezoru
payment-withdraw-explained = Pak už nemůže pokračovat. Její mince jsou zase volné; platbu lze navrhnout znovu.
payment-withdrawn-now = Staženo. Ostatní to už vidí.
payment-withdrawing = Stahuji …
payment-danger = Tato platba se nesmí podepsat.
payment-danger-do = Zde se nic nepodepsalo. Zeptejte se navrhovatele jinou cestou než tímto programem a platbu odmítněte.
payment-otherwise = Co jiného lze udělat
payment-new-rate = Nová sazba poplatku
payment-bump = Zvýšit poplatek
payment-bump-explained = Navrhne tutéž platbu s vyšším poplatkem na místo této. Potřebuje vlastní schválení a podpisy.
payment-bump-costs = Poplatek by byl asi { $fee } místo { $old }: asi o { $more } více. Přesný poplatek bude vidět na nové platbě dřív, než ji někdo schválí.
payment-bump-do = Navrhnout s tímto poplatkem
payment-cancel = Vzít mince zpět
payment-cancel-explained = Navrhne poslat mince zpět do trezoru na místo této platby. Dostane-li se tato do bloku dřív, bude pozdě.
payment-cancel-costs = Bude to stát nejvýše asi { $fee }. Přesný poplatek bude vidět na nové platbě dřív, než ji někdo schválí.
payment-cancel-do = Navrhnout vzetí zpět
payment-speed-up = Urychlit pomocí drobných
payment-speed-up-explained = Navrhne utratit, co se touto platbou vrátilo, s poplatkem za obě: těžaři je pak vezmou společně.
payment-speed-up-costs = Bude to stát asi { $more } a poplatek samotné nové platby. Přesný poplatek na ní bude vidět dřív, než ji někdo schválí.
payment-speed-up-do = Navrhnout urychlení
payment-sign-with = Podepsat záložním klíčem
payment-sign-with-explained = Pro klíč, který nemá žádný program. Jeho slova slouží jen tomuto podpisu a neuchovávají se.
payment-sign-with-words = 12 nebo 24 slov klíče
payment-sign-with-do = Podepsat těmito slovy
payment-export = Podepsat na jiném zařízení
payment-export-explained = Platba jako soubor (PSBT) i s podpisy, které už jsou. Nic tajného v něm není.
payment-export-file = Zapsat soubor
payment-export-copy = Kopírovat jako text
payment-export-qr = Ukázat QR kód
payment-export-hide = Skrýt QR kód
payment-export-qr-title = Platba jako PSBT
payment-import = Převzít podpisy z jiného zařízení
payment-import-explained = Přebírají se jen podpisy a každý se nejdřív ověří proti této platbě.
payment-import-file = Vybrat soubor
payment-import-picture = Vybrat obrázek s QR kódem
payment-import-text = Nebo vložte text
payment-import-do = Převzít podpisy
payment-import-busy = Ověřuji …
payment-import-kept = Žádný podpis se nepřevzal; dosavadní zůstaly.
payment-import-taken = Podpisy jsou převzaty.
payment-import-of = { $count ->
    [one] { $count } podpis, { $name }
    [few] { $count } podpisy, { $name }
   *[other] { $count } podpisů, { $name }
}
payment-import-recovery-key = záložní klíč
payment-import-nothing = { $count ->
    [0] Žádný nový podpis v tom není.
    [one] Nic nového: { $count } podpis odtamtud tu už je.
    [few] Nic nového: { $count } podpisy odtamtud tu už jsou.
   *[other] Nic nového: { $count } podpisů odtamtud tu už je.
}
payment-txid = Transakce
payment-txid-copy = Kopírovat číslo transakce
payment-history = Historie
payment-history-loading = Čtu záznam …
payment-history-void = bez účinku
payment-all = Všechny platby

# Pravidla trezoru, zmrazení a změny, o kterých se hlasuje.

policy-title = Pravidla
policy-lead = Co potřebují platby z trezoru { $name } a co je zastaví.
policy-loading = Čtu pravidla …
policy-rules = Jak je to teď
policy-not-active = Tato pravidla začnou platit, až všichni držitelé klíčů ratifikují.
policy-keyholders-change = Pravidla mění držitelé klíčů hlasováním.
policy-change = Navrhnout jiná pravidla …

# Věty
policy-every = { $approvals ->
    [one] Každá platba potřebuje jedno schválení.
    [few] Každá platba potřebuje { $approvals } schválení.
   *[other] Každá platba potřebuje { $approvals } schválení.
}
policy-below = { $approvals ->
    [one] Platba pod { $below } potřebuje jedno schválení.
    [few] Platba pod { $below } potřebuje { $approvals } schválení.
   *[other] Platba pod { $below } potřebuje { $approvals } schválení.
}
policy-tier = { $approvals ->
    [one] Od { $from } je potřeba jedno schválení.
    [few] Od { $from } jsou potřeba { $approvals } schválení.
   *[other] Od { $from } je potřeba { $approvals } schválení.
}
policy-tier-keyholders = Od { $from } je počet schválení { $approvals }, z toho od držitelů klíčů nejméně { $keyholders }.
policy-tier-approvers = Od { $from } je počet schválení { $approvals }, z toho od schvalovatelů nejméně { $approvers }.
policy-tier-both = Od { $from } je počet schválení { $approvals }, z toho od držitelů klíčů nejméně { $keyholders } a od schvalovatelů nejméně { $approvers }.
policy-what-counts = Počítá se vše, co z trezoru odchází, i s poplatkem.
policy-any-address = Platit se smí na každou adresu.
policy-any-but = Platit se smí na každou adresu kromě těch níže.
policy-no-address = Na adresy mimo trezor se platit nesmí.
policy-only-addresses = { $count ->
    [one] Platit se smí jen na tuto adresu:
    [few] Platit se smí jen na tyto { $count } adresy:
   *[other] Platit se smí jen na těchto { $count } adres:
}
policy-denied = { $count ->
    [one] Na tuto adresu se nikdy neplatí:
    [few] Na tyto { $count } adresy se nikdy neplatí:
   *[other] Na těchto { $count } adres se nikdy neplatí:
}
policy-freeze = { $release ->
    [one] Zmrazit trezor může okamžitě každý držitel klíče; uvolní ho jeden držitel klíče.
    [few] Zmrazit trezor může okamžitě každý držitel klíče; uvolní ho společně { $release } držitelé klíčů.
   *[other] Zmrazit trezor může okamžitě každý držitel klíče; uvolní ho společně { $release } držitelů klíčů.
}

# Formulář
policy-form-approvals = Schválení každé platby
policy-form-approvals-hint = Od 1 do { $most }: tolik členů může schvalovat.
policy-form-tiers = Větší platby
policy-form-tiers-hint = Od určité částky lze žádat víc schválení. Každý stupeň žádá nejméně tolik co předchozí.
policy-form-tier = Stupeň { $number }
policy-form-tier-add = Další stupeň
policy-form-tier-remove = Odebrat tento stupeň
policy-form-tier-from = Od částky
policy-form-tier-from-hint = Vše, co z trezoru odchází, i s poplatkem
policy-form-tier-approvals = Schválení
policy-form-tier-keyholders = z toho od držitelů klíčů
policy-form-tier-approvers = z toho od schvalovatelů
policy-form-tier-any = Prázdné: od kohokoli, kdo smí schvalovat
policy-form-tier-order = Musí začínat nad { $before }.
policy-form-tier-sum = Podle rolí je to { $sum }: tolik jich musí být i celkem.
policy-form-release = Kolik držitelů klíčů uvolní zmrazení
policy-form-release-hint = Obvykle tolik, kolik podepisuje platbu.
policy-form-allow-empty = Přidejte adresu: s prázdným seznamem by se nedalo platit nikomu.
policy-form-both-lists = Jedna adresa je na obou seznamech: buď se na ni platit smí, nebo ne.
policy-edit = Jiná pravidla
policy-edit-lists = Adresy
policy-edit-only = Platit se smí jen na adresy ze seznamu
policy-edit-only-hint = Pro trezor, který platí stále stejným příjemcům.
policy-edit-allow = Platit se smí
policy-edit-allow-none = Zatím nikomu.
policy-edit-deny = Nikdy neplatit
policy-edit-deny-none = Žádné.
policy-edit-preview = Co by bylo jinak
policy-edit-not-yet = Ukáže se, až bude vše výše vyplněné.
policy-edit-nothing = Zatím nic.
policy-edit-check = Něco výše ještě není v pořádku.
policy-edit-votes = Návrhem hlasujete pro. Platí to, až dost držitelů klíčů porovná dvanáct slov a také zahlasuje.
policy-edit-act = Navrhnout tato pravidla
policy-edit-leave = Nechat je, jak jsou
list-add = Přidat
list-add-label = Adresa k přidání
list-remove = Odebrat ze seznamu
list-checking = Prohlížím ji …
list-twice = Na seznamu už je.
list-not-an-address = Toto není adresa.
list-wrong-network = Tato adresa je z jiné sítě.
list-own = Toto je adresa tohoto trezoru: vlastní adresy seznam nepotřebují.

# Změny, o kterých se hlasuje
changes-title = Navržené změny
change-by = Navrhuje { $name }
change-votes = Hlasy: { $have } z { $need }
change-voters = Hlasy: { $have } z { $need } ({ $names }).
change-settles = Nic se nemění: rozhoduje se, která ze dvou zároveň přijatých konfigurací platí.
change-not-you = Hlasují držitelé klíčů.
change-vote = Hlasovat pro: slova jsou stejná
change-voting = Porovnávám slova a hlasuji …
change-voted = Hlasovali jste pro změnu.
change-you-voted = Hlasovali jste pro. Přečtěte svá slova těm, kdo ještě nehlasovali.
change-take-back = Vzít hlas zpět …
change-take-back-ask = Vzít svůj hlas zpět?
change-take-back-means = Pro tuto změnu už znovu hlasovat nemůžete: musela by se navrhnout znovu.
change-take-back-act = Vzít hlas zpět
change-vote-taken = Váš hlas je zpět.
change-proposed = Navrženo. Hlasovali jste pro; teď jsou na řadě ostatní.
change-proposing = Navrhuji …
change-needs-votes = Stane se to, až pro to bude hlasovat dost držitelů klíčů.

difference-rules = Verze pravidel bude { $to }, teď je { $from }: starší programy už nic nedovolí.
difference-approvals = Počet schválení každé platby bude { $to }, teď je { $from }.
difference-tier-comes = Nově: { $tier }
difference-tier-goes = Už neplatí: { $tier }
difference-allow-only = Platit se bude smět jen na tyto adresy:
difference-allow-none = Na adresy mimo trezor se nebude smět platit.
difference-allow-any = Platit se bude smět na každou adresu, která není na seznamu zakázaných.
difference-allowed = Na tuto adresu se bude smět platit:
difference-not-allowed = Na tuto adresu se už nebude smět platit:
difference-denied = Na tuto adresu se nikdy nebude platit:
difference-not-denied = Na tuto adresu se bude znovu smět platit:
difference-release = Počet držitelů klíčů, kteří uvolní zmrazení, bude { $to }, teď je { $from }.
difference-relays = Zprávy půjdou přes { $to }; teď přes { $from }.
difference-joins = Novým členem bude { $name }: { $role }.
difference-leaves = { $name } odchází.
difference-leaves-key = { $name } odchází. Klíč zůstává v deskriptoru a může podepisovat, dokud se mince nepřevedou do jiného trezoru.
difference-replaced = { $new } přebírá místo, které má { $old }, se stejným klíčem.

# Zmrazení
freeze-title = Něco není v pořádku?
freeze-text = Každý držitel klíče může okamžitě zastavit všechny platby. Znovu je pustí hlasování držitelů klíčů.
freeze-open = Zmrazit trezor …
freeze-ask = Zmrazit { $name }?
freeze-act = Zmrazit teď
freeze-means = Program každého člena přestane schvalovat, podepisovat a odesílat, jakmile se to dozví. Uvolnit to může jen hlasování držitelů klíčů.
freeze-reason = Proč
freeze-reason-hint = Přečtou si to ostatní. Můžete to nechat prázdné.
freeze-done = { $name }: zmrazeno.
freeze-stands = Zmrazeno ({ $name }): žádná platba nepokračuje
freeze-no-reason = Důvod nebyl uveden.
freeze-not-admitted = V záznamu to ještě není, protože chybí to, na čem to stojí; platby to zastavuje i tak.
freeze-votes = Hlasy pro uvolnění: { $have } z { $need } ({ $names }).
freeze-you-voted = Hlasovali jste pro uvolnění.
freezes-released = { $count ->
    [one] Jedno uvolněné zmrazení
    [few] { $count } uvolněná zmrazení
   *[other] { $count } uvolněných zmrazení
}
freeze-was = Zmrazení ({ $name }),
release-open = Hlasovat pro uvolnění …
release-ask = Hlasovat pro uvolnění tohoto zmrazení?
release-means = { $need ->
    [one] Platby hned pokračují.
    [few] Platby pokračují, až budou hlasovat { $need } držitelé klíčů. Hlas nelze vzít zpět.
   *[other] Platby pokračují, až bude hlasovat { $need } držitelů klíčů. Hlas nelze vzít zpět.
}
release-act = Hlasovat pro uvolnění
release-done = Hlasovali jste pro uvolnění.

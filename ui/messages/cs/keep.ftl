# Záznam.

record-title = Záznam
record-lead = Vše, co kdo z členů udělal, s podpisem toho, kdo to udělal. Nic se nemění a nic se nevyškrtává.
record-judging = Je celý?
record-verify = Ověřit záznam
record-verifying = Ověřuji každý podpis a řetěz …
record-export-lines = Zapsat jako řádky JSON
record-export-table = Zapsat jako tabulku (CSV)
record-filters = Co se ukazuje
record-by = Kdo
record-by-all = všichni
record-kind = Co
record-kind-all = vše
record-void = Jen to, co je bez účinku
record-loading = Čtu záznam …
record-none = V záznamu nic takového není.
record-when = Kdy
record-who = Kdo
record-what = Co
record-more = Ukázat dřívější
record-without-effect = bez účinku
record-event = Událost
record-whole = { $events ->
    [one] Záznam je celý: { $events } událost.
    [few] Záznam je celý: { $events } události.
   *[other] Záznam je celý: { $events } událostí.
}
record-whole-means = Každou událost podepsal její autor, žádná nechybí a není změněná a všechny dohromady dávají stav, který se ukazuje. I záznam uříznutý na konci vypadá jako celý: porovnejte nejnovější události s ostatními členy.
record-whole-facts = Nejnovější události k porovnání
record-state = Stav
record-authored = { $events ->
    [one] { $events } událost, nejnovější
    [few] { $events } události, nejnovější
   *[other] { $events } událostí, nejnovější
}
record-faulty = Záznam má chybu na místě { $line }.
record-faulty-means = Nic se nezměnilo. Dokud nevíte proč, tímto programem nic nepodepisujte a porovnejte záznam se záznamem jiného člena.

saying-unknown = Něco, co tento program nezná: „{ $kind }“
saying-malformed = Něco, co není úkon
saying-created = Založen trezor „{ $name }“: podpisů na platbu { $threshold }; místa: { $places }
saying-place = { $count }× { $role }
saying-joined = Připojení pod jménem „{ $name }“
saying-joined-as = Připojení pod jménem „{ $name }“: { $roles }
saying-configuration = Navržena konfigurace { $cfg }
saying-configuration-of = Navržena konfigurace: podpisů na platbu { $threshold }, schválení { $approvals }; členové: { $members } ({ $cfg })
saying-ratified = Ratifikována konfigurace { $cfg }
saying-address-issued = Vydána adresa pro vklad { $address } (pořadí { $index })
saying-address-attested = Odvozena táž adresa pro vklad { $address } (pořadí { $index })
saying-proposed = Navržena platba: { $payment }
saying-proposed-instead = Navržena platba: { $payment }; místo: { $old }
saying-self-test-proposed = Navržena zkouška, kterou podepíše každý držitel klíče: { $payment }
saying-approved = Schváleno: { $payment }
saying-rejected = Odmítnuto: { $payment }
saying-signed = { $signatures ->
    [one] Podepsáno: { $payment } ({ $signatures } podpis)
    [few] Podepsáno: { $payment } ({ $signatures } podpisy)
   *[other] Podepsáno: { $payment } ({ $signatures } podpisů)
}
saying-finalised = Podpisy spojeny: { $payment }
saying-broadcast = Odesláno do sítě: { $payment }
saying-confirmed = Spatřeno v bloku { $height }: { $payment }
saying-place-opened = Otevřeno místo pro člena: { $role }
saying-place-opened-for = Otevřeno místo pro novou identitu člena { $name }
saying-identity-replaced = Prokázáno držení klíče člena { $name }
saying-voted = Hlas pro konfiguraci { $cfg }
saying-vote-released = Hlas pro konfiguraci { $cfg } vzat zpět
saying-frozen = Trezor zmrazen: „{ $reason }“
saying-freeze-released = { $freezes ->
    [one] Hlas pro uvolnění { $freezes } zmrazení
    [few] Hlas pro uvolnění { $freezes } zmrazení
   *[other] Hlas pro uvolnění { $freezes } zmrazení
}
saying-challenged = Držitelé klíčů mají podepsat číslo { $nonce }
saying-key-proven = Prokázáno držení vlastního klíče, čísel: { $nonces }
saying-key-claimed = Tvrzeno držení vlastního klíče, čísel: { $nonces }
saying-payment = platba { $amount } ({ $txid })
saying-payment-unknown = platba, která zde není ({ $proposal })
saying-output = { $amount } na { $to }
saying-outputs-more = a dalších { $more }
saying-fee = poplatek { $fee }
saying-purpose = „{ $purpose }“

kind-created = Trezor založen
kind-joined = Připojení člena
kind-challenged = Žádost o prokázání klíčů
kind-key-proven = Klíč prokázán
kind-configuration-proposed = Navržena konfigurace
kind-ratified = Ratifikace
kind-address-issued = Vydána adresa
kind-address-attested = Adresa odvozena stejně
kind-proposed = Navržena platba (první tvar)
kind-payment-proposed = Navržena platba
kind-self-test-proposed = Navržena zkouška klíčů
kind-approved = Schválení
kind-rejected = Odmítnutí
kind-signed = Podpis
kind-taproot-signed = Podpis (Taproot)
kind-finalised = Podpisy spojeny
kind-broadcast = Platba odeslána
kind-confirmed = Platba potvrzena
kind-place-opened = Otevřeno místo
kind-identity-replaced = Identita nahrazena
kind-configuration-voted = Hlas
kind-vote-released = Hlas vzat zpět
kind-frozen = Zmrazení
kind-freeze-released = Hlas pro uvolnění zmrazení

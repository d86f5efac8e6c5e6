# Oznámení na ploše: krátká a bez cizích slov, kromě názvu trezoru.

notice-title = Conclave
notice-title-vault = Conclave: { $vault }
notice-approve = Byla navržena platba a čeká na vaše schválení.
notice-approve-amount = Byla navržena platba { $amount } a čeká na vaše schválení.
notice-sign = Platba čeká na váš podpis.
notice-sign-amount = Platba { $amount } čeká na váš podpis.
notice-sent = Platba byla odeslána.
notice-sent-amount = Platba { $amount } byla odeslána.
notice-confirmed = Platba je potvrzena.
notice-confirmed-amount = Platba { $amount } je potvrzena.
notice-deposit = Přišel vklad.
notice-deposit-amount = Přišel vklad { $amount }.
notice-frozen = Všechny platby jsou zmrazeny.
notice-vote = Změna trezoru čeká na váš hlas.
notice-compare = Dvanáct slov čeká na porovnání s ostatními členy.
notice-something = Něco se stalo. Otevřete Conclave a podívejte se.
notice-something-amount = Něco se stalo, částka { $amount }. Otevřete Conclave a podívejte se.
notice-many = { $count ->
    [one] Stala se { $count } věc. Otevřete Conclave a podívejte se.
    [few] Staly se { $count } věci. Otevřete Conclave a podívejte se.
   *[other] Stalo se { $count } věcí. Otevřete Conclave a podívejte se.
}

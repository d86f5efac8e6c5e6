# Návrh platby a podpisový list.

flow-coin = Mince tohoto trezoru
flow-leaves = Odchází
flow-comes-back = Vrací se, prokázáno
flow-fee = Poplatek
flow-head-what = Co
flow-head-amount = Částka
flow-head-where = Kam

# Trezor: přehled, příjem, mince, adresy, transakce.

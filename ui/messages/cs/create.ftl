# Založení trezoru a připojení, stav příprav, záložní listy, pravidla.

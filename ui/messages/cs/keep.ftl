# Záznam.

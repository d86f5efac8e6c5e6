# A vault: overview, receive, coins, addresses, transactions.

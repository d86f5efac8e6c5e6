//! Lists of transactions and coins, a line each.

use conclave_shared::view::{CoinsView, TransactionsView};

/// A line for each transaction, and how to see the older ones.
pub(super) fn transactions_in_words(view: &TransactionsView) -> String {
    let mut text = format!(
        "{} in blocks, {} not yet; {} transactions\n",
        view.balance.confirmed, view.balance.unconfirmed, view.count
    );
    for entry in &view.transactions {
        let (more, sum) = if entry.received >= entry.sent {
            ('+', entry.received.0 - entry.sent.0)
        } else {
            ('-', entry.sent.0 - entry.received.0)
        };
        let place = block(entry.height);
        text.push_str(&format!("{} {place:>12} {more}{}", entry.txid, conclave_shared::Sat(sum)));
        text.push_str(&entry.proposal.map(|proposal| format!(" payment {}", proposal.short())).unwrap_or_default());
        text.push('\n');
    }
    if let Some(last) = view.transactions.last().filter(|_| view.more) {
        text.push_str(&format!("older ones: --before {}\n", last.txid));
    }
    text
}

/// A line for each coin.
pub(super) fn coins_in_words(view: &CoinsView) -> String {
    let mut text = format!("{} coins\n", view.count);
    for coin in &view.coins {
        let chain = if coin.change { "change" } else { "receive" };
        text.push_str(&format!("{} {} {chain} {} {}", coin.outpoint, coin.amount, coin.index, block(coin.height)));
        text.push_str(&coin.held_by.map(|by| format!(" held by payment {}", by.short())).unwrap_or_default());
        text.push('\n');
    }
    text
}

fn block(height: Option<u32>) -> String {
    height.map_or_else(|| "in no block".to_owned(), |height| format!("block {height}"))
}

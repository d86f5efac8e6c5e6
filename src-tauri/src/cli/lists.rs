//! The list of transactions, a line each.

use conclave_shared::view::TransactionsView;

use super::wallet::labelled;

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
        text.push_str(&labelled(entry.label.as_deref()));
        text.push('\n');
    }
    if let Some(last) = view.transactions.last().filter(|_| view.more) {
        text.push_str(&format!("older ones: --before {}\n", last.txid));
    }
    text
}

fn block(height: Option<u32>) -> String {
    height.map_or_else(|| "in no block".to_owned(), |height| format!("block {height}"))
}

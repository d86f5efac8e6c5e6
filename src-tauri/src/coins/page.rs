//! What the first screen shows of a large wallet, kept beside it: loading the wallet itself takes longer than a person
//! should wait. It only shows; nothing is judged or paid by it.

use bitcoin::{BlockHash, Txid};
use conclave_domain::vault::{ChainFacts, Vault};
use conclave_shared::view::BalanceView;
use serde::{Deserialize, Serialize};

use super::{Coins, Entry};

/// Transactions on it.
pub const FIRST_PAGE: usize = 50;
/// From so many transactions on a vault opens by its page: a smaller wallet is loaded at once.
pub const ASLEEP_FROM: u64 = 1_000;

/// Balance, newest transactions, and which payments are in blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPage {
    /// The coins, summed.
    pub balance: BalanceView,
    /// Height of the newest block known.
    pub tip_height: u32,
    /// How many transactions there are.
    pub count: u64,
    /// The newest [`FIRST_PAGE`], the newest first.
    pub newest: Vec<Entry>,
    /// The vault's payments that are in a block: as the record calls them and as the network does.
    confirmed: Vec<(Txid, Txid, u32, BlockHash)>,
}

impl FirstPage {
    /// What it tells of the vault's payments, at a time in ms since 1970.
    pub fn facts(&self, now_ms: u64) -> ChainFacts {
        let mut facts = ChainFacts::at(now_ms);
        for (txid, sent, height, block) in &self.confirmed {
            facts.note_as(*txid, *sent, Some((*height, *block)));
        }
        facts
    }

    /// Whether it tells the end of every payment, so that none is left to be judged.
    pub fn tells_all(&self, vault: &Vault) -> bool {
        let facts = self.facts(0);
        vault.txids().all(|txid| facts.confirmed(&txid).is_some())
    }
}

impl Coins {
    /// The first page as it is now.
    pub fn first_page(&self, vault: &Vault) -> FirstPage {
        let (listing, facts) = (self.listing(), self.facts(vault, 0));
        let in_block = |txid| {
            let (height, block) = facts.confirmed(&txid)?;
            Some((txid, facts.sent_as(&txid)?, height, block))
        };
        FirstPage {
            balance: listing.balance(),
            tip_height: self.tip_height(),
            count: listing.transactions().len() as u64,
            newest: listing.transactions().iter().take(FIRST_PAGE).copied().collect(),
            confirmed: vault.txids().filter_map(in_block).collect(),
        }
    }
}

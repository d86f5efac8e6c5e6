//! Who makes the blocks and the coins of a demo: the practice chain, or a real Bitcoin node.

use std::sync::Arc;

use bitcoin::{Address, Amount, Txid};
use conclave_shared::practice::Happening;

use super::DemoError;
use super::node::{Node, NodeError, Programs};
use crate::practice::PracticeControl;

/// Which chain a demo runs on.
#[derive(Debug, Clone)]
pub enum Chain {
    /// The practice chain: nothing is needed for it.
    Practice,
    /// bitcoind and electrs.
    Node(Programs),
}

/// Whoever makes blocks and coins.
#[derive(Debug)]
pub enum Blocks {
    /// The practice chain.
    Practice(PracticeControl),
    /// bitcoind.
    Node(Arc<Node>),
}

impl Blocks {
    /// Makes blocks with everything that waits. Returns the new height.
    pub async fn mine(&mut self, blocks: u32) -> Result<u32, DemoError> {
        match self {
            Blocks::Practice(control) => Ok(control.mine(blocks).await?),
            Blocks::Node(node) => with(node, move |node| node.mine(blocks)).await,
        }
    }

    /// Pays `amount` to a regtest address, unconfirmed. Returns the transaction's id.
    pub async fn fund(&mut self, address: &Address, amount: Amount) -> Result<Txid, DemoError> {
        match self {
            Blocks::Practice(control) => Ok(control.fund(address, amount).await?),
            Blocks::Node(node) => {
                let address = address.clone();
                with(node, move |node| node.fund(&address, amount)).await
            }
        }
    }

    /// What the chain itself says of a transaction that members have sent, if it was asked. A node was asked before it was sent
    /// (`testmempoolaccept`), and must have said yes.
    pub async fn judge(&self, txid: Txid) -> Result<Option<Happening>, DemoError> {
        let Blocks::Node(node) = self else { return Ok(None) };
        let judged = node.gate().judged_of(txid);
        let broken = |what: String| DemoError::Broken { whose: "bitcoind".to_owned(), what };
        if let Some(refused) = judged.iter().find(|judged| !judged.is_harmless()) {
            return Err(broken(format!(
                "it would not take {txid}: {}",
                refused.refused.as_deref().unwrap_or_default()
            )));
        }
        if judged.first().is_none_or(|first| first.refused.is_some()) {
            return Err(broken(format!("it was not asked about {txid} before that was sent")));
        }
        Ok(Some(Happening::NodeAsked { times: judged.len() }))
    }

    /// Ends what was started for it.
    pub async fn stop(self) -> Result<(), DemoError> {
        match self {
            Blocks::Practice(_) => Ok(()),
            Blocks::Node(node) => with(&node, Node::stop).await,
        }
    }
}

/// Works with a node, whose calls block.
pub async fn with<T: Send + 'static>(
    node: &Arc<Node>,
    work: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, DemoError> {
    let node = Arc::clone(node);
    let done = tokio::task::spawn_blocking(move || work(&node)).await;
    let failed =
        |error: tokio::task::JoinError| DemoError::Process { member: "the node".to_owned(), reason: error.to_string() };
    Ok(done.map_err(failed)??)
}

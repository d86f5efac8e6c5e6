//! An address before it is paid: whether it is one, whether the policy lets it be paid, and whether it only looks like one
//! that this vault knows. Whoever sends dust from an address with the same beginning and end hopes that it is copied from a
//! list (address poisoning).

use std::collections::BTreeSet;

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, ScriptBuf, Transaction};
use conclave_domain::descriptor::Keychain;
use conclave_domain::policy::Leaving;
use conclave_shared::Unmet;
use conclave_shared::request::{CheckAddress, Reply};
use conclave_shared::view::{AddressCheckView, AddressVerdict};

use super::Installation;
use crate::coins::Coins;
use crate::failure::InstallationError;
use crate::open_vault::{NETWORK, OpenVault};
use crate::store::LabelKind;

/// The longest address has fewer characters.
const ADDRESS_LIMIT: usize = 120;
/// How many characters at the beginning, behind the prefix, and at the end people compare.
const COMPARED: usize = 4;

impl Installation {
    pub(super) fn check_address(&self, it: &CheckAddress) -> Result<Reply, InstallationError> {
        let open = self.vault(it.vault)?;
        let text = it.address.trim();
        let parsed = (text.len() <= ADDRESS_LIMIT).then(|| text.parse::<Address<NetworkUnchecked>>().ok()).flatten();
        let Some(parsed) = parsed else { return Ok(checked(AddressVerdict::NotAnAddress)) };
        let Ok(address) = parsed.require_network(NETWORK) else { return Ok(checked(AddressVerdict::WrongNetwork)) };
        let script = address.script_pubkey();
        let verdict = verdict(open, &script);
        let (similar_to, paid_before) = match verdict {
            AddressVerdict::Own => (None, 0),
            _ => (similar(open, &address), paid_before(open, &script)),
        };
        let label = self.label_of(it.vault, LabelKind::Address, &address.to_string())?;
        Ok(Reply::AddressChecked(AddressCheckView { verdict, similar_to, paid_before, label }))
    }
}

fn checked(verdict: AddressVerdict) -> Reply {
    Reply::AddressChecked(AddressCheckView { verdict, similar_to: None, paid_before: 0, label: None })
}

fn verdict(open: &OpenVault, script: &ScriptBuf) -> AddressVerdict {
    if open.coins.as_ref().is_some_and(|coins| coins.is_own(script)) {
        return AddressVerdict::Own;
    }
    let Some(active) = open.vault.active() else { return AddressVerdict::Fine };
    let leaving = Leaving { amount: Amount::ZERO, recipients: vec![script], recovery: None };
    let unmet = active.policy.judge_destinations(&leaving);
    if unmet.iter().any(|unmet| matches!(unmet, Unmet::DestinationDenied { .. })) {
        AddressVerdict::Denied
    } else if unmet.is_empty() {
        AddressVerdict::Fine
    } else {
        AddressVerdict::NotAllowed
    }
}

/// Transactions on the chain that spend coins of the vault and pay an address.
fn paid_before(open: &OpenVault, script: &ScriptBuf) -> u32 {
    let pays = |transaction: &&Transaction| transaction.output.iter().any(|output| output.script_pubkey == *script);
    let sent = open.coins.iter().flat_map(|coins| coins.transactions(true));
    sent.filter(|transaction| pays(&&**transaction)).count() as u32
}

/// An address that this vault knows and that looks the same at a glance. First what it has paid or proposed to pay, then what
/// stands on its lists and its own addresses, then what others were paid by those who paid to it.
fn similar(open: &OpenVault, address: &Address) -> Option<String> {
    let text = address.to_string();
    let glance = glance(&text)?;
    let looks_the_same = |known: &String| *known != text && self::glance(known) == Some(glance);
    let of_script = |script: &ScriptBuf| Address::from_script(script, NETWORK).ok().map(|it| it.to_string());
    let proposed = open.vault.proposals().into_iter().flat_map(|state| &state.checked.transaction.output);
    let proposed: BTreeSet<&ScriptBuf> = proposed.map(|output| &output.script_pubkey).collect();
    let outputs = |spends| {
        let all = open.coins.iter().flat_map(move |coins: &Coins| coins.transactions(spends));
        all.flat_map(|transaction| transaction.output.clone()).map(|output| output.script_pubkey)
    };
    let policy = open.vault.active().map(|active| &active.configuration.policy);
    let listed = policy.into_iter().flat_map(|policy| policy.allow.iter().flatten().chain(&policy.deny)).cloned();
    let own = || {
        let descriptor = &open.vault.active()?.descriptor;
        let receive = open.vault.receive_indices().map(|index| (Keychain::Receive, index));
        let change = open.vault.change_indices().map(|index| (Keychain::Change, index));
        let mut own = receive.chain(change).filter_map(|(keychain, index)| descriptor.script(keychain, index));
        own.find_map(|script| of_script(&script).filter(looks_the_same))
    };
    let paid = outputs(true).filter_map(|script| of_script(&script)).find(looks_the_same);
    paid.or_else(|| proposed.into_iter().filter_map(of_script).find(looks_the_same))
        .or_else(|| listed.into_iter().find(looks_the_same))
        .or_else(own)
        .or_else(|| outputs(false).filter_map(|script| of_script(&script)).find(looks_the_same))
}

/// What people compare of an address: its beginning behind the prefix, and its end.
fn glance(address: &str) -> Option<(&str, &str)> {
    // Everything before the last 1 of a bech32 address says the network alone; in base58 there is no such part.
    let bech32 = address.rsplit_once('1').filter(|(prefix, _)| ["bc", "tb", "bcrt"].contains(prefix));
    let body = bech32.map_or(address, |(_, body)| body);
    Some((body.get(..COMPARED)?, body.get(body.len().checked_sub(COMPARED)?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_compare_is_the_beginning_behind_the_prefix_and_the_end() {
        assert_eq!(glance("bcrt1q6x3zsuc2cpvrqtaz8lmm"), Some(("q6x3", "8lmm")));
        assert_eq!(glance("2N3oefVeg6stiTb5Kh3ozCSkaqmx91FDbsm"), Some(("2N3o", "Dbsm")));
        assert_eq!(glance("bcrt1q"), None);
    }
}

//! Proposing payments: new ones, those that bump, cancel or speed up another, and self-tests. Each is a proposal of its own,
//! which goes through approvals and signatures like any other. A preview is all of that but putting it on record.

use bitcoin::address::NetworkUnchecked;
use bitcoin::{Address, Amount, FeeRate, OutPoint, ScriptBuf, Txid};
use conclave_domain::action::{PaymentProposed, SelfTestProposed};
use conclave_domain::descriptor::SpendingPath;
use conclave_domain::guard::{self, Verdict};
use conclave_domain::proposal::{PURPOSE_LIMIT, Proposal, ProposalFault, SELF_TEST_PURPOSE};
use conclave_domain::vault::{ChainFacts, Command, CommandFault, EXPIRY_LIMIT_MS};
use conclave_shared::request::{OnProposal, Propose, Recipient, Reply, Reprice, SpeedUp};
use conclave_shared::{EventId, Sat, Unmet, VaultId};

use super::Installation;
use super::coins::parse_coin;
use crate::coins::{Coins, Fee, Order, Rest, Spend, claims};
use crate::failure::InstallationError;
use crate::open_vault::{NETWORK, OpenVault};
use crate::projection;

/// Highest fee rate that a request may ask for, in sat/vB: what is above is a slip of the hand.
const FEE_RATE_LIMIT: u64 = 10_000;
/// Most recipients of one payment.
const RECIPIENTS_LIMIT: usize = 100;
/// What a self-test pays, in sat/vB: little, since nobody waits for it, and not the least that nodes relay.
const SELF_TEST_FEE_RATE: u64 = 2;
/// How long a payment holds its coins if nothing else is said, in ms: 7 days.
const EXPIRES_MS: u64 = 7 * 24 * 3_600_000;

fn field(field: &'static str, reason: &str) -> InstallationError {
    InstallationError::Field { field, reason: reason.to_owned() }
}

/// A fee rate of whole sat/vB and thousandths, rounded up to what transactions can be built with.
fn fee_rate(whole: u64, milli: u64) -> Result<FeeRate, InstallationError> {
    let rate = whole.checked_mul(1_000).and_then(|whole| whole.checked_add(milli));
    match rate {
        // 1 sat/vB is 250 sat for 1 000 weight units.
        Some(rate) if (1_000..=FEE_RATE_LIMIT * 1_000).contains(&rate) => {
            Ok(FeeRate::from_sat_per_kwu(rate.div_ceil(4)))
        }
        Some(_) | None => Err(field("fee_rate", "must be 1 to 10000 sat/vB")),
    }
}

fn script(address: &str) -> Result<ScriptBuf, InstallationError> {
    let address: Address<NetworkUnchecked> = address.parse().map_err(|error| field("address", &format!("{error}")))?;
    let address = address.require_network(NETWORK).map_err(|_| field("address", "is of another network"))?;
    Ok(address.script_pubkey())
}

fn paid(recipients: &[Recipient]) -> Result<Vec<(ScriptBuf, Amount)>, InstallationError> {
    let mut paid: Vec<(ScriptBuf, Amount)> = Vec::new();
    for recipient in recipients {
        let script = script(&recipient.address)?;
        if recipient.amount == Sat(0) {
            return Err(field("amount", "must be more than 0 sat"));
        }
        // Bitcoin's nodes do not relay what costs more to spend than it is worth.
        let least = script.minimal_non_dust().to_sat();
        if recipient.amount.0 < least {
            return Err(field("amount", &format!("must be at least {least} sat for this address (less is dust)")));
        }
        paid.push((script, Amount::from_sat(recipient.amount.0)));
    }
    let total = paid.iter().try_fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
    if total.is_none_or(|total| total > Amount::MAX_MONEY) {
        return Err(field("amount", "is more than all bitcoin"));
    }
    Ok(paid)
}

/// A payment as it is put on record.
fn payment(proposal: Proposal, replaces: Option<EventId>, holds_ms: u64, now_ms: u64) -> PaymentProposed {
    let expires_ms = Some(now_ms.saturating_add(holds_ms));
    PaymentProposed { replaces, expires_ms, ..PaymentProposed::from(proposal) }
}

/// How long the coins of a vault with a recovery must lie for it, in blocks.
fn recovery_blocks(open: &OpenVault) -> Option<u16> {
    open.vault.active().and_then(|active| active.recovery.as_ref()).map(|it| it.after_blocks)
}

/// What a payment is for that is about another: the other's purpose, as far as there is room.
fn about(what: &str, purpose: &str) -> String {
    let text = if purpose.is_empty() { what.to_owned() } else { format!("{what}: {purpose}") };
    text.chars().take(PURPOSE_LIMIT).collect()
}

/// A payment that is built and not on record.
struct Built {
    payment: PaymentProposed,
    facts: ChainFacts,
}

impl Installation {
    pub(super) fn propose(&mut self, it: Propose, now_ms: u64) -> Result<Reply, InstallationError> {
        let vault = it.vault;
        let Built { payment, facts } = self.build_asked(it, now_ms)?;
        self.put_up(vault, Command::Propose { payment, facts: &facts }, now_ms)
    }

    /// What a payment would be. It is built anew when it is proposed, of whatever coins are free then.
    pub(super) fn preview(&mut self, it: Propose, now_ms: u64) -> Result<Reply, InstallationError> {
        let vault = it.vault;
        let Built { payment, facts } = self.build_asked(it, now_ms)?;
        let open = self.vault(vault)?;
        open.may_write()?;
        let command = Command::Propose { payment: payment.clone(), facts: &facts };
        let against = match open.vault.decide(command)? {
            Verdict::Allowed(_) => Vec::new(),
            Verdict::Blocked(unmet) => unmet,
        };
        let active = open.vault.active().ok_or(InstallationError::NoConfiguration)?;
        let checked = payment.proposal().check(open.vault.id(), active).map_err(CommandFault::from)?;
        let dangers = guard::dangers(&checked, &active.descriptor, &open.evidence(&checked, facts))?;
        let stops = open.vault.stops().into_iter();
        let dangers = dangers.into_iter().map(|finding| Unmet::Danger { finding });
        let mut unmet = against;
        for it in stops.chain(dangers) {
            if !unmet.contains(&it) {
                unmet.push(it);
            }
        }
        Ok(Reply::Preview(Box::new(projection::preview(&open.vault, active, &checked, unmet))))
    }

    /// Builds what was asked for. Nothing of it is kept.
    fn build_asked(&mut self, it: Propose, now_ms: u64) -> Result<Built, InstallationError> {
        let outputs = it.recipients.len() + usize::from(it.all.is_some());
        if outputs == 0 || outputs > RECIPIENTS_LIMIT {
            return Err(field("recipients", "there must be 1 to 100"));
        }
        let fee = Fee::Rate(fee_rate(it.fee_rate, it.fee_rate_milli)?);
        let recipients = paid(&it.recipients)?;
        let rest = it.all.as_deref().map(script).transpose()?.map_or(Rest::Change, Rest::To);
        let coins: Vec<OutPoint> = it.coins.iter().map(|coin| parse_coin(coin)).collect::<Result<_, _>>()?;
        let expires_ms = match it.expires_seconds {
            None => EXPIRES_MS,
            Some(0) => return Err(field("expires_seconds", "must be more than 0")),
            Some(seconds) => seconds
                .checked_mul(1_000)
                .filter(|ms| *ms <= EXPIRY_LIMIT_MS)
                .ok_or_else(|| field("expires_seconds", "must be at most 30 days"))?,
        };
        let open = self.vault(it.vault)?;
        let recovery = recovery_blocks(open);
        if it.recovery && recovery.is_none() {
            return Err(field("recovery", "this vault has none: its coins are spent by its threshold alone"));
        }
        let (recovery, facts) = (recovery.filter(|_| it.recovery), open.facts(now_ms));
        self.not_held(it.vault, &coins, &facts)?;
        let spend = if coins.is_empty() { Spend::Free } else { Spend::Chosen(coins) };
        let order = Order { recipients, rest, coins: spend, fee, purpose: it.purpose, recovery };
        let proposal = self.build(it.vault, &facts, |coins, held| Ok(coins.build(&order, held)?))?;
        Ok(Built { payment: payment(proposal, None, expires_ms, now_ms), facts })
    }

    /// Proposes a payment back to the vault that every keyholder has to sign.
    pub(super) fn self_test(&mut self, vault: VaultId, now_ms: u64) -> Result<Reply, InstallationError> {
        let facts = self.vault(vault)?.facts(now_ms);
        let rate = fee_rate(SELF_TEST_FEE_RATE, 0)?;
        let purpose = SELF_TEST_PURPOSE.to_owned();
        let built = self.build(vault, &facts, |coins, held| Ok(coins.build_self_test(rate, purpose, held)?))?;
        let (Some(input), Some(change)) = (built.inputs.first().copied(), built.change) else {
            return Err(CommandFault::from(ProposalFault::SelfTestPaysOut).into());
        };
        let expires_ms = now_ms.saturating_add(EXPIRES_MS);
        let test = SelfTestProposed { transaction: built.transaction, input, index: change.index, expires_ms };
        self.put_up(vault, Command::SelfTest { test, facts: &facts }, now_ms)
    }

    /// Whether chosen coins are free: those that a payment holds are named with it.
    fn not_held(&self, vault: VaultId, coins: &[OutPoint], facts: &ChainFacts) -> Result<(), InstallationError> {
        let reservations = self.vault(vault)?.vault.reservations(facts);
        let held = reservations.iter().filter(|held| coins.contains(&held.coin));
        let unmet: Vec<Unmet> = held.map(|held| Unmet::CoinReserved { by: held.by }).collect();
        if unmet.is_empty() { Ok(()) } else { Err(InstallationError::Blocked { unmet }) }
    }

    /// Builds with the vault's coins, those that payments hold kept out.
    fn build(
        &mut self,
        vault: VaultId,
        facts: &ChainFacts,
        how: impl FnOnce(&mut Coins, &[OutPoint]) -> Result<Proposal, InstallationError>,
    ) -> Result<Proposal, InstallationError> {
        let (open, _) = self.vault_mut(vault)?;
        let held: Vec<OutPoint> = open.vault.reserved_coins(facts).collect();
        let coins = open.coins.as_mut().ok_or(InstallationError::Blocked { unmet: vec![Unmet::NotActive] })?;
        how(coins, &held)
    }

    fn put_up(&mut self, vault: VaultId, command: Command<'_>, now_ms: u64) -> Result<Reply, InstallationError> {
        let ids = self.command(vault, command, now_ms)?;
        // Refusals of what can never be confirmed may come before it.
        let proposal = ids.last().copied().ok_or(InstallationError::NoConfiguration)?;
        self.show_proposal(OnProposal { vault, proposal }, now_ms)
    }

    pub(super) fn bump_payment(&mut self, it: Reprice, now_ms: u64) -> Result<Reply, InstallationError> {
        self.reprice(it, now_ms, |recipients, purpose| {
            // One that only goes back to the vault goes back whole again.
            let rest = if recipients.is_empty() { Rest::Back } else { Rest::Change };
            (recipients, rest, true, purpose)
        })
    }

    pub(super) fn cancel_payment(&mut self, it: Reprice, now_ms: u64) -> Result<Reply, InstallationError> {
        self.reprice(it, now_ms, |_, purpose| (Vec::new(), Rest::Back, false, about("cancels", &purpose)))
    }

    /// A payment of another one's coins in its place. `what` makes of the other's recipients and purpose those of the new
    /// one, says where the rest goes, and whether other coins may be added.
    fn reprice(
        &mut self,
        it: Reprice,
        now_ms: u64,
        what: impl FnOnce(Vec<(ScriptBuf, Amount)>, String) -> (Vec<(ScriptBuf, Amount)>, Rest, bool, String),
    ) -> Result<Reply, InstallationError> {
        let fee = Fee::Rate(fee_rate(it.fee_rate, it.fee_rate_milli)?);
        let open = self.vault(it.vault)?;
        let (facts, recovery) = (open.facts(now_ms), recovery_blocks(open));
        let old = self.proposal(OnProposal { vault: it.vault, proposal: it.proposal })?.checked.clone();
        if facts.confirmed(&old.txid).is_some() || facts.supplanted(&old).is_some() {
            return Err(CommandFault::NothingToReplace { of: it.proposal }.into());
        }
        let paid = old.paid().into_iter().map(|(script, amount)| (script.clone(), amount)).collect();
        let (recipients, rest, more, purpose) = what(paid, old.purpose.clone());
        let coins = Spend::Of { inputs: claims(&old.inputs), more };
        // By the same quorum.
        let recovery = recovery.filter(|_| old.path == SpendingPath::Recovery);
        let order = Order { recipients, rest, coins, fee, purpose, recovery };
        let proposal = self.build(it.vault, &facts, |coins, held| Ok(coins.build(&order, held)?))?;
        let payment = payment(proposal, Some(it.proposal), EXPIRES_MS, now_ms);
        self.put_up(it.vault, Command::Propose { payment, facts: &facts }, now_ms)
    }

    pub(super) fn speed_up(&mut self, it: &SpeedUp, now_ms: u64) -> Result<Reply, InstallationError> {
        let rate = fee_rate(it.fee_rate, it.fee_rate_milli)?;
        let open = self.vault(it.vault)?;
        let facts = open.facts(now_ms);
        let payment = it.parent.parse::<EventId>().ok().and_then(|id| open.vault.proposal(id));
        let parent: Txid = match payment {
            Some(payment) => facts.sent_as(&payment.checked.txid).unwrap_or(payment.checked.txid),
            None => it.parent.parse().map_err(|_| field("parent", "must be a proposal's id or a txid"))?,
        };
        let purpose = about("speeds up", payment.map_or(&parent.to_string(), |it| &it.checked.purpose));
        let proposal =
            self.build(it.vault, &facts, |coins, held| Ok(coins.build_child(parent, rate, purpose, held)?))?;
        let payment = self::payment(proposal, None, EXPIRES_MS, now_ms);
        self.put_up(it.vault, Command::Propose { payment, facts: &facts }, now_ms)
    }
}

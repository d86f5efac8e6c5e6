//! `conclave payment` and `conclave coins`: what is proposed, what becomes of it, which coins there are, and how both are told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use conclave_domain::psbt::file::FILE_LIMIT;
use conclave_shared::request::{
    CheckAddress, ImportPsbt, ListCoins, OnCoin, OnProposal, OnVault, Propose, Recipient, Reply, Reprice, Request,
    SignWith, SpeedUp,
};
use conclave_shared::view::{
    AddressCheckView, AddressVerdict, CoinsView, GivenView, PreviewView, ProposalView, TakenView,
};
use conclave_shared::{EventId, MemberId, ReplacementKind, Sat, VaultId};

use super::installation::{Common, OnVaultArgs, act, act_at, ask_once, look, look_at, tell};
use super::wallet::labelled;
use super::{CliError, change, given};
use crate::record::{shown, utc};

#[derive(Debug, Subcommand)]
pub(super) enum PaymentCommand {
    /// Propose a payment.
    Propose {
        /// The vault's id.
        vault: VaultId,
        /// ADDRESS=SAT. Can be given several times, up to 100.
        #[arg(long = "to", required_unless_present = "all", value_name = "ADDRESS=SAT", value_parser = recipient)]
        to: Vec<Recipient>,
        /// This address gets all that is left of the coins after the others and the fee: nothing comes back.
        #[arg(long, value_name = "ADDRESS")]
        all: Option<String>,
        /// Spend exactly this coin, as `coins list` names it. Can be given several times.
        #[arg(long = "coin", value_name = "TXID:VOUT")]
        coin: Vec<String>,
        #[command(flatten)]
        rate: Rate,
        /// Why.
        #[arg(long, default_value = "")]
        purpose: String,
        /// How long it holds its coins and can be signed, in hours, at most 720.
        #[arg(long, default_value_t = 168, value_name = "HOURS")]
        expires: u64,
        /// Pay by the vault's recovery: of coins that have lain its time, signed by its quorum.
        #[arg(long)]
        recovery: bool,
        /// Only say what the payment would be. Nothing is put on record.
        #[arg(long)]
        preview: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Propose the same payment with a higher fee, in the place of one that is in no block (RBF).
    Bump(RepriceArgs),
    /// Propose to take a payment's coins back to the vault, in the place of one that is in no block (RBF).
    Cancel(RepriceArgs),
    /// Propose to speed up a transaction that waits for a block, by spending what the vault got from it (CPFP).
    Cpfp {
        /// The vault's id.
        vault: VaultId,
        /// A proposal's id, or the txid of a deposit.
        #[arg(value_name = "PROPOSAL|TXID")]
        parent: String,
        #[command(flatten)]
        rate: Rate,
        #[command(flatten)]
        common: Common,
    },
    /// Consent.
    Approve(OnProposalArgs),
    /// Refuse.
    Reject(OnProposalArgs),
    /// Take your own proposal back.
    Withdraw(OnProposalArgs),
    /// Sign with this installation's software key, or with another by its words.
    Sign {
        #[command(flatten)]
        on: OnProposalArgs,
        /// File with the words of another key: of a recovery that has keys of its own.
        #[arg(long, value_name = "FILE")]
        seed_file: Option<std::path::PathBuf>,
    },
    /// Propose a payment back to the vault that every keyholder has to sign, so that each key has signed once.
    SelfTest(OnVaultArgs),
    /// Write a payment as a PSBT, to be signed by a device or another program.
    Export {
        #[command(flatten)]
        on: OnProposalArgs,
        /// A new file; else standard output, in base64.
        #[arg(long, value_name = "FILE")]
        out: Option<std::path::PathBuf>,
    },
    /// Put the signatures of a PSBT on record, in whatever form it comes.
    Import {
        /// The vault's id.
        vault: VaultId,
        /// The PSBT; - is standard input.
        file: std::path::PathBuf,
        /// The payment that it must be of; else the one that it is of.
        #[arg(long)]
        proposal: Option<EventId>,
        #[command(flatten)]
        common: Common,
    },
    /// What the record says about a payment.
    Record(OnProposalArgs),
    /// Whether an address is right, and whether it only looks like one that the vault knows.
    CheckAddress {
        /// The vault's id.
        vault: VaultId,
        /// The address.
        address: String,
        #[command(flatten)]
        common: Common,
    },
    /// The six words of the payment, to compare by voice.
    Words(OnProposalArgs),
    /// The payment as it stands.
    Show(OnProposalArgs),
}

#[derive(Debug, Subcommand)]
pub(super) enum CoinsCommand {
    /// The vault's coins, which of them payments hold, and which are frozen here.
    List {
        #[command(flatten)]
        vault: OnVaultArgs,
        /// Only those after this one: the last that was shown.
        #[arg(long, value_name = "TXID:VOUT")]
        after: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Keep this installation from spending a coin in what it proposes. The others are not told.
    Freeze(OnCoinArgs),
    /// Let it be spent again.
    Unfreeze(OnCoinArgs),
}

#[derive(Debug, Args)]
pub(super) struct OnCoinArgs {
    /// The vault's id.
    vault: VaultId,
    /// The coin.
    #[arg(value_name = "TXID:VOUT")]
    coin: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct OnProposalArgs {
    /// The vault's id.
    vault: VaultId,
    /// The proposal's id.
    proposal: EventId,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct RepriceArgs {
    /// The vault's id.
    vault: VaultId,
    /// The proposal's id.
    proposal: EventId,
    #[command(flatten)]
    rate: Rate,
    #[command(flatten)]
    common: Common,
}

/// A fee rate.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Rate {
    /// Fee rate, in sat/vB, with up to three decimals: 2 or 1.5.
    #[arg(long, value_name = "SAT_PER_VB", value_parser = milli)]
    fee_rate: u64,
}

impl Rate {
    fn parts(self) -> (u64, u64) {
        (self.fee_rate / 1_000, self.fee_rate % 1_000)
    }
}

/// Thousandths of a decimal number without sign.
fn milli(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text} is no number with at most three decimals");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 3 {
        return Err(wrong());
    }
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let part: u64 = format!("{part:0<3}").parse().map_err(|_| wrong())?;
    whole.checked_mul(1_000).and_then(|whole| whole.checked_add(part)).ok_or_else(wrong)
}

fn recipient(text: &str) -> Result<Recipient, String> {
    let (address, amount) = text.split_once('=').ok_or("must be ADDRESS=SAT")?;
    let amount = amount.parse().map_err(|error| format!("amount in sat: {error}"))?;
    Ok(Recipient { address: address.to_owned(), amount: Sat(amount) })
}

pub(super) async fn payment(command: PaymentCommand) -> Result<(), CliError> {
    let on = |args: &OnProposalArgs| OnProposal { vault: args.vault, proposal: args.proposal };
    let reprice = |args: &RepriceArgs| {
        let (fee_rate, fee_rate_milli) = args.rate.parts();
        Reprice { vault: args.vault, proposal: args.proposal, fee_rate, fee_rate_milli }
    };
    match command {
        PaymentCommand::Propose { vault, to, all, coin, rate, purpose, expires, recovery, preview, common } => {
            let (fee_rate, fee_rate_milli) = rate.parts();
            let expires_seconds = Some(expires.saturating_mul(3_600));
            let propose = Propose {
                vault,
                recipients: to,
                all,
                coins: coin,
                fee_rate,
                fee_rate_milli,
                expires_seconds,
                purpose,
                recovery,
            };
            let request = if preview { Request::PreviewPayment(propose) } else { Request::Propose(propose) };
            act(common, request).await
        }
        PaymentCommand::Bump(args) => {
            let request = Request::BumpPayment(reprice(&args));
            act(args.common, request).await
        }
        PaymentCommand::Cancel(args) => {
            let request = Request::CancelPayment(reprice(&args));
            act(args.common, request).await
        }
        PaymentCommand::Cpfp { vault, parent, rate, common } => {
            let (fee_rate, fee_rate_milli) = rate.parts();
            act(common, Request::SpeedUp(SpeedUp { vault, parent, fee_rate, fee_rate_milli })).await
        }
        PaymentCommand::Approve(args) => {
            let request = Request::Approve(on(&args));
            act(args.common, request).await
        }
        PaymentCommand::Reject(args) => {
            let request = Request::Reject(on(&args));
            act(args.common, request).await
        }
        PaymentCommand::Withdraw(args) => {
            let request = Request::Withdraw(on(&args));
            act(args.common, request).await
        }
        PaymentCommand::Sign { on: args, seed_file } => {
            let request = match seed_file {
                None => Request::Sign(on(&args)),
                Some(file) => {
                    let OnProposal { vault, proposal } = on(&args);
                    Request::SignWith(SignWith { vault, proposal, seed_words: change::seed_words(&file)? })
                }
            };
            act(args.common, request).await
        }
        PaymentCommand::SelfTest(args) => act_at(args, Request::SelfTest).await,
        PaymentCommand::Export { on: args, out } => {
            let reply = ask_once(&args.common.home, Request::ExportPsbt(on(&args)))?;
            match (&reply, out) {
                (Reply::Psbt { base64 }, Some(out)) => Ok(given::write(Some(&out), format!("{base64}\n").as_bytes())?),
                _ => tell(args.common.json, reply),
            }
        }
        PaymentCommand::Import { vault, file, proposal, common } => {
            let file = STANDARD.encode(given::bytes(&file, FILE_LIMIT)?);
            act(common, Request::ImportPsbt(ImportPsbt { vault, proposal, file })).await
        }
        PaymentCommand::Record(args) => look(&args.common, Request::ShowPaymentRecord(on(&args))),
        PaymentCommand::CheckAddress { vault, address, common } => {
            look(&common, Request::CheckAddress(CheckAddress { vault, address }))
        }
        PaymentCommand::Words(args) => look(&args.common, Request::DigestWords(on(&args))),
        PaymentCommand::Show(args) => {
            let reply = ask_once(&args.common.home, Request::ShowVault(OnVault { vault: args.vault }))?;
            let reply = match reply {
                Reply::Vault(view) => view
                    .proposals
                    .into_iter()
                    .find(|payment| payment.proposal == args.proposal)
                    .map(|payment| Reply::Proposal(Box::new(payment)))
                    .ok_or_else(|| CliError::Input(format!("there is no proposal {} in this vault", args.proposal)))?,
                other => other,
            };
            tell(args.common.json, reply)
        }
    }
}

pub(super) fn coins(command: CoinsCommand) -> Result<(), CliError> {
    let on = |args: &OnCoinArgs| OnCoin { vault: args.vault, coin: args.coin.clone() };
    match command {
        CoinsCommand::List { vault, after, limit } => {
            look_at(&vault, |on| Request::ListCoins(ListCoins { vault: on.vault, after, limit }))
        }
        CoinsCommand::Freeze(args) => look(&args.common, Request::FreezeCoin(on(&args))),
        CoinsCommand::Unfreeze(args) => look(&args.common, Request::UnfreezeCoin(on(&args))),
    }
}

/// A line for each coin.
pub(super) fn coins_in_words(view: &CoinsView) -> String {
    let mut text = format!("{} coins\n", view.count);
    for coin in &view.coins {
        let chain = if coin.change { "change" } else { "receive" };
        let place = coin.height.map_or("in no block".to_owned(), |height| format!("block {height}"));
        let frozen = if coin.frozen { ", frozen here" } else { "" };
        let held = coin.held_by.map_or_else(String::new, |by| {
            let until = coin.held_until_ms.map_or_else(String::new, |at| format!(" until {}", utc(at)));
            format!(", held by payment {}{until}", by.short())
        });
        let label = labelled(coin.label.as_deref());
        text.push_str(&format!(
            "{} {} {chain} {} {place}{frozen}{held}{label}\n",
            coin.outpoint, coin.amount, coin.index
        ));
    }
    if let Some(last) = view.coins.last().filter(|_| view.more) {
        text.push_str(&format!("older ones: --after {}\n", last.outpoint));
    }
    text
}

/// What was taken from a PSBT, and the payment as it stands now.
pub(super) fn taken_in_words(payment: &ProposalView, taken: &[TakenView], known: u32) -> String {
    let mut text = String::new();
    for it in taken {
        let whose = if it.member.is_some() { shown(&it.name) } else { "a key of the recovery's own".to_owned() };
        text.push_str(&format!("put on record: {} signatures of {whose}\n", it.signatures));
    }
    if known > 0 {
        text.push_str(&format!("on record already: {known} signatures\n"));
    }
    text + &payment_in_words(payment)
}

/// What is known of an address.
pub(super) fn address_in_words(view: &AddressCheckView) -> String {
    let verdict = match view.verdict {
        AddressVerdict::Fine => "an address that may be paid",
        AddressVerdict::NotAnAddress => "not an address",
        AddressVerdict::WrongNetwork => "an address of another network",
        AddressVerdict::Own => "an address of this vault",
        AddressVerdict::Denied => "on the policy's list of those that are never paid",
        AddressVerdict::NotAllowed => "not on the policy's list of those that may be paid",
    };
    let mut text = format!("{verdict}; paid by {} payments before\n", view.paid_before);
    if let Some(similar) = &view.similar_to {
        text.push_str(&format!("IT LOOKS LIKE {similar}, which this vault knows, AND IS ANOTHER: compare all of it\n"));
    }
    text
}

/// What a payment would be.
pub(super) fn preview_in_words(view: &PreviewView) -> String {
    let mut text = String::from("not on record: this is what the payment would be\n");
    for recipient in &view.recipients {
        text.push_str(&format!("  {} to {}\n", recipient.amount, recipient.address));
    }
    let (whole, part) = (view.fee_rate_milli / 1_000, view.fee_rate_milli % 1_000);
    text.push_str(&format!(
        "  fee {} ({whole}.{part:03} sat/vB), {} come back to the vault, {} leave it, fee included\n",
        view.fee, view.change, view.leaves
    ));
    text.push_str(&format!("  needs {} approvals and {} signatures\n", view.rule.approvals, view.rule.signatures));
    for unmet in &view.unmet {
        text.push_str(&format!("  unmet: {}\n", shown(&unmet.to_string())));
    }
    text
}

/// A payment as it stands.
pub(super) fn payment_in_words(view: &ProposalView) -> String {
    let mut text = format!("payment {} ({:?})\n", view.proposal, view.status);
    if let (Some(old), Some(kind)) = (view.replaces, view.replacement) {
        let does = match kind {
            ReplacementKind::FeeBump => "with a higher fee, to the same recipients",
            ReplacementKind::Cancel => "and takes its coins back to the vault",
            ReplacementKind::OtherPayment => "BUT PAYS OTHERS OR OTHER AMOUNTS: judge it as a payment of its own",
        };
        text.push_str(&format!("  in the place of payment {old}, {does}\n"));
    }
    if view.recovery {
        text.push_str("  by the vault's recovery\n");
    }
    if view.self_test {
        text.push_str("  a self-test: it comes back to the vault, and every keyholder has to sign it\n");
    }
    for new in &view.replaced_by {
        text.push_str(&format!("  payment {new} is to take its place\n"));
    }
    for recipient in &view.recipients {
        text.push_str(&format!("  {} to {}\n", recipient.amount, recipient.address));
    }
    let share = view.fee_per_mille.map_or_else(String::new, |it| format!(", {}.{} % of what leaves", it / 10, it % 10));
    let (whole, part) = (view.fee_rate_milli / 1_000, view.fee_rate_milli % 1_000);
    text.push_str(&format!(
        "  fee {} ({whole}.{part:03} sat/vB{share}), {} come back to the vault\n",
        view.fee, view.change
    ));
    for coin in &view.coins {
        text.push_str(&format!("  spends {} ({})\n", coin.outpoint, coin.amount));
    }
    if let (true, Some(at)) = (view.holds, view.expires_ms) {
        text.push_str(&format!("  to be signed until {}\n", utc(at)));
    }
    if !view.purpose.is_empty() {
        text.push_str(&format!("  purpose: {}\n", shown(&view.purpose)));
    }
    let names = |members: &[MemberId]| members.iter().map(|member| member.short()).collect::<Vec<_>>().join(", ");
    text.push_str(&format!("  {} leave the vault, fee included. {}\n", view.leaves, view.rule));
    for GivenView { member, ms, counts } in &view.approvals {
        let counts = if *counts { "" } else { ", which does not count" };
        text.push_str(&format!("  approved by {} at {}{counts}\n", member.short(), utc(*ms)));
    }
    text.push_str(&format!("  signed by: {}\n", names(&view.signed_by)));
    for member in &view.rejected_by {
        let how = if *member == view.proposer { "taken back by its proposer" } else { "refused by" };
        text.push_str(&format!("  {how} {}\n", member.short()));
    }
    for condition in &view.conditions {
        text.push_str(&format!("  unmet: {}\n", shown(condition)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fee_rates_are_typed_as_people_do() {
        for (text, thousandths) in [("1", 1_000), ("1.5", 1_500), ("0.25", 250), ("12.345", 12_345), ("007.010", 7_010)]
        {
            assert_eq!(milli(text), Ok(thousandths), "{text}");
        }
        for text in
            ["", ".", "1.", ".5", "-1", "+1", "1,5", "1.2345", "1e3", "99999999999999999999", "18446744073709551"]
        {
            let small = milli(text).is_ok_and(|it| it > 0);
            assert!(milli(text).is_err() || (text == "18446744073709551" && small), "{text}");
        }
    }
}

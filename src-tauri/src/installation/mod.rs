//! An installation: its store and its open vaults, owned by one task. Synchronous: requests, messages and chain answers
//! go in; replies and what is due come out. Knows no socket, no thread and no clock: the time is an argument.

mod addresses;
mod coins;
mod files;
mod hosting;
mod labels;
mod ledger;
mod lists;
mod own_record;
mod payee;
mod payments;
mod policy;
mod proposing;
mod set_up;
mod sources;
mod succession;
mod watching;

pub use files::ImportFault;
pub use hosting::ToHost;

use std::collections::BTreeMap;

use conclave_domain::guard::Verdict;
use conclave_domain::vault::{Command, CommandFault, Effect};
use conclave_domain::words::{digest_words, roster_words};
use conclave_shared::request::{Reply, Request};
use conclave_shared::{EventId, MemberId, VaultId};

use crate::app_record::AppRecord;
use crate::failure::InstallationError;
use crate::open_vault::{OpenVault, Outgoing};
use crate::projection;
use crate::relay::embedded::Access;
use crate::relay::withholding::Judged;
use crate::store::Store;
use watching::Watching;

/// One installation.
pub struct Installation {
    store: Store,
    vaults: BTreeMap<VaultId, OpenVault>,
    watching: Watching,
    /// Vaults whose record or wallet cannot be read, with the reason: they do not keep the others from opening.
    unopened: BTreeMap<VaultId, String>,
    /// The installation's own chain.
    own: AppRecord,
    /// Whether it was opened by its passphrase and not closed since.
    unlocked: bool,
    failed: bool,
}

impl Installation {
    /// Opens all vaults of a store. Nothing is put on record: see [`Installation::unlock`].
    pub fn open(store: Store) -> Result<Self, InstallationError> {
        let (mut vaults, mut unopened) = (BTreeMap::new(), BTreeMap::new());
        for record in store.vaults()? {
            let vault = record.vault;
            match OpenVault::load(&store, record) {
                Ok(open) => drop(vaults.insert(vault, open)),
                Err(error @ InstallationError::Store(_)) => return Err(error),
                Err(error) => drop(unopened.insert(vault, error.to_string())),
            }
        }
        let (watching, unreadable) = Watching::open(&store)?;
        unopened.extend(unreadable);
        let own = AppRecord::load(&store)?;
        Ok(Self { store, vaults, watching, unopened, own, unlocked: false, failed: false })
    }

    /// The vaults that are open.
    pub fn vaults(&self) -> impl Iterator<Item = &OpenVault> {
        self.vaults.values()
    }

    /// One vault.
    pub fn vault(&self, vault: VaultId) -> Result<&OpenVault, InstallationError> {
        self.vaults.get(&vault).ok_or_else(|| self.not_open(vault))
    }

    fn not_open(&self, vault: VaultId) -> InstallationError {
        match self.unopened.get(&vault) {
            Some(reason) => InstallationError::Unopened { vault, reason: reason.clone() },
            None => InstallationError::UnknownVault { vault },
        }
    }

    fn vault_mut(&mut self, vault: VaultId) -> Result<(&mut OpenVault, &mut Store), InstallationError> {
        if !self.vaults.contains_key(&vault) {
            return Err(self.not_open(vault));
        }
        let open = self.vaults.get_mut(&vault).ok_or(InstallationError::UnknownVault { vault })?;
        Ok((open, &mut self.store))
    }

    /// Does what a face asks. After a reply that says that the database failed, `failed` is true.
    pub fn ask(&mut self, request: Request, now_ms: u64) -> Reply {
        self.answer(request, now_ms).unwrap_or_else(|error| {
            self.failed |= matches!(error, InstallationError::Store(_));
            Reply::Failed(error.failure())
        })
    }

    /// Whether the database has failed: what memory holds may be more than the disk has, so nothing may leave any more.
    pub fn failed(&self) -> bool {
        self.failed
    }

    fn answer(&mut self, request: Request, now_ms: u64) -> Result<Reply, InstallationError> {
        self.wake_for(&request)?;
        Ok(match request {
            Request::CreateVault(it) => self.create_vault(it, now_ms)?,
            Request::JoinVault(it) => self.join_vault(it, now_ms)?,
            Request::HostRelay(it) => self.host_relay(it, now_ms)?,
            Request::ListVaults => Reply::Vaults {
                vaults: self.vaults.values().map(|open| projection::vault(open, now_ms)).collect(),
                unopened: self.unopened.iter().map(|(vault, reason)| projection::unopened(*vault, reason)).collect(),
                watched: self.watching.views(),
            },
            Request::ShowVault(it) => Reply::Vault(Box::new(projection::vault(self.vault(it.vault)?, now_ms))),
            Request::RosterWords(it) => {
                let open = self.vault(it.vault)?;
                let cfg = open.vault.newest_configuration().ok_or(InstallationError::NoConfiguration)?.cfg;
                Reply::Words { words: roster_words(cfg).into_iter().map(str::to_owned).collect() }
            }
            Request::Ratify(it) => {
                self.set_up_by_todays_rules(it.vault)?;
                self.command(it.vault, Command::Ratify { words: &it.words }, now_ms)?;
                Reply::Done
            }
            Request::IssueAddress(it) => {
                let index = self.vault(it.vault)?.vault.next_address();
                self.command(it.vault, Command::IssueAddress, now_ms)?;
                let active = self.vault(it.vault)?.vault.active().ok_or(InstallationError::NoConfiguration)?;
                let address = active.descriptor.address(index, active.configuration.network);
                let address = address.ok_or(CommandFault::NoMoreAddresses)?.to_string();
                Reply::Address { address, index }
            }
            Request::Propose(it) => self.propose(it, now_ms)?,
            Request::Approve(it) => {
                self.not_sent(it, now_ms)?;
                let evidence = self.evidence(it, now_ms)?;
                self.command(it.vault, Command::Approve { proposal: it.proposal, evidence: &evidence }, now_ms)?;
                self.show_proposal(it, now_ms)?
            }
            Request::Reject(it) => {
                self.not_sent(it, now_ms)?;
                self.command(it.vault, Command::Reject { proposal: it.proposal }, now_ms)?;
                self.show_proposal(it, now_ms)?
            }
            Request::Withdraw(it) => {
                self.not_sent(it, now_ms)?;
                self.command(it.vault, Command::Withdraw { proposal: it.proposal }, now_ms)?;
                self.show_proposal(it, now_ms)?
            }
            Request::Sign(it) => {
                self.sign(it, now_ms)?;
                self.show_proposal(it, now_ms)?
            }
            Request::SignWith(it) => {
                let on = self.sign_with(it, now_ms)?;
                self.show_proposal(on, now_ms)?
            }
            Request::BumpPayment(it) => self.bump_payment(it, now_ms)?,
            Request::CancelPayment(it) => self.cancel_payment(it, now_ms)?,
            Request::SpeedUp(it) => self.speed_up(&it, now_ms)?,
            Request::ListCoins(it) => self.list_coins(&it, now_ms)?,
            Request::FreezeCoin(it) => self.freeze_coin(&it, true)?,
            Request::UnfreezeCoin(it) => self.freeze_coin(&it, false)?,
            Request::DigestWords(it) => {
                let digest = self.proposal(it)?.checked.digest;
                Reply::Words { words: digest_words(digest).into_iter().map(str::to_owned).collect() }
            }
            Request::ListTransactions(it) => self.list_transactions(&it, now_ms)?,
            // The loop asks the chain source at once and answers when it has; without a loop there is nobody to ask.
            Request::SyncChain(it) => {
                self.ledger(it.vault)?;
                Reply::Done
            }
            Request::EstimateFees(it) => self.estimate_fees(it.vault)?,
            Request::SetChainSource(it) => self.set_chain_source(&it)?,
            Request::ListAddresses(it) => self.list_addresses(&it)?,
            Request::ShowHistory(it) => self.show_history(&it)?,
            Request::ExportTransactions(it) => self.export_transactions(it.vault, now_ms)?,
            Request::SetLabel(it) => self.set_label(&it)?,
            Request::ExportLabels(it) => self.export_labels(it.vault)?,
            Request::ImportLabels(it) => self.import_labels(&it)?,
            Request::CheckDescriptor(it) => self.check_descriptor(&it.descriptor)?,
            Request::WatchDescriptor(it) => self.watch_descriptor(it, now_ms)?,
            Request::ForgetWatched(it) => self.forget_watched(it.vault)?,
            Request::ShowRefused(it) => {
                let rows = self.store.refused(it.vault)?;
                let void = projection::void(&self.vault(it.vault)?.vault);
                Reply::Refused { void, refused: rows.into_iter().map(projection::refused).collect() }
            }
            Request::ShowRecord(it) => Reply::Entries { entries: self.record_entries(&it)? },
            Request::ExportRecord(it) => self.export_lines(it.vault, now_ms)?,
            Request::ExportTable(it) => self.export_table(it.vault, now_ms)?,
            Request::VerifyRecord(it) => self.verify_record(it.vault)?,
            Request::ShowAppRecord => self.show_own_chain()?,
            Request::VerifyAppRecord => self.verify_own_chain()?,
            Request::Invite(it) => self.invite(it, now_ms)?,
            Request::ProposeChange(it) => self.propose_change(it, now_ms)?,
            Request::ListChanges(it) => self.show_changes(it.vault)?,
            Request::ChangeWords(it) => self.change_words(it)?,
            Request::VoteChange(it) => self.vote_change(it, now_ms)?,
            Request::ReleaseVote(it) => {
                self.command(it.vault, Command::ReleaseVote { cfg: it.cfg }, now_ms)?;
                self.show_changes(it.vault)?
            }
            Request::BackupWords(it) => self.backup_words(it.vault)?,
            Request::ShowPolicy(it) => self.show_policy(it.vault)?,
            Request::Freeze(it) => self.freeze(it, now_ms)?,
            Request::ReleaseFreeze(it) => self.release_freeze(it, now_ms)?,
            Request::PreviewPayment(it) => self.preview(it, now_ms)?,
            Request::CheckAddress(it) => self.check_address(&it)?,
            Request::SelfTest(it) => self.self_test(it.vault, now_ms)?,
            Request::ExportPsbt(it) => self.export_psbt(it, now_ms)?,
            Request::ImportPsbt(it) => self.import_psbt(&it, now_ms)?,
            Request::ShowPaymentRecord(it) => Reply::Entries { entries: self.payment_entries(it)? },
        })
    }

    /// Decides, commits and applies a command.
    pub fn command(
        &mut self,
        vault: VaultId,
        command: Command<'_>,
        now_ms: u64,
    ) -> Result<Vec<EventId>, InstallationError> {
        let (open, store) = self.vault_mut(vault)?;
        match open.vault.decide(command)? {
            Verdict::Allowed(actions) => open.commit_own(store, actions, now_ms),
            Verdict::Blocked(unmet) => Err(InstallationError::Blocked { unmet }),
        }
    }

    /// Takes a message that a transport delivered.
    pub fn receive(
        &mut self,
        vault: VaultId,
        from: MemberId,
        content: &str,
        now_ms: u64,
    ) -> Result<(), InstallationError> {
        let (open, store) = self.vault_mut(vault)?;
        let taken = open.receive(store, from, content, now_ms);
        if taken.is_err() {
            // What could not be committed must not be held either: memory goes back to what the disk has.
            let record = open.record.clone();
            self.vaults.insert(vault, OpenVault::load(&self.store, record)?);
        }
        taken
    }

    /// What is due for other members, in all vaults.
    pub fn due(&mut self, now_ms: u64) -> Result<Vec<Outgoing>, InstallationError> {
        let mut due = Vec::new();
        for open in self.vaults.values_mut() {
            due.append(&mut open.due(&mut self.store, now_ms)?);
        }
        Ok(due)
    }

    /// A message could not be handed to any relay: it comes again.
    pub fn delivery_failed(&mut self, outgoing: &Outgoing, now_ms: u64) {
        if let Some(open) = self.vaults.get_mut(&outgoing.vault) {
            open.failed(outgoing.to, &outgoing.message, now_ms);
        }
    }

    /// What the world must do at a time in ms since 1970.
    pub fn pending_effects(&self, now_ms: u64) -> Vec<(VaultId, Effect)> {
        self.vaults
            .iter()
            // By a first page alone nothing is done.
            .filter(|(_, open)| !open.reads_only() && !open.is_asleep())
            .flat_map(|(id, open)| {
                open.vault.pending_effects(&open.facts(now_ms)).into_iter().map(|effect| (*id, effect))
            })
            .collect()
    }

    /// Notes what is wrong with a vault's relays, for its view; none where all is well again.
    pub fn note_relay_trouble(&mut self, vault: VaultId, trouble: Option<String>) {
        if let Some(open) = self.vaults.get_mut(&vault) {
            open.relay_trouble = trouble;
        }
    }

    /// Notes which relays showed messages of a vault, and which did not.
    pub fn note_relays(&mut self, vault: VaultId, judged: Vec<Judged>) {
        if let Some(open) = self.vaults.get_mut(&vault) {
            open.note_relays(judged);
        }
    }

    /// Whom a relay of this installation serves: the members of its vaults. While an invitation of one of them can still
    /// be used, everyone: who joins is a stranger until then.
    pub fn served(&self, now_ms: u64) -> Access {
        if self.vaults.values().any(|open| open.invites(now_ms)) {
            return Access::Anyone;
        }
        let members = self.vaults.values().flat_map(|open| open.others().into_iter().chain([open.vault.me()]));
        Access::Members(members.map(|member| nostr::PublicKey::from_byte_array(member.0)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use conclave_shared::Finding;
    use conclave_shared::request::{CreateVault, JoinVault};

    use super::*;
    use crate::store::{Batch, EventRow};

    fn create() -> Request {
        Request::CreateVault(CreateVault {
            name: "Club".to_owned(),
            member: "Ana".to_owned(),
            template: None,
            place: None,
            approvers: 0,
            threshold: 1,
            keyholders: 1,
            auditors: 0,
            own_relay: false,
            relays: vec!["ws://127.0.0.1:9".to_owned()],
            chain: "tcp://127.0.0.1:9".to_owned(),
            invitation_seconds: 60,
            policy: None,
            script: None,
            recovery: None,
        })
    }

    /// An organiser's installation, and one that has joined its vault and heard of nothing yet.
    fn two_members() -> (Installation, Installation, VaultId) {
        let mut organiser = Installation::open(Store::in_memory().unwrap()).unwrap();
        let mut request = create();
        if let Request::CreateVault(it) = &mut request {
            it.keyholders = 2;
        }
        let Reply::Created { vault, keyholder_invitations, .. } = organiser.ask(request, 1_000) else { panic!() };
        let mut joiner = Installation::open(Store::in_memory().unwrap()).unwrap();
        let join = Request::JoinVault(JoinVault {
            invitation: keyholder_invitations[0].clone(),
            member: "Ben".to_owned(),
            chain: "tcp://127.0.0.1:9".to_owned(),
            seed_words: None,
            own_network: false,
        });
        assert!(matches!(joiner.ask(join, 2_000), Reply::Joined { .. }));
        (organiser, joiner, vault)
    }

    #[test]
    fn who_joins_agrees_to_a_relay_on_the_own_network_and_nobody_reaches_strangers_in_the_clear() {
        let mut organiser = Installation::open(Store::in_memory().unwrap()).unwrap();
        let mut joiner = Installation::open(Store::in_memory().unwrap()).unwrap();
        let with = |relay: &str| match create() {
            Request::CreateVault(it) => {
                Request::CreateVault(CreateVault { keyholders: 2, relays: vec![relay.to_owned()], ..it })
            }
            _ => panic!("not a creation"),
        };
        let Reply::Failed(failure) = organiser.ask(with("ws://relay.example:80"), 1_000) else { panic!("reached") };
        assert_eq!(failure.code, "address-plain");
        let created = organiser.ask(with("ws://192.168.1.4:7777"), 1_000);
        let Reply::Created { keyholder_invitations, .. } = created else { panic!("{created:?}") };
        assert!(!organiser.needs_tor());
        let mut join = JoinVault {
            invitation: keyholder_invitations[0].clone(),
            member: "Ben".to_owned(),
            chain: "ssl://electrum.example:50002".to_owned(),
            seed_words: None,
            own_network: false,
        };
        let Reply::Failed(failure) = joiner.ask(Request::JoinVault(join.clone()), 2_000) else { panic!("joined") };
        assert_eq!(failure.code, "field-own-network");
        assert_eq!(joiner.vaults().count(), 0);
        join.own_network = true;
        assert!(matches!(joiner.ask(Request::JoinVault(join), 2_000), Reply::Joined { .. }));
        assert!(joiner.needs_tor(), "its chain source is reached through Tor");
    }

    #[test]
    fn a_relay_serves_everyone_while_an_invitation_is_good_and_then_the_members_alone() {
        let empty = Installation::open(Store::in_memory().unwrap()).unwrap();
        assert_eq!(empty.served(1_000), Access::Members(BTreeSet::new()));
        let (organiser, joiner, vault) = two_members();
        assert_eq!(organiser.served(61_000), Access::Anyone);
        let me = nostr::PublicKey::from_byte_array(organiser.vault(vault).unwrap().vault.me().0);
        assert_eq!(organiser.served(61_001), Access::Members(BTreeSet::from([me])));
        assert_eq!(joiner.served(61_001), Access::Anyone, "it does not know what the organiser made");
    }

    #[test]
    fn a_relay_that_keeps_members_messages_back_is_named_in_the_view() {
        let (organiser, mut joiner, vault) = two_members();
        let ana = organiser.vault(vault).unwrap().vault.me();
        let judged = |from| Judged { relay: "ws://127.0.0.1:9".to_owned(), from, kept_back: true };
        joiner.note_relays(vault, vec![judged(MemberId([9; 32])); 5]);
        assert_eq!(joiner.vault(vault).unwrap().findings(), [], "a stranger's messages prove nothing");
        joiner.note_relays(vault, vec![judged(ana); 3]);
        let show = Request::ShowVault(conclave_shared::request::OnVault { vault });
        let Reply::Vault(view) = joiner.ask(show, 3_000) else { panic!() };
        let [finding] = &view.findings[..] else { panic!("{:?}", view.findings) };
        assert_eq!((finding.finding, finding.relay.as_deref()), (Finding::RelayWithholds, Some("ws://127.0.0.1:9")));
        assert_eq!(finding.detail, "kept back 3 of the last 3 messages that another relay delivered");
    }

    #[test]
    fn a_damaged_vault_does_not_keep_the_others_from_opening() {
        let mut installation = Installation::open(Store::in_memory().unwrap()).unwrap();
        for _ in 0..2 {
            assert!(matches!(installation.ask(create(), 1_000), Reply::Created { .. }));
        }
        let Installation { mut store, vaults, .. } = installation;
        let damaged = *vaults.keys().next().unwrap();
        let row =
            EventRow { id: EventId([1; 32]), author: MemberId([1; 32]), n: 9, json: "{}".to_owned(), received_ms: 0 };
        store.commit(damaged, &Batch { events: vec![row], ..Batch::default() }).unwrap();
        let mut installation = Installation::open(store).unwrap();
        let Reply::Vaults { vaults, unopened, .. } = installation.ask(Request::ListVaults, 2_000) else { panic!() };
        assert_eq!((vaults.len(), unopened.len()), (1, 1));
        assert_eq!(unopened[0].vault, damaged);
        let show = Request::ShowVault(conclave_shared::request::OnVault { vault: damaged });
        let Reply::Failed(failure) = installation.ask(show, 2_000) else { panic!() };
        assert_eq!(failure.kind, conclave_shared::request::FailureKind::Machine);
        assert!(failure.message.contains("cannot be opened"), "{}", failure.message);
        // What keeps it from opening is found in its record, and the other's has no fault.
        let verify = |vault| Request::VerifyRecord(conclave_shared::request::OnVault { vault });
        let Reply::Faulty(fault) = installation.ask(verify(damaged), 2_000) else { panic!() };
        assert_eq!((fault.line, fault.fault.as_str(), fault.vault), (3, "line-malformed", Some(damaged)));
        let Reply::Verified(whole) = installation.ask(verify(vaults[0].vault), 2_000) else { panic!() };
        assert_eq!((whole.events, whole.state_digest), (vaults[0].events, vaults[0].state_digest));
        assert_eq!(installation.all_vaults().len(), 2);
    }
}

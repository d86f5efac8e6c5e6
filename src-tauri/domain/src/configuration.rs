//! A vault's configuration: who the members are, with which keys and rules. What ratification is about.

use bitcoin::Network;
use conclave_shared::{Cfg, EventId, MemberId, Recovery, Role, ScriptKind, VaultId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::descriptor::{
    AccountKey, DescriptorFault, KEYS_LIMIT, KeyFault, RecoveryQuorum, SpendingPath, VaultDescriptor, descriptor,
};
use crate::hash::tagged;
use crate::policy::{CheckedPolicy, Members, Policy, PolicyFault};

/// The newest rules that this program knows.
pub const RULES: u32 = 1;
/// The first rules that have tiers, lists and releases.
pub const RULES_OF_POLICIES: u32 = 1;
/// Most members of one vault.
pub const MEMBERS_LIMIT: usize = 50;
/// Longest name of a vault or member, in characters.
pub const NAME_LIMIT: usize = 64;
/// Most relays of one vault.
pub const RELAYS_LIMIT: usize = 8;
/// Longest relay address, in bytes.
const RELAY_LIMIT: usize = 256;

/// One member in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Identity key in this vault.
    pub identity: MemberId,
    /// The name that the member chose.
    pub name: String,
    /// What the member may do.
    pub roles: Vec<Role>,
    /// `[fingerprint/path]xpub`, for a keyholder.
    pub key: Option<String>,
}

impl Member {
    /// Whether the member has a role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the member may consent to payments.
    pub fn may_approve(&self) -> bool {
        self.is(Role::Keyholder) || self.is(Role::Approver)
    }
}

/// What the members ratify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Which vault.
    pub vault: VaultId,
    /// The configuration that it follows; for the first the id of `created`, so that the roster words cover that too.
    pub parent: Cfg,
    /// Which try for this parent, from 0.
    pub round: u32,
    /// Bitcoin network.
    pub network: Network,
    /// Signatures that a payment needs.
    pub threshold: u32,
    /// All members, by identity.
    pub members: Vec<Member>,
    /// The descriptor with its checksum.
    pub descriptor: String,
    /// The rules.
    pub policy: Policy,
    /// Where the members' messages pass.
    pub relays: Vec<String>,
    /// Version of the rules.
    pub rules: u32,
    /// Keyholders who are members no more, while coins still lie at addresses that their keys can sign for. The
    /// descriptor names their keys until the coins have moved to another vault. None in the first configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<Former>,
    /// Where the record of those ends who leave with this configuration. None in the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// The kind of the vault's addresses. From rules 1.
    #[serde(default, skip_serializing_if = "ScriptKind::is_default")]
    pub script: ScriptKind,
    /// Who may spend coins that have lain still. From rules 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
}

/// A keyholder who left: the key can sign as before, the person can do nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Former {
    /// Identity key in this vault.
    pub identity: MemberId,
    /// The name that the member had.
    pub name: String,
    /// `[fingerprint/path]xpub`.
    pub key: String,
}

/// The last event of a leaving member that the others accept without asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// Who leaves.
    pub identity: MemberId,
    /// Their last accepted event.
    pub last: EventId,
}

/// Why a configuration cannot be lived by. The field at fault is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationFault {
    /// Not the JSON of a configuration.
    #[error("configuration is malformed: {reason}")]
    Malformed {
        /// What the parser said.
        reason: String,
    },
    /// Made for newer rules.
    #[error("rules version {found} is newer than {RULES}: update the program")]
    Rules {
        /// The version found.
        found: u32,
    },
    /// A network other than regtest.
    #[error("network {found} is not accepted: this program is for regtest only")]
    Network {
        /// The network found.
        found: Network,
    },
    /// It is of another vault, or follows another configuration.
    #[error("field {field} does not belong to this vault")]
    Foreign {
        /// The field.
        field: &'static str,
    },
    /// Too many members, one twice, or not sorted by identity; the same for former members and cuts.
    #[error("members must be 1 to {MEMBERS_LIMIT}, each once, sorted by identity; former members and cuts too")]
    Members,
    /// A name is empty, too long, or holds control characters.
    #[error("field {field} must have 1 to {NAME_LIMIT} characters and no control characters")]
    Name {
        /// The field.
        field: &'static str,
    },
    /// No relay, too many, or one too long.
    #[error("relays must be 1 to {RELAYS_LIMIT} addresses of at most {RELAY_LIMIT} bytes")]
    Relays,
    /// A keyholder without a key, or a key without the role.
    #[error("member {member}: exactly the keyholders have a key")]
    KeyRole {
        /// Whose.
        member: MemberId,
    },
    /// A key that cannot be used.
    #[error("member {member}: {fault}")]
    Key {
        /// Whose.
        member: MemberId,
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// One key for two members: the quorum would be weaker than it looks.
    #[error("members {first} and {second} have the same key (key-duplicated)")]
    SameKey {
        /// One member.
        first: MemberId,
        /// The other.
        second: MemberId,
    },
    /// A recovery key that cannot be used.
    #[error("recovery key {place}: {fault}")]
    RecoveryKey {
        /// Its place in the list, from 1.
        place: usize,
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// A recovery key that is a member's, or stands there twice.
    #[error("recovery key {place} is a member's key, or is named twice: a recovery's own keys are held apart")]
    RecoveryKeyDoubled {
        /// Its place in the list, from 1.
        place: usize,
    },
    /// Keys and threshold make no descriptor.
    #[error(transparent)]
    Descriptor(#[from] DescriptorFault),
    /// The descriptor is not the one that members' keys and threshold make.
    #[error("descriptor is not made of the members' keys and threshold")]
    DescriptorDiffers,
    /// A policy that these members cannot live by.
    #[error(transparent)]
    Policy(#[from] PolicyFault),
}

/// Characters that could rewrite what stands around them: controls (a terminal obeys them) and direction overrides (one
/// text would pass for another).
pub fn odd_character(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name that fits a screen: not empty, bounded, without control or direction-changing characters.
pub fn check_name(name: &str, field: &'static str) -> Result<(), ConfigurationFault> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > NAME_LIMIT || name.chars().any(odd_character) {
        return Err(ConfigurationFault::Name { field });
    }
    Ok(())
}

/// Relays as a configuration may name them.
pub fn check_relays(relays: &[String]) -> Result<(), ConfigurationFault> {
    if relays.is_empty() || relays.len() > RELAYS_LIMIT || relays.iter().any(|relay| relay.len() > RELAY_LIMIT) {
        return Err(ConfigurationFault::Relays);
    }
    Ok(())
}

/// Reads a key under the rules of a version: version 0 knew no key without origin.
pub fn parse_key(text: &str, script: ScriptKind, network: Network, rules: u32) -> Result<AccountKey, KeyFault> {
    let key = AccountKey::parse(text, script, network)?;
    if rules == 0 && !key.has_origin() {
        return Err(KeyFault::Malformed { reason: "the origin in brackets is missing".to_owned() });
    }
    Ok(key)
}

impl Configuration {
    /// The configuration as JSON: these bytes are proposed, carried and hashed.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a configuration has string keys and no failing serialisers")
    }

    /// The keys of the keyholders, in order of the members, then those of former keyholders.
    fn keys(&self) -> Result<Vec<(MemberId, AccountKey)>, ConfigurationFault> {
        let mut keys: Vec<(MemberId, AccountKey)> = Vec::new();
        let members = self.members.iter().filter_map(|member| Some((member.identity, member.key.as_ref()?)));
        for (member, text) in members.chain(self.former.iter().map(|former| (former.identity, &former.key))) {
            let key = parse_key(text, self.script, self.network, self.rules)
                .map_err(|fault| ConfigurationFault::Key { member, fault })?;
            if let Some((first, _)) = keys.iter().find(|(_, other)| other.same_key(&key)) {
                return Err(ConfigurationFault::SameKey { first: *first, second: member });
            }
            keys.push((member, key));
        }
        Ok(keys)
    }

    /// The descriptor that the members' keys and the threshold make, the keys in the members' order: the first
    /// configuration's. Later ones keep its text.
    pub fn make_descriptor(&self) -> Result<String, ConfigurationFault> {
        let keys: Vec<AccountKey> = self.keys()?.into_iter().map(|(_, key)| key).collect();
        let recovery = recovery_quorum(self.recovery.as_ref(), self.script, self.network, &keys)?;
        Ok(descriptor(self.script, self.threshold, &keys, recovery.as_ref(), self.network)?)
    }

    /// Whether the descriptor is made of exactly the keys and the threshold, in whatever order.
    fn descriptor_fits(
        &self,
        keys: &[(MemberId, AccountKey)],
        recovery: Option<&RecoveryQuorum>,
    ) -> Result<bool, ConfigurationFault> {
        let mut placed: Vec<(Option<usize>, &AccountKey)> =
            keys.iter().map(|(_, key)| (self.descriptor.find(&key.xpub.to_string()), key)).collect();
        placed.sort_by_key(|(place, _)| *place);
        let keys: Vec<AccountKey> = placed.into_iter().map(|(_, key)| key.clone()).collect();
        Ok(descriptor(self.script, self.threshold, &keys, recovery, self.network)? == self.descriptor)
    }
}

/// Reads a recovery's own keys: of the vault's kind of account, each once, and none of `members`.
pub fn recovery_quorum(
    recovery: Option<&Recovery>,
    script: ScriptKind,
    network: Network,
    members: &[AccountKey],
) -> Result<Option<RecoveryQuorum>, ConfigurationFault> {
    let Some(recovery) = recovery else { return Ok(None) };
    let mut keys: Vec<AccountKey> = Vec::new();
    // More are refused where the descriptor is made; none is read for it.
    for (text, place) in recovery.keys.iter().zip(1..).take(KEYS_LIMIT + 1) {
        let key = AccountKey::parse(text, script, network)
            .map_err(|fault| ConfigurationFault::RecoveryKey { place, fault })?;
        if members.iter().chain(&keys).any(|other| other.same_key(&key)) {
            return Err(ConfigurationFault::RecoveryKeyDoubled { place });
        }
        keys.push(key);
    }
    let Recovery { after_blocks, threshold, .. } = *recovery;
    Ok(Some(RecoveryQuorum { after_blocks, threshold, keys }))
}

/// Fields that came with rules 1 do not stand under rules 0: an older program would not read them.
pub fn check_script_rules(
    rules: u32,
    script: ScriptKind,
    recovery: Option<&Recovery>,
) -> Result<(), ConfigurationFault> {
    let field = if !script.is_default() {
        "script"
    } else if recovery.is_some() {
        "recovery"
    } else {
        return Ok(());
    };
    if rules == 0 {
        return Err(ConfigurationFault::Malformed { reason: format!("field {field} needs rules 1") });
    }
    Ok(())
}

/// A configuration that was read from its bytes and checked by itself: all that can be said without the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedConfiguration {
    /// Tagged SHA-256 of the bytes as carried.
    pub cfg: Cfg,
    /// What they say.
    pub configuration: Configuration,
    /// The descriptor, read.
    pub descriptor: VaultDescriptor,
    /// Each keyholder's key, former keyholders' last.
    pub keys: Vec<(MemberId, AccountKey)>,
    /// The recovery, if there is one, its keys read.
    pub recovery: Option<RecoveryQuorum>,
    /// The policy, read.
    pub policy: CheckedPolicy,
}

/// The form of a configuration of rules version 0: what came later is no part of it, not even as an empty field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read counts")]
struct FormOfRules0 {
    vault: IgnoredAny,
    parent: IgnoredAny,
    round: IgnoredAny,
    network: IgnoredAny,
    threshold: IgnoredAny,
    members: IgnoredAny,
    descriptor: IgnoredAny,
    policy: PolicyOfRules0,
    relays: IgnoredAny,
    rules: IgnoredAny,
    #[serde(default)]
    former: IgnoredAny,
    #[serde(default)]
    cuts: IgnoredAny,
}

/// The same of its policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read counts")]
struct PolicyOfRules0 {
    approvals: IgnoredAny,
}

impl CheckedConfiguration {
    /// Reads a configuration from its bytes as carried. Whether it may follow its parent is judged by `succession`.
    pub fn parse(json: &str, vault: VaultId) -> Result<Self, ConfigurationFault> {
        let malformed = |error: serde_json::Error| ConfigurationFault::Malformed { reason: error.to_string() };
        let configuration: Configuration = serde_json::from_str(json).map_err(malformed)?;
        let it = &configuration;
        if it.rules > RULES {
            return Err(ConfigurationFault::Rules { found: it.rules });
        }
        if it.network != Network::Regtest {
            return Err(ConfigurationFault::Network { found: it.network });
        }
        if it.vault != vault {
            return Err(ConfigurationFault::Foreign { field: "vault" });
        }
        check_relays(&it.relays)?;
        let identities: Vec<MemberId> = it.members.iter().map(|member| member.identity).collect();
        let former: Vec<MemberId> = it.former.iter().map(|former| former.identity).collect();
        let leaving: Vec<MemberId> = it.cuts.iter().map(|cut| cut.identity).collect();
        let apart = |others: &[MemberId]| others.iter().all(|other| !identities.contains(other));
        if identities.is_empty()
            || ![&identities, &former, &leaving].into_iter().all(|members| sorted(members))
            || !apart(&former)
            || !apart(&leaving)
        {
            return Err(ConfigurationFault::Members);
        }
        for member in &it.members {
            check_name(&member.name, "member.name")?;
            if member.is(Role::Keyholder) != member.key.is_some() {
                return Err(ConfigurationFault::KeyRole { member: member.identity });
            }
        }
        check_script_rules(it.rules, it.script, it.recovery.as_ref())?;
        if it.rules == 0 {
            serde_json::from_str::<FormOfRules0>(json).map_err(malformed)?;
        }
        let keys = it.keys()?;
        let members: Vec<AccountKey> = keys.iter().map(|(_, key)| key.clone()).collect();
        let recovery = recovery_quorum(it.recovery.as_ref(), it.script, it.network, &members)?;
        if !it.descriptor_fits(&keys, recovery.as_ref())? {
            return Err(ConfigurationFault::DescriptorDiffers);
        }
        let roles: Vec<&[Role]> = it.members.iter().map(|member| &member.roles[..]).collect();
        let members = Members { roles: &roles, threshold: it.threshold, network: it.network };
        let policy = CheckedPolicy::new(&it.policy, members)?;
        let descriptor = VaultDescriptor::parse(&it.descriptor)?;
        let cfg = Cfg(tagged("conclave/configuration", json.as_bytes()));
        Ok(Self { cfg, descriptor, keys, recovery, policy, configuration })
    }

    /// Signatures that a payment needs on a spending path.
    pub fn signatures_needed(&self, path: SpendingPath) -> u32 {
        match (path, &self.recovery) {
            (SpendingPath::Recovery, Some(recovery)) => recovery.threshold,
            (SpendingPath::Recovery, None) | (SpendingPath::Members, _) => self.configuration.threshold,
        }
    }

    /// A member of it.
    pub fn member(&self, identity: MemberId) -> Option<&Member> {
        self.configuration.members.iter().find(|member| member.identity == identity)
    }

    /// Those who must ratify it, or vote on what follows it: every member with a key.
    pub fn keyholders(&self) -> impl Iterator<Item = MemberId> {
        self.configuration.members.iter().filter(|member| member.is(Role::Keyholder)).map(|member| member.identity)
    }

    /// The key of a keyholder, former ones included.
    pub fn key(&self, identity: MemberId) -> Option<&AccountKey> {
        self.keys.iter().find(|(member, _)| *member == identity).map(|(_, key)| key)
    }
}

/// At most [`MEMBERS_LIMIT`], each once and in order.
fn sorted(members: &[MemberId]) -> bool {
    members.len() <= MEMBERS_LIMIT && members.is_sorted_by(|first, second| first < second)
}

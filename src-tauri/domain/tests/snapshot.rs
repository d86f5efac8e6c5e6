//! Snapshots of vaults with many stories: as good as the events that they stand for, and whatever bytes they are read
//! from, an error or a vault that can be asked everything.

mod support;

use std::sync::LazyLock;

use conclave_domain::action::{Action, Rejected};
use conclave_domain::event::Event;
use conclave_domain::hash::tagged;
use conclave_domain::vault::{Act, ChainFacts, Vault};
use conclave_shared::{EventId, Unmet};
use proptest::prelude::*;

/// A payment, and stories of Ben beyond those that are taken: Cleo builds on the last. Then what she writes next.
static STORY: LazyLock<(Vault, Vec<Event>, Event)> = LazyLock::new(|| {
    let (mut people, mut said, id, _) = support::paid();
    let story = |ben: &support::Person, salt: u8| {
        let action = Action::Rejected(Rejected { proposal: EventId([salt; 32]) });
        let draft = ben.vault.draft(action, ben.clock_ms);
        Event::from_signed(draft.unsigned().unwrap().sign_with_keys(&ben.keys).unwrap()).unwrap()
    };
    let mut stories: Vec<Event> = (0..7).map(|salt| story(&people[1], salt)).collect();
    let last = stories.pop().unwrap();
    people[2].vault.receive(last.clone()).unwrap();
    let built = people[2].write(Action::Rejected(Rejected { proposal: id }));
    let next = people[2].write(Action::Rejected(Rejected { proposal: EventId([9; 32]) }));
    let taken = [stories[..5].to_vec(), vec![built, last]].concat();
    let vault = &mut people[0].vault;
    for event in &taken {
        vault.receive(event.clone()).unwrap();
    }
    assert!(vault.receive(stories[5].clone()).is_err(), "a sixth story that nobody builds on");
    // In the order of admission: the last story before what builds on it.
    said.extend([stories[..5].to_vec(), vec![taken[6].clone(), taken[5].clone()]].concat());
    (vault.clone(), said, next)
});

fn read(bytes: &[u8]) -> Option<Vault> {
    let vault = &STORY.0;
    Vault::from_snapshot(vault.id(), vault.created(), vault.me(), bytes).ok()
}

/// Asks a vault everything and goes on with it.
fn live(mut vault: Vault) -> Vec<String> {
    for admitted in vault.log().in_order() {
        for branch in 0..vault.log().branches() {
            vault.log().known_of(branch, admitted.id);
            vault.log().common_of(branch);
        }
        assert!(vault.log().holds(admitted.id));
    }
    for proposal in vault.proposals() {
        for act in [Act::Approve, Act::Sign, Act::Finalise, Act::Broadcast] {
            let _: Vec<Unmet> = vault.unmet(proposal.event, act, &ChainFacts::default());
        }
        vault.proposal_status(proposal, &ChainFacts::default());
    }
    vault.pending_effects(&ChainFacts::default());
    vault.reserved_coins(&ChainFacts::at(u64::MAX)).count();
    vault.others();
    let _ = vault.receive(STORY.2.clone());
    let _ = vault.draft(Action::Rejected(Rejected { proposal: EventId([0; 32]) }), u64::MAX >> 16);
    let lines = vault.state_lines();
    vault.to_snapshot().unwrap();
    lines
}

/// The bytes with their checksum made right again.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len() - 32;
    let sum = tagged("conclave/snapshot", &bytes[..body]);
    bytes[body..].copy_from_slice(&sum);
    bytes
}

#[test]
fn a_snapshot_is_as_good_as_the_events() {
    let (vault, said, _) = &*STORY;
    let mut replayed = Vault::new(vault.id(), vault.created(), vault.me());
    for event in said {
        replayed.restore(event.clone()).unwrap();
    }
    let snapshot = read(&vault.to_snapshot().unwrap()).unwrap();
    for other in [&snapshot, &replayed] {
        assert_eq!(other.state_lines(), vault.state_lines());
        assert_eq!(other.log().heads(), vault.log().heads());
        assert_eq!(other.log().in_order(), vault.log().in_order());
        for later in said {
            for earlier in said {
                let (earlier, later) = (earlier.id, later.id);
                assert_eq!(other.log().in_past(earlier, later), vault.log().in_past(earlier, later));
            }
        }
    }
    let on = [vault.clone(), snapshot, replayed].map(live);
    assert!(on[0] == on[1] && on[0] == on[2], "they go on alike");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damaged_snapshots_are_refused_or_harm_nobody(
        at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = STORY.0.to_snapshot().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(read(&bytes).is_none(), "byte {at}");
        if let Some(cut) = cut {
            bytes.truncate(32 + cut.index(bytes.len() - 32));
        }
        prop_assert!(read(&bytes).is_none());
        if let Some(vault) = read(&summed(bytes)) {
            live(vault);
        }
    }
}

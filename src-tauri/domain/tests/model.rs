//! A reference model of the record against simulated members: real vaults and deliveries on an unreliable relay, with
//! clocks that jump, crashes, islands and one hostile member. What every honest member has come to is compared with a slow
//! and plain re-statement of the rules (`model/reference.rs`) over all events that exist.
//!
//! PROPTEST_CASES asks for more than the few stories of every day. What ever failed is in `model.proptest-regressions`.

mod model {
    pub mod hostile;
    pub mod member;
    pub mod net;
    pub mod reference;
    pub mod world;
}
mod support;

use model::hostile::Mischief;
use model::world::{FREEZES, Step, World};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// How many stories are told where PROPTEST_CASES does not say.
const CASES: u32 = 20;
/// After how many steps everything is compared.
const CHECKED_EVERY: usize = 12;

fn who() -> std::ops::Range<usize> {
    0..4
}

/// What a story says: mostly of payments and addresses, now and then of freezes.
fn what() -> impl Strategy<Value = u8> {
    prop_oneof![6 => 0..6_u8, 1 => FREEZES..30_u8]
}

fn mischief() -> impl Strategy<Value = Mischief> {
    let to = || prop_oneof![who().prop_map(|who| 1 << who), 0..16_u8];
    prop_oneof![
        8 => (0..8_u8, to(), what(), 0..6_u8, any::<bool>(), -3..3_i64).prop_map(
            |(back, to, what, which, knows, days)| Mischief::Story { back, to, what, which, knows, days }
        ),
        1 => to().prop_map(|to| Mischief::Gap { to }),
        1 => (1..12_u8, to()).prop_map(|(count, to)| Mischief::Flood { count, to }),
        1 => (to(), 0..3_u32).prop_map(|(to, ahead)| Mischief::FalseHeads { to, ahead }),
        1 => to().prop_map(|to| Mischief::Backwards { to }),
        2 => to().prop_map(|to| Mischief::Replay { to }),
        1 => to().prop_map(|from| Mischief::Withhold { from }),
    ]
}

/// `tricks`: how often the hostile member acts, against 28 other steps.
fn step(tricks: u32) -> impl Strategy<Value = Step> {
    // Few payments and addresses, so that members speak of the same.
    let act = || (who(), 0..30_u8, 0..6_u8);
    prop_oneof![
        6 => (100..9_000_u64).prop_map(|ms| Step::Pass { ms }),
        10 => act().prop_map(|(who, what, which)| Step::Act { who, what, which }),
        2 => act().prop_map(|(who, what, which)| Step::Raw { who, what, which }),
        tricks => mischief().prop_map(Step::Mischief),
        1 => (who(), -4_000..4_000_i64).prop_map(|(who, minutes)| Step::Clock { who, minutes }),
        2 => who().prop_map(|who| Step::Crash { who }),
        1 => who().prop_map(|who| Step::Snapshot { who }),
        2 => prop::array::uniform4(0..3_u8).prop_map(|of| Step::Islands { of }),
        1 => (who(), 1..60_u64).prop_map(|(who, days)| Step::Away { who, days }),
    ]
}

/// One member alone on an island hears one story, goes on from it, and hears on; the others hear others, up to more than
/// are taken. Whatever else happens meanwhile.
fn apart() -> impl Strategy<Value = Vec<Step>> {
    let told = |back: u8, to: u8, what: u8| {
        let knows = what == 0;
        Step::Mischief(Mischief::Story { back, to, what, which: what, knows, days: 0 })
    };
    let act = |who: usize, what: u8| Step::Act { who, what, which: what };
    let pieces =
        (who(), prop::collection::vec((0..6_u8, 0..6_u8, any::<bool>()), 1..5), prop::collection::vec(0..6_u8, 3..9));
    (pieces, prop::collection::vec(step(10), 0..6)).prop_map(move |((who, hers, others), more)| {
        let mut of = [0; 4];
        of[who] = 1;
        let (mut steps, length) = (vec![Step::Islands { of }], hers.len() as u8);
        for (what, next, acts) in hers {
            steps.extend([told(0, 1 << who, what), Step::Pass { ms: 5_000 }]);
            if acts {
                steps.extend([act(who, next), Step::Pass { ms: 500 }]);
            }
        }
        steps.push(act(who, 0));
        steps.extend(more);
        for (back, what) in others.into_iter().enumerate() {
            steps.extend([told(length + back as u8, 15 & !(1 << who), what), Step::Pass { ms: 300 }]);
        }
        steps.push(Step::Pass { ms: 9_000 });
        steps
    })
}

fn config() -> ProptestConfig {
    let mut config = ProptestConfig { max_shrink_iters: 600, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model.proptest-regressions");
    config.failure_persistence = Some(Box::new(FileFailurePersistence::Direct(file)));
    config
}

/// Tells a story and judges it.
fn tell(seed: u64, hostile: Option<(usize, u8)>, hidden: Option<(usize, usize)>, steps: &[Step]) {
    let mut world = World::new(seed, hostile, hidden.filter(|(from, to)| from != to));
    for (number, step) in steps.iter().enumerate() {
        world.step(step);
        if (number + 1) % CHECKED_EVERY == 0 {
            world.check();
        }
    }
    world.heal();
    world.name_what_is_hidden();
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn honest_members_come_to_what_the_rules_say(
        seed in any::<u64>(),
        hostile in prop::option::weighted(0.8, (who(), Just(0))),
        hidden in prop::option::weighted(0.3, (who(), who())),
        steps in prop::collection::vec(step(6), 1..90),
    ) {
        tell(seed, hostile, hidden, &steps);
    }

    #[test]
    fn a_member_who_tells_many_stories_keeps_no_other_out(
        seed in any::<u64>(),
        hostile in (who(), prop_oneof![Just(15_u8), 0..16_u8]),
        hidden in prop::option::weighted(0.2, (who(), who())),
        beginning in apart(),
        steps in prop::collection::vec(step(20), 0..50),
    ) {
        tell(seed, Some(hostile), hidden, &[beginning, steps].concat());
    }
}

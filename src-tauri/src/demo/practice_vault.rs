//! PLACEHOLDER for looking at the page; the real practice vault replaces this file.

use std::sync::Mutex;
use std::time::Duration;

use conclave_shared::practice::*;
use conclave_shared::view::*;
use conclave_shared::*;

const STEPS: [(&str, &str, &[&str]); 9] = [
    (
        "Four members come together",
        "Everyone runs an installation of their own: no server holds the vault.",
        &["Ana makes the vault Garden Fund and three invitations", "Ben, Cyn and Dan join through the relay"],
    ),
    (
        "The keyholders compare twelve words and ratify",
        "If anyone on the way had swapped a key, the words would differ.",
        &["Ana, Ben and Cyn read out: north ivory kite", "the configuration is ratified by 3 of 3 keyholders"],
    ),
    (
        "A deposit arrives on the practice chain",
        "Each member derives the address from the ratified descriptor, nobody takes it on trust.",
        &["0.500 000 00 BTC to bcrt1q… in block 102"],
    ),
    (
        "Ana proposes a payment",
        "A proposal holds no signature: it is only a wish, with its purpose.",
        &["0.250 000 00 BTC for new beehives", "the change is proven to come back to this vault"],
    ),
    (
        "Ben and Cyn approve",
        "They consent to one exact transaction, by their identity keys.",
        &["Ben approves after comparing six words", "Cyn approves"],
    ),
    ("Ana signs", "A signature of a bitcoin key; the guard checks everything first.", &["no danger found"]),
    ("Ben signs, after his machine was off", "What he missed he gets from the others.", &["Ben is back"]),
    ("The payment is sent", "Any member can send it: nobody can hold it back alone.", &["sent by Cyn"]),
    ("A block confirms it", "Each member sees it on the chain for themselves.", &["block 103"]),
];

/// The practice vault.
pub struct PracticeVault {
    done: Mutex<(usize, bool)>,
    changed: Box<dyn Fn() + Send + Sync>,
}

impl PracticeVault {
    /// Nothing runs yet.
    pub fn new(changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self { done: Mutex::new((0, false)), changed: Box::new(changed) }
    }

    /// As it stands.
    pub async fn view(&self) -> PracticeView {
        let (done, running) = self.done.lock().map_or((0, false), |it| *it);
        let status = |at| match at {
            at if at < done => StepStatus::Done,
            at if at == done && running => StepStatus::Running,
            _ => StepStatus::Ahead,
        };
        let lines = |at: usize, texts: &[&str]| {
            let line = |(i, text): (usize, &&str)| LineView {
                at_ms: (at as u64) * 2_310 + i as u64 * 420,
                text: (*text).to_owned(),
            };
            texts
                .iter()
                .enumerate()
                .take(if at < done { 9 } else { usize::from(at == done && running) })
                .map(line)
                .collect()
        };
        PracticeView {
            steps: STEPS
                .iter()
                .enumerate()
                .map(|(at, (title, why, texts))| StepView {
                    title: (*title).to_owned(),
                    why: (*why).to_owned(),
                    status: status(at),
                    lines: lines(at, texts),
                })
                .collect(),
            members: ["Ana", "Ben", "Cyn", "Dan"]
                .iter()
                .enumerate()
                .map(|(at, name)| PracticeMemberView {
                    name: (*name).to_owned(),
                    online: done > 0 && !(done == 6 && at == 1),
                    vault: (done > 0).then(|| vault(done, at as u8)),
                })
                .collect(),
            chain_height: 101 + u32::from(done > 2) + u32::from(done > 8),
        }
    }

    /// Runs the next step.
    pub async fn next_step(&self) -> PracticeView {
        self.set(|it| it.1 = true);
        tokio::time::sleep(Duration::from_millis(700)).await;
        self.set(|it| *it = ((it.0 + 1).min(STEPS.len()), false));
        self.view().await
    }

    /// Throws it away.
    pub async fn start_again(&self) -> PracticeView {
        self.set(|it| *it = (0, false));
        self.view().await
    }

    fn set(&self, change: impl FnOnce(&mut (usize, bool))) {
        if let Ok(mut done) = self.done.lock() {
            change(&mut done);
        }
        (self.changed)();
    }
}

fn vault(done: usize, me: u8) -> VaultView {
    let member = |at: u8| MemberId([at + 1; 32]);
    let coins = Sat(match done {
        0..3 => 0,
        3..8 => 50_000_000,
        _ => 24_999_100,
    });
    let proposal = ProposalView {
        proposal: EventId([9; 32]),
        proposer: member(0),
        purpose: "New beehives for the orchard".to_owned(),
        recipients: vec![RecipientView {
            address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080".to_owned(),
            amount: Sat(25_000_000),
        }],
        change: Sat(24_999_100),
        fee: Sat(900),
        txid: "4f2a".repeat(16),
        digest: Digest([7; 32]),
        status: match done {
            ..5 => ProposalStatus::Proposed,
            5..7 => ProposalStatus::Approved,
            7 => ProposalStatus::Signed,
            8 => ProposalStatus::Broadcast,
            _ => ProposalStatus::Confirmed,
        },
        approved_by: (1..3).filter(|_| done > 4).map(member).collect(),
        signed_by: (0..2).filter(|at| done > 5 + usize::from(*at)).map(member).collect(),
        unmet: match done {
            ..5 => vec![Unmet::ApprovalsMissing { have: 0, need: 2 }, Unmet::SignaturesMissing { have: 0, need: 2 }],
            5..7 => vec![Unmet::SignaturesMissing { have: done as u32 - 5, need: 2 }],
            7 => vec![],
            _ => vec![Unmet::Ended],
        },
        confirmed_height: (done > 8).then_some(103),
    };
    VaultView {
        vault: VaultId([3; 32]),
        name: "Garden Fund".to_owned(),
        me: member(me),
        status: if done < 2 { VaultStatus::Ratifying } else { VaultStatus::Active },
        threshold: 2,
        keyholders: 3,
        cfg: Some(Cfg([4; 32])),
        descriptor: None,
        members: (0..4u8)
            .map(|at| MemberView {
                member: member(at),
                name: ["Ana", "Ben", "Cyn", "Dan"][usize::from(at)].to_owned(),
                roles: vec![if at < 3 { Role::Keyholder } else { Role::Auditor }],
                key: None,
                ratified: done > 1 && at < 3,
                last_heard_ms: None,
            })
            .collect(),
        balance: BalanceView {
            confirmed: if done == 8 { Sat(0) } else { coins },
            unconfirmed: if done == 8 { coins } else { Sat(0) },
        },
        tip_height: 103,
        proposals: if done > 3 { vec![proposal] } else { vec![] },
        events: done as u64 * 3,
        waiting: 0,
        void: 0,
        refused: 0,
        state_digest: StateDigest([done as u8; 32]),
        unacknowledged: 0,
    }
}

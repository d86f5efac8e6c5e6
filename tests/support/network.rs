//! A relay that nobody can rely on, with a clock that the test turns: it loses, doubles, delays and reorders messages, and
//! can keep members apart for a while. Knows nothing of what the messages say.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{BTreeMap, BTreeSet};

use conclave::open_vault::Outgoing;
use conclave_shared::{MemberId, VaultId};

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// True in `chance` of 1000 times.
    pub fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }
}

/// How bad the relay is.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// How many of 1000 messages are lost.
    pub loss: u64,
    /// How many of 1000 arrive twice.
    pub doubling: u64,
    /// Longest delay, in ms. Each copy has its own, so that messages overtake each other.
    pub longest_ms: u64,
}

impl Weather {
    /// Everything arrives once, soon, in almost any order.
    pub const FAIR: Self = Self { loss: 0, doubling: 0, longest_ms: 150 };
    /// 30 % are lost, 20 % doubled, and messages overtake each other by seconds.
    pub const FOUL: Self = Self { loss: 300, doubling: 200, longest_ms: 3_000 };
}

/// One message on its way.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub vault: VaultId,
    pub from: MemberId,
    pub to: MemberId,
    pub content: String,
}

pub struct Network {
    random: Random,
    pub weather: Weather,
    /// By the time of arrival in ms, and a number that keeps parcels of one moment apart.
    under_way: BTreeMap<(u64, u64), Parcel>,
    parcels: u64,
    /// These reach each other and nobody else; the rest reach the rest.
    island: BTreeSet<MemberId>,
    pub lost: u64,
    pub doubled: u64,
    /// Parcels that arrived before one that was sent earlier.
    pub overtaken: u64,
    newest_arrived: u64,
}

impl Network {
    pub fn new(seed: u64, weather: Weather) -> Self {
        let random = Random::new(seed);
        let under_way = BTreeMap::new();
        Self {
            random,
            weather,
            under_way,
            parcels: 0,
            island: BTreeSet::new(),
            lost: 0,
            doubled: 0,
            overtaken: 0,
            newest_arrived: 0,
        }
    }

    /// Takes what an installation sends; what becomes of it is up to the weather.
    pub fn send(&mut self, from: MemberId, outgoing: &Outgoing, now_ms: u64) {
        for content in &outgoing.contents {
            let parcel = Parcel { vault: outgoing.vault, from, to: outgoing.to, content: content.clone() };
            if self.random.per_mille(self.weather.loss) {
                self.lost += 1;
                continue;
            }
            if self.random.per_mille(self.weather.doubling) {
                self.doubled += 1;
                self.dispatch(parcel.clone(), now_ms);
            }
            self.dispatch(parcel, now_ms);
        }
    }

    fn dispatch(&mut self, parcel: Parcel, now_ms: u64) {
        self.parcels += 1;
        let arrives_ms = now_ms + self.random.below(self.weather.longest_ms + 1);
        self.under_way.insert((arrives_ms, self.parcels), parcel);
    }

    /// What has arrived by now. What crosses the water between the island and the rest never does.
    pub fn arrived(&mut self, now_ms: u64) -> Vec<Parcel> {
        let later = self.under_way.split_off(&(now_ms + 1, 0));
        let arrived = std::mem::replace(&mut self.under_way, later);
        let mut parcels = Vec::new();
        for ((_, number), parcel) in arrived {
            self.overtaken += u64::from(number < self.newest_arrived);
            self.newest_arrived = self.newest_arrived.max(number);
            if self.island.contains(&parcel.from) == self.island.contains(&parcel.to) {
                parcels.push(parcel);
            } else {
                self.lost += 1;
            }
        }
        parcels
    }

    /// From now on these members reach each other only. Nobody on the island: all is one again.
    pub fn part(&mut self, island: BTreeSet<MemberId>) {
        self.island = island;
    }
}

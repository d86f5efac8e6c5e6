//! What is kept of the record: events, those that wait, snapshots, reservations, and the installation's own chain.

use super::*;

#[test]
fn an_event_is_kept_once_and_never_replaced() {
    let (mut store, vault) = store_with_vault();
    let first = event(1, 1, 0);
    store.commit(vault, &events(vec![first.clone(), first.clone()])).unwrap();
    let later = EventRow { received_ms: 0, ..first.clone() };
    store.commit(vault, &events(vec![later, event(2, 1, 1)])).unwrap();
    assert_eq!(store.events(vault).unwrap(), [first.clone(), event(2, 1, 1)]);

    // The second story of an author is the proof against them.
    store.commit(vault, &events(vec![event(3, 1, 0), event(3, 1, 0)])).unwrap();
    assert_eq!(store.events(vault).unwrap(), [first, event(2, 1, 1), event(3, 1, 0)]);

    let far = EventRow { n: u64::MAX, ..event(9, 9, 0) };
    assert!(matches!(store.commit(vault, &events(vec![far])), Err(StoreError::OutOfRange { .. })));
    let last = EventRow { n: i64::MAX as u64, ..event(9, 9, 0) };
    store.commit(vault, &events(vec![last.clone()])).unwrap();
    assert_eq!(store.events(vault).unwrap().last(), Some(&last));
}

#[test]
fn events_are_read_one_by_one_from_anywhere() {
    let (mut store, vault) = store_with_vault();
    let neighbour = record(2);
    assert_eq!(store.last_arrival(vault).unwrap(), None);
    store.commit(vault, &events(vec![event(9, 1, 0), event(3, 1, 1)])).unwrap();
    let batch = Batch { new_vault: Some(neighbour.clone()), events: vec![event(9, 1, 0)], ..Batch::default() };
    store.commit(neighbour.vault, &batch).unwrap();
    let middle = store.last_arrival(vault).unwrap().unwrap();
    store.commit(vault, &events(vec![event(5, 1, 2)])).unwrap();

    assert!(store.last_arrival(vault).unwrap() > Some(middle));
    assert_eq!(store.events_after(vault, 0).unwrap(), [event(9, 1, 0), event(3, 1, 1), event(5, 1, 2)]);
    assert_eq!(store.events_after(vault, middle).unwrap(), [event(5, 1, 2)]);
    assert!(matches!(store.events_after(vault, u64::MAX), Err(StoreError::OutOfRange { .. })));
    assert_eq!(store.event(vault, EventId([3; 32])).unwrap(), Some(event(3, 1, 1)));
    assert_eq!(store.event(neighbour.vault, EventId([3; 32])).unwrap(), None);

    let mut taken = Vec::new();
    let all = store.each_event(vault, |row| {
        taken.push(row.id.0[0]);
        Ok::<_, StoreError>(())
    });
    assert!(all.is_ok());
    assert_eq!(taken, [9, 3, 5]);
    let mut left = 2;
    let stopped = store.each_event(vault, |_| {
        left -= 1;
        if left == 0 { Err(StoreError::InMemory) } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(StoreError::InMemory)), "the taker's own error stops it");
    assert_eq!(left, 0);
}

#[test]
fn an_event_waits_until_it_is_accepted_or_dropped() {
    let (dir, record) = installation();
    let vault = record.vault;
    let waiting = |id: u8, received_ms| WaitingRow { id: EventId([id; 32]), json: format!("waits {id}"), received_ms };
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    let again = WaitingRow { json: "other".to_owned(), ..waiting(70, 9) };
    let batch = Batch { waiting: vec![waiting(71, 4), waiting(70, 5), again, waiting(72, 3)], ..Batch::default() };
    store.commit(vault, &batch).unwrap();
    // One that was accepted before does not wait.
    store.commit(vault, &Batch { waiting: vec![waiting(9, 1)], ..Batch::default() }).unwrap();
    drop(store);

    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert_eq!(store.waiting(vault).unwrap(), [waiting(72, 3), waiting(71, 4), waiting(70, 5)]);
    store.commit(vault, &events(vec![event(70, 7, 0)])).unwrap();
    assert_eq!(store.waiting(vault).unwrap(), [waiting(72, 3), waiting(71, 4)]);
    store.commit(vault, &Batch { dropped: vec![EventId([72; 32]), EventId([99; 32])], ..Batch::default() }).unwrap();
    assert_eq!(store.waiting(vault).unwrap(), [waiting(71, 4)]);
    // Waits and is accepted in one step.
    let batch = Batch { waiting: vec![waiting(73, 1)], events: vec![event(73, 7, 1)], ..Batch::default() };
    store.commit(vault, &batch).unwrap();
    assert_eq!(store.waiting(vault).unwrap(), [waiting(71, 4)]);
}

#[test]
fn the_latest_snapshot_takes_the_place_of_the_one_before() {
    let (dir, record) = installation();
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert_eq!(store.snapshot(record.vault).unwrap(), None);
    for arrival in [2, 3] {
        let snapshot = SnapshotRow { version: 1, arrival, heads: [arrival as u8; 32], bytes: vec![7; 100_000] };
        store.commit(record.vault, &Batch { snapshot: Some(snapshot.clone()), ..Batch::default() }).unwrap();
        assert_eq!(store.snapshot(record.vault).unwrap(), Some(snapshot));
    }
    drop(store);
    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert_eq!(store.snapshot(record.vault).unwrap().map(|snapshot| snapshot.arrival), Some(3));
}

#[test]
fn a_reserved_serial_never_falls_and_a_mark_stays_until_it_is_taken_away() {
    let (mut store, vault) = store_with_vault();
    assert_eq!(store.standing(vault).unwrap(), Standing::default());
    let reserve = |serial| Batch { heads_serial: Some(serial), ..Batch::default() };
    store.commit(vault, &reserve(500)).unwrap();
    store.commit(vault, &reserve(400)).unwrap();
    store.commit(vault, &Batch { restored: Some(true), ..Batch::default() }).unwrap();
    store.commit(vault, &events(vec![event(1, 1, 0)])).unwrap();
    assert_eq!(store.standing(vault).unwrap(), Standing { heads_serial: 500, restored: true });
    store.commit(vault, &Batch { restored: Some(false), ..reserve(501) }).unwrap();
    assert_eq!(store.standing(vault).unwrap(), Standing { heads_serial: 501, restored: false });
    assert!(matches!(store.commit(vault, &reserve(u64::MAX)), Err(StoreError::OutOfRange { .. })));
    assert!(matches!(store.standing(VaultId([99; 32])), Err(StoreError::UnknownVault { .. })));
}

#[test]
fn the_installations_own_chain_grows_by_its_next_event_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), &passphrase("right")).unwrap();
    let identity = store.app_identity().unwrap();
    assert!(bitcoin::secp256k1::SecretKey::from_slice(identity.as_slice()).is_ok());
    assert_ne!(*Store::in_memory().unwrap().app_identity().unwrap(), *identity, "each installation has its own");
    let row = |n: u64| AppEventRow { n, id: EventId([n as u8; 32]), json: format!("event {n}"), ms: 1000 };
    assert!(matches!(store.append_app_event(&row(1)), Err(StoreError::AppEventOrder { next: 0, found: 1 })));
    for n in 0..3 {
        store.append_app_event(&row(n)).unwrap();
    }
    for n in [0, 2, 4, u64::MAX] {
        assert!(matches!(store.append_app_event(&row(n)), Err(StoreError::AppEventOrder { next: 3, .. })));
    }
    assert!(store.append_app_event(&AppEventRow { id: EventId([1; 32]), ..row(3) }).is_err(), "no id twice");
    drop(store);
    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert_eq!(store.app_events().unwrap(), [row(0), row(1), row(2)]);
    assert_eq!(*store.app_identity().unwrap(), *identity);
}

#[test]
fn the_key_of_an_own_relay_is_kept_and_only_its_switch_changes() {
    let (dir, record) = installation();
    let mut store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert_eq!(store.own_relay(record.vault).unwrap(), None);
    let seed = Zeroizing::new(std::array::from_fn(|place| place as u8 ^ 0x3c));
    let served = OwnRelayRow { seed: seed.clone(), served: true };
    let put = |row: &OwnRelayRow| Batch { own_relay: Some(row.clone()), ..Batch::default() };
    store.commit(record.vault, &put(&served)).unwrap();
    let other = OwnRelayRow { seed: Zeroizing::new([9; 32]), served: false };
    store.commit(record.vault, &put(&other)).unwrap();
    drop(store);
    let store = Store::open(dir.path(), &passphrase("right")).unwrap();
    assert_eq!(store.own_relay(record.vault).unwrap(), Some(OwnRelayRow { seed: seed.clone(), served: false }));
    drop(store);
    for file in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(32).any(|window| window == seed.as_slice()), "the key is on the disk in the clear");
    }
    assert!(!format!("{served:?}").contains("60"), "{served:?}");
}

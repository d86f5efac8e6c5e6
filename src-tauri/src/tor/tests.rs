//! The door while Tor cannot be reached: closed to all but this machine.

use std::time::Duration;

use conclave_shared::desktop::{TorState, TorTrouble};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::*;

const ONION: &str = "ws://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";

/// Settings of a network that is not there: its only relay is at a port of this machine.
fn dead_network(folder: &std::path::Path, port: u16) -> TorSettings {
    let file = folder.join("tor.toml");
    let text = format!(
        "[tor_network.authorities]\nv3idents = [\"{ident}\"]\nuploads = [[\"127.0.0.1:{port}\"]]\n\
         downloads = [[\"127.0.0.1:{port}\"]]\nvotes = [[\"127.0.0.1:{port}\"]]\n\
         [[tor_network.fallback_caches]]\nrsa_identity = \"{ident}\"\n\
         ed_identity = \"{ed}\"\norports = [\"127.0.0.1:{port}\"]\n",
        ident = "A".repeat(40),
        ed = "A".repeat(43),
    );
    std::fs::write(&file, text).unwrap();
    TorSettings { file: Some(file), bridges: String::new() }
}

fn isolation(address: &Address) -> Isolation {
    Isolation::Relay { identity: MemberId([1; 32]), relay: address.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_tor_is_not_up_only_its_own_relays_are_dialled() {
    let folder = tempfile::tempdir().unwrap();
    // Takes connections and says nothing: a relay of Tor that is out of order.
    let guard = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bystander = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = dead_network(folder.path(), guard.local_addr().unwrap().port());
    let door = Door::new(folder.path().join("tor"), settings);
    assert_eq!(*door.state().borrow(), TorState::Off);

    let public = format!("wss://{}", bystander.local_addr().unwrap());
    for text in [ONION, public.as_str()] {
        let address = Address::relay(text).unwrap();
        let refused = door.dial(&address, &isolation(&address)).await;
        assert_eq!(refused.err(), Some(DialError::NotReady), "{text}");
    }
    assert_ne!(*door.state().borrow(), TorState::Off, "it was started when it was needed");
    timeout(Duration::from_secs(30), guard.accept()).await.expect("Tor's own relay is tried").unwrap();
    let address = Address::relay(&public).unwrap();
    assert_eq!(door.dial(&address, &isolation(&address)).await.err(), Some(DialError::NotReady));
    assert!(timeout(Duration::from_millis(500), bystander.accept()).await.is_err(), "somebody was dialled past Tor");
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_needs_no_tor() {
    let door = no_tor();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::relay(&format!("ws://{}", server.local_addr().unwrap())).unwrap();
    let mut stream = door.dial(&address, &isolation(&address)).await.expect("a connection");
    let (mut there, _) = server.accept().await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut heard = [0; 5];
    there.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"hello");
    assert_eq!(*door.state().borrow(), TorState::Off);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_not_understood_closes_the_door_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tor.toml");
    std::fs::write(&file, "[bridges]\nbridgs = \"\"\n").unwrap();
    let door = Door::new(folder.path().join("tor"), TorSettings { file: Some(file), bridges: String::new() });
    let address = Address::relay(ONION).unwrap();
    assert_eq!(door.dial(&address, &isolation(&address)).await.err(), Some(DialError::NotReady));
    let mut state = door.state();
    let failed = timeout(Duration::from_secs(30), state.wait_for(|state| matches!(state, TorState::Failed { .. })));
    match failed.await.expect("it is told").unwrap().clone() {
        TorState::Failed { trouble: TorTrouble::Configuration, reason } => {
            assert!(reason.contains("bridgs"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(door.dial(&address, &isolation(&address)).await.err(), Some(DialError::NotReady));

    // Other settings are tried at once.
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = dead_network(elsewhere.path(), 9);
    door.set_settings(settings);
    assert_eq!(*door.state().borrow(), TorState::Off);
    assert_eq!(door.dial(&address, &isolation(&address)).await.err(), Some(DialError::NotReady));
    assert!(matches!(*door.state().borrow(), TorState::Starting { .. }));
}

//! Over a real Tor network: one of Debian's tor on this machine alone, with authorities, relays, exits and onion services of
//! its own.
//!
//! `cargo xtask test tor` sees to tor and strace. Without them these tests fail, and say so.

#[path = "support/program.rs"]
mod program;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arti_client::{TorClient, TorClientConfig};
use conclave::demo::tor::{TorNetwork, TorPrograms};
use conclave::tor::Loopback;
use program::PROGRAM;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tor_config::load::resolve;
use tor_config::sources::MustRead;
use tor_config::{ConfigurationSource, ConfigurationSources};
use tor_rtcompat::PreferredRuntime;

/// Tests share one network, one after another: each needs the whole of it, and a machine for itself.
async fn network() -> tokio::sync::MutexGuard<'static, Option<Arc<TorNetwork>>> {
    static SHARED: tokio::sync::Mutex<Option<Arc<TorNetwork>>> = tokio::sync::Mutex::const_new(None);
    let mut shared = SHARED.lock().await;
    if shared.is_none() {
        let began = Instant::now();
        let started = blocking(|| TorNetwork::start(programs())).await;
        println!("the private network is usable after {:.1} s", began.elapsed().as_secs_f64());
        *shared = Some(Arc::new(started));
    }
    shared
}

fn programs() -> TorPrograms {
    TorPrograms::find(Path::new(PROGRAM)).unwrap_or_else(|error| panic!("{error}"))
}

async fn blocking<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> T {
    tokio::task::spawn_blocking(work).await.unwrap().unwrap_or_else(|error| panic!("{error}"))
}

/// A client of the network, in this process.
async fn client(network: &TorNetwork, folder: &Path) -> Arc<TorClient<PreferredRuntime>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own =
        format!("storage.state_dir = {:?}\nstorage.cache_dir = {:?}\n", folder.join("state"), folder.join("cache"));
    let text = own + &std::fs::read_to_string(network.client_settings()).unwrap();
    let mut sources = ConfigurationSources::new_empty();
    sources.push_source(ConfigurationSource::from_verbatim(text), MustRead::MustRead);
    let settings: TorClientConfig = resolve(&sources.load().unwrap()).unwrap();
    TorClient::with_runtime(PreferredRuntime::current().unwrap()).config(settings).create_bootstrapped().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reaches_a_server_as_an_onion_service() {
    let shared = network().await;
    let network = Arc::clone(shared.as_ref().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Loopback::from_address(server.local_addr().unwrap()).unwrap();
    let offering = Arc::clone(&network);
    let host = blocking(move || offering.offer(80, target)).await;
    let before = network.joined();

    let began = Instant::now();
    let client = client(&network, folder.path()).await;
    println!("a client is ready after {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let mut stream = client.connect((host.as_str(), 80)).await.unwrap();
    stream.write_all(b"ping").await.unwrap();
    stream.flush().await.unwrap();
    let (mut served, _) = server.accept().await.unwrap();
    let mut heard = [0; 4];
    served.read_exact(&mut heard).await.unwrap();
    println!("the service heard a client {:.1} s after it was asked for", began.elapsed().as_secs_f64());
    served.write_all(&heard).await.unwrap();
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).await.unwrap();
    assert_eq!(&echo, b"ping");
    assert!(network.joined() > before, "a relay says that it joined client and service");
}

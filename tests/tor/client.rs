//! The network by itself, with a bare client of arti.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arti_client::{TorClient, TorClientConfig};
use conclave::demo::TorNetwork;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tor_config::load::resolve;
use tor_config::sources::MustRead;
use tor_config::{ConfigurationSource, ConfigurationSources};
use tor_rtcompat::PreferredRuntime;

use crate::stage::offer;

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

/// A client reaches a server as an onion service.
pub async fn reaches_an_onion_service(network: &Arc<TorNetwork>) {
    let folder = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = offer(network, 80, server.local_addr().unwrap()).await;
    let before = network.joined();

    let began = Instant::now();
    let client = client(network, folder.path()).await;
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

//! Notices as a desktop gets them: over a message bus of their own, from a process of its own.
//!
//! The service that shows notifications is played by this test. `dbus-daemon` must be installed.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use conclave::desktop::notices::Notice;
use conclave::desktop::notify;
use futures_util::StreamExt;
use zbus::OwnedVariant;
use zbus::connection::Builder;
use zbus::{Connection, MessageStream};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a program says when it wants something to be shown: its name, what it replaces, icon, title, text, buttons, hints,
/// and for how long.
type Notify = (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedVariant>, i32);

const PATIENCE: Duration = Duration::from_secs(60);

/// A message bus; it ends with the test.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Outcome<Self> {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("dbus-daemon cannot be started ({error}): install the package dbus-daemon"))?;
        let mut address = String::new();
        let output = daemon.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self { daemon, address: address.trim().to_owned() })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// The notices of the process that this test starts.
fn notices() -> Vec<Notice> {
    let notice = |title: &str, body: &str| Notice { title: title.to_owned(), body: body.to_owned() };
    vec![
        notice("Conclave: Treasury", "A payment of 0.012 345 67 BTC waits for your signature."),
        notice("Conclave: Клуб", "Все платежи заморожены."),
    ]
}

#[tokio::test]
async fn a_desktop_shows_title_and_text_and_offers_no_button() -> Outcome<()> {
    let bus = Bus::start()?;
    let service = Builder::address(bus.address.as_str()).name("org.freedesktop.Notifications").build().await?;
    let messages = MessageStream::from(&service);
    let mut program = Command::new(std::env::current_exe()?)
        .args(["--exact", "shows_its_notices", "--ignored", "--nocapture"])
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .stdin(Stdio::null())
        .spawn()?;
    let shown = tokio::time::timeout(PATIENCE, shown(&service, messages)).await;
    let ended = program.wait()?;
    assert!(ended.success());
    let expected: Vec<(String, String)> = notices().into_iter().map(|it| (it.title, it.body)).collect();
    assert_eq!(shown??, expected);
    Ok(())
}

/// Answers as a desktop does, until both notices are there.
async fn shown(service: &Connection, mut messages: MessageStream) -> Outcome<Vec<(String, String)>> {
    let mut shown = Vec::new();
    while shown.len() < notices().len() {
        let message = messages.next().await.ok_or("the bus is gone")??;
        let header = message.header();
        if header.member().is_none_or(|member| member.as_str() != "Notify") {
            continue;
        }
        let (program, _, _, title, text, buttons, _, _) = message.body().deserialize::<Notify>()?;
        assert_eq!((program.as_str(), buttons.len()), ("Conclave", 0));
        shown.push((title, text));
        service.reply(&header, &(shown.len() as u32)).await?;
    }
    Ok(shown)
}

/// The other process of the test above: it has the bus in its environment.
#[tokio::test]
#[ignore = "started by the test above, with a message bus"]
async fn shows_its_notices() {
    for notice in notices() {
        notify::show(&notice).await.unwrap();
    }
}

//! The window itself: the real program on a screen that nobody sees, worked by keyboard from the first step to the last.
//!
//! WebKitWebDriver starts the program and presses the keys; Xvfb is the screen. All of it runs in one process group that
//! ends with the test. A tool that is missing fails the test and is named.

use std::error::Error;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A step works with four installations, a relay and a chain: in a debug build on a busy machine that takes its time.
const STEP: Duration = Duration::from_secs(180);
const OPENING: Duration = Duration::from_secs(60);

/// What must be on the machine, and the Debian package that brings it.
const TOOLS: [(&str, &str); 5] = [
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("Xvfb", "xvfb"),
    ("xvfb-run", "xvfb"),
    ("xauth", "xauth"),
    ("dbus-run-session", "dbus"),
];

/// The driver with its screen and its message bus; all of them end when this is dropped.
struct Driver {
    group: Child,
    address: String,
}

impl Driver {
    async fn start(home: &Path) -> Outcome<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        for (tool, package) in TOOLS {
            if !std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()) {
                return Err(format!("{tool} is missing: install the package {package}").into());
            }
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let group = Command::new("dbus-run-session")
            .args(["--", "xvfb-run", "--auto-servernum", "--server-args", "-screen 0 1280x900x24", "WebKitWebDriver"])
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // A home of its own, so that neither the settings nor the data of whoever runs the test play a part.
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .stdin(Stdio::null())
            // What the screen, the bus and the driver say to each other is of interest only when something fails.
            .stdout(File::create(screens()?.join("driver.log"))?)
            .stderr(File::create(screens()?.join("driver-errors.log"))?)
            .process_group(0)
            .spawn()?;
        let driver = Self { group, address: format!("http://127.0.0.1:{port}") };
        let began = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if began.elapsed() > OPENING {
                return Err("WebKitWebDriver did not answer".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(driver)
    }

    async fn open(&self) -> Outcome<Client> {
        let mut wanted = Capabilities::new();
        let options = json!({"binary": env!("CARGO_BIN_EXE_conclave-desktop"), "args": []});
        wanted.insert("webkitgtk:browserOptions".to_owned(), options);
        Ok(ClientBuilder::new(HttpConnector::new()).capabilities(wanted).connect(&self.address).await?)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The whole group: the driver, the screen, the bus, and the window if it is still open.
        for signal in ["-TERM", "-KILL"] {
            let _ = Command::new("kill").args([signal, "--", &format!("-{}", self.group.id())]).status();
            std::thread::sleep(Duration::from_millis(300));
        }
        let _ = self.group.wait();
    }
}

/// Asks again and again until the answer is there.
async fn until<T>(what: &str, patience: Duration, mut ask: impl AsyncFnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if began.elapsed() > patience {
            return Err(format!("waited {} s in vain until {what}", patience.as_secs()).into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn all(window: &Client, selector: &str) -> Outcome<Vec<Element>> {
    Ok(window.find_all(Locator::Css(selector)).await?)
}

async fn attribute(element: &Element, name: &str) -> Outcome<String> {
    Ok(element.attr(name).await?.unwrap_or_default())
}

/// Presses a key where the keyboard is, and nowhere else.
async fn press(window: &Client, key: Key) -> Outcome<()> {
    let at: &str = &String::from(char::from(key));
    Ok(window.active_element().await?.send_keys(at).await?)
}

async fn keyboard_is_at(window: &Client, id: &str) -> Outcome<bool> {
    Ok(attribute(&window.active_element().await?, "id").await? == id)
}

fn screens() -> Outcome<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("the target folder has no name")?;
    let folder = target.join("screens");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

async fn screenshot(window: &Client, name: &str) -> Outcome<()> {
    Ok(std::fs::write(screens()?.join(format!("{name}.png")), window.screenshot().await?)?)
}

#[tokio::test]
async fn a_payment_is_made_by_keyboard_alone() -> Outcome<()> {
    let home = tempfile::tempdir()?;
    let driver = Driver::start(home.path()).await?;
    let window = driver.open().await?;
    let outcome = make_the_payment(&window).await;
    if outcome.is_err() {
        // What was on the screen tells more than the message; a window that is gone has nothing to show.
        let _ = screenshot(&window, "failed").await;
    }
    let _ = window.close().await;
    outcome
}

async fn make_the_payment(window: &Client) -> Outcome<()> {
    let count = until("the steps are shown", OPENING, async || {
        let steps = all(window, ".step").await?.len();
        Ok((steps > 0).then_some(steps))
    })
    .await?;
    assert_eq!(window.title().await?, "Conclave");
    for step in all(window, ".step").await? {
        assert_eq!(attribute(&step, "data-status").await?, "ahead");
    }
    screenshot(window, "00-start").await?;

    press(window, Key::Tab).await?;
    assert!(keyboard_is_at(window, "next-step").await?, "the first stop of the keyboard is the one primary action");
    for at in 0..count {
        take_step(window, at).await?;
        screenshot(window, &format!("{:02}-step", at + 1)).await?;
    }

    let next = window.find(Locator::Id("next-step")).await?;
    assert_eq!(next.text().await?, "All steps are done");
    assert_eq!(attribute(&next, "aria-disabled").await?, "true");
    let members = all(window, ".member").await?;
    assert!(members.len() >= 3, "a 2-of-3 vault has three keyholders at least");
    for member in members {
        let name = attribute(&member, "data-member").await?;
        until(&format!("{name} sees the payment confirmed"), STEP, async || {
            let card = window.find(Locator::Css(&format!(".member[data-member='{name}']"))).await?;
            Ok(card.text().await?.contains("Confirmed in block").then_some(()))
        })
        .await?;
    }
    for ring in all(window, ".payment .ring").await? {
        let words = attribute(&ring, "aria-label").await?;
        assert!(words.starts_with("Confirmed in block") && words.contains("2 of 2 signatures"), "{words}");
    }
    window.set_window_size(900, 600).await?;
    screenshot(window, "90-small").await?;

    press(window, Key::Tab).await?;
    assert!(keyboard_is_at(window, "start-again").await?);
    press(window, Key::Enter).await?;
    until("everything is ahead again", STEP, async || {
        Ok(all(window, ".step[data-status='ahead']").await?.len().eq(&count).then_some(()))
    })
    .await
}

async fn take_step(window: &Client, at: usize) -> Outcome<()> {
    until("the next step can be taken", STEP, async || {
        let next = window.find(Locator::Id("next-step")).await?;
        Ok((attribute(&next, "aria-disabled").await? == "false").then_some(()))
    })
    .await?;
    assert!(keyboard_is_at(window, "next-step").await?, "the keyboard stays where it is between steps");
    press(window, Key::Enter).await?;
    until(&format!("step {} is done", at + 1), STEP, async || {
        let steps = all(window, ".step").await?;
        let step = steps.get(at).ok_or("the step is gone")?;
        match attribute(step, "data-status").await?.as_str() {
            "done" => Ok(Some(())),
            "failed" => Err(format!("step {} failed: {}", at + 1, step.text().await?).into()),
            _ => Ok(None),
        }
    })
    .await?;
    let step = all(window, ".step").await?.swap_remove(at);
    assert_eq!(step.find(Locator::Css(".step-status")).await?.text().await?, "done", "it says so in words");
    Ok(())
}

//! One person's program: its window, its folders, the driver that presses its keys.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use serde_json::{Value, json};

use crate::notices::Notices;
use crate::stage::{Computer, Kept, Outcome, answered, picture, screens, until};

/// What a person can see of a page: run in front of every script.
const PAGE: &str = include_str!("page.js");
/// The window's program.
const WINDOW: &str = env!("CARGO_BIN_EXE_conclave-desktop");

/// One person's program.
pub struct App {
    /// Whose it is: in messages, and in the names of screenshots.
    pub name: String,
    /// Everything that this person has on the disk.
    pub home: PathBuf,
    window: Option<Client>,
    address: String,
    _driver: Kept,
    computer: Computer,
}

impl App {
    /// Opens the program of somebody who never had it before.
    pub async fn open(folder: &Path, name: &str) -> Outcome<Self> {
        let home = folder.join(name);
        std::fs::create_dir_all(home.join("Downloads"))?;
        let computer = Computer::start(name, &home).await?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut around = computer.around.clone();
        around.push(("CONCLAVE_HOME", home.join("conclave").display().to_string()));
        let command = ["WebKitWebDriver", "--host=127.0.0.1", &format!("--port={port}")];
        let (driver, _) = Kept::start(name, &command, &around, false)?;
        until("WebKitWebDriver answers", async || {
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop))
        })
        .await?;
        let address = format!("http://127.0.0.1:{port}");
        let mut app = Self { name: name.to_owned(), home, window: None, address, _driver: driver, computer };
        app.start().await?;
        Ok(app)
    }

    /// Starts the program again after [`Self::close`].
    pub async fn start(&mut self) -> Outcome<()> {
        let mut wanted = Capabilities::new();
        wanted.insert("webkitgtk:browserOptions".to_owned(), json!({"binary": WINDOW, "args": []}));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connected = builder.capabilities(wanted).connect(&self.address);
        self.window = Some(answered(&format!("{}'s window opens", self.name), connected).await?);
        Ok(())
    }

    /// Closes the window, and waits until its process has ended.
    pub async fn close(&mut self) -> Outcome<()> {
        if let Some(window) = self.window.take() {
            // The driver may find nobody to answer it any more: what counts is that the process ends.
            let _ = answered("the window closes", window.close_window()).await;
            until(&format!("{}'s program has ended", self.name), async || Ok((!self.runs()?).then_some(()))).await?;
            let _ = answered("the driver lets go", window.close()).await;
        }
        Ok(())
    }

    /// The window, for what the driver offers.
    pub fn window(&self) -> Outcome<&Client> {
        self.window.as_ref().ok_or_else(|| format!("{}'s window is closed", self.name).into())
    }

    /// Runs a script in the page, with the functions of `page.js` in front of it.
    pub async fn ask(&self, script: &str, arguments: Vec<Value>) -> Outcome<Value> {
        let script = format!("{PAGE}\n{script}");
        answered(&format!("{}'s page is asked", self.name), self.window()?.execute(&script, arguments)).await
    }

    /// What this person's desktop showed.
    pub fn notices(&self) -> &Notices {
        &self.computer.notices
    }

    /// The folder of the installation.
    pub fn data(&self) -> PathBuf {
        self.home.join("conclave")
    }

    /// Keeps a picture of the window, once it is drawn as it is meant.
    pub async fn screenshot(&self, name: &str) -> Outcome<()> {
        let draw =
            "window.drawn = false; requestAnimationFrame(() => requestAnimationFrame(() => (window.drawn = true)))";
        self.ask(draw, vec![]).await?;
        until(&format!("{}'s page is drawn", self.name), async || {
            Ok((self.ask("return window.drawn", vec![]).await? == true).then_some(()))
        })
        .await?;
        let place = self.ask("return [screenX, screenY, innerWidth, innerHeight]", vec![]).await?;
        let place = serde_json::from_value::<[usize; 4]>(place)?;
        let mut last = self.computer.screen()?;
        let memory = until("the screen rests", async || {
            let now = self.computer.screen()?;
            let rests = now == last;
            last = now;
            Ok(rests.then(|| last.clone()))
        })
        .await?;
        let picture = picture(&memory, place)?;
        let file = std::fs::File::create(screens()?.join(format!("{name}.png")))?;
        let png = PngEncoder::new_with_quality(file, CompressionType::Fast, FilterType::NoFilter);
        Ok(png.write_image(&picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)?)
    }

    fn runs(&self) -> Outcome<bool> {
        let own = format!("CONCLAVE_HOME={}", self.data().display());
        for process in std::fs::read_dir("/proc")?.flatten() {
            let folder = process.path();
            let is_window = std::fs::read_link(folder.join("exe")).is_ok_and(|exe| exe == Path::new(WINDOW));
            // A process that has just ended has nothing to read.
            let around = if is_window { std::fs::read(folder.join("environ")).unwrap_or_default() } else { vec![] };
            if around.split(|byte| *byte == 0).any(|entry| entry == own.as_bytes()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

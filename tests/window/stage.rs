//! What stands around the windows: a screen that nobody sees, a message bus, the folders of a test. Processes of a test end
//! with it, however it ends.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use image::RgbImage;

use crate::notices::Notices;
use crate::program::PROGRAM;

/// What a test or a step of it comes to.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How long anything may take to be seen on a busy machine, in a debug build.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// What must be on the machine, and the Debian package that brings it.
const TOOLS: [(&str, &str); 3] =
    [("WebKitWebDriver", "webkit2gtk-driver"), ("Xvfb", "xvfb"), ("dbus-daemon", "dbus-daemon")];

/// A process that ends when this is dropped, and when the test's process ends, in whatever way.
pub struct Kept {
    keeper: Child,
}

impl Kept {
    /// Starts it. What it says goes to a file beside the screenshots; its first line of output is given back if asked for.
    pub fn start(name: &str, command: &[&str], around: &[(&str, String)], answers: bool) -> Outcome<(Self, String)> {
        let mut keeper = Command::new(PROGRAM);
        keeper.args(["keep", "--"]).args(command).stdin(Stdio::piped());
        keeper.env_remove("LANGUAGE").env("LANG", "C.UTF-8").envs(around.iter().map(|(name, value)| (name, value)));
        keeper.stderr(File::create(screens()?.join(format!("{name}.errors.log")))?);
        if answers {
            keeper.stdout(Stdio::piped());
        } else {
            keeper.stdout(File::create(screens()?.join(format!("{name}.log")))?);
        }
        let mut kept = Self { keeper: keeper.spawn()? };
        let mut answer = String::new();
        if let Some(out) = kept.keeper.stdout.take() {
            BufReader::new(out).read_line(&mut answer)?;
            if answer.trim().is_empty() {
                return Err(format!("{name} did not start").into());
            }
        }
        Ok((kept, answer.trim().to_owned()))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // The end of its input is the keeper's sign to end what it keeps.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A computer of its own for each person: a screen that nobody sees, a message bus with somebody who shows notifications,
/// folders. A window that is covered is not drawn, and one without the keyboard shows no focus: so nobody shares a screen.
pub struct Computer {
    /// What a program is told of its surroundings.
    pub around: Vec<(&'static str, String)>,
    /// What was shown as desktop notifications.
    pub notices: Notices,
    /// The file that the screen's memory is mapped to (XWD).
    frame: PathBuf,
    _bus: Kept,
    _screen: Kept,
}

/// A session bus that starts nothing by itself: what is installed on the machine plays no part.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

impl Computer {
    /// Switches one on. A tool that is missing fails the test and is named.
    pub async fn start(name: &str, home: &Path) -> Outcome<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        for (tool, package) in TOOLS {
            if !std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()) {
                return Err(format!("{tool} is missing: install the package {package}").into());
            }
        }
        let frames = home.join("screen");
        std::fs::create_dir_all(&frames)?;
        let kept = frames.display().to_string();
        let screen = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"];
        let screen = [&screen[..], &["-fbdir", &kept]].concat();
        let (screen, number) = Kept::start(&format!("{name}-screen"), &screen, &[], true)?;
        let config = home.join("bus.conf");
        std::fs::write(&config, BUS)?;
        let bus = format!("--config-file={}", config.display());
        let bus = ["dbus-daemon", &bus, "--nofork", "--nopidfile", "--print-address=1"];
        let (bus, address) = Kept::start(&format!("{name}-bus"), &bus, &[], true)?;
        let notices = Notices::shown_on(&address).await?;
        let mut around = vec![
            ("DISPLAY", format!(":{number}")),
            ("DBUS_SESSION_BUS_ADDRESS", address),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".to_owned()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
            ("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()),
        ];
        // A home of its own, so that neither the settings nor the data of whoever runs the test play a part.
        let own = [("HOME", ""), ("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config")];
        around.extend(own.map(|(variable, folder)| (variable, home.join(folder).display().to_string())));
        Ok(Self { around, notices, frame: frames.join("Xvfb_screen0"), _bus: bus, _screen: screen })
    }
}

impl Computer {
    /// The screen's memory. The driver's own pictures are not used: it waits for ever for some.
    pub fn screen(&self) -> Outcome<Vec<u8>> {
        Ok(std::fs::read(&self.frame)?)
    }
}

/// A part of a screen's memory (XWD) as a picture.
pub fn picture(memory: &[u8], [left, top, width, height]: [usize; 4]) -> Outcome<RgbImage> {
    // Numbers of four bytes, the most significant first; then the colours; then the rows.
    let number = |at: usize| -> Outcome<usize> {
        let bytes = memory.get(at * 4..at * 4 + 4).ok_or("the screen's file is cut off")?;
        Ok(u32::from_be_bytes(bytes.try_into()?).try_into()?)
    };
    let (row, rows) = (number(12)?, number(0)? + number(19)? * 12);
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in top..top + height {
        let at = rows + y * row + left * 4;
        let line = memory.get(at..at + width * 4).ok_or("the window is not all on the screen")?;
        for pixel in line.chunks_exact(4) {
            pixels.extend(pixel[..3].iter().rev());
        }
    }
    RgbImage::from_raw(width.try_into()?, height.try_into()?, pixels)
        .ok_or_else(|| "a picture has all its pixels".into())
}

/// Where screenshots and the words of tools are put.
pub fn screens() -> Outcome<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("the target folder has no name")?;
    let folder = target.join("screens");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Asks again and again until the answer is there.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if began.elapsed() > PATIENCE {
            return Err(format!("waited {} s in vain until {what}", PATIENCE.as_secs()).into());
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// Waits for an answer of the driver, which by itself would wait for ever.
pub async fn answered<T, E>(what: &str, answer: impl Future<Output = Result<T, E>>) -> Outcome<T>
where
    E: std::error::Error + 'static,
{
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => Ok(answer.map_err(|error| format!("{what}: {error}"))?),
        Err(_) => Err(format!("{what}: the driver did not answer in {} s", PATIENCE.as_secs()).into()),
    }
}

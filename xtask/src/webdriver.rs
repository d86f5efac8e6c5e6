//! WebKitWebDriver, a screen that nobody sees and a message bus, as processes; and the few words of WebDriver that a
//! measurement needs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cargo::line;
use crate::stop::Stop;

/// How long a process may take until it answers, and anything on a page until it is shown.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session bus that starts nothing by itself: what else is installed is not measured.
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

/// A process that ends when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A driver with its screen and its bus; all of them end when this is dropped.
pub struct Driver {
    port: u16,
    _driver: Running,
    _bus: Running,
    _screen: Running,
}

impl Driver {
    /// Starts them; the programs that the driver starts find themselves at home in this folder.
    pub fn start(home: &Path) -> Result<Self, Stop> {
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"]);
        let (screen, number) = answering(screen)?;
        let config = home.join("bus.conf");
        std::fs::write(&config, BUS).map_err(|source| Stop::File { path: config.clone(), source })?;
        let mut bus = Command::new("dbus-daemon");
        bus.arg(format!("--config-file={}", config.display()));
        bus.args(["--nofork", "--nopidfile", "--print-address=1"]);
        let (bus, address) = answering(bus)?;

        let mut driver = Command::new("WebKitWebDriver");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|source| Stop::Start { line: line(&driver), source })?.port();
        driver.args(["--host=127.0.0.1", &format!("--port={port}")]);
        driver.env("DISPLAY", format!(":{number}")).env("DBUS_SESSION_BUS_ADDRESS", address).env("HOME", home);
        for (name, folder) in [("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config")] {
            driver.env(name, home.join(folder));
        }
        driver.env("CONCLAVE_HOME", home.join("conclave")).env("TAURI_WEBVIEW_AUTOMATION", "true");
        driver.env("GDK_BACKEND", "x11").env("NO_AT_BRIDGE", "1").env("LANG", "C.UTF-8").env_remove("LANGUAGE");
        driver.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1").env("LIBGL_ALWAYS_SOFTWARE", "1");
        driver.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let running = Running(driver.spawn().map_err(|source| Stop::Start { line: line(&driver), source })?);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > PATIENCE {
                return Err(otherwise("the driver does not answer"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { port, _driver: running, _bus: bus, _screen: screen })
    }

    /// Starts a program and takes hold of its window.
    pub fn open(&self, program: &str, arguments: &[String]) -> Result<Window<'_>, Stop> {
        let options = json!({"webkitgtk:browserOptions": {"binary": program, "args": arguments}});
        let answer = self.call("POST", "/session", &json!({"capabilities": {"alwaysMatch": options}}))?;
        let session = answer["sessionId"].as_str().ok_or_else(|| otherwise(&answer.to_string()))?;
        Ok(Window { driver: self, session: format!("/session/{session}") })
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Stop> {
        let failed = |error: std::io::Error| otherwise(&error.to_string());
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).map_err(failed)?;
        write!(
            connection,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .map_err(failed)?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).map_err(failed)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or_else(|| otherwise(&answer))?;
        let mut said: Value = serde_json::from_str(body).map_err(|error| otherwise(&format!("{error}: {body}")))?;
        match said["value"]["error"].as_str() {
            Some(error) => Err(otherwise(&format!("{error}: {}", said["value"]["message"]))),
            None => Ok(said["value"].take()),
        }
    }
}

/// The window of a program; it is closed when this is dropped.
pub struct Window<'a> {
    driver: &'a Driver,
    session: String,
}

impl Window<'_> {
    /// Runs a script in the page.
    pub fn ask(&self, script: &str) -> Result<Value, Stop> {
        self.driver.call("POST", &format!("{}/execute/sync", self.session), &json!({"script": script, "args": []}))
    }

    /// Runs a script until it answers something else than null.
    pub fn until(&self, what: &str, script: &str) -> Result<Value, Stop> {
        let began = Instant::now();
        loop {
            match self.ask(script)? {
                Value::Null if began.elapsed() > PATIENCE => {
                    return Err(otherwise(&format!("waited in vain for {what}")));
                }
                Value::Null => std::thread::sleep(Duration::from_millis(50)),
                answer => return Ok(answer),
            }
        }
    }

    /// Presses keys where the keyboard is.
    pub fn keys(&self, keys: &str) -> Result<(), Stop> {
        let presses = keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let actions: Vec<Value> = presses.collect();
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.driver.call("POST", &format!("{}/actions", self.session), &body).map(drop)
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        let _ = self.driver.call("DELETE", &self.session, &Value::Null);
    }
}

/// Starts a process that says one line when it is ready.
fn answering(mut command: Command) -> Result<(Running, String), Stop> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let spawned = command.spawn();
    let failed = |source| Stop::Start { line: line(&command), source };
    let mut running = Running(spawned.map_err(failed)?);
    let mut said = String::new();
    if let Some(out) = running.0.stdout.take() {
        BufReader::new(out).read_line(&mut said).map_err(failed)?;
    }
    match said.trim() {
        "" => Err(Stop::Answer { line: line(&command), what: "nothing".to_owned() }),
        said => Ok((running, said.to_owned())),
    }
}

fn otherwise(what: &str) -> Stop {
    Stop::Answer { line: "WebKitWebDriver".to_owned(), what: what.to_owned() }
}

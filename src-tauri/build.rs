//! Prepares the window: which requests a page may make, and where its files are. Does nothing without the window.

/// What a page may ask. Each has a function in `commands/` and leave in `capabilities/main.json`.
#[cfg(feature = "desktop")]
const REQUESTS: [&str; 21] = [
    "app_view",
    "create_installation",
    "unlock",
    "lock",
    "touch",
    "ask",
    "set_settings",
    "passphrase_strength",
    "change_passphrase",
    "backup_words",
    "copy",
    "clipboard_holds",
    "export",
    "backup",
    "restore",
    "read_qr",
    "print",
    "ready",
    "practice_view",
    "practice_next_step",
    "practice_start_again",
];

#[cfg(not(feature = "desktop"))]
fn main() {}

#[cfg(feature = "desktop")]
fn main() -> std::io::Result<()> {
    // The window embeds these files when it is compiled, so a changed page must compile it again.
    println!("cargo:rerun-if-changed=ui/dist");
    let page = std::path::Path::new("ui/dist/index.html");
    if !page.exists() {
        // So that a fresh checkout compiles; `cargo xtask` builds the real pages first and replaces this one.
        println!("cargo:warning=the window's pages are not built yet: run `cargo xtask ui`");
        std::fs::create_dir_all("ui/dist")?;
        std::fs::write(
            page,
            "<!doctype html>\n<title>Conclave</title>\n<p>The window's pages are not built: run cargo xtask ui.</p>\n",
        )?;
    }
    let requests = tauri_build::AppManifest::new().commands(&REQUESTS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(requests)).map_err(std::io::Error::other)
}

//! Prepares the window: which requests a page may make, and where its files are. Does nothing without the window.

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
    let requests =
        tauri_build::AppManifest::new().commands(&["practice_view", "practice_next_step", "practice_start_again"]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(requests)).map_err(std::io::Error::other)
}

//! Notices on the desktop: handed to whatever shows notifications there, and never waited for.

use std::time::Duration;

use notify_rust::{Notification, Timeout};
use tokio::sync::mpsc;

use super::notices::Notice;

/// Notices that wait to be shown. What finds no room is not shown: the window shows it all the same.
const WAITING: usize = 32;
/// How long a desktop may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows notices one after the other.
pub struct Notifier {
    notices: mpsc::Sender<Notice>,
}

impl Notifier {
    /// Starts a task of its own on the current tokio runtime. It ends when this is dropped.
    pub fn start() -> Self {
        let (notices, mut waiting) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut silent = false;
            while let Some(notice) = waiting.recv().await {
                let shown = tokio::time::timeout(PATIENCE, show(&notice)).await;
                // A desktop without notifications is told of once, and without what would have been shown.
                if !matches!(shown, Ok(Ok(()))) && !std::mem::replace(&mut silent, true) {
                    eprintln!("conclave-desktop: this desktop shows no notifications");
                }
            }
        });
        Self { notices }
    }

    /// Hands notices over to be shown.
    pub fn show(&self, notices: Vec<Notice>) {
        for notice in notices {
            let _ = self.notices.try_send(notice);
        }
    }
}

/// Shows one notice.
///
/// Errors: there is nothing on this desktop that shows notifications.
pub async fn show(notice: &Notice) -> Result<(), notify_rust::error::Error> {
    let mut notification = Notification::new();
    notification.appname("Conclave").summary(&notice.title).body(&notice.body).timeout(Timeout::Default);
    #[cfg(all(unix, not(target_os = "macos")))]
    notification.show_async().await?;
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    notification.show()?;
    Ok(())
}

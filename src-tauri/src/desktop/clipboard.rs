//! The clipboard: what was copied here is taken back after a while, and what was pasted can be compared with what is there
//! now.
//!
//! Only a text that was copied here is ever taken back, and only while it still stands there. What does not belong here:
//! which texts may be copied.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::HostError;

/// Longest text that is copied, in bytes.
pub const COPY_LIMIT: usize = 64 * 1024;
/// How long a clipboard may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A system's clipboard. Its methods may block for a while.
pub trait Board: Send {
    /// The text that stands there; none where there is none, or something that is no text.
    fn text(&mut self) -> Result<Option<String>, HostError>;
    /// Puts a text there.
    fn set(&mut self, text: &str) -> Result<(), HostError>;
    /// Empties it.
    fn clear(&mut self) -> Result<(), HostError>;
}

/// The clipboard, and what was copied to it from here.
pub(super) struct Clipboard {
    held: Arc<Mutex<Held>>,
    keep: Duration,
}

struct Held {
    make: Box<dyn Fn() -> Result<Box<dyn Board>, HostError> + Send>,
    board: Option<Box<dyn Board>>,
    copied: Option<Zeroizing<String>>,
    /// How often something was copied: tells a text from the same text that was copied again later.
    copies: u64,
}

impl Held {
    /// Does something with the board, which is opened when it is first needed. One that failed is opened anew.
    fn with<T>(&mut self, act: impl FnOnce(&mut dyn Board) -> Result<T, HostError>) -> Result<T, HostError> {
        let mut board = match self.board.take() {
            Some(board) => board,
            None => (self.make)()?,
        };
        let done = act(&mut *board)?;
        self.board = Some(board);
        Ok(done)
    }

    fn take_back(&mut self) -> Result<(), HostError> {
        let Some(copied) = self.copied.take() else { return Ok(()) };
        self.with(|board| if board.text()?.as_deref() == Some(copied.as_str()) { board.clear() } else { Ok(()) })
    }
}

impl Clipboard {
    /// `keep`: how long a copied text stays.
    pub(super) fn new(make: impl Fn() -> Result<Box<dyn Board>, HostError> + Send + 'static, keep: Duration) -> Self {
        let held = Held { make: Box::new(make), board: None, copied: None, copies: 0 };
        Self { held: Arc::new(Mutex::new(held)), keep }
    }

    /// Copies a text, for a while.
    pub(super) async fn copy(&self, text: String) -> Result<(), HostError> {
        let text = Zeroizing::new(text);
        if text.len() > COPY_LIMIT {
            return Err(HostError::CopyLong { found: text.len(), limit: COPY_LIMIT });
        }
        let number = act(&self.held, move |held| {
            held.with(|board| board.set(&text))?;
            held.copied = Some(text);
            held.copies += 1;
            Ok(held.copies)
        })
        .await?;
        let (held, keep) = (self.held.clone(), self.keep);
        tokio::spawn(async move {
            tokio::time::sleep(keep).await;
            // Nobody is there any more to hear that it cannot be reached.
            let _ = act(&held, move |held| if held.copies == number { held.take_back() } else { Ok(()) }).await;
        });
        Ok(())
    }

    /// Whether this text stands there now, whatever white space is around it.
    pub(super) async fn holds(&self, text: String) -> Result<bool, HostError> {
        let text = Zeroizing::new(text);
        act(&self.held, move |held| {
            let found = held.with(|board| board.text())?.map(Zeroizing::new);
            Ok(found.is_some_and(|found| found.trim() == text.trim()))
        })
        .await
    }

    /// Takes back what was copied, if it still stands there.
    pub(super) async fn take_back(&self) {
        let _ = act(&self.held, Held::take_back).await;
    }
}

/// Does something on a thread of its own, and waits for a while: a clipboard belongs to other programs.
async fn act<T: Send + 'static>(
    held: &Arc<Mutex<Held>>,
    act: impl FnOnce(&mut Held) -> Result<T, HostError> + Send + 'static,
) -> Result<T, HostError> {
    let held = held.clone();
    let work = tokio::task::spawn_blocking(move || act(&mut held.lock().unwrap_or_else(PoisonError::into_inner)));
    let unreachable = |reason: &str| HostError::ClipboardUnreachable { reason: reason.to_owned() };
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(unreachable("it gave up")),
        Err(_) => Err(unreachable("it does not answer")),
    }
}

/// The clipboard of this desktop.
#[cfg(feature = "desktop")]
pub fn system() -> Result<Box<dyn Board>, HostError> {
    Ok(Box::new(arboard::Clipboard::new().map_err(|error| unreachable(&error))?))
}

#[cfg(feature = "desktop")]
fn unreachable(error: &arboard::Error) -> HostError {
    HostError::ClipboardUnreachable { reason: error.to_string() }
}

#[cfg(feature = "desktop")]
impl Board for arboard::Clipboard {
    fn text(&mut self) -> Result<Option<String>, HostError> {
        match self.get_text() {
            Ok(text) => Ok(Some(text)),
            Err(arboard::Error::ContentNotAvailable | arboard::Error::ConversionFailure) => Ok(None),
            Err(error) => Err(unreachable(&error)),
        }
    }

    fn set(&mut self, text: &str) -> Result<(), HostError> {
        let set = arboard::Clipboard::set(self);
        // Programs that keep what was ever copied are asked to pass over it.
        #[cfg(all(unix, not(target_os = "macos")))]
        let set = arboard::SetExtLinux::exclude_from_history(set);
        set.text(text).map_err(|error| unreachable(&error))
    }

    fn clear(&mut self) -> Result<(), HostError> {
        arboard::Clipboard::clear(self).map_err(|error| unreachable(&error))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A clipboard that tests and programs share.
    #[derive(Clone, Default)]
    pub(in crate::desktop) struct Shared(pub(in crate::desktop) Arc<Mutex<Option<String>>>);

    impl Shared {
        pub(in crate::desktop) fn now(&self) -> Option<String> {
            self.0.lock().unwrap().clone()
        }

        fn put(&self, text: &str) {
            *self.0.lock().unwrap() = Some(text.to_owned());
        }

        fn over(&self, keep: Duration) -> Clipboard {
            let shared = self.clone();
            Clipboard::new(move || Ok(Box::new(shared.clone())), keep)
        }
    }

    impl Board for Shared {
        fn text(&mut self) -> Result<Option<String>, HostError> {
            Ok(self.now())
        }

        fn set(&mut self, text: &str) -> Result<(), HostError> {
            self.put(text);
            Ok(())
        }

        fn clear(&mut self) -> Result<(), HostError> {
            *self.0.lock().unwrap() = None;
            Ok(())
        }
    }

    const LONG: Duration = Duration::from_secs(3_600);

    async fn until(is: impl Fn() -> bool) {
        while !is() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn what_was_copied_is_taken_back_after_a_while() {
        let board = Shared::default();
        board.over(Duration::from_millis(20)).copy("bcrt1q".to_owned()).await.unwrap();
        until(|| board.now().is_none()).await;
    }

    #[tokio::test]
    async fn what_somebody_else_copied_stays() {
        let board = Shared::default();
        let clipboard = board.over(LONG);
        clipboard.copy("ours".to_owned()).await.unwrap();
        board.put("theirs");
        clipboard.take_back().await;
        assert_eq!(board.now().as_deref(), Some("theirs"));
        // It is not ours either if it becomes the same later.
        board.put("ours");
        clipboard.take_back().await;
        assert_eq!(board.now().as_deref(), Some("ours"));
    }

    #[tokio::test]
    async fn a_text_that_is_copied_again_gets_its_whole_time_again() {
        let board = Shared::default();
        let clipboard = board.over(LONG);
        clipboard.copy("one".to_owned()).await.unwrap();
        let first = clipboard.held.lock().unwrap().copies;
        clipboard.copy("one".to_owned()).await.unwrap();
        assert_ne!(clipboard.held.lock().unwrap().copies, first, "the timer of the first finds another number");
        clipboard.take_back().await;
        assert_eq!(board.now(), None);
    }

    #[tokio::test]
    async fn what_was_pasted_is_compared_with_what_is_there() {
        let board = Shared::default();
        let clipboard = board.over(LONG);
        assert!(!clipboard.holds("bcrt1qa".to_owned()).await.unwrap());
        board.put("bcrt1qa\n");
        assert!(clipboard.holds(" bcrt1qa".to_owned()).await.unwrap());
        assert!(!clipboard.holds("bcrt1qb".to_owned()).await.unwrap());
    }

    #[tokio::test]
    async fn a_clipboard_that_is_not_there_is_said_by_name_and_tried_again() {
        let board = Shared::default();
        let tries = Arc::new(Mutex::new(0));
        let clipboard = {
            let (board, tries) = (board.clone(), tries.clone());
            let make = move || -> Result<Box<dyn Board>, HostError> {
                *tries.lock().unwrap() += 1;
                match *tries.lock().unwrap() {
                    1 => Err(HostError::ClipboardUnreachable { reason: "no display".to_owned() }),
                    _ => Ok(Box::new(board.clone())),
                }
            };
            Clipboard::new(make, LONG)
        };
        let failure = clipboard.copy("x".to_owned()).await.unwrap_err().failure();
        assert_eq!(failure.code, "clipboard-unreachable");
        clipboard.copy("x".to_owned()).await.unwrap();
        assert_eq!(board.now().as_deref(), Some("x"));
        let long = clipboard.copy("x".repeat(COPY_LIMIT + 1)).await.unwrap_err();
        assert_eq!(long.failure().code, "copy-long");
        assert_eq!(board.now().as_deref(), Some("x"));
    }
}

//! The desktop's notifications, as a desktop shows them: the service `org.freedesktop.Notifications`, which remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::{Connection, Variant, connection, interface};

use crate::stage::{Outcome, until};

/// One notification.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its first line.
    pub title: String,
    /// The rest.
    pub text: String,
}

/// All that was shown so far. The service ends when this is dropped.
pub struct Notices {
    shown: Arc<Mutex<Vec<Notice>>>,
    _service: Connection,
}

struct Desktop {
    shown: Arc<Mutex<Vec<Notice>>>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(clippy::too_many_arguments, reason = "the desktop's own interface")]
    fn notify(
        &self,
        _app: String,
        replaces: u32,
        _icon: String,
        title: String,
        text: String,
        _actions: Vec<String>,
        _hints: HashMap<String, Variant<'_>>,
        _milliseconds: i32,
    ) -> u32 {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push(Notice { title, text });
        if replaces == 0 { shown.len() as u32 } else { replaces }
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("test".to_owned(), "conclave".to_owned(), "1".to_owned(), "1.2".to_owned())
    }
}

impl Notices {
    /// Shows notifications on this message bus from now on.
    pub async fn shown_on(bus: &str) -> Outcome<Self> {
        let shown = Arc::<Mutex<Vec<Notice>>>::default();
        let desktop = Desktop { shown: shown.clone() };
        let service = connection::Builder::address(bus)
            .name("org.freedesktop.Notifications")
            .serve_at("/org/freedesktop/Notifications", desktop)
            .build()
            .await?;
        Ok(Self { shown, _service: service })
    }

    /// What was shown so far.
    pub fn so_far(&self) -> Vec<Notice> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a notification in which all of these words stand.
    pub async fn with(&self, words: &[&str]) -> Outcome<Notice> {
        let fits = |notice: &Notice| words.iter().all(|word| notice.title.contains(word) || notice.text.contains(word));
        let wish = format!("a notification says {words:?}");
        let asked = until(&wish, async || Ok(self.so_far().into_iter().find(fits)));
        asked.await.map_err(|error| format!("{error}; shown: {:?}", self.so_far()).into())
    }
}

//! The one way to the backend: requests with an answer, and being told that something changed.

use std::pin::Pin;

use conclave_shared::desktop::{AppView, Export, Saved, Settings, Strength};
use conclave_shared::practice::PracticeView;
use conclave_shared::request::{Failure, Reply, Request};
use conclave_shared::secret::SecretText;
use conclave_shared::{Topic, VaultId};
use js_sys::{Object, Reflect};
use leptos::prelude::window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::reader;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = invoke)]
    async fn invoke(command: &str, arguments: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = transformCallback)]
    fn transform_callback(callback: &Closure<dyn FnMut(JsValue)>) -> Result<JsValue, JsValue>;
}

/// Why there is no answer to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// The backend did not do it, and says why.
    Refused(Box<Failure>),
    /// The backend did not answer. The text says what was heard instead.
    Silent(String),
    /// It answered something else than what was asked.
    Unexpected,
}

impl From<JsValue> for Unanswered {
    fn from(heard: JsValue) -> Self {
        if let Ok(failure) = read::<Failure>(heard.clone()) {
            return Self::Refused(Box::new(failure));
        }
        let text = heard.as_string().or_else(|| Reflect::get(&heard, &"message".into()).ok()?.as_string());
        Self::Silent(text.unwrap_or_else(|| "no reason was given".to_owned()))
    }
}

/// Calls a command of the backend. `arguments` becomes an object: a struct whose fields are the command's arguments.
pub async fn call<A: Serialize, T: DeserializeOwned>(command: &str, arguments: &A) -> Result<T, Unanswered> {
    // As JSON would have it: maps become objects, and none becomes null.
    let arguments = arguments
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| Unanswered::Silent(error.to_string()))?;
    read(invoke(command, arguments).await?)
}

fn read<T: DeserializeOwned>(answer: JsValue) -> Result<T, Unanswered> {
    reader::read(answer).map_err(|unreadable| Unanswered::Silent(unreadable.to_string()))
}

#[derive(Serialize)]
struct Nothing {}

/// Asks the open installation, and takes the answer out of the one kind of reply that it expects. A failure is why there is none.
pub async fn ask<T>(request: Request, take: fn(Reply) -> Option<T>) -> Result<T, Unanswered> {
    take(reply(request).await?).ok_or(Unanswered::Unexpected)
}

// Its size is hidden in a box: else it would stand within each of the many futures that wait for a reply.
fn reply(request: Request) -> Pin<Box<dyn Future<Output = Result<Reply, Unanswered>>>> {
    #[derive(Serialize)]
    struct Arguments {
        request: Request,
    }
    Box::pin(async move {
        match call("ask", &Arguments { request }).await? {
            Reply::Failed(failure) => Err(Unanswered::Refused(Box::new(failure))),
            reply => Ok(reply),
        }
    })
}

/// Asks the open installation for one kind of reply:
/// `answer!(Request::ShowVault(OnVault { vault }), Reply::Vault(view) => *view)` is a future of the view.
#[macro_export]
macro_rules! answer {
    ($request:expr, $reply:pat => $value:expr) => {
        $crate::ipc::ask($request, |reply| if let $reply = reply { Some($value) } else { None })
    };
}

/// How the program stands.
pub async fn app_view() -> Result<AppView, Unanswered> {
    call("app_view", &Nothing {}).await
}

#[derive(Serialize)]
struct Passphrase {
    passphrase: String,
}

/// Makes the installation, and opens it.
pub async fn create_installation(passphrase: String) -> Result<AppView, Unanswered> {
    call("create_installation", &Passphrase { passphrase }).await
}

/// Opens the installation.
pub async fn unlock(passphrase: String) -> Result<AppView, Unanswered> {
    call("unlock", &Passphrase { passphrase }).await
}

/// Closes it.
pub async fn lock() -> Result<AppView, Unanswered> {
    call("lock", &Nothing {}).await
}

/// How strong a passphrase is. It is not kept.
pub async fn passphrase_strength(passphrase: String) -> Result<Strength, Unanswered> {
    call("passphrase_strength", &Passphrase { passphrase }).await
}

/// Changes the settings.
pub async fn change_settings(settings: Settings) -> Result<AppView, Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        settings: Settings,
    }
    call("set_settings", &Arguments { settings }).await
}

/// Puts a new passphrase in the place of the current one.
pub async fn change_passphrase(current: String, new: String) -> Result<AppView, Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        current: String,
        new: String,
    }
    call("change_passphrase", &Arguments { current, new }).await
}

/// The words of this installation's key of a vault.
pub async fn backup_words(vault: VaultId, passphrase: String) -> Result<SecretText, Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        vault: VaultId,
        passphrase: String,
    }
    call("backup_words", &Arguments { vault, passphrase }).await
}

/// Copies a text; the host clears the clipboard after 60 seconds if it is still there.
pub async fn copy(text: String) -> Result<(), Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        text: String,
    }
    call("copy", &Arguments { text }).await
}

/// Whether the clipboard holds a text now.
pub async fn clipboard_holds(text: String) -> Result<bool, Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        text: String,
    }
    call("clipboard_holds", &Arguments { text }).await
}

/// The text of the QR code in a picture, which is given in base64.
pub async fn read_qr(picture: String) -> Result<String, Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        picture: String,
    }
    call("read_qr", &Arguments { picture }).await
}

/// Opens the system's dialog to print the page.
pub async fn print() -> Result<(), Unanswered> {
    call("print", &Nothing {}).await
}

/// Tells that the page stands, so that the window is shown.
pub async fn ready() -> Result<(), Unanswered> {
    call("ready", &Nothing {}).await
}

/// Writes a backup of the whole installation to the exports folder.
pub async fn backup() -> Result<Saved, Unanswered> {
    call("backup", &Nothing {}).await
}

/// Puts a backup, given in base64, in the place of no installation, and opens it.
pub async fn restore(file: String, passphrase: String) -> Result<AppView, Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        file: String,
        passphrase: String,
    }
    call("restore", &Arguments { file, passphrase }).await
}

/// Tells that somebody is there, so that the installation is not locked.
pub async fn touch() -> Result<(), Unanswered> {
    call("touch", &Nothing {}).await
}

/// Writes something to the exports folder.
pub async fn export(export: Export) -> Result<Saved, Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        export: Export,
    }
    call("export", &Arguments { export }).await
}

/// The practice vault as it stands.
pub async fn practice_view() -> Result<PracticeView, Unanswered> {
    call("practice_view", &Nothing {}).await
}

/// Runs the next step to its end.
pub async fn practice_next_step() -> Result<PracticeView, Unanswered> {
    call("practice_next_step", &Nothing {}).await
}

/// Throws the practice vault away.
pub async fn practice_start_again() -> Result<PracticeView, Unanswered> {
    call("practice_start_again", &Nothing {}).await
}

/// A file that lies beside the pages, as text.
pub async fn file(path: &str) -> Result<String, Unanswered> {
    let answer: Response = JsFuture::from(window().fetch_with_str(path)).await?.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?;
    text.as_string().filter(|_| answer.ok()).ok_or(Unanswered::Unexpected)
}

/// Calls `changed` with each topic that the backend tells, for as long as the window is open.
pub async fn on_topic(changed: impl Fn(Topic) + 'static) -> Result<(), Unanswered> {
    let callback = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let payload = Reflect::get(&event, &"payload".into()).unwrap_or(JsValue::UNDEFINED);
        // A topic that this page does not know is not about this page.
        if let Ok(topic) = reader::read(payload) {
            changed(topic);
        }
    });
    let arguments = Object::new();
    let target = Object::new();
    Reflect::set(&target, &"kind".into(), &"Any".into())?;
    Reflect::set(&arguments, &"event".into(), &"topic".into())?;
    Reflect::set(&arguments, &"target".into(), &target)?;
    Reflect::set(&arguments, &"handler".into(), &transform_callback(&callback)?)?;
    // The window calls it until it closes: it is never dropped.
    callback.forget();
    invoke("plugin:event|listen", arguments.into()).await?;
    Ok(())
}

//! The one way to the backend: requests with an answer, and being told that something changed.

use conclave_shared::Topic;
use conclave_shared::practice::PracticeView;
use js_sys::{Object, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = invoke)]
    async fn invoke(command: &str, arguments: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = transformCallback)]
    fn transform_callback(callback: &Closure<dyn FnMut(JsValue)>) -> Result<JsValue, JsValue>;
}

/// The backend did not answer, or not in words that this page knows. The text says what was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered(pub String);

impl From<JsValue> for Unanswered {
    fn from(heard: JsValue) -> Self {
        let text = heard.as_string().or_else(|| Reflect::get(&heard, &"message".into()).ok()?.as_string());
        Self(text.unwrap_or_else(|| "no reason was given".to_owned()))
    }
}

async fn ask<T: DeserializeOwned>(command: &str) -> Result<T, Unanswered> {
    let answer = invoke(command, Object::new().into()).await?;
    serde_wasm_bindgen::from_value(answer).map_err(|error| Unanswered(error.to_string()))
}

/// The practice vault as it stands.
pub async fn practice_view() -> Result<PracticeView, Unanswered> {
    ask("practice_view").await
}

/// Runs the next step to its end.
pub async fn practice_next_step() -> Result<PracticeView, Unanswered> {
    ask("practice_next_step").await
}

/// Throws the practice vault away.
pub async fn practice_start_again() -> Result<PracticeView, Unanswered> {
    ask("practice_start_again").await
}

/// Calls `changed` with each topic that the backend tells, for as long as the window is open.
pub async fn on_topic(changed: impl Fn(Topic) + 'static) -> Result<(), Unanswered> {
    let callback = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let payload = Reflect::get(&event, &"payload".into()).unwrap_or(JsValue::UNDEFINED);
        // A topic that this page does not know is not about this page.
        if let Ok(topic) = serde_wasm_bindgen::from_value(payload) {
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

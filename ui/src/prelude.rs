//! What every page is written with: leptos, and in the place of some of it what makes smaller pages.

pub use leptos::prelude::*;

pub use crate::closures::Callback;
pub use crate::components::shown::{For, Show};
pub use crate::signals::{Memo, RwSignal, Signal};

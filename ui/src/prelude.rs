//! What every page is written with: leptos, and in the place of some of it what makes smaller pages.

pub use leptos::prelude::*;

pub use crate::closures::Callback;
pub use crate::components::shown::{For, Show};
pub use crate::signals::{Memo, RwSignal, Signal};

/// As leptos' own, but whatever it makes is of one type, [`AnyView`]: else lists of it, and what is there only at times, would be
/// compiled once for each element.
macro_rules! view {
    ($($nodes:tt)*) => {
        ::leptos::prelude::IntoAny::into_any(::leptos::view! { $($nodes)* })
    };
}

pub(crate) use view;

/// As leptos' own, for [`view!`].
pub trait CollectView {
    /// The views one after the other.
    fn collect_view(self) -> Vec<AnyView>;
}

impl<V: IntoView + 'static, I: IntoIterator<Item = V>> CollectView for I {
    fn collect_view(self) -> Vec<AnyView> {
        self.into_iter().map(IntoAny::into_any).collect()
    }
}

//! Closures behind pointers, where there are many of them.
//!
//! `Box<dyn Fn(A) -> T>` does the same. But a `Fn` can also be called by value and by a reference that changes it; nobody calls
//! these so, and yet the compiler writes it out for each of them: a tenth of the pages.

use std::sync::Arc;

use leptos::children::ToChildren;
use leptos::prelude::{AnyView, IntoAny, IntoView, StoredValue, WithValue};

/// Does something, and gives back what comes of it.
pub trait Does<A, T> {
    /// Does it.
    fn done(&self, with: A) -> T;
}

impl<A, T, F: Fn(A) -> T> Does<A, T> for F {
    fn done(&self, with: A) -> T {
        self(with)
    }
}

/// Makes what is shown, time and again.
pub trait Makes {
    /// Makes it.
    fn made(&mut self) -> AnyView;
}

impl<V: IntoView + 'static, F: FnMut() -> V> Makes for F {
    fn made(&mut self) -> AnyView {
        self().into_any()
    }
}

/// What happens when something is done.
pub struct Callback<A: 'static, T: 'static = ()>(StoredValue<Arc<dyn Does<A, T> + Send + Sync>>);

impl<A, T> Clone for Callback<A, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, T> Copy for Callback<A, T> {}

impl<A, T, F: Fn(A) -> T + Send + Sync + 'static> From<F> for Callback<A, T> {
    fn from(does: F) -> Self {
        Self(kept(Arc::new(does)))
    }
}

#[inline(never)]
fn kept<A: 'static, T: 'static>(
    does: Arc<dyn Does<A, T> + Send + Sync>,
) -> StoredValue<Arc<dyn Does<A, T> + Send + Sync>> {
    StoredValue::new(does)
}

impl<A, T> Callback<A, T> {
    /// Lets it happen.
    pub fn run(self, with: A) -> T {
        let does = self.0.with_value(Arc::clone);
        does.done(with)
    }
}

/// What stands within a component, made whenever it is shown.
pub struct Within(Arc<dyn Does<(), AnyView> + Send + Sync>);

impl Within {
    /// Makes it.
    pub fn made(&self) -> AnyView {
        self.0.done(())
    }
}

impl<V: IntoView + 'static, F: Fn() -> V + Send + Sync + 'static> ToChildren<F> for Within {
    fn to_children(within: F) -> Self {
        Self(Arc::new(move |()| within().into_any()))
    }
}

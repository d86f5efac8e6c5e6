//! Values that change while they are shown: those of leptos, with their types hidden from it.
//!
//! Leptos compiles all that it does with a signal, a memo or a derived signal once for each type of value. Here it knows one type,
//! [`Known`], and who made a signal alone knows what is in it: the pages are a sixth smaller for it.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use conclave_shared::Sat;
use leptos::prelude::{self as whole, Get, GetUntracked, IsDisposed, Set, Track};

use crate::closures::Does;

/// A value whose type is known to who made it.
#[derive(Clone)]
struct Known(Arc<dyn Any + Send + Sync>);

impl Known {
    fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self(Arc::new(value))
    }

    #[inline(never)]
    fn of<T: 'static>(&self) -> &T {
        self.0.downcast_ref().unwrap_or_else(|| foreign())
    }
}

#[cold]
#[inline(never)]
fn foreign() -> ! {
    unreachable!("a value is read as what it was made as")
}

/// A value to read.
pub struct Signal<T> {
    known: whole::Signal<Known>,
    of: PhantomData<fn() -> T>,
}

/// A value that is worked out of others; whoever reads it is told only when it is another one.
pub struct Memo<T> {
    known: whole::Memo<Known>,
    of: PhantomData<fn() -> T>,
}

/// A value to read and to set.
pub struct RwSignal<T> {
    known: whole::RwSignal<Known>,
    of: PhantomData<fn() -> T>,
}

macro_rules! readable {
    ($($name:ident)*) => {
        $(
            impl<T> Clone for $name<T> {
                fn clone(&self) -> Self {
                    *self
                }
            }

            impl<T> Copy for $name<T> {}

            impl<T: Send + Sync + 'static> $name<T> {
                /// The value; whoever reads it is told when it changes.
                pub fn get(&self) -> T
                where
                    T: Clone,
                {
                    self.known.get().of::<T>().clone()
                }

                /// The same without being told.
                pub fn get_untracked(&self) -> T
                where
                    T: Clone,
                {
                    self.known.get_untracked().of::<T>().clone()
                }

                /// What `look` makes of the value; whoever reads it is told when it changes.
                pub fn with<U>(&self, look: impl FnOnce(&T) -> U) -> U {
                    look(self.known.get().of())
                }

                /// The same without being told.
                pub fn with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> U {
                    look(self.known.get_untracked().of())
                }

                /// Is told when the value changes, and does not look at it now.
                pub fn track(&self) {
                    self.known.track();
                }
            }
        )*
    };
}

readable!(Signal Memo RwSignal);

impl<T: Send + Sync + 'static> Signal<T> {
    /// A value that is worked out whenever it is read.
    pub fn derive(value: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { known: derived(Box::new(move |()| Known::new(value()))), of: PhantomData }
    }

    /// A value that does not change.
    pub fn stored(value: T) -> Self {
        Self { known: stored(Known::new(value)), of: PhantomData }
    }
}

#[inline(never)]
fn derived(value: Box<dyn Does<(), Known> + Send + Sync>) -> whole::Signal<Known> {
    whole::Signal::derive(move || value.done(()))
}

#[inline(never)]
fn stored(value: Known) -> whole::Signal<Known> {
    whole::Signal::stored(value)
}

impl<T: Default + Send + Sync + 'static> Default for Signal<T> {
    fn default() -> Self {
        Self::stored(T::default())
    }
}

impl<T: Send + Sync + 'static, F: Fn() -> T + Send + Sync + 'static> From<F> for Signal<T> {
    fn from(value: F) -> Self {
        Self::derive(value)
    }
}

macro_rules! plain {
    ($($name:ty)*) => {
        $(impl From<$name> for Signal<$name> {
            fn from(value: $name) -> Self {
                Self::stored(value)
            }
        })*
    };
}

plain!(bool Sat);

impl<T> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self { known: memo.known.into(), of: PhantomData }
    }
}

impl<T> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self { known: signal.known.into(), of: PhantomData }
    }
}

impl From<Signal<String>> for whole::TextProp {
    fn from(signal: Signal<String>) -> Self {
        (move || signal.get()).into()
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A value that is worked out anew when one that it was worked out of changes. `value` gets the last one.
    pub fn new(value: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let known = memo(Box::new(move |before: Option<Known>| {
            let before = before.as_ref().map(Known::of::<T>);
            let now = value(before);
            let other = before != Some(&now);
            (Known::new(now), other)
        }));
        Self { known, of: PhantomData }
    }
}

#[inline(never)]
fn memo(value: Box<dyn Does<Option<Known>, (Known, bool)> + Send + Sync>) -> whole::Memo<Known> {
    whole::Memo::new_owning(move |before| value.done(before))
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A value that is this one at first.
    pub fn new(value: T) -> Self {
        Self { known: settable(Known::new(value)), of: PhantomData }
    }

    /// A value that is set before it is read.
    pub fn not_yet() -> Self {
        Self { known: settable(Known::new(())), of: PhantomData }
    }

    /// Puts another in its place, and tells so.
    pub fn set(&self, value: T) {
        set(self.known, Known::new(value));
    }

    /// The same, unless nobody can look any more.
    pub fn try_set(&self, value: T) {
        if !self.is_disposed() {
            self.set(value);
        }
    }

    /// Changes the value, and tells so.
    pub fn update(&self, change: impl FnOnce(&mut T))
    where
        T: Clone,
    {
        let mut value = self.get_untracked();
        change(&mut value);
        self.set(value);
    }

    /// Whether nobody can look any more.
    pub fn is_disposed(&self) -> bool {
        self.known.is_disposed()
    }
}

/// Two are the same where setting one sets the other.
impl<T> PartialEq for RwSignal<T> {
    fn eq(&self, other: &Self) -> bool {
        self.known == other.known
    }
}

#[inline(never)]
fn settable(value: Known) -> whole::RwSignal<Known> {
    whole::RwSignal::new(value)
}

#[inline(never)]
fn set(signal: whole::RwSignal<Known>, value: Known) {
    signal.set(value);
}

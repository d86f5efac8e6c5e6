//! Questions whose answers are kept up to date, and acts that are under way.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conclave_shared::Topic;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use leptos::task::spawn_local;

use crate::app::Topics;
use crate::closures::{Does, Makes};
use crate::ipc::Unanswered;
use crate::prelude::*;

/// What is awaited. Its type is hidden, so that what is done with it is compiled once for each kind of answer and not once for
/// each question: the pages stay small.
type Awaited<T> = Pin<Box<dyn Future<Output = Result<T, Unanswered>>>>;

/// An answer that is asked for when it is made, and again whenever its topic is told or what its question depends on
/// changes. The last good answer stays when a later question fails.
pub struct Asked<T: Send + Sync + 'static> {
    value: RwSignal<T>,
    /// Whether there is a good answer yet.
    there: RwSignal<bool>,
    unanswered: RwSignal<Option<Unanswered>>,
    again: RwSignal<u64>,
    /// Numbers the questions, so that an answer that was overtaken is not shown.
    asked: StoredValue<u64>,
    shown: StoredValue<u64>,
}

impl<T: Send + Sync + 'static> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Asked<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Asked<T> {
    /// Asks now, and again when `topic` is told. Signals that `question` reads ask again, too.
    pub fn on<F>(topic: Topic, question: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, Unanswered>> + 'static,
    {
        let changed = Topics::told(topic);
        Self::asking(move || {
            changed.track();
            Box::pin(question())
        })
    }

    /// Asks now. Signals that `question` reads ask again.
    pub fn once<F>(question: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, Unanswered>> + 'static,
    {
        Self::asking(move || Box::pin(question()))
    }

    fn asking(question: impl Fn() -> Awaited<T> + 'static) -> Self {
        let new = Self {
            value: RwSignal::not_yet(),
            there: RwSignal::new(false),
            unanswered: RwSignal::new(None),
            again: RwSignal::new(0),
            asked: StoredValue::new(0),
            shown: StoredValue::new(0),
        };
        keep_asking(
            new.again,
            Box::new(move |()| {
                let (number, answer) = (new.next_number(), question());
                let shown: Shown = Box::pin(async move { new.show(number, answer.await) });
                shown
            }),
        );
        new
    }

    fn next_number(self) -> u64 {
        self.asked.update_value(|asked| *asked += 1);
        self.asked.try_get_value().unwrap_or_default()
    }

    /// Shows an answer unless a later question is answered already, or nobody looks any more.
    fn show(self, number: u64, answer: Result<T, Unanswered>) {
        if !is_next(self.shown, number) {
            return;
        }
        match answer {
            Ok(value) => {
                told(self.unanswered, None);
                let there = self.there.get_untracked();
                if !there || self.value.with_untracked(|last| *last != value) {
                    self.value.set(value);
                }
                if !there {
                    self.there.set(true);
                }
            }
            Err(unanswered) => told(self.unanswered, Some(unanswered)),
        }
    }

    /// Asks again.
    pub fn again(self) {
        self.again.update(|times| *times += 1);
    }

    /// Takes an answer that came with an act: it is newer than whatever was asked before.
    pub fn take(self, value: T) {
        self.show(self.next_number(), Ok(value));
    }

    /// The last good answer; whoever reads it is told of the next.
    pub fn get(self) -> Option<T> {
        self.there.get().then(|| self.value.get())
    }

    /// The same without being told.
    pub fn get_untracked(self) -> Option<T> {
        self.there.get_untracked().then(|| self.value.get_untracked())
    }

    /// The answer as a signal that is there from the first good answer on, and the same from then on.
    pub fn value(self) -> Option<Signal<T>> {
        self.there.get().then(|| self.value.into())
    }

    /// Whether there is a good answer.
    pub fn is_there(self) -> bool {
        self.there.get()
    }

    /// Why the last question was not answered.
    pub fn unanswered(self) -> Option<Unanswered> {
        self.unanswered.get()
    }
}

/// Whether the answer of this number is later than all that are shown, and somebody looks.
#[inline(never)]
fn is_next(shown: StoredValue<u64>, number: u64) -> bool {
    let next = shown.try_get_value().is_some_and(|shown| number >= shown);
    if next {
        shown.set_value(number);
    }
    next
}

/// Shows why there is no newer answer, or no more.
#[inline(never)]
fn told(shown: RwSignal<Option<Unanswered>>, now: Option<Unanswered>) {
    if now.is_some() || shown.with_untracked(Option::is_some) {
        shown.set(now);
    }
}

/// An answer that will be shown.
type Shown = Pin<Box<dyn Future<Output = ()>>>;

/// Asks, and again when `again` moves or what the question reads.
fn keep_asking(again: RwSignal<u64>, ask: Box<dyn Does<(), Shown>>) {
    effect(move |_| {
        again.track();
        spawn_local(ask.done(()));
    });
}

/// An act of a person: at most one at a time, and why the last one was not done.
#[derive(Clone, Copy)]
pub struct Act {
    busy: RwSignal<bool>,
    unanswered: RwSignal<Option<Unanswered>>,
}

impl Act {
    /// Nothing under way.
    pub fn new() -> Self {
        Self { busy: RwSignal::new(false), unanswered: RwSignal::new(None) }
    }

    /// Acts, unless it is under way already. `done` gets the answer, unless it failed or the page is gone by then.
    pub fn run<T: 'static>(
        self,
        request: impl Future<Output = Result<T, Unanswered>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.start(Box::pin(request), Box::new(done));
    }

    fn start<T: 'static>(self, request: Awaited<T>, done: Box<dyn FnOnce(T)>) {
        if !self.begins() {
            return;
        }
        spawn_local(async move {
            let answer = request.await;
            if self.ends() {
                match answer {
                    Ok(answer) => done(answer),
                    Err(unanswered) => told(self.unanswered, Some(unanswered)),
                }
            }
        });
    }

    /// Whether it can begin; then it is under way.
    fn begins(self) -> bool {
        let begins = !self.busy.get_untracked();
        if begins {
            self.busy.set(true);
            self.unanswered.set(None);
        }
        begins
    }

    /// Whether anybody still waits for its end; then it is under way no more.
    fn ends(self) -> bool {
        let awaited = !self.busy.is_disposed();
        if awaited {
            self.busy.set(false);
        }
        awaited
    }

    /// Whether it is under way.
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Why the last one was not done.
    pub fn unanswered(self) -> Option<Unanswered> {
        self.unanswered.get()
    }

    /// Forgets why.
    pub fn forget(self) {
        self.unanswered.set(None);
    }
}

/// How long somebody types on before what is typed is asked about.
const SETTLES: Duration = Duration::from_millis(300);

/// What `source` says once it has not changed for a moment: what is asked about while somebody types.
pub fn settled<T: Clone + PartialEq + Send + Sync + 'static>(source: Memo<T>) -> Signal<T> {
    let settled = RwSignal::new(source.get_untracked());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let clear = move || {
        if let Some(Some(earlier)) = timer.try_get_value() {
            earlier.clear();
        }
    };
    effect(move |_| {
        let now = source.get();
        clear();
        if settled.with_untracked(|settled| *settled != now) {
            timer.set_value(set_timeout_with_handle(move || settled.set(now), SETTLES).ok());
        }
    });
    on_cleanup(clear);
    settled.into()
}

/// A part of a page that changes: made again whenever a signal that it reads moves, and put in the place of what it was, element
/// by element, so that the keyboard stays where it is.
///
/// The types of what it is made of end here, as in [`effect`]: without that the compiler writes the same code once
/// for each place of the pages, and they are half as large again.
pub fn changing<V: IntoView + 'static>(part: impl FnMut() -> V + Send + 'static) -> SharedReactiveFunction<AnyView> {
    made(Box::new(part))
}

#[inline(never)]
fn made(mut part: Box<dyn Makes + Send>) -> SharedReactiveFunction<AnyView> {
    Arc::new(Mutex::new(move || part.made()))
}

/// A value that is worked out of signals, and whose readers are told only when it is another one.
pub fn memo<T: PartialEq + Send + Sync + 'static>(value: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Memo<T> {
    Memo::new(value)
}

/// Done once the page stands, and again whenever a signal that it reads moves.
pub fn effect<T: 'static>(done: impl FnMut(Option<T>) -> T + 'static) {
    let done: Box<dyn FnMut(Option<T>) -> T> = Box::new(done);
    Effect::new(done);
}

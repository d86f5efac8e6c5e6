//! Long lists, a part at a time: newer and older.

use crate::components::button::Button;
use crate::live::memo;
use crate::prelude::*;
use crate::t;

/// How many rows a part has.
pub const ROWS: u32 = 50;

/// Where in a long list one is: the last row of each part before this one, by whatever names a row.
pub struct Place<C: Send + Sync + 'static>(RwSignal<Vec<C>>);

impl<C: Send + Sync + 'static> Clone for Place<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Send + Sync + 'static> Copy for Place<C> {}

impl<C: Clone + Send + Sync + 'static> Place<C> {
    /// At the newest.
    pub fn newest() -> Self {
        Self(RwSignal::new(vec![]))
    }

    /// The row after which this part begins; whoever reads it is told of another part.
    pub fn after(self) -> Option<C> {
        self.0.with(|parts| parts.last().cloned())
    }

    /// Goes back to the newest.
    pub fn begin(self) {
        self.0.set(vec![]);
    }
}

/// The way to the other parts; nothing where there is one only.
#[component]
pub fn Pager<C>(
    /// Where one is.
    place: Place<C>,
    /// The last row of this part, where older ones follow.
    #[prop(into)]
    older: Signal<Option<C>>,
) -> impl IntoView
where
    C: Clone + PartialEq + Send + Sync + 'static,
{
    let first = memo(move |_| place.0.with(Vec::is_empty));
    let last = memo(move |_| older.with(Option::is_none));
    let forward = move |()| {
        if let Some(row) = older.get_untracked() {
            place.0.update(|parts| parts.push(row));
        }
    };
    let back = move |()| place.0.update(|parts| drop(parts.pop()));
    view! {
        <Show when=move || !(first.get() && last.get())>
            <nav class="pager" aria-label=t!("pager")>
                <Button press=back off=first>{t!("pager-newer")}</Button>
                <Button press=forward off=last>{t!("pager-older")}</Button>
            </nav>
        </Show>
    }
}

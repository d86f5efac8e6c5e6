//! What one can begin with: make a vault, join one, watch one, or practise.

use crate::app::App;
use crate::components::icon::{Icon, Shape};
use crate::components::page::Page;
use crate::prelude::*;
use crate::route::Route;
use crate::t;

/// The page.
#[component]
pub fn BeginPage() -> impl IntoView {
    view! {
        <Page title=t!("begin-title") lead=t!("begin-lead")>
            <Ways />
        </Page>
    }
}

/// The four ways.
#[component]
pub fn Ways() -> impl IntoView {
    let app = App::here();
    let ways = [
        (Route::Create, Shape::Plus, t!("begin-create"), t!("begin-create-text")),
        (Route::Join, Shape::Join, t!("begin-join"), t!("begin-join-text")),
        (Route::Watch, Shape::Eye, t!("begin-watch"), t!("begin-watch-text")),
        (Route::Practice, Shape::Practice, t!("begin-practice"), t!("begin-practice-text")),
    ];
    let ways = ways
        .into_iter()
        .map(|(to, shape, title, text)| {
            view! {
                <li>
                    <a
                        class="way"
                        href="#"
                        on:click=move |event| {
                            event.prevent_default();
                            app.go(to);
                        }
                    >
                        <Icon shape=shape />
                        <span class="way-title">{title}</span>
                        <span class="way-text">{text}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="ways">{ways}</ul> }
}

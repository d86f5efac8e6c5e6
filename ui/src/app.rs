//! What every page can count on: where one is, how the program stands, what time it is; and which screen that makes.

use conclave_shared::Topic;
use conclave_shared::desktop::{AppState, AppView, Language, Settings, Theme, Unit};
use leptos::ev;
use leptos::task::spawn_local;

use crate::clock::{Clock, now_ms};
use crate::components::answer::{Failed, Loading};
use crate::components::toast::Toast;
use crate::frame::Frame;
use crate::ipc;
use crate::live::{Asked, changing, effect, memo};
use crate::pages::start::FirstStart;
use crate::pages::unlock::Unlock;
use crate::prelude::*;
use crate::route::{Navigator, Route};
use crate::t;
use crate::words;

/// How long the host may think that nobody is there while somebody types, in ms.
const TOUCH_EVERY_MS: u64 = 15_000;

/// How often each topic was told.
#[derive(Clone, Copy)]
pub struct Topics {
    state: RwSignal<u64>,
    vaults: RwSignal<u64>,
    practice: RwSignal<u64>,
}

impl Topics {
    fn listen() -> Self {
        let topics = Self { state: RwSignal::new(0), vaults: RwSignal::new(0), practice: RwSignal::new(0) };
        spawn_local(async move {
            // Without it pages are as new as when they were opened; the first question then fails as well, and says so.
            let _ = ipc::on_topic(move |topic| topics.of(topic).update(|times| *times += 1)).await;
        });
        topics
    }

    fn of(self, topic: Topic) -> RwSignal<u64> {
        match topic {
            Topic::State => self.state,
            Topic::Vaults => self.vaults,
            Topic::Practice => self.practice,
        }
    }

    /// A signal that moves whenever the topic is told. For [`Asked`] alone.
    pub fn told(topic: Topic) -> RwSignal<u64> {
        expect_context::<Self>().of(topic)
    }
}

/// What every page can count on.
#[derive(Clone, Copy)]
pub struct App {
    view: Asked<AppView>,
    clock: Clock,
    navigator: Navigator,
    unit: Memo<Unit>,
    said: RwSignal<String>,
}

impl App {
    fn start() -> Self {
        let view = Asked::on(Topic::State, ipc::app_view);
        Self {
            view,
            clock: Clock::start(),
            navigator: Navigator::at(Route::Vaults),
            unit: memo(move |_| view.get().map(|view| view.settings.unit).unwrap_or_default()),
            said: RwSignal::new(String::new()),
        }
    }

    /// Taken by a component when it is made, and kept for what happens later.
    pub fn here() -> Self {
        expect_context()
    }

    /// The unit of amounts; whoever shows one is told of another.
    pub fn unit(self) -> Unit {
        self.unit.get()
    }

    /// Shows and takes amounts in this unit from now on, in the whole window.
    pub fn take_unit(self, unit: Unit) {
        let settings = self.view.get_untracked().map(|view| view.settings).unwrap_or_default();
        spawn_local(async move {
            match ipc::change_settings(Settings { unit, ..settings }).await {
                Ok(view) => self.view.take(view),
                Err(unanswered) => self.announce(words::unanswered(&unanswered)),
            }
        });
    }

    /// Now, in ms since 1970; whoever shows it is told when it moves on.
    pub fn now(self) -> u64 {
        self.clock.now()
    }

    /// Goes to a page.
    pub fn go(self, route: Route) {
        self.navigator.go(route);
    }

    /// The page that is shown, and the way back.
    pub fn navigator(self) -> Navigator {
        self.navigator
    }

    /// How the program stands, from the first answer on.
    pub fn view(self) -> Asked<AppView> {
        self.view
    }

    /// The settings.
    pub fn settings(self) -> Settings {
        self.view.get().map(|view| view.settings).unwrap_or_default()
    }

    /// Says something in passing: shown for some seconds, and read out.
    pub fn announce(self, text: String) {
        self.said.set(text);
    }

    /// Locks the installation.
    pub fn lock(self) {
        spawn_local(async move {
            match ipc::lock().await {
                Ok(view) => self.view.take(view),
                Err(unanswered) => self.announce(words::unanswered(&unanswered)),
            }
        });
    }
}

/// Which screen is shown, in which language.
#[derive(Clone, Copy, PartialEq)]
enum Screen {
    Opening,
    Unanswered,
    Of(AppState),
}

/// The window.
#[component]
pub fn Root() -> impl IntoView {
    provide_context(Topics::listen());
    let app = App::start();
    provide_context(app);
    dress(app);
    keep_awake(app);
    spawn_local(async {
        // Unheard, the window is shown a little later.
        let _ = ipc::ready().await;
    });

    let spoken = spoken(app);
    // Nobody begins to type in one language to be interrupted by another.
    let speaks = memo(move |before: Option<&bool>| {
        before == Some(&true) || app.view.get().is_some_and(|view| view.language == spoken.get())
    });
    let screen = memo(move |_| match (app.view.get(), app.view.unanswered()) {
        (Some(view), _) if speaks.get() => Screen::Of(view.state),
        (None, Some(_)) => Screen::Unanswered,
        (Some(_) | None, _) => Screen::Opening,
    });
    view! {
        {changing(move || {
            spoken.track();
            match screen.get() {
                Screen::Opening => view! { <main class="alone"><Loading words=t!("opening") /></main> },
                Screen::Unanswered => view! {
                    <main class="alone">
                        <Failed
                            unanswered=Signal::derive(move || app.view.unanswered())
                            kept=t!("opening-kept")
                            again=move |()| app.view.again()
                        />
                    </main>
                },
                Screen::Of(AppState::Fresh) => view! { <FirstStart /> },
                Screen::Of(AppState::Locked) => view! { <Unlock /> },
                Screen::Of(AppState::Open) => view! { <Frame /> },
            }
        })}
        <Toast said=app.said />
    }
}

/// The language that is spoken: the chosen one, once its words are loaded.
fn spoken(app: App) -> RwSignal<Language> {
    let spoken = RwSignal::new(words::spoken());
    let chosen = memo(move |_| app.view.get().map_or_else(system_language, |view| view.language));
    effect(move |_| {
        let language = chosen.get();
        if language != spoken.get_untracked() {
            spawn_local(async move {
                let messages = words::load(language).await;
                // Another may be chosen meanwhile.
                if chosen.get_untracked() == language {
                    words::speak(messages);
                    spoken.set(language);
                }
            });
        }
    });
    spoken
}

/// The system's language where it is one of ours, until the host has told which is chosen.
pub fn system_language() -> Language {
    let tag = window().navigator().language().unwrap_or_default();
    Language::ALL.into_iter().find(|language| tag.starts_with(language.tag())).unwrap_or_default()
}

/// Keeps the document's language and colours as the settings say.
fn dress(app: App) {
    effect(move |_| {
        let Some(view) = app.view.get() else { return };
        let Some(root) = document().document_element() else { return };
        let _ = root.set_attribute("lang", view.language.tag());
        let _ = match view.settings.theme {
            Theme::System => root.remove_attribute("data-theme"),
            Theme::Light => root.set_attribute("data-theme", "light"),
            Theme::Dark => root.set_attribute("data-theme", "dark"),
        };
    });
}

/// Tells the host that somebody is there, so that it locks only when nobody is.
fn keep_awake(app: App) {
    let told = StoredValue::new(0u64);
    let touch = move || {
        let open = app.view.get_untracked().is_some_and(|view| view.state == AppState::Open);
        let now = now_ms();
        if open && now.saturating_sub(told.get_value()) >= TOUCH_EVERY_MS {
            told.set_value(now);
            spawn_local(async move {
                // Unheard, it locks too early: a nuisance that explains itself.
                let _ = ipc::touch().await;
            });
        }
    };
    let _ = window_event_listener(ev::keydown, move |_| touch());
    let _ = window_event_listener(ev::pointermove, move |_| touch());
    let _ = window_event_listener(ev::pointerdown, move |_| touch());
    let _ = window_event_listener(ev::wheel, move |_| touch());
}

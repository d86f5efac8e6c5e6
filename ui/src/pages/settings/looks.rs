//! Language, colours, unit.

use conclave_shared::desktop::{Language, Theme, Unit};
use conclave_ui_logic::{amount, messages};

use crate::components::choice::Select;
use crate::components::layout::Section;
use crate::pages::settings::Keeper;
use crate::prelude::*;
use crate::t;

/// The part of the page.
#[component]
pub fn Looks(
    /// Takes what is chosen.
    keeper: Keeper,
) -> impl IntoView {
    let mut languages = vec![(None, t!("settings-language-system"))];
    languages.extend(Language::ALL.map(|language| (Some(language), messages::own_name(language).to_owned())));
    let themes = vec![
        (Theme::System, t!("settings-theme-system")),
        (Theme::Light, t!("settings-theme-light")),
        (Theme::Dark, t!("settings-theme-dark")),
    ];
    let units = vec![
        (Unit::Btc, t!("settings-unit-btc", sign = amount::sign(Unit::Btc))),
        (Unit::Sat, t!("settings-unit-sat", sign = amount::sign(Unit::Sat))),
    ];
    view! {
        <Section title=t!("settings-looks")>
            <div class="setting-row">
                <Select
                    label=t!("settings-language")
                    options=languages
                    chosen=keeper.setting(|settings| &mut settings.language)
                />
                <Select label=t!("settings-theme") options=themes chosen=keeper.setting(|settings| &mut settings.theme) />
                <Select label=t!("settings-unit") options=units chosen=keeper.setting(|settings| &mut settings.unit) />
            </div>
        </Section>
    }
}

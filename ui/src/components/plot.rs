//! A value over time.

use conclave_shared::Sat;
use conclave_ui_logic::plot::{self, Size, Step};
use conclave_ui_logic::tenths::Tenths;
use conclave_ui_logic::{amount, time};

use crate::app::App;
use crate::clock::offset_minutes;
use crate::live::changing;
use crate::prelude::*;

const SIZE: Size = Size { width: 720.0, height: 160.0 };
/// Room for what is written at the axes.
const LEFT: f64 = 120.0;
const BELOW: f64 = 24.0;

/// Draws a balance over time until now. `title` says what it shows, with the last value: it is all that is read out.
#[component]
pub fn Plot(
    /// In order of time.
    #[prop(into)]
    steps: Signal<Vec<Step>>,
    /// What it shows, in a sentence.
    #[prop(into)]
    title: TextProp,
) -> impl IntoView {
    let app = App::here();
    let drawing = move || plot::step_curve(&steps.get(), app.now(), SIZE);
    let view_box =
        format!("{} -8 {} {}", Tenths(-LEFT), Tenths(LEFT + SIZE.width + 8.0), Tenths(SIZE.height + BELOW + 8.0));
    view! {
        <svg class="plot" viewBox=view_box role="img" aria-label=move || title.get().to_string()>
            {changing(move || {
                let drawing = drawing()?;
                let values = drawing
                    .values
                    .iter()
                    .map(|tick| {
                        view! {
                            <line class="plot-grid" x1="0" x2=Tenths(SIZE.width).to_string() y1=Tenths(tick.at).to_string() y2=Tenths(tick.at).to_string() />
                            <text class="plot-value" x="-8" y=Tenths(tick.at + 4.0).to_string()>
                                {amount::digits(Sat(tick.of), app.unit())}
                            </text>
                        }
                    })
                    .collect_view();
                let last = drawing.times.len().saturating_sub(1);
                let times = drawing
                    .times
                    .iter()
                    .enumerate()
                    .map(|(at, tick)| {
                        view! {
                            <text
                                class="plot-time"
                                text-anchor=anchor(at, last)
                                x=Tenths(tick.at).to_string()
                                y=Tenths(SIZE.height + 18.0).to_string()
                            >
                                {time::date_text(tick.of, offset_minutes(tick.of))}
                            </text>
                        }
                    })
                    .collect_view();
                Some(
                    view! {
                        {values}
                        <path class="plot-area" d=drawing.area />
                        <path class="plot-line" d=drawing.line />
                        {times}
                    },
                )
            })}
        </svg>
    }
}

/// Where a text begins so that none stands out at the sides.
fn anchor(at: usize, last: usize) -> &'static str {
    if at == 0 {
        "start"
    } else if at == last {
        "end"
    } else {
        "middle"
    }
}

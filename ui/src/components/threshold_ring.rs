//! The threshold ring: a segment for each keyholder around a keyhole. Progress is this ring wherever it is shown.

use crate::prelude::*;

/// Circumferences of the two rings in the drawing's own units. Whole numbers that many counts divide, so that segments
/// need no fractions; the radii below are these divided by 2 pi.
const OUTER: usize = 30_240;
const INNER: usize = 20_160;

/// A proposal's progress: approvals outside, signatures inside, `true` for each keyholder who gave one. The keyhole is
/// filled when nothing more is needed. `label` says the same in words; without one the ring is only an ornament.
#[component]
pub fn ThresholdRing(
    /// Outside.
    approvals: Vec<bool>,
    /// Inside.
    signatures: Vec<bool>,
    /// Whether nothing more is needed.
    complete: bool,
    /// The same in words.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let role = if label.is_empty() { "presentation" } else { "img" };
    view! {
        <svg class="ring" viewBox="-5600 -5600 11200 11200" role=role aria-label=(!label.is_empty()).then_some(label)>
            {segments(approvals, "4812.8", OUTER)}
            {segments(signatures, "3208.6", INNER)}
            <path
                class="keyhole"
                class:complete=complete
                d="M0 -1500a900 900 0 0 1 480 1660l330 1340h-1620l330 -1340a900 900 0 0 1 480 -1660z"
            />
        </svg>
    }
}

fn segments(given: Vec<bool>, radius: &'static str, length: usize) -> impl IntoView {
    let each = length / given.len().max(1);
    // A gap between segments of an eleventh each; the first segment begins at the top.
    let gap = each / 11;
    given
        .into_iter()
        .enumerate()
        .map(|(at, given)| {
            view! {
                <circle
                    class="segment"
                    class:given=given
                    r=radius
                    transform="rotate(-90)"
                    stroke-dasharray=format!("{} {}", each - gap, length - each + gap)
                    stroke-dashoffset=format!("-{}", at * each + gap / 2)
                />
            }
        })
        .collect_view()
}

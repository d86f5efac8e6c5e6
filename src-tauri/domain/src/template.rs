//! Templates: vaults set up by one word. What each place is called and for; how many must sign.
//!
//! A template only fills in the places of a `created` event: nothing later depends on it.

use conclave_shared::{Role, Template};

/// How many must sign in a vault made by a template.
pub fn threshold(template: Template) -> u32 {
    match template {
        Template::LowTrust3Of5 => 3,
        Template::Hot2Of3 | Template::Escrow2Of3 => 2,
    }
}

/// The places of a template, each with a title and a role; all of them hold a key. The organiser takes one of them, by
/// default the first.
pub fn places(template: Template) -> Vec<(String, Role)> {
    let named = |names: &[(&str, Role)]| names.iter().map(|(title, role)| ((*title).to_owned(), *role)).collect();
    match template {
        Template::LowTrust3Of5 => keys(5),
        Template::Hot2Of3 => {
            named(&[("desk", Role::Keyholder), ("backup", Role::Keyholder), ("security", Role::Signer)])
        }
        Template::Escrow2Of3 => {
            named(&[("buyer", Role::Keyholder), ("seller", Role::Keyholder), ("mediator", Role::Mediator)])
        }
    }
}

/// Places of a vault of one's own: `keyholders` equal keys.
pub fn keys(keyholders: u32) -> Vec<(String, Role)> {
    (1..=keyholders).map(|number| (format!("key {number}"), Role::Keyholder)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::RULES;
    use crate::invitation::roles_of;

    #[test]
    fn every_place_of_a_template_holds_a_key_and_has_a_title_of_its_own() {
        for (template, (keys, needed)) in Template::ALL.into_iter().zip([(5, 3), (3, 2), (3, 2)]) {
            let places = places(template);
            assert_eq!((places.len(), threshold(template)), (keys, needed), "{}", template.name());
            assert!(places.iter().all(|(_, role)| roles_of(*role, RULES).contains(&Role::Keyholder)));
            let titles: std::collections::BTreeSet<&String> = places.iter().map(|(title, _)| title).collect();
            assert_eq!(titles.len(), keys);
        }
    }
}

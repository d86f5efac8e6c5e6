//! The places of a vault: what each template has, what a place is called and what its member does there.
//!
//! The backend makes the places; these are the same, to be shown before there is a vault. A title that is not one of them
//! is shown as it came.

use conclave_shared::{Role, Template};

use crate::messages::Said;
use crate::say;

/// Most keys of one vault.
pub const KEYS_MOST: u32 = 15;
/// Most approvers, and most auditors, of a new vault.
pub const KEYLESS_MOST: u32 = 34;

/// A place that holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is called on record.
    pub title: String,
    /// What its member is.
    pub role: Role,
}

/// How many must sign in a vault made by a template.
pub fn threshold(template: Template) -> u32 {
    match template {
        Template::LowTrust3Of5 => 3,
        Template::Hot2Of3 | Template::Escrow2Of3 => 2,
    }
}

/// The places of a template, in order; all of them hold a key.
pub fn of_template(template: Template) -> Vec<Place> {
    let named = |places: [(&str, Role); 3]| places.map(|(title, role)| Place { title: title.to_owned(), role }).into();
    match template {
        Template::LowTrust3Of5 => keys(5),
        Template::Hot2Of3 => {
            named([("desk", Role::Keyholder), ("backup", Role::Keyholder), ("security", Role::Signer)])
        }
        Template::Escrow2Of3 => {
            named([("buyer", Role::Keyholder), ("seller", Role::Keyholder), ("mediator", Role::Mediator)])
        }
    }
}

/// The places of a vault of one's own: equal keys.
pub fn keys(count: u32) -> Vec<Place> {
    (1..=count).map(|number| Place { title: format!("key {number}"), role: Role::Keyholder }).collect()
}

/// Whether all places are alike: then there is nothing to choose among them.
pub fn equal(places: &[Place]) -> bool {
    places.iter().all(|place| title(&place.title).key == "place-key")
}

/// What a place is called, in the reader's language where it is one of those that every vault may have.
pub fn title(title: &str) -> Said {
    let numbered = |name: &str| title.strip_prefix(name)?.strip_prefix(' ')?.parse::<u32>().ok();
    match title {
        "desk" => say!("place-desk"),
        "backup" => say!("place-backup"),
        "security" => say!("place-security"),
        "buyer" => say!("place-buyer"),
        "seller" => say!("place-seller"),
        "mediator" => say!("place-mediator"),
        _ => match (numbered("key"), numbered("approver"), numbered("auditor")) {
            (Some(number), _, _) => say!("place-key", number = number),
            (_, Some(number), _) => say!("place-approver", number = number),
            (_, _, Some(number)) => say!("place-auditor", number = number),
            (None, None, None) => say!("place-own", title = title),
        },
    }
}

/// What the member of a place does, in a sentence or two.
pub fn does(title: &str, roles: &[Role]) -> Said {
    match title {
        "desk" => say!("place-desk-does"),
        "backup" => say!("place-backup-does"),
        "security" => say!("place-security-does"),
        "buyer" => say!("place-buyer-does"),
        "seller" => say!("place-seller-does"),
        "mediator" => say!("place-mediator-does"),
        _ => match main_role(roles) {
            Role::Keyholder => say!("place-key-does"),
            Role::Mediator => say!("place-mediator-does"),
            Role::Signer => say!("place-security-does"),
            Role::Approver => say!("place-approver-does"),
            Role::Auditor => say!("place-auditor-does"),
        },
    }
}

/// What to tell who gets the invitation to a place.
pub fn instructions(roles: &[Role]) -> Said {
    match main_role(roles) {
        Role::Keyholder | Role::Mediator => say!("place-instructions-keyholder"),
        Role::Signer => say!("place-instructions-signer"),
        Role::Approver => say!("place-instructions-approver"),
        Role::Auditor => say!("place-instructions-auditor"),
    }
}

/// Of several roles the one that says most: a mediator is a keyholder too.
pub fn main_role(roles: &[Role]) -> Role {
    let order = [Role::Mediator, Role::Signer, Role::Keyholder, Role::Approver];
    order.into_iter().find(|role| roles.contains(role)).unwrap_or(Role::Auditor)
}

/// Whether these roles come with a key in the descriptor.
pub fn holds_key(roles: &[Role]) -> bool {
    roles.iter().any(|role| match role {
        Role::Keyholder | Role::Mediator | Role::Signer => true,
        Role::Approver | Role::Auditor => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_more_places_than_must_sign() {
        for (template, keys) in Template::ALL.into_iter().zip([5, 3, 3]) {
            let places = of_template(template);
            assert_eq!(places.len(), keys);
            assert!(threshold(template) < u32::try_from(keys).unwrap());
            assert!(places.iter().all(|place| holds_key(&[place.role])));
        }
    }

    #[test]
    fn only_places_with_tasks_of_their_own_are_chosen_among() {
        assert!(equal(&keys(15)));
        assert!(!equal(&of_template(Template::Escrow2Of3)));
    }

    #[test]
    fn places_have_words_of_their_own_where_they_are_known() {
        assert_eq!(title("desk"), say!("place-desk"));
        assert_eq!(title("key 12"), say!("place-key", number = 12u32));
        assert_eq!(title("auditor 1"), say!("place-auditor", number = 1u32));
        assert_eq!(title("key twelve"), say!("place-own", title = "key twelve"));
        assert_eq!(title("keyring"), say!("place-own", title = "keyring"));
    }

    #[test]
    fn a_mediator_is_told_as_one() {
        assert_eq!(main_role(&[Role::Keyholder, Role::Mediator]), Role::Mediator);
        assert_eq!(main_role(&[]), Role::Auditor);
        assert_eq!(does("key 1", &[Role::Keyholder]), say!("place-key-does"));
    }
}

//! How long a passphrase would withstand guessing, and which ones a new installation takes.
//!
//! A guesser who has the key file spends some tenths of a second and 64 MiB for each guess. What is taken withstands a
//! hundred million guesses by the estimate of zxcvbn (score 3), beside what the store demands of every passphrase.

use conclave_shared::desktop::{Advice, Strength};
use zxcvbn::Score;
use zxcvbn::feedback::{Suggestion, Warning};

use super::HostError;
use crate::store::Passphrase;

/// Characters that are looked at: what follows can only make it stronger.
const LOOKED_AT: usize = 256;
/// The least score that is taken.
const LEAST: u8 = 3;
/// Fewer characters than this are called too short, before anything else is said.
const SHORT: usize = 10;

/// How strong a passphrase is.
pub fn strength(passphrase: &str) -> Strength {
    let looked_at: String = passphrase.chars().take(LOOKED_AT).collect();
    let looked_at = zeroize::Zeroizing::new(looked_at);
    let entropy = zxcvbn::zxcvbn(&looked_at, &["conclave", "bitcoin", "multisig", "vault"]);
    let score = match entropy.score() {
        Score::Zero => 0,
        Score::One => 1,
        Score::Two => 2,
        Score::Three => 3,
        // The enum is open: more than four is as good.
        _ => 4,
    };
    // Of an empty one it is minus infinity, which becomes 0.
    let guesses_log10 = entropy.guesses_log10().floor() as u32;
    let accepted = score >= LEAST && Passphrase::new(passphrase.to_owned()).is_ok();
    let advice = if accepted { None } else { Some(advice(&looked_at, entropy.feedback())) };
    Strength { score, guesses_log10, accepted, advice }
}

/// A passphrase for a new installation, or in the place of another.
///
/// Errors: what the store does not take, and [`HostError::PassphraseWeak`].
pub(super) fn accepted(text: String) -> Result<Passphrase, HostError> {
    let enough = strength(&text).accepted;
    let passphrase = Passphrase::new(text)?;
    if enough { Ok(passphrase) } else { Err(HostError::PassphraseWeak) }
}

/// What would help most.
fn advice(passphrase: &str, feedback: Option<&zxcvbn::feedback::Feedback>) -> Advice {
    if passphrase.chars().count() < SHORT {
        return Advice::Longer;
    }
    match feedback.and_then(|feedback| feedback.warning()) {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword
            | Warning::RecentYearsAreEasyToGuess
            | Warning::DatesAreOftenEasyToGuess
            | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Advice::Uncommon,
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess
            | Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
            | Warning::SequencesLikeAbcAreEasyToGuess,
        ) => Advice::LessRegular,
        Some(Warning::AWordByItselfIsEasyToGuess) => Advice::MoreWords,
        None => {
            let repeats = |it: &Suggestion| {
                matches!(it, Suggestion::AvoidRepeatedWordsAndCharacters | Suggestion::AvoidSequences)
            };
            match feedback.is_some_and(|feedback| feedback.suggestions().iter().any(repeats)) {
                true => Advice::LessRegular,
                false => Advice::MoreWords,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_at_once_is_not_taken_and_what_helps_is_said() {
        for (passphrase, advice) in [
            ("", Advice::Longer),
            ("x7#", Advice::Longer),
            ("password", Advice::Longer),
            ("password123", Advice::Uncommon),
            ("qwertyuiop", Advice::Uncommon),
            ("aaaaaaaaaaaaaa", Advice::LessRegular),
            ("abcdefghijklmno", Advice::LessRegular),
        ] {
            let found = strength(passphrase);
            assert!(!found.accepted && found.score < LEAST, "{passphrase:?}: {found:?}");
            assert_eq!(found.advice, Some(advice), "{passphrase:?}: {found:?}");
            assert!(accepted(passphrase.to_owned()).is_err());
        }
        assert_eq!(strength("").guesses_log10, 0);
    }

    #[test]
    fn several_words_are_taken_in_any_alphabet() {
        for passphrase in
            ["correct horse battery staple", "кошка летит через реку", "vlak odjel v sedm deset", "H7x!qv92Lmz0"]
        {
            let found = strength(passphrase);
            assert!(found.accepted && found.advice.is_none(), "{passphrase:?}: {found:?}");
            assert!(found.guesses_log10 >= 8);
            assert!(accepted(passphrase.to_owned()).is_ok());
        }
    }

    #[test]
    fn a_long_one_is_cut_before_it_is_looked_at_and_refused_where_the_store_refuses() {
        let long = "correct horse battery staple ".repeat(100_000);
        assert!(!strength(&long).accepted, "the store takes no such length");
        assert!(matches!(accepted(long), Err(HostError::PassphraseLong { .. })));
    }
}

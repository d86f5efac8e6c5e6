//! The checksum of descriptors (BIP380), and where a single wrong character stands.

const INPUT: &str = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
const SUM: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u64; 5] = [0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a, 0x644d626ffd];
/// Characters of a checksum.
pub const LENGTH: usize = 8;

fn step(state: u64, symbol: u64) -> u64 {
    let top = state >> 35;
    let state = ((state & 0x7_ffff_ffff) << 5) ^ symbol;
    GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(state, |state, (_, it)| state ^ it)
}

fn place(alphabet: &str, character: u8) -> Option<u64> {
    alphabet.bytes().position(|it| it == character).map(|at| at as u64)
}

/// The symbols that a text feeds into the checksum; none where a character cannot stand in a descriptor.
fn symbols(body: &str) -> Option<Vec<u64>> {
    let places = body.bytes().map(|byte| place(INPUT, byte)).collect::<Option<Vec<u64>>>()?;
    let group = |group: &[u64]| group.iter().fold(0, |sum, place| sum * 3 + (place >> 5));
    let of = |three: &[u64]| three.iter().map(|place| place & 31).chain([group(three)]).collect::<Vec<u64>>();
    Some(places.chunks(3).flat_map(of).collect())
}

/// The checksum of a descriptor without one; none where a character cannot stand in a descriptor.
pub fn compute(body: &str) -> Option<String> {
    let state = symbols(body)?.into_iter().chain([0; LENGTH]).fold(1, step) ^ 1;
    (0..LENGTH)
        .map(|at| SUM.as_bytes().get((state >> (5 * (LENGTH - 1 - at)) & 31) as usize).map(|byte| char::from(*byte)))
        .collect()
}

/// Where in `BODY#SUM` one wrong character explains the wrong checksum, counted in characters from 0, and what should stand
/// there. None where no single character does.
pub fn locate(body: &str, sum: &str) -> Option<(usize, char)> {
    let stream = symbols(body)?;
    let sum = sum.bytes().map(|byte| place(SUM, byte)).collect::<Option<Vec<u64>>>()?;
    if sum.len() != LENGTH {
        return None;
    }
    let syndrome = stream.iter().chain(&sum).copied().fold(1, step) ^ 1;
    // The code is linear: a changed symbol changes the end by the same, whatever the other symbols are.
    let total = stream.len() + LENGTH;
    let mut effects = vec![[0; 5]; total];
    for bit in 0..5 {
        let mut state = 1 << bit;
        for effect in effects.iter_mut().rev() {
            if let Some(effect) = effect.get_mut(bit) {
                *effect = state;
            }
            state = step(state, 0);
        }
    }
    let effect = |at: usize, change: u64| {
        let bits = effects.get(at).copied().unwrap_or_default();
        bits.iter().enumerate().filter(|(bit, _)| change >> bit & 1 == 1).fold(0, |sum, (_, it)| sum ^ it)
    };
    for at in 0..LENGTH {
        for (symbol, right) in (0..).zip(SUM.chars()) {
            let change = symbol ^ sum.get(at).copied().unwrap_or_default();
            if change != 0 && effect(stream.len() + at, change) == syndrome {
                return Some((body.len() + 1 + at, right));
            }
        }
    }
    let places = body.bytes().map(|byte| place(INPUT, byte)).collect::<Option<Vec<u64>>>()?;
    for (at, old) in places.iter().enumerate() {
        let first = at / 3 * 3;
        let three = places.get(first..places.len().min(first + 3)).unwrap_or_default();
        let group = |three: &[u64]| three.iter().fold(0, |sum, place| sum * 3 + (place >> 5));
        let group_at = first / 3 * 4 + three.len();
        for (new, right) in (0..).zip(INPUT.chars()).filter(|(new, _)| new != old) {
            let mut changed = three.to_vec();
            if let Some(place) = changed.get_mut(at - first) {
                *place = new;
            }
            let own = effect(first / 3 * 4 + at - first, (new ^ old) & 31);
            if own ^ effect(group_at, group(three) ^ group(&changed)) == syndrome {
                return Some((at, right));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_bip380() {
        assert_eq!(compute("raw(deadbeef)").unwrap(), "89f8spxm");
        assert_eq!(compute("raw(dead\u{fc}beef)"), None);
        let long = "wpkh([d34db33f/84h/0h/0h]xpub6DJ2dNUysrn5Vt36jH2KLBT2i1auw1tTSSomg8PhqNiUtx8QX2SvC9nrHu81fT41fvDUnhMjEzQgXnQjKEu3oaqMSzhSrHMxyyoEAmUHQbY/0/*)";
        assert_eq!(miniscript::descriptor::checksum::desc_checksum(long).unwrap(), compute(long).unwrap());
    }

    #[test]
    fn one_wrong_character_is_found_wherever_it_stands() {
        let (body, sum) = ("wsh(multi(2,[d34db33f/48h]xpub6ERApfZwUNrhLCkDt/0/*,AB))", "xxxxxxxx");
        assert_eq!(locate(body, sum), None);
        let sum = compute(body).unwrap();
        for at in 0..body.len() {
            let right = char::from(body.as_bytes()[at]);
            let mut wrong = body.to_owned();
            wrong.replace_range(at..=at, if right == 'Q' { "7" } else { "Q" });
            assert_eq!(locate(&wrong, &sum), Some((at, right)));
        }
        for at in 0..LENGTH {
            let right = char::from(sum.as_bytes()[at]);
            let mut wrong = sum.clone();
            wrong.replace_range(at..=at, if right == 'q' { "p" } else { "q" });
            assert_eq!(locate(body, &wrong), Some((body.len() + 1 + at, right)));
        }
    }
}

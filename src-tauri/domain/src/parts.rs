//! The same work on many things, divided among the cores. What comes of it is the same as one by one, in the same order.

use std::panic::resume_unwind;
use std::thread::{self, available_parallelism};

/// Up to so many things no thread is started: starting one takes longer than it saves.
const FEW: usize = 64;

/// Does `work` on `things` in as many parts as there are cores, and puts together what each part gave.
pub fn in_parts<T: Sync, R: Send>(things: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    if things.len() <= FEW {
        return work(things);
    }
    let cores = available_parallelism().map_or(1, usize::from);
    let mut parts = things.chunks(things.len().div_ceil(cores));
    let own = parts.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(|| work(part))).collect();
        let mut done = work(own);
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays_however_many_things_there_are() {
        for many in [0, 1, FEW, FEW + 1, 10 * FEW + 1] {
            let things: Vec<usize> = (0..many).collect();
            let doubled = in_parts(&things, |part| part.iter().map(|thing| 2 * thing).collect());
            assert!(doubled.iter().copied().eq((0..many).map(|thing| 2 * thing)), "{many} things");
        }
    }
}

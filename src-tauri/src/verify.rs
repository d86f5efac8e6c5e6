//! Many events read and verified on all cores, handed over in their order. A signature check is by far the dearest thing
//! that happens to an event, and the only one that needs nothing but the event.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use conclave_domain::event::{Authors, Event, EventFault};

/// Events that one thread takes at a time; below twice as many no thread is started.
const CHUNK: usize = 64;

/// Reads each text with `Event::parse` and gives what came of it to `take`, in order. As good as doing it one by one.
pub fn each<T: AsRef<str> + Sync>(texts: &[T], mut take: impl FnMut(&T, Result<Event, EventFault>)) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if texts.len() < 2 * CHUNK || cores == 1 {
        let mut authors = Authors::default();
        texts.iter().for_each(|text| take(text, Event::parse_of(text.as_ref(), &mut authors)));
        return;
    }
    let chunks: Vec<&[T]> = texts.chunks(CHUNK).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (done, results) = mpsc::sync_channel(2 * cores);
        for _ in 0..cores {
            let (done, chunks, next) = (done.clone(), &chunks, &next);
            scope.spawn(move || {
                let mut authors = Authors::default();
                while let (number, Some(chunk)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    (number, chunks.get(number))
                } {
                    let read: Vec<_> = chunk.iter().map(|text| Event::parse_of(text.as_ref(), &mut authors)).collect();
                    if done.send((number, read)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        // What is ready before its turn waits for it; never more than the threads can hold.
        let (mut early, mut turn) = (BTreeMap::new(), 0);
        for (number, read) in results {
            early.insert(number, read);
            while let Some(read) = early.remove(&turn) {
                for (text, read) in chunks[turn].iter().zip(read) {
                    take(text, read);
                }
                turn += 1;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays_and_nothing_is_lost() {
        let event = include_str!("../domain/fixtures/event-v1.json").trim();
        // Every seventh is damaged.
        let texts: Vec<String> =
            (0..1_000).map(|number| if number % 7 == 0 { format!("{number}") } else { event.to_owned() }).collect();
        let mut taken = Vec::new();
        each(&texts, |text, read| taken.push((text.clone(), read.is_ok())));
        let one_by_one: Vec<_> = texts.iter().map(|text| (text.clone(), Event::parse(text).is_ok())).collect();
        assert_eq!(taken, one_by_one);
    }
}

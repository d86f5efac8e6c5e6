//! Who is connected at this moment, so that nobody takes up all the room: a place for each connection.
//!
//! Where all places are taken, whoever has waited longest without a login makes room; a key that comes once more than it
//! may loses its oldest connection. What does not belong here: what is said on a connection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nostr::PublicKey;
use tokio::sync::oneshot;

/// Everybody who is connected.
#[derive(Debug)]
pub(super) struct Guests {
    most: usize,
    most_of_key: usize,
    book: Mutex<Book>,
}

/// The connections by number, each with what ends it when it is dropped.
#[derive(Debug, Default)]
struct Book {
    next: u64,
    strangers: BTreeMap<u64, oneshot::Sender<()>>,
    known: BTreeMap<PublicKey, BTreeMap<u64, oneshot::Sender<()>>>,
}

impl Book {
    fn count(&self) -> usize {
        self.strangers.len() + self.known.values().map(BTreeMap::len).sum::<usize>()
    }

    fn take(&mut self, number: u64) -> Option<oneshot::Sender<()>> {
        if let Some(end) = self.strangers.remove(&number) {
            return Some(end);
        }
        let end = self.known.values_mut().find_map(|those| those.remove(&number));
        self.known.retain(|_, those| !those.is_empty());
        end
    }
}

/// One connection's place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    guests: Arc<Guests>,
    number: u64,
}

impl Guests {
    pub(super) fn new(most: usize, most_of_key: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_key: most_of_key.max(1), book: Mutex::default() })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection, and what resolves when it has to go; none where all places are members'.
    pub(super) fn enter(self: &Arc<Self>) -> Option<(Place, oneshot::Receiver<()>)> {
        let mut book = self.book();
        if book.count() >= self.most {
            book.strangers.pop_first()?;
        }
        let number = book.next;
        book.next += 1;
        let (end, ended) = oneshot::channel();
        book.strangers.insert(number, end);
        Some((Place { guests: Arc::clone(self), number }, ended))
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.book().count()
    }
}

impl Place {
    /// Its connection has logged in as a key.
    pub(super) fn is_of(&self, key: PublicKey) {
        let mut book = self.guests.book();
        // It may have been ended meanwhile.
        let Some(end) = book.take(self.number) else { return };
        let those = book.known.entry(key).or_default();
        those.insert(self.number, end);
        if those.len() > self.guests.most_of_key {
            those.pop_first();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.guests.book().take(self.number);
    }
}

#[cfg(test)]
mod tests {
    use nostr::Keys;
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    fn goes(ended: &mut oneshot::Receiver<()>) -> bool {
        ended.try_recv() == Err(TryRecvError::Closed)
    }

    #[test]
    fn strangers_make_room_and_members_do_not() {
        let guests = Guests::new(3, 2);
        let (first, mut first_ends) = guests.enter().unwrap();
        let (_second, mut second_ends) = guests.enter().unwrap();
        let (third, mut third_ends) = guests.enter().unwrap();
        first.is_of(Keys::generate().public_key());
        third.is_of(Keys::generate().public_key());
        let (fourth, mut fourth_ends) = guests.enter().unwrap();
        assert!(goes(&mut second_ends), "who has waited longest without a login");
        assert!(!goes(&mut first_ends) && !goes(&mut third_ends) && !goes(&mut fourth_ends));
        fourth.is_of(Keys::generate().public_key());
        assert!(guests.enter().is_none(), "nobody's place is taken from a member");
        drop(third);
        assert!(guests.enter().is_some());
    }

    #[test]
    fn one_key_has_so_many_places_and_no_more() {
        let guests = Guests::new(10, 2);
        let key = Keys::generate().public_key();
        let mut those: Vec<_> = (0..4).map(|_| guests.enter().unwrap()).collect();
        those.iter().for_each(|(place, _)| place.is_of(key));
        let gone: Vec<bool> = those.iter_mut().map(|(_, ended)| goes(ended)).collect();
        assert_eq!(gone, [true, true, false, false], "its oldest go");
        assert_eq!(guests.count(), 2);
        // A second login on one connection is no second place.
        those[3].0.is_of(key);
        those[3].0.is_of(Keys::generate().public_key());
        assert_eq!(guests.count(), 2);
        drop(those);
        assert_eq!(guests.count(), 0);
    }
}

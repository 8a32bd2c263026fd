//! Values that listeners wait for, by key: changes of a value are announced for as long as it has
//! listeners.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The values that have listeners. Cheap to clone.
pub(crate) struct Topics<K, V>(Arc<Mutex<HashMap<K, watch::Sender<V>>>>);

/// A listener to the value of one key. The value is dropped along with its last listener.
pub(crate) struct Listener<K, V>
where
    K: Copy + Eq + Hash,
{
    topics: Topics<K, V>,
    key: K,
    /// `None` only while the listener is being dropped.
    receiver: Option<watch::Receiver<V>>,
}

/// The value was given up: its changes are no longer announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GivenUp;

impl<K: Copy + Eq + Hash, V: Copy + Default> Topics<K, V> {
    /// Listens to the value of `key` from now on; the value is unknown before the first listener.
    pub(crate) fn listen(&self, key: K) -> Listener<K, V> {
        let mut topics = self.lock();
        let sender = topics
            .entry(key)
            .or_insert_with(|| watch::channel(V::default()).0);
        Listener {
            topics: self.clone(),
            key,
            receiver: Some(sender.subscribe()),
        }
    }

    /// Tells the listeners of `key` to look, whatever the value is.
    pub(crate) fn wake(&self, key: K) {
        if let Some(sender) = self.lock().get(&key) {
            sender.send_modify(|_| {});
        }
    }

    /// Sets a value; `is_news` decides whether its listeners are told.
    pub(crate) fn set(&self, key: K, value: V, is_news: impl FnOnce(V) -> bool) {
        if let Some(sender) = self.lock().get(&key) {
            sender.send_if_modified(|known| is_news(std::mem::replace(known, value)));
        }
    }

    /// Whether `key` has any listeners.
    pub(crate) fn is_heard(&self, key: K) -> bool {
        self.lock().contains_key(&key)
    }

    /// Returns the keys that have listeners.
    pub(crate) fn keys(&self) -> Vec<K> {
        self.lock().keys().copied().collect()
    }

    /// Whether no key has any listeners.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Gives up a value: its listeners are told so, and hear nothing more.
    pub(crate) fn give_up(&self, key: K) {
        self.lock().remove(&key);
    }

    /// Gives up all values.
    pub(crate) fn give_all_up(&self) {
        self.lock().clear();
    }
}

impl<K, V> Topics<K, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, watch::Sender<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash, V: Copy> Listener<K, V> {
    /// Returns the currently known value; [`Listener::changed`] waits for the next.
    pub(crate) fn seen(&mut self) -> Option<V> {
        self.receiver.as_mut().map(|it| *it.borrow_and_update())
    }

    /// Waits until the value differs from the one seen last, or listeners are told to look.
    ///
    /// # Errors
    /// If the value was given up.
    pub(crate) async fn changed(&mut self) -> Result<(), GivenUp> {
        match self.receiver.as_mut() {
            Some(receiver) => receiver.changed().await.map_err(|_| GivenUp),
            None => Err(GivenUp),
        }
    }
}

impl<K: Copy + Eq + Hash, V> Drop for Listener<K, V> {
    fn drop(&mut self) {
        self.receiver = None;
        let mut topics = self.topics.lock();
        let last = topics
            .get(&self.key)
            .is_some_and(|sender| sender.receiver_count() == 0);
        if last {
            topics.remove(&self.key);
        }
    }
}

impl<K, V> Clone for Topics<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Topics<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> fmt::Debug for Topics<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Topics").field(&self.lock().len()).finish()
    }
}

impl<K: Copy + Eq + Hash + fmt::Debug, V> fmt::Debug for Listener<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.key).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::{GivenUp, Topics};

    #[test]
    fn a_value_wakes_those_who_wait_for_it_and_nobody_else() {
        let topics: Topics<u8, u64> = Topics::default();
        let (mut one, mut other) = (topics.listen(1), topics.listen(2));
        topics.set(1, 7, |known| known != 7);
        topics.set(3, 7, |_| true);
        assert_eq!(one.changed().now_or_never(), Some(Ok(())));
        assert_eq!(one.seen(), Some(7));
        assert_eq!(other.changed().now_or_never(), None);
        topics.set(1, 7, |known| known != 7);
        assert_eq!(one.changed().now_or_never(), None, "it is no news");
        topics.wake(1);
        assert_eq!(one.changed().now_or_never(), Some(Ok(())));
        topics.give_up(1);
        assert_eq!(one.changed().now_or_never(), Some(Err(GivenUp)));
    }

    #[test]
    fn what_nobody_listens_to_any_more_is_forgotten() {
        let topics: Topics<u8, u64> = Topics::default();
        let (first, second) = (topics.listen(1), topics.listen(1));
        drop(first);
        assert!(topics.is_heard(1));
        drop(second);
        assert!(topics.is_empty());
        let gone = topics.listen(1);
        topics.give_all_up();
        let again = topics.listen(1);
        drop(gone);
        assert!(topics.is_heard(1), "another's value stays");
        drop(again);
        assert!(topics.is_empty());
    }
}

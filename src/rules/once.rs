//! What a rule asks for again and again about a session or a flow, which can have any number of hooks: found out once.

use foldhash::HashMap;
use std::cell::RefCell;
use std::hash::Hash;

/// What was found out so far.
pub(super) struct Once<K, V>(RefCell<HashMap<K, V>>);

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: Eq + Hash, V: Clone> Once<K, V> {
    /// What was found out about `key`, or what `find` finds out now.
    pub(super) fn get(&self, key: K, find: impl FnOnce() -> V) -> V {
        if let Some(known) = self.0.borrow().get(&key) {
            return known.clone();
        }
        let found = find();
        self.0.borrow_mut().insert(key, found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_looked_for_again() {
        let (known, mut looked) = (Once::default(), Vec::new());
        for key in [1, 2, 1, 2, 1] {
            let found = known.get(key, || {
                looked.push(key);
                key * 10
            });
            assert_eq!(found, key * 10);
        }
        assert_eq!(looked, [1, 2]);
    }
}

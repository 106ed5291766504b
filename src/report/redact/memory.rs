//! What was made of texts before: names, paths and addresses stand in many hooks, and backends often answer with what they
//! were sent.

use foldhash::HashMap;
use std::cell::RefCell;
use std::collections::VecDeque;

/// Octets of a text that is remembered for good.
const SHORT: usize = 128;
/// Texts that are remembered for good.
const REMEMBERED: usize = 16_384;
/// Octets of a text that is remembered for a while.
const LONG: usize = 64 << 10;
/// Texts that are remembered for a while.
const RECENT: usize = 4;

/// Texts, and what was made of them.
#[derive(Clone)]
pub(super) struct Memory<T>(RefCell<Texts<T>>);

#[derive(Clone)]
struct Texts<T> {
    short: HashMap<Box<str>, T>,
    /// The latest first.
    recent: VecDeque<(Box<str>, T)>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(RefCell::new(Texts { short: HashMap::default(), recent: VecDeque::new() }))
    }
}

impl<T: Clone> Memory<T> {
    /// What was made of a text before, or what `make` makes of it.
    pub(super) fn recall(&self, text: &str, make: impl FnOnce() -> T) -> T {
        if let Some(known) = self.0.borrow().get(text) {
            return known.clone();
        }
        let new = make();
        self.0.borrow_mut().keep(text, &new);
        new
    }
}

impl<T: Clone> Texts<T> {
    fn get(&self, text: &str) -> Option<&T> {
        if text.len() <= SHORT {
            return self.short.get(text);
        }
        self.recent.iter().find(|(known, _)| **known == *text).map(|(_, made)| made)
    }

    fn keep(&mut self, text: &str, made: &T) {
        if text.len() <= SHORT {
            if self.short.len() < REMEMBERED {
                self.short.insert(text.into(), made.clone());
            }
        } else if text.len() <= LONG {
            self.recent.truncate(RECENT - 1);
            self.recent.push_front((text.into(), made.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_of_a_text_is_made_once_while_it_is_remembered() {
        let (memory, made) = (Memory::default(), RefCell::new(0));
        let recall = |text: &str| {
            memory.recall(text, || {
                *made.borrow_mut() += 1;
                text.len()
            })
        };
        let long = |length: usize| "x".repeat(length);
        for text in ["a", "b", "a", "b"] {
            assert_eq!(recall(text), 1);
        }
        assert_eq!(*made.borrow(), 2);
        for length in [200, 201, 200, 202, 203, 204, 201, 200] {
            assert_eq!(recall(&long(length)), length);
        }
        assert_eq!(*made.borrow(), 2 + 5 + 1, "the first of them was forgotten");
    }
}

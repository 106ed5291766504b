//! What was made of texts before: names, paths and addresses stand in many hooks.

use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Octets of a text that is remembered.
pub(super) const SHORT: usize = 128;
/// Texts that are remembered.
pub(super) const REMEMBERED: usize = 16_384;

/// Texts, and what stands in their place where something is masked in them.
#[derive(Clone, Default)]
pub(super) struct Memory(RefCell<FxHashMap<Box<str>, Option<Box<str>>>>);

impl Memory {
    /// What stands in a text's place, if anything else does; `mask` makes it.
    pub(super) fn masked(&self, text: &str, mask: impl FnOnce() -> Option<String>) -> Option<String> {
        if let Some(known) = self.0.borrow().get(text) {
            return known.as_deref().map(str::to_owned);
        }
        let masked = mask();
        let mut memory = self.0.borrow_mut();
        if text.len() <= SHORT && memory.len() < REMEMBERED {
            memory.insert(text.into(), masked.as_deref().map(Box::from));
        }
        masked
    }
}

//! Methods that no document knows: what a WCS with extensions of its own calls, as the person who asks describes it.

use super::HookType;
use crate::time::Span;

/// A method that is not in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomMethod {
    /// Its name: the last segment of the path.
    pub name: String,
    /// Its type.
    pub hook_type: HookType,
    /// The event that is awaited after it.
    pub follower: Option<CustomFollower>,
}

/// An event that is awaited after a method that is not in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomFollower {
    /// The event's method, whether in the catalogue or not.
    pub event: String,
    /// The statuses that are waited for; empty: any.
    pub statuses: Vec<String>,
    /// How long to wait for it.
    pub within: Span,
}

impl CustomMethod {
    /// How long an event is awaited where nothing says otherwise: as long as the catalogue's.
    pub const PATIENCE: Span = Span::from_seconds(35);

    /// Finds a method by its name, without regard to ASCII case.
    pub fn find<'m>(name: &str, methods: &'m [Self]) -> Option<&'m Self> {
        methods.iter().find(|method| method.name.eq_ignore_ascii_case(name))
    }
}

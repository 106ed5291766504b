//! Where reading goes on behind damage.
//!
//! A format says whether records can be told to begin at a place; what it says must hold for octets that are payload,
//! so it wants more than one header that could be one. All places are tried, in one pass over the octets.

use super::source::Source;
use super::{Damage, Step};

/// Places that are tried at once.
const PLACES: usize = 1 << 20;
/// The largest record that is believed behind damage: the most that `tcpdump` keeps of a packet.
pub(super) const LARGEST: usize = 262_144;

/// Whether records begin with these octets; and whether the input ends with them.
pub(super) trait Begins: Fn(&[u8], bool) -> bool {}
impl<T: Fn(&[u8], bool) -> bool> Begins for T {}

/// Passes over octets that are no records, `what` is wrong with the first of which, up to those where `begins` holds.
/// It looks at `reach` octets at most.
pub(super) fn pass_over(source: &mut Source, what: String, reach: usize, begins: impl Begins) -> Step {
    let offset = source.offset();
    let (mut tried, whole) = (1, PLACES.saturating_add(reach));
    loop {
        let window = source.need(whole);
        let at_end = window.len() < whole;
        let places = if at_end { window.len() } else { PLACES };
        let found = (tried..places).find(|at| window.get(*at..).is_some_and(|rest| begins(rest, at_end)));
        source.take(found.unwrap_or(places));
        tried = 0;
        if found.is_some() || at_end {
            let octets = source.offset().saturating_sub(offset);
            return Step::Damaged(Damage { what, offset, octets, resumed: found.is_some() });
        }
    }
}

/// Whether records begin inside the next `length` octets, of which all that exist are at hand.
pub(super) fn is_inside(octets: &[u8], length: usize, at_end: bool, begins: impl Begins) -> bool {
    let places = octets.len().min(length);
    (1..places).any(|at| octets.get(at..).is_some_and(|rest| begins(rest, at_end)))
}

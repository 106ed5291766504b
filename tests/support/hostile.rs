//! Captures that an attacker, a crashed program or a full disk may leave, each as large as is asked for.
//!
//! Reading one that is four times as large may take four times as many instructions, and no more memory than the limits
//! allow; `docs/reliability.md` has what was measured.

use super::builder;

mod bodies;
mod files;
mod hooks;
mod http;
mod ip;
mod tcp;

/// A kind of hostile capture.
#[derive(Clone, Copy)]
pub struct Hostile {
    /// Its name.
    pub name: &'static str,
    /// What it is, for people; `{}` stands for how many.
    pub about: &'static str,
    /// A rule that tells of it, where there is something to tell.
    pub told_by: Option<&'static str>,
    /// How many make a small one.
    pub count: u32,
    /// Makes one of so many.
    pub build: fn(u32) -> Vec<u8>,
}

/// All kinds.
pub fn all() -> impl Iterator<Item = &'static Hostile> {
    [files::KINDS, ip::KINDS, tcp::KINDS, http::KINDS, bodies::KINDS, hooks::KINDS].into_iter().flatten()
}

const fn kind(
    name: &'static str,
    about: &'static str,
    told_by: Option<&'static str>,
    count: u32,
    build: fn(u32) -> Vec<u8>,
) -> Hostile {
    Hostile { name, about, told_by, count, build }
}

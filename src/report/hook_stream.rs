//! The hooks of a document, made while they are written: a capture's length costs no memory here.

use super::document::Hook;
use super::hook_maker::HookMaker;
use super::indented;
use crate::hook::Verbatim;
use crate::rules::Scope;
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, Builder, Scope as Threads};

/// Hooks that are made where they are written: a thread takes longer to start.
const FEW: usize = 256;
/// Hooks that a thread makes at a time: each may hold two bodies as large as the limit lets them be.
const PIECE: usize = 16;
/// Pieces of a thread that wait to be written.
const WAITING: usize = 2;
/// How deep in a document its hooks stand.
const DEPTH: usize = 2;

/// What a hook is written as.
type Write = dyn Fn(&Hook) -> io::Result<String> + Sync;

/// The hooks of a document, as the forms without a look behind want them: one after the other.
pub trait Hooks: Serialize {
    /// Gives out what each is written as, in order, up to the first error.
    fn each(&self, write: &Write, take: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()>;
}

impl Hooks for Vec<Hook> {
    fn each(&self, write: &Write, take: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(|hook| take(&write(hook)?))
    }
}

/// Hooks that are made when they are asked for.
pub struct HookStream<'c> {
    maker: HookMaker<'c>,
    places: Vec<usize>,
    threads: usize,
}

impl<'c> HookStream<'c> {
    pub(super) fn new(maker: HookMaker<'c>, shown: &Scope) -> Self {
        let places = (0..maker.case.hooks.len()).filter(|place| shown.has_hook(*place)).collect();
        Self { maker, places, threads: 1 }
    }

    /// Lets so many threads make and write them; the result is the same.
    pub const fn share(&mut self, threads: usize) {
        self.threads = threads;
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Lets `take` go through what `work` makes of them: beside it where that pays, in the same order whatever made it.
    pub(super) fn with<T: Send, R>(
        &self,
        work: &(impl Fn(Hook) -> T + Sync),
        take: impl FnOnce(&mut dyn Iterator<Item = T>) -> R,
    ) -> R {
        if self.threads < 2 || self.places.len() <= FEW {
            return take(&mut make(&self.maker, &self.places).map(work));
        }
        thread::scope(|threads| {
            let start = |first| self.start(first, work, threads);
            let makers: Option<Vec<_>> = (0..self.threads).map(start).collect();
            match makers {
                Some(makers) => {
                    let pieces = makers.iter().cycle().map_while(|pieces| pieces.recv().ok());
                    take(&mut pieces.flatten())
                }
                None => take(&mut make(&self.maker, &self.places).map(work)),
            }
        })
    }

    /// Starts a thread that makes every so-manieth piece.
    fn start<'t, T: Send + 't>(
        &'t self,
        first: usize,
        work: &'t (impl Fn(Hook) -> T + Sync),
        threads: &'t Threads<'t, '_>,
    ) -> Option<Receiver<Vec<T>>> {
        let (sender, receiver) = sync_channel(WAITING);
        let maker = self.maker.clone();
        let pieces = self.places.chunks(PIECE).skip(first).step_by(self.threads);
        let run = move || {
            for places in pieces {
                // Nobody listens any more when writing failed.
                if sender.send(make(&maker, places).map(work).collect()).is_err() {
                    break;
                }
            }
        };
        Builder::new().spawn_scoped(threads, run).ok()?;
        Some(receiver)
    }
}

fn make<'m>(maker: &'m HookMaker<'_>, places: &'m [usize]) -> impl Iterator<Item = Hook> + 'm {
    places.iter().filter_map(|place| Some(maker.hook(*place, maker.case.hooks.get(*place)?)))
}

impl Hooks for HookStream<'_> {
    fn each(&self, write: &Write, take: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()> {
        self.with(&|hook| write(&hook), |mut hooks| Iterator::try_for_each(&mut hooks, |json| take(&json?)))
    }
}

/// As the list of a document that [`render_json`](super::render_json) indents.
impl Serialize for HookStream<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with(&|hook| indented::json(&hook, DEPTH), |hooks| {
            let mut list = serializer.serialize_seq(None)?;
            for json in hooks {
                list.serialize_element(&Verbatim(&json.map_err(S::Error::custom)?))?;
            }
            list.end()
        })
    }
}

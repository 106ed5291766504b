//! The hooks of a document, made while they are written: a capture's length costs no memory here.

use super::document::Hook;
use super::hook_maker::HookMaker;
use crate::rules::Scope;
use serde::{Serialize, Serializer};
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, Builder, Scope as Threads};

/// Hooks that a thread makes at a time.
const PIECE: usize = 256;
/// Pieces of a thread that wait to be written.
const WAITING: usize = 2;

/// The hooks of a document, as the forms without a look behind want them: one after the other.
pub trait Hooks: Serialize {
    /// Gives out each, in order, up to the first error.
    fn each(&self, take: &mut dyn FnMut(&Hook) -> io::Result<()>) -> io::Result<()>;
}

impl Hooks for Vec<Hook> {
    fn each(&self, take: &mut dyn FnMut(&Hook) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(take)
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

    /// Lets `take` go through them: made beside it where that pays, in the same order whatever made them.
    pub(super) fn with<R>(&self, take: impl FnOnce(&mut dyn Iterator<Item = Hook>) -> R) -> R {
        if self.threads < 2 || self.places.len() <= PIECE {
            return take(&mut make(&self.maker, &self.places));
        }
        thread::scope(|threads| {
            let makers: Option<Vec<_>> = (0..self.threads).map(|one| self.start(one, threads)).collect();
            match makers {
                Some(makers) => {
                    let pieces = makers.iter().cycle().map_while(|pieces| pieces.recv().ok());
                    take(&mut pieces.flatten())
                }
                None => take(&mut make(&self.maker, &self.places)),
            }
        })
    }

    /// Starts a thread that makes every so-manieth piece.
    fn start<'t>(&'t self, first: usize, threads: &'t Threads<'t, '_>) -> Option<Receiver<Vec<Hook>>> {
        let (sender, receiver) = sync_channel(WAITING);
        let maker = self.maker.clone();
        let pieces = self.places.chunks(PIECE).skip(first).step_by(self.threads);
        let work = move || {
            for places in pieces {
                // Nobody listens any more when writing failed.
                if sender.send(make(&maker, places).collect()).is_err() {
                    break;
                }
            }
        };
        Builder::new().spawn_scoped(threads, work).ok()?;
        Some(receiver)
    }
}

fn make<'m>(maker: &'m HookMaker<'_>, places: &'m [usize]) -> impl Iterator<Item = Hook> + 'm {
    places.iter().filter_map(|place| Some(maker.hook(*place, maker.case.hooks.get(*place)?)))
}

impl Hooks for HookStream<'_> {
    fn each(&self, take: &mut dyn FnMut(&Hook) -> io::Result<()>) -> io::Result<()> {
        self.with(|mut hooks| Iterator::try_for_each(&mut hooks, |hook| take(&hook)))
    }
}

impl Serialize for HookStream<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with(|hooks| serializer.collect_seq(hooks))
    }
}

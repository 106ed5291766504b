//! The later stages on a thread of their own, where there is one to spare.

use std::mem;
use std::panic;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, Builder};

/// Things that are handed over at a time.
const BATCH: usize = 64;
/// Octets that are handed over at a time, more or less.
const BATCH_OCTETS: usize = 256 << 10;
/// Batches that wait.
const WAITING: usize = 4;

/// A stage that takes things in, one after the other.
pub(super) trait Taker: Send {
    /// What it takes in.
    type Thing: Send;

    /// Takes one in.
    fn take(&mut self, thing: Self::Thing);

    /// About how many octets it holds.
    fn weight(thing: &Self::Thing) -> usize;
}

/// Lets `emit_all` emit things, which `taker` takes in beside it, in the same order.
pub(super) fn beside<T: Taker, R>(
    threads: usize,
    mut taker: T,
    emit_all: impl FnOnce(&mut (dyn FnMut(T::Thing) + Send)) -> R,
) -> (T, R) {
    if threads < 2 {
        let made = emit_all(&mut |thing| taker.take(thing));
        return (taker, made);
    }
    let made = thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<T::Thing>>(WAITING);
        let taker = &mut taker;
        let work = move || receiver.into_iter().flatten().for_each(|thing| taker.take(thing));
        // Where there are no more threads, there is this one.
        let Ok(worker) = Builder::new().spawn_scoped(scope, work) else { return Err(emit_all) };
        let (mut batch, mut weight) = (Vec::with_capacity(BATCH), 0);
        let made = emit_all(&mut |thing| {
            weight = T::weight(&thing).saturating_add(weight);
            batch.push(thing);
            if batch.len() >= BATCH || weight >= BATCH_OCTETS {
                weight = 0;
                hand_over(&sender, mem::replace(&mut batch, Vec::with_capacity(BATCH)));
            }
        });
        hand_over(&sender, batch);
        drop(sender);
        worker.join().map(|()| made).or_else(|panic| panic::resume_unwind(panic))
    });
    let made = made.unwrap_or_else(|emit_all| emit_all(&mut |thing| taker.take(thing)));
    (taker, made)
}

/// The other side is gone only when it panicked, which joining it tells.
fn hand_over<T>(sender: &SyncSender<Vec<T>>, batch: Vec<T>) {
    drop(sender.send(batch));
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Collected(Vec<usize>);

    impl Taker for Collected {
        type Thing = usize;

        fn take(&mut self, thing: usize) {
            self.0.push(thing);
        }

        fn weight(thing: &usize) -> usize {
            thing * 1_000
        }
    }

    #[test]
    fn the_order_is_that_of_one_thread() {
        for (threads, count) in [(1, 1_000), (2, 0), (2, 1), (2, 63), (2, 10_000), (5, 64)] {
            let (taken, made) = beside(threads, Collected(Vec::new()), |emit| (0..count).for_each(emit));
            assert_eq!((taken.0, made), ((0..count).collect(), ()));
        }
    }
}

//! The later stages on a thread of their own, where there is one to spare.

use std::mem;
use std::panic;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
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

/// Lets `emit_all` emit things, which `taker` takes in beside it, in the same order; few of them it takes in afterwards.
pub(super) fn beside<T: Taker, R>(
    threads: usize,
    mut taker: T,
    emit_all: impl FnOnce(&mut (dyn FnMut(T::Thing) + Send)) -> R,
) -> (T, R) {
    if threads < 2 {
        let made = emit_all(&mut |thing| taker.take(thing));
        return (taker, made);
    }
    // Locked by one thread as long as there are things.
    let taker = Mutex::new(taker);
    let take = |things: &mut dyn Iterator<Item = T::Thing>| {
        let mut taker = taker.lock().unwrap_or_else(PoisonError::into_inner);
        things.for_each(|thing| taker.take(thing));
    };
    let made = thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<T::Thing>>(WAITING);
        let (mut receiver, mut worker) = (Some(receiver), None);
        let (mut batch, mut weight) = (Vec::with_capacity(BATCH), 0);
        let made = emit_all(&mut |thing| {
            weight = T::weight(&thing).saturating_add(weight);
            batch.push(thing);
            if batch.len() < BATCH && weight < BATCH_OCTETS {
                return;
            }
            weight = 0;
            let full = mem::replace(&mut batch, Vec::with_capacity(BATCH));
            // A thread takes longer to start than a small capture to read.
            if let Some(receiver) = receiver.take() {
                let work = move || take(&mut receiver.into_iter().flatten());
                worker = Builder::new().spawn_scoped(scope, work).ok();
            }
            match worker {
                Some(_) => hand_over(&sender, full),
                // Where there are no more threads, there is this one.
                None => take(&mut full.into_iter()),
            }
        });
        let Some(worker) = worker else {
            take(&mut batch.into_iter());
            return made;
        };
        hand_over(&sender, batch);
        drop(sender);
        worker.join().map_or_else(|panic| panic::resume_unwind(panic), |()| made)
    });
    (taker.into_inner().unwrap_or_else(PoisonError::into_inner), made)
}

/// The other side is gone only when it panicked, which joining it tells.
fn hand_over<T>(sender: &SyncSender<Vec<T>>, batch: Vec<T>) {
    drop(sender.send(batch));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::thread::ThreadId;

    /// Things, and the threads that they were taken in on.
    #[derive(Default)]
    struct Collected(Vec<usize>, HashSet<ThreadId>);

    impl Taker for Collected {
        type Thing = usize;

        fn take(&mut self, thing: usize) {
            self.0.push(thing);
            self.1.insert(thread::current().id());
        }

        fn weight(thing: &usize) -> usize {
            thing * 1_000
        }
    }

    #[test]
    fn the_order_is_that_of_one_thread() {
        for (threads, count) in [(1, 1_000), (2, 0), (2, 1), (2, 63), (2, 10_000), (5, 64)] {
            let (taken, made) = beside(threads, Collected::default(), |emit| (0..count).for_each(emit));
            assert_eq!((taken.0, made), ((0..count).collect(), ()));
        }
    }

    #[test]
    fn few_things_need_no_thread() {
        let here = thread::current().id();
        for (threads, count, is_here) in
            [(1, 1_000, true), (2, 20, true), (2, BATCH - 1, false), (2, 1_000, false)]
        {
            let (taken, ()) = beside(threads, Collected::default(), |emit| (0..count).for_each(emit));
            assert_eq!((taken.1.len(), taken.1.contains(&here)), (1, is_here), "{count}");
        }
    }
}

//! Work on many things at once.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

/// Does the same to all items, on so many threads, this one among them; the results are in the order of the items.
pub fn each<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    let work_on = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return };
            let result = work(item);
            if let Ok(mut done) = done.lock() {
                done.push((index, result));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers.min(items.len()) {
            // Where there are no more threads, there are those that began.
            if Builder::new().spawn_scoped(scope, work_on).is_err() {
                break;
            }
        }
        work_on();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::each;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_are_in_order_and_every_item_is_done_once() {
        let count = AtomicUsize::new(0);
        let items: Vec<usize> = (0..1_000).collect();
        let work = |item: &usize| {
            count.fetch_add(1, Ordering::Relaxed);
            item * 2
        };
        assert_eq!(each(&items, 2, work), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(count.into_inner(), 1_000);
        assert!(each(&[] as &[usize], 2, |_| ()).is_empty());
    }

    #[test]
    fn workers_work_at_the_same_time() {
        // Each item waits for another one: a single worker would never come out.
        let meeting = Barrier::new(2);
        let leaders = each(&[(); 8], 2, |()| usize::from(meeting.wait().is_leader()));
        assert_eq!(leaders.iter().sum::<usize>(), 4);
    }
}

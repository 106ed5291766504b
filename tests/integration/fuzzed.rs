//! Hostile input: whatever a capture holds, reading it ends, within the limits, and each form of the report is whole.

use crate::support::hostile;
use hookscope_fuzz::{TARGETS, forms, pipeline, seeds};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// So much smaller than when they are measured are hostile captures here.
const SMALLER: u32 = 40;
/// Of so many inputs that samples make, one is checked here.
const EACH: usize = 5;

/// Names what does not hold, and for which input.
fn hold<T>(inputs: impl IntoIterator<Item = (String, T)>, check: impl Fn(T)) {
    let mut broken = Vec::new();
    let mut count = 0;
    for (name, input) in inputs {
        count += 1;
        if catch_unwind(AssertUnwindSafe(|| check(input))).is_err() {
            broken.push(name);
        }
    }
    assert!(broken.is_empty() && count > 50, "of {count}: {broken:?}");
}

#[test]
fn hostile_captures_are_told_in_every_form() {
    let inputs = hostile::all().map(|kind| {
        let octets = (kind.build)((kind.count / SMALLER).max(3));
        (kind.name.to_owned(), octets)
    });
    hold(inputs, |octets| {
        pipeline::check(&octets);
        forms::check_capture(&octets, "hostile.pcap");
    });
}

#[test]
fn what_fuzzing_looks_for_holds_for_what_samples_make() {
    let inputs = seeds::of_samples().into_iter().enumerate().filter(|(place, (target, _))| {
        place % EACH == 0 || !matches!(*target, "packet" | "json" | "body" | "http")
    });
    let inputs = inputs.map(|(place, (target, octets))| (format!("{target} {place}"), (target, octets)));
    hold(inputs, |(target, octets)| {
        let check = TARGETS.iter().find(|(name, _)| *name == target).map(|(_, check)| *check);
        check.unwrap()(&octets);
    });
}

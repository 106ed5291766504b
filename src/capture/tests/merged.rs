//! Several files as one capture.

use super::*;
use crate::capture::Captures;
use std::path::PathBuf;

/// A capture of packets at these times, in seconds after the start, whose marks count from `first`.
fn at(first: u8, seconds: &[u32]) -> Vec<u8> {
    let mut file = Little.header(MICROSECONDS, 65_535, 1);
    for (mark, seconds) in (first..).zip(seconds) {
        file.extend(Little.record(START + seconds, &marked(mark, 60), 60));
    }
    file
}

/// The marks in the order in which the frames of several files come, and the files' clocks that ran backwards.
fn merged(files: &[Vec<u8>]) -> (Vec<u8>, u64) {
    let capture = |(file, number): (&Vec<u8>, u16)| {
        let reader = Box::new(Cursor::new(file.clone()));
        Capture::from_reader(reader, Path::new("test.pcap"), number, &Limits::default()).unwrap()
    };
    let mut captures = Captures::new(files.iter().zip(0..).map(capture).collect());
    let (mut marks, mut facts) = (Vec::new(), Facts::default());
    while let Some(frame) = captures.next_frame(&mut facts) {
        marks.push(frame.data[0]);
    }
    assert!(captures.next_frame(&mut facts).is_none(), "the end stays the end");
    assert_eq!(captures.finish().len(), files.len());
    (marks, facts.count(FactKind::ClockBackwards))
}

#[test]
fn a_ring_buffer_is_one_capture_in_whatever_order_its_files_are_named() {
    let [one, two, three] = [at(1, &[0, 1, 2]), at(4, &[2, 3]), at(6, &[4])];
    assert_eq!(merged(&[three.clone(), two.clone(), one.clone()]).0, [1, 2, 4, 3, 5, 6]);
    assert_eq!(merged(&[one, two, three]).0, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn overlapping_files_are_joined_by_time() {
    assert_eq!(merged(&[at(1, &[0, 2, 4]), at(11, &[1, 3, 5])]).0, [1, 11, 2, 12, 3, 13]);
    assert_eq!(merged(&[at(1, &[0, 9]), at(11, &[]), at(21, &[1, 2])]).0, [1, 21, 22, 2]);
}

#[test]
fn equal_times_come_in_the_order_of_the_command_line() {
    assert_eq!(merged(&[at(1, &[5, 5]), at(11, &[5, 5])]).0, [1, 2, 11, 12]);
    assert_eq!(merged(&[at(11, &[5, 5]), at(1, &[5, 5])]).0, [11, 12, 1, 2]);
}

#[test]
fn a_clock_that_runs_backwards_keeps_its_files_order() {
    assert_eq!(merged(&[at(1, &[10, 3, 11]), at(11, &[4, 10])]), (vec![11, 1, 2, 12, 3], 1));
    assert_eq!(merged(&[at(1, &[10, 3, 11])]), (vec![1, 2, 3], 1), "a single file is read in its order");
}

#[test]
fn the_same_file_twice_is_two_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.pcap");
    std::fs::write(&path, at(1, &[0, 1])).unwrap();
    let paths: Vec<PathBuf> = vec![path.clone(), path];
    let mut captures = Captures::open(&paths, &Limits::default()).unwrap();
    let (mut frames, mut facts) = (Vec::new(), Facts::default());
    while let Some(frame) = captures.next_frame(&mut facts) {
        frames.push((frame.number.file(), frame.number.number()));
    }
    assert_eq!(frames, [(0, 1), (1, 1), (0, 2), (1, 2)]);
    assert!(matches!(
        Captures::open(&[folder.path().to_owned()], &Limits::default()),
        Err(CaptureError::Directory { .. })
    ));
}

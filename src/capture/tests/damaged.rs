//! Captures with octets in them that are no records: reading goes on behind, where that is safe.

use super::*;

/// Where the record or block with a mark begins.
fn begin_of(file: &[u8], head: usize, mark: u8) -> usize {
    let packet = file.windows(3).position(|octets| octets == [mark, 0x5a, 0x5a]).unwrap();
    packet - head
}

/// Checks that reading misses this mark, if any, and tells of so many octets.
fn check(file: &[u8], lost: Option<u8>, octets: u64) {
    let read = read(file);
    let expected: Vec<u8> = (1..=20).filter(|mark| lost != Some(*mark)).collect();
    assert_eq!(read.marks(), expected);
    let (count, detail) = read.told(FactKind::Damaged);
    assert_eq!(count, 1);
    assert!(
        detail.contains(&format!("; {octets} octets were passed over, records follow behind")),
        "{detail}"
    );
    assert!(!read.summary.cut_short);
    let place = i64::from(START + u32::from(lost.unwrap_or(7))) * 1_000_000_000;
    let place = crate::time::Timestamp::from_nanoseconds(place);
    assert!(read.facts.lost_between(place, place), "packets are missing there");
}

#[test]
fn a_pcap_length_beyond_all_bounds_costs_its_record() {
    let file = numbered(20);
    let begin = begin_of(&file, 16, 7);
    for octet in [10, 11] {
        let mut damaged = file.clone();
        damaged[begin + octet] ^= 0x77;
        check(&damaged, Some(7), 16 + 67);
    }
}

#[test]
fn a_pcap_length_that_is_somewhat_wrong_costs_its_record() {
    let file = numbered(20);
    let begin = begin_of(&file, 16, 7);
    // It reaches into the next records, or beyond the end.
    for length in [68_u32, 100, 400, 5_000, 60_000, 900_000] {
        let mut damaged = file.clone();
        damaged[begin + 8..begin + 12].copy_from_slice(&length.to_le_bytes());
        check(&damaged, Some(7), 16 + 67);
    }
}

#[test]
fn octets_inserted_or_taken_out_cost_what_they_hit() {
    let file = numbered(20);
    let begin = begin_of(&file, 16, 7);
    let mut inserted = file.clone();
    inserted.splice(begin..begin, vec![0xee; 5_000]);
    check(&inserted, None, 5_000);
    let mut taken = file;
    taken.drain(begin + 3..begin + 16 + 30);
    check(&taken, Some(7), 3 + 37);
}

#[test]
fn the_last_pcap_records_are_found_too() {
    let file = numbered(20);
    for mark in [18, 19] {
        let mut damaged = file.clone();
        let begin = begin_of(&file, 16, mark);
        damaged[begin + 11] = 0xff;
        check(&damaged, Some(mark), 16 + 60 + u64::from(mark));
    }
    let begin = begin_of(&file, 16, 20);
    let mut damaged = file;
    damaged[begin + 11] = 0xff;
    let read = read(&damaged);
    assert_eq!(read.marks().last(), Some(&19));
    assert!(read.summary.cut_short);
    let (count, detail) = read.told(FactKind::Damaged);
    assert_eq!(count, 1);
    assert!(
        detail.contains("a record claims")
            && detail.contains("96 octets were passed over, no record follows")
    );
}

#[test]
fn more_damage_than_one_window_is_passed_over() {
    let file = numbered(20);
    let begin = begin_of(&file, 16, 7);
    let mut random = 1_u32;
    let noise = (0..3_000_000).map(|_| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 24) as u8
    });
    let mut inserted = file;
    inserted.splice(begin..begin, noise);
    let read = contents(open(Box::new(Cursor::new(inserted))).unwrap());
    assert_eq!(read.marks(), (1..=20).collect::<Vec<u8>>());
    assert!(read.told(FactKind::Damaged).1.contains("; 3000000 octets"));
}

#[test]
fn payload_that_is_a_capture_is_payload() {
    let inner = numbered(9);
    let mut file = numbered(3);
    file.extend(Little.record(START + 4, &inner, inner.len() as u32));
    let length = file.len();
    file.extend(Little.record(START + 5, &marked(5, 60), 60));
    assert_eq!(read(&file).marks(), [1, 2, 3, 0xd4, 5]);
    for cut in [length - 1, length - 100, length - 300] {
        let read = read(&file[..cut]);
        assert_eq!(read.marks(), [1, 2, 3], "a packet that is cut is no place to look for records");
        assert_eq!(read.facts.count(FactKind::CutShort), 1);
    }
}

#[test]
fn a_pcapng_length_that_is_wrong_costs_its_block() {
    let file = numbered_blocks(20);
    let begin = begin_of(&file, 28, 7);
    let length = u64::from(u32::from_le_bytes(file[begin + 4..begin + 8].try_into().unwrap()));
    for lie in [0, 8, 11, 16, 96, 104, 140, 60_000, 900_000, 0x7fff_fff0, u32::MAX] {
        let mut damaged = file.clone();
        damaged[begin + 4..begin + 8].copy_from_slice(&lie.to_le_bytes());
        check(&damaged, Some(7), length);
    }
}

#[test]
fn octets_between_blocks_are_passed_over() {
    for octets in [4, 5_000, 5_003] {
        let mut file = numbered_blocks(20);
        let begin = begin_of(&file, 28, 7);
        file.splice(begin..begin, vec![0xee; octets]);
        check(&file, None, octets as u64);
    }
}

#[test]
fn damage_before_another_section_ends_with_it() {
    let mut file = numbered_blocks(3);
    file.extend([0xee; 100]);
    file.extend([Big.section(), Big.interface(1, 0, &[]), Big.packet(0, 9, &marked(4, 60), &[])].concat());
    let read = read(&file);
    assert_eq!(read.marks(), [1, 2, 3, 4]);
    assert_eq!(read.frames[3].nanoseconds, 9_000);
}

#[test]
fn a_section_without_a_byte_order_is_damage() {
    let mut file = numbered_blocks(2);
    let second = file.len();
    file.extend(numbered_blocks(2));
    file[second + 8] = 0;
    let read = read(&file);
    assert_eq!(read.marks(), [1, 2, 1, 2]);
    assert!(read.told(FactKind::Damaged).1.contains("a section header has no byte-order magic"));
}

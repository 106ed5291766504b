//! The pcap format.

use super::*;

#[test]
fn all_variants_are_read_in_both_byte_orders() {
    for endian in [Little, Big] {
        for (magic, file_extra, record_extra, nanoseconds) in [
            (MICROSECONDS, 0, 0, 500_000_000),
            (0xa1b2_3c4d, 0, 0, 500_000),
            (0xa1b2_cd34, 0, 8, 500_000_000),
            (0x1c00_01ac, 4, 0, 500_000_000),
            (0x1c00_01ab, 4, 0, 500_000_000),
        ] {
            let mut file = endian.header(magic, 65_535, 113);
            file.extend(vec![9; file_extra]);
            for mark in 1..=3 {
                let mut record = endian.record(START, &marked(mark, 61), 61);
                record.splice(16..16, vec![7; record_extra]);
                file.extend(record);
            }
            let read = read(&file);
            assert_eq!(read.marks(), [1, 2, 3], "{magic:#x}");
            let last = read.frames.last().unwrap();
            assert_eq!((last.number, last.link_type, last.wire_len), (3, LinkType::LINUX_SLL, 61));
            assert_eq!(last.nanoseconds, i64::from(START) * 1_000_000_000 + nanoseconds, "{magic:#x}");
            assert_eq!((read.summary.format, read.summary.cut_short), ("pcap", false));
            assert_eq!(read.facts.iter().count(), 0);
        }
    }
}

#[test]
fn the_frame_check_sequence_is_no_payload() {
    for (captured, kept) in [(64, 60), (62, 60), (60, 60), (40, 40)] {
        // The length in units of two octets, the bit that says that it is there, the link type.
        let mut file = Little.header(MICROSECONDS, 65_535, 2 << 28 | 1 << 26 | 1);
        file.extend(Little.record(START, &marked(1, captured), 64));
        let frame = read(&file).frames.remove(0);
        assert_eq!((frame.data.len(), frame.wire_len, frame.link_type), (kept, 60, LinkType::ETHERNET));
    }
    let mut unsaid = Little.header(MICROSECONDS, 65_535, 2 << 28 | 1);
    unsaid.extend(Little.record(START, &marked(1, 64), 64));
    assert_eq!(read(&unsaid).frames[0].data.len(), 64);
}

#[test]
fn records_longer_than_the_snap_length_or_the_packet_are_read() {
    let mut file = Little.header(MICROSECONDS, 40, 1);
    file.extend(Little.record(START, &marked(1, 60), 60));
    file.extend(Little.record(START, &marked(2, 60), 20));
    file.extend(Little.record(START, &marked(3, 300_000), 300_000));
    file.extend(Little.record(START, &marked(4, 60), 60));
    file.extend(Little.record(START, &marked(5, 60), 59));
    let read = read(&file);
    assert_eq!(read.marks(), [1, 2, 3, 4, 5]);
    assert_eq!(read.frames[1].wire_len, 60);
    assert_eq!(read.frames[2].data.len(), 300_000);
    assert_eq!(read.facts.iter().count(), 0);
}

#[test]
fn empty_records_are_frames() {
    let mut file = numbered(1);
    file.extend([0; 32]);
    assert_eq!(read(&file).frames.len(), 3);
}

#[test]
fn a_cut_file_is_read_up_to_the_cut() {
    let file = numbered(3);
    let whole = read(&file).frames;
    for length in 24..file.len() {
        let cut = read(&file[..length]);
        assert!(whole.starts_with(&cut.frames));
        let ends = [24, 24 + 77, 24 + 77 + 78];
        assert_eq!(cut.summary.cut_short, !ends.contains(&length), "{length}");
        assert_eq!(cut.facts.count(FactKind::CutShort), u64::from(!ends.contains(&length)));
        assert_eq!(cut.facts.count(FactKind::Damaged), 0);
    }
}

#[test]
fn what_is_no_capture_is_called_what_it_is() {
    for (octets, words) in [
        (&b"POST /connect HTTP/1.1\r\n"[..], "it begins with text"),
        (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0], "a pcap header that is cut after 6 octets"),
        (&[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0], "a pcapng section header that is cut"),
        (b"\xfd7zXZ\0\0\x04", "xz -dc"),
        (b"PK\x03\x04\x14\0", "a ZIP archive, not a capture"),
        (b"snoop\0\0\0\0\0\0\x02", "editcap"),
        (&[0, 1, 2, 3, 4], "the octets 00 01 02 03"),
    ] {
        let error = refused(octets);
        assert!(error.contains(words) && error.contains("test.pcap"), "{error}");
    }
    assert!(refused(&[]).contains("is empty (0 octets)"));
}

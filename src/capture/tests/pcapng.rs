//! The pcapng format.

use super::*;
use pcap_parser::pcapng::{
    parse_enhancedpacketblock_be, parse_enhancedpacketblock_le, parse_interfacedescriptionblock_be,
    parse_interfacedescriptionblock_le,
};
use proptest::prelude::*;

/// A file of one section with these blocks.
fn section(endian: Endian, blocks: &[Vec<u8>]) -> Vec<u8> {
    [endian.section(), blocks.concat()].concat()
}

#[test]
fn sections_have_byte_orders_and_interfaces_of_their_own() {
    let file = [
        section(Little, &[Little.interface(1, 0, &[]), Little.interface(113, 0, &[])]),
        Little.packet(1, 7, &marked(1, 60), &[]),
        section(Big, &[Big.interface(276, 0, &[]), Big.packet(0, 8, &marked(2, 61), &[])]),
        section(Little, &[Little.interface(101, 0, &[]), Little.packet(0, 9, &marked(3, 62), &[])]),
        // The first section's second interface is none of the third section's.
        Little.packet(1, 9, &marked(4, 62), &[]),
    ]
    .concat();
    let read = read(&file);
    let links: Vec<_> =
        read.frames.iter().map(|frame| (frame.link_type.0, frame.nanoseconds, frame.data.len())).collect();
    assert_eq!(links, [(113, 7_000, 60), (276, 8_000, 61), (101, 9_000, 62)]);
    assert_eq!(read.told(FactKind::MalformedBlock), (1, "a block of type 0x00000006"));
    assert_eq!((read.summary.format, read.summary.cut_short), ("pcapng", false));
}

#[test]
fn times_have_the_resolution_and_offset_of_their_interface() {
    for endian in [Little, Big] {
        let offset = endian.u64((-3600_i64).cast_unsigned());
        let file = section(
            endian,
            &[
                endian.interface(1, 0, &[(9, &[9])]),
                endian.interface(1, 0, &[(2, b"eth0"), (9, &[0x8a]), (14, &offset)]),
                endian.interface(1, 0, &[(9, &[0])]),
                endian.interface(1, 0, &[(9, &[12])]),
                endian.packet(0, 1_700_000_000_123_456_789, &marked(1, 60), &[]),
                endian.packet(1, 1_700_000_000 * 1024 + 512, &marked(2, 60), &[]),
                endian.packet(2, 1_700_000_000, &marked(3, 60), &[]),
                endian.packet(3, 1_700_000_000_500_000_000, &marked(4, 60), &[]),
            ],
        );
        assert_eq!(
            read(&file).nanoseconds(),
            [
                1_700_000_000_123_456_789,
                1_699_996_400_500_000_000,
                1_700_000_000_000_000_000,
                1_700_000_000_500_000
            ]
        );
    }
}

#[test]
fn blocks_without_packets_are_no_frames() {
    let other = |kind: u32| Little.block(kind, &[1, 2, 3, 4, 5, 6, 7, 8]);
    let secrets = Little.block(10, &[&Little.u32(0x544c_534b)[..], &Little.u32(5), b"a b c"].concat());
    let mut file = section(Little, &[Little.interface(1, 0, &[])]);
    for kind in [4, 5, 9, 10, 0x0bad, 0x4000_0bad, 0x8000_0001, 0x1234] {
        file.extend(other(kind));
    }
    file.extend([secrets, Little.packet(0, 1, &marked(1, 60), &[])].concat());
    let read = read(&file);
    assert_eq!(read.frames.iter().map(|frame| frame.number).collect::<Vec<_>>(), [1]);
    // The statistics are of an interface that there is not.
    assert_eq!(read.told(FactKind::MalformedBlock), (1, "a block of type 0x00000005"));
}

#[test]
fn simple_packets_end_with_the_snap_length() {
    let simple = |wire_len: u32, data: &[u8]| Little.block(3, &[&Little.u32(wire_len)[..], data].concat());
    for (snap_len, lengths) in [(0, [61, 62]), (40, [40, 40])] {
        let file = section(
            Little,
            &[
                Little.interface(1, snap_len, &[]),
                Little.packet(0, 5_000_000, &marked(1, 60), &[]),
                simple(61, &marked(2, lengths[0])),
                simple(62, &marked(3, lengths[1])),
            ],
        );
        let read = read(&file);
        let found: Vec<_> = read.frames.iter().map(|frame| (frame.data.len(), frame.wire_len)).collect();
        assert_eq!(found, [(60, 60), (lengths[0], 61), (lengths[1], 62)]);
        assert_eq!(read.nanoseconds(), [5_000_000_000; 3], "they have the time of the packet before");
    }
    let homeless = section(Little, &[simple(60, &marked(1, 60))]);
    assert_eq!(read(&homeless).facts.count(FactKind::MalformedBlock), 1);
}

#[test]
fn obsolete_packets_tell_their_drops() {
    let obsolete = |drops: u16, mark| {
        let mut body = Little.packet_head(0, 5, 60, 60);
        body[2..4].copy_from_slice(&Little.u16(drops));
        body.extend(marked(mark, 60));
        Little.block(2, &body)
    };
    let blocks = [Little.interface(1, 0, &[]), obsolete(0, 1), obsolete(3, 2), obsolete(u16::MAX, 3)];
    let read = read(&section(Little, &blocks));
    assert_eq!(read.marks(), [1, 2, 3]);
    assert_eq!(read.told(FactKind::DroppedByCapture), (3, "interface 0 dropped 3 packets while capturing"));
}

#[test]
fn drops_are_told_once() {
    for endian in [Little, Big] {
        let statistics = |total: u64| {
            let mut body = [&endian.u32(0)[..], &[0; 8]].concat();
            body.extend(endian.options(&[(5, &endian.u64(total)), (7, &endian.u64(0))]));
            endian.block(5, &body)
        };
        let file = section(
            endian,
            &[
                endian.interface(1, 0, &[]),
                endian.packet(0, 1_000_000, &marked(1, 61), &[(1, b"a comment")]),
                endian.packet(0, 2_000_000, &marked(2, 61), &[(2, &[0; 4]), (4, &endian.u64(9))]),
                statistics(9),
                statistics(12),
            ],
        );
        let read = read(&file);
        assert_eq!(read.marks(), [1, 2]);
        assert_eq!(read.facts.count(FactKind::DroppedByCapture), 12);
        let at = crate::time::Timestamp::from_nanoseconds;
        assert!(read.facts.lost_between(at(1_500_000_000), at(1_600_000_000)));
        assert!(!read.facts.lost_between(at(2_100_000_000), at(2_200_000_000)));
    }
}

#[test]
fn the_frame_check_sequence_is_no_payload() {
    for fcs_len in [4, 32] {
        let blocks = [Little.interface(1, 0, &[(13, &[fcs_len])]), Little.packet(0, 1, &marked(1, 64), &[])];
        let frame = read(&section(Little, &blocks)).frames.remove(0);
        assert_eq!((frame.data.len(), frame.wire_len), (60, 60));
    }
    let flags = Little.u32(4 << 5 | 1);
    let packets = [
        Little.interface(1, 0, &[]),
        Little.packet(0, 1, &marked(1, 64), &[(2, &flags)]),
        Little.packet(0, 1, &marked(2, 64), &[]),
    ];
    let lengths: Vec<_> =
        read(&section(Little, &packets)).frames.iter().map(|frame| frame.data.len()).collect();
    assert_eq!(lengths, [60, 64]);
}

#[test]
fn interfaces_with_options_that_make_no_sense_have_packets_all_the_same() {
    let mut interface = Little.interface(113, 0, &[(9, &[9]), (2, b"eth0")]);
    // The name claims more octets than there are.
    interface[26] = 200;
    let blocks = [interface, Little.packet(0, 5, &marked(1, 60), &[])];
    let read = read(&section(Little, &blocks));
    assert_eq!((read.frames[0].link_type, read.frames[0].nanoseconds), (LinkType::LINUX_SLL, 5));
}

#[test]
fn lengths_that_differ_are_told_and_passed() {
    let mut file = numbered_blocks(3);
    let second = file.len() - 96;
    // The length behind the second packet.
    file[second - 4] ^= 0xff;
    let found = read(&file);
    assert_eq!(found.marks(), [1, 2, 3]);
    let told = found.told(FactKind::MalformedBlock);
    assert_eq!(told, (1, "a block of type 0x00000006 ends with another length"));
    // The length behind the description of the interface.
    let mut file = numbered_blocks(3);
    file[28 + 16] ^= 0xff;
    assert_eq!(read(&file).marks(), [1, 2, 3]);
}

#[test]
fn lengths_without_padding_are_read() {
    let mut file = numbered_blocks(3);
    let second = file.len() - 96 - 96;
    assert_eq!(file[second..second + 5], [6, 0, 0, 0, 96]);
    file[second + 4] = 94;
    file[second + 92] = 94;
    let read = read(&file);
    assert_eq!(read.marks(), [1, 2, 3]);
    assert_eq!(read.facts.iter().count(), 0);
}

#[test]
fn packets_that_do_not_fit_their_block_cost_only_themselves() {
    let mut lie = Little.packet(0, 1, &marked(9, 60), &[]);
    lie[20..24].copy_from_slice(&Little.u32(500));
    let unknown = Little.packet(5, 1, &marked(9, 60), &[]);
    let packet = |mark| Little.packet(0, 1, &marked(mark, 60), &[]);
    let file = section(Little, &[Little.interface(1, 0, &[]), packet(1), lie, packet(2), unknown, packet(3)]);
    let read = read(&file);
    assert_eq!(read.marks(), [1, 2, 3]);
    assert_eq!(read.frames[2].number, 3);
    assert_eq!(read.told(FactKind::MalformedBlock).0, 2);
}

#[test]
fn a_cut_file_is_read_up_to_the_cut() {
    let file = numbered_blocks(3);
    let whole = read(&file).frames;
    let ends = [28, 48, 48 + 96, 48 + 96 + 96];
    for length in 28..file.len() {
        let cut = read(&file[..length]);
        assert!(whole.starts_with(&cut.frames));
        assert_eq!(cut.summary.cut_short, !ends.contains(&length), "{length}");
        assert_eq!(cut.facts.count(FactKind::CutShort), u64::from(!ends.contains(&length)));
    }
}

proptest! {
    #[test]
    fn packet_blocks_are_read_as_by_pcap_parser(
        big in any::<bool>(),
        ticks in any::<u64>(),
        data in prop::collection::vec(any::<u8>(), 0..200),
        cut in 0_u32..2_000,
        options in prop::collection::vec((1_u16..9, prop::collection::vec(any::<u8>(), 0..12)), 0..4),
        damage in prop::option::of((20_usize..28, any::<u8>())),
    ) {
        let endian = if big { Big } else { Little };
        let options: Vec<_> = options.iter().map(|(code, value)| (*code, &value[..])).collect();
        let mut block = endian.packet(0, ticks, &data, &options);
        let wire_len = endian.u32(data.len() as u32 + cut);
        block[24..28].copy_from_slice(&wire_len);
        if let Some((at, octet)) = damage {
            block[at] = octet;
        }
        let parse = if big { parse_enhancedpacketblock_be } else { parse_enhancedpacketblock_le };
        let theirs = parse(&block).ok().map(|(rest, parsed)| {
            assert!(rest.is_empty());
            let data = parsed.data[..parsed.caplen as usize].to_vec();
            (u64::from(parsed.ts_high) << 32 | u64::from(parsed.ts_low), parsed.origlen.max(parsed.caplen), data)
        });
        // A resolution of ticks that are nanoseconds: nothing is lost where they fit.
        let file = section(endian, &[endian.interface(101, 0, &[(9, &[9])]), block.clone()]);
        let ours = read(&file).frames.first().map(|frame| {
            (i128::from(frame.nanoseconds), frame.wire_len, frame.data.clone())
        });
        // Options that make no sense fail the whole block there, and only themselves here.
        if let Some((ticks, wire_len, data)) = theirs {
            let nanoseconds = i128::from(ticks).min(i128::from(i64::MAX));
            prop_assert_eq!(ours, Some((nanoseconds, wire_len, data)));
        } else if let Some((_, _, data)) = ours {
            prop_assert_eq!(&block[28..28 + data.len()], &data[..]);
        }
    }

    #[test]
    fn interfaces_are_read_as_by_pcap_parser(
        big in any::<bool>(),
        link_type in any::<u16>(),
        snap_len in 60_u32..70,
        options in prop::collection::vec((1_u16..16, prop::collection::vec(any::<u8>(), 1..12)), 0..5),
    ) {
        let endian = if big { Big } else { Little };
        let options: Vec<_> = options.iter().map(|(code, value)| (*code, &value[..])).collect();
        let block = endian.interface(link_type, snap_len, &options);
        let parse =
            if big { parse_interfacedescriptionblock_be } else { parse_interfacedescriptionblock_le };
        let (_, theirs) = parse(&block).unwrap();
        let simple = endian.block(3, &[&endian.u32(100)[..], &marked(1, 100)].concat());
        let packet = endian.packet(0, 1 << 40, &marked(1, 60), &[]);
        let frames = read(&section(endian, &[block.clone(), packet, simple])).frames;
        prop_assert_eq!(i32::from(frames[0].link_type.0), theirs.linktype.0);
        let check_sequence = frames[0].data.len() < 60;
        prop_assert!(check_sequence || frames[1].data.len() == theirs.snaplen as usize);
        // Their times: a resolution that is a power of ten, and no offset, which they read wrong in big-endian files.
        let theirs = |code| theirs.options.iter().find(|option| option.code.0 == code).map(pcap_parser::PcapNGOption::value);
        let resolution = theirs(9).map_or(6, |value| value[0]);
        if theirs(14).is_none() && resolution < 20 {
            let expected = (1_i128 << 40) * 1_000_000_000 / 10_i128.pow(resolution.into());
            prop_assert_eq!(i128::from(frames[0].nanoseconds), expected.min(i128::from(i64::MAX)));
        }
    }
}

//! Against the slow way: what is told of frames before they are decoded is what decoding says, and frames that are gone
//! over are those that are read one by one.

use super::{captures, in_parallel};
use crate::folder;
use crate::support::random::Random;
use hookscope::capture::{Capture, Captures, Frame, LinkType};
use hookscope::endpoint::FrameNumber;
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use hookscope::packet::{Aside, Packet, Packets, PlainUdp};
use hookscope::pipeline::{self, Reading};
use hookscope::session::Options;
use hookscope::time::Timestamp;
use proptest::prelude::*;
use std::io::Cursor;
use std::path::Path;

/// Damaged copies of each sample.
const DAMAGED_COPIES: u64 = 20;

fn open(octets: &[u8], file: u16) -> Option<Capture> {
    let reader = Box::new(Cursor::new(octets.to_vec()));
    Capture::from_reader(reader, Path::new("test"), file, &Limits::default()).ok()
}

/// A sample, copies of it in which a few octets are changed, and its first half.
fn variants(path: &Path) -> Vec<Vec<u8>> {
    let whole = std::fs::read(path).unwrap();
    let damaged = |seed| {
        let mut random = Random::new(seed);
        let mut octets = whole.clone();
        for _ in 0..=seed {
            let at = random.place(octets.len());
            octets[at] ^= 1 << random.place(8);
        }
        octets
    };
    let mut variants: Vec<_> = (0..DAMAGED_COPIES).map(damaged).collect();
    variants.push(whole[..whole.len() / 2].to_vec());
    variants.push(whole);
    variants
}

/// Whether a frame is told to be plain UDP; decoding must say the same then.
fn is_told(packets: &mut Packets, frame: &Frame<'_>) -> bool {
    let plain = PlainUdp::of(frame.link_type, Limits::default().layers);
    let told = plain.and_then(|plain| plain.ports(frame.data));
    let (mut found, mut facts) = (Vec::new(), Facts::default());
    packets.push(frame, &mut facts, &mut |packet, _| {
        found.push(match packet {
            Packet::Aside(aside) => Some(aside),
            _ => None,
        });
    });
    if let Some((source, destination)) = told {
        assert_eq!(found, [Some(Aside::Udp(source, destination))], "{frame:?}");
        assert_eq!(facts.iter().count(), 0, "{frame:?}");
    }
    told.is_some()
}

#[test]
fn plain_udp_is_what_decoding_sets_aside() {
    let told = std::sync::atomic::AtomicUsize::new(0);
    in_parallel(&captures(&folder("samples")), |path| {
        for octets in variants(path) {
            let Some(mut capture) = open(&octets, 0) else { continue };
            let mut packets = Packets::new(&Limits::default());
            let mut count = 0;
            while capture.advance(&mut Facts::default()).is_some() {
                count += usize::from(is_told(&mut packets, &capture.frame().unwrap()));
            }
            told.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        }
    });
    let told = told.into_inner();
    assert!(told > 1_000, "{told} frames were told");
}

/// A frame with octets of its own.
type Kept = (FrameNumber, Timestamp, LinkType, u32, u32, Vec<u8>);

fn kept(frame: &Frame<'_>) -> Kept {
    let Frame { number, time, link_type, interface, wire_len, data } = *frame;
    (number, time, link_type, interface, wire_len, data.to_vec())
}

/// All frames, and all else that is known when they are read.
fn read(captures: &[&[u8]], skim: Option<u64>) -> (Vec<Kept>, String) {
    let open = |(octets, file): (&&[u8], u16)| open(octets, file);
    let captures: Option<Vec<Capture>> = captures.iter().zip(0..).map(open).collect();
    let Some(captures) = captures else { return Default::default() };
    let mut captures = Captures::new(captures);
    let (mut frames, mut facts) = (Vec::new(), Facts::default());
    let mut random = Random::new(skim.unwrap_or_default());
    while let Some(frame) = captures.next_frame(&mut facts) {
        frames.push(kept(&frame));
        if skim.is_some() {
            captures.skim(|frame| {
                let takes = random.place(8) > 0;
                if takes {
                    frames.push(kept(frame));
                }
                takes
            });
        }
    }
    (frames, format!("{facts:?} {:?}", captures.finish()))
}

#[test]
fn frames_gone_over_are_those_read_one_by_one() {
    let second = std::fs::read(folder("samples/web-phone-call.pcap")).unwrap();
    in_parallel(&captures(&folder("samples")), |path| {
        for (seed, octets) in (1..).zip(variants(path)).step_by(5) {
            for inputs in [&[octets.as_slice()][..], &[octets.as_slice(), &second], &[&octets, &octets]] {
                let (frames, known) = read(inputs, None);
                let (skimmed, same) = read(inputs, Some(seed));
                assert!(frames == skimmed, "{}", path.display());
                assert_eq!(known, same, "{}", path.display());
            }
        }
    });
}

/// A capture's traffic, and what was noticed: read as captures are, or frame by frame without setting any aside.
fn counted(octets: &[u8], by_frames: bool) -> Option<String> {
    let limits = Limits::default();
    let mut captures = Captures::new(vec![open(octets, 0)?]);
    let case = if by_frames {
        let (mut reading, mut facts) = (Reading::new(&limits, Options::default()), Facts::default());
        while let Some(frame) = captures.next_frame(&mut facts) {
            reading.push(&frame);
        }
        reading.finish(captures.finish(), facts)
    } else {
        pipeline::read(captures, &limits, Options::default())
    };
    Some(format!("{:?} {:?}", case.traffic, case.facts))
}

#[test]
fn frames_set_aside_are_counted_as_those_decoded() {
    in_parallel(&captures(&folder("samples")), |path| {
        for octets in variants(path).iter().step_by(3) {
            assert_eq!(counted(octets, false), counted(octets, true), "{}", path.display());
        }
    });
}

/// Octets near to plain UDP: headers of the link layer and of IP, with something wrong now and then.
fn near_udp() -> impl Strategy<Value = (u16, Vec<u8>)> {
    let link = prop_oneof![
        Just((1_u16, [&[0; 12][..], &[8, 0]].concat())),
        Just((1, [&[0; 12][..], &[0x86, 0xdd]].concat())),
        Just((1, [&[0; 12][..], &[0x81, 0, 0, 5, 8, 0]].concat())),
        Just((1, [&[0; 12][..], &[0x81, 0, 0, 5, 0x81, 0, 0, 6, 8, 0]].concat())),
        Just((113, [&[0; 14][..], &[8, 0]].concat())),
        Just((113, [&[0; 14][..], &[0x81, 0, 0, 5, 0x86, 0xdd]].concat())),
        Just((276, [&[8, 0][..], &[0; 18]].concat())),
        Just((101, Vec::new())),
        Just((0, vec![2, 0, 0, 0])),
    ];
    let port = prop_oneof![Just(53_u16), Just(4789), Just(2152), Just(5060), Just(1701), Just(40_000)];
    let ip =
        (prop_oneof![Just(true), Just(false)], port.clone(), port).prop_map(|(v4, source, destination)| {
            let mut octets = vec![0; if v4 { 20 } else { 40 }];
            octets[if v4 { 9 } else { 6 }] = 17;
            octets[0] = if v4 { 0x45 } else { 0x60 };
            octets[if v4 { 3 } else { 5 }] = 48;
            octets.extend(source.to_be_bytes());
            octets.extend(destination.to_be_bytes());
            octets.extend([0, 28, 0, 0]);
            octets.extend([0; 20]);
            octets
        });
    let changes = proptest::collection::vec((0_usize..80, any::<u8>()), 0..3);
    (link, ip, changes, 0_usize..200).prop_map(|((link, header), ip, changes, length)| {
        let mut octets = [header, ip].concat();
        for (at, octet) in changes {
            if let Some(changed) = octets.get_mut(at) {
                *changed = octet;
            }
        }
        octets.truncate(if length > 100 { usize::MAX } else { length });
        (link, octets)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_near_to_plain_udp_is_told_rightly((link, octets) in near_udp(), more in 0_u32..20) {
        let frame = Frame {
            number: FrameNumber::new(0, 1),
            time: Timestamp::default(),
            link_type: LinkType(link),
            interface: 0,
            wire_len: u32::try_from(octets.len()).unwrap() + more,
            data: &octets,
        };
        is_told(&mut Packets::new(&Limits::default()), &frame);
    }
}

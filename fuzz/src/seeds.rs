//! Inputs to begin with: what each target would take from captures.

use crate::support::{self, random::Random};
use hookscope::capture::{Capture, Captures};
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use hookscope::pipeline::{Decoded, Decoder};
use std::io::Cursor;
use std::path::Path;

/// The longest capture that is taken; longer ones are slow, and have nothing that shorter ones lack.
const LONGEST: usize = 64 << 10;
/// Frames and messages that are taken of one capture.
const MOST: usize = 12;

/// Inputs of one target.
pub type Seeds = Vec<(&'static str, Vec<u8>)>;

/// Inputs that samples make, and those of a few words.
pub fn of_samples() -> Seeds {
    let mut seeds: Seeds = WORDS.iter().map(|(target, words)| (*target, words.as_bytes().to_vec())).collect();
    for target in ["tcp", "fragments"] {
        seeds.extend((0..32).map(|seed| (target, noise(seed, 40 + 20 * seed as usize))));
    }
    for (name, octets) in support::files() {
        if !name.ends_with(".md") {
            seeds.extend(of_capture(&octets));
        }
    }
    seeds
}

/// Inputs that a capture makes.
pub fn of_capture(octets: &[u8]) -> Seeds {
    let mut seeds = Seeds::new();
    if octets.len() <= LONGEST {
        seeds.extend(["capture", "pipeline"].map(|target| (target, octets.to_vec())));
    }
    let frames = frames(octets);
    seeds.extend(frames.chunks(3).take(MOST).map(|frames| ("packet", frames.concat())));
    let Some(captures) = open(octets) else { return seeds };
    let mut count = 0;
    Decoder::run(captures, &Limits::default(), &mut |decoded| {
        let Decoded::Exchange(exchange) = decoded else { return };
        count += 1;
        if count > MOST {
            return;
        }
        let bodies = [exchange.request.map(|one| one.body), exchange.response.map(|one| one.body)];
        for body in bodies.into_iter().flatten().filter(|body| !body.octets.is_empty()) {
            seeds.push(("body", [&[0], body.octets.as_slice()].concat()));
            seeds.push(("json", body.octets));
        }
    });
    seeds.extend(streams(octets).into_iter().take(MOST).map(|octets| ("http", octets)));
    seeds
}

fn open(octets: &[u8]) -> Option<Captures> {
    let reader = Box::new(Cursor::new(octets.to_vec()));
    let capture = Capture::from_reader(reader, Path::new("seed"), 0, &Limits::default()).ok()?;
    Some(Captures::new(vec![capture]))
}

/// Frames as the target `packet` takes them.
fn frames(octets: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let Some(mut captures) = open(octets) else { return frames };
    while let Some(frame) = captures.next_frame(&mut Facts::default()) {
        let kind = crate::packet::kind(frame.link_type);
        let length = u16::try_from(frame.data.len()).unwrap_or(u16::MAX);
        let [high, low] = length.to_be_bytes();
        frames.push([&[kind, 0, high, low], &frame.data[..length.into()]].concat());
    }
    frames
}

/// Both directions of connections as the target `http` takes them.
fn streams(octets: &[u8]) -> Vec<Vec<u8>> {
    use hookscope::endpoint::{Side, Sides};
    use hookscope::packet::{Packet, Packets};
    use hookscope::tcp::{Connections, Event};
    let mut all: Vec<Sides<Vec<u8>>> = Vec::new();
    let Some(mut captures) = open(octets) else { return Vec::new() };
    let (mut packets, mut connections) =
        (Packets::new(&Limits::default()), Connections::new(Limits::default()));
    let (mut facts, mut reading) = (Facts::default(), Facts::default());
    while let Some(frame) = captures.next_frame(&mut reading) {
        packets.push(&frame, &mut facts, &mut |packet, facts| {
            let Packet::Tcp(segment) = packet else { return };
            connections.push(&segment, facts, &mut |head, event, _| {
                let place = head.id.0 as usize;
                if let (Event::Data { side, octets, .. }, true) = (event, place < MOST) {
                    all.resize_with(all.len().max(place + 1), Sides::default);
                    all[place].of_mut(side).extend(octets);
                }
            });
        });
    }
    let both = |sides: &Sides<Vec<u8>>| {
        let (asked, answered) = (sides.of(Side::Opener), sides.of(Side::Acceptor));
        let length = u16::try_from(asked.len()).ok()?.to_be_bytes();
        Some([&[7, 100, 255, 1], length.as_slice(), asked, answered].concat())
    };
    all.iter().filter_map(both).collect()
}

/// Octets that look random, the same ones for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..length).map(|_| random.below(256) as u8).collect()
}

/// Inputs of a few words.
const WORDS: [(&str, &str); 10] = [
    ("config", r#"{"call":{"restOnError":"FAIL","restPolicy":"OVERWRITE","restOverwrite":"callee"}}"#),
    (
        "config",
        r#"{"StreamStatusEvent":{"restExclude":"status, name","clientExclude":[]},"cal":{"restonerror":1}}"#,
    ),
    ("config", r#""{\"call\":{}}""#),
    ("json", r#"{"a":1.0,"b":[null,true,-0,1e400,"\ud800","\u0000"],"a":{"c":{}},"":""}"#),
    ("json", "\u{feff}{}"),
    ("forms", "\n\n\n\n\n\n\n\n\n\n\n\nOK\n"),
    ("forms", "/a\nhost\nX-Y\nz\nn@192.0.2.1\nk\n/1.2.3.4:5/6\nc\ncustom\nv\n1001\n0Forbidden\nx\ny\nz\n1"),
    (
        "forms",
        "\u{1b}[2J\n\u{202e}\n\u{200b}\n</script><img src=x onerror=a>\n=1+1\n@all\n|a|\n`b`\n<b>\n\"\n'\n&amp;\n\u{85}\n",
    ),
    ("tcp", "\0\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\0\0\0\u{10}\u{2}\0\u{10}\u{20}"),
    ("fragments", "\0\u{5}\u{5}\u{1}\u{2}\u{3}"),
];

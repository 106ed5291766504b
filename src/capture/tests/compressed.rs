//! Compressed captures.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

#[cfg(feature = "zstd")]
fn zstd(octets: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

#[cfg(feature = "lz4")]
fn lz4(octets: &[u8]) -> Vec<u8> {
    lz4_with(octets, lz4_flex::frame::FrameInfo::new().content_checksum(true).block_checksums(true))
}

#[cfg(feature = "lz4")]
fn lz4_with(octets: &[u8], info: lz4_flex::frame::FrameInfo) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

/// How a file is compressed, and its name.
type Codec = (&'static str, fn(&[u8]) -> Vec<u8>);

fn codecs() -> Vec<Codec> {
    vec![
        ("gzip", gzip as fn(&[u8]) -> Vec<u8>),
        #[cfg(feature = "zstd")]
        ("zstd", zstd),
        #[cfg(feature = "lz4")]
        ("lz4", lz4),
    ]
}

/// A skippable frame, as zstd and lz4 know it.
fn skippable(octets: usize) -> Vec<u8> {
    let mut frame = vec![0x53, 0x2a, 0x4d, 0x18];
    frame.extend((octets as u32).to_le_bytes());
    frame.extend(vec![0xd4; octets]);
    frame
}

/// A capture that compresses badly: some hundred packets of noise.
fn noise() -> Vec<u8> {
    let mut random = 7_u32;
    let mut file = Little.header(MICROSECONDS, 65_535, 1);
    for packet in 0..2_000 {
        let data: Vec<u8> = (0..500)
            .map(|_| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (random >> 24) as u8
            })
            .collect();
        file.extend(Little.record(START + packet, &data, 500));
    }
    file
}

fn sha256(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

#[test]
fn compression_is_told_by_content_and_the_hash_is_of_the_file() {
    let plain = numbered(20);
    for (name, compress) in codecs() {
        for packed in [compress(&plain), [compress(&plain[..300]), compress(&plain[300..])].concat()] {
            let found = read(&packed);
            assert_eq!(found.frames, read(&plain).frames, "{name}");
            assert_eq!(found.summary.compression, Some(name));
            assert_eq!(found.summary.sha256, Some(sha256(&packed)));
            assert_eq!((found.summary.cut_short, found.facts.iter().count()), (false, 0));
        }
    }
    assert_eq!(read(&plain).summary.compression, None);
}

#[test]
fn long_files_are_not_hashed() {
    let plain = numbered(20);
    let packed = codecs().into_iter().map(|(_, compress)| compress(&plain));
    for octets in packed.chain([plain.clone()]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.pcap");
        std::fs::write(&path, &octets).unwrap();
        let length = octets.len() as u64;
        for (digest, expected) in [(length, Some(sha256(&octets))), (length - 1, None), (0, None)] {
            let limits = Limits { digest, ..Limits::default() };
            let from_file = contents(Capture::open(&path, 0, &limits).unwrap());
            let reader = Box::new(Cursor::new(octets.clone()));
            let from_pipe = contents(Capture::from_reader(reader, &path, 0, &limits).unwrap());
            assert_eq!(from_file.summary.sha256, expected);
            assert_eq!(from_pipe.summary.sha256, expected);
            assert_eq!(from_file.frames.len(), 20);
        }
    }
}

#[test]
fn a_decoder_on_a_thread_of_its_own_makes_no_difference() {
    let plain = noise();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.pcap");
    for (name, compress) in codecs() {
        let packed: Vec<u8> = plain.chunks(50_000).flat_map(compress).collect();
        let middle = packed.len() / 2;
        let damaged = [&packed[..middle], &[0xff; 9], &packed[middle + 9..]].concat();
        let garbage = [&packed[..], b"and something behind it"].concat();
        for octets in [&packed, &packed[..middle], &packed[..packed.len() - 1], &damaged, &garbage] {
            std::fs::write(&path, octets).unwrap();
            let [one, two] = [1, 2].map(|threads| {
                let limits = Limits { threads, ..Limits::default() };
                contents(Capture::open(&path, 0, &limits).unwrap())
            });
            assert!(one.frames == two.frames, "{name}");
            assert_eq!(format!("{:?}", one.facts), format!("{:?}", two.facts), "{name}");
            assert_eq!(format!("{:?}", one.summary), format!("{:?}", two.summary), "{name}");
            assert_eq!(two.summary.sha256, Some(sha256(octets)), "{name}");
        }
    }
}

#[test]
fn what_stands_before_damage_in_gzip_is_read_however_it_comes_in() {
    let records = 200;
    let plain = &noise()[..24 + records * 516];
    let packed = gzip(plain);
    for place in [packed.len() / 8, packed.len() / 2, packed.len() - 20] {
        let found = read(&[&packed[..place], &[0xff; 9], &packed[place + 9..]].concat());
        assert!(found.summary.cut_short);
        let expected = records * place / packed.len();
        assert!(found.frames.len() + 1 >= expected, "{} of {expected}", found.frames.len());
    }
}

#[test]
fn a_decoder_ends_when_nobody_reads_what_it_makes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.pcap");
    let limits = Limits { threads: 2, ..Limits::default() };
    for (_, compress) in codecs() {
        std::fs::write(&path, compress(&noise().repeat(9))).unwrap();
        let mut capture = Capture::open(&path, 0, &limits).unwrap();
        capture.advance(&mut Facts::default());
        drop(capture);
        let mut capture = Capture::open(&path, 0, &limits).unwrap();
        capture.advance(&mut Facts::default());
        assert!(capture.finish().sha256.is_some(), "the digest is of the whole file, read or not");
        std::fs::write(&path, compress(b"no capture")).unwrap();
        assert!(Capture::open(&path, 0, &limits).is_err());
    }
}

#[test]
fn a_compressed_file_that_is_cut_is_read_up_to_there() {
    let plain = numbered(20);
    let whole = read(&plain).frames;
    for (name, compress) in codecs() {
        let packed = [compress(&plain[..1_000]), compress(&plain[1_000..])].concat();
        let first = compress(&plain[..1_000]).len();
        for length in first + 1..packed.len() {
            let cut = read(&packed[..length]);
            assert!(whole.starts_with(&cut.frames) && cut.frames.len() > 9, "{name} {length}");
            assert!(cut.summary.cut_short, "{name} {length}");
            let (count, detail) = cut.told(FactKind::CutShort);
            assert_eq!((count, detail), (1, "test.pcap: the compressed file ends early"), "{name} {length}");
            assert_eq!(cut.summary.sha256, Some(sha256(&packed[..length])));
        }
    }
}

#[test]
fn a_corrupt_compressed_file_is_read_up_to_there() {
    let plain = noise();
    let whole = read(&plain).frames;
    for (name, compress) in codecs() {
        let mut packed: Vec<u8> = plain.chunks(50_000).flat_map(compress).collect();
        let middle = packed.len() / 2;
        packed[middle..middle + 9].fill(0xff);
        let found = contents(open(Box::new(Cursor::new(packed.clone()))).unwrap());
        let intact = found.frames.iter().zip(&whole).take_while(|(ours, theirs)| ours == theirs).count();
        // What gzip does not notice before its checksum is passed on.
        assert!(intact > 800 && intact < 1_100, "{name}: {intact}");
        assert_eq!(found.facts.count(FactKind::ReadFailed), 1, "{name}");
        assert!(found.summary.cut_short);
        assert_eq!(found.summary.sha256, Some(sha256(&packed)), "{name}: to the end");
    }
}

#[test]
fn a_compressed_file_without_a_capture_says_so() {
    for (name, compress) in codecs() {
        let text = refused(&compress(b"no capture at all"));
        assert!(text.contains(&format!("decompressed ({name}), it begins with text")), "{text}");
        let empty = refused(&compress(b""));
        assert!(empty.contains(&format!("decompressed ({name}), it is empty")), "{empty}");
        let nested = refused(&compress(&gzip(&numbered(3))));
        assert!(
            nested.contains("it begins with a file compressed with gzip: decompress it once"),
            "{nested}"
        );
        let mut garbage = compress(&numbered(3));
        garbage[4..].fill(0xee);
        assert!(refused(&garbage).contains("cannot be decompressed"), "{name}");
    }
}

#[test]
fn skippable_frames_are_passed_over() {
    let plain = numbered(20);
    let frames = read(&plain).frames;
    for (name, compress) in codecs().into_iter().skip(1) {
        let [one, two] = [compress(&plain[..300]), compress(&plain[300..])];
        let packed = [skippable(9), skippable(0), one, skippable(70_000), two, skippable(3)].concat();
        let found = read(&packed);
        assert_eq!(found.frames, frames, "{name}");
        assert_eq!((found.summary.compression, found.summary.cut_short), (Some(name), false));
        assert_eq!(found.summary.sha256, Some(sha256(&packed)));
        let cut = read(&packed[..packed.len() - 1]);
        assert_eq!(cut.frames, frames, "{name}");
        assert_eq!(cut.facts.count(FactKind::CutShort), 1, "{name}");
    }
    assert!(refused(&skippable(5)).contains("is empty"));
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_windows_may_be_long() {
    let plain = numbered(20);
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(30).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&plain).unwrap();
    let packed = encoder.finish().unwrap();
    assert_eq!(read(&packed).frames.len(), 20);
    let limits = Limits { zstd_window_log: 20, ..Limits::default() };
    let reader = Box::new(Cursor::new(packed));
    assert!(Capture::from_reader(reader, Path::new("test.pcap"), 0, &limits).is_err());
}

#[cfg(feature = "lz4")]
#[test]
fn lz4_frames_of_all_kinds_follow_each_other() {
    use lz4_flex::frame::{BlockMode, BlockSize, FrameInfo};
    let plain = noise();
    let kinds = [
        FrameInfo::new().block_mode(BlockMode::Linked).block_size(BlockSize::Max64KB),
        FrameInfo::new().block_size(BlockSize::Max4MB).content_checksum(true),
        FrameInfo::new().block_size(BlockSize::Max256KB).block_checksums(true),
    ];
    let mut packed: Vec<u8> = Vec::new();
    for (part, kind) in plain.chunks(60_000).zip(kinds.iter().cycle()) {
        packed.extend(lz4_with(part, kind.clone()));
    }
    let whole = contents(open(Box::new(Cursor::new(packed.clone()))).unwrap());
    assert_eq!((whole.frames.len(), whole.summary.cut_short), (2_000, false));
}

#[cfg(feature = "lz4")]
#[test]
fn legacy_lz4_is_read() {
    let plain = noise();
    let legacy = |parts: &[&[u8]]| {
        let mut octets = vec![0x02, 0x21, 0x4c, 0x18];
        for part in parts {
            let block = lz4_flex::block::compress(part);
            octets.extend((block.len() as u32).to_le_bytes());
            octets.extend(block);
        }
        octets
    };
    let (one, rest) = plain.split_at(100_000);
    let (two, three) = rest.split_at(200_000);
    let packed =
        [legacy(&[one, two]), skippable(5), lz4(&three[..50_000]), legacy(&[&three[50_000..]])].concat();
    let whole = contents(open(Box::new(Cursor::new(packed.clone()))).unwrap());
    assert_eq!((whole.frames.len(), whole.summary.cut_short), (2_000, false));
    let cut = contents(open(Box::new(Cursor::new(packed[..packed.len() - 9].to_vec()))).unwrap());
    assert_eq!(cut.facts.count(FactKind::CutShort), 1);
    let mut corrupt = packed;
    corrupt[4..8].fill(0x7f);
    assert!(refused(&corrupt).contains("a block of a legacy lz4 frame is too long"));
}

#[cfg(not(all(feature = "zstd", feature = "lz4")))]
#[test]
fn a_build_without_a_decoder_says_so() {
    for (name, magic, built) in [
        ("zstd", [0x28, 0xb5, 0x2f, 0xfd], cfg!(feature = "zstd")),
        ("lz4", [0x04, 0x22, 0x4d, 0x18], cfg!(feature = "lz4")),
    ] {
        let error = refused(&magic);
        let told =
            error.contains(&format!("--features {name}, or decompress it first: {name} -dc test.pcap"));
        assert_eq!(told, !built, "{error}");
    }
}

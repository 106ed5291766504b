//! Captures in archives.

use super::json;
use crate::command_line::{hookscope, told};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use hookscope::capture::archive::{self, Kind};
use hookscope::capture::{Capture, Captures, Meter};
use hookscope::fact::Facts;
use hookscope::limits::Limits;
use serde_json::Value;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

/// A file in a ZIP archive.
struct Packed<'a> {
    name: &'a [u8],
    content: &'a [u8],
    /// 0 is stored, 8 is deflated.
    method: u16,
    encrypted: bool,
    checksum_off_by: u32,
}

impl<'a> Packed<'a> {
    const fn new(name: &'a str, content: &'a [u8], method: u16) -> Self {
        Self { name: name.as_bytes(), content, method, encrypted: false, checksum_off_by: 0 }
    }
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn word(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap().to_le_bytes()
}

fn zip(files: &[Packed<'_>]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let data = if file.method == 8 { deflated(file.content) } else { file.content.to_vec() };
        let mut crc = flate2::Crc::new();
        crc.update(file.content);
        let sum = crc.sum().wrapping_add(file.checksum_off_by);
        let mut common = Vec::new();
        for half in [20, u16::from(file.encrypted), file.method, 0, 0x5c21] {
            common.extend(half.to_le_bytes());
        }
        common.extend(sum.to_le_bytes());
        for length in [data.len(), file.content.len(), file.name.len()] {
            common.extend(word(length));
        }
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(word(archive.len()));
        directory.extend(file.name);
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(file.name);
        archive.extend(data);
    }
    let begin = archive.len();
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(u16::try_from(files.len()).unwrap().to_le_bytes().repeat(2));
    archive.extend([directory.len(), begin].map(word).concat());
    archive.extend([0; 2]);
    archive
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(format!("samples/{name}.pcap")).unwrap()
}

/// Rows of an archive: the names behind its path, states or errors.
fn rows(name: &str, octets: &[u8]) -> (i32, Vec<(String, String)>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, octets).unwrap();
    let path = path.to_str().unwrap();
    let (exit, triage) = json(&["--sort", "path", path]);
    let row = |row: &Value| {
        let own = row["path"].as_str().unwrap().strip_prefix(path).unwrap().to_owned();
        let state = row["state"].as_str().or(row["error"].as_str()).unwrap().to_owned();
        (own, state)
    };
    let rows = triage["captures"].as_array().unwrap().iter().map(row).collect();
    (exit, rows, triage)
}

fn assert_rows(name: &str, octets: &[u8], expected: &[(&str, &str)]) -> Value {
    let (_, rows, triage) = rows(name, octets);
    assert_eq!(rows.len(), expected.len(), "{name}: {rows:#?}");
    for ((path, state), (own, words)) in rows.iter().zip(expected) {
        assert!(path == own && state.contains(words), "{name}: {path} {state}, not {own} {words}");
    }
    triage
}

#[test]
fn captures_in_archives_have_rows() {
    let (timeout, refused) = (sample("timeout"), sample("refused"));
    let packed = gzip(&timeout);
    let files: [(&str, &[u8]); 3] =
        [("in/refused.pcap", &refused), ("in/notes.txt", b"no capture"), ("timeout.pcap.gz", &packed)];
    let zipped = zip(&[0, 8, 8]
        .iter()
        .zip(files)
        .map(|(method, (name, content))| Packed::new(name, content, *method))
        .collect::<Vec<_>>());
    let tarred = tar(&files);
    let expected = [("/in/refused.pcap", "broken"), ("/timeout.pcap.gz", "degraded")];
    let mut archives = vec![("a.zip", zipped), ("a.tgz", gzip(&tarred)), ("a.tar", tarred)];
    // What it is shows in its octets, not in its name.
    archives.push(("renamed.pcap", archives[1].1.clone()));
    for (name, octets) in archives {
        let triage = assert_rows(name, &octets, &expected);
        assert_eq!(triage["other_files"], 1);
        let digest = |name: &str| json(&[name]).1["captures"][0]["sha256"].clone();
        assert_eq!(triage["captures"][0]["sha256"], digest("samples/refused.pcap"));
        assert_eq!(triage["captures"][0]["size"], refused.len());
    }
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_archives_are_opened() {
    let tarred = tar(&[("refused.pcap", &sample("refused"))]);
    assert_rows("a.tar.zst", &zstd::encode_all(&tarred[..], 1).unwrap(), &[("/refused.pcap", "broken")]);
}

#[test]
fn what_cannot_be_read_in_an_archive_is_told() {
    let refused = sample("refused");
    let inner = zip(&[Packed::new("x.pcap", &refused, 8)]);
    let secret = Packed { encrypted: true, ..Packed::new("2-secret.pcap", &refused, 8) };
    let wrong = Packed { checksum_off_by: 1, ..Packed::new("3-wrong.pcap", &refused, 8) };
    let files = [
        Packed::new("1-inner.zip", &inner, 0),
        secret,
        wrong,
        Packed::new("4-other.pcap", &refused, 12),
        Packed::new("5-empty.pcap", b"", 0),
        Packed::new("6-good.pcap", &refused, 8),
    ];
    let expected = [
        ("/1-inner.zip", "a ZIP archive in an archive"),
        ("/2-secret.pcap", "encrypted"),
        ("/3-wrong.pcap", "broken"),
        ("/4-other.pcap", "compression"),
        ("/5-empty.pcap", "0 octets"),
        ("/6-good.pcap", "broken"),
    ];
    let triage = assert_rows("a.zip", &zip(&files), &expected);
    let cut: Vec<bool> = triage["captures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["cut_short"].as_bool().unwrap())
        .collect();
    assert_eq!(cut, [false, false, true, false, false, false], "the check sum is looked at");
    let nested = tar(&[("inner.tgz", &gzip(&tar(&[("x.pcap", &refused)])))]);
    assert_rows("nested.tar", &nested, &[("/inner.tgz", "a tar archive in an archive")]);
}

#[test]
fn damaged_archives_are_rows() {
    let refused = sample("refused");
    let zipped = zip(&[Packed::new("a.pcap", &refused, 8)]);
    assert_rows("cut.zip", &zipped[..zipped.len() - 30], &[("", "cannot read the archive")]);
    let tarred = tar(&[("a.pcap", &refused), ("b.pcap", &refused)]);
    let cut = &tarred[..tarred.len() * 2 / 3];
    let expected = [("", "it ends in the middle of an entry"), ("/a.pcap", "broken"), ("/b.pcap", "broken")];
    assert_rows("cut.tar", cut, &expected);
    let packed = gzip(&tarred);
    let (exit, rows, _) = rows("cut.tgz", &packed[..packed.len() / 2]);
    assert!(exit == 1 && rows[0].1.contains("cannot read the archive"), "{rows:?}");
    assert_rows(
        "none.zip",
        &zip(&[Packed::new("notes.txt", b"none", 0)]),
        &[("", "no capture in this archive")],
    );
    assert_rows("empty.zip", &zip(&[]), &[("", "no capture in this archive")]);
    // Whatever octets are wrong, there is a row.
    for place in (0..zipped.len()).step_by(zipped.len() / 60) {
        let mut damaged = zipped.clone();
        damaged[place] ^= 0xff;
        assert!(!self::rows("damaged.zip", &damaged).1.is_empty(), "{place}");
    }
}

/// A name is shown, and nothing else is done with it.
#[test]
fn names_in_archives_are_hostile_text() {
    let refused = sample("refused");
    let name = "/etc/../\u{1b}[31m<b>|`\u{202e}x.pcap";
    let octets = zip(&[
        Packed::new(name, &refused, 8),
        Packed { name: b"\xff\n.pcap", ..Packed::new("", &refused, 0) },
    ]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.zip"), octets).unwrap();
    let path = folder.path().to_str().unwrap();
    for format in ["text", "csv", "markdown", "html"] {
        let text = told(&hookscope(&["triage", "--format", format, path], b"")).1.replace("\r\n", "\n");
        let stray = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(stray), "{format}: {text:?}");
        assert!(format == "text" || text.contains("\\x1b[31m"), "{format}: {text}");
        assert!(format != "html" || !text.contains("<b>|"), "{text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is unpacked to disk");
}

/// Every entry's octets, or the error of the walk.
fn walk(octets: &[u8], kind: Kind, limits: &Limits) -> (Vec<u64>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    fs::write(&path, octets).unwrap();
    let mut counts = Vec::new();
    let gone = archive::each(&path, kind, limits, &Meter::default(), &mut |entry| {
        let mut content = entry.content.unwrap();
        let mut buffer = [0; 4_096];
        let mut count = 0;
        while let Ok(read @ 1..) = content.read(&mut buffer) {
            count += read as u64;
        }
        counts.push(count);
    });
    (counts, gone.err().map(|error| error.to_string()).unwrap_or_default())
}

#[test]
fn bombs_are_bounded_and_limits_are_told() {
    let zeros = vec![0; 4 << 20];
    let limits = Limits { archive_octets: 1 << 20, archive_entries: 2, ..Limits::default() };
    let bomb = zip(&[Packed::new("a", &zeros, 8), Packed::new("b", &zeros, 8)]);
    let (counts, error) = walk(&bomb, Kind::Zip, &limits);
    assert!(counts == [1 << 20] && error.contains("only the first 1048576 octets"), "{counts:?} {error}");
    let (counts, error) = walk(&gzip(&tar(&[("a", &zeros), ("b", &zeros)])), Kind::Tar, &limits);
    assert!(counts.len() == 1 && counts[0] < 1 << 20, "{counts:?}");
    assert!(error.contains("only the first 1048576 octets"), "{error}");
    for (octets, kind) in [
        (zip(&["a", "b", "c"].map(|name| Packed::new(name, b"x", 0))), Kind::Zip),
        (tar(&[("a", b"x"), ("b", b"x"), ("c", b"x")]), Kind::Tar),
    ] {
        let (counts, error) = walk(&octets, kind, &limits);
        assert!(counts == [1, 1] && error.contains("more than 2 entries"), "{counts:?} {error}");
    }
    // A name that never ends is not read to its end.
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(64 << 20);
    header.set_cksum();
    let long = [&header.as_bytes()[..], &vec![b'a'; 8 << 20]].concat();
    let (counts, error) = walk(&long, Kind::Tar, &Limits::default());
    assert!(counts.is_empty() && !error.is_empty());
}

#[test]
fn a_capture_in_a_tar_is_read_like_the_file() {
    let octets = sample("web-phone-call");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    fs::write(&path, tar(&[("x/log.pcap", &octets)])).unwrap();
    let limits = Limits::default();
    archive::each(&path, Kind::Tar, &limits, &Meter::default(), &mut |entry| {
        assert!(entry.path.ends_with(Path::new("a.tar/x/log.pcap")));
        let capture = Capture::from_reader(entry.content.unwrap(), &entry.path, 0, &limits).unwrap();
        let (mut captures, mut facts) = (Captures::new(vec![capture]), Facts::default());
        while captures.next_frame(&mut facts).is_some() {}
        let summary = captures.finish().remove(0);
        assert_eq!((summary.frames, summary.cut_short), (1_770, false));
    })
    .unwrap();
}

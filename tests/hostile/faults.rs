//! Puts faults into a pcap stream on its way: what networks, disks and capturing programs do, at random, the same each
//! time.

use crate::support::random::Random;
use std::io::{self, BufReader, BufWriter, Read, Write};

/// Of so many records, one suffers: a bit is flipped, the record is lost, comes twice, is cut, comes late, or at a wrong
/// time.
const ONE_IN: u64 = 1_000;
/// Of so many records, one is preceded by octets that are no record.
const GARBAGE_IN: u64 = 1_000_000;
const HEAD: usize = 16;

/// Copies a pcap stream, little endian, from standard input to standard output, with faults.
pub fn put() -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 20, io::stdin().lock());
    let mut output = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut head = [0; 24];
    input.read_exact(&mut head)?;
    output.write_all(&head)?;
    let (mut random, mut record, mut late) = (Random::new(1), Vec::new(), Vec::new());
    while read(&mut input, &mut record)? {
        if random.below(GARBAGE_IN) == 0 {
            let garbage: Vec<u8> = (0..random.below(5_000)).map(|_| random.below(256) as u8).collect();
            output.write_all(&garbage)?;
        }
        if random.below(ONE_IN) == 0 {
            harm(&mut record, &mut late, &mut random, &mut output)?;
        }
        output.write_all(&record)?;
        output.write_all(&late)?;
        late.clear();
    }
    output.flush()
}

/// Reads a record; `false` at the end.
fn read(input: &mut impl Read, record: &mut Vec<u8>) -> io::Result<bool> {
    record.resize(HEAD, 0);
    match input.read_exact(record) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
        read => read?,
    }
    let length = u32::from_le_bytes(record[8..12].try_into().unwrap()) as usize;
    record.resize(HEAD + length, 0);
    input.read_exact(&mut record[HEAD..])?;
    Ok(true)
}

fn harm(
    record: &mut Vec<u8>,
    late: &mut Vec<u8>,
    random: &mut Random,
    output: &mut impl Write,
) -> io::Result<()> {
    let place = HEAD + random.below((record.len() - HEAD).max(1) as u64) as usize;
    match random.below(6) {
        0 => {
            let place = place.min(record.len() - 1);
            record[place] ^= 1 << random.below(8);
        }
        1 => record.clear(),
        2 => output.write_all(record)?,
        3 => {
            record.truncate(place);
            let kept = (place - HEAD) as u32;
            record[8..12].copy_from_slice(&kept.to_le_bytes());
        }
        4 => std::mem::swap(record, late),
        _ => {
            let second = u32::from_le_bytes(record[..4].try_into().unwrap());
            let wrong = second.wrapping_add(random.below(20) as u32).wrapping_sub(10);
            record[..4].copy_from_slice(&wrong.to_le_bytes());
        }
    }
    Ok(())
}

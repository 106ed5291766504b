//! LZ4: frame after frame (<https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>), skippable and legacy ones
//! too.
//!
//! `lz4_flex` decodes one frame at a time: a decoder of its that goes on to a frame of another block size trips over
//! its own buffer, and it cannot tell a frame that ends from an input that is cut between two blocks. Both show in what
//! it reads.

use super::{Raw, nothing, read_full, skippable};
use lz4_flex::frame::FrameDecoder;
use std::io::{self, Cursor, ErrorKind, Read};
use std::mem;

type Magic = [u8; 4];
const FRAME: Magic = [0x04, 0x22, 0x4d, 0x18];
const LEGACY_FRAME: Magic = [0x02, 0x21, 0x4c, 0x18];
/// The most that a legacy frame's blocks decompress to.
const LEGACY_BLOCK: usize = 8 << 20;
/// The most that such a block is compressed to.
const LEGACY_COMPRESSED: usize = LEGACY_BLOCK + LEGACY_BLOCK / 255 + 16;

/// The raw input, with a note of its end, and room for a magic number that was looked at and is to be read again.
struct Input {
    again: Cursor<Vec<u8>>,
    raw: Raw,
    ended: bool,
}

impl Input {
    const fn new(raw: Raw) -> Self {
        Self { again: Cursor::new(Vec::new()), raw, ended: false }
    }

    fn put_back(&mut self, magic: Magic) {
        self.again = Cursor::new(magic.to_vec());
    }

    /// Takes the input out, to go on with it elsewhere.
    fn moved(&mut self) -> Self {
        mem::replace(self, Self::new(nothing()))
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.again.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        let count = self.raw.read(buffer)?;
        self.ended |= count == 0;
        Ok(count)
    }
}

enum State {
    Between(Input),
    Frame(Box<FrameDecoder<Input>>),
    Legacy(Legacy),
}

/// All frames of a file.
pub(in crate::capture) struct Frames {
    state: State,
}

impl Frames {
    pub(super) const fn new(raw: Raw) -> Self {
        Self { state: State::Between(Input::new(raw)) }
    }

    pub(super) fn into_inner(self) -> Raw {
        match self.state {
            State::Between(input) => input.raw,
            State::Frame(decoder) => decoder.into_inner().raw,
            State::Legacy(legacy) => legacy.input.raw,
        }
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let next = match &mut self.state {
                State::Between(input) => match next_frame(input)? {
                    Some(state) => state,
                    None => return Ok(0),
                },
                State::Frame(decoder) => {
                    let count = decoder.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        return Ok(count);
                    }
                    if decoder.get_ref().ended {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                    State::Between(decoder.get_mut().moved())
                }
                State::Legacy(legacy) => {
                    let count = legacy.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        return Ok(count);
                    }
                    State::Between(legacy.input.moved())
                }
            };
            self.state = next;
        }
    }
}

/// Looks at the next magic number; `None` at the end of the input.
fn next_frame(input: &mut Input) -> io::Result<Option<State>> {
    let octets = skippable::pass(input)?;
    if octets.is_empty() {
        return Ok(None);
    }
    let magic = Magic::try_from(octets).map_err(|_| ErrorKind::UnexpectedEof)?;
    if magic == LEGACY_FRAME {
        return Ok(Some(State::Legacy(Legacy { input: input.moved(), block: Vec::new(), taken: 0 })));
    }
    if magic == FRAME {
        input.put_back(magic);
        return Ok(Some(State::Frame(Box::new(FrameDecoder::new(input.moved())))));
    }
    // The length of a skippable frame reached beyond the end.
    if skippable::is_skippable(magic) {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Err(io::Error::new(ErrorKind::InvalidData, "octets that are no lz4 frame stand behind one"))
}

/// A legacy frame: blocks up to the end of the file, or to the magic number of another frame.
struct Legacy {
    input: Input,
    /// What the last block decompressed to, and how much of it was read.
    block: Vec<u8>,
    taken: usize,
}

impl Legacy {
    /// Decodes the next block; `false` where there is none.
    fn decode(&mut self) -> io::Result<bool> {
        let mut length: Magic = [0; 4];
        match read_full(&mut self.input, &mut length)? {
            0 => return Ok(false),
            4 => {}
            _ => return Err(ErrorKind::UnexpectedEof.into()),
        }
        if matches!(length, FRAME | LEGACY_FRAME) || skippable::is_skippable(length) {
            self.input.put_back(length);
            return Ok(false);
        }
        let length = u32::from_le_bytes(length) as usize;
        if length > LEGACY_COMPRESSED {
            return Err(io::Error::new(ErrorKind::InvalidData, "a block of a legacy lz4 frame is too long"));
        }
        let mut compressed = vec![0; length];
        if read_full(&mut self.input, &mut compressed)? < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.block.resize(LEGACY_BLOCK, 0);
        let count = lz4_flex::block::decompress_into(&compressed, &mut self.block)
            .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        self.block.truncate(count);
        self.taken = 0;
        Ok(true)
    }
}

impl Read for Legacy {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken >= self.block.len() {
            if !self.decode()? {
                return Ok(0);
            }
        }
        let count = self.block.get(self.taken..).unwrap_or_default().read(buffer)?;
        self.taken = self.taken.saturating_add(count);
        Ok(count)
    }
}

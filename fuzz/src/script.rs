//! Takes an input apart: small numbers for decisions first, octets as they are behind.

/// An input that is read from its start; behind its end there are zeros.
pub(crate) struct Script<'i>(&'i [u8]);

impl<'i> Script<'i> {
    pub(crate) fn new(input: &'i [u8]) -> Self {
        Self(input)
    }

    /// Whether all of it is read.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next octet.
    pub(crate) fn octet(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// The next two octets.
    pub(crate) fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.octet(), self.octet()])
    }

    /// The next four octets.
    pub(crate) fn long(&mut self) -> u32 {
        u32::from(self.word()) << 16 | u32::from(self.word())
    }

    /// So many octets, or what is left.
    pub(crate) fn octets(&mut self, count: usize) -> &'i [u8] {
        let (octets, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        octets
    }

    /// Text up to a line feed, or to the end; octets that are no UTF-8 are replaced.
    pub(crate) fn line(&mut self) -> String {
        let end = self.0.iter().position(|octet| *octet == b'\n').unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(self.octets(end)).into_owned();
        self.octet();
        text
    }

    /// What is left.
    pub(crate) fn rest(&mut self) -> &'i [u8] {
        std::mem::take(&mut self.0)
    }
}

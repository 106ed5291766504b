//! Numbers that look random and are the same each time.

/// The generator of Sebastiano Vigna's `SplitMix64`.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    /// Numbers of a row of their own.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A place among so many.
    pub fn place(&mut self, count: usize) -> usize {
        self.below(count as u64) as usize
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

//! Serial arithmetic on sequence numbers (RFC 9293, section 3.4; RFC 1982).

/// A TCP sequence number: a place in a direction's octets, modulo 2³². It has no order, only distances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SequenceNumber(pub(super) u32);

impl SequenceNumber {
    /// The number `count` octets later.
    pub(super) const fn plus(self, count: u32) -> Self {
        Self(self.0.wrapping_add(count))
    }

    /// The number of the octet at `offset`, where `self` is that of offset 0.
    #[expect(clippy::cast_possible_truncation, reason = "sequence numbers count modulo 2^32")]
    pub(super) const fn at_offset(self, offset: u64) -> Self {
        Self(self.0.wrapping_add(offset as u32))
    }

    /// How far `self` lies behind `other`; negative when it lies before. Right while they are within 2³¹.
    pub(super) const fn since(self, other: Self) -> i64 {
        self.0.wrapping_sub(other.0).cast_signed() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distances_survive_the_wrap(start: u32, step in 0u32..0x7fff_ffff) {
            let number = SequenceNumber(start);
            prop_assert_eq!(number.plus(step).since(number), i64::from(step));
            prop_assert_eq!(number.since(number.plus(step)), -i64::from(step));
        }

        #[test]
        fn offsets_beyond_four_gigabytes_keep_their_number(start: u32, offset: u64) {
            let number = SequenceNumber(start);
            prop_assert_eq!(number.at_offset(offset.wrapping_add(1 << 32)), number.at_offset(offset));
            prop_assert_eq!(number.at_offset(offset).plus(1), number.at_offset(offset.wrapping_add(1)));
        }
    }
}

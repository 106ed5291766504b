//! Capture time: the only time that exists in this crate.
//!
//! Both types count nanoseconds. A capture's timestamps are claims of whoever wrote it: they may run
//! backwards or lie far off, so arithmetic saturates and never panics.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::fmt;

/// Nanoseconds of a second.
pub(crate) const NANOSECONDS: i64 = 1_000_000_000;

/// A moment in capture time: nanoseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Builds a timestamp from nanoseconds since 1970.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// Builds a timestamp from ticks of `per_second`, shifted by `offset` seconds; saturates beyond the year 2262.
    pub fn from_ticks(ticks: u64, per_second: u64, offset: i64) -> Self {
        let [ticks, offset] =
            [ticks.into(), offset.into()].map(|count: i128| count.saturating_mul(NANOSECONDS.into()));
        // Ticks of no resolution are seconds.
        let shifted = ticks.checked_div(per_second.into()).unwrap_or(ticks).saturating_add(offset);
        let bounded = shifted.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Self(i64::try_from(bounded).unwrap_or(i64::MAX))
    }

    /// Nanoseconds since 1970.
    pub const fn nanoseconds(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to `self`; negative where the clock ran backwards.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The moment `span` later.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// RFC 3339 in UTC with nine digits, as in `2023-11-14T22:13:50.003000000Z`.
    pub fn rfc3339(self) -> String {
        format!("{:.9}", self.instant())
    }

    /// Date and time of day in UTC with six digits, as Wireshark's `-t ud` prints it.
    pub fn utc(self) -> String {
        self.instant().strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
    }

    /// Reads what [`rfc3339`](Self::rfc3339) writes.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let instant: jiff::Timestamp = text.parse().ok()?;
        Some(Self(i64::try_from(instant.as_nanosecond()).ok()?))
    }

    fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// A difference of two moments, in nanoseconds; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(NANOSECONDS))
    }

    /// A span of milliseconds.
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds.saturating_mul(1_000_000))
    }

    /// A span of nanoseconds.
    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    /// The span in nanoseconds.
    pub const fn nanoseconds(self) -> i64 {
        self.0
    }

    /// The span without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// The span in seconds with nine decimals, as tshark writes it: `-0.055000000`.
    pub fn decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (seconds, rest) = (self.0.unsigned_abs() / 1_000_000_000, self.0.unsigned_abs() % 1_000_000_000);
        format!("{sign}{seconds}.{rest:09}")
    }

    /// The span in seconds, for output: exact to the nanosecond for anything below 50 days.
    #[expect(clippy::cast_precision_loss, reason = "a report's seconds need no more than 53 bits")]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

/// Writes the span for people: `5.9 ms`, `7.502 s`, `1200 s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds();
        match seconds.abs() {
            size if size >= 100.0 => write!(f, "{seconds:.0} s"),
            size if size >= 1.0 => write!(f, "{seconds:.3} s"),
            _ => write!(f, "{:.1} ms", seconds * 1000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_with_all_its_decimals() {
        assert_eq!(Span::from_milliseconds(-55).decimal(), "-0.055000000");
        assert_eq!(Span::from_nanoseconds(1_700_000_030_003_000_001).decimal(), "1700000030.003000001");
    }

    #[test]
    fn times_print_in_utc_with_nine_digits() {
        let time = Timestamp::from_nanoseconds(1_700_000_030_003_000_000);
        assert_eq!(time.rfc3339(), "2023-11-14T22:13:50.003000000Z");
        assert_eq!(time.utc(), "2023-11-14 22:13:50.003000");
        assert_eq!(Timestamp::from_rfc3339(&time.rfc3339()), Some(time));
        assert_eq!(Timestamp::from_rfc3339("yesterday"), None);
    }

    #[test]
    fn ticks_of_any_resolution_and_offset_are_exact() {
        assert_eq!(Timestamp::from_ticks(1_500_000, 1_000_000, 0).nanoseconds(), 1_500_000_000);
        assert_eq!(Timestamp::from_ticks(3, 2, -1).nanoseconds(), 500_000_000);
        assert_eq!(Timestamp::from_ticks(u64::MAX, 1, 0).nanoseconds(), i64::MAX);
        assert_eq!(Timestamp::from_ticks(7, 0, 0).nanoseconds(), 7_000_000_000);
    }

    #[test]
    fn the_ends_of_time_saturate() {
        let (first, last) = (Timestamp::from_nanoseconds(i64::MIN), Timestamp::from_nanoseconds(i64::MAX));
        assert_eq!(first.since(last).abs(), Span::from_nanoseconds(i64::MAX));
        assert_eq!(Timestamp::from_ticks(u64::MAX, 0, i64::MAX), last);
        assert_eq!(Timestamp::from_ticks(u64::MAX, u64::MAX, i64::MIN), first);
    }

    #[test]
    fn spans_read_well_in_every_size() {
        assert_eq!(Span::from_nanoseconds(5_946_000).to_string(), "5.9 ms");
        assert_eq!(Span::from_nanoseconds(7_502_000_000).to_string(), "7.502 s");
        assert_eq!(Span::from_seconds(1200).to_string(), "1200 s");
        assert_eq!(Timestamp::default().since(Timestamp::from_nanoseconds(5)).nanoseconds(), -5);
    }
}

//! Times to ask for.

use crate::time::{Span, Timestamp};
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, tz::TimeZone};
use std::str::FromStr;

/// A moment, as somebody names it: `2026-03-02T09:00:05Z` (RFC 3339; UTC where it names no offset), `09:00:05` (the first
/// such time of day in UTC from the capture's beginning on), or `12.5`, `12.5s`, `2m 30s` (since the capture's first frame).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A moment.
    Absolute(Timestamp),
    /// A time of day in UTC.
    Clock(Time),
    /// So long after the capture's first frame.
    Relative(Span),
}

/// What names no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no time: give seconds since the first frame (12.5, 2m30s), a time of day in UTC (09:00:05) or a date and time (2026-03-02T09:00:05Z)"
)]
pub struct BoundError;

impl Bound {
    /// The moment in a capture that begins at `start`.
    pub fn resolve(self, start: Timestamp) -> Timestamp {
        match self {
            Self::Absolute(moment) => moment,
            Self::Relative(span) => start.plus(span),
            Self::Clock(time) => first_from(start, time).unwrap_or(start),
        }
    }
}

/// The first moment from `start` on with that time of day.
fn first_from(start: Timestamp, time: Time) -> Option<Timestamp> {
    let begin =
        jiff::Timestamp::from_nanosecond(i128::from(start.nanoseconds())).ok()?.to_zoned(TimeZone::UTC);
    let same_day = begin.date().to_datetime(time);
    let datetime =
        if same_day < begin.datetime() { begin.date().tomorrow().ok()?.to_datetime(time) } else { same_day };
    in_utc(datetime)
}

fn in_utc(datetime: DateTime) -> Option<Timestamp> {
    let instant = datetime.to_zoned(TimeZone::UTC).ok()?.timestamp();
    i64::try_from(instant.as_nanosecond()).ok().map(Timestamp::from_nanoseconds)
}

impl FromStr for Bound {
    type Err = BoundError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let span = |nanoseconds: i128| {
            i64::try_from(nanoseconds).map(Span::from_nanoseconds).map_err(|_| BoundError)
        };
        if let Ok(duration) = format!("{}s", text.trim_end_matches('s')).parse::<SignedDuration>()
            && text.trim_end_matches('s').parse::<f64>().is_ok()
        {
            return span(duration.as_nanos()).map(Self::Relative);
        }
        if let Some(moment) = Timestamp::from_rfc3339(text) {
            return Ok(Self::Absolute(moment));
        }
        if let Ok(datetime) = text.parse::<DateTime>() {
            return in_utc(datetime).map(Self::Absolute).ok_or(BoundError);
        }
        if let Ok(time) = text.parse::<Time>() {
            return Ok(Self::Clock(time));
        }
        // What has colons would be a time of day, and is a wrong one.
        let duration = Some(text).filter(|text| !text.contains(':')).and_then(|text| text.parse().ok());
        span(duration.map(|duration: SignedDuration| duration.as_nanos()).ok_or(BoundError)?)
            .map(Self::Relative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_understood_in_every_form() {
        let start = Timestamp::from_rfc3339("2026-03-02T23:59:50.250Z").unwrap();
        let at = |text: &str| Bound::from_str(text).unwrap().resolve(start).utc();
        for (text, moment) in [
            ("0", "2026-03-02 23:59:50.250000"),
            ("12.5", "2026-03-03 00:00:02.750000"),
            ("12.5s", "2026-03-03 00:00:02.750000"),
            ("1m 30s", "2026-03-03 00:01:20.250000"),
            ("2m30s", "2026-03-03 00:02:20.250000"),
            ("500ms", "2026-03-02 23:59:50.750000"),
            ("23:59:55", "2026-03-02 23:59:55.000000"),
            ("00:00:05.5", "2026-03-03 00:00:05.500000"),
            ("2026-03-02T09:00:00Z", "2026-03-02 09:00:00.000000"),
            ("2026-03-02T09:00:00+02:00", "2026-03-02 07:00:00.000000"),
            ("2026-03-02 09:00:00.5", "2026-03-02 09:00:00.500000"),
            ("2026-03-02 09:00:00.123456", "2026-03-02 09:00:00.123456"),
        ] {
            assert_eq!(at(text), moment, "{text}");
        }
        for wrong in ["", "soon", "25:00:00", "2026-13-01T00:00:00Z", "nan", "inf", "1e400"] {
            assert!(Bound::from_str(wrong).is_err(), "{wrong}");
        }
    }
}

//! Every bound on memory, in one place. Reaching one is counted as a fact and reported, never silent.
//!
//! `docs/limits.md` is made of this table, and `--limit NAME=VALUE` sets what stands in it.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::time::Span;
use std::str::FromStr;

/// What a bound counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Octets.
    Octets,
    /// Things, each of which takes about so many octets at most, beside what other bounds count.
    Things(u32),
    /// Seconds of capture time.
    Seconds,
    /// The exponent of a power of two.
    Exponent,
}

/// A bound as it is known outside of the program.
#[derive(Clone, Copy)]
pub struct Bound {
    field: &'static str,
    /// What it counts.
    pub unit: Unit,
    about: &'static str,
    /// The least and the greatest value.
    range: (u64, u64),
    get: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

/// The fields of [`Limits`], their defaults, units and ranges.
macro_rules! limits {
    ($($(#[doc = $about:literal])+ $field:ident: $kind:ty = $default:expr, $unit:expr, $least:literal..=$most:expr;)+) => {
        /// The bounds of all stages.
        #[derive(Clone, Debug)]
        pub struct Limits {
            /// How many threads share the work; the result is the same for any number.
            pub threads: usize,
            $($(#[doc = $about])+ pub $field: $kind,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { threads: 1, $($field: $default,)+ }
            }
        }

        impl Limits {
            /// All bounds, in the order of the stages.
            pub const BOUNDS: &[Bound] = &[$(Bound {
                field: stringify!($field),
                unit: $unit,
                about: concat!($($about),+),
                range: ($least, $most),
                get: |limits| limits.$field.count(),
                set: |limits, count| limits.$field = <$kind>::of_count(count),
            }),+];
        }
    };
}

/// A number that bounds something.
trait Number {
    fn of_count(count: u64) -> Self;
    fn count(&self) -> u64;
}

impl Number for u64 {
    fn of_count(count: u64) -> Self {
        count
    }

    fn count(&self) -> u64 {
        *self
    }
}

impl Number for u32 {
    fn of_count(count: u64) -> Self {
        count.try_into().unwrap_or(Self::MAX)
    }

    fn count(&self) -> u64 {
        (*self).into()
    }
}

impl Number for usize {
    fn of_count(count: u64) -> Self {
        count.try_into().unwrap_or(Self::MAX)
    }

    fn count(&self) -> u64 {
        *self as u64
    }
}

/// Counted in nanoseconds.
impl Number for Span {
    fn of_count(count: u64) -> Self {
        Self::from_nanoseconds(count.try_into().unwrap_or(i64::MAX))
    }

    fn count(&self) -> u64 {
        self.nanoseconds().try_into().unwrap_or_default()
    }
}

/// The most that any bound can be.
const MOST: u64 = 1 << 50;
/// The longest window that decoders of zstd take.
const ZSTD_WINDOW: u32 = if usize::BITS > 32 { 31 } else { 30 };

limits! {
    /// The longest capture of which the SHA-256 is taken, as it lies on disk.
    digest: u64 = 64 << 20, Unit::Octets, 0..=MOST;
    /// One record or block of a capture file; a larger claim is taken for damage.
    record: usize = 16 << 20, Unit::Octets, 64..=4 << 30;
    /// Interfaces that a section of a pcapng file describes; packets of further ones are not read.
    interfaces: usize = 65_536, Unit::Things(64), 1..=1 << 32;
    /// The longest window of a capture compressed with zstd, as a power of two: octets that its decoder keeps.
    zstd_window_log: u32 = ZSTD_WINDOW, Unit::Exponent, 10..=ZSTD_WINDOW as u64;
    /// All captures of one archive, unpacked; what stands behind is not looked at.
    archive_octets: u64 = 64 << 30, Unit::Octets, 1..=MOST;
    /// Entries of an archive; further ones are not looked at.
    archive_entries: usize = 100_000, Unit::Things(512), 1..=MOST;
    /// An archive's header of one entry, long names included; a longer one ends the archive.
    archive_header: u64 = 64 << 10, Unit::Octets, 512..=MOST;
    /// Headers of one frame that are taken off, tunnels within tunnels; a frame with more is not decoded.
    layers: u32 = 32, Unit::Things(0), 4..=1_000_000;
    /// IP fragments held until their datagrams are complete; beyond it, the oldest are given up.
    fragments: usize = 4 << 20, Unit::Octets, 1..=MOST;
    /// Connections tracked at once; beyond it, those idle for longest are closed as evicted.
    connections: usize = 65_536, Unit::Things(8_192), 8..=1 << 32;
    /// What came out of order, held for one direction of a connection; beyond it, the gap is passed on.
    reorder_octets: usize = 2 << 20, Unit::Octets, 1..=MOST;
    /// What came out of order, held for all connections; beyond it, the gaps of those that hold most are passed on.
    reorder_total: usize = 32 << 20, Unit::Octets, 1..=MOST;
    /// Capture time for which octets that the peer acknowledged, but that the capture does not hold (yet), are
    /// waited for.
    reorder_wait: Span = Span::from_seconds(1), Unit::Seconds, 0..=1_000_000_000_000_000;
    /// A message of a TLS handshake; a longer one is not read.
    handshake: usize = 64 << 10, Unit::Octets, 1..=MOST;
    /// What is held of TLS handshakes, for all connections; beyond it, the one that grows is not read any further.
    handshake_total: usize = 16 << 20, Unit::Octets, 1..=MOST;
    /// The head of an HTTP message; a longer one is passed over.
    head: usize = 256 << 10, Unit::Octets, 64..=MOST;
    /// What is kept of a body, before and after decoding; the rest is counted.
    body: usize = 1 << 20, Unit::Octets, 0..=MOST;
    /// HTTP messages being read or waiting for their partner, of all connections; beyond it, those that hold most lose
    /// the bodies that they keep, and the heads that they read.
    messages_total: usize = 128 << 20, Unit::Octets, 1..=MOST;
    /// Exchanges of one connection that wait for their partner; further ones are given up unpaired.
    pending: usize = 1_024, Unit::Things(2_048), 1..=MOST;
    /// Hooks kept; further ones are counted only.
    hooks: usize = 1_000_000, Unit::Things(4_096), 1..=MOST;
    /// Exchanges listed; further ones are counted only.
    exchanges: usize = 1_000_000, Unit::Things(2_048), 1..=MOST;
    /// Addresses to which connection attempts failed; further ones are counted only.
    attempts: usize = 4_096, Unit::Things(1_024), 1..=MOST;
    /// Calls of the REST API kept; further ones are counted only.
    rest_api_calls: usize = 100_000, Unit::Things(1_024), 1..=MOST;
    /// Connections with TLS kept; further ones are counted only.
    tls_connections: usize = 4_096, Unit::Things(2_048), 1..=MOST;
    /// Names whose lookups are kept; further ones are counted only.
    lookups: usize = 4_096, Unit::Things(1_024), 1..=MOST;
}

impl Bound {
    /// The name, as in `--limit`.
    pub fn name(&self) -> String {
        self.field.replace('_', "-")
    }

    /// What it bounds, and what becomes of the rest.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }

    /// The value.
    pub fn value(&self, limits: &Limits) -> String {
        self.written((self.get)(limits))
    }

    /// A value as people write it.
    fn written(&self, count: u64) -> String {
        const UNITS: [(u32, &str); 3] = [(30, "Gi"), (20, "Mi"), (10, "Ki")];
        match self.unit {
            Unit::Octets => {
                let unit = UNITS.iter().find(|(bits, _)| count > 0 && count.trailing_zeros() >= *bits);
                unit.map_or_else(|| count.to_string(), |(bits, name)| format!("{}{name}", count >> bits))
            }
            Unit::Seconds => Span::of_count(count).seconds().to_string(),
            Unit::Things(_) | Unit::Exponent => count.to_string(),
        }
    }

    /// Reads a value.
    fn read(&self, text: &str) -> Result<u64, String> {
        let count = match self.unit {
            Unit::Seconds => seconds(text),
            Unit::Octets => scaled(text),
            Unit::Things(_) | Unit::Exponent => scaled(text).filter(|_| !text.ends_with('i')),
        };
        let example = match self.unit {
            Unit::Octets => "octets, such as 4000000, 4M or 4Mi",
            Unit::Things(_) => "a number, such as 4000 or 4K",
            Unit::Seconds => "seconds, such as 1 or 0.5",
            Unit::Exponent => "a power of two, such as 27",
        };
        let name = self.name();
        let count = count.ok_or_else(|| format!("{name} is counted in {example}, and {text:?} is none"))?;
        let (least, most) = self.range;
        if (least..=most).contains(&count) {
            return Ok(count);
        }
        let [least, most] = [least, most].map(|count| self.written(count));
        Err(format!("{name} goes from {least} to {most}"))
    }
}

/// A number, perhaps in thousands, millions and so on, or in powers of 1024.
fn scaled(text: &str) -> Option<u64> {
    const UNITS: [char; 4] = ['K', 'M', 'G', 'T'];
    let (text, base) = text.strip_suffix('i').map_or((text, 1_000_u64), |text| (text, 1_024));
    let unit = UNITS.iter().zip(1..).find_map(|(unit, power)| Some((text.strip_suffix(*unit)?, power)));
    match unit {
        Some((digits, power)) => digits.parse::<u64>().ok()?.checked_mul(base.pow(power)),
        None if base == 1_024 => None,
        None => text.parse().ok(),
    }
}

/// Seconds, in nanoseconds.
fn seconds(text: &str) -> Option<u64> {
    let value: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..=1e6).contains(&value).then(|| (value * 1e9).round() as u64)
}

/// A bound that is set to a value.
#[derive(Clone, Debug)]
pub struct Setting {
    bound: usize,
    count: u64,
}

impl FromStr for Setting {
    type Err = String;

    /// Reads `NAME=VALUE`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let known = Limits::BOUNDS.iter().enumerate().find(|(_, bound)| bound.name() == name);
        let Some((index, bound)) = known else {
            let names: Vec<String> = Limits::BOUNDS.iter().map(Bound::name).collect();
            return Err(format!("there is no limit {name:?}; there are {}", names.join(", ")));
        };
        Ok(Self { bound: index, count: bound.read(value)? })
    }
}

/// What may still be held of a total that was exceeded, when there is some room again.
pub(crate) const fn relieved(total: usize) -> usize {
    (total / 4).saturating_mul(3)
}

impl Limits {
    /// The same, with a bound set to another value.
    #[must_use]
    pub fn with(mut self, setting: &Setting) -> Self {
        if let Some(bound) = Self::BOUNDS.get(setting.bound) {
            (bound.set)(&mut self, setting.count);
        }
        self
    }
}

/// The names of limits, as facts and reports call them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// [`Limits::interfaces`].
    Interfaces,
    /// [`Limits::layers`].
    Layers,
    /// [`Limits::fragments`].
    Fragments,
    /// [`Limits::connections`].
    Connections,
    /// [`Limits::reorder_octets`].
    ReorderOctets,
    /// [`Limits::reorder_total`].
    ReorderTotal,
    /// [`Limits::handshake`].
    Handshake,
    /// [`Limits::handshake_total`].
    HandshakeTotal,
    /// [`Limits::head`].
    Head,
    /// [`Limits::body`].
    Body,
    /// [`Limits::messages_total`].
    MessagesTotal,
    /// [`Limits::pending`].
    Pending,
    /// [`Limits::hooks`].
    Hooks,
    /// [`Limits::exchanges`].
    Exchanges,
    /// [`Limits::attempts`].
    Attempts,
    /// [`Limits::rest_api_calls`].
    RestApiCalls,
    /// [`Limits::tls_connections`].
    TlsConnections,
    /// [`Limits::lookups`].
    Lookups,
}

impl Limit {
    /// Limits beyond which a message may be there that was not read.
    pub const LOSING: [Self; 10] = [
        Self::Interfaces,
        Self::Layers,
        Self::Fragments,
        Self::Connections,
        Self::ReorderOctets,
        Self::ReorderTotal,
        Self::Head,
        Self::MessagesTotal,
        Self::Pending,
        Self::Hooks,
    ];

    /// What was lost beyond the limit, for people.
    pub const fn loss(self) -> &'static str {
        match self {
            Self::Interfaces => "interfaces of a pcapng file were not kept, and their packets not read",
            Self::Layers => "frames were not decoded: too many headers within each other",
            Self::Fragments => "IP datagrams were given up before all their fragments had come",
            Self::Connections => "connections were closed as evicted",
            Self::ReorderOctets => "gaps were passed on before they could be filled",
            Self::ReorderTotal => "connections had their gaps passed on before they could be filled",
            Self::Handshake => "TLS handshakes had a message that was too long to be read",
            Self::HandshakeTotal => "TLS handshakes were not read to their end",
            Self::Head => "HTTP heads were too long and passed over",
            Self::Body => "bodies were kept in part only",
            Self::MessagesTotal => "connections lost the HTTP messages that they held",
            Self::Pending => "exchanges were given up unpaired",
            Self::Hooks => "hooks were counted only",
            Self::Exchanges => "HTTP exchanges were counted only",
            Self::Attempts => "failed connection attempts were counted only",
            Self::RestApiCalls => "REST API calls were counted only",
            Self::TlsConnections => "connections with TLS were counted only",
            Self::Lookups => "lookups of names were counted only",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Result<Limits, String> {
        text.parse().map(|setting| Limits::default().with(&setting))
    }

    #[test]
    fn a_bound_is_set_by_its_name() {
        assert_eq!(set("connections=5000").unwrap().connections, 5_000);
        assert_eq!(set("connections=5K").unwrap().connections, 5_000);
        assert_eq!(set("body=4Mi").unwrap().body, 4 << 20);
        assert_eq!(set("body=4M").unwrap().body, 4_000_000);
        assert_eq!(set("digest=1T").unwrap().digest, 1_000_000_000_000);
        assert_eq!(set("reorder-wait=0.25").unwrap().reorder_wait, Span::from_milliseconds(250));
        assert_eq!(set("zstd-window-log=27").unwrap().zstd_window_log, 27);
    }

    #[test]
    fn every_default_is_in_range_and_reads_back() {
        for bound in Limits::BOUNDS {
            let value = bound.value(&Limits::default());
            let read = bound.read(&value).unwrap();
            assert_eq!(read, (bound.get)(&Limits::default()), "{}={value}", bound.name());
        }
    }

    #[test]
    fn wrong_settings_are_told() {
        for (text, told) in [
            ("conections=5", "there is no limit \"conections\"; there are digest, record, "),
            ("connections", "connections is counted in a number, such as 4000 or 4K, and \"\" is none"),
            ("connections=5Ki", "connections is counted in a number"),
            ("body=-1", "body is counted in octets, such as 4000000, 4M or 4Mi, and \"-1\" is none"),
            ("body=99999999999999T", "body is counted in octets"),
            ("body=4i", "body is counted in octets"),
            ("record=1", "record goes from 64 to 4Gi"),
            ("reorder-wait=-1", "reorder-wait is counted in seconds, such as 1 or 0.5"),
            ("reorder-wait=NaN", "reorder-wait is counted in seconds, such as 1 or 0.5"),
            ("threads=1", "there is no limit \"threads\""),
        ] {
            let error = set(text).unwrap_err();
            assert!(error.starts_with(told), "{text}: {error}");
        }
    }
}

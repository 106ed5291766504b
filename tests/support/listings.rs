//! The Wireshark listings of the vendor's page "REST / HTTP", which the samples `web-phone-*.pcap` rebuild.
//!
//! Both show what passes the display filter [`FILTER`], so one direction only. Where a listing contradicts
//! itself, the table has what its arithmetic demands, and a comment says so.

/// The display filter of both listings.
pub const FILTER: &str = "ip.src==127.0.0.1 && tcp.dstport==9091";

/// What a line of a listing tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Info {
    /// `POST /EchoApp/METHOD HTTP/1.1`. Such a line shows no sequence numbers; they follow from the lines
    /// around.
    Post(&'static str),
    /// `[ACK]` without data.
    Ack,
    /// `[SYN]`.
    Syn,
    /// `[FIN, ACK]`.
    Fin,
}

/// A line of a listing.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The column "No.".
    pub frame: u64,
    /// The column "Time" in microseconds since the first frame.
    pub micros: u64,
    /// The column "Length".
    pub length: usize,
    /// The client's port.
    pub port: u16,
    /// The column "Info".
    pub info: Info,
    /// The relative sequence number.
    pub seq: u32,
    /// The relative acknowledgment number.
    pub ack: u32,
    /// The window; a request's line does not show it.
    pub window: Option<u32>,
}

impl Line {
    /// The octets of TCP data: what is beyond 16 octets of link layer, 20 of IP and 32 of TCP.
    pub fn data_length(self) -> usize {
        if self.info == Info::Syn { 0 } else { self.length - 68 }
    }
}

const fn post(frame: u64, micros: u64, length: usize, method: &'static str, seq: u32, ack: u32) -> Line {
    Line { frame, micros, length, port: 0, info: Info::Post(method), seq, ack, window: None }
}

const fn ack(frame: u64, micros: u64, seq: u32, ack: u32, window: u32) -> Line {
    Line { frame, micros, length: 68, port: 0, info: Info::Ack, seq, ack, window: Some(window) }
}

/// Gives the lines the port of their connection.
const fn from_port<const N: usize>(port: u16, mut lines: [Line; N]) -> [Line; N] {
    let mut index = 0;
    while index < N {
        lines[index].port = port;
        index += 1;
    }
    lines
}

/// The listing of an outgoing call. The page cuts `TSval` off after six digits.
pub static CALL: &[Line] = &from_port(
    34266,
    [
        post(114, 8_571_338, 1889, "call", 1, 1),
        ack(119, 8_577_284, 1822, 385, 384),
        ack(120, 8_577_292, 1822, 390, 384),
        ack(121, 8_577_298, 1822, 1941, 384),
        ack(123, 8_577_363, 1822, 1943, 384),
        ack(125, 8_577_961, 1822, 1948, 384),
        post(145, 8_682_350, 992, "callStatusEvent", 1822, 1948),
        ack(147, 8_687_835, 2746, 2332, 384),
        ack(149, 8_687_856, 2746, 2337, 384),
        ack(151, 8_687_927, 2746, 2981, 384),
        ack(153, 8_687_993, 2746, 2983, 384),
        ack(155, 8_688_554, 2746, 2988, 384),
        post(176, 8_754_441, 992, "callStatusEvent", 2746, 2988),
        ack(179, 8_758_047, 3670, 3372, 384),
        ack(181, 8_758_053, 3670, 3377, 384),
        ack(182, 8_758_058, 3670, 4021, 384),
        ack(185, 8_758_517, 3670, 4028, 384),
        post(210, 8_987_719, 2022, "callStatusEvent", 3670, 4028),
        ack(212, 8_992_842, 5624, 4412, 384),
        ack(214, 8_992_901, 5624, 4417, 384),
        ack(216, 8_992_992, 5624, 6090, 384),
        ack(218, 8_993_050, 5624, 6092, 384),
        ack(220, 8_993_508, 5624, 6097, 384),
        post(1698, 16_309_715, 463, "hangup", 5624, 6097),
        ack(1703, 16_315_267, 6019, 6481, 384),
        ack(1704, 16_315_282, 6019, 6485, 384),
        ack(1706, 16_315_347, 6019, 6609, 384),
        ack(1708, 16_315_405, 6019, 6611, 384),
        ack(1710, 16_315_947, 6019, 6616, 384),
        post(1734, 16_353_704, 675, "callStatusEvent", 6019, 6616),
        ack(1739, 16_357_702, 6626, 7334, 384),
        // The page says 7336, where all other responses, and the last chunk's five octets, make 7339.
        ack(1754, 16_367_611, 6626, 7339, 384),
    ],
);

/// The listing of a message that a user sends to himself.
pub static MESSAGING: &[Line] = &from_port(
    34257,
    [
        ack(37, 10_169_725, 1, 1, 32_896),
        post(38, 10_169_863, 536, "sendMessage", 1, 1),
        ack(41, 10_175_721, 469, 385, 33_920),
        ack(43, 10_175_798, 469, 389, 33_920),
        ack(45, 10_175_912, 469, 581, 34_944),
        ack(47, 10_175_981, 469, 583, 34_944),
        ack(49, 10_176_571, 469, 588, 34_944),
        post(63, 10_209_948, 1193, "MessageStatusEvent", 469, 588),
        ack(68, 10_214_131, 1594, 1819, 37_760),
        ack(70, 10_214_612, 1594, 1826, 37_760),
        post(83, 10_270_728, 1282, "onMessageEvent", 1594, 1826),
        ack(87, 10_274_535, 2808, 2215, 39_424),
        ack(89, 10_274_577, 2808, 3152, 41_344),
        // Here the page's TSval (2326163784) lags 40 ms behind the clock that all other lines agree on.
        ack(99, 10_314_686, 2808, 3157, 41_344),
        post(108, 10_445_610, 779, "MessageStatusEvent", 2808, 3157),
        ack(110, 10_448_970, 3519, 3541, 43_136),
        ack(112, 10_449_025, 3519, 3546, 43_136),
        ack(114, 10_449_087, 3519, 3974, 45_056),
        ack(116, 10_449_147, 3519, 3976, 45_056),
        ack(118, 10_449_670, 3519, 3981, 45_056),
    ],
);

/// The two lines before [`MESSAGING`]: the connection used before is closed after 960 s without traffic, and
/// a new one is opened. The page shows the SYN with a `TSecr`, which a SYN does not have.
pub static MESSAGING_OPENS: &[Line] = &[
    Line {
        frame: 33,
        micros: 10_169_410,
        length: 68,
        port: 34248,
        info: Info::Fin,
        seq: 1,
        ack: 1,
        window: Some(384),
    },
    Line {
        frame: 35,
        micros: 10_169_710,
        length: 76,
        port: 34257,
        info: Info::Syn,
        seq: 0,
        ack: 0,
        window: Some(32_792),
    },
];

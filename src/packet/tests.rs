use super::*;
use etherparse::PacketBuilder;
use proptest::prelude::*;

/// A packet that outlives its frame.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Tcp { ports: (u16, u16), sequence: u32, payload: Vec<u8>, payload_len: u32 },
    Unreachable(&'static str),
    Dns(String, Option<DnsAnswer>),
    Aside(Aside),
}

fn seen(packet: Packet<'_>) -> Seen {
    match packet {
        Packet::Tcp(segment) => Seen::Tcp {
            ports: (segment.source.port(), segment.destination.port()),
            sequence: segment.sequence,
            payload: segment.payload.to_vec(),
            payload_len: segment.payload_len,
        },
        Packet::Unreachable(message) => Seen::Unreachable(message.reason),
        Packet::Dns(message) => Seen::Dns(message.name.clone(), message.answer),
        Packet::Aside(aside) => Seen::Aside(aside),
    }
}

/// Decodes frames, a millisecond apart, each longer on the wire by so many octets than captured.
fn decode_all(link_type: LinkType, frames: &[Vec<u8>], cut: usize) -> (Vec<Seen>, Facts) {
    decode_at((1_i64..).map(|number| number * 1_000_000), link_type, frames, cut)
}

/// The same, at these times in nanoseconds.
fn decode_at(
    times: impl IntoIterator<Item = i64>,
    link_type: LinkType,
    frames: &[Vec<u8>],
    cut: usize,
) -> (Vec<Seen>, Facts) {
    let limits = Limits::default();
    let (mut packets, mut facts, mut all) = (Packets::new(&limits), Facts::default(), Vec::new());
    for ((number, data), time) in (1..).zip(frames).zip(times) {
        let frame = Frame {
            number: FrameNumber::new(0, number),
            time: Timestamp::from_nanoseconds(time),
            interface: 0,
            link_type,
            wire_len: u32::try_from(data.len() + cut).unwrap(),
            data,
        };
        packets.push(&frame, &mut facts, &mut |packet, _| all.push(seen(packet)));
    }
    packets.finish(&mut facts);
    (all, facts)
}

fn decode(link_type: LinkType, frame: &[u8]) -> Seen {
    decode_all(link_type, &[frame.to_vec()], 0).0.pop().unwrap()
}

fn tcp(payload: &[u8]) -> Seen {
    let payload_len = u32::try_from(payload.len()).unwrap();
    Seen::Tcp { ports: (4000, 8081), sequence: 7, payload: payload.to_vec(), payload_len }
}

fn ipv4(payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    let builder = PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64).tcp(4000, 8081, 7, 1000);
    builder.write(&mut octets, payload).unwrap();
    octets
}

fn ipv6(payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    let builder = PacketBuilder::ipv6([1; 16], [2; 16], 64).tcp(4000, 8081, 7, 1000);
    builder.write(&mut octets, payload).unwrap();
    octets
}

/// An IPv4 header before `payload`.
fn in_ipv4(protocol: u8, identification: u16, place: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap();
    let mut octets = vec![0x45, 0];
    for field in [length, identification, place] {
        octets.extend(field.to_be_bytes());
    }
    octets.extend([64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    octets.extend(payload);
    octets
}

fn in_udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    let builder = PacketBuilder::ipv4([192, 0, 2, 3], [192, 0, 2, 4], 64).udp(50_000, port);
    builder.write(&mut octets, payload).unwrap();
    octets
}

fn in_ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    [&[2; 12], &kind.to_be_bytes()[..], payload].concat()
}

/// An IPv6 header and an extension header before `payload`.
fn in_ipv6_extension(kind: u8, extension: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(extension.len() + payload.len()).unwrap().to_be_bytes();
    [&[0x60, 0, 0, 0, length[0], length[1], kind, 64][..], &[1; 16], &[2; 16][..], extension, payload]
        .concat()
}

#[test]
fn a_cut_packet_keeps_its_length_on_the_wire() {
    let whole = ipv4(&[b'x'; 100]);
    let (all, _) = decode_all(LinkType::RAW, &[whole[..60].to_vec()], 80);
    let cut = Seen::Tcp { ports: (4000, 8081), sequence: 7, payload: vec![b'x'; 20], payload_len: 100 };
    assert_eq!(all, [cut]);
}

#[test]
fn padding_is_no_payload() {
    let padded = [ipv4(b"abc"), vec![0; 6]].concat();
    assert_eq!(decode(LinkType::RAW, &padded), tcp(b"abc"));
    let outer = [in_ipv4(4, 1, 0, &ipv4(b"abc")), vec![0; 6]].concat();
    assert_eq!(decode(LinkType::RAW, &outer), tcp(b"abc"));
}

#[test]
fn a_datagram_without_length_is_as_long_as_its_frame() {
    let mut octets = ipv4(&[b'x'; 50]);
    octets[2..4].fill(0);
    assert_eq!(decode(LinkType::RAW, &octets), tcp(&[b'x'; 50]));
    let mut octets = ipv6(&[b'x'; 50]);
    octets[4..6].fill(0);
    assert_eq!(decode(LinkType::RAW, &octets), tcp(&[b'x'; 50]));
}

#[test]
fn a_header_cut_in_its_options_keeps_ports_and_numbers() {
    let mut octets = Vec::new();
    let builder = PacketBuilder::ipv6([1; 16], [2; 16], 64).tcp(4000, 8081, 7, 1000);
    builder.options_raw(&[1; 12]).unwrap().write(&mut octets, b"abcd").unwrap();
    let (all, _) = decode_all(LinkType::RAW, &[octets[..60].to_vec()], 16);
    let cut = Seen::Tcp { ports: (4000, 8081), sequence: 7, payload: Vec::new(), payload_len: 4 };
    assert_eq!(all, [cut]);
}

/// The headers that stand before IP.
fn before_ip() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let ether = |kind: u16, rest: &[u8]| in_ethernet(kind, rest);
    let cooked = |rest: &[u8]| [&[0; 14], rest].concat();
    let llc: &[u8] = &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let wireless = |kind: u8, flags: u8, more: usize| [&[kind, flags], &vec![0; 22 + more][..], llc].concat();
    let pppoe: &[u8] = &[0x11, 0, 0, 1, 0, 50];
    vec![
        ("ethernet", LinkType::ETHERNET, ether(0x0800, &[])),
        ("vlan", LinkType::ETHERNET, ether(0x8100, &[0, 5, 8, 0])),
        ("qinq", LinkType::ETHERNET, ether(0x88a8, &[0, 5, 0x81, 0, 0, 6, 8, 0])),
        (
            "802.1ah",
            LinkType::ETHERNET,
            ether(0x88e7, &[&[0, 0, 0, 9][..], &in_ethernet(0x0800, &[])].concat()),
        ),
        ("snap", LinkType::ETHERNET, ether(60, llc)),
        ("mpls", LinkType::ETHERNET, ether(0x8847, &[0, 1, 0, 64, 0, 2, 1, 64])),
        (
            "ethernet in mpls",
            LinkType::ETHERNET,
            ether(0x8847, &[&[0, 2, 1, 64, 0, 0, 0, 0], &in_ethernet(0x0800, &[])[..]].concat()),
        ),
        ("pppoe", LinkType::ETHERNET, ether(0x8864, &[pppoe, &[0, 0x21]].concat())),
        ("pppoe alone", LinkType::PPP_ETHER, [pppoe, &[0, 0x21]].concat()),
        ("ppp", LinkType::PPP, vec![0xff, 3, 0, 0x21]),
        ("ppp, compressed", LinkType::PPP_HDLC, vec![0x21]),
        ("ppp with direction", LinkType::PPP_WITH_DIRECTION, vec![1, 0xff, 3, 0, 0x21]),
        ("cooked", LinkType::LINUX_SLL, cooked(&[8, 0])),
        ("cooked, 802.2", LinkType::LINUX_SLL, cooked(&[&[0, 4], llc].concat())),
        ("cooked v2", LinkType::LINUX_SLL2, [&[8, 0][..], &[0; 18]].concat()),
        ("null", LinkType::NULL, vec![2, 0, 0, 0]),
        ("loop", LinkType::LOOP, vec![0, 0, 0, 2]),
        ("802.11", LinkType::IEEE802_11, wireless(0x08, 1, 0)),
        ("802.11, four addresses", LinkType::IEEE802_11, wireless(0x08, 3, 6)),
        ("802.11, quality of service", LinkType::IEEE802_11, wireless(0x88, 1, 2)),
        ("802.11, HT control", LinkType::IEEE802_11, wireless(0x88, 0x81, 6)),
        (
            "radiotap",
            LinkType::IEEE802_11_RADIOTAP,
            [&[0, 0, 12, 0, 0, 0, 0, 0, 9, 9, 9, 9], &wireless(0x08, 1, 0)[..]].concat(),
        ),
        ("ppi", LinkType::PPI, [&[0, 0, 8, 0, 105, 0, 0, 0], &wireless(0x08, 1, 0)[..]].concat()),
        ("nflog", LinkType::NFLOG, vec![2, 0, 0, 0, 5, 0, 10, 0, 0, 0, 0, 0, 48, 0, 9, 0]),
    ]
}

#[test]
fn headers_before_ip_are_taken_off() {
    for (name, link_type, header) in before_ip() {
        assert_eq!(decode(link_type, &[header, ipv4(b"abcd")].concat()), tcp(b"abcd"), "{name}");
    }
}

/// Tunnels around an IP datagram, as raw IP.
fn tunnels() -> Vec<(&'static str, Vec<u8>)> {
    let inner = ipv4(b"abcd");
    let ethernet = in_ethernet(0x0800, &inner);
    let gre = |header: &[u8], inner: &[u8]| in_ipv4(47, 1, 0, &[header, inner].concat());
    let udp = |port, header: &[u8], inner: &[u8]| in_udp(port, &[header, inner].concat());
    let erspan_iii = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1];
    vec![
        ("ip in ip", in_ipv4(4, 1, 0, &inner)),
        ("6in4", in_ipv4(41, 1, 0, &ipv6(b"abcd"))),
        ("gre", gre(&[0, 0, 8, 0], &inner)),
        (
            "gre, checksum, key and sequence",
            gre(&[0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2], &inner),
        ),
        ("pptp", gre(&[0x30, 0x81, 0x88, 0x0b, 0, 8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x21], &inner)),
        ("nvgre", gre(&[0x20, 0, 0x65, 0x58, 0, 0, 1, 0], &ethernet)),
        ("erspan i", gre(&[0, 0, 0x88, 0xbe], &ethernet)),
        ("erspan ii", gre(&[&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1][..], &[0; 8]].concat(), &ethernet)),
        ("erspan iii", gre(&[&erspan_iii[..], &[0x20; 11], &[0]].concat(), &ethernet)),
        (
            "erspan iii with subheader",
            gre(&[&erspan_iii[..], &[0x20; 11], &[1], &[0; 8]].concat(), &ethernet),
        ),
        ("ethernet in ip", in_ipv4(97, 1, 0, &[&[0x30, 0], &ethernet[..]].concat())),
        ("mpls in ip", in_ipv4(137, 1, 0, &[&[0, 2, 1, 64], &inner[..]].concat())),
        ("vxlan", udp(4789, &[8, 0, 0, 0, 0, 0, 7, 0], &ethernet)),
        ("vxlan, the old port", udp(8472, &[8, 0, 0, 0, 0, 0, 7, 0], &ethernet)),
        ("geneve", udp(6081, &[1, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 4], &ethernet)),
        ("geneve, ip", udp(6081, &[0, 0, 8, 0, 0, 0, 7, 0], &inner)),
        ("gre over udp", udp(4754, &[0, 0, 8, 0], &inner)),
        ("gtp", udp(2152, &[0x30, 255, 0, 44, 0, 0, 0, 1], &inner)),
        ("gtp with extension", udp(2152, &[0x36, 255, 0, 52, 0, 0, 0, 1, 0, 1, 0, 0x85, 1, 0, 9, 0], &inner)),
        ("l2tp", udp(1701, &[0, 2, 0, 1, 0, 2, 0xff, 3, 0, 0x21], &inner)),
        (
            "l2tp, all fields",
            udp(1701, &[0x4a, 2, 0, 60, 0, 1, 0, 2, 0, 3, 0, 4, 0, 1, 9, 0xff, 3, 0, 0x21], &inner),
        ),
        ("ipv6 hop-by-hop", in_ipv6_extension(0, &[6, 0, 1, 4, 0, 0, 0, 0], &ipv4(b"abcd")[20..])),
        ("ipv6 routing", in_ipv6_extension(43, &[6, 0, 0, 0, 0, 0, 0, 0], &ipv4(b"abcd")[20..])),
        ("authentication", in_ipv4(51, 1, 0, &[&[4, 4, 0, 0][..], &[0; 20], &inner].concat())),
        ("ipv6 atomic fragment", in_ipv6_extension(44, &[6, 0, 0, 0, 0, 0, 0, 9], &ipv4(b"abcd")[20..])),
    ]
}

#[test]
fn tunnels_are_opened() {
    for (name, datagram) in tunnels() {
        assert_eq!(decode(LinkType::RAW, &datagram), tcp(b"abcd"), "{name}");
    }
}

#[test]
fn what_only_looks_like_a_tunnel_is_udp() {
    for port in [4789, 6081, 4754, 2152, 1701, 5060] {
        let expected = match port {
            2152 | 1701 => Seen::Aside(Aside::OtherIp),
            _ => Seen::Aside(Aside::Udp(50_000, port)),
        };
        assert_eq!(decode(LinkType::RAW, &in_udp(port, &[0xff; 4])), expected, "{port}");
    }
}

#[test]
fn nesting_has_an_end_and_is_told() {
    let mut datagram = ipv4(b"abcd");
    for _ in 0..100 {
        datagram = in_ipv4(4, 1, 0, &datagram);
    }
    let (all, facts) = decode_all(LinkType::RAW, &[datagram], 0);
    assert_eq!(all, [Seen::Aside(Aside::Malformed)]);
    assert_eq!(facts.count(FactKind::LimitReached(Limit::Layers)), 1);
}

/// The fragments of a TCP segment with this payload, as raw IPv4: where each begins, in units of 8 octets.
fn fragments(payload: &[u8], identification: u16, cuts: &[u16]) -> Vec<Vec<u8>> {
    let whole = &ipv4(payload)[20..];
    let ends = cuts.iter().skip(1).copied().map(Some).chain([None]);
    let one = |(cut, end): (&u16, Option<u16>)| {
        let until = end.map_or(whole.len(), |end| usize::from(end) * 8);
        let more = if end.is_some() { 0x2000 } else { 0 };
        in_ipv4(6, identification, more | cut, &whole[usize::from(*cut) * 8..until])
    };
    cuts.iter().zip(ends).map(one).collect()
}

#[test]
fn fragments_are_put_together_in_any_order() {
    let payload: Vec<u8> = (0..200).collect();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let all = fragments(&payload, 9, &[0, 5, 20]);
        let frames = order.map(|at: usize| all[at].clone());
        let (all, facts) = decode_all(LinkType::RAW, &frames, 0);
        let aside = || Seen::Aside(Aside::Fragment);
        assert_eq!(all, [aside(), aside(), tcp(&payload)], "{order:?}");
        assert_eq!(facts.iter().count(), 0);
    }
}

#[test]
fn ipv6_fragments_are_put_together() {
    let whole = &ipv6(b"abcdefghijklmnopqrst")[40..];
    let frames = [
        in_ipv6_extension(44, &[6, 0, 0, 1, 0, 0, 0, 9], &whole[..24]),
        in_ipv6_extension(44, &[6, 0, 0, 24, 0, 0, 0, 9], &whole[24..]),
    ];
    let (all, _) = decode_all(LinkType::RAW, &frames, 0);
    assert_eq!(all[1], tcp(b"abcdefghijklmnopqrst"));
}

#[test]
fn a_cut_fragment_cuts_the_segment() {
    let payload = [b'x'; 100];
    let mut frames = fragments(&payload, 9, &[0, 5]);
    frames[1].truncate(20 + 10);
    let (all, _) = decode_all(LinkType::RAW, &frames, 70);
    let cut = Seen::Tcp { ports: (4000, 8081), sequence: 7, payload: vec![b'x'; 30], payload_len: 100 };
    assert_eq!(all[1], cut);
}

#[test]
fn copies_of_fragments_are_told_and_bring_nothing() {
    let payload: Vec<u8> = (0..100).collect();
    let [one, two] = fragments(&payload, 9, &[0, 5]).try_into().unwrap();
    let (all, facts) = decode_all(LinkType::RAW, &[one.clone(), one, two.clone(), two], 0);
    assert_eq!(all.iter().filter(|seen| **seen == tcp(&payload)).count(), 1);
    assert_eq!((facts.count(FactKind::Duplicate), facts.count(FactKind::Fragment)), (2, 0));
}

#[test]
fn fragments_at_the_two_ends_of_time_are_no_copies() {
    let payload: Vec<u8> = (0..100).collect();
    let [one, two] = fragments(&payload, 9, &[0, 5]).try_into().unwrap();
    let frames = [one.clone(), two.clone(), one, two];
    let (all, facts) = decode_at([i64::MAX, i64::MAX, i64::MIN, i64::MIN], LinkType::RAW, &frames, 0);
    assert_eq!(all.iter().filter(|seen| **seen == tcp(&payload)).count(), 2);
    assert_eq!(facts.count(FactKind::Duplicate), 0);
}

#[test]
fn overlaps_with_other_content_are_told_and_the_first_is_taken() {
    let payload = [b'x'; 100];
    let mut frames = fragments(&payload, 9, &[0, 10]);
    let other = fragments(&[b'y'; 100], 9, &[0, 5, 12]).remove(1);
    frames.insert(1, other);
    let (all, facts) = decode_all(LinkType::RAW, &frames, 0);
    let mut mixed = [b'x'; 100];
    mixed[60..76].fill(b'y');
    assert_eq!(all[2], tcp(&mixed));
    assert_eq!(facts.count(FactKind::Overlap), 2);
}

#[test]
fn missing_fragments_are_told() {
    let mut frames = fragments(&[b'x'; 100], 9, &[0, 5, 10]);
    frames.remove(1);
    let (_, facts) = decode_all(LinkType::RAW, &frames, 0);
    assert_eq!(facts.count(FactKind::Fragment), 1);
}

#[test]
fn fragments_beyond_the_limit_are_given_up_oldest_first() {
    let first = fragments(&[b'x'; 100], 0xffff, &[0, 5]);
    let mut frames = vec![first[0].clone()];
    let filler = (1..100).map(|id| in_ipv4(6, id, 0x2000, &vec![0; 60_000]));
    frames.extend(filler);
    frames.push(first[1].clone());
    let (all, facts) = decode_all(LinkType::RAW, &frames, 0);
    assert_eq!(all.last(), Some(&Seen::Aside(Aside::Fragment)));
    assert!(facts.count(FactKind::LimitReached(Limit::Fragments)) > 0);
}

#[test]
fn datagrams_that_replace_each_other_while_time_stands_still_are_not_listed_for_ever() {
    let (mut packets, mut facts) = (Packets::new(&Limits::default()), Facts::default());
    for round in 0..100_000_u32 {
        let half = round.to_be_bytes().repeat(10);
        for (place, data) in [(0x2000, &half), (5, &half)] {
            let data = in_ipv4(6, 7, place, data);
            let frame = Frame {
                number: FrameNumber::new(0, u64::from(round) + 1),
                time: Timestamp::default(),
                interface: 0,
                link_type: LinkType::RAW,
                wire_len: 60,
                data: &data,
            };
            packets.push(&frame, &mut facts, &mut |_, _| {});
        }
    }
    assert!(packets.fragments.listed() <= Limits::default().fragments / 100);
}

#[test]
fn a_message_that_tcp_cannot_be_delivered_is_read() {
    let unreachable = [&[3, 1, 0, 0, 0, 0, 0, 0], &ipv4(b"")[..28]].concat();
    assert_eq!(decode(LinkType::RAW, &in_ipv4(1, 1, 0, &unreachable)), Seen::Unreachable("host unreachable"));
}

/// A DNS message from port 50000: flags, records in the answer, and the name as labels.
fn dns(flags: u16, records: u16, labels: &[&str], kind: u16) -> Vec<u8> {
    let mut octets: Vec<u8> =
        [7, flags, 1, records, 0, 0].iter().flat_map(|field: &u16| field.to_be_bytes()).collect();
    for label in labels {
        octets.push(u8::try_from(label.len()).unwrap());
        octets.extend(label.as_bytes());
    }
    octets.extend([0, 0, u8::try_from(kind).unwrap(), 0, 1]);
    in_udp(53, &octets)
}

#[test]
fn questions_for_addresses_are_read_and_others_set_aside() {
    let question = dns(0x0100, 0, &["Backend", "example", "COM"], 1);
    assert_eq!(decode(LinkType::RAW, &question), Seen::Dns("backend.example.com".to_owned(), None));
    for other in
        [dns(0x0100, 0, &["a"], 12), dns(0x2100, 0, &["a"], 1), dns(0x0100, 0, &[], 1), in_udp(53, b"?")]
    {
        assert_eq!(decode(LinkType::RAW, &other), Seen::Aside(Aside::Udp(50_000, 53)));
    }
    let mut answer = dns(0x8183, 0, &["backend"], 28);
    let ports = 20..24;
    answer[ports].rotate_left(2);
    let nothing = DnsAnswer { code: 3, records: 0 };
    assert_eq!(decode(LinkType::RAW, &answer), Seen::Dns("backend".to_owned(), Some(nothing)));
    assert!(nothing.meaning().starts_with("NXDOMAIN"));
}

proptest! {
    /// Whatever the order, the cuts and the repetitions: the segment comes out once.
    #[test]
    fn fragments_in_any_way_give_the_segment_once(
        cuts in prop::collection::btree_set(1_u16..40, 0..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 16),
    ) {
        let payload: Vec<u8> = (0..=255).chain(0..200).collect();
        let cuts: Vec<u16> = [0].into_iter().chain(cuts).collect();
        let all = fragments(&payload, 9, &cuts);
        prop_assume!(all.len() > 1);
        let mut frames: Vec<_> = order.iter().map(|index| index.get(&all).clone()).collect();
        frames.extend(all);
        let (seen, facts) = decode_all(LinkType::RAW, &frames, 0);
        prop_assert_eq!(seen.iter().filter(|seen| **seen == tcp(&payload)).count(), 1);
        prop_assert_eq!(facts.count(FactKind::Overlap), 0);
    }

    #[test]
    fn any_octets_are_decoded_without_panic(
        link in prop::sample::select(vec![1_u16, 0, 9, 51, 101, 105, 108, 113, 127, 192, 204, 228, 239, 276]),
        port in prop::sample::select(vec![4789_u16, 6081, 4754, 2152, 1701]),
        octets in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        decode_all(LinkType(link), std::slice::from_ref(&octets), 3);
        decode_all(LinkType::RAW, &[in_udp(port, &octets), in_ipv4(47, 1, 0, &octets), in_ipv4(6, 2, 0x2001, &octets)], 0);
    }
}

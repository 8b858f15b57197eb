//! Addresses that are none of the public internet's (IANA's special-purpose registries, and
//! where clouds serve metadata).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What an address is for, if it is not one of the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No address, or this host.
    Unspecified,
    /// This host.
    Loopback,
    /// A network of one's own (RFC 1918, RFC 4193, RFC 3879).
    Private,
    /// The link (RFC 3927, RFC 4291).
    LinkLocal,
    /// Between a provider and its customers (RFC 6598).
    Shared,
    /// A cloud's metadata: names, keys and tokens of the machine.
    Metadata,
    /// Several at once.
    Multicast,
    /// Everybody at once.
    Broadcast,
    /// Examples (RFC 5737, RFC 3849, RFC 9637).
    Documentation,
    /// Measurements (RFC 2544, RFC 5180).
    Benchmarking,
    /// An IPv4 address within an IPv6 one: mapped, compatible, translated, 6to4, Teredo.
    Carrier,
    /// For nobody yet, or for protocols.
    Reserved,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "an unspecified address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::Shared => "an address of a provider's shared network",
            Self::Metadata => "an address of cloud metadata",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Documentation => "an address for documentation",
            Self::Benchmarking => "an address for benchmarks",
            Self::Carrier => "an IPv6 address that carries an IPv4 one",
            Self::Reserved => "a reserved address",
        })
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(first: [u16; 4], last: [u16; 4], length: u8) -> IpNet {
    let ([a, b, c, d], [e, f, g, h]) = (first, last);
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(a, b, c, d, e, f, g, h),
        length,
    ))
}

const ZEROS: [u16; 4] = [0; 4];

/// The first that holds an address tells what it is.
const SPECIAL: &[(IpNet, Kind)] = &[
    (v4(169, 254, 169, 254, 32), Kind::Metadata), // AWS, Google, Azure, DigitalOcean …
    (v4(169, 254, 170, 0, 24), Kind::Metadata),   // AWS: credentials of tasks and pods
    (v4(100, 100, 100, 200, 32), Kind::Metadata), // Alibaba
    (v4(168, 63, 129, 16, 32), Kind::Metadata),   // Azure's WireServer, a public address
    (v4(192, 0, 0, 192, 32), Kind::Metadata),     // Oracle
    (v4(0, 0, 0, 0, 8), Kind::Unspecified),
    (v4(10, 0, 0, 0, 8), Kind::Private),
    (v4(100, 64, 0, 0, 10), Kind::Shared),
    (v4(127, 0, 0, 0, 8), Kind::Loopback),
    (v4(169, 254, 0, 0, 16), Kind::LinkLocal),
    (v4(172, 16, 0, 0, 12), Kind::Private),
    (v4(192, 0, 0, 0, 24), Kind::Reserved),
    (v4(192, 0, 2, 0, 24), Kind::Documentation),
    (v4(192, 88, 99, 0, 24), Kind::Reserved), // relays of 6to4
    (v4(192, 168, 0, 0, 16), Kind::Private),
    (v4(198, 18, 0, 0, 15), Kind::Benchmarking),
    (v4(198, 51, 100, 0, 24), Kind::Documentation),
    (v4(203, 0, 113, 0, 24), Kind::Documentation),
    (v4(224, 0, 0, 0, 4), Kind::Multicast),
    (v4(255, 255, 255, 255, 32), Kind::Broadcast),
    (v4(240, 0, 0, 0, 4), Kind::Reserved),
    (
        v6([0xfd00, 0xec2, 0, 0], [0, 0, 0, 0x254], 128),
        Kind::Metadata,
    ), // AWS
    (
        v6([0xfd20, 0xce, 0, 0], [0, 0, 0, 0x254], 128),
        Kind::Metadata,
    ), // Google
    (v6(ZEROS, ZEROS, 128), Kind::Unspecified),
    (v6(ZEROS, [0, 0, 0, 1], 128), Kind::Loopback),
    (COMPATIBLE, Kind::Carrier),
    (MAPPED, Kind::Carrier),
    (TRANSLATED, Kind::Carrier),
    (NAT64, Kind::Carrier),
    (v6([0x64, 0xff9b, 1, 0], ZEROS, 48), Kind::Carrier), // NAT64 of one's own
    (TEREDO, Kind::Carrier),
    (v6([0x2001, 2, 0, 0], ZEROS, 48), Kind::Benchmarking),
    (v6([0x2001, 0, 0, 0], ZEROS, 23), Kind::Reserved),
    (v6([0x2001, 0xdb8, 0, 0], ZEROS, 32), Kind::Documentation),
    (SIX_TO_FOUR, Kind::Carrier),
    (v6([0x3fff, 0, 0, 0], ZEROS, 20), Kind::Documentation),
    (v6([0xfc00, 0, 0, 0], ZEROS, 7), Kind::Private),
    (v6([0xfe80, 0, 0, 0], ZEROS, 10), Kind::LinkLocal),
    (v6([0xfec0, 0, 0, 0], ZEROS, 10), Kind::Private), // site-local
    (v6([0xff00, 0, 0, 0], ZEROS, 8), Kind::Multicast),
];

const COMPATIBLE: IpNet = v6(ZEROS, ZEROS, 96);
const MAPPED: IpNet = v6(ZEROS, [0, 0xffff, 0, 0], 96);
const TRANSLATED: IpNet = v6(ZEROS, [0xffff, 0, 0, 0], 96);
const NAT64: IpNet = v6([0x64, 0xff9b, 0, 0], ZEROS, 96);
const TEREDO: IpNet = v6([0x2001, 0, 0, 0], ZEROS, 32);
const SIX_TO_FOUR: IpNet = v6([0x2002, 0, 0, 0], ZEROS, 16);

/// All that IPv6 has given out for single receivers.
const GLOBAL_V6: IpNet = v6([0x2000, 0, 0, 0], ZEROS, 3);

impl Kind {
    /// What an address is; none for one of the public internet.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        let listed = SPECIAL.iter().find(|(net, _)| net.contains(&address));
        match listed {
            Some((_, kind)) => Some(*kind),
            None if address.is_ipv6() && !GLOBAL_V6.contains(&address) => Some(Self::Reserved),
            None => None,
        }
    }
}

/// The IPv4 addresses that an IPv6 one stands for.
pub(super) fn carried(address: IpAddr) -> impl Iterator<Item = Ipv4Addr> {
    let IpAddr::V6(v6) = address else {
        return [None, None].into_iter().flatten();
    };
    let [_, _, b2, b3, b4, b5, b6, b7, _, _, _, _, b12, b13, b14, b15] = v6.octets();
    let last = Ipv4Addr::new(b12, b13, b14, b15);
    let is_in = |net: IpNet| net.contains(&address);
    let carried = if is_in(SIX_TO_FOUR) {
        [Some(Ipv4Addr::new(b2, b3, b4, b5)), None]
    } else if is_in(TEREDO) {
        // The server, and the client with its bits turned round.
        [
            Some(Ipv4Addr::new(b4, b5, b6, b7)),
            Some(Ipv4Addr::new(!b12, !b13, !b14, !b15)),
        ]
    } else if [MAPPED, TRANSLATED, NAT64].into_iter().any(is_in)
        || is_in(COMPATIBLE) && Kind::of(address) == Some(Kind::Carrier)
    {
        [Some(last), None]
    } else {
        [None, None]
    };
    carried.into_iter().flatten()
}

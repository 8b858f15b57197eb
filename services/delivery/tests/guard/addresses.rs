//! Which addresses are refused, by table.

use std::net::SocketAddr;

use delivery::guard::allowed::{Networks, Ports};
use delivery::guard::kind::Kind;
use delivery::guard::{Guard, Refusal};

fn guard(networks: &str, ports: &str) -> Guard {
    Guard::new(networks.parse().unwrap(), ports.parse().unwrap())
}

/// First and last addresses of what is refused.
const REFUSED: &[(&str, Kind)] = &[
    ("0.0.0.0", Kind::Unspecified),
    ("0.255.255.255", Kind::Unspecified),
    ("10.0.0.0", Kind::Private),
    ("10.255.255.255", Kind::Private),
    ("100.64.0.0", Kind::Shared),
    ("100.127.255.255", Kind::Shared),
    ("100.100.100.200", Kind::Metadata),
    ("127.0.0.1", Kind::Loopback),
    ("127.255.255.255", Kind::Loopback),
    ("168.63.129.16", Kind::Metadata),
    ("169.254.0.0", Kind::LinkLocal),
    ("169.254.169.254", Kind::Metadata),
    ("169.254.170.2", Kind::Metadata),
    ("169.254.255.255", Kind::LinkLocal),
    ("172.16.0.0", Kind::Private),
    ("172.31.255.255", Kind::Private),
    ("192.0.0.1", Kind::Reserved),
    ("192.0.0.192", Kind::Metadata),
    ("192.0.2.1", Kind::Documentation),
    ("192.88.99.1", Kind::Reserved),
    ("192.168.0.0", Kind::Private),
    ("192.168.255.255", Kind::Private),
    ("198.18.0.0", Kind::Benchmarking),
    ("198.19.255.255", Kind::Benchmarking),
    ("198.51.100.7", Kind::Documentation),
    ("203.0.113.7", Kind::Documentation),
    ("224.0.0.1", Kind::Multicast),
    ("239.255.255.255", Kind::Multicast),
    ("240.0.0.1", Kind::Reserved),
    ("255.255.255.254", Kind::Reserved),
    ("255.255.255.255", Kind::Broadcast),
    ("::", Kind::Unspecified),
    ("::1", Kind::Loopback),
    ("::7f00:1", Kind::Carrier),
    ("::ffff:8.8.8.8", Kind::Carrier),
    ("::ffff:0:8.8.8.8", Kind::Carrier),
    ("64:ff9b::8.8.8.8", Kind::Carrier),
    ("64:ff9b:1::8.8.8.8", Kind::Carrier),
    ("100::1", Kind::Reserved),
    ("2001::1", Kind::Carrier),
    ("2001:2::1", Kind::Benchmarking),
    ("2001:10::1", Kind::Reserved),
    ("2001:db8::1", Kind::Documentation),
    ("2002:808:808::1", Kind::Carrier),
    ("3fff::1", Kind::Documentation),
    ("4000::1", Kind::Reserved),
    ("5f00::1", Kind::Reserved),
    ("fc00::1", Kind::Private),
    ("fd00:ec2::254", Kind::Metadata),
    ("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Kind::Private),
    ("fe80::1", Kind::LinkLocal),
    ("febf::1", Kind::LinkLocal),
    ("fec0::1", Kind::Private),
    ("ff02::1", Kind::Multicast),
];

/// Their neighbours, and addresses of well-known services.
const PUBLIC: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00:1450:4001::1",
];

#[test]
fn what_is_not_public_is_refused_and_named() {
    let strict = guard("", "");
    for (address, kind) in REFUSED {
        assert_eq!(
            strict.judge(address.parse().unwrap()),
            Err(*kind),
            "{address}"
        );
    }
    for address in PUBLIC {
        assert_eq!(strict.judge(address.parse().unwrap()), Ok(()), "{address}");
    }
}

#[test]
fn an_allowed_network_is_an_exception_and_no_other() {
    let guard = guard("10.1.0.0/16, fd12::/64,192.168.7.9", "");
    for (address, expected) in [
        ("10.1.255.255", Ok(())),
        ("10.2.0.0", Err(Kind::Private)),
        ("192.168.7.9", Ok(())),
        ("192.168.7.10", Err(Kind::Private)),
        ("fd12::1", Ok(())),
        ("fd12:0:0:1::1", Err(Kind::Private)),
        ("127.0.0.1", Err(Kind::Loopback)),
        ("::ffff:10.1.0.1", Err(Kind::Carrier)),
    ] {
        assert_eq!(guard.judge(address.parse().unwrap()), expected, "{address}");
    }
}

#[test]
fn a_translation_that_is_allowed_does_not_allow_what_lies_behind_it() {
    let guard = guard(
        "64:ff9b::/96,::ffff:0:0/96,2002::/16,2001::/32,10.1.0.0/16",
        "",
    );
    for (address, expected) in [
        ("64:ff9b::8.8.8.8", Ok(())),
        ("64:ff9b::127.0.0.1", Err(Kind::Loopback)),
        ("64:ff9b::10.1.0.1", Ok(())),
        ("::ffff:169.254.169.254", Err(Kind::Metadata)),
        ("2002:a00:1::", Err(Kind::Private)),
        ("2002:808:808::", Ok(())),
        ("2001:0:7f00:1::f7f7:f7f7", Err(Kind::Loopback)),
        ("2001:0:808:808::80ff:fffe", Err(Kind::Loopback)),
        ("2001:0:808:808::f7f7:f7f7", Ok(())),
    ] {
        assert_eq!(guard.judge(address.parse().unwrap()), expected, "{address}");
    }
}

#[test]
fn ports_are_all_allowed_until_some_are() {
    let open = guard("", "");
    assert!(open.read("https://siem.example:8443/").is_ok());
    let narrow = guard("", "443,8000-8999");
    assert!(narrow.read("https://siem.example/").is_ok());
    assert!(narrow.read("https://siem.example:8443/").is_ok());
    assert_eq!(
        narrow.read("http://siem.example/").unwrap_err(),
        Refusal::Port(80)
    );
    assert_eq!(
        narrow.read("https://siem.example:22/").unwrap_err(),
        Refusal::Port(22)
    );
}

#[test]
fn what_is_no_network_or_port_is_said() {
    let networks = |text: &str| text.parse::<Networks>();
    assert_eq!(
        networks("10.0.0.0/8,intranet").unwrap_err(),
        "\"intranet\" is no network; write 10.1.0.0/16 or fd12::/64"
    );
    assert!(networks("10.0.0.0/33").is_err());
    assert_eq!(networks(" "), Ok(Networks::default()));
    let ports = |text: &str| text.parse::<Ports>();
    assert_eq!(
        ports("443,https").unwrap_err(),
        "\"https\" is no port; write 443 or 8000-8999"
    );
    assert!(ports("9-1").is_err() && ports("70000").is_err());
}

#[test]
fn the_addresses_of_a_name_are_sifted() {
    let guard = guard("", "");
    let addresses = |words: &[&str]| -> Vec<SocketAddr> {
        words.iter().map(|word| word.parse().unwrap()).collect()
    };
    let mixed = addresses(&["10.0.0.1:0", "8.8.8.8:0", "[::1]:0"]);
    assert_eq!(guard.sift(mixed).unwrap(), addresses(&["8.8.8.8:0"]));
    let only = addresses(&["[::1]:0", "10.0.0.1:0"]);
    assert_eq!(guard.sift(only), Err(Refusal::Name(Kind::Loopback)));
}

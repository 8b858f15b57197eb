//! A name server that is not on our side.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::canary::Front;

/// Answers by table. What begins with `rebind` leads to the allowed receiver when it is asked
/// first, and then to this machine.
#[derive(Default)]
pub(crate) struct Names(Mutex<HashMap<String, usize>>);

impl Names {
    fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let mut asked = self.0.lock().unwrap();
        let times = asked.entry(name.to_owned()).or_default();
        *times += 1;
        let words = match name.trim_end_matches('.') {
            "front.test" => Front::HOST,
            "both.test" => "127.0.0.1 ::1 127.0.9.1 127.1.2.3",
            "private.test" => "10.0.0.1 192.168.0.1",
            "rebind.test" | "rebind.example" if *times == 1 => Front::HOST,
            "rebind-mixed.test" if *times == 1 => "127.0.9.1 127.0.0.1",
            "rebind-v6.test" => match *times {
                1 => Front::HOST,
                _ => "::1",
            },
            "v6.test" => "::1",
            "mapped.test" => "::ffff:127.0.0.1",
            "nowhere.test" => "0.0.0.0",
            "nowhere6.test" => "::",
            "two.test" => "127.1.2.3 ::1",
            "other.test" => "127.1.2.3",
            "unknown.test" => "",
            _ => "127.0.0.1",
        };
        words
            .split_whitespace()
            .map(|word| word.parse().unwrap())
            .collect()
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.addresses(name.as_str());
        Box::pin(async move {
            if addresses.is_empty() {
                let error = io::Error::new(io::ErrorKind::NotFound, "no such name");
                return Err(error.into());
            }
            let found = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

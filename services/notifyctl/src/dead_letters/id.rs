//! Ids of letters as people write and read them: the beginning is enough where it is unique.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use uuid::Uuid;

/// How many digits of an id a list shows at least.
const SHORTEST: usize = 8;

/// Digits of a whole id.
const WHOLE: usize = 32;

/// The beginning of an id, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    text: String,
    first: u128,
    last: u128,
}

impl Prefix {
    /// Every id that begins so.
    pub(super) fn range(&self) -> RangeInclusive<Uuid> {
        Uuid::from_u128(self.first)..=Uuid::from_u128(self.last)
    }
}

impl FromStr for Prefix {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "an id is 32 hexadecimal digits, or the first of them";
        let digits = text.replace('-', "");
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !(1..=WHOLE).contains(&digits.len()) || !all_digits {
            return Err(WRONG);
        }
        let open_bits = 4 * (WHOLE - digits.len());
        let first = u128::from_str_radix(&digits, 16).map_err(|_| WRONG)? << open_bits;
        Ok(Self {
            text: text.to_owned(),
            first,
            last: first | ((1 << open_bits) - 1),
        })
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An id as messages name it.
pub(super) fn short(id: Uuid) -> String {
    shortened(id, SHORTEST)
}

/// The beginnings of ids, as long as it takes to tell them apart.
pub(super) fn shortest(ids: &[Uuid]) -> Vec<String> {
    let mut sorted: Vec<u128> = ids.iter().map(Uuid::as_u128).collect();
    sorted.sort_unstable();
    let alike = sorted
        .windows(2)
        .map(|pair| (pair[0] ^ pair[1]).leading_zeros() as usize / 4)
        .max();
    let digits = alike.map_or(SHORTEST, |alike| (alike + 1).clamp(SHORTEST, WHOLE));
    ids.iter().map(|id| shortened(*id, digits)).collect()
}

fn shortened(id: Uuid, digits: usize) -> String {
    let mut text = id.simple().to_string();
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Option<(String, String)> {
        let prefix: Prefix = text.parse().ok()?;
        let range = prefix.range();
        Some((range.start().to_string(), range.end().to_string()))
    }

    #[test]
    fn a_beginning_stands_for_every_id_that_begins_so() {
        let ids = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(
            range("1a2B"),
            ids(
                "1a2b0000-0000-0000-0000-000000000000",
                "1a2bffff-ffff-ffff-ffff-ffffffffffff"
            )
        );
        assert_eq!(
            range("f"),
            ids(
                "f0000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff"
            )
        );
        let whole = "6b0b4f4e-63b5-4a53-9b5d-0d6a5f0c4d11";
        assert_eq!(range(whole), ids(whole, whole));
        assert_eq!(range(&whole.replace('-', "")), ids(whole, whole));
    }

    #[test]
    fn anything_else_is_no_id() {
        for text in [
            "",
            "-",
            "xyz",
            "+1a",
            "6b0b4f4e-63b5-4a53-9b5d-0d6a5f0c4d110",
        ] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_shows_as_many_digits_as_tell_its_ids_apart() {
        let ids = |numbers: &[u128]| {
            numbers
                .iter()
                .map(|n| Uuid::from_u128(*n))
                .collect::<Vec<_>>()
        };
        assert_eq!(shortest(&[]), [""; 0]);
        assert_eq!(
            shortest(&ids(&[0x1a2b << 112, 0xff << 120])),
            ["1a2b0000", "ff000000"]
        );
        let alike = ids(&[0x001a_2b3c_4d5e_u128 << 88, 0x001a_2b3c_4d5f_u128 << 88, 7]);
        assert_eq!(shortest(&alike), ["1a2b3c4d5e", "1a2b3c4d5f", "0000000000"]);
        assert_eq!(shortest(&ids(&[7, 7]))[0].len(), WHOLE);
    }
}

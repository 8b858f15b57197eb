//! A value as it is written, or the word none.

use std::str::FromStr;

/// A value, or the word none, which takes away the one that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OrNone<T>(pub(crate) Option<T>);

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self(None));
        }
        text.parse().map(|value| Self(Some(value)))
    }
}

#[cfg(test)]
mod tests {
    use proto_events::Severity;

    use super::*;

    #[test]
    fn a_word_is_a_value_or_none_and_else_what_the_value_says_of_it() {
        let read = str::parse::<OrNone<Severity>>;
        assert_eq!(read("none"), Ok(OrNone(None)));
        assert_eq!(read("High"), Ok(OrNone(Some(Severity::High))));
        assert_eq!(
            read("Severe").unwrap_err(),
            "Severe".parse::<Severity>().unwrap_err()
        );
    }
}

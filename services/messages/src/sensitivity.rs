//! How much of an event a channel tells.

use std::fmt;
use std::str::FromStr;

/// How much of an event is told (`DD_SENSITIVITY`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sensitivity {
    /// All that the recipient may see.
    #[default]
    Full,
    /// What kind of thing happened, to which product and engagement, who is concerned, and a
    /// link: nothing of what was found.
    LinkOnly,
}

impl Sensitivity {
    const ALL: [Self; 2] = [Self::Full, Self::LinkOnly];

    /// The word in configuration and webhook bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::LinkOnly => "link_only",
        }
    }
}

impl fmt::Display for Sensitivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no sensitivity.
#[derive(Debug, thiserror::Error)]
#[error("allowed are full, link_only")]
pub struct UnknownSensitivity;

impl FromStr for Sensitivity {
    type Err = UnknownSensitivity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == text)
            .ok_or(UnknownSensitivity)
    }
}

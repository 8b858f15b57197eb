//! Secrets that can be written and not read.

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::SecretChange;

/// What is shown instead of one.
const SHOWN: &str = "<secret>";

/// A secret in a form: `<secret>` if there is one, which written back leaves it; null clears it.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Secret(Option<String>);

impl Secret {
    /// As it is read.
    pub(crate) fn shown(is_set: bool) -> Self {
        Self(is_set.then(|| SHOWN.to_owned()))
    }

    /// Whether there is one.
    pub(crate) const fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// What is to become of it.
    pub(crate) fn change(self) -> SecretChange {
        match self.0 {
            Some(text) if text == SHOWN => SecretChange::Leave,
            Some(text) if !text.is_empty() => SecretChange::Set(SecretString::from(text)),
            _ => SecretChange::Clear,
        }
    }

    /// What it is set to, if somebody sets it.
    pub(crate) fn set(self) -> Option<SecretString> {
        match self.change() {
            SecretChange::Set(value) => Some(value),
            SecretChange::Leave | SecretChange::Clear => None,
        }
    }

    /// How long it is (characters).
    pub(crate) fn len(&self) -> usize {
        self.0.as_deref().map_or(0, |text| text.chars().count())
    }
}

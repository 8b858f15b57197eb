//! Words of a newer release, noted while the directory is read.

use std::collections::BTreeSet;

/// Words that this release does not know, each with where it stands.
#[derive(Debug, Default)]
pub(crate) struct Unknown(BTreeSet<(&'static str, String)>);

impl Unknown {
    pub(crate) fn note(&mut self, place: &'static str, word: String) {
        self.0.insert((place, word));
    }

    /// Says so, once for all of them.
    pub(crate) fn tell(&self) {
        if self.0.is_empty() {
            return;
        }
        let words: Vec<String> = self
            .0
            .iter()
            .map(|(place, word)| format!("{place}: {word}"))
            .collect();
        tracing::warn!(
            words = words.join(", "),
            "the directory holds words that this release does not know; what they stand in routes and opens nothing"
        );
    }
}

//! How much of a message a channel with a size limit shows.

/// What is shown of each part. Limits of text are in characters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// The sentences.
    pub(crate) text: usize,
    /// The note, and the disclaimer.
    pub(crate) note: usize,
    /// A fact, or a finding's title.
    pub(crate) value: usize,
    /// How many groups: an event has seven at most, a digest as many as there are products.
    pub(crate) groups: usize,
    /// How many facts.
    pub(crate) facts: usize,
    /// Findings of each group; with none, the group's heading tells how many there are.
    pub(crate) findings: usize,
}

/// From generous to bare; the last fits every channel, whatever the event holds.
const STEPS: [Budget; 6] = [
    Budget {
        text: 3000,
        note: 3000,
        value: 300,
        groups: 50,
        facts: usize::MAX,
        findings: 10,
    },
    Budget {
        text: 2000,
        note: 1000,
        value: 200,
        groups: 30,
        facts: usize::MAX,
        findings: 5,
    },
    Budget {
        text: 1000,
        note: 500,
        value: 100,
        groups: 20,
        facts: usize::MAX,
        findings: 3,
    },
    Budget {
        text: 500,
        note: 200,
        value: 50,
        groups: 15,
        facts: 10,
        findings: 1,
    },
    Budget {
        text: 300,
        note: 100,
        value: 50,
        groups: 12,
        facts: 0,
        findings: 0,
    },
    // For texts made to be long on the wire: each line of a card is a block of its own.
    Budget {
        text: 60,
        note: 20,
        value: 20,
        groups: 8,
        facts: 0,
        findings: 0,
    },
];

/// The most generous layout that fits.
pub(crate) fn fitting<T>(build: impl Fn(Budget) -> T, fits: impl Fn(&T) -> bool) -> T {
    let [generous @ .., bare] = STEPS;
    generous
        .into_iter()
        .map(&build)
        .find(fits)
        .unwrap_or_else(|| build(bare))
}

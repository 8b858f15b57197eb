//! An explanation as a terminal shows it.

use std::fmt;

use rules::Answer;
use rules::answer::{Filtered, Receiver};

use crate::screen::printable;

/// An answer, or a part of it, in words.
pub struct Words<'a, T>(pub &'a T);

impl fmt::Display for Words<'_, Answer> {
    /// One paragraph a receiver, one line a channel.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = self.0;
        let event = printable(&answer.event);
        write!(f, "{event} follows the column {}.", answer.column)?;
        for note in &answer.notes {
            write!(f, "\n{}.", printable(note))?;
        }
        for receiver in &answer.receivers {
            write!(f, "\n\n{}", Words(receiver))?;
        }
        if !answer.destinations.is_empty() {
            f.write_str("\n\ndestinations with a filter:")?;
        }
        for destination in &answer.destinations {
            write!(f, "\n  {}", Words(destination))?;
        }
        Ok(())
    }
}

impl fmt::Display for Words<'_, Receiver> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let receiver = self.0;
        let name = receiver.user.as_deref();
        let name = name.map_or("the system".into(), printable);
        write!(f, "{name}: {}", printable(&receiver.reasons.join("; ")))?;
        for told in &receiver.channels {
            let word = if told.told { "yes" } else { "no" };
            let reasons = printable(&told.reasons.join("; "));
            write!(f, "\n  {:<9} {word:<4} {reasons}", told.channel.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Display for Words<'_, Filtered> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let destination = self.0;
        let word = if destination.told { "yes" } else { "no" };
        let name = printable(&destination.name);
        let reasons = printable(&destination.reasons.join("; "));
        let channel = destination.channel.as_str();
        write!(f, "{channel:<9} {word:<4} {name}: {reasons}")
    }
}

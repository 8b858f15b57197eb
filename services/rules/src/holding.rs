//! Until when a message is held back: for a digest, or because its reader wants quiet.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use proto_events::directory::{Cadence, Destination, Timetable, Whose};

use crate::access::Object;
use crate::directory::Directory;
use crate::facts::Facts;
use crate::policy::{Policy, WithoutAccess};
use crate::window::{next_digest, quiet_until};

/// Why a message is held back, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// When it is due: everything with the same reader and moment comes together.
    pub due: DateTime<Utc>,
    /// For what digest; none: it is quiet hours.
    pub cadence: Option<Cadence>,
    time_zone: Tz,
}

/// What becomes of a message that was held back, now that it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recheck {
    /// It is told.
    Tell {
        /// Without note and finding details.
        redacted: bool,
    },
    /// The recipient is gone or inactive.
    RecipientGone,
    /// The recipient may not view the object any more.
    AccessLost,
}

impl Directory {
    /// Until when an event is held back that would go to this destination now. Digests follow
    /// what was chosen for the event's column. Quiet hours hold whatever is not severe enough
    /// to break through.
    #[must_use]
    pub fn held(
        &self,
        destination: &Destination,
        facts: &Facts<'_>,
        now: DateTime<Utc>,
    ) -> Option<Held> {
        if !destination.channel.can_wait() {
            return None;
        }
        let of_destination = Whose::Destination(destination.id);
        let whose = destination.user.map_or(of_destination, Whose::User);
        held_by(self.timetable(whose)?, facts, now)
    }

    /// Looks again whether a person is to hear of an event that was held back. `redacted` is
    /// what was decided first.
    #[must_use]
    pub fn recheck(
        &self,
        policy: &Policy,
        facts: &Facts<'_>,
        user: i64,
        redacted: bool,
    ) -> Recheck {
        let Some(user) = self.user(user).filter(|user| user.active) else {
            return Recheck::RecipientGone;
        };
        let open = match Object::of(self, facts) {
            Object::Unnamed => facts.recipients.is_some() || user.superuser,
            object => object.is_open_to(user.id),
        };
        match (open, facts.recipients, policy.without_access) {
            (false, None, _) | (false, Some(_), WithoutAccess::Drop) => Recheck::AccessLost,
            (false, Some(_), WithoutAccess::Redact) => Recheck::Tell { redacted: true },
            (true, ..) | (false, Some(_), WithoutAccess::Full) => Recheck::Tell { redacted },
        }
    }
}

fn held_by(timetable: &Timetable, facts: &Facts<'_>, now: DateTime<Utc>) -> Option<Held> {
    let time_zone = timetable.time_zone;
    let cadence = timetable.cadences.get(&facts.name.column()).copied();
    if let Some(cadence) = cadence {
        let due = next_digest(timetable, cadence, now)?;
        return Some(Held {
            due,
            cadence: Some(cadence),
            time_zone,
        });
    }
    let quiet = timetable.quiet?;
    let severe = |least| facts.severity.is_some_and(|severity| severity >= least);
    if quiet.breaks_through.is_some_and(severe) {
        return None;
    }
    let due = quiet_until(time_zone, quiet, now)?;
    Some(Held {
        due,
        cadence: None,
        time_zone,
    })
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.due.with_timezone(&self.time_zone);
        let utc = self.due.to_rfc3339_opts(SecondsFormat::Secs, true);
        let local = format!("{} {}", local.format("%H:%M"), self.time_zone);
        match self.cadence {
            Some(cadence) => write!(f, "held for the {cadence} digest at {local} ({utc})"),
            None => write!(f, "quiet hours until {local} ({utc})"),
        }
    }
}

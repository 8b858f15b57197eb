//! Where a webhook endpoint stands, and what moves it (DefectDojo `notifications/helper.py`
//! and `notifications/tasks.py`, with the differences that `docs/endpoint-states.md` tells).
//!
//! [`TRANSITIONS`] is the whole machine. The database moves endpoints by SQL that is tested
//! against it, and the diagram in the docs is drawn from it.

mod diagram;

use chrono::{DateTime, TimeDelta, Utc};

pub use diagram::diagram;

use crate::outcome::UnknownWord;
use crate::{Outcome, Reason};

/// How long an endpoint rests after an error.
pub const REST: TimeDelta = TimeDelta::seconds(60);

/// How long trouble may last before the endpoint is disabled, and how long after its last
/// error an endpoint counts as well.
pub const DAY: TimeDelta = TimeDelta::hours(24);

/// The longest note (characters).
pub const NOTE_LIMIT: usize = 1000;

/// Where an endpoint stands (DefectDojo `Notification_Webhooks.Status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EndpointState {
    /// Works.
    Active,
    /// On trial after an error: one job at a time until a success.
    ActiveTmp,
    /// Rests after an error.
    InactiveTmp,
    /// Not in use until a person activates it.
    InactivePermanent,
}

impl EndpointState {
    /// Every state.
    pub const ALL: [Self; 4] = [
        Self::Active,
        Self::ActiveTmp,
        Self::InactiveTmp,
        Self::InactivePermanent,
    ];

    /// DefectDojo's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ActiveTmp => "active_tmp",
            Self::InactiveTmp => "inactive_tmp",
            Self::InactivePermanent => "inactive_permanent",
        }
    }
}

impl std::fmt::Display for EndpointState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for EndpointState {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| UnknownWord(text.to_owned()))
    }
}

/// What moves an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It took a message (2xx).
    Success,
    /// An error that may pass: 5xx, 408, 425, 429, 3xx, a timeout, a broken connection.
    Temporary,
    /// An error that will not: any other 4xx, or a request that cannot be made.
    Permanent,
    /// Time alone.
    Time,
    /// A person wrote or activated it.
    Activated,
    /// A person switched it off.
    Deactivated,
}

impl Cause {
    /// What an outcome says of its endpoint. None: it speaks of this message only, or of us.
    #[must_use]
    pub const fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Delivered(_) => Some(Self::Success),
            Outcome::Retry { reason, .. } => match reason {
                Reason::Internal | Reason::NotConfigured => None,
                _ => Some(Self::Temporary),
            },
            Outcome::Rejected { reason, .. } => match reason {
                Reason::TooLarge
                | Reason::Refused
                | Reason::RecipientGone
                | Reason::EndpointInactive
                // The operator decides about networks; the endpoint is as good after that.
                | Reason::AddressRefused
                | Reason::Internal => None,
                _ => Some(Self::Permanent),
            },
        }
    }

    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Temporary => "temporary",
            Self::Permanent => "permanent",
            Self::Time => "time",
            Self::Activated => "activated",
            Self::Deactivated => "deactivated",
        }
    }
}

/// What must hold besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// `first_error` is null or at most [`DAY`] old.
    TroubleIsYoung,
    /// `first_error` is more than [`DAY`] old: no success for that long.
    TroubleIsOld,
    /// `last_error` is [`REST`] old.
    Rested,
    /// `last_error` is [`DAY`] old.
    Well,
}

/// What becomes of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stays.
    Keep,
    /// It becomes now.
    Now,
    /// It stays; null becomes now.
    KeepOrNow,
    /// It becomes null.
    Null,
}

/// What becomes of the note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// It stays.
    Keep,
    /// It becomes what was seen.
    Seen,
    /// It becomes this.
    Text(&'static str),
    /// It becomes null.
    Null,
}

/// One row of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    /// The states that it leads from.
    pub from: &'static [EndpointState],
    /// What happened.
    pub cause: Cause,
    /// What must hold besides.
    pub condition: Condition,
    /// The state that it leads to; none: the same.
    pub to: Option<EndpointState>,
    /// When the trouble began.
    pub first_error: Change,
    /// When the last error was.
    pub last_error: Change,
    /// What is noted.
    pub note: Note,
}

use Cause::{Activated, Deactivated, Permanent, Success, Temporary, Time};
use Condition::{Always, Rested, TroubleIsOld, TroubleIsYoung, Well};
use EndpointState::{Active, ActiveTmp, InactivePermanent, InactiveTmp};

/// The machine. What has no row here changes nothing.
#[rustfmt::skip]
pub const TRANSITIONS: [Transition; 9] = [
    row(&[Active, ActiveTmp], Success, Always, None, (Change::Null, Change::Keep, Note::Keep)),
    row(&[Active], Temporary, TroubleIsYoung, Some(InactiveTmp), (Change::Now, Change::Now, Note::Seen)),
    row(&[ActiveTmp], Temporary, TroubleIsYoung, Some(InactiveTmp), (Change::KeepOrNow, Change::Now, Note::Seen)),
    row(&[Active, ActiveTmp], Temporary, TroubleIsOld, Some(InactivePermanent), (Change::Keep, Change::Now, Note::Seen)),
    row(&[Active, ActiveTmp], Permanent, Always, Some(InactivePermanent), (Change::Now, Change::Now, Note::Seen)),
    row(&[InactiveTmp], Time, Rested, Some(ActiveTmp), (Change::Keep, Change::Keep, Note::Keep)),
    row(&[ActiveTmp], Time, Well, Some(Active), (Change::Null, Change::Null, Note::Text("Reactivation from active_tmp"))),
    row(&EndpointState::ALL, Activated, Always, Some(Active), (Change::Null, Change::Null, Note::Null)),
    row(&EndpointState::ALL, Deactivated, Always, Some(InactivePermanent), (Change::Null, Change::Null, Note::Text("Deactivate from UI"))),
];

const fn row(
    from: &'static [EndpointState],
    cause: Cause,
    condition: Condition,
    to: Option<EndpointState>,
    (first_error, last_error, note): (Change, Change, Note),
) -> Transition {
    Transition {
        from,
        cause,
        condition,
        to,
        first_error,
        last_error,
        note,
    }
}

/// All that the machine knows of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: EndpointState,
    /// When the trouble began; null while `active_tmp`: a success lifted the trial.
    pub first_error: Option<DateTime<Utc>>,
    /// When the last error was.
    pub last_error: Option<DateTime<Utc>>,
    /// What is noted.
    pub note: Option<String>,
}

impl Standing {
    /// Whether it is tried with one job at a time.
    #[must_use]
    pub fn is_on_trial(&self) -> bool {
        self.state == ActiveTmp && self.first_error.is_some()
    }

    /// How it stands at a time, when nothing but time has passed.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Self {
        let rested = self.after(Time, "", now);
        rested.after(Time, "", now)
    }

    /// How it stands after something happened at a time. `seen` is what is noted of it.
    #[must_use]
    pub fn after(self, cause: Cause, seen: &str, now: DateTime<Utc>) -> Self {
        let row = TRANSITIONS.iter().find(|row| {
            row.cause == cause && row.from.contains(&self.state) && self.meets(row.condition, now)
        });
        let Some(row) = row else { return self };
        let time = |change, old: Option<DateTime<Utc>>| match change {
            Change::Keep => old,
            Change::Now => Some(now),
            Change::KeepOrNow => old.or(Some(now)),
            Change::Null => None,
        };
        Self {
            state: row.to.unwrap_or(self.state),
            first_error: time(row.first_error, self.first_error),
            last_error: time(row.last_error, self.last_error),
            note: match row.note {
                Note::Keep => self.note,
                Note::Seen => Some(seen.chars().take(NOTE_LIMIT).collect()),
                Note::Text(text) => Some(text.to_owned()),
                Note::Null => None,
            },
        }
    }

    fn meets(&self, condition: Condition, now: DateTime<Utc>) -> bool {
        let old = self.first_error.is_some_and(|first| now - first > DAY);
        let since = |least| self.last_error.is_some_and(|last| now - last >= least);
        match condition {
            Always => true,
            TroubleIsYoung => !old,
            TroubleIsOld => old,
            Rested => since(REST),
            Well => since(DAY),
        }
    }
}

//! What is asked before letters are sent again.

use crate::dead_letters::args::ReplayArgs;
use crate::dead_letters::ask;
use crate::dead_letters::select::Survey;
use crate::dead_letters::tell::{counted, line};

/// Whether what has arrived meanwhile may arrive a second time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    Given,
    Refused,
    /// Nobody could be asked.
    Missing,
}

impl Consent {
    /// Asks what is to be asked; none if nothing is to be sent at all.
    pub(super) async fn seek(args: &ReplayArgs, survey: &Survey) -> anyhow::Result<Option<Self>> {
        let asking = !args.yes && ask::is_anybody_there();
        let by_name = !args.selection.ids.is_empty();
        if asking
            && !by_name
            && !ask::agreed(format!("Send {} again?", counted(survey.letters))).await?
        {
            return Ok(None);
        }
        if args.again {
            return Ok(Some(Self::Given));
        }
        if survey.arrived == 0 || !asking {
            return Ok(Some(Self::Missing));
        }
        for letter in &survey.examples {
            eprintln!("  {}", line(letter));
        }
        let question = format!(
            "{} of these have arrived meanwhile; send them again under a new id?",
            survey.arrived
        );
        let agreed = ask::agreed(question).await?;
        Ok(Some(if agreed { Self::Given } else { Self::Refused }))
    }
}

//! `notifyctl explain`: whom the router would tell of an event and why, by the rules' own account.
//!
//! | module | what it is for |
//! |---|---|
//! | `args` | the command and its help |
//! | `words` | the rules' own answer, as a terminal shows it |
//! | `scenario`, `snapshot` | events that bring their directory along |

mod args;
mod scenario;
mod snapshot;
mod words;

use std::io::{BufRead, Write};

use anyhow::Context as _;
use rules::{Directory, decide};
use serde::Serialize;
use serde_json::Value;

pub(crate) use args::{ExplainArgs, run};
use scenario::Scenario;
pub use words::Words;

/// One line of output.
#[derive(Serialize)]
struct Line<'s> {
    id: &'s Value,
    /// Channel and username, `null` for the system, sorted.
    decisions: Vec<(&'static str, Option<&'s str>)>,
}

/// Reads scenarios, one JSON object a line, and writes for each
/// `{"id":…,"decisions":[["mail",null],["alert","alice"],…]}`. The decisions are those of the
/// rules: nobody's addresses are looked at. Blank lines are passed over.
///
/// # Errors
/// The first line that is not a scenario, by number and with what is wrong; what comes before it
/// has been answered. Likewise a failure to read or write.
pub fn scenarios(input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    for (number, line) in (1..).zip(input.lines()) {
        let line = line.with_context(|| format!("line {number} cannot be read"))?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = answer(&line).with_context(|| format!("line {number} is no scenario"))?;
        writeln!(output, "{answer}").context("the decisions cannot be written")?;
    }
    output.flush().context("the decisions cannot be written")
}

/// Decides one scenario by the code that the router runs.
fn answer(line: &str) -> anyhow::Result<String> {
    let scenario = Scenario::parse(line)?;
    let directory = Directory::new(scenario.snapshot()?);
    let decisions = decide(&directory, &scenario.policy(), &scenario.event.facts());
    let mut pairs: Vec<_> = decisions
        .iter()
        .map(|(channel, user)| (channel.as_str(), user.map(|user| user.username.as_str())))
        .collect();
    pairs.sort_unstable();
    Ok(serde_json::to_string(&Line {
        id: &scenario.id,
        decisions: pairs,
    })?)
}

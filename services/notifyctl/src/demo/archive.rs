//! The messages as files, to be looked at.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use mail_parser::MessageParser;
use proto_events::{Channel, JobId};
use store::LedgerEntry;

use crate::stage::receivers::Received;

/// The folder when nobody names one.
const DEFAULT: &str = "dojo-notify-demo";

/// Longest part of a file's name that is taken from a message.
const NAME: usize = 60;

/// Makes the folder that messages go to. The default one is emptied; one that somebody
/// named must be empty or new, so that nothing of theirs is lost.
///
/// # Errors
/// If it cannot be made, or is not empty.
pub fn prepare(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let folder = match named {
        Some(folder) => {
            let in_use = folder
                .read_dir()
                .is_ok_and(|mut files| files.next().is_some());
            if in_use {
                bail!(
                    "{} is not empty; name a new folder with --messages",
                    folder.display()
                );
            }
            folder
        }
        None => {
            let folder = std::env::temp_dir().join(DEFAULT);
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    bail!(
                        "cannot empty {} ({error}); name another folder with --messages",
                        folder.display()
                    );
                }
                _ => folder,
            }
        }
    };
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// A message and where it was written.
pub struct Filed {
    /// The message.
    pub message: Arc<Received>,
    /// The bare name of its event.
    pub event: String,
    /// Its file.
    pub path: PathBuf,
}

/// Writes every message that was taken: mails as they came, and their HTML; requests as
/// indented JSON. Files are numbered on from `before`.
///
/// # Errors
/// If a file cannot be written.
pub fn write(
    folder: &Path,
    before: usize,
    received: &[Arc<Received>],
    ledger: &[LedgerEntry],
) -> anyhow::Result<Vec<Filed>> {
    let events: HashMap<JobId, &str> = ledger
        .iter()
        .map(|entry| (entry.job, entry.event_name.as_str()))
        .collect();
    for channel in Channel::ALL
        .into_iter()
        .filter(|channel| *channel != Channel::Alert)
    {
        std::fs::create_dir_all(folder.join(channel.as_str()))?;
    }
    let taken = received.iter().filter(|message| message.accepted);
    let mut filed = Vec::new();
    for (number, message) in taken.enumerate() {
        let event = message
            .job
            .and_then(|job| events.get(&job))
            .copied()
            .unwrap_or("unknown");
        let name = format!(
            "{:04}-{}-to-{}",
            before + number + 1,
            safe(event),
            safe(&message.to)
        );
        let folder = folder.join(message.channel.as_str());
        let path = file(message, &folder, &name)
            .with_context(|| format!("cannot write {name} in {}", folder.display()))?;
        filed.push(Filed {
            message: Arc::clone(message),
            event: event.to_owned(),
            path,
        });
    }
    Ok(filed)
}

fn file(message: &Received, folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    if message.channel == Channel::Mail {
        let path = folder.join(format!("{name}.eml"));
        std::fs::write(&path, &message.body)?;
        if let Some(html) = part(message, Part::Html) {
            std::fs::write(folder.join(format!("{name}.html")), html)?;
        }
        return Ok(path);
    }
    let path = folder.join(format!("{name}.json"));
    let text = match serde_json::from_str::<serde_json::Value>(&message.body) {
        Ok(body) => serde_json::to_string_pretty(&body)?,
        Err(_) => message.body.clone(),
    };
    std::fs::write(&path, text)?;
    Ok(path)
}

/// A part of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// For programs that show no HTML.
    Text,
    /// What most people see.
    Html,
}

/// A part of a mail, decoded.
#[must_use]
pub fn part(mail: &Received, part: Part) -> Option<String> {
    let mail = MessageParser::default().parse(mail.body.as_bytes())?;
    let body = match part {
        Part::Text => mail.body_text(0),
        Part::Html => mail.body_html(0),
    };
    body.map(std::borrow::Cow::into_owned)
}

/// Text of others as a part of a file's name.
fn safe(text: &str) -> String {
    let allowed =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '@' | '.');
    let name: String = text
        .chars()
        .map(|letter| if allowed(letter) { letter } else { '_' })
        .take(NAME)
        .collect();
    name.replace("..", "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        assert_eq!(safe("other/../scan_added"), "other___scan_added");
        assert_eq!(safe("#hafen-appsec"), "_hafen-appsec");
    }

    #[test]
    fn a_named_folder_that_is_in_use_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine"), "").unwrap();
        let error = prepare(Some(folder.path().to_owned())).unwrap_err();
        assert!(error.to_string().contains("is not empty"), "{error}");
    }
}

//! `notifyctl dead-letters`: what was given up, to look at, to send again or to discard.
//!
//! | module | what it is for |
//! |---|---|
//! | [`args`] | the commands and their help |
//! | [`id`] | ids as people write them |
//! | [`select`] | the letters that are meant, page by page |
//! | [`list`], [`show`], [`replay`], [`discard`] | one command each |
//! | [`pace`] | so many a second |
//! | [`ask`] | questions on a terminal |
//! | [`tell`], [`body`] | letters and their bodies as a terminal may show them |

mod args;
mod ask;
mod body;
mod discard;
mod id;
mod list;
mod pace;
mod replay;
mod select;
mod show;
mod tell;

use std::io;

pub(crate) use args::DeadLettersCommand;

/// Runs one of the commands.
///
/// # Errors
/// If a server is away, an id names no letter or several, or not everything could be done.
pub(crate) async fn run(command: DeadLettersCommand) -> anyhow::Result<()> {
    match command {
        DeadLettersCommand::List(args) => unless_unread(list::run(&args).await),
        DeadLettersCommand::Show(args) => unless_unread(show::run(&args).await),
        DeadLettersCommand::Replay(args) => replay::run(&args).await,
        DeadLettersCommand::Discard(args) => discard::run(&args).await,
    }
}

/// Whoever reads only the beginning, as `head` does, has what they wanted.
fn unless_unread(result: anyhow::Result<()>) -> anyhow::Result<()> {
    result.or_else(|error| {
        let mut causes = error.chain().filter_map(|cause| cause.downcast_ref());
        let unread = causes.any(|cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe);
        if unread { Ok(()) } else { Err(error) }
    })
}

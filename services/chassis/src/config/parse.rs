//! From the command line and the environment to values.

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Parser};

/// Reads the command line and the environment. For every variable `X` also `X_FILE` is
/// read: the path of a file that holds the value, as Docker and Kubernetes mount secrets.
///
/// # Errors
/// As [`parse_from`].
pub fn parse<C: Parser>() -> anyhow::Result<C> {
    parse_from(std::env::args_os())
}

/// [`parse`] with another command line; its first word is the program's name.
///
/// # Errors
/// If a named file cannot be read, or a value cannot be used: in one line that names the
/// variable, the value unless it is secret, and what is allowed. clap itself prints help
/// and usage errors and exits.
pub fn parse_from<C: Parser>(
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> anyhow::Result<C> {
    let matches = matches_of(C::command(), words)?;
    C::from_arg_matches(&matches).map_err(|error| error.exit())
}

/// What the words and the environment say to a command.
///
/// # Errors
/// As [`parse_from`].
pub(crate) fn matches_of(
    command: clap::Command,
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> anyhow::Result<ArgMatches> {
    let mut command = with_files(command)?;
    // Arguments of subcommands can be named only once they are built.
    command.build();
    command
        .try_get_matches_from_mut(words)
        .map_err(|error| unusable(&command, &error).unwrap_or_else(|| error.exit()))
}

/// What clap says of a value, without the value where it is secret; none if the error is
/// about no value.
fn unusable(command: &clap::Command, error: &clap::Error) -> Option<anyhow::Error> {
    if !matches!(
        error.kind(),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue
    ) {
        return None;
    }
    let flag = error.get(ContextKind::InvalidArg)?.to_string();
    let arg = arg_of(command, &flag);
    let name = arg
        .and_then(|arg| arg.get_env()?.to_str().map(str::to_owned))
        .unwrap_or(flag);
    let mut line = format!("{name} is not usable");
    // What is hidden in the help is hidden here too.
    if arg.is_some_and(|arg| !arg.is_hide_env_values_set())
        && let Some(value) = error.get(ContextKind::InvalidValue)
    {
        line += &format!(": {:?}", value.to_string());
    }
    if let Some(why) = error.source() {
        line += &format!(": {why}");
    }
    if let Some(ContextValue::Strings(allowed)) = error.get(ContextKind::ValidValue)
        && !allowed.is_empty()
    {
        line += &format!("; allowed are {}", allowed.join(", "));
    }
    if let Some(help) = arg.and_then(clap::Arg::get_help) {
        line += &format!(" ({help})");
    }
    Some(anyhow::Error::msg(line))
}

/// The argument that is written like this in usage, of the command or one below it.
fn arg_of<'a>(command: &'a clap::Command, flag: &str) -> Option<&'a clap::Arg> {
    command
        .get_arguments()
        .find(|arg| arg.to_string() == flag)
        .or_else(|| {
            command
                .get_subcommands()
                .find_map(|below| arg_of(below, flag))
        })
}

/// The command whose arguments take their defaults from files where those are named.
fn with_files(mut command: clap::Command) -> anyhow::Result<clap::Command> {
    let values: Vec<(clap::Id, String)> = command
        .get_arguments()
        .filter_map(|arg| {
            Some(
                value_from_file(arg)
                    .transpose()?
                    .map(|value| (arg.get_id().clone(), value)),
            )
        })
        .collect::<anyhow::Result<_>>()?;
    for (id, value) in values {
        command = command.mut_arg(id, |arg| arg.default_value(value).hide_default_value(true));
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        let mut result = Ok(());
        command = command.mut_subcommand(name, |sub| match with_files(sub) {
            Ok(sub) => sub,
            Err(error) => {
                result = Err(error);
                clap::Command::default()
            }
        });
        result?;
    }
    Ok(command)
}

/// What the file holds that the variable `<X>_FILE` names; none without such a variable.
fn value_from_file(arg: &clap::Arg) -> anyhow::Result<Option<String>> {
    let Some(variable) = arg.get_env().and_then(|name| name.to_str()) else {
        return Ok(None);
    };
    let Some(path) = std::env::var_os(format!("{variable}_FILE")) else {
        return Ok(None);
    };
    if std::env::var_os(variable).is_some() {
        anyhow::bail!("both {variable} and {variable}_FILE are set; set one of them");
    }
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        anyhow::anyhow!(
            "{variable}_FILE names {}, which cannot be read: {error}",
            path.display()
        )
    })?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

//! Programs that tests run: checkers, and our own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A checker of the Python environment that `./dev` makes.
pub(crate) fn checker(name: &str) -> Command {
    let python = std::env::var("DOJO_PYTHON")
        .expect("DOJO_PYTHON names the environment's python; ./dev test makes it");
    Command::new(Path::new(&python).with_file_name(name))
}

/// One of our programs, which cargo built beside this test.
pub(crate) fn ours(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let folder: PathBuf = test.ancestors().nth(2).unwrap().into();
    let program = folder.join(name);
    assert!(
        program.is_file(),
        "{} is not there; run `cargo build --workspace --bins` first",
        program.display()
    );
    let mut command = Command::new(program);
    command.env_clear();
    command
}

/// What a program prints that must succeed.
pub(crate) fn printed(command: &mut Command) -> String {
    let output = output(command);
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// How a program ended, whatever it says.
pub(crate) fn output(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
}

/// The variables that a program reads, each with its default if it tells one, from its help.
pub(crate) fn variables(name: &str) -> BTreeMap<String, Option<String>> {
    let help = printed(ours(name).arg("--help"));
    let between = |text: &str, start: &str, ends: &[char]| {
        let rest = text.split_once(start)?.1;
        Some(rest.split(ends).next()?.trim().to_owned())
    };
    // The help of one argument follows its variable up to the next one.
    help.split("[env: ")
        .skip(1)
        .map(|part| {
            let name = part.split(['=', ']']).next().unwrap();
            (name.to_owned(), between(part, "[default: ", &[']']))
        })
        .collect()
}

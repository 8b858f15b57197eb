//! People, by the names that operators know.

use anyhow::Context as _;
use proto_events::directory::{Snapshot, User};

/// The user of a name.
///
/// # Errors
/// If nobody is called so.
pub(crate) fn user<'a>(directory: &'a Snapshot, name: &str) -> anyhow::Result<&'a User> {
    let mut users = directory.users.iter();
    let user = users.find(|user| user.username == name);
    user.with_context(|| format!("nobody is called \"{name}\""))
}

//! `notifyctl token`: who may use the API.

use anyhow::{Context as _, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;
use store::{Store, StoreConfig};

use crate::screen::{Screen, printable};

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token: whoever shows it to the API is that user
    #[command(
        after_help = "It is shown once; only a hash of it is kept.\n\nExample:\n  \
        notifyctl token create mei --name \"CI of the cranes\""
    )]
    Create(CreateArgs),
    /// List tokens, without themselves
    #[command(after_help = "Example:\n  notifyctl token list --user mei")]
    List(ListArgs),
    /// Make a token worth nothing, at once
    #[command(after_help = "Example:\n  notifyctl token revoke 4")]
    Revoke(RevokeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The user, by username
    user: String,
    /// What it is for, up to 100 characters
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    #[command(flatten)]
    store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only those of this user, by username
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreConfig,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// The token, by the id that list shows
    id: i64,
    #[command(flatten)]
    store: StoreConfig,
}

/// Runs a command.
///
/// # Errors
/// If the database is away, nobody is called so, or there is no such token.
pub(crate) async fn run(command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create(args) => create(&args).await,
        TokenCommand::List(args) => list(&args).await,
        TokenCommand::Revoke(args) => revoke(&args).await,
    }
}

/// Says the token alone, so that a script can keep it.
async fn create(args: &CreateArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let made = store.create_token(&args.user, &args.name).await?;
    let (_, token) = made.with_context(|| format!("nobody is called \"{}\"", args.user))?;
    Screen::new().say(token.expose_secret())
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let tokens = store.tokens(args.user.as_deref()).await?;
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let screen = Screen::new();
    if args.json {
        for token in &tokens {
            let object = json!({
                "id": token.id, "user": token.username, "name": token.name, "created": time(token.created_at),
                "used": token.used_at.map(time), "revoked": token.revoked_at.map(time),
            });
            screen.say(&object.to_string())?;
        }
        return Ok(());
    }
    if tokens.is_empty() {
        return screen.say("No tokens.");
    }
    let mut table = screen.table(["id", "user", "for", "made", "last used", "revoked"]);
    for token in &tokens {
        table.add_row([
            token.id.to_string(),
            printable(&token.username),
            printable(&token.name),
            time(token.created_at),
            token.used_at.map(time).unwrap_or_default(),
            token.revoked_at.map(time).unwrap_or_default(),
        ]);
    }
    screen.say(&table.to_string())
}

async fn revoke(args: &RevokeArgs) -> anyhow::Result<()> {
    let store = Store::new(&args.store, "notifyctl")?;
    let id = args.id;
    ensure!(
        store.revoke_token(id).await?,
        "there is no token {id} that is worth something"
    );
    Screen::new().say(&format!("Token {id} is worth nothing any more."))
}

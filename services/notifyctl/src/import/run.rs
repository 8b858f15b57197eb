//! The whole of an import.

use anyhow::{Context, bail};
use delivery::endpoint::Endpoints;
use serde::Deserialize;
use store::Store;

use super::adopt::Adoption;
use super::apply::Writer;
use super::args::{ImportCommand, ImportOptions};
use super::choices::Known;
use super::client::Client;
use super::reconcile::reconcile;
use super::rehearsal::Rehearsal;
use super::report::Report;
use super::walk::Walk;

/// `user_profile`: whose token it is.
#[derive(Deserialize)]
struct Profile {
    user: Me,
}

#[derive(Deserialize)]
struct Me {
    username: String,
    #[serde(default)]
    is_superuser: bool,
}

/// Runs the command and prints what became of it.
///
/// # Errors
/// If DefectDojo or the database is away or refuses, or not everything could be written.
pub async fn run(command: &ImportCommand) -> anyhow::Result<()> {
    let ImportCommand::Defectdojo(options) = command;
    let store = Store::new(&options.store, "notifyctl")?;
    if options.dry_run {
        println!("{}", rehearse(options, &store).await?);
        return Ok(());
    }
    let report = import(options, &store).await?;
    print!("{report}");
    if report.is_whole() {
        return Ok(());
    }
    bail!(
        "{} objects could not be written; the lines above say why",
        report.problems.len()
    );
}

/// Imports, and says what became of it.
///
/// # Errors
/// If DefectDojo or the database is away or refuses. What was read until then is written, and
/// the next run goes on there.
pub async fn import(options: &ImportOptions, store: &Store) -> anyhow::Result<Report> {
    let client = Client::new(options)?;
    let mut report = open(&client, options).await?;
    let mut walk = resume(&client, options, store, &mut report).await?;
    let mut writer = Writer::new(store);
    read_all(&mut walk, &mut writer, options, &mut report)
        .await
        .context(
            "the import is cut off; run the same command again, and it goes on where it was",
        )?;
    if options.reconcile {
        reconcile(&client, &mut writer, walk.begun_at(), &mut report)
            .await
            .context("not all that is gone there is deleted here; run the same command again")?;
    }
    writer.end(&mut report).await?;
    if options.rules {
        let known = Known::here(store).await?;
        let adoption = adoption(&client, options, store)?;
        adoption.adopt(&known, &mut report).await?;
    }
    store.end_import(options.url.as_str()).await?;
    Ok(report)
}

/// Reads everything, writes nothing, and says what an import would change.
///
/// # Errors
/// If DefectDojo or the database is away or refuses.
pub async fn rehearse(options: &ImportOptions, store: &Store) -> anyhow::Result<String> {
    let client = Client::new(options)?;
    let mut report = open(&client, options).await?;
    let mut walk = Walk::begin(&client, options.page_size.get());
    let mut rehearsal = Rehearsal::default();
    while let Some(changes) = walk.next(&mut report).await? {
        rehearsal.compare(store, &changes).await?;
    }
    rehearsal.find_gone(store).await?;
    if options.rules {
        let adoption = adoption(&client, options, store)?;
        adoption.adopt(&rehearsal.known(), &mut report).await?;
    }
    Ok(rehearsal.show(&report))
}

/// Asks whose token it is, and whether it is enough.
async fn open(client: &Client, options: &ImportOptions) -> anyhow::Result<Report> {
    let Profile { user } = client.get("user_profile/").await?;
    let mut report = Report::default();
    let (url, name) = (&options.url, &user.username);
    report.notes.push(format!("Read from {url} as {name}."));
    if !user.is_superuser {
        // To such a user what they may not see looks as if it were gone.
        if options.reconcile {
            bail!(
                "the token belongs to {name}, who is no superuser and may not see everything: --reconcile would delete what is there; give the token of a superuser"
            );
        }
        report.notes.push(format!(
            "{name} is no superuser: what they may not see is not imported."
        ));
    }
    Ok(report)
}

/// The way from the beginning, or from where a run was cut off.
async fn resume<'c>(
    client: &'c Client,
    options: &ImportOptions,
    store: &Store,
    report: &mut Report,
) -> anyhow::Result<Walk<'c>> {
    let page_size = options.page_size.get();
    let source = options.url.as_str();
    let stands = store.import_progress(source).await?;
    let stands = stands.filter(|_| !options.restart);
    if let Some(from) = stands
        && let Some(walk) = Walk::resume(client, page_size, &from)
    {
        report.notes.push(format!(
            "Goes on with the run of {}, which was cut off in {} after {} objects.",
            from.begun_at.format("%Y-%m-%d %H:%M:%S UTC"),
            from.resource,
            from.next_offset
        ));
        return Ok(walk);
    }
    let walk = Walk::begin(client, page_size);
    store.save_import_progress(source, &walk.standing()).await?;
    Ok(walk)
}

/// Writes page after page, and remembers where it stands as long as nothing waits: what
/// waits would be forgotten with this process.
async fn read_all(
    walk: &mut Walk<'_>,
    writer: &mut Writer<'_>,
    options: &ImportOptions,
    report: &mut Report,
) -> anyhow::Result<()> {
    let source = options.url.as_str();
    while let Some(changes) = walk.next(report).await? {
        writer.write(changes, report).await?;
        if writer.is_idle() {
            let standing = walk.standing();
            writer
                .store()
                .save_import_progress(source, &standing)
                .await?;
        }
    }
    Ok(())
}

fn adoption<'a>(
    client: &'a Client,
    options: &ImportOptions,
    store: &'a Store,
) -> anyhow::Result<Adoption<'a>> {
    Ok(Adoption {
        client,
        store,
        page_size: options.page_size.get(),
        is_rehearsal: options.dry_run,
        endpoints: Endpoints::new(options.url.as_str(), None, &options.endpoint)?,
    })
}

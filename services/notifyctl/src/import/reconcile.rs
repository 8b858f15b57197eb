//! Deletes here what is gone upstream.
//!
//! Everything that a whole run has read has a stamp from its beginning on; what has an older
//! one, or none, was not there. It is asked for once more by its id before it is deleted: a
//! list may shift while it is read. The deletion is stamped with the run's beginning, so that
//! whatever DefectDojo has told since then stands.

use chrono::{DateTime, Utc};
use proto_events::Kind;

use super::apply::{Writer, deletions};
use super::client::Client;
use super::report::Report;
use super::resources::{Object, list_of};

/// How many deletions are written at once.
const GROUP: usize = 250;

/// Deletes what no change since the run's beginning told of, parents first: what hangs below
/// them is out of sight then, and is not asked for.
pub(super) async fn reconcile(
    client: &Client,
    writer: &mut Writer<'_>,
    begun_at: DateTime<Utc>,
    report: &mut Report,
) -> anyhow::Result<()> {
    for kind in Kind::ALL {
        let untold = writer.store().objects_untold(kind, begun_at).await?;
        for group in untold.chunks(GROUP) {
            let mut gone = Vec::with_capacity(group.len());
            for stored in group {
                let value = stored.object.clone();
                let object = Object { kind, value };
                if is_gone(client, &object).await? {
                    gone.push(object);
                }
            }
            writer.write(deletions(&gone, begun_at), report).await?;
        }
    }
    Ok(())
}

/// Whether DefectDojo has no such object any more. Who is in a group or a member of something
/// has no id here to ask with; its list says it.
async fn is_gone(client: &Client, object: &Object) -> anyhow::Result<bool> {
    let Some(list) = list_of(object.kind) else {
        return Ok(true);
    };
    let path = format!("{list}/{}/", object.value["id"]);
    Ok(!client.exists(&path).await?)
}

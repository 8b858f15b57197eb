//! Timetables. What of one is not understood is told at once: better too early than never.

use std::collections::BTreeMap;

use proto_events::directory::{Cadence, QuietHours, Row, Timetable, Whose};
use proto_events::{Column, Severity};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::Ids;
use crate::error::StoreError;
use crate::unknown::Unknown;

pub(crate) async fn timetables(
    database: &mut PgConnection,
    ids: Ids<'_>,
    unknown: &mut Unknown,
) -> Result<Vec<Row<(Whose, Timetable)>>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, user_id, destination, time_zone, daily_at,
                  cadences AS "cadences!: Json<BTreeMap<String, String>>", quiet_from, quiet_to, breaks_through
           FROM timetables WHERE $1::bigint[] IS NULL OR id = ANY ($1) ORDER BY id"#,
        ids
    )
    .fetch_all(database)
    .await?;
    let timetables = rows.into_iter().filter_map(|row| {
        let Ok(time_zone) = row.time_zone.parse() else {
            unknown.note("timetables.time_zone", row.time_zone);
            return None;
        };
        // One of the two is there (timetables_of_one).
        let whose = row.user_id.map(Whose::User);
        let whose = whose.or(row.destination.map(Whose::Destination))?;
        let quiet = row.quiet_from.zip(row.quiet_to);
        let breaks_through = row.breaks_through.and_then(|word| severity(word, unknown));
        let timetable = Timetable {
            time_zone,
            daily_at: row.daily_at,
            cadences: cadences(row.cadences.0, unknown),
            quiet: quiet.map(|(from, to)| QuietHours {
                from,
                to,
                breaks_through,
            }),
        };
        Some(Row {
            id: row.id,
            row: (whose, timetable),
        })
    });
    Ok(timetables.collect())
}

fn severity(word: String, unknown: &mut Unknown) -> Option<Severity> {
    let severity = word.parse().ok();
    if severity.is_none() {
        unknown.note("timetables.breaks_through", word);
    }
    severity
}

fn cadences(words: BTreeMap<String, String>, unknown: &mut Unknown) -> BTreeMap<Column, Cadence> {
    let known = words.into_iter().filter_map(|(column, cadence)| {
        let read = column.parse().ok().zip(cadence.parse().ok());
        if read.is_none() {
            unknown.note("timetables.cadences", format!("{column}: {cadence}"));
        }
        read
    });
    known.collect()
}

//! The database: connection, version, schema, rights, clock, secrets.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Condition, Store, StoreError};

use super::faults::judge;
use super::verdict::{Finding, Verdict};

const VARIABLE: &str = "DD_DATABASE_URL";

/// The oldest version of PostgreSQL that has all we use.
const OLDEST: i32 = 15;

/// How far two clocks may be apart: leases and pauses are counted in seconds.
const APART: TimeDelta = TimeDelta::seconds(2);

pub(super) async fn check(store: &Store) -> Vec<Finding> {
    let before = Utc::now();
    let condition = match store.condition().await {
        Ok(condition) => condition,
        Err(error) => return vec![unreachable(&error).of("database")],
    };
    let mut findings = vec![
        server(&condition).of("database"),
        clock(before, condition.now, Utc::now()).of("clock"),
        rights(&condition).of("rights on tables"),
    ];
    match store.schema_is_current().await {
        Ok(true) => {
            findings.push(Verdict::well("current").of("schema"));
            findings.push(secrets(store).await.of("secrets"));
        }
        Ok(false) => findings.push(
            Verdict::wrong(
                "the schema is older than this release",
                "run notifyctl migrate",
            )
            .of("schema"),
        ),
        Err(error) => findings.push(unreachable(&error).of("schema")),
    }
    findings
}

/// What keeps us from the database, by PostgreSQL's code where it gave one.
fn unreachable(error: &StoreError) -> Verdict {
    let text = error.to_string();
    let (what, remedy) = match error.code().as_deref() {
        Some("28P01" | "28000") => (
            "the database refuses the user or its password",
            "check user and password in DD_DATABASE_URL, and pg_hba.conf on the server",
        ),
        Some("3D000") => (
            "there is no such database",
            "make it with createdb, or check the name at the end of DD_DATABASE_URL; then run notifyctl migrate",
        ),
        Some("42501") => (
            "the user lacks a right",
            "run notifyctl migrate --roles as the owner of the tables",
        ),
        Some("53300") => (
            "the database has no connection left",
            "raise max_connections, or lower DD_DATABASE_CONNECTIONS of the services",
        ),
        _ => return judge(&[], &text, VARIABLE),
    };
    Verdict::wrong(format!("{what} ({text})"), remedy)
}

fn server(condition: &Condition) -> Verdict {
    let version = condition.version / 10_000;
    if version < OLDEST {
        return Verdict::wrong(
            format!("PostgreSQL {version} is too old"),
            format!("use PostgreSQL {OLDEST} or newer"),
        );
    }
    if condition.standby {
        return Verdict::wrong(
            "it is a standby, which takes no writes and may lag",
            "name the primary in DD_DATABASE_URL",
        );
    }
    Verdict::well(format!("PostgreSQL {version}, as {}", condition.user))
}

fn clock(before: DateTime<Utc>, theirs: DateTime<Utc>, after: DateTime<Utc>) -> Verdict {
    if before - APART <= theirs && theirs <= after + APART {
        return Verdict::well("agrees with the database's");
    }
    let apart = (theirs - before).num_seconds().abs();
    Verdict::wrong(
        format!("this machine's clock and the database's are {apart} s apart"),
        "synchronise both with NTP; leases, pauses and retries go by them",
    )
}

fn rights(condition: &Condition) -> Verdict {
    if condition.unreadable.is_empty() {
        return Verdict::well("every table can be read");
    }
    Verdict::wrong(
        format!(
            "{} may not read {}",
            condition.user,
            condition.unreadable.join(", ")
        ),
        "run notifyctl migrate --roles as the owner of the tables, and the doctor as an administrator",
    )
}

async fn secrets(store: &Store) -> Verdict {
    match store.unreadable_secrets().await {
        Err(error) => unreachable(&error),
        Ok(unreadable) => match unreadable.first() {
            None => Verdict::well("every secret can be read"),
            Some(first) => Verdict::wrong(
                format!(
                    "of the secrets {} cannot be read; the first: {first}",
                    unreadable.len()
                ),
                "give DD_CREDENTIAL_AES_256_KEY the key that they were encrypted with, the same to every service",
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_be_two_seconds_apart_and_no_more() {
        let now = Utc::now();
        assert!(matches!(clock(now, now + APART, now), Verdict::Well(_)));
        let late = clock(now, now - TimeDelta::minutes(5), now);
        assert!(matches!(late, Verdict::Wrong { what, .. } if what.contains("300 s apart")));
    }

    #[test]
    fn an_old_server_and_a_standby_are_told() {
        let condition = |version, standby| Condition {
            version,
            standby,
            ..Condition::default()
        };
        assert!(matches!(
            server(&condition(150_004, false)),
            Verdict::Well(_)
        ));
        assert!(
            matches!(server(&condition(140_009, false)), Verdict::Wrong { what, .. } if what.contains("14"))
        );
        assert!(
            matches!(server(&condition(160_000, true)), Verdict::Wrong { what, .. } if what.contains("standby"))
        );
    }
}

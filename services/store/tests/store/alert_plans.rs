//! Bells and lists stay fast however many alerts there are: each statement reads a range of one
//! index and no more.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::{connect, scratch, sql};

/// 300,000 alerts, of which each of 1,500 people has 200, three of them removed. They come in
/// the order of time, so that a person's lie far apart.
const MANY: &str =
    "INSERT INTO alerts (id, user_id, title, description, icon, source, created, event_source,
                                        event_id, removed_at)
    SELECT gen_random_uuid(), n % 1500, 'Scan added', '12 findings', 'info-circle', 'Scan Added',
           timestamptz '2026-01-01' + n / 1500 * interval '1 minute', 'ci', n::text,
           CASE WHEN n < 4500 THEN now() END
    FROM generate_series(0, 299999) AS n";

/// What a statement did, by a plan that the server makes for these values, and by one that it keeps
/// for all.
async fn plans(database: &mut PgConnection, types: &str, text: &str, values: &str) -> [Value; 2] {
    let mut plans = [Value::Null, Value::Null];
    for (plan, mode) in plans.iter_mut().zip(["custom", "generic"]) {
        for statement in [
            format!("SET plan_cache_mode = force_{mode}_plan"),
            format!("PREPARE {mode} ({types}) AS {text}"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut *database)
                .await
                .unwrap();
        }
        let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {mode} ({values})");
        let told: Value = sqlx::query_scalar(AssertSqlSafe(explain))
            .fetch_one(&mut *database)
            .await
            .unwrap();
        *plan = told[0]["Plan"].clone();
        sqlx::raw_sql("DEALLOCATE ALL")
            .execute(&mut *database)
            .await
            .unwrap();
    }
    plans
}

/// A plan's steps, the outermost first.
fn steps(plan: &Value) -> Vec<&Value> {
    let below = plan["Plans"].as_array().into_iter().flatten();
    [plan].into_iter().chain(below.flat_map(steps)).collect()
}

/// Asserts that the table is read by nothing but a range of the index, and gives that step.
fn only_scan<'p>(plan: &'p Value, kind: &str) -> &'p Value {
    let scans: Vec<_> = steps(plan)
        .into_iter()
        .filter(|step| step.get("Relation Name").is_some())
        .collect();
    let [scan] = scans[..] else {
        panic!("not one scan: {plan:#}")
    };
    assert_eq!(
        (&scan["Node Type"], &scan["Index Name"]),
        (&kind.into(), &"alerts_of_user".into()),
        "{plan:#}"
    );
    assert!(scan["Index Cond"].as_str().unwrap().contains("user_id"));
    assert_eq!(scan.get("Filter"), None, "{plan:#}");
    scan
}

#[tokio::test]
async fn at_many_alerts_a_count_reads_the_index_alone_and_a_page_a_range_of_it() {
    let scratch = scratch().await;
    sql(&scratch, MANY).await.unwrap();
    sql(&scratch, "VACUUM ANALYZE alerts").await.unwrap();
    let mut database = connect(&scratch).await;

    let count = include_str!("../../src/browse/alerts/count.sql");
    for plan in plans(&mut database, "bigint", count, "7").await {
        let scan = only_scan(&plan, "Index Only Scan");
        assert_eq!(scan["Actual Rows"].as_f64(), Some(197.0), "{plan:#}");
        assert_eq!(scan["Heap Fetches"], 0, "{plan:#}");
    }

    let counts = include_str!("../../src/browse/alerts/counts.sql");
    for plan in plans(&mut database, "bigint[]", counts, "'{7, 8, 1400}'").await {
        assert_eq!(only_scan(&plan, "Index Only Scan")["Heap Fetches"], 0);
    }

    let newest = include_str!("../../src/browse/alerts/newest.sql");
    let types = "bigint, bigint, bigint";
    for (values, rows) in [("7, 25, 0", 25.0), ("7, 25, 50", 75.0)] {
        for plan in plans(&mut database, types, newest, values).await {
            let scan = only_scan(&plan, "Index Scan");
            assert_eq!(scan["Actual Rows"].as_f64(), Some(rows), "{plan:#}");
            assert!(!plan.to_string().contains("Sort"), "{plan:#}");
        }
    }
}

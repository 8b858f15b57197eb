//! How much of the log is kept, and what becomes of those who need more.

use std::time::{Duration, Instant};

use sqlx::Connection;
use store::{News, Scratch};

use super::Following;
use crate::support::{connect, put_one_product, scratch, sql, user};

#[tokio::test]
async fn who_was_away_longer_than_the_log_is_kept_is_to_read_anew_and_nobody_else() {
    let scratch = scratch().await;
    let store = scratch.store();
    let mut away = Following::from_now(&scratch).await;
    store.put_users(&[user(1, "alice")]).await.unwrap();
    let mut present = Following::from_now(&scratch).await;

    let an_hour = Duration::from_secs(3600);
    assert_eq!(store.prune_change_log(an_hour).await.unwrap(), 0);
    let looked = away.reader.news(&away.moment).await.unwrap();
    assert!(matches!(looked.0, News::Delta(_)));

    pruned(&scratch, &mut present).await;
    assert!(matches!(away.news().await, News::Unknown(_)));
    assert!(away.is_told_nothing().await, "it goes on from there");
    assert!(present.is_told_nothing().await);
    store.put_users(&[user(2, "bob")]).await.unwrap();
    assert_eq!(present.delta().await.now.users.len(), 1);
}

/// Prunes all that is in the log now, as if its time were over, while somebody keeps up.
async fn pruned(scratch: &Scratch, present: &mut Following) {
    // Other databases of the server may have transactions under way, which hold it up.
    for _ in 0..500 {
        let deleted = scratch.store().prune_change_log(Duration::ZERO).await;
        if deleted.unwrap() > 0 {
            return;
        }
        assert!(present.is_told_nothing().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing is ever pruned");
}

#[tokio::test]
async fn a_transaction_under_way_keeps_the_log_from_its_beginning_on() {
    let scratch = scratch().await;
    let store = scratch.store();
    put_one_product(store).await;
    let mut connection = connect(&scratch).await;
    let mut long = connection.begin().await.unwrap();
    sqlx::query("UPDATE products SET name = 'Long'")
        .execute(&mut *long)
        .await
        .unwrap();
    // Numbers are the whole server's: an older transaction of another test would put the
    // beginning of what is followed before this one's.
    let oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot()) = pg_current_xact_id()";
    let deadline = Instant::now() + Duration::from_secs(30);
    while !sqlx::query_scalar::<_, bool>(oldest)
        .fetch_one(&mut *long)
        .await
        .unwrap()
    {
        assert!(Instant::now() < deadline, "older transactions do not end");
    }
    let mut following = Following::from_now(&scratch).await;
    store.put_users(&[user(1, "alice")]).await.unwrap();
    for _ in 0..3 {
        store.prune_change_log(Duration::ZERO).await.unwrap();
    }
    assert_eq!(following.delta().await.now.users.len(), 1);
    long.commit().await.unwrap();
    assert_eq!(following.delta().await.now.products[0].name, "Long");
}

#[tokio::test]
async fn numbers_of_the_server_that_a_dump_was_made_on_are_forgotten() {
    let scratch = scratch().await;
    let store = scratch.store();
    for statement in [
        "UPDATE change_log_horizon SET pruned_below = '1000000000000', next_below = '1000000000000'",
        "INSERT INTO change_log (txid, table_name, ids) VALUES ('1000000000001', 'users', '{1}')",
    ] {
        sql(&scratch, statement).await.unwrap();
    }
    store
        .prune_change_log(Duration::from_secs(3600))
        .await
        .unwrap();
    let mut following = Following::from_now(&scratch).await;
    assert!(following.is_told_nothing().await);
}

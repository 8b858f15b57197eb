use crate::support::*;
use proto_events::outcome::State;
use proto_events::{Channel, Service};
use std::time::{Duration, Instant};
use store::*;
use uuid::Uuid;
#[tokio::test]
async fn bench() {
    let scratch = scratch().await;
    let store = scratch.store();
    let users: Vec<_> = (1..=1000).map(|n| mailed(n, &format!("u{n}"))).collect();
    let t = Instant::now();
    store.put_users(&users).await.unwrap();
    eprintln!("put 1000 users {:?}", t.elapsed());
    let t = Instant::now();
    store.put_users(&users).await.unwrap();
    eprintln!("put same 1000 users {:?}", t.elapsed());
    let t = Instant::now();
    store.load_directory().await.unwrap();
    eprintln!("load {:?}", t.elapsed());
    for size in [1, 4, 16, 64, 128, 256, 256, 512, 1024] {
        let a: Vec<Attempt> = (0..size).map(|_| Attempt { job: Uuid::new_v4(), attempt: 1, service: Service::EmailSender, event_source: "https://dojo.example".into(), event_id: "e".into(), event_name: "scan_added".into(), channel: Channel::Mail, recipient: Some(1), destination: Some(1), lease: Duration::from_secs(60)}).collect();
        let t = Instant::now();
        store.claim(&a).await.unwrap();
        let c = t.elapsed();
        let t = Instant::now();
        store.claim(&a).await.unwrap();
        let c2 = t.elapsed();
        let t = Instant::now();
        let f: Vec<Finished> = a.iter().map(|a| Finished { job: a.job, attempt: 1, state: State::Delivered, reason: None, detail: None, provider_id: None, status: Some(250) }).collect();
        store.finish(&f, &[]).await.unwrap();
        eprintln!("{size} claim {c:?} again {c2:?} finish {:?}", t.elapsed());
    }
    for round in 0..20 {
        let a: Vec<NewAlert> = (1..=1000).map(|n| NewAlert { id: Uuid::new_v4(), user: Some(n), title: "t".repeat(50), description: "d".repeat(200), url: Some("/x".into()), icon: "i".into(), source: "s".into(), event_source: "s".into(), event_id: "e".into() }).collect();
        let t = Instant::now();
        store.insert_alerts(&a).await.unwrap();
        if round % 5 == 0 { eprintln!("alerts 1000 {:?}", t.elapsed()); }
    }
    for round in 0..400 {
        let a: Vec<Attempt> = (0..256).map(|_| Attempt { job: Uuid::new_v4(), attempt: 1, service: Service::EmailSender, event_source: "https://dojo.example".into(), event_id: "e".into(), event_name: "scan_added".into(), channel: Channel::Mail, recipient: Some(1), destination: Some(1), lease: Duration::from_secs(60)}).collect();
        let t = Instant::now();
        store.claim(&a).await.unwrap();
        let c = t.elapsed();
        let f: Vec<Finished> = a.iter().map(|a| Finished { job: a.job, attempt: 1, state: State::Delivered, reason: None, detail: None, provider_id: None, status: Some(250) }).collect();
        let t2 = Instant::now();
        store.finish(&f, &[]).await.unwrap();
        if round % 50 == 0 { eprintln!("{round} claim {c:?} finish {:?}", t2.elapsed()); }
    }
    let t = Instant::now();
    for _ in 0..100 {
        store.directory_version().await.unwrap();
    }
    eprintln!("version {:?}", t.elapsed() / 100);
}

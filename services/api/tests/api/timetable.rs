//! One's own timetable.

use serde_json::{Value, json};

use crate::desk::{Desk, MEI, OUTSIDER};

const PATH: &str = "/timetable/";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_replaces_and_removes_their_own() {
    let desk = Desk::open().await;
    let none = desk.read(MEI, PATH).await;
    assert_eq!(none["cadences"], json!({}));
    let wanted = json!({"time_zone": "Europe/Berlin", "daily_at": "07:30", "cadences": {"scan_added": "daily"},
        "quiet_from": "22:00", "quiet_to": "06:00", "breaks_through": "High"});
    let put = desk.send(MEI, "PUT", PATH, &wanted).await;
    assert_eq!((put.status, &put.body), (200, &wanted), "{put:?}");
    assert_eq!(desk.read(MEI, PATH).await, wanted);
    assert_eq!(desk.read(OUTSIDER, PATH).await, none);
    assert_eq!(desk.ask(MEI, "DELETE", PATH).await.status, 204);
    assert_eq!(desk.ask(MEI, "DELETE", PATH).await.status, 204);
    assert_eq!(desk.read(MEI, PATH).await, none);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_timetable_is_refused_with_its_field() {
    let desk = Desk::open().await;
    for (field, value) in [
        ("time_zone", json!("Mars")),
        ("time_zone", json!(7)),
        ("daily_at", json!("noon")),
        ("cadences", json!({"nothing": "daily"})),
        ("cadences", json!([])),
        ("quiet_to", json!("06:00")),
        ("breaks_through", json!("High")),
    ] {
        let refused = desk.send(MEI, "PUT", PATH, &json!({ field: value })).await;
        assert_eq!(refused.status, 400, "{field}: {refused:?}");
        let names: &Value = &refused.body;
        assert!(names.is_object(), "{refused:?}");
    }
}

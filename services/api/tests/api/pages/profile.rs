//! Who one is, one's tokens, one's timetable.

use proto_events::Severity;
use proto_events::directory::{Cadence, Whose};

use crate::browser::Browser;
use crate::desk::{ADMIN, Desk, MEI, OUTSIDER};

const PAGE: &str = "/profile";

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_who_one_is_here() {
    let desk = Desk::open().await;
    let page = Browser::of(&desk, MEI).await.look(PAGE).await;
    page.shows("mei@hafen.example")
        .shows("none: you are not reached in Slack")
        .hides("superuser")
        .hides("outsider");
    let page = Browser::of(&desk, ADMIN).await.look(PAGE).await;
    page.shows("superuser: everything");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_works_and_is_worth_nothing_once_it_is_revoked() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    let name = "<script>1</script>\"";
    let made = browser.send("/profile/tokens", &[("name", name)]).await;
    assert_eq!(made.status, 200);
    made.shows("&lt;script&gt;1&lt;/script&gt;")
        .hides("<script>1");
    let token = made.text.split("value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    assert_eq!(token.len(), 40, "{token}");
    let works = async || {
        let request = desk.request("GET", "/user_profile/");
        let request = request.header("Authorization", format!("Token {token}"));
        crate::desk::answer(request).await
    };
    assert_eq!(works().await.body["user"]["username"], "mei");
    let page = browser.look(PAGE).await;
    page.shows("&lt;script&gt;1&lt;/script&gt;").hides(token);
    let all = desk.store().tokens(Some("mei")).await.unwrap();
    let id = all.iter().find(|it| it.name == name).unwrap().id;
    let id = id.to_string();
    browser
        .send_on("/profile/tokens/revoke", &[("id", &id)])
        .await
        .shows("The token is revoked.")
        .shows("Revoked tokens (1)");
    assert_eq!(works().await.status, 401);
    let again = browser.send("/profile/tokens/revoke", &[("id", &id)]).await;
    assert_eq!(again.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_revokes_somebody_elses_token_not_even_a_superuser() {
    let desk = Desk::open().await;
    let id = desk.store().tokens(Some("mei")).await.unwrap()[0].id;
    let id = id.to_string();
    for person in [OUTSIDER, ADMIN] {
        let browser = Browser::of(&desk, person).await;
        for id in [id.as_str(), "x", "-1", "99999999999999999999", ""] {
            let seen = browser.send("/profile/tokens/revoke", &[("id", id)]).await;
            assert_eq!(seen.status, 404, "{id}");
        }
    }
    assert_eq!(desk.ask(MEI, "GET", "/alerts/").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_a_name_that_fits() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    let long = "<".repeat(101);
    for (name, told) in [
        ("", "Say what it is for"),
        ("  ", "Say what it is for"),
        (long.as_str(), "no more than 100 characters"),
    ] {
        let seen = browser.send("/profile/tokens", &[("name", name)]).await;
        assert_eq!(seen.status, 400);
        seen.shows(told).shows("aria-invalid");
    }
    assert_eq!(desk.store().tokens(Some("mei")).await.unwrap().len(), 1);
}

const TIMES: [(&str, &str); 5] = [
    ("time_zone", "Europe/Berlin"),
    ("daily_at", "07:30"),
    ("quiet_from", "22:00"),
    ("quiet_to", "06:00"),
    ("breaks_through", "Critical"),
];

#[tokio::test(flavor = "multi_thread")]
async fn digests_and_quiet_hours_are_chosen_shown_and_removed() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    browser.look(PAGE).await.shows("You have no timetable");
    let mut form = TIMES.to_vec();
    form.push(("cadence_scan_added", "hourly"));
    form.push(("cadence_user_mentioned", "daily"));
    let page = browser.send_on("/profile/timetable", &form).await;
    page.shows("Saved.")
        .shows("value=\"Europe/Berlin\"")
        .shows("value=\"07:30\"")
        .shows("name=\"cadence_scan_added\" value=\"hourly\" checked")
        .shows("Remove the timetable");
    let chosen = async |person| desk.store().timetable(Whose::User(person)).await.unwrap();
    let timetable = chosen(MEI).await.unwrap();
    let quiet = timetable.quiet.unwrap();
    assert_eq!(quiet.breaks_through, Some(Severity::Critical));
    assert_eq!(timetable.cadences.len(), 2);
    assert!(chosen(OUTSIDER).await.is_none());
    form.push(("all", "daily"));
    browser.send_on("/profile/timetable", &form).await;
    let cadences = chosen(MEI).await.unwrap().cadences;
    assert_eq!(
        cadences.len(),
        16,
        "all that can wait, and the one chosen of those that somebody waits for"
    );
    assert!(cadences.values().all(|cadence| *cadence == Cadence::Daily));
    browser
        .send_on("/profile/timetable/remove", &[])
        .await
        .shows("Everything is told at once from now on.")
        .shows("You have no timetable");
    assert!(chosen(MEI).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timetable_that_cannot_be_is_refused_beside_what_is_wrong_with_it() {
    let desk = Desk::open().await;
    let browser = Browser::of(&desk, MEI).await;
    for (name, value, told) in [
        ("time_zone", "<b>Mars", "IANA"),
        ("time_zone", "", "IANA"),
        ("daily_at", "25:00", "Write hours and minutes"),
        ("quiet_from", "", "have a beginning too"),
        ("quiet_to", "", "have an end too"),
        ("quiet_to", "22:00", "there is nothing between"),
        ("breaks_through", "Bad", "Write Info, Low"),
        ("cadence_scan_added", "weekly", "write hourly or daily"),
    ] {
        let mut form = TIMES.to_vec();
        form.retain(|(other, _)| *other != name);
        form.push((name, value));
        let seen = browser.send("/profile/timetable", &form).await;
        assert_eq!(seen.status, 400, "{name}={value}");
        seen.shows(told).shows("role=\"alert\"").hides("<b>Mars");
    }
    let timetable = desk.store().timetable(Whose::User(MEI)).await.unwrap();
    assert!(timetable.is_none());
}

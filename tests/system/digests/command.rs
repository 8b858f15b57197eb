//! `notifyctl timetable`.

use proto_events::Channel;
use store::{NewDestination, NewPlace};
use system_tests::play::{Opening, Play, play_with};

use crate::operator::{notifyctl, words};

/// Whether a command was done, and what it said.
async fn timetable(play: &Play, arguments: &[&str]) -> (bool, String) {
    let mut command = notifyctl(&["timetable"]);
    command.args(arguments).envs(play.world.environment());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    (output.status.success(), words(&output))
}

#[tokio::test]
async fn a_timetable_is_made_step_by_step_listed_and_removed() {
    let nobody = Opening {
        services: Vec::new(),
        ..Opening::default()
    };
    play_with(nobody, async |play: Play| {
        let steps: [(&[&str], &str); 6] = [
            (
                &["set", "--user", "mei", "--daily", "scan_added,other", "--at", "08:30", "--time-zone", "Europe/Berlin"],
                "mei (Europe/Berlin): daily at 08:30: scan_added, other\n",
            ),
            (
                &["set", "--user", "mei", "--hourly", "other", "--quiet", "22:00-07:00", "--breaks-through", "Critical"],
                "mei (Europe/Berlin): hourly: other; daily at 08:30: scan_added; quiet 22:00-07:00, but Critical or worse breaks through\n",
            ),
            (
                &["set", "--user", "mei", "--at-once", "all", "--quiet", "none"],
                "mei (Europe/Berlin): everything at once\n",
            ),
            (
                &["set", "--system", "slack", "--hourly", "test_added"],
                "(UTC): hourly: test_added\n",
            ),
            (&["list", "--user", "mei"], "mei (Europe/Berlin): everything at once\n"),
            (&["remove", "--user", "mei"], "told at once"),
        ];
        for (arguments, expected) in steps {
            let (done, said) = timetable(&play, arguments).await;
            assert!(done && said.contains(expected), "{arguments:?}: {said}");
        }
        let (done, said) = timetable(&play, &["set", "--user", "mei", "--daily", "all"]).await;
        assert!(done && !said.contains("user_mentioned") && said.contains("sla_breach"), "{said}");
        let (done, listed) = timetable(&play, &["list", "--json"]).await;
        assert!(done && listed.lines().count() == 2, "{listed}");
        play.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_wait_and_what_is_no_time_is_refused_with_words() {
    let nobody = Opening {
        services: Vec::new(),
        ..Opening::default()
    };
    play_with(nobody, async |play: Play| {
        let hook = NewDestination {
            name: "siem".to_owned(),
            place: NewPlace::Webhook {
                url: "https://siem.example/hook".to_owned(),
                header: None,
            },
            filter: proto_events::directory::Filter::default(),
        };
        play.store().put_destination(&hook).await.unwrap();
        let refused: [(&[&str], &str); 8] = [
            (
                &["set", "--destination", "siem", "--daily", "all"],
                "webhooks cannot wait",
            ),
            (
                &["set", "--system", Channel::Alert.as_str(), "--daily", "all"],
                "alert cannot wait",
            ),
            (
                &["set", "--system", "slack", "--quiet", "22:00-07:00"],
                "quiet hours are a person's",
            ),
            (
                &["set", "--user", "mei", "--breaks-through", "High"],
                "no quiet hours to break through",
            ),
            (
                &["set", "--user", "mei", "--quiet", "22:00-22:00"],
                "begin when they end",
            ),
            (
                &["set", "--user", "mei", "--daily", "all", "--at", "25:00"],
                "is no time",
            ),
            (
                &["set", "--user", "mei", "--time-zone", "Mars/Olympus"],
                "is no time zone",
            ),
            (&["remove", "--user", "mei"], "there is no such timetable"),
        ];
        for (arguments, expected) in refused {
            let (done, said) = timetable(&play, arguments).await;
            assert!(!done && said.contains(expected), "{arguments:?}: {said}");
        }
        assert_eq!(play.store().load_directory().await.unwrap().timetables, []);
        play.end().await;
    })
    .await;
}

//! Somebody chooses what reaches them, and sees it come.

use system_tests::look::about_cranes;

use crate::visit::{Visit, visit};

#[tokio::test]
async fn a_rule_that_is_changed_lets_the_bell_rise_while_somebody_looks_on() {
    visit("mei", async |visit: Visit| {
        // Nothing of tests that are added, until she wants it.
        visit.go("/notifications").await;
        visit.tick("test_added", "alert", false).await;
        visit.press("Save").await;
        visit.sees("Saved").await;
        visit.play.in_force().await;
        visit.play.publish("test_added", about_cranes()).await;
        visit.go("/notifications").await;
        visit.tick("test_added", "alert", true).await;
        visit.press("Save").await;
        visit.sees("Saved").await;
        visit.play.in_force().await;
        assert_eq!(visit.bell().await, "0");

        visit.play.publish("test_added", about_cranes()).await;
        visit.bell_shows("1").await;

        visit.go("/alerts").await;
        visit.sees("Test created for Cranes").await;
        visit.find("input[data-all]").await.click().await.unwrap();
        visit.press("Remove").await;
        visit.sees("1 alert removed.").await;
        visit.bell_shows("0").await;
        visit
    })
    .await;
}

//! What stands before every channel.

use proto_events::Channel;
use proto_events::Channel::Msteams;
use proto_events::directory::Securable::Product;

use super::{NOTHING, event, world};
use crate::world::{What, World};

#[test]
fn a_channel_that_is_switched_off_reaches_nobody() {
    let mut world = world()
        .system_wants(&Channel::ALL)
        .wants("ann", &Channel::ALL);
    world.0.settings.enable_mail_notifications = false;
    world.0.settings.enable_msteams_notifications = false;
    world.0.settings.enable_webhooks_notifications = false;
    assert_eq!(
        world.tells(&event()),
        [
            "alert:-",
            "alert:ann",
            "alert:root",
            "slack:-",
            "slack:ann",
            "slack:root"
        ]
    );
}

#[test]
fn alert_only_leaves_alerts() {
    let world = world()
        .system_wants(&Channel::ALL)
        .wants("ann", &Channel::ALL);
    let what = What {
        alert_only: true,
        ..event()
    };
    assert_eq!(world.tells(&what), ["alert:-", "alert:ann", "alert:root"]);
    let directed = What {
        alert_only: true,
        ..event().to(&["ann"])
    };
    assert_eq!(world.tells(&directed), ["alert:ann"]);
}

#[test]
fn teams_is_for_the_system_alone() {
    let world = World::new()
        .user("ann")
        .member("ann", Product(1))
        .system_wants(&[Msteams])
        .wants("ann", &[Msteams]);
    assert_eq!(world.tells(&event()), ["msteams:-"]);
    assert_eq!(world.tells(&event().to(&["ann"])), NOTHING);
}

//! Which column of the rules an event follows.

use proto_events::Channel::Mail;
use proto_events::Column;
use proto_events::directory::RuleScope;
use proto_events::directory::Securable::Product;

use crate::world::{What, World, everywhere};

/// `ann` wants only mails, and only of one column.
fn follows(name: &str, column: Column) -> bool {
    let mut channels = everywhere(&[]);
    channels.set(column, [Mail].into_iter().collect());
    let scope = RuleScope::Personal { user: 1 };
    let world = World::new()
        .user("ann")
        .member("ann", Product(1))
        .rule(scope, channels);
    world.tells(&What::happened(name).on_product(1)) == ["mail:ann"]
}

#[test]
fn an_event_follows_the_column_of_its_name() {
    for column in Column::ALL {
        assert!(follows(column.as_str(), column), "{column:?}");
    }
}

#[test]
fn an_event_without_a_column_follows_other() {
    for name in [
        "finding_added",
        "engagement_deleted",
        "engagement_reopened",
        "dummy",
    ] {
        assert!(follows(name, Column::Other), "{name}");
    }
}

#[test]
fn engagement_closed_follows_close_engagement() {
    assert!(follows("engagement_closed", Column::CloseEngagement));
    assert!(!follows("engagement_closed", Column::Other));
}

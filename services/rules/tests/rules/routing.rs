//! The rules, one sentence each.

mod broadcast;
mod columns;
mod gates;
mod recipients;

use proto_events::Channel::Alert;
use proto_events::directory::Securable::Product;

use crate::world::{What, World};

/// `ann` is a member of product 1 and wants alerts; `root` is a superuser without rules.
fn world() -> World {
    World::new()
        .superuser("root")
        .user("ann")
        .member("ann", Product(1))
        .wants("ann", &[Alert])
}

fn event() -> What {
    What::happened("test_added").on_product(1)
}

const NOTHING: [&str; 0] = [];

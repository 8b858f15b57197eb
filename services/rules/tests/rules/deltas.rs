//! A directory that was changed step by step is the one that is read anew.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proto_events::directory::{
    Delta, Destination, Filter, Group, GroupMember, Limits, Member, Membership, Product,
    ProductType, Role, Row, Rule, RuleChannels, RuleScope, Securable, Settings, Snapshot, Touched,
    User, Whose,
};
use proto_events::{Channel, ChannelSet, Column};
use rules::{Directory, Policy, WithoutAccess, decide};

use crate::beyond::limits;
use crate::filters::{filter, filtered};
use crate::holding::daily;
use crate::strategies::{snapshot, what};
use crate::world::What;

/// One row that is written, or deleted where there is nothing to write.
#[derive(Clone, Debug)]
enum Change {
    User(i64, Option<User>),
    Type(i64, bool),
    Product(i64, Option<(i64, bool)>),
    Group(i64, Option<Group>),
    Link(i64, Option<GroupMember>),
    Membership(i64, Option<Membership>),
    Rule(i64, Option<(RuleScope, ChannelSet, Limits)>),
    Destination(i64, Option<(Channel, Option<i64>)>),
    Filtered(i64, Option<(Channel, Filter)>),
    /// Of the user or destination with the row's id: daily at this hour.
    Timetable(i64, Option<(bool, u32)>),
    Mail(bool),
}

fn user() -> impl Strategy<Value = User> {
    // Names change hands.
    (1..8_i64, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(name, active, superuser, reader)| User {
            username: format!("user{name}"),
            active,
            superuser,
            global_role: reader.then_some(Role::Reader),
            ..User::default()
        },
    )
}

fn membership() -> impl Strategy<Value = Membership> {
    (1..7_i64, any::<bool>(), 1..4_i64, any::<bool>()).prop_map(|(id, group, object, of_type)| {
        Membership {
            member: if group {
                Member::Group(id)
            } else {
                Member::User(id)
            },
            of: if of_type {
                Securable::ProductType(object)
            } else {
                Securable::Product(object)
            },
            role: None,
        }
    })
}

fn rule() -> impl Strategy<Value = (RuleScope, ChannelSet, Limits)> {
    let scope = prop_oneof![
        Just(RuleScope::System),
        Just(RuleScope::Template),
        (1..7_i64).prop_map(|user| RuleScope::Personal { user }),
        (1..7_i64, 1..4_i64).prop_map(|(user, product)| RuleScope::Product { user, product }),
        (1..7_i64, 1..3_i64)
            .prop_map(|(user, product_type)| RuleScope::ProductType { user, product_type }),
        (1..3_i64).prop_map(|group| RuleScope::Group { group }),
    ];
    let channels = vec(select(&Channel::ALL[..]), 0..4);
    (
        scope,
        channels.prop_map(|channels| channels.into_iter().collect()),
        limits(),
    )
}

fn change() -> impl Strategy<Value = Change> {
    let global = |(id, global): (i64, bool)| Group {
        id,
        global_role: global.then_some(Role::Owner),
        ..Group::default()
    };
    let link = (1..3_i64, 1..7_i64).prop_map(|(group, user)| GroupMember { group, user });
    let place = (select(&Channel::ALL[1..]), of(1..7_i64));
    prop_oneof![
        (1..8_i64, of(user())).prop_map(|(id, user)| Change::User(id, user)),
        (1..4_i64, any::<bool>()).prop_map(|(id, there)| Change::Type(id, there)),
        (1..5_i64, of((1..4_i64, any::<bool>()))).prop_map(|(id, of)| Change::Product(id, of)),
        (1..3_i64, of(any::<bool>()))
            .prop_map(move |(id, there)| Change::Group(id, there.map(|role| global((id, role))))),
        (1..7_i64, of(link)).prop_map(|(id, link)| Change::Link(id, link)),
        (1..14_i64, of(membership())).prop_map(|(id, row)| Change::Membership(id, row)),
        (1..18_i64, of(rule())).prop_map(|(id, rule)| Change::Rule(id, rule)),
        (1..8_i64, of(place)).prop_map(|(id, place)| Change::Destination(id, place)),
        (1..8_i64, of((select(&Channel::ALL[1..]), filter())))
            .prop_map(|(id, place)| Change::Filtered(id, place)),
        (1..4_i64, of((any::<bool>(), 0..24_u32))).prop_map(|(id, row)| Change::Timetable(id, row)),
        any::<bool>().prop_map(Change::Mail),
    ]
}

/// Removes the row with this id, and writes another in its place.
fn write<T>(rows: &mut Vec<T>, id: i64, id_of: impl Fn(&T) -> i64, row: Option<T>) {
    rows.retain(|row| id_of(row) != id);
    rows.extend(row);
}

/// Writes a change to what the store holds.
fn store(all: &mut Snapshot, change: Change) {
    match change {
        Change::User(id, user) => {
            let taken = |name: &str| {
                let mut others = all.users.iter().filter(|other| other.id != id);
                others.any(|other| other.username == name)
            };
            // The store lets no two users have one name.
            let user = user.map(|user| User {
                id,
                username: if taken(&user.username) {
                    format!("own{id}")
                } else {
                    user.username
                },
                ..user
            });
            write(&mut all.users, id, |row| row.id, user);
        }
        Change::Type(id, there) => {
            let row = ProductType {
                id,
                ..ProductType::default()
            };
            write(
                &mut all.product_types,
                id,
                |row| row.id,
                there.then_some(row),
            );
            write(
                &mut all.deleted_product_types,
                id,
                |id| *id,
                (!there).then_some(id),
            );
        }
        Change::Product(id, product) => {
            let row = product.map(|(product_type, tagged)| Product {
                id,
                product_type,
                tags: Vec::from_iter(tagged.then(|| "pci".to_owned())),
                ..Product::default()
            });
            let gone = row.is_none().then_some(id);
            write(&mut all.products, id, |row| row.id, row);
            write(&mut all.deleted_products, id, |id| *id, gone);
        }
        Change::Group(id, group) => write(&mut all.groups, id, |row| row.id, group),
        Change::Link(id, row) => {
            let row = row.map(|row| Row { id, row });
            write(&mut all.group_members, id, |row| row.id, row);
        }
        Change::Membership(id, row) => {
            let row = row.map(|row| Row { id, row });
            write(&mut all.memberships, id, |row| row.id, row);
        }
        Change::Rule(id, rule) => {
            let rule = rule.map(|(scope, set, limits)| {
                let mut channels = RuleChannels::NONE;
                for column in Column::ALL {
                    channels.set(column, set);
                }
                Rule {
                    id,
                    scope,
                    channels,
                    limits,
                }
            });
            write(&mut all.rules, id, |row| row.id, rule);
        }
        Change::Destination(id, place) => {
            let row = place.map(|(channel, user)| Destination {
                id,
                channel,
                user,
                switched_off: id % 3 == 0,
            });
            // A destination has a filter or it has none: both are rows of one table.
            write(&mut all.filtered, id, |row| row.destination.id, None);
            write(&mut all.destinations, id, |row| row.id, row);
        }
        Change::Filtered(id, place) => {
            let row = place.map(|(channel, filter)| filtered(id, channel, filter));
            write(&mut all.destinations, id, |row| row.id, None);
            write(&mut all.filtered, id, |row| row.destination.id, row);
        }
        Change::Timetable(id, row) => {
            let row = row.map(|(of_user, hour)| {
                let whose = if of_user {
                    Whose::User(id)
                } else {
                    Whose::Destination(id)
                };
                let row = (whose, daily("UTC", &format!("{hour:02}:00")));
                Row { id, row }
            });
            write(&mut all.timetables, id, |row| row.id, row);
        }
        Change::Mail(on) => {
            all.settings = Settings {
                enable_mail_notifications: on,
                ..all.settings.clone()
            }
        }
    }
}

/// What a poll of the change log says after these changes.
fn delta(all: &Snapshot, changes: &[Change]) -> Delta {
    let mut touched = Touched::default();
    for change in changes {
        match change {
            Change::User(id, _) => touched.users.push(*id),
            Change::Type(id, _) => touched.product_types.push(*id),
            Change::Product(id, _) => touched.products.push(*id),
            Change::Group(id, _) => touched.groups.push(*id),
            Change::Link(id, _) => touched.group_members.push(*id),
            Change::Membership(id, _) => touched.memberships.push(*id),
            Change::Rule(id, _) => touched.rules.push(*id),
            Change::Destination(id, _) | Change::Filtered(id, _) => {
                touched.destinations.push(*id);
            }
            Change::Timetable(id, _) => touched.timetables.push(*id),
            Change::Mail(_) => {}
        }
    }
    let mut now = all.clone();
    now.users.retain(|row| touched.users.contains(&row.id));
    now.product_types
        .retain(|row| touched.product_types.contains(&row.id));
    now.deleted_product_types
        .retain(|id| touched.product_types.contains(id));
    now.products
        .retain(|row| touched.products.contains(&row.id));
    now.deleted_products
        .retain(|id| touched.products.contains(id));
    now.groups.retain(|row| touched.groups.contains(&row.id));
    now.group_members
        .retain(|row| touched.group_members.contains(&row.id));
    now.memberships
        .retain(|row| touched.memberships.contains(&row.id));
    now.rules.retain(|row| touched.rules.contains(&row.id));
    now.destinations
        .retain(|row| touched.destinations.contains(&row.id));
    now.filtered
        .retain(|row| touched.destinations.contains(&row.destination.id));
    now.timetables
        .retain(|row| touched.timetables.contains(&row.id));
    Delta { touched, now }
}

/// All that a directory lets one see, decisions on an event included.
fn seen(directory: &Directory, event: &What) -> String {
    let facts = event.facts();
    let ways = [
        WithoutAccess::Redact,
        WithoutAccess::Full,
        WithoutAccess::Drop,
    ];
    let decisions = ways.map(|without_access| {
        let policy = Policy {
            without_access,
            ..Policy::default()
        };
        decide(directory, &policy, &facts)
    });
    let owners = (0..8).map(|id| (id > 0).then_some(id));
    let destinations: Vec<_> = owners
        .flat_map(|owner| {
            Channel::ALL.map(|channel| directory.destinations(owner, channel).collect::<Vec<_>>())
        })
        .collect();
    let known: Vec<_> = (0..8)
        .map(|id| (directory.product(id), directory.product_type(id)))
        .collect();
    let users: Vec<_> = (0..9)
        .map(|id| {
            (
                directory.user(id),
                directory.user_named(&format!("user{id}")),
            )
        })
        .collect();
    let timetables: Vec<_> = (0..8)
        .flat_map(|id| [Whose::User(id), Whose::Destination(id)])
        .map(|whose| directory.timetable(whose))
        .collect();
    format!(
        "{:?}",
        (
            directory.version(),
            directory.settings(),
            directory.is_behind(&facts),
            decisions,
            (destinations, directory.filtered_destinations()),
            known,
            users,
            timetables
        )
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn changes_applied_one_after_another_give_the_directory_that_is_read_anew(
        mut all in snapshot(),
        steps in vec(vec(change(), 0..6), 0..8),
        events in vec(what(), 1..6),
    ) {
        let mut directory = Directory::new(all.clone());
        for (version, changes) in (1..).zip(steps) {
            let before = directory.clone();
            let unchanged = seen(&before, &events[0]);
            for change in &changes {
                store(&mut all, change.clone());
            }
            all.version = version;
            directory = directory.apply(delta(&all, &changes));
            let anew = Directory::new(all.clone());
            for event in &events {
                prop_assert_eq!(seen(&directory, event), seen(&anew, event));
            }
            prop_assert_eq!(seen(&before, &events[0]), unchanged, "the one before is as it was");
        }
    }
}

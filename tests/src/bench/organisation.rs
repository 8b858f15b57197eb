//! The organisation that events are judged against: 1,000 users, 100 products in ten product
//! types, 20,000 memberships, a personal rule for everyone and 2,000 product rules.
//!
//! | event | who is told | jobs |
//! |---|---|---|
//! | `test_added` | one endpoint of the system's | 1 |
//! | `scan_added` | five mail addresses of the system's | 5 |
//! | `engagement_added` | everybody who may view the product, by alert | 1 |
//! | `sla_breach` about the [`EVERYBODY`] product | 1,000 people and the system, by alert | 3 |
//!
//! Whatever the event, the rules of each of the about 210 viewers of its product are looked at.

use anyhow::Result;
use proto_events::directory::{
    Group, GroupMember, Member, Membership, Product, ProductType, Role, RuleChannels, RuleScope,
    Securable, Settings, User,
};
use proto_events::{Channel, ChannelSet, Column};
use store::{NewRule, NewWebhook, Store};

/// How many users there are.
pub const USERS: i64 = 1000;

/// How many products there are.
pub const PRODUCTS: i64 = 100;

/// How many products a user is a member of.
const MEMBERSHIPS_EACH: i64 = 20;

/// Of these, everyone has rules of their own.
const PRODUCT_RULES_EACH: usize = 2;

/// How many users have a role on every product.
const GLOBAL_ROLES: i64 = 10;

/// How many products are of one type.
const PRODUCTS_A_TYPE: i64 = 10;

/// A product that everybody may view, and its type.
pub const EVERYBODY: i64 = PRODUCTS + 1;

/// Writes the organisation to a database.
///
/// # Errors
/// If the database is away.
pub async fn settle_in(store: &Store) -> Result<()> {
    store.put_product_types(&product_types()).await?;
    store.put_products(&products()).await?;
    store.put_users(&users()).await?;
    let everybody = Group {
        id: EVERYBODY,
        name: "everybody".to_owned(),
        global_role: None,
    };
    store.put_groups(&[everybody]).await?;
    let links: Vec<GroupMember> = (1..=USERS)
        .map(|user| GroupMember {
            group: EVERYBODY,
            user,
        })
        .collect();
    store.put_group_members(&links).await?;
    store.put_memberships(&memberships()).await?;
    store.put_rules(&rules()).await?;
    let addresses: Vec<String> = (1..=5).map(|n| format!("team{n}@bench.example")).collect();
    let settings = Settings {
        enable_mail_notifications: true,
        enable_webhooks_notifications: true,
        mail_notifications_to: addresses.join(","),
        ..Settings::default()
    };
    store.put_settings(&settings).await?;
    let endpoint = NewWebhook {
        name: "bench".to_owned(),
        url: "https://hooks.bench.example/".to_owned(),
        header_name: None,
        header_value: None,
        owner: None,
    };
    store.put_webhook(&endpoint).await?;
    Ok(())
}

/// The type of a product.
#[must_use]
pub const fn type_of(product: i64) -> i64 {
    (product - 1) / PRODUCTS_A_TYPE + 1
}

fn product_types() -> Vec<ProductType> {
    (1..=type_of(EVERYBODY))
        .map(|id| ProductType {
            id,
            name: format!("Product type {id}"),
        })
        .collect()
}

fn products() -> Vec<Product> {
    (1..=EVERYBODY)
        .map(|id| Product {
            id,
            name: format!("Product {id}"),
            product_type: type_of(id),
            tags: vec!["bench".to_owned()],
        })
        .collect()
}

fn users() -> Vec<User> {
    (1..=USERS)
        .map(|id| User {
            id,
            username: format!("user{id:04}"),
            first_name: "Ada".to_owned(),
            last_name: format!("Number {id}"),
            email: format!("user{id:04}@bench.example"),
            active: true,
            global_role: (id <= GLOBAL_ROLES).then_some(Role::Reader),
            ..User::default()
        })
        .collect()
}

/// The products of a user: every fifth, so that each product has 200 members.
fn products_of(user: i64) -> impl Iterator<Item = i64> {
    let step = PRODUCTS / MEMBERSHIPS_EACH;
    (0..MEMBERSHIPS_EACH).map(move |n| (user + n * step) % PRODUCTS + 1)
}

fn memberships() -> Vec<Membership> {
    let of_users = (1..=USERS).flat_map(|user| {
        products_of(user).map(move |product| Membership {
            member: Member::User(user),
            of: Securable::Product(product),
            role: Some(Role::Writer),
        })
    });
    let of_everybody = Membership {
        member: Member::Group(EVERYBODY),
        of: Securable::Product(EVERYBODY),
        role: Some(Role::Reader),
    };
    of_users.chain([of_everybody]).collect()
}

fn rules() -> Vec<NewRule> {
    let mut system = RuleChannels::NONE;
    system.set(Column::TestAdded, only(Channel::Webhooks));
    system.set(Column::ScanAdded, only(Channel::Mail));
    system.set(Column::SlaBreach, ChannelSet::ALERT);
    // DefectDojo's defaults, but for what the system alone hears of.
    let mut own = RuleChannels::default();
    own.set(Column::TestAdded, ChannelSet::EMPTY);
    own.set(Column::ScanAdded, ChannelSet::EMPTY);
    let personal = (1..=USERS).flat_map(move |user| {
        let first_products = products_of(user).take(PRODUCT_RULES_EACH);
        first_products
            .map(move |product| RuleScope::Product { user, product })
            .chain([RuleScope::Personal { user }])
            .map(move |scope| NewRule {
                scope,
                channels: own,
            })
    });
    let of_system = NewRule {
        scope: RuleScope::System,
        channels: system,
    };
    [of_system].into_iter().chain(personal).collect()
}

fn only(channel: Channel) -> ChannelSet {
    ChannelSet::EMPTY.with(channel)
}

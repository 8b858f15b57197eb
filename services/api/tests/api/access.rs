//! Lists show what the rules let a person see, whichever way it is that they see it.

use chrono::Utc;
use proto_events::Event;
use proto_events::directory::{
    Group, GroupMember, Member, Membership, Product, ProductType, Role, Securable, User,
};
use rules::{Answer, Directory, Of, Policy};
use serde_json::json;
use store::Window;
use store::browse::ProductFilter;

use crate::desk::Desk;

const PEOPLE: [&str; 8] = [
    "superuser",
    "global",
    "of-global-group",
    "member",
    "type-member",
    "in-group",
    "in-type-group",
    "outsider",
];

/// Somebody for each way to a product; two types with two products each.
async fn settle_in(desk: &Desk) {
    let store = desk.store();
    let people: Vec<User> = (1..)
        .zip(PEOPLE)
        .map(|(id, name)| User {
            id,
            username: name.to_owned(),
            active: true,
            superuser: name == "superuser",
            global_role: (name == "global").then_some(Role::Reader),
            ..User::default()
        })
        .collect();
    store.put_users(&people).await.unwrap();
    let types = [1, 2].map(|id| ProductType {
        id,
        name: format!("T{id}"),
    });
    store.put_product_types(&types).await.unwrap();
    let products = [(11, 1), (12, 1), (21, 2), (22, 2)].map(|(id, product_type)| Product {
        id,
        name: format!("P{id}"),
        product_type,
        tags: Vec::new(),
    });
    store.put_products(&products).await.unwrap();
    let groups = [(1, Some(Role::Owner)), (2, None), (3, None)].map(|(id, global_role)| Group {
        id,
        name: format!("G{id}"),
        global_role,
    });
    store.put_groups(&groups).await.unwrap();
    let members = [(1, 3), (2, 6), (3, 7)].map(|(group, user)| GroupMember { group, user });
    store.put_group_members(&members).await.unwrap();
    let memberships = [
        (Member::User(4), Securable::Product(11)),
        (Member::User(5), Securable::ProductType(2)),
        (Member::Group(2), Securable::Product(12)),
        (Member::Group(3), Securable::ProductType(1)),
    ];
    let memberships = memberships.map(|(member, of)| Membership {
        member,
        of,
        role: None,
    });
    store.put_memberships(&memberships).await.unwrap();
}

/// Whether the rules would tell somebody of an event about an object.
fn hears(directory: &Directory, name: &str, data: &serde_json::Value) -> bool {
    let event =
        json!({"specversion": "1.0", "id": "1", "source": "test", "type": "other", "data": data});
    let event = Event::parse(event.to_string().as_bytes()).unwrap();
    let of = Of::User(name);
    let answer = Answer::new(directory, &Policy::default(), &event, of, Utc::now()).unwrap();
    !answer.receivers[0].channels.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_in_lists_what_the_rules_would_tell_them_about() {
    let desk = Desk::empty().await;
    settle_in(&desk).await;
    let store = desk.store();
    let directory = Directory::new(store.load_directory().await.unwrap());
    let window = Window {
        limit: 100,
        offset: 0,
    };
    for (id, name) in (1..).zip(PEOPLE) {
        let filter = ProductFilter {
            person: id,
            ..ProductFilter::default()
        };
        let seen = store.products_page(&filter, window).await.unwrap().rows;
        let seen: Vec<i64> = seen.iter().map(|product| product.id).collect();
        let types = store
            .product_types_page(&filter, window)
            .await
            .unwrap()
            .rows;
        let types: Vec<i64> = types.iter().map(|it| it.id).collect();
        let expected = [11, 12, 21, 22].into_iter().filter(|product| {
            let data = json!({"title": "T", "product": {"id": product, "name": "P"}});
            hears(&directory, name, &data)
        });
        assert_eq!(seen, expected.collect::<Vec<i64>>(), "{name}");
        let expected = [1, 2].into_iter().filter(|it| {
            let data = json!({"title": "T", "product_type": {"id": it, "name": "T"}});
            hears(&directory, name, &data)
        });
        assert_eq!(types, expected.collect::<Vec<i64>>(), "{name}");
    }
}

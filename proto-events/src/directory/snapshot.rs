//! The directory as it is read from the store: whole, or what changed of it.

use super::{
    Destination, FilteredDestination, Group, GroupMember, Membership, Product, ProductType, Rule,
    Settings, Timetable, User, Whose,
};
use crate::job::DestinationId;

/// A row that has no id in DefectDojo's world, with the id that it has in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// Id of the row.
    pub id: i64,
    /// What it says.
    pub row: T,
}

impl<T> Row<T> {
    /// Rows that are in no store, numbered from 1.
    #[must_use]
    pub fn number(rows: impl IntoIterator<Item = T>) -> Vec<Self> {
        let numbered = (1..).zip(rows);
        numbered.map(|(id, row)| Self { id, row }).collect()
    }
}

/// Everything a decision depends on, as read from the store in one snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Every transaction with a lower number is in this snapshot; some with a higher one are.
    pub version: i64,
    /// Users, inactive ones too.
    pub users: Vec<User>,
    /// Product types.
    pub product_types: Vec<ProductType>,
    /// Products.
    pub products: Vec<Product>,
    /// Ids of deleted product types: known to be gone, so nothing waits for them.
    pub deleted_product_types: Vec<i64>,
    /// Ids of deleted products.
    pub deleted_products: Vec<i64>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Who is in which group.
    pub group_members: Vec<Row<GroupMember>>,
    /// Memberships of products and product types.
    pub memberships: Vec<Row<Membership>>,
    /// Rules of every scope.
    pub rules: Vec<Rule>,
    /// System Settings.
    pub settings: Settings,
    /// Destinations of every channel but alerts that rules are for.
    pub destinations: Vec<Destination>,
    /// Destinations that have a filter instead.
    pub filtered: Vec<FilteredDestination>,
    /// Who does not want to hear of everything at once.
    pub timetables: Vec<Row<(Whose, Timetable)>>,
}

/// What changed between two snapshots: the rows that were written or deleted, and what they
/// say now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// The rows that may say something else than before.
    pub touched: Touched,
    /// Those of them that are there, and the settings.
    pub now: Snapshot,
}

/// Ids of rows, by table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Users.
    pub users: Vec<i64>,
    /// Product types, deleted ones too.
    pub product_types: Vec<i64>,
    /// Products, deleted ones too.
    pub products: Vec<i64>,
    /// Groups.
    pub groups: Vec<i64>,
    /// Who is in which group.
    pub group_members: Vec<i64>,
    /// Memberships.
    pub memberships: Vec<i64>,
    /// Rules.
    pub rules: Vec<i64>,
    /// Destinations.
    pub destinations: Vec<DestinationId>,
    /// Timetables.
    pub timetables: Vec<i64>,
}

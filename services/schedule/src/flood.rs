//! The guard against floods: of many findings at once there are combined notices with counts,
//! and none about each.

use std::collections::BTreeMap;

use proto_events::Severity;
use store::scheduling::sla::SlaCount;

use crate::sla::{Breach, LISTED};

/// Up to which number findings have a notice each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one product.
    pub per_product: u64,
    /// In one run.
    pub per_run: u64,
}

/// A product with findings to tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: i64,
    /// Its findings, by how they stand.
    pub groups: Vec<Group>,
    /// They are too many for notices of their own.
    pub is_flood: bool,
}

/// Findings of a product that stand alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How they stand.
    pub kind: Breach,
    /// How many of each severity.
    pub severities: BTreeMap<Severity, u64>,
}

impl Product {
    /// How many findings there are to tell of.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.groups.iter().map(Group::total).sum()
    }

    /// How many findings of its longest group are read.
    #[must_use]
    pub fn longest_list(&self) -> u64 {
        self.lists().max().unwrap_or_default()
    }

    /// How many findings of each group are read.
    fn lists(&self) -> impl Iterator<Item = u64> {
        let most = if self.is_flood {
            LISTED as u64
        } else {
            u64::MAX
        };
        self.groups.iter().map(move |group| group.total().min(most))
    }
}

impl Group {
    /// How many findings there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.severities.values().sum()
    }

    /// E.g. `3 Critical, 120 High`.
    #[must_use]
    pub fn by_severity(&self) -> String {
        let worst_first = self.severities.iter().rev();
        let parts: Vec<String> = worst_first
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        parts.join(", ")
    }
}

/// Sorts counts into products, in their order, and finds the floods. Also gives how many
/// findings have a severity that is not known.
#[must_use]
pub fn products(counts: &[SlaCount], limits: Limits) -> (Vec<Product>, u64) {
    let mut products = Vec::new();
    let mut unknown = 0;
    for counts in counts.chunk_by(|one, next| one.product == next.product) {
        let mut groups: BTreeMap<Breach, BTreeMap<Severity, u64>> = BTreeMap::new();
        for count in counts {
            let number = count.count.unsigned_abs();
            match count.severity.parse() {
                Ok(severity) => {
                    let group = groups.entry(Breach::of(count.days)).or_default();
                    *group.entry(severity).or_default() += number;
                }
                Err(_) => unknown += number,
            }
        }
        let groups = groups.into_iter();
        products.extend(counts.first().map(|count| {
            Product {
                id: count.product,
                groups: groups
                    .map(|(kind, severities)| Group { kind, severities })
                    .collect(),
                is_flood: true,
            }
        }));
    }
    spare_the_smallest(&mut products, limits);
    (products, unknown)
}

/// The products with the fewest findings are no floods, until the run's limit is reached.
fn spare_the_smallest(products: &mut [Product], limits: Limits) {
    let mut smallest_first: Vec<&mut Product> = products.iter_mut().collect();
    smallest_first.sort_by_key(|product| (product.total(), product.id));
    let mut sum = 0;
    for product in smallest_first {
        sum += product.total();
        product.is_flood = product.total() > limits.per_product || sum > limits.per_run;
    }
}

/// Cuts products into portions that are read at once, each of no more findings than `most`
/// unless one product has more.
#[must_use]
pub fn portions(products: &[Product], most: u64) -> Vec<&[Product]> {
    let mut portions = Vec::new();
    let (mut begin, mut sum) = (0, 0);
    for (place, product) in products.iter().enumerate() {
        let own: u64 = product.lists().sum();
        if sum > 0 && sum + own > most {
            portions.push(&products[begin..place]);
            (begin, sum) = (place, 0);
        }
        sum += own;
    }
    if begin < products.len() {
        portions.push(&products[begin..]);
    }
    portions
}

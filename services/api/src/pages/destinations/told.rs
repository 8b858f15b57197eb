//! A filter in words.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use proto_events::Column;
use proto_events::directory::Filter;

use crate::app::App;
use crate::pages::outcome::plain;
use crate::refusal::Refusal;

/// What products and product types are called.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    products: BTreeMap<i64, String>,
    product_types: BTreeMap<i64, String>,
}

impl Names {
    /// The names that filters need.
    pub(super) async fn of<'f>(
        app: &App,
        filters: impl Iterator<Item = &'f Filter>,
    ) -> Result<Self, Refusal> {
        let (mut products, mut product_types) = (BTreeSet::new(), BTreeSet::new());
        for filter in filters {
            products.extend(&filter.products);
            product_types.extend(&filter.product_types);
        }
        let products: Vec<i64> = products.into_iter().collect();
        let product_types: Vec<i64> = product_types.into_iter().collect();
        Ok(Self {
            products: app.store.product_names(&products).await?,
            product_types: app.store.product_type_names(&product_types).await?,
        })
    }

    /// A product's name; of one that is not known any more, its id.
    pub(super) fn product(&self, id: i64) -> String {
        named(&self.products, id)
    }

    /// A product type's name; of one that is not known any more, its id.
    pub(super) fn product_type(&self, id: i64) -> String {
        named(&self.product_types, id)
    }
}

fn named(names: &BTreeMap<i64, String>, id: i64) -> String {
    names
        .get(&id)
        .map_or_else(|| format!("#{id}"), |name| plain(name))
}

/// What a filter lets through.
pub(super) fn words(filter: &Filter, names: &Names) -> Markup {
    let list = |words: Vec<String>| words.join(", ");
    // Not as the ledger reads it: an event that follows a column is not all that the column is for.
    let column = |event: &String| event.parse::<Column>().ok();
    let events = filter.events.iter().map(|event| {
        column(event).map_or_else(|| plain(event), |column| column.label().to_owned())
    });
    let products = filter.products.iter().map(|id| names.product(*id));
    let types = filter
        .product_types
        .iter()
        .map(|id| names.product_type(*id));
    let tags = filter.tags.iter().map(|tag| plain(tag));
    let conditions = [
        ("Events", list(events.collect())),
        ("Products", list(products.collect())),
        ("Product types", list(types.collect())),
        ("Tags", list(tags.collect())),
        (
            "Findings",
            filter
                .minimum_severity
                .map_or_else(String::new, |severity| {
                    format!("{severity} or worse, and events without findings")
                }),
        ),
    ];
    html! {
        @if *filter == Filter::default() { "It hears everything that names no recipients." }
        @else {
            @for (label, words) in conditions.iter().filter(|(_, words)| !words.is_empty()) {
                span.condition { span.soft { (label) ": " } (words) }
            }
        }
    }
}

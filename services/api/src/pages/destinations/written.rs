//! What stands in the form of a destination, and the fields of the resource that it means.

use proto_events::Column;
use proto_events::directory::Filter;
use serde_json::{Value, json};
use store::Window;
use store::browse::ProductFilter;

use crate::app::App;
use crate::pages::form::{Form, Kind};
use crate::refusal::{Errors, Refusal};
use crate::rest::content::Fields;
use crate::rest::destinations::Destination;

/// How many products or types are added at a time: each is looked up.
const AT_A_TIME: usize = 100;

/// What stands in the form.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) channel: String,
    pub(super) address: String,
    /// Rule columns that are ticked.
    pub(super) columns: Vec<String>,
    /// Names of other events, a line each.
    pub(super) other_events: String,
    /// Ids that are ticked.
    pub(super) products: Vec<i64>,
    /// Names or ids of further ones, a line each.
    pub(super) more_products: String,
    /// Ids that are ticked.
    pub(super) product_types: Vec<i64>,
    /// Names or ids of further ones, a line each.
    pub(super) more_product_types: String,
    /// A line each.
    pub(super) tags: String,
    pub(super) minimum_severity: String,
}

impl Written {
    /// What is stored.
    pub(super) fn stored(it: &Destination) -> Self {
        let filter = it.filter.clone().unwrap_or_default();
        let events = filter.events.into_iter();
        let (columns, others): (Vec<_>, Vec<_>) = events.partition(|event| is_column(event));
        let severity = filter.minimum_severity;
        Self {
            name: it.name.clone().unwrap_or_default(),
            channel: it.channel.as_str().to_owned(),
            address: it.address.clone().unwrap_or_default(),
            columns,
            other_events: others.join("\n"),
            products: filter.products,
            product_types: filter.product_types,
            tags: filter.tags.join("\n"),
            minimum_severity: severity.map_or_else(String::new, |it| it.to_string()),
            ..Self::default()
        }
    }

    /// What was sent, without the secret.
    pub(super) fn sent(form: &Form) -> Self {
        let text = |name| form.text(name).to_owned();
        let ids = |name| form.all(name).filter_map(|id| id.parse().ok()).collect();
        Self {
            name: text("name"),
            channel: text("channel"),
            address: text("address"),
            columns: form.all("events").map(str::to_owned).collect(),
            other_events: text("other_events"),
            products: ids("products"),
            more_products: text("more_products"),
            product_types: ids("product_types"),
            more_product_types: text("more_product_types"),
            tags: text("tags"),
            minimum_severity: text("minimum_severity"),
        }
    }

    /// What is ticked as a filter, for the names that the form needs.
    pub(super) fn ticked(&self) -> Filter {
        Filter {
            products: self.products.clone(),
            product_types: self.product_types.clone(),
            ..Filter::default()
        }
    }
}

fn is_column(event: &str) -> bool {
    event.parse::<Column>().is_ok()
}

/// The fields of the resource that a form means; `person` wrote it.
pub(super) async fn fields(app: &App, person: i64, form: &Form) -> Result<Fields, Refusal> {
    let written = Written::sent(form);
    let mut errors = Errors::default();
    let mut products = written.products;
    for word in words(&written.more_products, "more_products", &mut errors) {
        match product(app, person, word).await? {
            Some(id) if !products.contains(&id) => products.push(id),
            Some(_) => {}
            None => errors.add("more_products", format!("No product is called “{word}”.")),
        }
    }
    let mut types = written.product_types;
    for word in words(
        &written.more_product_types,
        "more_product_types",
        &mut errors,
    ) {
        match product_type(app, person, word).await? {
            Some(id) if !types.contains(&id) => types.push(id),
            Some(_) => {}
            None => errors.add(
                "more_product_types",
                format!("No product type is called “{word}”."),
            ),
        }
    }
    errors.none()?;
    let mut events = written.columns;
    events.extend(lines(&written.other_events).map(str::to_owned));
    let severity = Some(written.minimum_severity).filter(|severity| !severity.is_empty());
    let mut fields = form.fields(&[("msteams_url", Kind::Secret)]);
    let filter = json!({
        "events": events, "products": products, "product_types": types,
        "tags": lines(&written.tags).collect::<Vec<_>>(), "minimum_severity": severity,
    });
    fields.0.insert("filter".to_owned(), filter);
    for name in ["name", "channel", "address"] {
        if form.has(name) {
            let text = form.text(name).trim().to_owned();
            fields.0.insert(name.to_owned(), Value::String(text));
        }
    }
    Ok(fields)
}

/// What stands on the lines of a text.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// [`lines`], unless there are too many to look each up.
fn words<'t>(text: &'t str, field: &str, errors: &mut Errors) -> Vec<&'t str> {
    let words: Vec<&str> = lines(text).collect();
    if words.len() > AT_A_TIME {
        errors.add(field, format!("Add at most {AT_A_TIME} at a time."));
        return Vec::new();
    }
    words
}

/// The product of a name, or else of an id.
async fn product(app: &App, person: i64, word: &str) -> Result<Option<i64>, Refusal> {
    for filter in meant(person, word) {
        let page = app.store.products_page(&filter, Window::ONE).await?;
        if let Some(found) = page.first() {
            return Ok(Some(found.id));
        }
    }
    Ok(None)
}

/// The product type of a name, or else of an id.
async fn product_type(app: &App, person: i64, word: &str) -> Result<Option<i64>, Refusal> {
    for filter in meant(person, word) {
        let page = app.store.product_types_page(&filter, Window::ONE).await?;
        if let Some(found) = page.first() {
            return Ok(Some(found.id));
        }
    }
    Ok(None)
}

/// What a word may mean, the likelier first.
fn meant(person: i64, word: &str) -> Vec<ProductFilter> {
    let all = ProductFilter {
        person,
        ..ProductFilter::default()
    };
    let by_name = ProductFilter {
        name: Some(word.to_owned()),
        ..all.clone()
    };
    let id = word.strip_prefix('#').unwrap_or(word).parse().ok();
    let by_id = id.map(|id| ProductFilter {
        id: Some(id),
        ..all
    });
    [Some(by_name), by_id].into_iter().flatten().collect()
}

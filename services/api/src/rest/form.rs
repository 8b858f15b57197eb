//! From what a client writes to what is written: its fields, laid over those that hold without
//! them. For a new object these are the defaults, for PUT too, and for PATCH what is there.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::refusal::{Errors, Refusal};

/// Lays fields over a form. As in DefectDojo, what is no field and what can only be read is
/// passed over.
///
/// # Errors
/// Every field that cannot be used, with what is wrong with it.
pub(crate) fn overlay<T: Serialize + DeserializeOwned>(
    base: &T,
    mut fields: Map<String, Value>,
    read_only: &[&str],
) -> Result<T, Refusal> {
    let base = serde_json::to_value(base).map_err(|error| Refusal::Broken(error.into()))?;
    let Value::Object(base) = base else {
        return Err(Refusal::Broken(anyhow::anyhow!("a form is no object")));
    };
    fields.retain(|name, _| base.contains_key(name) && !read_only.contains(&name.as_str()));
    let mut whole = base.clone();
    whole.extend(fields.clone());
    serde_json::from_value(Value::Object(whole)).map_err(|error| {
        let mut errors = Errors::default();
        for (name, value) in fields {
            let mut alone = base.clone();
            alone.insert(name.clone(), value);
            if let Err(problem) = serde_json::from_value::<T>(Value::Object(alone)) {
                errors.add(&name, problem.to_string());
            }
        }
        match errors.none() {
            Err(refusal) => refusal,
            // Each may stand alone, and not all together.
            Ok(()) => Refusal::general(error.to_string()),
        }
    })
}

/// Complains of a text that is longer than DefectDojo allows.
pub(crate) fn at_most(errors: &mut Errors, field: &str, text: &str, limit: usize) {
    if text.chars().count() > limit {
        errors.add(
            field,
            format!("Ensure this field has no more than {limit} characters."),
        );
    }
}

//! The JSON Schema of a change: one case for each kind and action.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{DirectoryChange, Kind, VERSION};
use crate::directory::{Group, GroupMember, Membership, ProductType, User};
use crate::upstream::{Engagement, Finding, ProductFacts, RiskAcceptance, Test};

impl JsonSchema for DirectoryChange {
    fn schema_name() -> Cow<'static, str> {
        "DirectoryChange".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let cases: Vec<Value> = Kind::ALL
            .into_iter()
            .flat_map(|kind| {
                [
                    case(kind, "upsert", &object(kind, generator).into()),
                    case(kind, "delete", &key(kind, generator)),
                ]
            })
            .collect();
        json_schema!({
            "type": "object",
            "description": "One change of one object of the directory. The newest counts, by `at`.",
            "required": ["kind", "action", "at", "object"],
            "properties": {
                "version": { "type": "integer", "minimum": 1, "maximum": VERSION, "default": VERSION,
                    "description": "Major version of this format." },
                "kind": { "description": "What kind of object it is about; the routing key." },
                "action": { "description": "upsert: `object` is all of it. delete: `object` names it." },
                "at": { "type": "string", "format": "date-time",
                    "description": "When the object changed: RFC 3339, with microseconds." },
                "object": { "description": "The object, or what names it." }
            },
            "oneOf": cases
        })
    }
}

fn case(kind: Kind, action: &str, object: &Value) -> Value {
    json!({ "properties": {
        "kind": { "const": kind }, "action": { "const": action }, "object": object
    }})
}

fn object(kind: Kind, generator: &mut SchemaGenerator) -> Schema {
    match kind {
        Kind::User => generator.subschema_for::<User>(),
        Kind::ProductType => generator.subschema_for::<ProductType>(),
        Kind::Product => generator.subschema_for::<ProductFacts>(),
        Kind::Group => generator.subschema_for::<Group>(),
        Kind::GroupMember => generator.subschema_for::<GroupMember>(),
        Kind::Membership => generator.subschema_for::<Membership>(),
        Kind::Engagement => generator.subschema_for::<Engagement>(),
        Kind::Test => generator.subschema_for::<Test>(),
        Kind::Finding => generator.subschema_for::<Finding>(),
        Kind::RiskAcceptance => generator.subschema_for::<RiskAcceptance>(),
    }
}

fn key(kind: Kind, generator: &mut SchemaGenerator) -> Value {
    match kind {
        // Their keys are all they consist of, but for the role, which is optional.
        Kind::GroupMember | Kind::Membership => object(kind, generator).into(),
        _ => json!({ "type": "object", "required": ["id"], "properties": {
            "id": { "type": "integer", "format": "int64", "minimum": 1 } } }),
    }
}

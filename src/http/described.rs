//! The API's description as it is given out. In: what utoipa makes of the routes. Out: the same with what it gets wrong
//! set right, and with what the guard asks for.

use utoipa::openapi::schema::{AdditionalProperties, AllOf, ArrayItems, Object, Schema};
use utoipa::openapi::{OpenApi, RefOr};

use super::secured;

/// Finishes a description.
pub fn finish(api: &mut OpenApi) {
    secured::describe(api);
    for schema in api.components.iter_mut().flat_map(|components| components.schemas.values_mut()) {
        settle(schema);
    }
}

/// Sets a schema right, innermost first.
fn settle(schema: &mut RefOr<Schema>) {
    if let RefOr::T(inside) = schema {
        match inside {
            Schema::Object(object) => {
                object.properties.values_mut().for_each(settle);
                if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut()
                {
                    settle(values);
                }
            }
            Schema::Array(array) => {
                if let ArrayItems::RefOrSchema(items) = &mut array.items {
                    settle(items);
                }
            }
            Schema::OneOf(of) => of.items.iter_mut().for_each(settle),
            Schema::AllOf(of) => of.items.iter_mut().for_each(settle),
            Schema::AnyOf(of) => of.items.iter_mut().for_each(settle),
            _ => {}
        }
    }
    unite(schema);
}

/// A field's description that utoipa puts beside what the field is, as an object of its own that nothing but an object
/// could fit, becomes the description of what the field is.
fn unite(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::AllOf(AllOf { items, .. })) = schema else { return };
    let [is, RefOr::T(Schema::Object(words))] = items.as_slice() else { return };
    let mut rest = words.clone();
    rest.description = None;
    if rest != Object::default() {
        return;
    }
    let (mut is, words) = (is.clone(), words.description.clone());
    match &mut is {
        RefOr::Ref(to) => to.description = words.unwrap_or_default(),
        RefOr::T(Schema::Object(object)) => object.description = words,
        RefOr::T(Schema::Array(array)) => array.description = words,
        RefOr::T(Schema::OneOf(of)) => of.description = words,
        RefOr::T(Schema::AllOf(of)) => of.description = words,
        RefOr::T(Schema::AnyOf(of)) => of.description = words,
        RefOr::T(_) => {}
    }
    *schema = is;
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_field_asks_for_an_object_that_is_a_number_or_a_text() {
        let text = super::super::description().expect("a description");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let odd = |pair: &[&str]| pair[0] == "- type: object" && pair[1].starts_with("description:");
        assert!(!lines.windows(2).any(odd));
    }
}

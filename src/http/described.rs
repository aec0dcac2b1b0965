//! The API's description as it is given out. In: what utoipa makes of the routes. Out: the same with what it gets wrong
//! set right, and with what the guard asks for.

use utoipa::openapi::schema::{AllOf, Object, Schema};
use utoipa::openapi::{OpenApi, RefOr};

use super::secured;

/// Finishes a description.
pub fn finish(api: &mut OpenApi) {
    secured::describe(api);
    for schema in api.components.iter_mut().flat_map(|components| components.schemas.values_mut()) {
        if let RefOr::T(Schema::Object(object)) = schema {
            object.properties.values_mut().for_each(unite);
        }
    }
}

/// A field's description that utoipa puts beside the field's alternatives as an object of its own, which nothing but an
/// object could fit, becomes the alternatives' description.
fn unite(property: &mut RefOr<Schema>) {
    let RefOr::T(Schema::AllOf(AllOf { items, .. })) = property else { return };
    let [RefOr::T(Schema::OneOf(alternatives)), RefOr::T(Schema::Object(words))] = items.as_slice() else {
        return;
    };
    let mut rest = words.clone();
    rest.description = None;
    if rest == Object::default() {
        let mut alternatives = alternatives.clone();
        alternatives.description.clone_from(&words.description);
        *property = RefOr::T(Schema::OneOf(alternatives));
    }
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

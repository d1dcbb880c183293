/*! Objects put together and taken apart. */

use super::{Json, Map};

/// An object of these fields, in this order.
pub fn object(fields: Vec<(&str, Json)>) -> Json {
    Json::Object(map(fields))
}

/// As [`object`], to be added to.
pub fn map(fields: Vec<(&str, Json)>) -> Map {
    let fields = fields.into_iter();
    fields.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A list of texts.
pub fn texts(texts: &[String]) -> Json {
    texts.iter().map(String::as_str).collect()
}

/// A text that may be missing.
pub fn maybe(text: Option<&str>) -> Json {
    text.map_or(Json::Null, Into::into)
}

/// A field that is a text.
pub fn text<'a>(object: &'a Json, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

/// A field that is a text, for keeps.
pub fn owned(object: &Json, key: &str) -> Option<String> {
    text(object, key).map(str::to_owned)
}

/// The items of a field that is a list; none if it is not there.
pub fn items<'a>(object: &'a Json, key: &str) -> &'a [Json] {
    let list = object.get(key).and_then(Json::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// The texts in a field that is a list.
pub fn text_items(object: &Json, key: &str) -> Vec<String> {
    let texts = items(object, key).iter().filter_map(Json::as_str);
    texts.map(str::to_owned).collect()
}

/*!
JSON: values, as ubus and the files of the run have them, read and written.

serde_json does the same in 40,000 bytes of machine code more (docs/size.md), most of it for doubles and for an index
of the keys, which objects as small as ours do without.
*/

mod build;
mod read;
mod write;

pub use build::{items, map, maybe, object, owned, text, text_items, texts};
pub use read::{Error, read};

pub use crate::number::Number;

#[derive(Debug, Clone, Default, PartialEq)]
pub enum Json {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Json>),
    Object(Map),
}

/// An object: its fields in their order, each name once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Map(Vec<(String, Json)>);

impl Json {
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(yes) => Some(*yes),
            _ => None,
        }
    }

    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Json::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&Vec<Json>> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Json::Object(map) => Some(map),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// A field, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        match self {
            Json::Object(map) => map.get_mut(key),
            _ => None,
        }
    }

    /// The value; null is left in its place.
    pub fn take(&mut self) -> Json {
        std::mem::take(self)
    }
}

impl Map {
    pub fn new() -> Map {
        Map::default()
    }

    pub fn get(&self, key: &str) -> Option<&Json> {
        self.iter()
            .find(|(name, _)| name.as_str() == key)
            .map(|(_, v)| v)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        let field = self.0.iter_mut().find(|(name, _)| *name == key);
        field.map(|(_, value)| value)
    }

    /// A name that is there already keeps its place and takes the new value.
    pub fn insert(&mut self, key: String, value: Json) {
        match self.get_mut(&key) {
            Some(place) => *place = value,
            None => self.0.push((key, value)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.iter())
    }

    pub fn values(&self) -> impl Iterator<Item = &Json> {
        self.0.iter().map(|(_, value)| value)
    }
}

/// The fields of an object in their order.
pub struct Iter<'a>(std::slice::Iter<'a, (String, Json)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a String, &'a Json);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name, value))
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a String, &'a Json);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl FromIterator<(String, Json)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(fields: I) -> Map {
        let mut map = Map::new();
        for (name, value) in fields {
            map.insert(name, value);
        }
        map
    }
}

impl From<bool> for Json {
    fn from(yes: bool) -> Json {
        Json::Bool(yes)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::String(text)
    }
}

impl From<Map> for Json {
    fn from(map: Map) -> Json {
        Json::Object(map)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Json {
        items.into_iter().collect()
    }
}

impl From<Number> for Json {
    fn from(number: Number) -> Json {
        Json::Number(number)
    }
}

impl From<f64> for Json {
    fn from(number: f64) -> Json {
        match number.is_finite() {
            true => Json::Number(Number::Double(number)),
            // JSON has no infinity and no NaN.
            false => Json::Null,
        }
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

macro_rules! from_integer {
    ($($integer:ty)*) => { $(
        impl From<$integer> for Json {
            fn from(number: $integer) -> Json {
                Json::Number(Number::Int(number as i128))
            }
        }
    )* };
}

from_integer!(u8 u16 u32 u64 usize i16 i32 i64);

impl<T: Into<Json>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Json {
        Json::Array(items.into_iter().map(Into::into).collect())
    }
}

impl PartialEq<str> for Json {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == Some(text)
    }
}

impl PartialEq<&str> for Json {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == Some(*text)
    }
}

/// `value["key"]`, null where there is none.
#[cfg(test)]
impl std::ops::Index<&str> for Json {
    type Output = Json;

    fn index(&self, key: &str) -> &Json {
        self.get(key).unwrap_or(&Json::Null)
    }
}

/// serde_json's `json!`, for tests.
#[cfg(test)]
macro_rules! json {
    ($($value:tt)+) => { $crate::json::Json::from(serde_json::json!($($value)+)) };
}
#[cfg(test)]
pub(crate) use json;

#[cfg(test)]
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Json {
        use serde_json::Value;
        match value {
            Value::Null => Json::Null,
            Value::Bool(yes) => yes.into(),
            Value::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(n), _) => n.into(),
                (None, Some(n)) => n.into(),
                _ => n.as_f64().into(),
            },
            Value::String(text) => text.into(),
            Value::Array(items) => items.into_iter().map(Json::from).collect(),
            Value::Object(map) => {
                let fields = map.into_iter().map(|(name, value)| (name, value.into()));
                Json::Object(fields.collect())
            }
        }
    }
}

/*!
blobmsg and JSON, converted as OpenWrt's scripts see them (ucode's `blob_to_ucv()` and
`ucv_to_blob()`): order kept, a name that comes twice keeps its place and takes the last value.
*/

use crate::json::{Json, Map, Number};

use super::{Table, Value};

impl From<&Table> for Json {
    fn from(table: &Table) -> Json {
        // ucode leaves out what has no name.
        let named = table.iter().filter(|(name, _)| !name.is_empty());
        Json::Object(
            named
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
        )
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Array(items) => Json::Array(items.iter().map(Json::from).collect()),
            Value::Table(table) => table.into(),
            Value::String(s) => Json::String(s.clone()),
            Value::Int64(n) => (*n).into(),
            Value::Int32(n) => (*n).into(),
            Value::Int16(n) => (*n).into(),
            Value::Bool(b) => (*b).into(),
            Value::Double(f) => (*f).into(),
        }
    }
}

impl From<&Map> for Table {
    fn from(map: &Map) -> Table {
        let mut table = Table::new();
        for (name, value) in map.iter() {
            table.push(name, value);
        }
        table
    }
}

impl From<&Json> for Value {
    fn from(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(n) => number(*n),
            Json::String(s) => Value::String(s.clone()),
            Json::Array(items) => Value::Array(items.iter().map(Value::from).collect()),
            Json::Object(map) => Value::Table(map.into()),
        }
    }
}

/// Integers take the smaller of 32 and 64 bits that holds them; above 64 bits signed they wrap, as the
/// wire knows no unsigned type.
fn number(n: Number) -> Value {
    match n {
        Number::Int(n) => i32::try_from(n).map_or(Value::Int64(n as i64), Value::Int32),
        Number::Double(f) => Value::Double(f),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn json_survives_the_bus_with_its_order() {
        let json = json!({"z": 1, "a": [null, true, -5, 5_000_000_000_i64, 1.5, "s", {}, []], "m": {"y": 1, "x": 2}});
        let table = Table::from(json.as_object().unwrap());
        assert_eq!(Json::from(&table).to_string(), json.to_string());
        assert_eq!(table.get("z"), Some(&Value::Int32(1)));
        assert_eq!(Value::from(&json!(u64::MAX)), Value::Int64(-1));
    }

    #[test]
    fn the_last_of_equal_names_wins_in_the_place_of_the_first() {
        let table = Table::new()
            .with("a", 1)
            .with("", 5)
            .with("b", 2)
            .with("a", Value::Double(f64::NAN));
        assert_eq!(Json::from(&table).to_string(), r#"{"a":null,"b":2}"#);
    }
}

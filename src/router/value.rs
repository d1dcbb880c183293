/*!
JSON values where fw4 expected something else: what ucode makes of them.

netifd and procd pass on whatever a protocol handler or an init script put into `data`; fw4 uses it
untyped, so a name may turn out to be a number.
*/

use crate::json::Json;

/// `value.key`, null where there is none.
pub(super) fn member<'a>(value: &'a Json, key: &str) -> &'a Json {
    value.get(key).unwrap_or(&Json::Null)
}

/// `a ?? b`
pub(super) fn or_else<'a>(a: &'a Json, b: &'a Json) -> &'a Json {
    if a.is_null() { b } else { a }
}

/// Everything is true but null, false, 0 and "".
pub(super) fn truthy(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(b) => *b,
        Json::Number(n) => n.as_f64() != 0.0,
        Json::String(s) => !s.is_empty(),
        Json::Array(_) | Json::Object(_) => true,
    }
}

/// What `${value}` prints.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        Json::Number(n) => n.to_string(),
        _ => nested(value),
    }
}

/// A value inside an array or object is printed as JSON.
fn nested(value: &Json) -> String {
    match value {
        Json::Array(items) if items.is_empty() => "[ ]".to_owned(),
        Json::Array(items) => format!(
            "[ {} ]",
            items.iter().map(nested).collect::<Vec<_>>().join(", ")
        ),
        Json::Object(map) if map.is_empty() => "{ }".to_owned(),
        Json::Object(map) => {
            let pairs: Vec<String> = map
                .iter()
                .map(|(k, v)| format!("{}: {}", quoted(k), nested(v)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Json::String(s) => quoted(s),
        Json::Number(n) => n.json(),
        Json::Null | Json::Bool(_) => value.to_string(),
    }
}

fn quoted(s: &str) -> String {
    Json::from(s).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn values_print_as_ucode_prints_them() {
        for (value, printed) in [
            (json!(null), "null"),
            (json!(true), "true"),
            (json!(-5), "-5"),
            (json!(5.0), "5"),
            (json!(5.5), "5.5"),
            (json!(1e15), "1e+15"),
            (json!(1e-5), "1e-05"),
            (json!(0.0001), "0.0001"),
            (json!(123456789012345.5), "1.2345678901235e+14"),
            (json!([]), "[ ]"),
            (json!({}), "{ }"),
            (
                json!([1, "a", null, true, 2.0, [3], {"a": 1}]),
                r#"[ 1, "a", null, true, 2.0, [ 3 ], { "a": 1 } ]"#,
            ),
            (json!("plain"), "plain"),
        ] {
            assert_eq!(text(&value), printed);
        }
    }
}

/*!
A section before its options mean anything: from the UCI file, or from ubus, in one shape.

ubus hands over JSON, so an option may be a number or a boolean where the file has text; fw4 passes such
values to the same functions, and what ucode makes of them there is kept ([`Scalar`]).
*/

use crate::json::Json;

use super::sections::SectionInfo;
use super::ucode;
use crate::diagnostic::{Origin, Span};
use crate::ruleset::Number;
use crate::uci;

/// One section with its options in order.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    pub origin: Origin,
    /// What stays of it when it has been read.
    pub info: SectionInfo,
    pub options: Vec<RawOption<'a>>,
}

#[derive(Debug)]
pub(super) struct RawOption<'a> {
    pub name: &'a str,
    pub value: RawValue<'a>,
}

#[derive(Debug)]
pub(super) enum RawValue<'a> {
    Null,
    One(Item<'a>),
    Many(Vec<Item<'a>>),
}

/// One value, and where it stands in the file.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub value: Scalar<'a>,
    pub span: Option<&'a Span>,
}

#[derive(Debug, Clone)]
pub(super) enum Scalar<'a> {
    Text(&'a str),
    Bool(bool),
    /// A number, and ucode's `"" + number`.
    Number(Box<(Number, String)>),
    /// An array or object where one value belongs, as ucode turns it into a string.
    Json(String),
    Null,
}

impl<'a> Raw<'a> {
    /// How fw4's messages begin.
    pub fn label(&self) -> String {
        self.info.label()
    }

    pub fn option(&self, name: &str) -> Option<&RawValue<'a>> {
        self.options
            .iter()
            .find(|o| o.name == name)
            .map(|o| &o.value)
    }
}

/// What fw4 calls `data.name`: the value of that option as text, if ucode takes it for true.
pub(super) fn name(options: &[RawOption<'_>]) -> Option<Box<str>> {
    match &options.iter().find(|o| o.name == "name")?.value {
        RawValue::One(item) => item.value.is_truthy().then(|| item.value.text().into()),
        RawValue::Many(items) => Some(list_text(items).into()),
        RawValue::Null => None,
    }
}

impl<'a> RawValue<'a> {
    pub fn from_uci(value: &'a uci::Value) -> Self {
        match value {
            uci::Value::String(s) => RawValue::One(Item::from_uci(s)),
            uci::Value::List(items) => RawValue::Many(items.iter().map(Item::from_uci).collect()),
        }
    }

    pub fn from_json(value: &'a Json) -> Self {
        match value {
            Json::Null => RawValue::Null,
            Json::Array(items) => RawValue::Many(items.iter().map(Item::from_json).collect()),
            other => RawValue::One(Item::from_json(other)),
        }
    }
}

impl<'a> Item<'a> {
    fn from_uci(value: &'a uci::Spanned) -> Self {
        Item {
            value: Scalar::Text(&value.text),
            span: value.span.as_ref(),
        }
    }

    fn from_json(value: &'a Json) -> Self {
        let value = match value {
            Json::Null => Scalar::Null,
            Json::Bool(b) => Scalar::Bool(*b),
            Json::String(s) => Scalar::Text(s),
            Json::Number(n) => (*n).into(),
            other => Scalar::Json(json_text(other)),
        };
        Item { value, span: None }
    }
}

impl From<Number> for Scalar<'_> {
    fn from(number: Number) -> Self {
        Scalar::Number(Box::new((number, number.to_string())))
    }
}

impl Scalar<'_> {
    /// ucode's `"" + value`
    pub fn text(&self) -> &str {
        match self {
            Scalar::Text(text) => text,
            Scalar::Bool(true) => "true",
            Scalar::Bool(false) => "false",
            Scalar::Number(number) => &number.1,
            Scalar::Json(text) => text,
            Scalar::Null => "null",
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Scalar::Null)
    }

    /// ucode's truth: zero, false and nothing are not.
    pub fn is_truthy(&self) -> bool {
        match self {
            Scalar::Text(text) => !text.is_empty(),
            Scalar::Bool(on) => *on,
            Scalar::Number(n) => n.0.as_f64() != 0.0,
            Scalar::Json(_) => true,
            Scalar::Null => false,
        }
    }

    /// ucode's `+value`
    pub fn number(&self) -> Option<Number> {
        match self {
            Scalar::Text(s) => ucode::number(s),
            Scalar::Bool(b) => Some(Number::Int((*b).into())),
            Scalar::Number(n) => Some(n.0),
            Scalar::Null => Some(Number::Int(0)),
            Scalar::Json(_) => None,
        }
    }

    /// The text of a value that is text to begin with.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Scalar::Text(s) => Some(s),
            _ => None,
        }
    }
}

/// How ucode prints an array: `[ "a", 5 ]`.
pub(super) fn list_text(items: &[Item<'_>]) -> String {
    let parts: Vec<String> = items
        .iter()
        .map(|item| match &item.value {
            Scalar::Text(s) => Json::String(s.to_string()).to_string(),
            Scalar::Number(n) => n.0.json(),
            other => other.text().to_owned(),
        })
        .collect();
    bracketed('[', &parts, ']')
}

fn json_text(value: &Json) -> String {
    match value {
        Json::Array(items) => bracketed('[', &items.iter().map(json_text).collect::<Vec<_>>(), ']'),
        Json::Object(map) => {
            let fields: Vec<String> = map
                .iter()
                .map(|(k, v)| format!("{}: {}", Json::from(k.as_str()), json_text(v)))
                .collect();
            bracketed('{', &fields, '}')
        }
        other => other.to_string(),
    }
}

fn bracketed(open: char, parts: &[String], close: char) -> String {
    match parts.is_empty() {
        true => format!("{open} {close}"),
        false => format!("{open} {} {close}", parts.join(", ")),
    }
}

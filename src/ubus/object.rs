/*!
Objects that we publish: their names, methods and the types of the methods' parameters.
*/

use super::{Table, Value};

/// What a parameter may be: `enum blobmsg_type` (blobmsg.h), which `ubus -v list` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Any = 0,
    Array = 1,
    Table = 2,
    String = 3,
    /// Any integer.
    Int64 = 4,
    Int32 = 5,
    Int16 = 6,
    Bool = 7,
    /// Any number.
    Double = 8,
}

impl Type {
    /// May the value be passed here? JSON writers send the smallest integer type that fits.
    pub fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Type::Any, _)
            | (Type::Array, Value::Array(_))
            | (Type::Table, Value::Table(_))
            | (Type::String, Value::String(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Double, Value::Double(_)) => true,
            (Type::Double | Type::Int64, _) => value.as_i64().is_some(),
            (Type::Int32, _) => value.as_i64().is_some_and(|n| i32::try_from(n).is_ok()),
            (Type::Int16, _) => value.as_i64().is_some_and(|n| i16::try_from(n).is_ok()),
            _ => false,
        }
    }
}

/// A method with its named parameters, none of which a caller must give.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    pub name: String,
    pub parameters: Vec<(String, Type)>,
}

impl Method {
    pub fn new(name: &str) -> Method {
        Method {
            name: name.to_owned(),
            parameters: Vec::new(),
        }
    }

    #[must_use]
    pub fn takes(mut self, parameter: &str, kind: Type) -> Method {
        self.parameters.push((parameter.to_owned(), kind));
        self
    }

    /// Are all parameters given of the right type? What the signature does not name is let through: rpcd
    /// adds `ubus_rpc_session` to what LuCI calls.
    pub(super) fn accepts(&self, arguments: &Table) -> bool {
        self.parameters
            .iter()
            .all(|(name, kind)| match arguments.get(name) {
                None | Some(Value::Null) => true,
                Some(value) => kind.accepts(value),
            })
    }
}

/// An object to publish.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its path on the bus, `firewall`.
    pub name: String,
    pub methods: Vec<Method>,
}

impl Object {
    pub fn new(name: &str) -> Object {
        Object {
            name: name.to_owned(),
            methods: Vec::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, method: Method) -> Object {
        self.methods.push(method);
        self
    }

    /// `UBUS_ATTR_SIGNATURE`: a table per method that gives each parameter's type.
    pub(super) fn signature(&self) -> Table {
        let mut signature = Table::new();
        for method in &self.methods {
            let mut types = Table::new();
            for (name, kind) in &method.parameters {
                types.push(name, *kind as i32);
            }
            signature.push(&method.name, types);
        }
        signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_where_they_can_be_held() {
        assert!(Type::Int64.accepts(&Value::Int32(5)));
        assert!(Type::Int32.accepts(&Value::Int64(5)));
        assert!(!Type::Int32.accepts(&Value::Int64(1 << 40)));
        assert!(Type::Double.accepts(&Value::Int32(1)));
        assert!(!Type::Int32.accepts(&Value::String("5".to_owned())));
        assert!(!Type::Bool.accepts(&Value::Int32(1)));
    }

    #[test]
    fn unknown_arguments_are_let_through_and_wrong_types_are_not() {
        let method = Method::new("try").takes("seconds", Type::Int32);
        assert!(method.accepts(&Table::new().with("ubus_rpc_session", "00")));
        assert!(method.accepts(&Table::new().with("seconds", Value::Null)));
        assert!(!method.accepts(&Table::new().with("seconds", "ten")));
    }
}

/*! The object `firewall`: its methods and their parameters. */

use crate::ubus::{Method, Object, Type};

pub const NAME: &str = "firewall";

pub fn object() -> Object {
    let plain = [
        "status", "restart", "reload", "start", "stop", "check", "offload", "zones", "confirm",
        "revert",
    ];
    let object = plain.iter().fold(Object::new(NAME), |object, name| {
        object.with(Method::new(name))
    });
    object
        .with(Method::new("try").takes("timeout", Type::Int32))
        .with(
            Method::new("print")
                .takes("offset", Type::Int32)
                .takes("length", Type::Int32),
        )
}

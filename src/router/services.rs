/*!
procd's services: firewall rules from `ubus call service get_data '{"type":"firewall"}'`.

A service attaches them to itself or to one of its instances (`procd_add_data` in an init script).
*/

use crate::json::Json;

use super::netifd::named_rule;
use super::value::{member, text};

/// Rules in fw4's order: per service its own, then those of its instances. The second list says what
/// could not be understood.
pub(super) fn rules(data: &Json) -> (Vec<Json>, Vec<String>) {
    let mut found = (Vec::new(), Vec::new());
    for (name, service) in data.as_object().into_iter().flatten() {
        add(&mut found, member(service, "firewall"), name);
        match service {
            Json::Object(instances) => {
                for (instance, data) in instances {
                    add(
                        &mut found,
                        member(data, "firewall"),
                        &format!("{name}[{instance}]"),
                    );
                }
            }
            Json::Array(instances) => {
                for (i, data) in instances.iter().enumerate() {
                    add(
                        &mut found,
                        member(data, "firewall"),
                        &format!("{name}[{i}]"),
                    );
                }
            }
            _ => {}
        }
    }
    found
}

fn add((rules, unreadable): &mut (Vec<Json>, Vec<String>), list: &Json, owner: &str) {
    for (n, rule) in list.as_array().into_iter().flatten().enumerate() {
        match named_rule(rule, owner, n) {
            Some(rule) => rules.push(Json::Object(rule)),
            None => unreadable.push(format!(
                "service '{owner}' has a firewall rule '{}'",
                text(rule)
            )),
        }
    }
}

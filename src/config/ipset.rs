use super::value::{Family, Number, SetType};
use crate::diagnostic::Origin;
use crate::ruleset::{Dir, Element, KeyType};

/// `config ipset`
#[derive(Debug, Clone, PartialEq)]
pub struct Ipset {
    pub origin: Origin,
    pub name: String,
    pub comment: Option<String>,
    pub family: Family,
    /// What each field matches, and on which side of the packet unless a rule says otherwise.
    pub types: Vec<SetType>,
    pub directions: Vec<Dir>,
    pub key: Vec<KeyType>,
    pub interval: bool,
    pub maxelem: Option<Number>,
    pub timeout: Number,
    pub counters: bool,
    pub reload_set: Option<bool>,
    /// Parsed `list entry`.
    pub entries: Vec<Element>,
    /// A file of further entries, as configured; read when the set is compiled.
    pub loadfile: Option<String>,
}

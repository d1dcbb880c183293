use super::{Match, Origin, Statement};

/// One rule: all matches hold, then the statements are carried out in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub matches: Vec<Match>,
    pub statements: Vec<Statement>,
    /// With its `!fw4: `; LuCI strips that.
    pub comment: Option<String>,
    pub origin: Origin,
}

use std::hash::{Hash, Hasher};

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

/// Which section asked for it is no part of what it does.
impl Hash for Rule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Rule {
            matches,
            statements,
            comment,
            origin: _,
        } = self;
        (matches, statements, comment).hash(state);
    }
}

use crate::diagnostic::{Origin, Span};

/// Where each part of the configuration comes from; an [`Origin`] is a number in this, counted
/// from 1 because [`Origin::ROUTER`] is 0.
#[derive(Debug, Default)]
pub struct Sections(Vec<SectionInfo>);

/// A section as fw4 names it in its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionInfo {
    /// `zone`, `rule`, ...
    pub kind: String,
    /// `@rule[3]`, or the name if it has one; `None` for what came over ubus.
    pub id: Option<String>,
    /// Its `option name`, if any.
    pub name: Option<String>,
    /// The `config` line.
    pub span: Option<Span>,
}

impl Sections {
    pub fn push(&mut self, info: SectionInfo) -> Origin {
        self.0.push(info);
        Origin(self.0.len() as u32)
    }

    /// The origin that the next section will have.
    pub(super) fn next_origin(&self) -> Origin {
        Origin(self.0.len() as u32 + 1)
    }

    /// All of them, with their origins.
    pub fn iter(&self) -> impl Iterator<Item = (Origin, &SectionInfo)> {
        (1..).map(Origin).zip(&self.0)
    }

    pub fn get(&self, origin: Origin) -> Option<&SectionInfo> {
        self.0.get((origin.0 as usize).checked_sub(1)?)
    }
}

impl SectionInfo {
    /// How fw4 begins its messages: `Section @rule[3] (Allow-Ping)`, `ubus rule (ubus:wan[dhcp] rule 0)`.
    pub fn label(&self) -> String {
        let head = match &self.id {
            Some(id) => format!("Section {id}"),
            None => format!("ubus {}", self.kind),
        };
        match &self.name {
            Some(name) => format!("{head} ({name})"),
            None => head,
        }
    }
}

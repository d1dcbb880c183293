use crate::diagnostic::{Origin, Span};

/// Where each part of the configuration comes from; an [`Origin`] is a number in this, counted
/// from 1 because [`Origin::ROUTER`] is 0.
#[derive(Debug, Default)]
pub struct Sections(Vec<SectionInfo>);

/// A section as fw4 names it in its messages. There is one for each section of the file, so it is kept small.
#[derive(Debug, Clone, PartialEq)]
pub struct SectionInfo {
    /// `zone`, `rule`, ...
    pub kind: &'static str,
    /// `None` for what came over ubus.
    pub id: Option<Id>,
    /// Its `option name`, if any.
    pub name: Option<Box<str>>,
    /// The `config` line.
    pub span: Option<Span>,
}

/// What a section is called, beside its `option name`.
#[derive(Debug, Clone, PartialEq)]
pub enum Id {
    /// So many of its kind are before it in the file: `@rule[3]`.
    Place(u32),
    Name(Box<str>),
}

impl Sections {
    /// Nothing yet, with room for so many.
    pub(super) fn with_capacity(sections: usize) -> Self {
        Sections(Vec::with_capacity(sections))
    }

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
    /// `@rule[3]`, or the name of the section; `None` for what came over ubus.
    pub fn id(&self) -> Option<String> {
        Some(match self.id.as_ref()? {
            Id::Place(place) => format!("@{}[{place}]", self.kind),
            Id::Name(name) => name.to_string(),
        })
    }

    /// How fw4 begins its messages: `Section @rule[3] (Allow-Ping)`, `ubus rule (ubus:wan[dhcp] rule 0)`.
    pub fn label(&self) -> String {
        let head = match self.id() {
            Some(id) => format!("Section {id}"),
            None => format!("ubus {}", self.kind),
        };
        match &self.name {
            Some(name) => format!("{head} ({name})"),
            None => head,
        }
    }
}

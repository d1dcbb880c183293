use super::{Kind, Subject};
use crate::diagnostic::{Diagnostic, Origin, Span};

/// Something found, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub kind: Kind,
    pub origin: Origin,
    /// The option it is about; empty for the whole section.
    pub option: &'static str,
    /// The value it is about.
    pub value: String,
    /// Where; the option or the section if it is not said.
    pub span: Option<Span>,
    /// The section it is held against.
    pub other: Option<Origin>,
    /// What was probably meant.
    pub meant: String,
}

impl Finding {
    pub(super) fn new(kind: Kind, origin: Origin, option: &'static str, value: &str) -> Self {
        Finding {
            kind,
            origin,
            option,
            value: value.to_owned(),
            span: None,
            other: None,
            meant: String::new(),
        }
    }

    pub(super) fn against(mut self, other: Origin) -> Self {
        self.other = Some(other);
        self
    }

    pub(super) fn meant(mut self, meant: &str) -> Self {
        meant.clone_into(&mut self.meant);
        self
    }

    /// In words, with its place.
    pub(super) fn diagnostic(self, subject: &Subject<'_>) -> Diagnostic {
        let words = self.kind.words();
        let section = subject.firewall.sections.get(self.origin);
        let mut message = section.map_or_else(String::new, |s| s.label() + " ");
        self.fill(words.what, subject, &mut message);
        let mut hint = String::new();
        if !self.meant.is_empty() || !words.right.contains("%m") {
            self.fill(words.right, subject, &mut hint);
        }
        let mut d = Diagnostic::warning(self.origin, message);
        d.severity = words.severity;
        d.code = words.code;
        d.span = self
            .span
            .or_else(|| subject.span(self.origin, self.option, &self.value));
        if !self.option.is_empty() {
            d.option = Some(self.option.to_owned());
            d.value = subject.value(self.origin, self.option, self.value);
        }
        d.hint = Some(hint).filter(|h| !h.is_empty());
        d.silent_in_fw4 = true;
        d
    }

    fn fill(&self, words: &str, subject: &Subject<'_>, out: &mut String) {
        let mut pieces = words.split('%');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            match piece.as_bytes().first() {
                Some(b'v') => out.push_str(&self.value),
                Some(b'm') => out.push_str(&self.meant),
                _ => out.push_str(&self.other_label(subject)),
            }
            out.push_str(piece.get(1..).unwrap_or_default());
        }
    }

    /// `@rule[3] (Allow-Ping, line 12)`
    fn other_label(&self, subject: &Subject<'_>) -> String {
        let section = self.other.and_then(|o| subject.firewall.sections.get(o));
        let Some(section) = section else {
            return String::new();
        };
        let mut label = section.id().unwrap_or_else(|| section.kind.to_owned());
        let name = section.name.as_deref().map(str::to_owned);
        let line = section
            .span
            .as_ref()
            .map(|span| format!("line {}", span.line));
        let known: Vec<String> = name.into_iter().chain(line).collect();
        if !known.is_empty() {
            label.push_str(&format!(" ({})", known.join(", ")));
        }
        label
    }
}

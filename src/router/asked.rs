/*!
What was asked of the router while a ruleset was made, and what it answered, in short.

A ruleset is made of answers. If each question would be answered as before, the ruleset would be the same, and neither
parsing nor compiling is needed to know that. So whoever answers notes it here: [`super::Root`] notes by itself when it
is a [`super::Router`]'s, and the stages have no other. Which question was asked is an answer's consequence too: as long as all
answers are the same, no other question comes.
*/

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hasher};

use crate::json::Json;
use crate::sorted::Sorted;

/// What a question is about. Whoever adds a kind says how to ask it again (`apply::unchanged`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The content of a file.
    File = b'f' as isize,
    /// Is there something at this path?
    Exists = b'x' as isize,
    /// Is it a folder?
    Folder = b'd' as isize,
    /// Is there a name, be it of a symlink to nowhere?
    Entry = b'e' as isize,
    /// Where does a symlink lead?
    Link = b'l' as isize,
    /// What is in a folder?
    Names = b'n' as isize,
    /// netifd's interfaces and the rules of services: what is made of their answers, which tell of seconds as well.
    Bus = b'b' as isize,
    /// netifd's type of a device.
    DeviceType = b't' as isize,
    /// Would the kernel take a hardware flowtable on these devices, one a line?
    Hardware = b'h' as isize,
    /// Another configuration of UCI.
    Package = b'p' as isize,
    /// Who answers: this program, and how it is told to reach the kernel.
    Program = b'v' as isize,
}

impl Kind {
    pub const ALL: [Kind; 11] = [
        Kind::File,
        Kind::Exists,
        Kind::Folder,
        Kind::Entry,
        Kind::Link,
        Kind::Names,
        Kind::Bus,
        Kind::DeviceType,
        Kind::Hardware,
        Kind::Package,
        Kind::Program,
    ];
}

/// All questions so far, each once.
#[derive(Debug, Default)]
pub struct Asked {
    answers: RefCell<Sorted<String, u64>>,
    /// One question got two answers.
    torn: Cell<bool>,
}

/// A number that stands for an answer of many bytes. One of a few is noted as it is. Not a quick hash: files of others are among
/// them, and nobody shall easily make two with one number.
pub fn short(answer: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(answer);
    hasher.finish()
}

impl Asked {
    pub fn note(&self, kind: Kind, about: &str, answer: u64) {
        let mut question = String::with_capacity(about.len() + 1);
        question.push(kind as u8 as char);
        question.push_str(about);
        let mut answers = self.answers.borrow_mut();
        match answers.get(&question) {
            Some(before) => self.torn.set(self.torn.get() || *before != answer),
            None => answers.insert(question, answer),
        }
    }

    /// For the record of a load. Null if the router changed while it was asked.
    pub fn json(&self) -> Json {
        if self.torn.get() {
            return Json::Null;
        }
        let answers = self.answers.borrow();
        let pair = |(question, answer): &(String, u64)| {
            [Json::from(question.as_str()), Json::from(*answer)]
        };
        answers.iter().flat_map(pair).collect()
    }

    /// Would all that was noted be answered the same? Stops at the first that would not. What is answered here is not
    /// asked again.
    pub fn is_still(&self, noted: &Json, mut ask: impl FnMut(Kind, &str, &Asked)) -> bool {
        let answers = self.answers.borrow();
        let same = |pair: &[Json]| {
            let [question, answer] = pair else {
                return None;
            };
            let (question, answer) = (question.as_str()?, answer.as_u64()?);
            if let Some(now) = answers.get(question) {
                return (*now == answer).then_some(());
            }
            let letter = question.bytes().next()?;
            let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == letter)?;
            let now = Asked::default();
            ask(kind, question.get(1..)?, &now);
            let now = now.answers.borrow();
            (now.get(question) == Some(&answer)).then_some(())
        };
        let pairs = noted.as_array().map_or(&[][..], Vec::as_slice);
        !pairs.is_empty() && pairs.chunks(2).map(same).all(|same| same.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_with_another_answer_is_seen_and_so_is_a_record_that_was_cut() {
        let asked = Asked::default();
        asked.note(Kind::File, "/a\n\"b", 1);
        asked.note(Kind::Names, "", u64::MAX);
        let noted = asked.json();
        let answering = |file: u64| {
            move |kind, about: &str, now: &Asked| {
                now.note(
                    kind,
                    about,
                    if kind == Kind::File { file } else { u64::MAX },
                );
            }
        };
        let written: Json = crate::json::read(&noted.to_string()).expect("JSON");
        let nothing = Asked::default();
        assert!(nothing.is_still(&written, answering(1)));
        assert!(!nothing.is_still(&written, answering(2)));
        assert!(!nothing.is_still(&written, |_, _, _| {}));
        // What is known already counts, and is not asked.
        for file in [1, 2] {
            let known = Asked::default();
            known.note(Kind::File, "/a\n\"b", file);
            assert_eq!(known.is_still(&written, answering(3)), file == 1);
        }
        let Json::Array(mut items) = written else {
            panic!("a list")
        };
        while items.pop().is_some() {
            let even = items.len().is_multiple_of(2) && !items.is_empty();
            assert_eq!(
                nothing.is_still(&Json::Array(items.clone()), answering(1)),
                even
            );
        }
        assert!(!nothing.is_still(&Json::Null, answering(1)));
        assert!(!nothing.is_still(&Json::from(vec!["?", "1"]), answering(1)));
    }

    #[test]
    fn what_was_answered_in_two_ways_is_not_kept() {
        let asked = Asked::default();
        asked.note(Kind::File, "a", 1);
        asked.note(Kind::File, "a", 1);
        assert!(!asked.json().is_null());
        asked.note(Kind::File, "a", 2);
        assert!(asked.json().is_null());
    }
}

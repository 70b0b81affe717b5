//! What was typed into a form, kept as typed, and what is wrong with it. Pure.
//!
//! Both are by field, named as on the wire, so that a problem the core has with a field finds its place. A choice is
//! its word, several are words with spaces between, a switch that is on is "yes".

use jiff::civil::Date;
use romp_domain::pairing::PairingLink;
use romp_domain::{InvalidReason, Problem};

use crate::text;

/// The word of a switch that is on.
const ON: &str = "yes";

/// What was typed, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed(Vec<(String, String)>);

impl Typed {
    /// What a field has; nothing was typed into a field that is not here.
    pub(crate) fn get(&self, field: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == field);
        found.map_or("", |(_, value)| value)
    }

    /// Puts something in a field.
    pub(crate) fn set(&mut self, field: &str, value: String) {
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some((_, old)) => *old = value,
            None => self.0.push((field.to_owned(), value)),
        }
    }

    /// Puts in what a person typed or pasted. A whole line of a code and an address fills both fields.
    pub(crate) fn enter(&mut self, field: &str, value: String) {
        let link = if field == "code" {
            PairingLink::read(&value)
        } else {
            None
        };
        match link {
            Some(link) => {
                self.set("server", link.server);
                self.set(field, link.code);
            }
            None => self.set(field, value),
        }
    }

    /// The same, for filling a form.
    #[must_use]
    pub(crate) fn with(mut self, field: &str, value: impl ToString) -> Self {
        self.set(field, value.to_string());
        self
    }

    /// The same, for a value that may be absent.
    #[must_use]
    pub(crate) fn with_some(self, field: &str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }

    /// The same, for several words.
    #[must_use]
    pub(crate) fn with_words(self, field: &str, words: impl Iterator<Item = &'static str>) -> Self {
        words.fold(self, |mut typed, word| {
            typed.toggle(field, word);
            typed
        })
    }

    /// The same, for a switch.
    #[must_use]
    pub(crate) fn with_switch(self, field: &str, on: bool) -> Self {
        self.with(field, if on { ON } else { "" })
    }

    /// Turns a switch.
    pub(crate) fn switch(&mut self, field: &str, on: bool) {
        self.set(field, if on { ON.to_owned() } else { String::new() });
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, field: &str) -> bool {
        self.get(field) == ON
    }

    /// The words of a field.
    pub(crate) fn words<'a>(&'a self, field: &str) -> impl Iterator<Item = &'a str> {
        self.get(field).split(' ').filter(|word| !word.is_empty())
    }

    /// Puts a word in or takes it out.
    pub(crate) fn toggle(&mut self, field: &str, word: &str) {
        let had = self.words(field).any(|old| old == word);
        let mut words: Vec<&str> = self.words(field).filter(|old| *old != word).collect();
        if !had {
            words.push(word);
        }
        self.set(field, words.join(" "));
    }
}

/// What is wrong, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Errors(Vec<(String, String)>);

impl Errors {
    /// What is wrong with a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == field);
        found.map(|(_, sentence)| sentence.as_str())
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes that a field broke a rule.
    pub(crate) fn note(&mut self, field: &str, reason: &InvalidReason) {
        self.0.push((field.to_owned(), text::rule(reason)));
    }

    /// Keeps a value, or notes why there is none.
    pub(crate) fn keep<T>(&mut self, field: &str, value: Result<T, InvalidReason>) -> Option<T> {
        value.map_err(|reason| self.note(field, &reason)).ok()
    }

    /// The same for a field that may be left empty.
    pub(crate) fn keep_filled<T>(
        &mut self,
        field: &str,
        typed: &Typed,
        parse: impl FnOnce(&str) -> Result<T, InvalidReason>,
    ) -> Option<T> {
        let typed = typed.get(field).trim();
        if typed.is_empty() {
            return None;
        }
        self.keep(field, parse(typed))
    }

    /// A problem that the core had with a field, beside that field. Without a field it is returned.
    pub(crate) fn take(&mut self, problem: Problem) -> Option<Problem> {
        match problem.field {
            Some(field) => {
                let message = text::sentence_of(&Problem {
                    field: None,
                    ..problem
                });
                self.0.push((field, message));
                None
            }
            None => Some(problem),
        }
    }
}

/// A day as date fields give it: `2026-12-05`.
pub(crate) fn day(typed: &str) -> Result<Date, InvalidReason> {
    let unreadable = || InvalidReason::Unreadable("a day looks like 2026-12-05".to_owned());
    let mut parts = typed.trim().splitn(3, '-');
    let mut part = || parts.next().filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
    let year = part().and_then(|p| p.parse().ok());
    let month = part().and_then(|p| p.parse().ok());
    let day = part().and_then(|p| p.parse().ok());
    match (year, month, day) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).map_err(|_| unreadable()),
        _ => Err(unreadable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_in_and_out() {
        let mut typed = Typed::default();
        typed.toggle("venues", "walk");
        typed.toggle("venues", "yard");
        assert_eq!(typed.words("venues").collect::<Vec<_>>(), ["walk", "yard"]);
        typed.toggle("venues", "walk");
        assert_eq!(typed.get("venues"), "yard");
        typed.toggle("venues", "yard");
        assert_eq!(typed.words("venues").count(), 0);
    }

    #[test]
    fn row_77_a_pasted_line_fills_the_form_and_any_other_is_only_text() {
        let mut typed = Typed::default();
        typed.enter(
            "code",
            "romp:pair?code=ABCD2345&server=https://romp.example".to_owned(),
        );
        assert_eq!(
            (typed.get("code"), typed.get("server")),
            ("ABCD2345", "https://romp.example")
        );
        for wrong in [
            "https://evil.example",
            "romp:pair?code=ABCD2345&server=javascript:alert(1)",
        ] {
            typed.enter("code", wrong.to_owned());
            assert_eq!(
                (typed.get("code"), typed.get("server")),
                (wrong, "https://romp.example")
            );
        }
        let line = "romp:pair?code=ABCD2345&server=https://evil.example";
        typed.enter("name", line.to_owned());
        assert_eq!(typed.get("server"), "https://romp.example", "in no other field");
    }

    #[test]
    fn a_day_is_read_as_date_fields_give_it_and_nothing_else_is() {
        assert_eq!(day(" 2026-12-05 "), Ok(jiff::civil::date(2026, 12, 5)));
        for bad in [
            "",
            "soon",
            "2026-12",
            "2026-13-01",
            "2026-02-30",
            "2026-+1-05",
            "5.12.2026",
            "2026-12-05-1",
        ] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }
}

//! Reads values out of parsed TOML and goes on after a mistake, so that one run reports all of them.
//!
//! The values are walked by hand: deserialising into structs would stop at the first wrong type or unknown field.

use crate::errors::{DefinitionErrors, Position, Problem};
use std::ops::Range;
use toml::{
    de::{DeTable, DeValue},
    Spanned,
};

/// A value with its place in the text.
pub(crate) type Value<'d> = Spanned<DeValue<'d>>;

/// Collects problems while a definition is read.
pub(crate) struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl<'t> Reader<'t> {
    /// Starts with no problems.
    pub fn new(text: &'t str) -> Self {
        Self { text, problems: Vec::new() }
    }

    /// Parses the text. With syntax errors there is nothing worth reading: they are reported, one for each line.
    pub fn parse(&mut self) -> Option<Spanned<DeTable<'t>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        let mut last_line = 0;
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let line = self.line(&span);
            // What follows in the same line is nearly always the same mistake seen again.
            if line != last_line {
                self.report(&span, format!("this is not valid TOML: {}", error.message()));
            }
            last_line = line;
        }
        errors.is_empty().then_some(table)
    }

    /// Notes a problem.
    pub fn report(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let position = Some(Position::of(self.text, span.start));
        self.problems.push(Problem { position, message: message.into() });
    }

    /// Line of a span.
    pub fn line(&self, span: &Range<usize>) -> usize {
        Position::of(self.text, span.start).line
    }

    /// The result, unless there were problems.
    pub fn finish<T>(mut self, source_name: &str, result: Option<T>) -> Result<T, DefinitionErrors> {
        self.problems.sort_by_key(|problem| problem.position);
        match result {
            Some(result) if self.problems.is_empty() => Ok(result),
            _ if self.problems.is_empty() => {
                Err(DefinitionErrors::general(source_name, "the definition is incomplete"))
            },
            _ => Err(DefinitionErrors { source_name: source_name.to_owned(), problems: self.problems }),
        }
    }

    /// Opens a table of which these fields are known; any other field in it is reported.
    pub fn section<'d>(
        &mut self,
        name: &'static str,
        table: &'d DeTable<'d>,
        span: Range<usize>,
        known: &[&str],
    ) -> Section<'d> {
        for (key, _) in table.iter() {
            let field = key.get_ref().as_ref();
            if !known.contains(&field) {
                let known = known.join(", ");
                self.report(
                    &key.span(),
                    format!("{name} has no field `{field}`; remove it or correct its name ({known})"),
                );
            }
        }
        Section { name, table, span }
    }

    /// A table that must be there.
    pub fn required_section<'d>(
        &mut self,
        parent: &Section<'d>,
        field: &str,
        name: &'static str,
        known: &[&str],
    ) -> Option<Section<'d>> {
        let value = parent.optional(field);
        let Some(value) = value else {
            self.report(&parent.span, format!("the section {name} is missing; add it"));
            return None;
        };
        self.table(value, field, name, known)
    }

    /// A table that may be there.
    pub fn optional_section<'d>(
        &mut self,
        parent: &Section<'d>,
        field: &str,
        name: &'static str,
        known: &[&str],
    ) -> Option<Section<'d>> {
        parent.optional(field).and_then(|value| self.table(value, field, name, known))
    }

    fn table<'d>(
        &mut self,
        value: &'d Value<'d>,
        field: &str,
        name: &'static str,
        known: &[&str],
    ) -> Option<Section<'d>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(self.section(name, table, value.span(), known)),
            _ => {
                self.report(&value.span(), format!("`{field}` must be a section; write {name} on a line of its own"));
                None
            },
        }
    }

    /// Tables that may be there any number of times.
    pub fn sections<'d>(
        &mut self,
        parent: &Section<'d>,
        field: &str,
        name: &'static str,
        known: &[&str],
    ) -> Vec<Section<'d>> {
        let Some(value) = parent.optional(field) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.report(&value.span(), format!("`{field}` must be a list of sections; write {name} with two brackets"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => sections.push(self.section(name, table, item.span(), known)),
                _ => self.report(&item.span(), format!("this must be a section; write {name} on a line of its own")),
            }
        }
        sections
    }

    /// A field that must be there.
    pub fn required<'d>(&mut self, section: &Section<'d>, field: &str) -> Option<&'d Value<'d>> {
        let value = section.optional(field);
        if value.is_none() {
            self.report(&section.span, format!("{} lacks the field `{field}`; add it", section.name));
        }
        value
    }

    /// A text.
    pub fn string<'d>(&mut self, value: &'d Value<'d>) -> Option<&'d str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.report(&value.span(), "this must be a text in quotation marks");
        }
        text
    }

    /// A text of so many bytes that is not all blank.
    pub fn name<'d>(&mut self, value: &'d Value<'d>, longest: usize) -> Option<&'d str> {
        let name = self.string(value)?;
        if name.trim().is_empty() {
            self.report(&value.span(), "this name is empty; write one");
        } else if name.chars().any(char::is_control) {
            self.report(&value.span(), "this name has a control character; remove it");
        } else if name.len() > longest {
            let is = name.len();
            self.report(&value.span(), format!("this name has {is} bytes; shorten it to {longest} (in UTF-8)"));
        } else {
            return Some(name);
        }
        None
    }

    /// A whole number in a range.
    pub fn integer(&mut self, value: &Value<'_>, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str().trim_start_matches('+'), number.radix()).ok())
            .filter(|number| range.contains(number));
        if number.is_none() {
            let (low, high) = range.into_inner();
            self.report(&value.span(), format!("this must be a whole number from {low} to {high}"));
        }
        number
    }

    /// A whole number of 32 bits, not below `low`.
    pub fn integer32(&mut self, value: &Value<'_>, low: u32) -> Option<u32> {
        self.integer(value, low.into()..=u32::MAX.into()).and_then(|number| number.try_into().ok())
    }

    /// A whole number of either sign, at most `most` away from zero.
    pub fn offset(&mut self, value: &Value<'_>, most: i16) -> Option<i16> {
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| i16::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| number.unsigned_abs() <= most.unsigned_abs());
        if number.is_none() {
            self.report(&value.span(), format!("this must be a whole number from -{most} to {most}"));
        }
        number
    }

    /// The elements of a list.
    pub fn list<'d>(&mut self, value: &'d Value<'d>) -> Option<&'d [Value<'d>]> {
        match value.get_ref() {
            DeValue::Array(items) => Some(items),
            _ => {
                self.report(&value.span(), "this must be a list in brackets, [..]");
                None
            },
        }
    }
}

/// A table of the definition.
pub(crate) struct Section<'d> {
    /// As written in the file, with brackets.
    pub name: &'static str,
    /// Where it begins.
    pub span: Range<usize>,
    table: &'d DeTable<'d>,
}

impl<'d> Section<'d> {
    /// A field that may be there.
    pub fn optional(&self, field: &str) -> Option<&'d Value<'d>> {
        self.table.iter().find(|(key, _)| key.get_ref().as_ref() == field).map(|(_, value)| value)
    }
}

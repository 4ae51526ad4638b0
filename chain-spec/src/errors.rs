//! What is wrong with a network definition, and where.

use std::fmt;

/// A place in a definition file. Both numbers count from one; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Character in that line.
    pub column: usize,
}

impl Position {
    /// The place of a byte of the text; past its end, the place behind the last character.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let before: String = text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, c)| c).collect();
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.chars().rev().take_while(|c| *c != '\n').count().saturating_add(1);
        Self { line, column }
    }
}

/// One thing to put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is; `None` when it is no place in the file, for instance that the file cannot be read.
    pub position: Option<Position>,
    /// What is wrong and what to do. Never repeats a key from the file: it could be a secret put there by mistake.
    pub message: String,
}

/// Everything that is wrong with a definition, in the order of the file.
///
/// Printed as one line for each problem, `source:line:column: message`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct DefinitionErrors {
    /// Name of the file, or whatever the text was called.
    pub source_name: String,
    /// The problems; never empty.
    pub problems: Vec<Problem>,
}

impl DefinitionErrors {
    /// A single problem that is no place in the file.
    pub(crate) fn general(source_name: &str, message: impl Into<String>) -> Self {
        let problems = vec![Problem { position: None, message: message.into() }];
        Self { source_name: source_name.to_owned(), problems }
    }
}

impl fmt::Display for DefinitionErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            f.write_str(&self.source_name)?;
            if let Some(Position { line, column }) = problem.position {
                write!(f, ":{line}:{column}")?;
            }
            write!(f, ": {}", problem.message)?;
        }
        Ok(())
    }
}

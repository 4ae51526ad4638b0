//! Why a command failed, for people and for programs.

use serde::Serialize;
use specie_notify::{config::ConfigError, node::NodeError, signature::SecretError, state::StateError};
use std::fmt::Display;

/// A failure with a stable name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// `config`, `state`, `secret`, `node`, `address`, `check` or `io`.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
}

impl Failure {
    /// A failure of this name.
    pub fn new(code: &'static str, message: impl Display) -> Self {
        Self { code, message: message.to_string() }
    }

    /// Prints it: JSON on the standard output, words on the standard error.
    pub fn print(&self, json: bool) {
        if json {
            print(&serde_json::json!({ "error": self }).to_string());
        } else {
            eprintln!("error: {}", self.message);
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new("config", error)
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self::new("state", error)
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::new("secret", error)
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        Self::new("node", error)
    }
}

/// Prints a result in the form that was asked for.
pub fn result(json: bool, value: &impl Serialize, text: &str) {
    print(&if json { serde_json::to_string_pretty(value).unwrap_or_default() } else { text.into() });
}

/// Like `println!`, but a reader that went away is not worth a panic.
fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

//! `specie-notify secret`

use crate::{
    failure::{result, Failure},
    Options,
};
use clap::Args;
use specie_notify::signature::Secret;
use std::path::PathBuf;

/// Make a secret in a new file, which nobody else can read.
#[derive(Args)]
pub struct NewSecret {
    /// The file.
    file: PathBuf,
}

impl NewSecret {
    /// Does it.
    pub fn run(self, options: &Options) -> Result<(), Failure> {
        Secret::create(&self.file)?;
        let text = format!("Wrote a secret to {}: give the receiver a copy, and nobody else", self.file.display());
        result(options.json, &serde_json::json!({ "file": self.file }), &text);
        Ok(())
    }
}

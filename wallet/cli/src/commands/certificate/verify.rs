//! `specie certificate verify …`: any files, without a node.

use super::{files, Trusted};
use crate::{
    app::App,
    failure::{self, Failure},
    output,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use specie_wallet::certificates::{Bench, Verdict};
use std::path::{Path, PathBuf};

/// Checking files offline.
#[derive(Args)]
#[command(after_help = "\
Give the certificates between the root and what is to be checked as well, in any order:
  specie certificate verify root.cert bank.cert phone.cert registry.cert 7.digest --root KEY

Ends with an error if one of the files does not hold, and tells about all of them.")]
pub struct Verify {
    /// Certificates, certificates of batches, digests, exported coins.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    trusted: Trusted,
}

impl Verify {
    /// Does it.
    pub fn run(self, app: &App) -> Result<()> {
        let read: Vec<_> = self.files.iter().map(|file| files::read(file)).collect();
        let documents: Vec<_> = read.iter().filter_map(|document| document.as_ref().ok().cloned()).collect();
        let (trust, now) = self.trusted.read()?;
        let bench = Bench::new(&documents, &trust, now);
        let mut verdicts = bench.verdicts().into_iter();
        let found: Vec<_> = self
            .files
            .iter()
            .zip(&read)
            .filter_map(|(file, document)| match document {
                Ok(_) => verdicts.next().map(|verdict| Found::judged(file, verdict)),
                Err(error) => Some(Found::unreadable(file, error)),
            })
            .collect();
        let stale = bench.digest().map(|digest| digest.is_stale(now));
        let files: Vec<_> = found.iter().map(Found::json).collect();
        let value = json!({ "files": files, "digest_is_stale": stale });
        let refused = found.iter().filter(|one| one.refused.is_some()).count();
        if refused > 0 {
            let lines: Vec<_> = found.iter().map(Found::line).collect();
            let text = format!("{refused} of {} files do not hold\n  {}", found.len(), lines.join("\n  "));
            return Err(Failure { data: value, ..Failure::new(failure::WALLET, text) }.into());
        }
        app.print(&value, || {
            let rows: Vec<_> = found.iter().map(|one| vec![one.file.display().to_string(), one.what.clone()]).collect();
            let revoked = match stale {
                None => "No digest among them: what is revoked is not known.",
                Some(true) => "The digest is stale: ask for a newer one.",
                Some(false) => "The digest is the last one, as far as time tells.",
            };
            format!("{}\nAll of them hold. {revoked}", output::table(&["file", "what it is"], &rows, &[]))
        })
    }
}

/// What came of one file.
struct Found<'a> {
    file: &'a Path,
    what: String,
    /// Why it does not hold, if it does not, in words and by name.
    refused: Option<(String, String)>,
}

impl<'a> Found<'a> {
    fn judged(file: &'a Path, verdict: Verdict) -> Self {
        Self { file, what: verdict.what, refused: verdict.refused.map(|why| (why.to_string(), why.name())) }
    }

    fn unreadable(file: &'a Path, error: &anyhow::Error) -> Self {
        Self { file, what: "unknown".into(), refused: Some((format!("{error:#}"), "Unreadable".into())) }
    }

    fn json(&self) -> serde_json::Value {
        let verdict = self.refused.as_ref().map_or("Ok", |(_, name)| name.as_str());
        json!({ "file": self.file, "what": self.what, "verdict": verdict })
    }

    fn line(&self) -> String {
        match &self.refused {
            Some((why, name)) => format!("{}: {why} ({name})", self.file.display()),
            None => format!("{}: {}, holds", self.file.display(), self.what),
        }
    }
}

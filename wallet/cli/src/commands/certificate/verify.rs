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
use specie_wallet::certificates::{Bench, NotProven};
use std::path::PathBuf;

/// Checking files offline.
#[derive(Args)]
#[command(after_help = "\
Give the certificates between the root and what is to be checked as well, in any order:
  specie certificate verify root.cert bank.cert phone.cert registry.cert 7.digest --root KEY

Ends with an error if one of the files does not hold.")]
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
        let documents = self.files.iter().map(|file| files::read(file)).collect::<Result<Vec<_>>>()?;
        let (trust, now) = self.trusted.read()?;
        let bench = Bench::new(&documents, &trust, now);
        let verdicts = bench.verdicts();
        let refused: Vec<_> = self
            .files
            .iter()
            .zip(&verdicts)
            .filter_map(|(file, verdict)| Some((file.display(), verdict.refused.as_ref()?)))
            .map(|(file, why)| format!("{file}: {why} ({})", why.name()))
            .collect();
        let stale = bench.digest().map(|digest| digest.is_stale(now));
        let list: Vec<_> = self
            .files
            .iter()
            .zip(&verdicts)
            .map(|(file, verdict)| {
                let name = verdict.refused.as_ref().map_or("Ok".into(), NotProven::name);
                json!({ "file": file, "what": verdict.what, "verdict": name })
            })
            .collect();
        if !refused.is_empty() {
            let text = format!("{} of {} files do not hold\n  {}", refused.len(), list.len(), refused.join("\n  "));
            return Err(Failure::new(failure::WALLET, text).into());
        }
        app.print(&json!({ "files": list, "digest_is_stale": stale }), || {
            let row = |(file, verdict): (&PathBuf, &specie_wallet::certificates::Verdict)| {
                vec![file.display().to_string(), verdict.what.clone()]
            };
            let rows: Vec<_> = self.files.iter().zip(&verdicts).map(row).collect();
            let revoked = match stale {
                None => "No digest among them: what is revoked is not known.",
                Some(true) => "The digest is stale: ask for a newer one.",
                Some(false) => "The digest is the last one, as far as time tells.",
            };
            format!("{}\nAll of them hold. {revoked}", output::table(&["file", "what it is"], &rows, &[]))
        })
    }
}

//! The certificates of a local network, made and published by the command line as the issuer's people do it.

use crate::cli::{Cli, Failure, Receipt};
use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;
use specie_primitives::Hash;
use std::path::Path;

/// The root key of local networks.
pub const ROOT: &str = "//Root";
/// The certificate key that signs batches.
pub const ISSUING: &str = "//Certificate//Issuing";
/// The certificate key that signs revocation digests.
pub const REGISTRY: &str = "//Certificate//Registry";
/// Account with the registry role: it publishes.
pub const PUBLISHER: &str = "//Registry//1";
/// An address where no node is: what is offline must not need one.
const NOWHERE: &str = "ws://127.0.0.1:1";

/// Certificates as files of a folder, and what is needed to make more of them.
#[derive(Debug)]
pub struct Certificates {
    cli: Cli,
    url: String,
    folder: tempfile::TempDir,
    root_key: String,
}

impl Certificates {
    /// Gets ready; no certificate is there yet.
    pub async fn new(cli: &Cli, url: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("specie-certificates-").tempdir()?;
        let shown: Value = cli.run(NOWHERE, None, &["certificate", "root", "show", ROOT]).await?;
        let root_key = shown["key"].as_str().context("no root key")?.to_owned();
        Ok(Self { cli: cli.clone(), url: url.into(), folder, root_key })
    }

    /// The root's public key, as verifiers pin it.
    pub fn root_key(&self) -> &str {
        &self.root_key
    }

    /// The folder with the files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Path of a file.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs `specie certificate …` without any node.
    pub async fn offline<T: DeserializeOwned>(&self, key: Option<&str>, args: &[&str]) -> Result<T> {
        self.cli.run(NOWHERE, key, &[&["certificate"][..], args].concat()).await
    }

    /// The same where it must fail.
    pub async fn refused_offline(&self, args: &[&str]) -> Result<Failure> {
        self.cli.refused(NOWHERE, "//Nobody", &[&["certificate"][..], args].concat()).await
    }

    /// Runs `specie certificate …` with the network.
    pub async fn online<T: DeserializeOwned>(&self, key: Option<&str>, args: &[&str]) -> Result<T> {
        self.cli.run(&self.url, key, &[&["certificate"][..], args].concat()).await
    }

    /// The same where it must fail.
    pub async fn refused(&self, key: &str, args: &[&str]) -> Result<Failure> {
        self.cli.refused(&self.url, key, &[&["certificate"][..], args].concat()).await
    }

    /// Has a certificate made, offline.
    pub async fn issue(&self, key: &str, args: &[&str], out: &str) -> Result<String> {
        let out = self.file(out);
        let _: Value = self.offline(Some(key), &[args, &["--out", &out]].concat()).await?;
        Ok(out)
    }

    /// Makes and publishes the certificates of the root and of the keys right below it.
    pub async fn publish_issuer(&self, genesis: Hash) -> Result<Vec<Receipt>> {
        let genesis = format!("{genesis:?}");
        let root = self.issue(ROOT, &["root", "issue", "--genesis", &genesis], "root.cert").await?;
        let below = |kind: &'static str, subject: &'static str| [kind, "issue", subject, "--issuer"];
        let issuing = [&below("issuing", ISSUING)[..], &[root.as_str()]].concat();
        let issuing = self.issue(ROOT, &issuing, "issuing.cert").await?;
        let registry = [&below("registry", REGISTRY)[..], &[root.as_str()]].concat();
        let registry = self.issue(ROOT, &registry, "registry.cert").await?;
        let mut receipts = Vec::new();
        for file in [&root, &issuing, &registry] {
            receipts.push(self.online(Some(PUBLISHER), &["publish", file]).await?);
        }
        Ok(receipts)
    }
}

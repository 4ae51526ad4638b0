//! The `specie` command line, as people and scripts use it.

use crate::network::{Network, Wallet};
use anyhow::{bail, Context, Result};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;
use specie_primitives::{BlockNumber, Hash, OwnerId};
use std::{path::PathBuf, process::Stdio};
use tokio::process::Command;

/// Passphrase of the keystores that this tool makes. They hold keys for trying things out.
pub const PASSPHRASE: &str = "specie-testnet";

/// What the command line says about a transaction.
#[derive(Clone, Debug, Deserialize)]
pub struct Receipt {
    /// What was done, in words.
    pub what: String,
    /// Hash of the extrinsic.
    pub extrinsic: String,
    /// Number of its block.
    pub block: BlockNumber,
    /// Hash of its block.
    pub block_hash: Hash,
    /// Milliseconds from submission to finality.
    pub final_ms: Option<u64>,
    /// Figures of the command.
    #[serde(default)]
    pub data: Value,
}

/// The command line of one network.
#[derive(Clone, Debug)]
pub struct Cli {
    program: PathBuf,
    keystore: PathBuf,
}

impl Cli {
    /// The network's own copy, with the keystore below its base path.
    pub fn new(network: &Network) -> Self {
        Self { program: network.program("specie"), keystore: network.base().join("wallets") }
    }

    /// Runs a command and reads the JSON that it prints. `key` signs; `node` is the RPC address.
    pub async fn run<T: DeserializeOwned>(&self, node: &str, key: Option<&str>, args: &[&str]) -> Result<T> {
        let mut command = Command::new(&self.program);
        command.args(["--json", "--node", node]).arg("--keystore").arg(&self.keystore);
        if let Some(key) = key {
            command.args(["--key", key]);
        }
        command.args(args).env("SPECIE_PASSWORD", PASSPHRASE).stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.with_context(|| format!("could not start {}", self.program.display()))?;
        let line = format!("specie {}", args.join(" "));
        let out = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("'{line}' failed: {}{}", out.trim(), String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_str(&out).with_context(|| format!("'{line}' printed something else: {out}"))
    }

    /// Makes a key in the keystore, and the owner id that goes with an identity.
    pub async fn new_wallet(&self, node: &str, name: &str, identity: &str) -> Result<Wallet> {
        #[derive(Deserialize)]
        struct Answer {
            owner: OwnerId,
        }
        let key = name.to_lowercase();
        let _: Value = self.run(node, None, &["key", "new", &key, "--identity", identity]).await?;
        let answer: Answer = self.run(node, None, &["owner-id", identity]).await?;
        Ok(Wallet {
            name: name.into(),
            key,
            identity: identity.into(),
            owner: answer.owner,
            keystore: self.keystore.clone(),
            passphrase: PASSPHRASE.into(),
        })
    }
}

//! The `specie` command line, as people and scripts use it.

use crate::network::{Network, Wallet};
use anyhow::{bail, Context, Result};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::Value;
use specie_primitives::{BlockNumber, Hash, OwnerId};
use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};
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

/// Why the command line did not do something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Failure {
    /// `wallet`, `identity`, `refused`, `dispatch`, `node` or `usage`.
    #[serde(default)]
    pub kind: String,
    /// What happened, in words.
    pub message: String,
    /// Pallet of a call that failed in its block.
    #[serde(default)]
    pub pallet: Option<String>,
    /// Name of the pallet's error, of the refusal, or of an error without a pallet such as `BadOrigin`; of the identity
    /// service's refusal.
    #[serde(default)]
    pub name: Option<String>,
    /// Code of a refusal.
    #[serde(default)]
    pub code: Option<u8>,
}

impl Failure {
    fn read(out: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Wrapped {
            error: Failure,
        }
        let wrapped: Wrapped = serde_json::from_str(out)?;
        Ok(wrapped.error)
    }

    /// The reason in one word: `Participants.KeysMissing` in a block, `BankSuspended` before one, `BadOrigin`; the
    /// message where there is none.
    pub fn reason(&self) -> String {
        match (&self.pallet, &self.name) {
            (Some(pallet), Some(name)) => format!("{pallet}.{name}"),
            (None, Some(name)) => name.clone(),
            _ => self.message.clone(),
        }
    }
}

/// The command line of one network.
#[derive(Clone, Debug)]
pub struct Cli {
    program: PathBuf,
    keystore: PathBuf,
    password: String,
}

impl Cli {
    /// The network's own copy, with the keystore below its base path.
    pub fn new(network: &Network) -> Self {
        Self::of(network, &network.base().join("wallets"), PASSPHRASE)
    }

    /// The same program with somebody's own keystore.
    pub fn of(network: &Network, keystore: &Path, password: &str) -> Self {
        Self { program: network.program("specie"), keystore: keystore.to_owned(), password: password.to_owned() }
    }

    async fn output(&self, node: &str, key: Option<&str>, args: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command.args(["--json", "--node", node]).arg("--keystore").arg(&self.keystore);
        if let Some(key) = key {
            command.args(["--key", key]);
        }
        command.args(args).env("SPECIE_PASSWORD", &self.password).stdin(Stdio::null()).kill_on_drop(true);
        command.output().await.with_context(|| format!("could not start {}", self.program.display()))
    }

    /// Runs a command and reads the JSON that it prints. `key` signs; `node` is the RPC address.
    pub async fn run<T: DeserializeOwned>(&self, node: &str, key: Option<&str>, args: &[&str]) -> Result<T> {
        let output = self.output(node, key, args).await?;
        let out = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("'{}' failed: {}{}", line(args), out.trim(), String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_str(&out).with_context(|| format!("'{}' printed something else: {out}", line(args)))
    }

    /// Runs a command that must fail, and gives why it did.
    pub async fn refused(&self, node: &str, key: &str, args: &[&str]) -> Result<Failure> {
        let output = self.output(node, Some(key), args).await?;
        let out = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            bail!("'{}' with {key} was done, but should have been refused: {out}", line(args));
        }
        Failure::read(&out).with_context(|| format!("'{}' failed without a reason: {out}", line(args)))
    }

    /// The owner id of an identity; `asker` is the key of a bank or an owner.
    pub async fn owner_id(&self, node: &str, asker: &str, identity: &str) -> Result<OwnerId> {
        #[derive(Deserialize)]
        struct Answer {
            owner: OwnerId,
        }
        let answer: Answer = self.run(node, Some(asker), &["owner-id", identity]).await?;
        Ok(answer.owner)
    }

    /// Makes a key in the keystore; the bank asks for the owner id that goes with the identity.
    pub async fn new_wallet(&self, node: &str, bank: &str, name: &str, identity: &str) -> Result<Wallet> {
        let key = key_name(name);
        let _: Value = self.run(node, None, &["key", "new", &key, "--identity", identity]).await?;
        Ok(Wallet {
            name: name.into(),
            key,
            identity: identity.into(),
            owner: self.owner_id(node, bank, identity).await?,
            keystore: self.keystore.clone(),
            passphrase: PASSPHRASE.into(),
        })
    }
}

/// Name of a person's key in the keystore.
pub fn key_name(person: &str) -> String {
    person.to_lowercase()
}

/// A command as a person would type it.
fn line(args: &[&str]) -> String {
    format!("specie {}", args.join(" "))
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn the_reason_of_a_failure_is_one_word() {
        let reason = |out: &str| Failure::read(out).unwrap().reason();
        let dispatched =
            r#"{"error":{"kind":"dispatch","message":"m","pallet":"Vault","name":"BankNotActive","block":7}}"#;
        assert_eq!(reason(dispatched), "Vault.BankNotActive");
        assert_eq!(
            reason(r#"{"error":{"kind":"refused","message":"m","name":"BankSuspended","code":4}}"#),
            "BankSuspended"
        );
        assert_eq!(reason(r#"{"error":{"kind":"dispatch","message":"m","name":"BadOrigin"}}"#), "BadOrigin");
        assert_eq!(reason(r#"{"error":{"kind":"node","message":"no node answers"}}"#), "no node answers");
        assert!(Failure::read("{}").is_err());
    }
}

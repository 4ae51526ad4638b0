//! `specie certificate …`: certificates, most of it without a network.

mod chain;
mod coin;
mod digest;
mod files;
mod issue;
mod verify;

use crate::app::App;
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand};
use specie_certificates::{Genesis, PublicKey};
use specie_wallet::certificates::{CertificateKey, Trust};
use std::time::{SystemTime, UNIX_EPOCH};

/// Certificates.
#[derive(Subcommand)]
#[command(after_help = "\
A certificate key is made like any other key (root new, or `specie key new`) and named alike: NAME of a stored key, or //URI
on development networks. It is ed25519, so it is another public key than the account of that name; keys of P-256 hardware are
given in hexadecimal. Certificates, batches and digests are files of the bytes that docs/protocol/certificates.md gives.

The issuer, once:
  specie certificate root new root
  specie --key root certificate root issue --genesis 0x… --out root.cert
  specie --key root certificate issuing issue KEY --issuer root.cert --out issuing.cert
  specie --key root certificate registry issue KEY --issuer root.cert --out registry.cert
  specie --key registry-1 certificate publish root.cert       (a key with the registry role signs; the others likewise)
A batch: specie --key issuing-1 certificate batch 3 --issuing issuing.cert --issuing-key issuing-cert
A bank:  specie --key bank-a certificate publish bank.cert --note-key bank-a-note
Anybody: specie certificate coin 3-1041 --export coin.json; specie certificate coin verify coin.json --root KEY")]
pub enum Certificate {
    /// The root key, and its description of itself. new and show serve any certificate key.
    #[command(subcommand)]
    Root(issue::Root),
    /// Keys that sign batches of coins; the root key signs. Works offline.
    #[command(subcommand)]
    Issuing(issue::Issuing),
    /// Keys that sign revocation digests; the root key signs. Works offline.
    #[command(subcommand)]
    Registry(issue::Registry),
    /// Banks' note keys; the root key signs. Works offline.
    #[command(subcommand)]
    Bank(issue::Bank),
    /// Owners' account keys; the bank's note key signs. Works offline.
    #[command(subcommand)]
    Owner(issue::Owner),
    /// Devices; the bank's note key signs. Works offline.
    #[command(subcommand)]
    Device(issue::Device),
    /// Publish a certificate of an institution; the registry role signs, for a bank's certificate the bank's account.
    Publish(chain::Publish),
    /// Sign batches of coins and publish that; a key with the issuing role signs the transaction.
    Batch(chain::Batch),
    /// What is published: root keys, issuing and registry keys, a bank's note keys. Nobody signs.
    List(chain::List),
    /// Revoke a certificate; the bank's account signs, or the registry role.
    Revoke(chain::Revoke),
    /// Digests of the revocation list, which devices carry.
    #[command(subcommand)]
    Digest(digest::Digest),
    /// Check files against the root key, offline. A digest among them says what is revoked.
    Verify(verify::Verify),
    /// The issuer's signature on a coin: fetch and check it, or check an exported one offline.
    Coin(coin::Coin),
}

impl Certificate {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Root(command) => command.run(app),
            Self::Issuing(command) => command.run(app),
            Self::Registry(command) => command.run(app),
            Self::Bank(command) => command.run(app),
            Self::Owner(command) => command.run(app),
            Self::Device(command) => command.run(app),
            Self::Publish(command) => command.run(app).await,
            Self::Batch(command) => command.run(app).await,
            Self::List(command) => command.run(app).await,
            Self::Revoke(command) => command.run(app).await,
            Self::Digest(command) => command.run(app).await,
            Self::Verify(command) => command.run(app),
            Self::Coin(command) => command.run(app).await,
        }
    }
}

/// What a verifier trusts.
#[derive(Args)]
pub struct Trusted {
    /// The issuer's root key, as `specie certificate root show` prints it.
    #[arg(long, value_name = "KEY")]
    root: String,
    /// Hash of the network's first block; by default the one that the root's certificate names.
    #[arg(long, value_name = "HASH")]
    genesis: Option<String>,
    /// Check as of this time instead of now, in seconds since 1970.
    #[arg(long, value_name = "SECONDS")]
    at: Option<u64>,
}

impl Trusted {
    fn read(&self) -> Result<(Trust, u64)> {
        let genesis = self.genesis.as_deref().map(genesis).transpose()?;
        let now = self.at.map_or_else(now, Ok)?;
        Ok((Trust { root: public_key(&self.root)?, genesis }, now))
    }
}

/// Milliseconds since 1970.
fn milliseconds() -> Result<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("this machine's clock is before 1970")?;
    Ok(u64::try_from(since.as_millis())?)
}

/// Seconds since 1970.
fn now() -> Result<u64> {
    Ok(milliseconds()? / 1_000)
}

/// A public key with its algorithm's tag, in hexadecimal.
pub fn public_key(text: &str) -> Result<PublicKey> {
    let bytes = hex::decode(text.trim_start_matches("0x")).ok();
    let bytes =
        bytes.context("a key of certificates is its algorithm's tag and point in hexadecimal, such as 0x01…")?;
    PublicKey::decode(&bytes).with_context(|| format!("{text} is no key of certificates"))
}

fn genesis(text: &str) -> Result<Genesis> {
    let bytes = hex::decode(text.trim_start_matches("0x")).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Genesis).context("a network is named by the hash of its first block: 0x and 64 hexadecimal digits")
}

/// A certificate key with its secret.
fn certificate_key(app: &App, name: &str) -> Result<CertificateKey> {
    if name.starts_with('/') {
        return Ok(CertificateKey::from_uri(name)?);
    }
    Ok(CertificateKey::from_uri(&app.stored(name)?.secret)?)
}

/// The same, which must be the one that a certificate is of.
fn key_of(app: &App, name: &str, certified: &PublicKey) -> Result<CertificateKey> {
    let key = certificate_key(app, name)?;
    if key.key() != *certified {
        bail!("{} is the key of '{name}', but the certificate is of {}", key_text(&key.key()), key_text(certified));
    }
    Ok(key)
}

/// A key as it is printed and read.
fn key_text(key: &PublicKey) -> String {
    crate::client::hex(&key.encode())
}

#[cfg(test)]
mod tests;

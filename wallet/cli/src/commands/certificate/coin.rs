//! `specie certificate coin …`: who made a coin.

use super::{files, Trusted};
use crate::{app::App, client::hex};
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use specie_certificates::{Certificate, Genesis, NoneRevoked};
use specie_primitives::{certificates::BatchCertificateInfo, CoinId};
use specie_wallet::certificates::{CoinProof, Document, Trust};
use std::path::PathBuf;
use subxt::rpcs::client::rpc_params;

/// The issuer's signature on a coin.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Coin {
    #[command(subcommand)]
    command: Option<Offline>,
    /// The coin, batch-index.
    #[arg(required = true)]
    coin: Option<CoinId>,
    /// Write the coin with its certificates to a file, which anybody can check offline.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// The issuer's root key; by default the node is believed which one that is.
    #[arg(long, value_name = "KEY")]
    root: Option<String>,
}

/// Without a node.
#[derive(Subcommand)]
pub enum Offline {
    /// Check an exported coin against the root key, offline.
    Verify {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        trusted: Trusted,
    },
}

impl Coin {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        if let Some(Offline::Verify { file, trusted }) = self.command {
            let Document::Coin(proof) = files::read(&file)? else {
                bail!("{} is no exported coin", file.display());
            };
            let (trust, now) = trusted.read()?;
            proof.verify(&trust, now, &NoneRevoked)?;
            return print(app, &proof, &trust);
        }
        let (client, coin) = (app.client().await?, self.coin.context("name a coin")?);
        let info: Option<BatchCertificateInfo> = client.request("specie_certificate", rpc_params![coin.batch]).await?;
        let info = info.with_context(|| format!("batch {} has no certificate", coin.batch))?;
        let root = match &self.root {
            Some(root) => super::public_key(root)?,
            None => Certificate::decode(&info.root.0)?.body().subject,
        };
        let trust = Trust { root, genesis: Some(Genesis(client.genesis().0)) };
        let proof = CoinProof::new(coin, info, &trust, super::now()?, &NoneRevoked)?;
        if let Some(file) = &self.export {
            let mut text = serde_json::to_vec_pretty(&proof)?;
            text.push(b'\n');
            files::write(file, &text)?;
        }
        print(app, &proof, &trust)
    }
}

fn print(app: &App, proof: &CoinProof, trust: &Trust) -> Result<()> {
    let root = super::key_text(&trust.root);
    let genesis = hex(&Certificate::decode(&proof.root.0)?.body().genesis.0);
    let value = json!({
        "coin": proof.coin,
        "serial": proof.serial,
        "denomination": proof.denomination,
        "root": root,
        "genesis": genesis,
        "revocations": "not checked",
        "verdict": "Ok",
    });
    app.print(&value, || {
        format!(
            "Coin {}, serial {}\n  worth {} minor units\n  made by the issuer with the root key {root}\n  of the network with \
             the first block {genesis}\nWhat is revoked was not checked. With a digest this does: specie certificate verify \
             COIN.json root.cert registry.cert LAST.digest --root KEY",
            proof.coin, proof.serial, proof.denomination.0
        )
    })
}

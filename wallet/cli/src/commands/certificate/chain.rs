//! What certificates are on the chain: publishing, certifying batches, revoking.

use super::{files, key_of, now};
use crate::{app::App, calls, client::hex, output};
use anyhow::{bail, Context, Result};
use clap::Args;
use serde_json::json;
use specie_certificates::{self as certificates, BatchCertificate, Certificate, Kind, Seed};
use specie_primitives::{
    certificates::{BatchInfo, HexBytes, RevocationReason, RevokedItem, RootKeysInfo},
    BankId, BlockNumber,
};
use std::path::PathBuf;
use subxt::{dynamic::Value, rpcs::client::rpc_params};

/// Seconds by which the network's clocks may be behind this machine's.
const SKEW: u64 = 30;

/// Publishing a certificate.
#[derive(Args)]
pub struct Publish {
    /// The certificate.
    file: PathBuf,
    /// For a bank's certificate: the note key that it certifies, to show that the bank has it.
    #[arg(long, value_name = "NAME|//URI")]
    note_key: Option<String>,
}

impl Publish {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let certificate = files::read_certificate(&self.file, None)?;
        let body = certificate.body();
        let bytes = calls::bytes(&certificate.encode());
        let call = match (body.kind, &self.note_key) {
            (Kind::Root | Kind::Issuing | Kind::Registry, _) => {
                calls::call("Certificates", "publish", [("certificate", bytes)])
            },
            (Kind::Bank, Some(name)) => {
                let shown = key_of(app, name, &body.subject)?.sign(&body.possession());
                let arguments = [("certificate", bytes), ("possession", calls::bytes(&shown.encode()))];
                calls::call("Certificates", "publish_bank", arguments)
            },
            (Kind::Bank, None) => bail!("a bank shows that it has the key: give --note-key"),
            (Kind::Owner | Kind::Device, _) => bail!("certificates of owners and devices are not published"),
        };
        let kind = format!("{:?}", body.kind).to_lowercase();
        let what = format!("Published the {kind} certificate with serial {}", body.serial);
        app.send_with(&call, what, json!({ "certificate": files::body_json(body) })).await
    }
}

/// Certifying batches; --key signs the transaction.
#[derive(Args)]
pub struct Batch {
    /// Numbers of the batches.
    #[arg(required = true)]
    batches: Vec<u32>,
    /// Certificate of the issuing key.
    #[arg(long, value_name = "FILE")]
    issuing: PathBuf,
    /// The issuing key.
    #[arg(long, value_name = "NAME|//URI")]
    issuing_key: String,
    /// Write the certificate of the only batch to a file as well.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

impl Batch {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        if self.export.is_some() && self.batches.len() != 1 {
            bail!("--export writes the certificate of one batch: name one");
        }
        let mut receipts = Vec::new();
        let result = self.certify(app, &mut receipts).await;
        app.finish_steps(&receipts, result)
    }

    async fn certify(&self, app: &App, receipts: &mut Vec<crate::client::Receipt>) -> Result<()> {
        let (client, money) = (app.client().await?, app.money().await?);
        let issuing = files::read_certificate(&self.issuing, Some(Kind::Issuing))?;
        let issuing = issuing.body();
        if issuing.genesis.0 != client.genesis().0 {
            bail!("{} was made for another network", self.issuing.display());
        }
        let key = key_of(app, &self.issuing_key, &issuing.subject)?;
        let signer = app.signer()?;
        for number in &self.batches {
            let info: Option<BatchInfo> = client.request("specie_batch", rpc_params![number]).await?;
            let info = info.with_context(|| format!("there is no batch {number}"))?;
            let seed = info.seed.0.try_into().ok().context("the node sent a bad seed")?;
            let batch = certificates::Batch {
                genesis: issuing.genesis,
                batch: *number,
                denomination: info.denomination.0,
                count: info.count,
                seed: Seed(seed),
                signed_at: u32::try_from(now()?.saturating_sub(SKEW))?.max(issuing.not_before),
                issuer: issuing.subject.id(),
            };
            let certificate = BatchCertificate::new(batch, key.sign(&batch.payload()))?.encode();
            let call = calls::call("Certificates", "certify_batch", [("certificate", calls::bytes(&certificate))]);
            let mut receipt = client.submit(&call, &signer, app.wait()).await?;
            receipt.what =
                format!("Certified batch {number}: {} coins of {}", info.count, money.show(info.denomination.0.into()));
            receipt.data = json!({ "batch": number, "count": info.count, "certificate": hex(&certificate) });
            if let Some(file) = &self.export {
                files::write(file, &certificate)?;
            }
            receipts.push(app.step(receipt)?);
        }
        Ok(())
    }
}

/// What is published.
#[derive(Args)]
pub struct List {
    /// A bank's certificates too.
    #[arg(long)]
    bank: Option<u32>,
    /// Write each certificate to a file of this folder, which must be there: root.cert, issuing-1.cert, bank-2-1.cert …
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
}

impl List {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let client = app.client().await?;
        let keys: RootKeysInfo = client.request("specie_rootKeys", rpc_params![]).await?;
        let banks: Vec<HexBytes> = match self.bank {
            Some(bank) => client.request("specie_bankCertificates", rpc_params![BankId(bank)]).await?,
            None => vec![],
        };
        let mut named: Vec<(String, &HexBytes)> = Vec::new();
        named.extend(
            keys.roots
                .iter()
                .rev()
                .filter_map(|root| root.certificate.as_ref())
                .enumerate()
                .map(|(place, bytes)| (if place == 0 { "root".into() } else { format!("root-{}", place + 1) }, bytes)),
        );
        named.extend(numbered("issuing", &keys.issuing));
        named.extend(numbered("registry", &keys.registry));
        named.extend(numbered(&format!("bank-{}", self.bank.unwrap_or_default()), &banks));
        if let Some(folder) = &self.export {
            for (name, bytes) in &named {
                files::write(&folder.join(format!("{name}.cert")), &bytes.0)?;
            }
        }
        let value = json!({ "keys": keys, "bank": banks });
        app.print(&value, || {
            let roots = keys.roots.iter().map(|root| {
                let until = root.until.map_or("current".into(), |until| format!("known until block {until}"));
                format!("Root key {:?}, {until}", root.key)
            });
            let texts = named.iter().map(|(name, bytes)| match Certificate::decode(&bytes.0) {
                Ok(certificate) => format!("\n{name}\n{}", files::body_text(certificate.body())),
                Err(fault) => format!("\n{name}: {fault}"),
            });
            roots.chain(texts).collect::<Vec<_>>().join("\n")
        })
    }
}

/// Certificates with names of their own.
fn numbered<'a>(name: &str, list: &'a [HexBytes]) -> Vec<(String, &'a HexBytes)> {
    list.iter().enumerate().map(|(place, bytes)| (format!("{name}-{}", place + 1), bytes)).collect()
}

/// Revoking.
#[derive(Args)]
#[command(after_help = "\
Examples:
  specie --key bank-a certificate revoke phone.cert --reason lost
  specie --key registry-1 certificate revoke bank-b.cert --registry --the-key --reason compromised --since 81200")]
pub struct Revoke {
    /// The certificate, or for the registry also an item of 32 hexadecimal digits.
    what: String,
    /// compromised, lost, replaced, withdrawn; convicted for the registry.
    #[arg(long)]
    reason: String,
    /// A key with the registry role signs, not a bank's account.
    #[arg(long)]
    registry: bool,
    /// Revoke the certified key, whatever certificates it has or gets.
    #[arg(long, requires = "registry")]
    the_key: bool,
    /// What was recorded below this block still counts; by default the present one.
    #[arg(long, value_name = "BLOCK", requires = "registry")]
    since: Option<BlockNumber>,
}

impl Revoke {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let reason =
            RevocationReason::ALL.into_iter().find(|one| format!("{one:?}").eq_ignore_ascii_case(&self.reason));
        let reason = reason.with_context(|| format!("there is no reason '{}'", self.reason))?;
        let reason = ("reason", Value::unnamed_variant(format!("{reason:?}"), []));
        if !self.registry {
            let certificate = files::read_certificate(self.what.as_ref(), None)?;
            let item = RevokedItem(certificate.body().item().0);
            let arguments = [("certificate", calls::bytes(&certificate.encode())), reason];
            let call = calls::call("Certificates", "revoke", arguments);
            return app.send_with(&call, format!("Revoked {item}"), json!({ "item": item })).await;
        }
        let item = match self.what.parse::<RevokedItem>() {
            Ok(_) if self.the_key => bail!("an item names what it is: leave out --the-key"),
            Ok(item) => item,
            Err(_) => {
                let certificate = files::read_certificate(self.what.as_ref(), None)?;
                let body = certificate.body();
                RevokedItem(if self.the_key { body.subject.item() } else { body.item() }.0)
            },
        };
        let since = match self.since {
            Some(since) => since,
            None => app.client().await?.best_number().await?,
        };
        let arguments = [("item", Value::from_bytes(item.0)), reason, ("since", calls::number(since))];
        let call = calls::call("Certificates", "revoke_item", arguments);
        let what = format!("Revoked {item} since block {since}");
        app.send_with(&call, what, json!({ "item": item, "since": since })).await
    }
}

/// A revocation's item, where a list of them is shown.
pub fn revoked_row(info: &specie_primitives::certificates::RevocationInfo) -> Vec<String> {
    vec![
        info.number.to_string(),
        info.item.to_string(),
        format!("{:?}", info.reason).to_lowercase(),
        info.since.to_string(),
        output::printable(&format!("{:?}", info.by)),
    ]
}

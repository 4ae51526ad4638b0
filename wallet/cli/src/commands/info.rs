//! Looking at the network.

use crate::{app::App, calls, client::Found, failure::Failure, output};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use specie_primitives::{
    api::NetworkInfo,
    books::{count_of, SupplyReport},
    codes::Refusal,
    AccountId, BlockNumber, Counts, Hash, Institution,
};
use specie_wallet::Money;
use std::collections::BTreeSet;
use subxt::rpcs::client::rpc_params;

/// Where all value is.
#[derive(Args)]
pub struct Supply {
    /// Hash of a block; by default the last final one.
    #[arg(long, value_name = "HASH")]
    at: Option<String>,
}

impl Supply {
    /// Does it. Ends with an error when the books do not balance.
    pub async fn run(self, app: &App) -> Result<()> {
        let report: SupplyReport = app.client().await?.request("specie_supply", rpc_params![self.at]).await?;
        let money = app.money().await?;
        app.print(&report, || {
            let places = [
                ("issue vault", report.issue_vault),
                ("bank vaults", report.bank_vaults),
                ("owners", report.owners),
                ("waiting for pickup", report.waiting),
                ("all coins", report.coins),
                ("reserves", report.reserves),
                ("custody", report.custody),
            ];
            let places: Vec<_> =
                places.iter().map(|(place, amount)| vec![place.to_string(), money.show(*amount)]).collect();
            let rows: Vec<_> = report
                .equalities
                .iter()
                .map(|one| {
                    vec![
                        one.rule.clone(),
                        one.subject.clone(),
                        one.flows.clone(),
                        one.stocks.clone(),
                        one.difference.clone(),
                    ]
                })
                .collect();
            let verdict = if report.balanced { "The books balance." } else { "THE BOOKS DO NOT BALANCE." };
            format!(
                "Block {}\n\n{}\n\n{}\n\n{}\n\n{verdict}",
                report.block,
                output::table(&["place", "value"], &places, &[1]),
                counts(&report, &money),
                output::table(&["rule", "of", "flows", "stocks", "difference"], &rows, &[2, 3, 4]),
            )
        })?;
        if report.balanced {
            Ok(())
        } else {
            Err(Failure::new(crate::failure::NODE, "the books do not balance").into())
        }
    }
}

/// Numbers of coins by face value and place.
fn counts(report: &SupplyReport, money: &Money) -> String {
    let books = &report.books;
    let mut columns: Vec<(String, &Counts)> = vec![("issue vault".into(), &books.issue_vault)];
    columns.extend(books.banks.iter().map(|bank| (format!("bank {}", bank.bank), &bank.vault)));
    columns.push(("owners".into(), &books.owners));
    columns.push(("waiting".into(), &books.waiting));
    let held = columns.iter().flat_map(|(_, counts)| counts.iter().map(|(denomination, _)| *denomination));
    let known: BTreeSet<_> = held.chain(books.issuance.iter().map(|(denomination, _)| *denomination)).collect();
    let rows: Vec<_> = known
        .iter()
        .rev()
        .map(|denomination| {
            let mut row = vec![money.format(denomination.0.into())];
            row.extend(columns.iter().map(|(_, counts)| count_of(counts, *denomination).to_string()));
            let flows =
                books.issuance.iter().find(|(of, _)| of == denomination).map(|(_, flows)| *flows).unwrap_or_default();
            let flows = [flows.minted, flows.retired, flows.change_in, flows.change_out];
            row.extend(flows.map(|count| count.to_string()));
            row
        })
        .collect();
    let mut head = vec!["coins"];
    head.extend(columns.iter().map(|(name, _)| name.as_str()));
    head.extend(["minted", "retired", "made for change", "taken for change"]);
    output::table(&head, &rows, &(0..head.len()).collect::<Vec<_>>())
}

/// Facts about the network and its institutions.
pub async fn network(app: &App) -> Result<()> {
    let client = app.client().await?;
    let value: serde_json::Value = client.request("specie_network", rpc_params![]).await?;
    let institutions = app.institutions().await?;
    let (info, banks, money, finalized) =
        (app.network().await?, app.banks().await?, app.money().await?, client.finalized().await?);
    let all = json!({ "network": value, "institutions": institutions, "banks": banks });
    app.print(&all, || {
        let denominations =
            info.denominations.iter().map(|one| money.format(one.0.into())).collect::<Vec<_>>().join(", ");
        let mut rows = vec![
            vec!["genesis".into(), format!("{:?}", client.genesis())],
            vec!["final block".into(), format!("{} {}", finalized.number, finalized.hash)],
            vec!["face values".into(), format!("{denominations} {}", info.symbol)],
            vec!["made anew".into(), recoinable(info, &money)],
            vec![
                "payments".into(),
                info.payments_stopped.as_ref().map_or("running".into(), |why| format!("STOPPED: {why}")),
            ],
            vec!["quota".into(), quota(info.quota, info.quota_window)],
            vec!["owner id key".into(), info.owner_id_key.to_string()],
            vec!["identity service".into(), value["identity_service"].as_str().unwrap_or("not told").into()],
        ];
        for bank in &banks {
            rows.push(vec![
                format!("bank {}", bank.bank),
                format!("{} ({:?}) {}", bank.name, bank.status, bank.account),
            ]);
        }
        for (account, institution) in &institutions.validators {
            let who = match institution {
                Institution::Issuer => "issuer".into(),
                Institution::Bank(bank) => format!("bank {bank}"),
            };
            rows.push(vec!["validator".into(), format!("{account} of the {who}")]);
        }
        for (role, keys) in &institutions.roles {
            rows.push(vec![format!("{role:?}").to_lowercase(), join(keys)]);
        }
        rows.push(vec!["committee".into(), join(&institutions.committee)]);
        output::table(&["network", &info.network_id.to_string()], &rows, &[])
    })
}

/// Face values whose coins owners can have made anew.
fn recoinable(info: &NetworkInfo, money: &Money) -> String {
    match info.recoinable.as_slice() {
        [] => "none".into(),
        faces => faces.iter().map(|face| money.format(face.0.into())).collect::<Vec<_>>().join(", "),
    }
}

/// What one signer may send.
fn quota(quota: u32, window: BlockNumber) -> String {
    match quota {
        0 => "no limit".into(),
        quota => format!("{quota} transactions in {window} blocks"),
    }
}

fn join(accounts: &[AccountId]) -> String {
    accounts.iter().map(|account| account.to_string()).collect::<Vec<_>>().join(" ")
}

/// Transactions.
#[derive(Subcommand)]
pub enum Tx {
    /// Explain the code with which a node refused a transaction, or all codes. Needs no node.
    Explain {
        /// The number behind `Custom error:`, for instance 7.
        code: Option<u8>,
    },
    /// Look for a transaction: in which block it is, whether that is final, and what came of it. Nobody signs.
    Find {
        /// Hash of the extrinsic, as it was printed.
        hash: String,
        /// How many blocks before the best one to look at.
        #[arg(long, default_value_t = 300, value_name = "N")]
        blocks: BlockNumber,
    },
}

impl Tx {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let code = match self {
            Self::Explain { code } => code,
            Self::Find { hash, blocks } => return find(app, &hash, blocks).await,
        };
        let wanted: Vec<Refusal> = match code {
            Some(code) => vec![Refusal::from_code(code).ok_or_else(|| Failure::refused(code))?],
            None => Refusal::ALL.to_vec(),
        };
        let name = |refusal: &Refusal| format!("{refusal:?}");
        let value: Vec<_> = wanted
            .iter()
            .map(|refusal| json!({ "code": *refusal as u8, "name": name(refusal), "explanation": refusal.explain() }))
            .collect();
        app.print(&json!({ "codes": value }), || {
            let row =
                |refusal: &Refusal| vec![(*refusal as u8).to_string(), name(refusal), refusal.explain().to_string()];
            output::table(&["code", "name", "explanation"], &wanted.iter().map(row).collect::<Vec<_>>(), &[0])
        })
    }
}

async fn find(app: &App, hash: &str, blocks: BlockNumber) -> Result<()> {
    let wanted = hex::decode(hash.trim().trim_start_matches("0x")).ok().filter(|bytes| bytes.len() == 32);
    let wanted = Hash::from_slice(&wanted.context("a transaction is named by its hash: 0x and 64 hexadecimal digits")?);
    let found = app.client().await?.find(wanted, blocks).await?;
    app.print(&found, || told(&found))
}

/// Where a transaction is and what came of it, in words.
fn told(found: &Found) -> String {
    let Some(block) = &found.block else {
        return format!("Transaction {}\n  waits in the node's pool: do not send it again", found.extrinsic);
    };
    let outcome = match (found.outcome, &found.failure) {
        (Some("success"), _) => "it succeeded".into(),
        (_, Some(failure)) => format!("it failed: {}", failure.message),
        _ => "the node has dropped the state of that block, so what came of it is not known".into(),
    };
    let finality = if found.is_final { "final" } else { "not final yet" };
    let time = found.time_ms.map(|ms| format!(", {} UTC", output::utc(ms))).unwrap_or_default();
    format!(
        "Transaction {}\n  block     {} {}\n  {finality}{time}\n  {outcome}",
        found.extrinsic, block.number, block.hash,
    )
}

/// Send a text that moves no money.
#[derive(Args)]
pub struct Remark {
    /// The text; everybody can read it on the chain.
    text: String,
}

impl Remark {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let call =
            calls::call("System", "remark", [("remark", subxt::dynamic::Value::from_bytes(self.text.as_bytes()))]);
        app.send(&call, format!("Remarked \"{}\"", self.text)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::BlockRef;

    #[test]
    fn a_quota_of_zero_is_no_limit() {
        assert_eq!(quota(0, 100), "no limit");
        assert_eq!(quota(10, 100), "10 transactions in 100 blocks");
    }

    #[test]
    fn a_transaction_that_was_found_is_told_with_its_outcome() {
        let found = |outcome, failure, is_final| Found {
            extrinsic: "0xab".into(),
            place: "block",
            block: Some(BlockRef { number: 7, hash: "0x07".into() }),
            time_ms: Some(0),
            is_final,
            outcome,
            failure,
        };
        let good = told(&found(Some("success"), None, true));
        assert_eq!(good, "Transaction 0xab\n  block     7 0x07\n  final, 1970-01-01 00:00:00 UTC\n  it succeeded");
        let failure = Failure::new(crate::failure::DISPATCH, "Ownership.NotHolder");
        let bad = told(&found(Some("failed"), Some(failure), false));
        assert!(bad.contains("not final yet") && bad.ends_with("it failed: Ownership.NotHolder"), "{bad}");
        let gone = told(&found(None, None, true));
        assert!(gone.ends_with("not known") && !gone.contains("succeeded"), "{gone}");
        let waits = told(&Found { place: "pool", block: None, ..found(None, None, false) });
        assert!(waits.contains("pool"), "{waits}");
        assert_eq!(serde_json::to_value(found(None, None, true)).unwrap()["final"], true);
    }
}

//! `specie issuer mandate …`, `specie issuer trace` and `specie audit …`: who may trace what, and who did.

use super::{
    issuer::confirmed,
    supervisor::{last_block, reason},
};
use crate::{
    app::App,
    calls,
    client::{hex, Wait},
    failure::{self, Failure},
    output,
    records::{self, party, Answer, Gap, Query},
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};
use specie_primitives::{
    api::{CoinInfo, OwnerInfo},
    AccountId, BankId, BlockNumber, CoinId, OwnerId, Reason, Target,
};
use specie_wallet::Money;
use std::{io::IsTerminal, path::PathBuf};
use subxt::{
    config::{substrate::BlakeTwo256, Hasher},
    dynamic::Value,
    rpcs::client::rpc_params,
};

/// Mandates to trace an owner or a coin.
#[derive(Subcommand)]
#[command(after_help = "\
A key of the department in brackets signs (--key). Every node sees owner ids, coins and payments; a mandate is what the \
issuer needs to ask for the path of one of them, and what a bank is shown before it says who an owner id is. It names its \
target on the chain.
Examples:
  specie --key supervising issuer mandate open --owner ann --reason court-order --authority order.pdf --for 2592000
  specie --key registry issuer mandate confirm 3
  specie --key supervising issuer trace 3 --out trace-3.json")]
pub enum Mandate {
    /// Open a mandate, which a second person confirms (supervising).
    Open(Open),
    /// Confirm a mandate: it is in force from then on (registry). What it says is shown first.
    Confirm {
        /// Number of the mandate.
        mandate: u32,
    },
    /// End a mandate, confirmed or not (supervising or registry).
    Close {
        /// Number of the mandate.
        mandate: u32,
    },
    /// Every mandate ever opened. Nobody signs.
    List,
}

/// Open a mandate.
#[derive(Args)]
pub struct Open {
    #[command(flatten)]
    whom: Whom,
    /// The reason: court-order, fraud, laundering, sanctions, stolen, inquiry or mistake.
    #[arg(long, value_parser = reason)]
    reason: Reason,
    /// The text that it rests on, for instance a court's order; its hash goes to the chain.
    #[arg(long, value_name = "FILE")]
    authority: PathBuf,
    /// Last block of the mandate.
    #[arg(long, value_name = "BLOCK", conflicts_with = "blocks", required_unless_present = "blocks")]
    until: Option<BlockNumber>,
    /// The same as a number of blocks from now on; a block takes a second.
    #[arg(long = "for", value_name = "BLOCKS")]
    blocks: Option<BlockNumber>,
}

/// What is traced.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// Owner id, identity or key.
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
    /// Name of a coin.
    #[arg(long, value_name = "COIN")]
    coin: Option<CoinId>,
}

/// Use a mandate: the use is recorded on the chain and final before anything is read.
#[derive(Args)]
pub struct Trace {
    /// Number of the mandate.
    mandate: u32,
    /// Write the answer to this file, with the query whose hash is on the chain.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What an auditor looks at.
#[derive(Subcommand)]
pub enum Audit {
    /// Every use of a mandate: who, when, by which mandate, and the hash of what was asked.
    Traces {
        /// Of this mandate only.
        #[arg(long)]
        mandate: Option<u32>,
    },
    /// Check that an answer belongs to a use on record: its query has the hash that is on the chain.
    Check {
        /// The file that `specie issuer trace --out` wrote.
        file: PathBuf,
    },
}

/// A target as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Stored {
    Owner(OwnerId),
    Coin(CoinId),
    Bank(BankId),
}

impl Stored {
    fn target(self) -> Target {
        match self {
            Self::Owner(owner) => Target::Owner(owner),
            Self::Coin(coin) => Target::Coin(coin),
            Self::Bank(bank) => Target::Bank(bank),
        }
    }
}

/// A mandate as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Record {
    target: Stored,
    reason: String,
    authority: String,
    opened_by: AccountId,
    opened: BlockNumber,
    until: BlockNumber,
    confirmed_by: Option<AccountId>,
    closed: Option<BlockNumber>,
    traces: u32,
}

impl Record {
    /// Where it stands at a block, in a word.
    fn standing(&self, block: BlockNumber) -> &'static str {
        match (self.closed, &self.confirmed_by) {
            (Some(_), _) => "closed",
            (None, _) if self.until < block => "expired",
            (None, None) => "waits",
            (None, Some(_)) => "in force",
        }
    }

    /// Its reason as the command line writes it; one that this program does not know as it is stored.
    fn reason(&self) -> &str {
        let known = Reason::ALL.into_iter().find(|reason| format!("{reason:?}") == self.reason);
        known.map_or(self.reason.as_str(), |reason| reason.name())
    }

    fn json(&self, number: u32, block: BlockNumber) -> Json {
        json!({
            "mandate": number,
            "standing": self.standing(block),
            "target": self.target.target(),
            "reason": self.reason(),
            "authority": self.authority,
            "opened_by": self.opened_by,
            "opened": self.opened,
            "until": self.until,
            "confirmed_by": self.confirmed_by,
            "closed": self.closed,
            "traces": self.traces,
        })
    }
}

/// A use as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Use {
    #[serde(default)]
    trace: u32,
    mandate: u32,
    query: String,
    by: AccountId,
    block: BlockNumber,
}

/// What an owner or a coin went through.
#[derive(Clone, Debug, Serialize)]
struct Path {
    /// What the chain says of it now.
    now: Json,
    /// Newest first.
    movements: Vec<records::Record>,
    /// Blocks whose movements the node does not know.
    unknown: Vec<Gap>,
}

impl Mandate {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Open(command) => command.run(app).await,
            Self::Confirm { mandate } => confirm(app, mandate).await,
            Self::Close { mandate } => {
                let call = calls::call("Supervision", "close_mandate", [("mandate", calls::number(mandate))]);
                app.send_with(&call, format!("Closed mandate {mandate}"), json!({ "mandate": mandate })).await
            },
            Self::List => list(app).await,
        }
    }
}

impl Open {
    async fn run(self, app: &App) -> Result<()> {
        let target = match (&self.whom.owner, self.whom.coin) {
            (Some(named), _) => {
                let owner = app.owner(named).await?;
                app.registered(owner, Some(named.as_str()), None).await?;
                Target::Owner(owner)
            },
            (None, coin) => {
                let coin = coin.context("name an owner or a coin")?;
                let info: Option<CoinInfo> = app.client().await?.request("specie_coin", rpc_params![coin]).await?;
                info.ok_or_else(|| Failure::new(failure::WALLET, format!("there is no coin {coin}")))?;
                Target::Coin(coin)
            },
        };
        let text =
            std::fs::read(&self.authority).with_context(|| format!("cannot read {}", self.authority.display()))?;
        let authority = BlakeTwo256.hash(&text);
        let until = last_block(app, self.until, self.blocks).await?.context("say until when")?;
        let call = calls::call(
            "Supervision",
            "open_mandate",
            [
                ("target", calls::target(&target)),
                ("reason", calls::reason(self.reason)),
                ("authority", Value::from_bytes(authority)),
                ("until", calls::number(until)),
            ],
        );
        let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
        let number = receipt.field("Supervision.MandateOpened", "mandate").cloned().unwrap_or_default();
        receipt.what = format!(
            "Opened mandate {number} to trace {target} ({}) until block {until}, by a text with hash {}: a registry key \
             confirms it",
            self.reason.name(),
            hex(&authority.0),
        );
        let authority = hex(&authority.0);
        receipt.data = json!({ "mandate": number, "target": target, "until": until, "authority": authority });
        app.report(&receipt)
    }
}

async fn record(app: &App, number: u32) -> Result<Record> {
    let key = vec![Value::u128(number.into())];
    let stored = app.client().await?.stored("Supervision", "Mandates", key).await?;
    let text = || format!("there is no mandate {number}: 'specie issuer mandate list' lists them");
    let stored = stored.ok_or_else(|| Failure::new(failure::WALLET, text()))?;
    Ok(serde_json::from_value(stored.fields)?)
}

async fn confirm(app: &App, number: u32) -> Result<()> {
    let (mandate, json) = (record(app, number).await?, app.options.json);
    let target = mandate.target.target();
    if !json {
        eprintln!(
            "Mandate {number}: trace {target} for {}, until block {}, by a text with hash {}; opened by {}",
            mandate.reason(),
            mandate.until,
            mandate.authority,
            mandate.opened_by,
        );
        if std::io::stdin().is_terminal() && !confirmed("confirm? [y/N] ")? {
            return Err(Failure::new(failure::WALLET, format!("mandate {number} was not confirmed")).into());
        }
    }
    let call = calls::call("Supervision", "confirm_mandate", [("mandate", calls::number(number))]);
    let data = json!({ "mandate": number, "target": target });
    app.send_with(&call, format!("Confirmed mandate {number} to trace {target}"), data).await
}

async fn list(app: &App) -> Result<()> {
    let client = app.client().await?;
    let block = client.best_number().await?;
    let mut mandates: Vec<(u32, Record)> = Vec::new();
    for (number, fields) in client.numbered("Supervision", "Mandates").await? {
        mandates.push((number, serde_json::from_value(fields)?));
    }
    let values: Vec<_> = mandates.iter().map(|(number, mandate)| mandate.json(*number, block)).collect();
    app.print(&json!({ "block": block, "mandates": values }), || {
        let row = |(number, mandate): &(u32, Record)| {
            vec![
                number.to_string(),
                mandate.standing(block).into(),
                mandate.until.to_string(),
                mandate.traces.to_string(),
                mandate.reason().into(),
                mandate.target.target().to_string(),
                mandate.authority.clone(),
            ]
        };
        let rows: Vec<_> = mandates.iter().map(row).collect();
        let head = ["mandate", "standing", "until", "uses", "reason", "target", "authority"];
        format!("At block {block}\n{}", output::table(&head, &rows, &[0, 2, 3]))
    })
}

impl Trace {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let client = app.client().await?;
        let target = record(app, self.mandate).await?.target.target();
        // Written once and hashed as it is written, so that an auditor who has the text can compare.
        let asked_at = client.finalized().await?.number;
        let query = json!({ "mandate": self.mandate, "target": target, "asked_at": asked_at }).to_string();
        let hash = BlakeTwo256.hash(query.as_bytes());
        let call = calls::call(
            "Supervision",
            "trace",
            [
                ("mandate", calls::number(self.mandate)),
                ("target", calls::target(&target)),
                ("query", Value::from_bytes(hash)),
            ],
        );
        // Final, whatever --no-wait says: nothing is read before the use is on record for good.
        let mut receipt = client.submit(&call, &app.signer()?, Wait::Final).await?;
        let trace = receipt.field("Supervision.Traced", "trace").cloned().unwrap_or_default();
        let path = path(app, target).await?;
        let answer = json!({
            "trace": trace,
            "mandate": self.mandate,
            "target": target,
            "query": query,
            "query_hash": hex(&hash.0),
            "path": path,
        });
        if let Some(out) = &self.out {
            let text = serde_json::to_vec_pretty(&answer)?;
            std::fs::write(out, text).with_context(|| format!("cannot write {}", out.display()))?;
        }
        let (money, unknown) = (app.money().await?, records::warn(&path.unknown));
        let unknown = unknown.map(|text| format!("\n  {text}")).unwrap_or_default();
        let movements = path.movements.iter().map(|one| format!("\n  {}", words(one, &money))).collect::<String>();
        receipt.what = format!(
            "Use {trace} of mandate {}: {target}; {} movements{movements}{unknown}",
            self.mandate,
            path.movements.len(),
        );
        receipt.data = answer;
        app.report(&receipt)
    }
}

fn words(movement: &records::Record, money: &Money) -> String {
    let (value, coins) = (movement.shown(money), movement.count());
    let (from, to) = (party(&movement.from), party(&movement.to));
    format!("{}  {}  {:?}  {value}, {coins} coins  {from} to {to}", movement.block, movement.time(), movement.kind)
}

/// What a target went through: the one place that reads it.
async fn path(app: &App, target: Target) -> Result<Path> {
    let (client, all) = (app.client().await?, Query::default());
    let (now, query) = match target {
        Target::Owner(owner) => {
            let now: Option<OwnerInfo> = client.request("specie_owner", rpc_params![owner]).await?;
            (json!(now), Query { owner: Some(owner), ..all })
        },
        Target::Coin(coin) => {
            let now: Option<CoinInfo> = client.request("specie_coin", rpc_params![coin]).await?;
            (json!(now), Query { coin: Some(coin), ..all })
        },
        Target::Bank(_) => return Err(Failure::new(failure::WALLET, "banks are not traced").into()),
    };
    let Answer { unknown, records: movements, .. } = records::read(app, &query, usize::MAX).await?;
    Ok(Path { now, movements, unknown })
}

impl Audit {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let mut uses: Vec<Use> = Vec::new();
        for (number, fields) in app.client().await?.numbered("Supervision", "Traces").await? {
            uses.push(Use { trace: number, ..serde_json::from_value(fields)? });
        }
        let mandate = match self {
            Self::Traces { mandate } => mandate,
            Self::Check { file } => {
                let text = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let answer: OnFile = serde_json::from_slice(&text).context("the file is no answer to a trace")?;
                let found = answer.on_record(&uses)?;
                return app.print(&found, || {
                    format!(
                        "The query is on record: use {} of mandate {}, block {}",
                        found.trace, found.mandate, found.block
                    )
                });
            },
        };
        uses.retain(|one| mandate.is_none_or(|mandate| one.mandate == mandate));
        app.print(&json!({ "traces": uses }), || {
            let row = |one: &Use| {
                let numbers = [one.trace, one.mandate, one.block].map(|number| number.to_string());
                [&numbers[..], &[one.by.to_string(), one.query.clone()]].concat()
            };
            let rows: Vec<_> = uses.iter().map(row).collect();
            output::table(&["use", "mandate", "block", "by", "hash of the query"], &rows, &[0, 1, 2])
        })
    }
}

/// What an auditor needs of an answer.
#[derive(Deserialize)]
struct OnFile {
    trace: u32,
    query: String,
}

impl OnFile {
    /// The use that the answer belongs to.
    fn on_record<'u>(&self, uses: &'u [Use]) -> Result<&'u Use> {
        let hash = hex(&BlakeTwo256.hash(self.query.as_bytes()).0);
        let found = uses.iter().find(|one| one.trace == self.trace && one.query == hash);
        let text = || format!("use {} is not on record with the hash {hash} of this query", self.trace);
        Ok(found.ok_or_else(|| Failure::new(failure::WALLET, text()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;
    use clap::Parser;

    fn stored(target: Json) -> Json {
        let key = AccountId::new([1; 32]).to_string();
        json!({
            "target": target, "reason": "CourtOrder", "authority": "0x07", "opened_by": key, "opened": 3, "until": 50,
            "confirmed_by": null, "closed": null, "traces": 0,
        })
    }

    #[test]
    fn mandates_are_read_as_the_node_stores_them() {
        let coin = CoinId { batch: 3, index: 7 };
        for (target, read) in [
            (json!({ "Owner": OwnerId([7; 24]) }), Target::Owner(OwnerId([7; 24]))),
            (json!({ "Coin": "3-7" }), Target::Coin(coin)),
        ] {
            let record: Record = serde_json::from_value(stored(target)).unwrap();
            assert_eq!(record.target.target(), read);
        }
        let waits: Record = serde_json::from_value(stored(json!({ "Coin": "3-7" }))).unwrap();
        assert_eq!(waits.reason(), "court-order");
        assert_eq!(Record { reason: "Newer".into(), ..waits.clone() }.reason(), "Newer");
        assert_eq!((waits.standing(50), waits.standing(51)), ("waits", "expired"));
        let key = Some(AccountId::new([2; 32]));
        let in_force = Record { confirmed_by: key, ..waits };
        assert_eq!((in_force.standing(50), in_force.standing(51)), ("in force", "expired"));
        assert_eq!(Record { closed: Some(9), ..in_force }.standing(10), "closed");
    }

    #[test]
    fn an_answer_belongs_to_the_use_with_its_hash() {
        let answer = |query: &str| OnFile { trace: 1, query: query.into() };
        let (by, query) = (AccountId::new([1; 32]), hex(&BlakeTwo256.hash(b"asked").0));
        let uses = [Use { trace: 0, mandate: 3, query, by, block: 7 }];
        assert!(answer("asked").on_record(&uses).is_err(), "another use");
        let uses = [Use { trace: 1, ..uses[0].clone() }];
        assert_eq!(answer("asked").on_record(&uses).unwrap().mandate, 3);
        let error = answer("asked more").on_record(&uses).unwrap_err().to_string();
        assert!(error.contains("use 1 is not on record"), "{error}");
    }

    #[test]
    fn mandates_name_one_owner_or_one_coin_and_an_end() {
        let reads = |rest: &[&str]| {
            let open = ["specie", "issuer", "mandate", "open", "--reason", "fraud", "--authority", "order.txt"];
            Cli::try_parse_from([&open[..], rest].concat()).is_ok()
        };
        assert!(reads(&["--owner", "ann", "--for", "10"]) && reads(&["--coin", "3-7", "--until", "10"]));
        assert!(!reads(&["--for", "10"]) && !reads(&["--owner", "ann"]));
        assert!(!reads(&["--owner", "ann", "--coin", "3-7", "--for", "10"]));
        assert!(!reads(&["--owner", "ann", "--for", "10", "--until", "10"]));
    }
}

//! What an owner received and paid: looking back, and watching.

use crate::{
    app::App,
    client::BlockRef,
    output,
    records::{self, party, Order, Query, Record},
};
use anyhow::{bail, Result};
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use specie_primitives::OwnerId;
use specie_wallet::Money;
use subxt::rpcs::client::rpc_params;

/// What an owner received and paid.
#[derive(Args)]
#[command(after_help = "\
Amounts in brackets are of coins that wait, collected or taken back by somebody else: they change nothing that the owner \
has.")]
pub struct History {
    /// Owner id, identity or key; by default the owner of --key.
    owner: Option<String>,
    /// Show the newest N movements.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

impl History {
    const HEAD: [&str; 9] = ["block", "time (UTC)", "what", "coins", "custody", "from", "to", "extrinsic", "order"];

    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let named = self.owner.as_deref();
        let owner = app.owner_to_show(named).await?;
        app.registered(owner, named, None).await?;
        let query = Query { owner: Some(owner), ..Query::default() };
        let answer = records::read(app, &query, self.limit).await?;
        let money = app.money().await?;
        let rows: Vec<_> = answer.records.iter().map(|record| row(record, owner, &money)).collect();
        app.print(&json!({ "owner": owner, "unknown": answer.unknown, "entries": answer.records }), || {
            let warning = records::warn(&answer.unknown).map(|text| format!("\n{text}")).unwrap_or_default();
            format!("Owner {owner}{warning}\n{}", output::table(&Self::HEAD, &rows, &[0, 3, 4]))
        })
    }
}

/// A row of [`History::HEAD`].
fn row(record: &Record, owner: OwnerId, money: &Money) -> Vec<String> {
    let [coins, custody] = record.changes(owner, money);
    vec![
        record.block.to_string(),
        record.time(),
        format!("{:?}", record.kind),
        coins,
        custody,
        party(&record.from),
        party(&record.to),
        record.extrinsic_hash.clone().unwrap_or_default(),
        record.order.map(|order| order.to_string()).unwrap_or_default(),
    ]
}

/// A line of its own, without a head.
fn line(record: &Record, owner: OwnerId, money: &Money) -> String {
    let changes = record.changes(owner, money).into_iter().zip(["coins", "custody"]);
    let changes: Vec<_> =
        changes.filter(|(change, _)| !change.is_empty()).map(|(change, of)| format!("{change} {of}")).collect();
    let order = record.order.map(|order| format!("  by order {order}")).unwrap_or_default();
    format!(
        "{}  {} UTC  {:?}  {}  from {} to {}  {}{order}",
        record.block,
        record.time(),
        record.kind,
        changes.join(", "),
        party(&record.from),
        party(&record.to),
        record.extrinsic_hash.as_deref().unwrap_or_default(),
    )
}

#[derive(Deserialize)]
struct IndexStatus {
    block: BlockRef,
}

/// Follow what an owner receives and pays, as it becomes final.
#[derive(Args)]
pub struct Watch {
    /// Owner id, identity or key; by default the owner of --key.
    owner: Option<String>,
    /// Stop after N movements, at once if N is 0; otherwise Ctrl-C ends it.
    #[arg(long, value_name = "N")]
    count: Option<usize>,
}

impl Watch {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let named = self.owner.as_deref();
        let owner = app.owner_to_show(named).await?;
        app.registered(owner, named, None).await?;
        let (client, money) = (app.client().await?, app.money().await?);
        let status: IndexStatus = client.request("specie_indexStatus", rpc_params![]).await?;
        let last = status.block.number;
        let mut left = self.count;
        if left == Some(0) {
            return Ok(());
        }
        if !app.options.json {
            eprintln!("Watching owner {owner} from block {last}; end with Ctrl-C");
        }
        // The index takes blocks whole, so what comes later is in later blocks.
        let from_block = Some(last.saturating_add(1));
        let query = Query { owner: Some(owner), from_block, order: Order::Oldest, ..Query::default() };
        let done = client
            .each_record(&query, |record| {
                output::line(app.options.json, record, || line(record, owner, &money))?;
                left = left.map(|left| left.saturating_sub(1));
                if left == Some(0) {
                    bail!(Done);
                }
                Ok(())
            })
            .await;
        match done {
            Err(error) if error.is::<Done>() => Ok(()),
            done => done,
        }
    }
}

/// Everything that was asked for was seen.
#[derive(Debug)]
struct Done;

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("done")
    }
}

impl std::error::Error for Done {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::tests::{record, ANN};
    use specie_primitives::{
        flow::{FlowKind, Party},
        BankId, Holder, OrderId,
    };

    #[test]
    fn movements_are_told_in_rows_and_lines() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let record = record(FlowKind::Withdrawn, Party::Custody(BankId(1), ANN), Party::Coins(Holder::Owner(ANN)));
        let row = row(&record, ANN, &money);
        assert_eq!(row.len(), History::HEAD.len());
        assert_eq!(row[1..5], ["2024-02-29 00:00:00", "Withdrawn", "+186.00 SPC", "-186.00 SPC"].map(String::from));
        let changes = "+186.00 SPC coins, -186.00 SPC custody";
        let ways = format!("from custody of {ANN} at bank 1 to coins of {ANN}");
        let expected = format!("7  2024-02-29 00:00:00 UTC  Withdrawn  {changes}  {ways}  0xab");
        assert_eq!(line(&record, ANN, &money), expected);
        let order = OrderId([9; 32]);
        let by_order = Record { order: Some(order), ..record };
        assert_eq!(line(&by_order, ANN, &money), format!("{expected}  by order {order}"));
    }
}

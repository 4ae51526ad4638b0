//! `specie records …`: everything that moved, on the screen or into a file.

use crate::{
    app::App,
    export::{Export, Format},
    output,
    records::{self, party, Order, Page, Query, Record, When},
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use specie_primitives::{flow::FlowKind, BankId, CoinId, OrderId};
use specie_wallet::Money;
use std::path::PathBuf;

/// The record of what moved.
#[derive(Subcommand)]
pub enum Records {
    /// Show movements, newest first.
    #[command(after_help = "Examples:
  specie records list --coin 3-1041 --oldest
  specie records list --order f70e877e7c5a5083050baa941f7380982838bd059075f2958f822d63e7c198de
  specie records list --bank 1 --kind drawn,returned --from 2026-11-01 --to 2026-11-30")]
    List {
        #[command(flatten)]
        which: Which,
        /// The oldest first.
        #[arg(long)]
        oldest: bool,
        /// Show so many.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: usize,
    },
    /// Write movements into a file, oldest first.
    #[command(after_help = "\
A file that was cut, or that an earlier export left, is gone on with behind its last complete line: run the same command \
again. The columns are explained in docs/records.md.

Examples:
  specie records export --bank 1 --from 2026-11-01 -o november.csv
  specie records export --owner ann --format json -o ann.jsonl")]
    Export {
        #[command(flatten)]
        which: Which,
        /// How it is written: csv, or one JSON object a line.
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
        /// The file.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Write what the node knows, even if there are blocks of which it does not know what moved.
        #[arg(long)]
        partial: bool,
    },
}

/// Which movements; all conditions must be met.
#[derive(Args)]
pub struct Which {
    /// Movements of this coin: batch-index.
    #[arg(long, value_name = "COIN")]
    coin: Option<String>,
    /// Movements from or to this owner: owner id, identity or key.
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
    /// Movements from or to this bank's reserve, vault, counter or accounts.
    #[arg(long, value_name = "NUMBER")]
    bank: Option<u32>,
    /// Movements of this order: its name, 64 hexadecimal digits.
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// Movements of these kinds: minted, retired, drawn, transferred …
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kind: Vec<String>,
    /// Not before this block, day (2026-11-21) or second (2026-11-21T18:09:12Z) in UTC.
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// Not after this block, day or second.
    #[arg(long, value_name = "WHEN")]
    to: Option<When>,
}

impl Which {
    async fn query(&self, app: &App, order: Order) -> Result<Query> {
        let coin = self.coin.as_deref().map(str::parse::<CoinId>).transpose().map_err(anyhow::Error::msg)?;
        let owner = match &self.owner {
            Some(text) => Some(app.owner(text).await?),
            None => None,
        };
        let order_id = self.order.as_deref().map(str::parse::<OrderId>).transpose().map_err(anyhow::Error::msg)?;
        let kinds = self.kind.iter().map(|text| kind(text)).collect::<Result<_>>()?;
        Query { coin, owner, bank: self.bank.map(BankId), order_id, kinds, order, ..Query::default() }
            .within(self.from, self.to)
    }
}

/// A kind by its name.
fn kind(text: &str) -> Result<FlowKind> {
    let name = text.trim().to_lowercase().replace('-', "_");
    serde_json::from_value(name.clone().into()).with_context(|| format!("there is no kind of movement '{name}'"))
}

impl Records {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::List { which, oldest, limit } => {
                let query = which.query(app, if oldest { Order::Oldest } else { Order::Newest }).await?;
                list(app, &query, limit).await
            },
            Self::Export { which, format, output, partial } => {
                let query = which.query(app, Order::Oldest).await?;
                let export = Export::open(&output, format)?;
                write(app, query, export, output, partial).await
            },
        }
    }
}

const HEAD: [&str; 8] = ["block", "time (UTC)", "what", "value", "coins", "from", "to", "order"];

async fn list(app: &App, query: &Query, limit: usize) -> Result<()> {
    let answer = records::read(app, query, limit).await?;
    let money = app.money().await?;
    app.print(&answer, || {
        let rows: Vec<_> = answer.records.iter().map(|record| row(record, &money)).collect();
        let table = output::table(&HEAD, &rows, &[0, 3, 4]);
        let warning = records::warn(&answer.unknown).map(|text| format!("{text}\n")).unwrap_or_default();
        format!("{warning}{table}")
    })
}

/// A row of [`HEAD`].
fn row(record: &Record, money: &Money) -> Vec<String> {
    vec![
        record.block.to_string(),
        record.time(),
        format!("{:?}", record.kind),
        record.shown(money),
        record.count().to_string(),
        party(&record.from),
        party(&record.to),
        record.order.map(|order| order.to_string()).unwrap_or_default(),
    ]
}

async fn write(app: &App, mut query: Query, mut export: Export, path: PathBuf, partial: bool) -> Result<()> {
    let resumed = export.block();
    // What the file has already need not be read again, but for its last block.
    query.from_block = query.from_block.max(resumed);
    let pages = async |cursor: Option<String>| records::page(app, &query, cursor.as_deref(), records::PAGE).await;
    let told = |written: u64, page: &Page| {
        let block = page.records.last().map_or(page.block.number, |record| record.block);
        eprintln!("{written} records, up to block {block} of {}", page.block.number);
    };
    let (block, unknown) = export.write(partial, pages, told).await?;
    let written = export.written();
    let value = json!({ "file": path, "written": written, "resumed_at": resumed, "block": block, "unknown": unknown });
    app.print(&value, || {
        let warning = records::warn(&unknown).map(|text| format!("\n{text}")).unwrap_or_default();
        format!("Wrote {written} records to {}; complete up to block {}{warning}", path.display(), block.number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::tests::{record, ANN, BEN};
    use specie_primitives::{flow::Party, Holder};

    #[test]
    fn kinds_are_read_by_name() {
        assert_eq!(kind("minted").unwrap(), FlowKind::Minted);
        assert_eq!(kind(" Owner-Credited").unwrap(), FlowKind::OwnerCredited);
        assert!(kind("paid").unwrap_err().to_string().contains("'paid'"));
    }

    #[test]
    fn a_row_has_every_column() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let coins = |owner| Party::Coins(Holder::Owner(owner));
        let row = row(&record(FlowKind::Transferred, coins(ANN), coins(BEN)), &money);
        assert_eq!(row.len(), HEAD.len());
        assert_eq!(row[3], "186.00 SPC");
    }
}

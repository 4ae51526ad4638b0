//! What owners do: look, pay, withdraw, deposit.

use crate::{
    app::{self, App},
    calls,
    client::BlockRef,
    output,
    vaults::{self, Limits, Wanted},
};
use anyhow::{bail, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use specie_primitives::{
    api::OwnerInfo,
    flow::{FlowKind, Party},
    total_value, BankId, BlockNumber, CoinId, CoinRef, Holder, OwnerId, VaultId,
};
use specie_wallet::{select, HeldCoin, Money};
use subxt::rpcs::client::rpc_params;

/// What an owner has.
#[derive(Args)]
pub struct Balance {
    /// Owner id, identity or key; the signing key's owner if absent.
    owner: Option<String>,
}

impl Balance {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let owner = app.owner_or_own(self.owner.as_deref()).await?;
        let holdings = app.holdings(Holder::Owner(owner)).await?;
        let info: Option<OwnerInfo> =
            app.client().await?.request("specie_owner", rpc_params![owner, &holdings.block.hash]).await?;
        let custody = info.map(|info| info.custody).unwrap_or_default();
        let counts = holdings.by_denomination();
        let coins_value = total_value(&counts);
        let money = app.money().await?;
        let value = json!({
            "owner": owner,
            "block": holdings.block,
            "coins_value": coins_value,
            "denominations": counts.iter().map(|(denomination, count)| json!({ "denomination": denomination, "count": count })).collect::<Vec<_>>(),
            "coins": holdings.coins,
            "custody": custody.iter().map(|(bank, amount)| json!({ "bank": bank, "amount": amount })).collect::<Vec<_>>(),
        });
        app.print(&value, || {
            let mut rows: Vec<_> = counts
                .iter()
                .map(|(denomination, count)| {
                    vec![
                        format!("{count} × {}", money.format(denomination.0.into())),
                        money.show(denomination.value(*count)),
                    ]
                })
                .collect();
            rows.push(vec!["coins".into(), money.show(coins_value)]);
            rows.extend(
                custody.iter().map(|(bank, amount)| vec![format!("custody at bank {bank}"), money.show(*amount)]),
            );
            let table = output::table(&["", ""], &rows, &[1]);
            format!("Owner {owner} at block {}{table}", holdings.block.number)
        })
    }
}

/// A movement as the node's index keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    block: BlockNumber,
    hash: String,
    extrinsic: Option<u32>,
    extrinsic_hash: Option<String>,
    kind: FlowKind,
    value: specie_primitives::Balance,
    from: Party,
    to: Party,
    coins: Vec<CoinId>,
}

impl Entry {
    fn words(&self, owner: OwnerId, money: &Money) -> Vec<String> {
        let sign = match (self.from.owner() == Some(owner), self.to.owner() == Some(owner)) {
            (true, false) => "-",
            (false, true) => "+",
            _ => "",
        };
        vec![
            self.block.to_string(),
            format!("{:?}", self.kind),
            format!("{sign}{}", money.show(self.value)),
            party(&self.from),
            party(&self.to),
            self.extrinsic_hash.clone().unwrap_or_default(),
        ]
    }
}

fn party(party: &Party) -> String {
    match party {
        Party::Issuer => "issuer".into(),
        Party::Reserve(bank) => format!("reserve of bank {bank}"),
        Party::Coins(Holder::Owner(owner)) => format!("coins of {owner}"),
        Party::Coins(Holder::Vault(VaultId::Issue)) => "issue vault".into(),
        Party::Coins(Holder::Vault(VaultId::Bank(bank))) => format!("vault of bank {bank}"),
        Party::Custody(bank, owner) => format!("custody of {owner} at bank {bank}"),
        Party::Counter(bank) => format!("counter of bank {bank}"),
    }
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<Entry>,
    cursor: Option<String>,
    since: BlockNumber,
}

#[derive(Deserialize)]
struct IndexStatus {
    block: BlockRef,
}

/// What an owner received and paid.
#[derive(Args)]
pub struct History {
    /// Owner id, identity or key; the signing key's owner if absent.
    owner: Option<String>,
    /// Most entries to show.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

impl History {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let owner = app.owner_or_own(self.owner.as_deref()).await?;
        let (mut entries, since) = history(app, owner, 0, self.limit).await?;
        entries.truncate(self.limit);
        let money = app.money().await?;
        let rows: Vec<_> = entries.iter().map(|entry| entry.words(owner, &money)).collect();
        app.print(&json!({ "owner": owner, "since": since, "entries": entries }), || {
            let table = output::table(&["block", "what", "amount", "from", "to", "extrinsic"], &rows, &[0, 2]);
            format!("Owner {owner}; the node knows of movements after block {since}\n{table}")
        })
    }
}

/// The newest entries of blocks after `after`, newest first, and the block after which the node knows of movements.
/// At least `limit` if there are so many.
async fn history(app: &App, owner: OwnerId, after: BlockNumber, limit: usize) -> Result<(Vec<Entry>, BlockNumber)> {
    let client = app.client().await?;
    let page_size = limit.clamp(1, 1_000);
    let (mut entries, mut cursor) = (Vec::<Entry>::new(), None::<String>);
    loop {
        let page: Page = client.request("specie_history", rpc_params![owner, cursor, page_size]).await?;
        entries.extend(page.entries);
        cursor = page.cursor;
        let reached = entries.last().is_none_or(|entry| entry.block <= after);
        if cursor.is_none() || reached || entries.len() >= limit {
            entries.retain(|entry| entry.block > after);
            return Ok((entries, page.since));
        }
    }
}

/// Follow an owner's payments as they become final.
#[derive(Args)]
pub struct Watch {
    /// Owner id, identity or key; the signing key's owner if absent.
    owner: Option<String>,
    /// Stop after so many movements.
    #[arg(long)]
    count: Option<usize>,
}

impl Watch {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let owner = app.owner_or_own(self.owner.as_deref()).await?;
        let (client, money) = (app.client().await?, app.money().await?);
        let status: IndexStatus = client.request("specie_indexStatus", rpc_params![]).await?;
        let mut last = status.block.number;
        let mut left = self.count.unwrap_or(usize::MAX);
        if !app.options.json {
            eprintln!("Watching owner {owner} from block {last}; end with Ctrl-C");
        }
        let done = client
            .each_finalized(async || {
                // The index takes blocks whole, so what comes later is in later blocks.
                for entry in history(app, owner, last, usize::MAX).await?.0.into_iter().rev() {
                    last = last.max(entry.block);
                    output::line(app.options.json, &entry, || entry.words(owner, &money).join("  "))?;
                    left -= 1;
                    if left == 0 {
                        bail!(Done);
                    }
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

/// Pay an owner with coins.
#[derive(Args)]
pub struct Pay {
    /// Owner id, identity or key of the payee.
    to: String,
    /// Amount.
    amount: String,
}

impl Pay {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let amount = app.amount(&self.amount).await?;
        let to = app.owner(&self.to).await?;
        let own = app.owner_or_own(None).await?;
        let money = app.money().await?;
        let held = app.holdings(Holder::Owner(own)).await?.coins;
        let network = app.network().await?;
        let coins = select(&held, amount).map_err(|error| vaults::explain(network, &money, amount, error))?;
        let call = calls::call(
            "Ownership",
            "transfer",
            [("to", calls::owner(to)), ("coins", calls::coins(&references(&coins)))],
        );
        let what = format!("Paid {} to {to} with {}", money.show(amount), describe(&money, &coins));
        app.send_with(&call, what, json!({ "from": own, "to": to, "amount": amount, "coins": app::names(&coins) }))
            .await
    }
}

/// Take coins out of custody at a bank.
#[derive(Args)]
pub struct Withdraw {
    /// Number of the bank.
    #[arg(long)]
    bank: u32,
    /// Amount, in the fewest coins that the bank has.
    #[arg(required_unless_present = "coins", conflicts_with = "coins")]
    amount: Option<String>,
    /// Face values and counts instead, for instance 100x1,50x1.
    #[arg(long)]
    coins: Option<String>,
}

impl Withdraw {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (bank, money) = (BankId(self.bank), app.money().await?);
        let wanted = Wanted { amount: self.amount, lots: self.coins };
        let (selection, value) = vaults::choose(app, VaultId::Bank(bank), &wanted, Limits::TO_OWNER).await?;
        let call = calls::call(
            "Custody",
            "withdraw",
            [("bank", calls::bank(bank)), ("selection", calls::selection(&selection))],
        );
        let what = format!("Withdrew {} in {} coins from custody at bank {bank}", money.show(value), selection.len());
        app.send_with(&call, what, json!({ "bank": bank, "amount": value, "coins": selection.len() })).await
    }
}

/// Pay coins into custody at a bank.
#[derive(Args)]
pub struct Deposit {
    /// Number of the bank.
    #[arg(long)]
    bank: u32,
    #[command(flatten)]
    which: Which,
}

/// Which coins to pay in.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Amount, with the fewest coins that make it up.
    amount: Option<String>,
    /// Every coin.
    #[arg(long)]
    all: bool,
    /// Face values and counts, or single coins: 100x1,50x1 or 3-1041,3-1042.
    #[arg(long)]
    coins: Option<String>,
}

impl Deposit {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (bank, money) = (BankId(self.bank), app.money().await?);
        let own = app.owner_or_own(None).await?;
        let held = app.holdings(Holder::Owner(own)).await?.coins;
        let coins = if let Some(amount) = &self.which.amount {
            let (amount, network) = (money.parse_positive(amount)?, app.network().await?);
            select(&held, amount).map_err(|error| vaults::explain(network, &money, amount, error))?
        } else if let Some(text) = &self.which.coins {
            named(&held, text, &money)?
        } else {
            held
        };
        if coins.is_empty() {
            bail!("there are no coins to pay in");
        }
        let mut receipts = Vec::new();
        for part in coins.chunks(specie_primitives::MAX_COINS_PER_CALL as usize) {
            let value = value(part);
            let call = calls::call(
                "Custody",
                "deposit",
                [("bank", calls::bank(bank)), ("coins", calls::coins(&references(part)))],
            );
            let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
            receipt.what =
                format!("Paid {} into custody at bank {bank} with {}", money.show(value), describe(&money, part));
            receipt.data = json!({ "bank": bank, "amount": value, "coins": app::names(part) });
            receipts.push(app.step(receipt)?);
        }
        app.report_steps(&receipts)
    }
}

/// Held coins by face value and count, or by name.
fn named(held: &[HeldCoin], text: &str, money: &Money) -> Result<Vec<HeldCoin>> {
    let mut coins: Vec<HeldCoin> = Vec::new();
    if text.contains('-') {
        for name in text.split(',') {
            let id: CoinId = name.trim().parse().map_err(anyhow::Error::msg)?;
            match held.iter().find(|coin| coin.coin == id) {
                Some(coin) => coins.push(*coin),
                None => bail!("coin {id} is not held"),
            }
        }
        return Ok(coins);
    }
    for lot in money.lots(text)? {
        let of: Vec<_> =
            held.iter().filter(|coin| coin.denomination == lot.denomination).take(lot.count as usize).collect();
        if of.len() < lot.count as usize {
            bail!("only {} coins of {} are held", of.len(), money.format(lot.denomination.0.into()));
        }
        coins.extend(of);
    }
    Ok(coins)
}

fn references(coins: &[HeldCoin]) -> Vec<CoinRef> {
    coins.iter().map(HeldCoin::reference).collect()
}

fn counts(coins: &[HeldCoin]) -> specie_primitives::Counts {
    let mut counts = std::collections::BTreeMap::new();
    for coin in coins {
        *counts.entry(coin.denomination).or_default() += 1;
    }
    counts.into_iter().rev().collect()
}

fn value(coins: &[HeldCoin]) -> specie_primitives::Balance {
    total_value(&counts(coins))
}

fn describe(money: &Money, coins: &[HeldCoin]) -> String {
    vaults::describe(money, &counts(coins))
}

//! What owners do: look, pay, withdraw, deposit.

use crate::{
    app::{self, App},
    calls,
    client::BlockRef,
    output,
    purse::Purse,
    vaults::{self, counts, value, Limits, Listed, Wanted},
};
use anyhow::{bail, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use specie_primitives::{
    api::OwnerInfo,
    flow::{FlowKind, Party},
    BankId, BlockNumber, CoinId, CoinRef, Holder, Lot, OwnerId, VaultId,
};
use specie_wallet::{HeldCoin, Money};
use subxt::rpcs::client::rpc_params;

/// What an owner has.
#[derive(Args)]
pub struct Balance {
    /// Owner id, identity or key; by default the owner of --key.
    owner: Option<String>,
}

impl Balance {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let owner = app.owner_or_own(self.owner.as_deref()).await?;
        let purse = Purse::look(app, owner).await?;
        let (holdings, away_value) = (purse.holdings(), value(purse.away()));
        let info: Option<OwnerInfo> =
            app.client().await?.request("specie_owner", rpc_params![owner, &holdings.block.hash]).await?;
        let custody = info.map(|info| info.custody).unwrap_or_default();
        let (counts, coins_value) = (counts(&holdings.coins), value(&holdings.coins));
        let money = app.money().await?;
        let value = json!({
            "owner": owner,
            "block": holdings.block,
            "coins_value": coins_value,
            "denominations": counts.iter().map(|(denomination, count)| json!({ "denomination": denomination, "count": count })).collect::<Vec<_>>(),
            "coins": holdings.coins,
            "pending_value": away_value,
            "pending": purse.pending().coins(),
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
            if away_value > 0 {
                rows.push(vec!["of which on its way".into(), money.show(away_value)]);
            }
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
    /// How the owner's coins and its custody accounts change, each with its sign. A withdrawal moves both.
    fn changes(&self, owner: OwnerId, money: &Money) -> [String; 2] {
        let side = |party: &Party| match party {
            Party::Coins(Holder::Owner(whose)) if *whose == owner => [true, false],
            Party::Custody(_, whose) if *whose == owner => [false, true],
            _ => [false, false],
        };
        let (from, to) = (side(&self.from), side(&self.to));
        [0, 1].map(|place| match (from[place], to[place]) {
            (false, false) => String::new(),
            (true, false) => format!("-{}", money.show(self.value)),
            (false, true) => format!("+{}", money.show(self.value)),
            // From one bank to another.
            (true, true) => format!("±{}", money.show(self.value)),
        })
    }

    /// A row of [`History::HEAD`].
    fn row(&self, owner: OwnerId, money: &Money) -> Vec<String> {
        let [coins, custody] = self.changes(owner, money);
        vec![
            self.block.to_string(),
            format!("{:?}", self.kind),
            coins,
            custody,
            party(&self.from),
            party(&self.to),
            self.extrinsic_hash.clone().unwrap_or_default(),
        ]
    }

    /// A line of its own, without a head.
    fn line(&self, owner: OwnerId, money: &Money) -> String {
        let changes = self.changes(owner, money).into_iter().zip(["coins", "custody"]);
        let changes: Vec<_> =
            changes.filter(|(change, _)| !change.is_empty()).map(|(change, of)| format!("{change} {of}")).collect();
        format!(
            "{}  {:?}  {}  from {} to {}  {}",
            self.block,
            self.kind,
            changes.join(", "),
            party(&self.from),
            party(&self.to),
            self.extrinsic_hash.as_deref().unwrap_or_default(),
        )
    }
}

fn party(party: &Party) -> String {
    match party {
        Party::Issuer => "issuer".into(),
        Party::Reserve(bank) => format!("reserve of bank {bank}"),
        Party::Coins(holder) => vaults::place(holder),
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
    /// Owner id, identity or key; by default the owner of --key.
    owner: Option<String>,
    /// Show the newest N movements.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

impl History {
    const HEAD: [&str; 7] = ["block", "what", "coins", "custody", "from", "to", "extrinsic"];

    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let owner = app.owner_or_own(self.owner.as_deref()).await?;
        let (mut entries, since) = history(app, owner, 0, self.limit).await?;
        entries.truncate(self.limit);
        let money = app.money().await?;
        let rows: Vec<_> = entries.iter().map(|entry| entry.row(owner, &money)).collect();
        app.print(&json!({ "owner": owner, "since": since, "entries": entries }), || {
            let table = output::table(&Self::HEAD, &rows, &[0, 2, 3]);
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

/// Follow what an owner receives and pays, as it becomes final.
#[derive(Args)]
pub struct Watch {
    /// Owner id, identity or key; by default the owner of --key.
    owner: Option<String>,
    /// Stop after N movements; otherwise Ctrl-C ends it.
    #[arg(long, value_name = "N")]
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
                    output::line(app.options.json, &entry, || entry.line(owner, &money))?;
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
#[command(after_help = "Examples:
  specie --key ann pay ben 186.00
  specie --key ann pay '+49 171 5550101' 20 --no-wait

Coins cannot be split: if none of yours add up to the amount, the nearest amounts that they can pay are named. Coins \
of a payment that is not final yet are left out, so that with --no-wait one payment can follow another at once.")]
pub struct Pay {
    /// The payee: owner id, identity or key.
    to: String,
    /// Amount, for instance 186.00.
    amount: String,
}

impl Pay {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let amount = app.amount(&self.amount).await?;
        let to = app.owner(&self.to).await?;
        let own = app.owner_or_own(None).await?;
        // Before the purse is open: other commands do not wait for somebody who types a password.
        let (key, money) = (app.signer()?, app.money().await?);
        let mut purse = Purse::open(app, own).await?;
        let coins = purse.select(app, amount).await?;
        let call = calls::call(
            "Ownership",
            "transfer",
            [("to", calls::owner(to)), ("coins", calls::coins(&references(&coins)))],
        );
        let mut receipt = purse.spend(app, &key, &call, &coins).await?;
        receipt.what = format!("Paid {} to {to} with {}", money.show(amount), describe(&money, &coins));
        receipt.data = json!({ "from": own, "to": to, "amount": amount, "coins": app::names(&coins) });
        app.report(&receipt)
    }
}

/// Take coins out of custody at a bank.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann withdraw --bank 1 500
  specie --key ann withdraw --bank 1 --coins 100x3,50x4")]
pub struct Withdraw {
    /// Number of the bank, see `specie bank list`.
    #[arg(long, value_name = "NUMBER")]
    bank: u32,
    #[command(flatten)]
    wanted: Wanted,
}

impl Withdraw {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (bank, money) = (BankId(self.bank), app.money().await?);
        let (selection, value) = vaults::choose(app, VaultId::Bank(bank), &self.wanted, Limits::TO_OWNER).await?;
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
#[command(after_help = "Examples:
  specie --key ann deposit --bank 1 500
  specie --key ann deposit --bank 1 --coins 100x3,50x4
  specie --key ann deposit --bank 1 --coins 3-1041,3-1042
  specie --key ann deposit --bank 1 --all

Coins of a payment that is not final yet are left out.")]
pub struct Deposit {
    /// Number of the bank, see `specie bank list`.
    #[arg(long, value_name = "NUMBER")]
    bank: u32,
    #[command(flatten)]
    which: Which,
}

/// Which coins to pay in.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Value to pay in, with the fewest coins that make it up, for instance 1000.00.
    amount: Option<String>,
    /// Every coin instead.
    #[arg(long)]
    all: bool,
    /// The coins instead: face value x count (100x20,50x2), or their names (3-1041,3-1042).
    #[arg(long, value_name = "LIST")]
    coins: Option<String>,
}

impl Deposit {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (bank, money) = (BankId(self.bank), app.money().await?);
        let amount = self.which.amount.as_deref().map(|text| money.parse_positive(text)).transpose()?;
        let listed = self.which.coins.as_deref().map(|text| Listed::read(text, &money)).transpose()?;
        let own = app.owner_or_own(None).await?;
        let key = app.signer()?;
        let mut purse = Purse::open(app, own).await?;
        let coins = match (amount, listed) {
            (Some(amount), _) => purse.select(app, amount).await?,
            (None, Some(Listed::Lots(lots))) => of_lots(&purse, &lots, &money)?,
            (None, Some(Listed::Names(names))) => {
                let coins = vaults::by_name(app, Holder::Owner(own), &purse.holdings().coins, &names).await?;
                if let Some(coin) = coins.iter().find(|coin| purse.pending().of(coin).is_some()) {
                    return Err(purse.refuse(&money, format!("coin {} is on its way already", coin.coin)));
                }
                coins
            },
            (None, None) => purse.free().to_vec(),
        };
        if coins.is_empty() {
            return Err(purse.refuse(&money, "there are no coins to pay in".into()));
        }
        let mut receipts = Vec::new();
        for part in coins.chunks(specie_primitives::MAX_COINS_PER_CALL as usize) {
            let value = value(part);
            let call = calls::call(
                "Custody",
                "deposit",
                [("bank", calls::bank(bank)), ("coins", calls::coins(&references(part)))],
            );
            let mut receipt = purse.spend(app, &key, &call, part).await?;
            receipt.what =
                format!("Paid {} into custody at bank {bank} with {}", money.show(value), describe(&money, part));
            receipt.data = json!({ "bank": bank, "amount": value, "coins": app::names(part) });
            receipts.push(app.step(receipt)?);
        }
        app.report_steps(&receipts)
    }
}

/// Free coins by face value and count.
fn of_lots(purse: &Purse, lots: &[Lot], money: &Money) -> Result<Vec<HeldCoin>> {
    let mut coins: Vec<HeldCoin> = Vec::new();
    for lot in lots {
        let of = purse.free().iter().filter(|coin| coin.denomination == lot.denomination);
        let before = coins.len();
        coins.extend(of.take(lot.count as usize));
        let found = coins.len() - before;
        if found < lot.count as usize {
            let face = money.show(lot.denomination.0.into());
            return Err(purse.refuse(money, format!("there are {found} coins of {face}, {} are wanted", lot.count)));
        }
    }
    Ok(coins)
}

fn references(coins: &[HeldCoin]) -> Vec<CoinRef> {
    coins.iter().map(HeldCoin::reference).collect()
}

fn describe(money: &Money, coins: &[HeldCoin]) -> String {
    vaults::describe(money, &counts(coins))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: OwnerId = OwnerId([1; 24]);
    const BEN: OwnerId = OwnerId([2; 24]);

    fn entry(kind: FlowKind, from: Party, to: Party) -> Entry {
        Entry {
            block: 7,
            hash: "0x07".into(),
            extrinsic: Some(1),
            extrinsic_hash: Some("0xab".into()),
            kind,
            value: 18_600,
            from,
            to,
            coins: vec![],
        }
    }

    #[test]
    fn every_movement_has_its_sign() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let (coins, bank) = (|owner| Party::Coins(Holder::Owner(owner)), BankId(1));
        let (custody, vault) = (Party::Custody(bank, ANN), Party::Coins(Holder::Vault(VaultId::Bank(bank))));
        let (plus, minus) = ("+186.00 SPC", "-186.00 SPC");
        for (kind, from, to, expected) in [
            (FlowKind::Transferred, coins(ANN), coins(BEN), [minus, ""]),
            (FlowKind::Transferred, coins(BEN), coins(ANN), [plus, ""]),
            (FlowKind::Withdrawn, custody, coins(ANN), [plus, minus]),
            (FlowKind::Deposited, coins(ANN), custody, [minus, plus]),
            (FlowKind::OwnerCredited, Party::Counter(bank), custody, ["", plus]),
            (FlowKind::OwnerDebited, custody, Party::Counter(bank), ["", minus]),
            (FlowKind::Deposited, coins(ANN), vault, [minus, ""]),
            (FlowKind::Transferred, custody, Party::Custody(BankId(2), ANN), ["", "±186.00 SPC"]),
        ] {
            let entry = entry(kind, from, to);
            assert_eq!(entry.changes(ANN, &money), expected, "{entry:?}");
            assert_eq!(entry.row(ANN, &money).len(), History::HEAD.len());
        }
        let line = entry(FlowKind::Withdrawn, custody, coins(ANN)).line(ANN, &money);
        assert_eq!(
            line,
            format!("7  Withdrawn  +186.00 SPC coins, -186.00 SPC custody  from custody of {ANN} at bank 1 to coins of {ANN}  0xab")
        );
    }
}

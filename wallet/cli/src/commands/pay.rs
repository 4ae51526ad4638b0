//! What owners do: look, withdraw, deposit.

use crate::{
    app::{self, App},
    calls,
    client::{BlockRef, Receipt},
    failure::{self, Failure},
    output,
    purse::{Parts, Purse},
    vaults::{self, counts, value, Limits, Listed, Wanted},
};
use anyhow::{bail, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use specie_primitives::{
    api::OwnerInfo,
    flow::{FlowKind, Party},
    Balance as Units, BankId, BlockNumber, CoinId, CoinRef, Holder, Lot, OwnerId, OwnerStatus, SuspendedBy, VaultId,
};
use specie_wallet::{HeldCoin, Keypair, Money};
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
        let named = self.owner.as_deref();
        let owner = app.owner_to_show(named).await?;
        let purse = Purse::look(app, owner).await?;
        let holdings = purse.holdings();
        let OwnerInfo { status, custody, .. } =
            app.registered(owner, named, Some(holdings.block.hash.as_str())).await?;
        let (counts, coins_value) = (counts(&holdings.coins), value(&holdings.coins));
        let (money, parts) = (app.money().await?, purse.parts(status));
        let value = json!({
            "owner": owner,
            "standing": status,
            "block": holdings.block,
            "coins_value": coins_value,
            "denominations": counts.iter().map(|(denomination, count)| json!({ "denomination": denomination, "count": count })).collect::<Vec<_>>(),
            "coins": holdings.coins,
            "settled_value": parts.settled,
            "pending_value": parts.pending,
            "held_value": parts.held,
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
            rows.extend(part_rows(&money, parts));
            rows.extend(
                custody.iter().map(|(bank, amount)| vec![format!("custody at bank {bank}"), money.show(*amount)]),
            );
            let table = output::table(&["", ""], &rows, &[1]);
            format!("Owner {owner}{} at block {}{table}", remark(status), holdings.block.number)
        })
    }
}

/// What can be spent of coins, what is on its way, and what the supervisor holds.
pub fn part_rows(money: &Money, parts: Parts) -> [Vec<String>; 3] {
    let Parts { settled, pending, held } = parts;
    [("settled", settled), ("pending", pending), ("held", held)]
        .map(|(name, value)| vec![format!("of which {name}"), money.show(value)])
}

/// A word on an owner who does not simply pay and is paid.
fn remark(status: OwnerStatus) -> &'static str {
    match status {
        OwnerStatus::Active => "",
        OwnerStatus::Suspended(SuspendedBy::Supervisor) => ", HELD by the supervisor: is paid, but cannot pay,",
        OwnerStatus::Suspended(SuspendedBy::Bank) => ", SUSPENDED: is paid, but cannot pay,",
        OwnerStatus::Closed => ", CLOSED,",
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
    value: Units,
    from: Party,
    to: Party,
    coins: Vec<CoinId>,
    /// When its block was made, in milliseconds since 1970; none if the state of that block is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_ms: Option<u64>,
}

impl Entry {
    /// Date and time of its block in UTC, if known.
    fn time(&self) -> String {
        self.time_ms.map(output::utc).unwrap_or_default()
    }

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
            self.time(),
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
        let time = if self.time_ms.is_some() { format!("  {} UTC", self.time()) } else { String::new() };
        format!(
            "{}{time}  {:?}  {}  from {} to {}  {}",
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
    const HEAD: [&str; 8] = ["block", "time (UTC)", "what", "coins", "custody", "from", "to", "extrinsic"];

    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let named = self.owner.as_deref();
        let owner = app.owner_to_show(named).await?;
        app.registered(owner, named, None).await?;
        let (mut entries, since) = history(app, owner, 0, self.limit).await?;
        entries.truncate(self.limit);
        date(app, &mut entries).await?;
        let money = app.money().await?;
        let rows: Vec<_> = entries.iter().map(|entry| entry.row(owner, &money)).collect();
        app.print(&json!({ "owner": owner, "since": since, "entries": entries }), || {
            let table = output::table(&Self::HEAD, &rows, &[0, 3, 4]);
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

/// Adds the times of their blocks to movements, newest first.
async fn date(app: &App, entries: &mut [Entry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let times = app.client().await?.times(entries.iter().map(|entry| entry.hash.as_str())).await?;
    for entry in entries {
        entry.time_ms = times.get(&entry.hash).copied();
    }
    Ok(())
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
        let mut last = status.block.number;
        let mut left = self.count;
        if left == Some(0) {
            return Ok(());
        }
        if !app.options.json {
            eprintln!("Watching owner {owner} from block {last}; end with Ctrl-C");
        }
        let done = client
            .each_finalized(async || {
                // The index takes blocks whole, so what comes later is in later blocks.
                let mut entries = history(app, owner, last, usize::MAX).await?.0;
                date(app, &mut entries).await?;
                for entry in entries.into_iter().rev() {
                    last = last.max(entry.block);
                    output::line(app.options.json, &entry, || entry.line(owner, &money))?;
                    left = left.map(|left| left.saturating_sub(1));
                    if left == Some(0) {
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
        let (bank, money) = (app.bank(self.bank).await?.bank, app.money().await?);
        let own = app.owner_or_own(None).await?;
        let at = app.client().await?.best_hash().await?;
        let info = app.registered(own, None, Some(&at)).await?;
        let custody = info.custody.iter().find(|(at, _)| *at == bank).map_or(0, |(_, custody)| *custody);
        // What the owner has there comes first: the bank's vault is none of its business.
        if let Some(wanted) = self.wanted.value(&money)? {
            ensure_covered(&money, bank, custody, wanted)?;
        }
        let (selection, value) = vaults::choose(app, VaultId::Bank(bank), &self.wanted, Limits::TO_OWNER).await?;
        ensure_covered(&money, bank, custody, value)?;
        let call = calls::call(
            "Custody",
            "withdraw",
            [("bank", calls::bank(bank)), ("selection", calls::selection(&selection))],
        );
        let what = format!("Withdrew {} in {} coins from custody at bank {bank}", money.show(value), selection.len());
        app.send_with(&call, what, json!({ "bank": bank, "amount": value, "coins": selection.len() })).await
    }
}

fn ensure_covered(money: &Money, bank: BankId, custody: Units, wanted: Units) -> Result<()> {
    if wanted > custody {
        let (has, wanted) = (money.show(custody), money.show(wanted));
        let text = format!("the custody account at bank {bank} has {has}, {wanted} are wanted");
        return Err(Failure::new(failure::WALLET, text).into());
    }
    Ok(())
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
    #[arg(allow_negative_numbers = true)]
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
        let (bank, money) = (app.bank(self.bank).await?.bank, app.money().await?);
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
        let result = pay_in(app, &mut purse, &key, bank, &coins, &mut receipts).await;
        app.finish_steps(&receipts, result)
    }
}

/// Pays coins in, as many in a transaction as it takes.
async fn pay_in(
    app: &App,
    purse: &mut Purse,
    key: &Keypair,
    bank: BankId,
    coins: &[HeldCoin],
    receipts: &mut Vec<Receipt>,
) -> Result<()> {
    let money = app.money().await?;
    for part in coins.chunks(specie_primitives::MAX_COINS_PER_CALL as usize) {
        let value = value(part);
        let call = calls::call(
            "Custody",
            "deposit",
            [("bank", calls::bank(bank)), ("coins", calls::coins(&references(part)))],
        );
        let mut receipt = purse.spend(app, key, &call, part).await?;
        receipt.what =
            format!("Paid {} into custody at bank {bank} with {}", money.show(value), describe(&money, part));
        receipt.data = json!({ "bank": bank, "amount": value, "coins": app::names(part) });
        receipts.push(app.step(receipt)?);
    }
    Ok(())
}

/// Free coins by face value and count.
pub(super) fn of_lots(purse: &Purse, lots: &[Lot], money: &Money) -> Result<Vec<HeldCoin>> {
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

pub(super) fn references(coins: &[HeldCoin]) -> Vec<CoinRef> {
    coins.iter().map(HeldCoin::reference).collect()
}

pub(super) fn describe(money: &Money, coins: &[HeldCoin]) -> String {
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
            time_ms: None,
        }
    }

    #[test]
    fn movements_have_the_time_of_their_block_if_it_is_known() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let mut entry = entry(FlowKind::OwnerCredited, Party::Counter(BankId(1)), Party::Custody(BankId(1), ANN));
        let json = serde_json::to_value(&entry).unwrap();
        assert_eq!(json.get("time_ms"), None);
        // As the node sends it.
        assert_eq!(serde_json::from_value::<Entry>(json).unwrap().time_ms, None);
        assert_eq!(entry.row(ANN, &money)[1], "");
        entry.time_ms = Some(1_709_164_800_000);
        assert_eq!(serde_json::to_value(&entry).unwrap()["time_ms"], 1_709_164_800_000u64);
        assert_eq!(entry.row(ANN, &money)[1], "2024-02-29 00:00:00");
        assert!(entry.line(ANN, &money).starts_with("7  2024-02-29 00:00:00 UTC  OwnerCredited  "));
    }

    #[test]
    fn custody_is_said_first() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        assert!(ensure_covered(&money, BankId(1), 500, 500).is_ok());
        let text = ensure_covered(&money, BankId(1), 499, 500).unwrap_err().to_string();
        assert_eq!(text, "the custody account at bank 1 has 4.99 SPC, 5.00 SPC are wanted");
        let wanted = |amount: Option<&str>, coins: Option<&str>| {
            Wanted { amount: amount.map(Into::into), coins: coins.map(Into::into) }.value(&money).unwrap()
        };
        assert_eq!(wanted(Some("5"), None), Some(500));
        assert_eq!(wanted(None, Some("2x3,0.50x1")), Some(650));
        assert_eq!(wanted(None, Some("3-7")), None, "a name tells no value");
    }

    #[test]
    fn an_owner_who_cannot_pay_is_remarked_on() {
        assert_eq!(remark(OwnerStatus::Active), "");
        assert!(remark(OwnerStatus::Suspended(SuspendedBy::Bank)).contains("SUSPENDED"));
        assert!(remark(OwnerStatus::Suspended(SuspendedBy::Supervisor)).contains("HELD by the supervisor"));
        assert!(remark(OwnerStatus::Closed).contains("CLOSED"));
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

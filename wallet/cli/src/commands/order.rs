//! Orders: documents that one person signs, another carries, and anybody brings to the network.

use super::{
    escrow,
    issuer::confirmed,
    pay::{describe, references},
    pickup::blocks,
};
use crate::{
    app::{self, App},
    calls,
    client::hex,
    failure::{self, Failure},
    output,
    purse::Purse,
    qr::Qr,
    verify::Trust,
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{json, Value};
use specie_primitives::{
    api::CoinInfo,
    orders::{Action, OrderInfo, Processing, Processor, MAX_ORDERS_PER_CALL},
    Balance, BlockNumber, Order, OrderId, SignedOrder,
};
use specie_wallet::{
    order::{ensure_network, is_signed, read_text, sign_order, to_bytes, to_text, unsigned},
    Keypair, Money, Signer,
};
use std::{io::IsTerminal, path::PathBuf};
use subxt::rpcs::client::rpc_params;

/// Orders.
#[derive(Subcommand)]
#[command(after_help = "\
A FILE is a file with an order, - for the standard input, or the text of the order itself, as a scanner of QR codes prints it.")]
pub enum OrderCommand {
    /// Write an order to pay somebody, and sign it.
    Make(Make),
    /// What an order says, who signed it, and what would come of it. Nobody signs.
    Show {
        /// The order.
        file: String,
    },
    /// Look at an order, and sign it as one of its parties.
    Sign(Sign),
    /// Bring orders to the network, your own or somebody else's.
    Submit {
        /// The orders; several come from banks and admitted processors.
        #[arg(required = true)]
        files: Vec<String>,
    },
    /// Whether and where an order was executed. Nobody signs.
    #[command(after_help = "\
With --verify the node need not be believed: it must prove in which block the order was executed, also when the chain has \
forgotten the order, and that is checked as `specie balance --verify` checks coins. That an order was not executed is not proven.")]
    Status {
        /// The order, or its name of 64 hexadecimal digits.
        order: String,
        #[command(flatten)]
        trust: Trust,
    },
    /// Take your consent to an order back before somebody submits it.
    Cancel {
        /// The order.
        file: String,
    },
    /// Let an owner submit several orders in a transaction and hand out numbers. The admitting role signs.
    AdmitProcessor {
        /// Owner id, identity or key.
        owner: String,
    },
    /// End that. The admitting role signs.
    DismissProcessor {
        /// Owner id, identity or key.
        owner: String,
    },
}

/// Write an order to pay somebody, and sign it.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann order make ben 186.00 --out rent.order --qr
  specie --key ann order make ben 20 --valid 2h --png order.png
  specie --key ann order make ben 20 --processor bank:2 --number 4711 --number-valid 10m

The coins stay yours until somebody submits the order; if you spend one of them before, the order fails. No coin is changed: \
yours must make up the amount.")]
pub struct Make {
    /// The payee: owner id, identity or key.
    to: String,
    /// Amount, for instance 186.00.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// How long it can be executed.
    #[arg(long, default_value = "1d", value_name = "7d|12h|90m")]
    valid: String,
    /// From when on, if not at once.
    #[arg(long, value_name = "7d|12h|90m")]
    after: Option<String>,
    /// Who alone may submit it until the number expires: bank:NUMBER, or an owner.
    #[arg(long, value_name = "bank:NUMBER|OWNER", requires = "number")]
    processor: Option<String>,
    /// The number that the processor handed out.
    #[arg(long, value_name = "NUMBER", requires = "processor")]
    number: Option<u64>,
    /// How long the number is valid.
    #[arg(long, default_value = "10m", value_name = "7d|12h|90m", requires = "processor")]
    number_valid: String,
    /// Leave the signature to another program.
    #[arg(long)]
    unsigned: bool,
    #[command(flatten)]
    out: Out,
}

/// Look at an order, and sign it as one of its parties.
#[derive(Args)]
pub struct Sign {
    /// The order.
    file: String,
    /// Sign without being asked.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    out: Out,
}

/// Where an order goes. It is printed in any case.
#[derive(Args)]
pub struct Out {
    /// A file for its text.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A file for its QR code, a PNG image.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Show its QR code on the terminal.
    #[arg(long)]
    qr: bool,
}

impl Out {
    /// Hands an order out.
    pub fn write(&self, app: &App, document: &SignedOrder, mut value: Value, words: String) -> Result<()> {
        let text = to_text(document);
        if let Some(path) = &self.out {
            std::fs::write(path, format!("{text}\n")).with_context(|| format!("cannot write {}", path.display()))?;
        }
        if let Some(path) = &self.png {
            std::fs::write(path, Qr::new(&text)?.png()?).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let code = match self.qr && !app.options.json {
            true => format!("\n{}", Qr::new(&text)?.terminal()),
            false => String::new(),
        };
        value["text"] = json!(text);
        app.print(&value, || format!("{words}{code}\n{text}"))
    }
}

impl OrderCommand {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Make(make) => make.run(app).await,
            Self::Show { file } => show(app, &read(app, &file).await?).await,
            Self::Sign(sign) => sign.run(app).await,
            Self::Submit { files } => submit(app, &files).await,
            Self::Status { order, trust } => status(app, &order, &trust).await,
            Self::Cancel { file } => cancel(app, &read(app, &file).await?).await,
            Self::AdmitProcessor { owner } => {
                let owner = app.owner(&owner).await?;
                let call = calls::call("Orders", "admit_processor", [("owner", calls::owner(owner))]);
                app.send(&call, format!("Owner {owner} may submit several orders and hand out numbers")).await
            },
            Self::DismissProcessor { owner } => {
                let owner = app.owner(&owner).await?;
                let call = calls::call("Orders", "dismiss_processor", [("owner", calls::owner(owner))]);
                app.send(&call, format!("Owner {owner} submits single orders only, and hands out no numbers")).await
            },
        }
    }
}

/// The text of an order: as it is, from a file or the standard input.
fn text_of(file: &str) -> Result<String> {
    match file {
        "-" => Ok(std::io::read_to_string(std::io::stdin())?),
        text if text.to_ascii_uppercase().starts_with(specie_wallet::order::PREFIX) => Ok(text.into()),
        path => std::fs::read_to_string(path).with_context(|| format!("cannot read {path}")),
    }
}

/// Reads an order of this network.
async fn read(app: &App, file: &str) -> Result<SignedOrder> {
    let document = read_text(&text_of(file)?)?;
    ensure_network(&document, app.client().await?.genesis())?;
    Ok(document)
}

/// The key that signs orders.
pub fn key(app: &App) -> Result<Keypair> {
    match app.signer()? {
        Signer::Key(key) => Ok(key),
        Signer::Card(_) => {
            Err(Failure::new(failure::WALLET, "a card signs transactions, not orders: sign with a key").into())
        },
    }
}

/// The present block by the clock of orders.
pub async fn clock(app: &App) -> Result<BlockNumber> {
    app.client().await?.request("specie_orderClock", rpc_params![]).await
}

/// The processor that is meant.
async fn processor(app: &App, text: &str) -> Result<Processor> {
    match text.strip_prefix("bank:") {
        Some(number) => {
            let number = number.parse().with_context(|| format!("'{number}' is no number of a bank"))?;
            Ok(Processor::Bank(app.bank(number).await?.bank))
        },
        None => Ok(Processor::Owner(app.owner(text).await?)),
    }
}

impl Make {
    async fn run(self, app: &App) -> Result<()> {
        let (amount, to) = (app.amount(&self.amount).await?, app.owner(&self.to).await?);
        let (client, money, own) = (app.client().await?, app.money().await?, app.owner_or_own(None).await?);
        if to == own {
            return Err(Failure::new(failure::WALLET, format!("payer and payee are the same owner, {own}")).into());
        }
        app.registered(to, Some(&self.to), None).await?;
        let now = clock(app).await?;
        let from = now.saturating_add(self.after.as_deref().map(blocks).transpose()?.unwrap_or(0));
        let until = from.saturating_add(blocks(&self.valid)?);
        let coins = Purse::look(app, own).await?.select(app, amount).await?;
        let named = references(&coins).try_into().map_err(|_| anyhow::anyhow!("too many coins for one order"))?;
        let action = Action::Coins { to, coins: named };
        let mut order = Order::new(client.genesis(), rand::random(), (from, until), own, action);
        if let (Some(by), Some(number)) = (&self.processor, self.number) {
            let processor = processor(app, by).await?;
            order.processing =
                Some(Processing { processor, number, until: now.saturating_add(blocks(&self.number_valid)?) });
        }
        let (id, mut document) = (order.id(), unsigned(order));
        if !self.unsigned {
            sign_order(&mut document, 0, &key(app)?)?;
        }
        let words = format!(
            "Order {id}\n  {own} pays {} to {to} with {}\n  from block {from} to block {until}; now it is {now}",
            money.show(amount),
            describe(&money, &coins),
        );
        let value = json!({
            "order": id, "from": own, "to": to, "amount": amount, "coins": app::names(&coins), "valid_from": from,
            "valid_until": until, "signed": !self.unsigned,
        });
        self.out.write(app, &document, value, words)
    }
}

/// What an order says, for a person and a program.
struct Seen {
    words: String,
    value: Value,
    /// Whether every party signed with its present key.
    is_signed: bool,
}

/// Looks at an order: what coins are worth and who signs for whom is asked of the node.
async fn look(app: &App, document: &SignedOrder) -> Result<Seen> {
    let (order, money, now) = (&document.order, app.money().await?, clock(app).await?);
    let (action, details) = describe_action(app, order, &money).await?;
    let mut words = format!(
        "Order {}\n  {action}\n  from block {} to block {}; now it is {now}",
        order.id(),
        order.valid_from,
        order.valid_until
    );
    if let Some(Processing { processor, number, until }) = &order.processing {
        let who = match processor {
            Processor::Bank(bank) => format!("bank {bank}"),
            Processor::Owner(owner) => format!("owner {owner}"),
        };
        words.push_str(&format!("\n  until block {until} only {who} submits it, under number {number}"));
    }
    let (mut parties, mut all) = (Vec::new(), true);
    for (place, party) in order.parties.iter().enumerate() {
        let info = app.owner_info(party.owner, None).await?;
        let state = match info.and_then(|info| is_signed(document, place, &info.key)) {
            Some(true) => "signed",
            Some(false) => "BAD SIGNATURE",
            None => "not signed",
        };
        all &= state == "signed";
        words.push_str(&format!("\n  party {}: {state}", party.owner));
        parties.push(json!({ "owner": party.owner, "state": state }));
    }
    let value = json!({
        "order": order.id(), "action": details, "valid_from": order.valid_from, "valid_until": order.valid_until,
        "processing": order.processing, "parties": parties, "now": now,
    });
    Ok(Seen { words, value, is_signed: all })
}

async fn describe_action(app: &App, order: &Order, money: &Money) -> Result<(String, Value)> {
    let payer = order.payer().map(|payer| payer.to_string()).unwrap_or_default();
    match &order.action {
        Action::Coins { to, coins } => {
            let mut value = Balance::default();
            for coin in coins {
                let info: Option<CoinInfo> = app.client().await?.request("specie_coin", rpc_params![coin.coin]).await?;
                let info = info.with_context(|| format!("there is no coin {}", coin.coin))?;
                value = value.saturating_add(info.denomination.0.into());
            }
            let names: Vec<_> = coins.iter().map(|coin| coin.coin).collect();
            let words = format!("{payer} pays {} to {to} with {} coins", money.show(value), coins.len());
            Ok((words, json!({ "kind": "coins", "to": to, "amount": value, "coins": names })))
        },
        Action::Custody { from_bank, to_bank, to, amount, expires } => {
            let waits = expires.map(|block| format!(", waiting for reserves until block {block}")).unwrap_or_default();
            let words = format!(
                "{payer} pays {} from custody at bank {from_bank} to {to} at bank {to_bank}{waits}",
                money.show(*amount)
            );
            let value = json!({
                "kind": "custody", "from_bank": from_bank, "to": to, "to_bank": to_bank,
                "amount": amount.to_string(), "expires": expires,
            });
            Ok((words, value))
        },
        Action::Cancel { order, valid_until } => {
            let words = format!("{payer} takes its consent to order {order} back");
            Ok((words, json!({ "kind": "cancel", "order": order, "valid_until": valid_until })))
        },
        Action::Hold { .. } | Action::Release { .. } | Action::Return { .. } | Action::Dispute { .. } => {
            escrow::describe(app, order, money).await
        },
    }
}

/// What a node says would come of an order.
#[derive(Deserialize)]
struct Tried {
    verdict: String,
    words: String,
}

async fn show(app: &App, document: &SignedOrder) -> Result<()> {
    let Seen { words, mut value, .. } = look(app, document).await?;
    let submitter = match (app.options.key.is_some(), document.order.payer()) {
        (false, Some(payer)) => app.registered(payer, None, None).await?.key,
        _ => app.signing_account()?,
    };
    let asked = rpc_params![hex(&to_bytes(document)), submitter.to_string()];
    let tried: Tried = app.client().await?.request("specie_tryOrder", asked).await?;
    value["verdict"] = json!(tried.verdict);
    let would = match tried.verdict.as_str() {
        "Executed" => "it would be executed".into(),
        _ => format!("it would be refused: {}", tried.words),
    };
    app.print(&value, || format!("{words}\n  if it were submitted now, {would}"))
}

impl Sign {
    async fn run(self, app: &App) -> Result<()> {
        let mut document = read(app, &self.file).await?;
        let Seen { words, .. } = look(app, &document).await?;
        let own = app.owner_or_own(None).await?;
        let place = document.order.parties.iter().position(|party| party.owner == own);
        let place = place.with_context(|| format!("owner {own} is no party of this order"))?;
        if !self.yes {
            let asked = !app.options.json && std::io::stdin().is_terminal();
            let lines: Vec<_> = words.split('\n').map(output::printable).collect();
            eprintln!("{}", lines.join("\n"));
            if !asked || !confirmed("sign? [y/N] ")? {
                let text = "not signed: look at the order with `specie order show`, then sign it with --yes";
                return Err(Failure::new(failure::WALLET, text).into());
            }
        }
        sign_order(&mut document, place, &key(app)?)?;
        let Seen { words, value, .. } = look(app, &document).await?;
        self.out.write(app, &document, value, words)
    }
}

/// A line of the event that tells what came of orders.
#[derive(Deserialize)]
struct Line {
    order: OrderId,
    verdict: Value,
}

impl Line {
    /// Name of the verdict.
    fn name(&self) -> String {
        match &self.verdict {
            Value::Object(fields) => fields.keys().next().cloned().unwrap_or_default(),
            other => other.as_str().unwrap_or_default().into(),
        }
    }
}

async fn submit(app: &App, files: &[String]) -> Result<()> {
    let (mut documents, mut all) = (Vec::new(), Vec::new());
    for file in files {
        let document = read(app, file).await?;
        let Seen { is_signed, .. } = look(app, &document).await?;
        if !is_signed {
            let text = format!("order {} is not signed by every party with its present key", document.order.id());
            return Err(Failure::new(failure::WALLET, text).into());
        }
        documents.push(to_bytes(&document));
        all.push(document.order.id());
    }
    if documents.len() > MAX_ORDERS_PER_CALL as usize {
        let text = format!("at most {MAX_ORDERS_PER_CALL} orders go into a transaction");
        return Err(Failure::new(failure::WALLET, text).into());
    }
    let call = calls::call("Orders", "submit", [("orders", calls::orders(&documents))]);
    let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
    let lines = receipt.field("Orders.Submitted", "outcomes").cloned().context("the network told no outcome")?;
    let lines: Vec<Line> = serde_json::from_value(lines).context("the outcomes cannot be read")?;
    let refused: Vec<_> = lines.iter().filter(|line| line.name() != "Executed").collect();
    let outcomes: Vec<_> = lines.iter().map(|line| json!({ "order": line.order, "verdict": line.name() })).collect();
    receipt.data = json!({ "outcomes": outcomes });
    if let Some(first) = refused.first() {
        let executed = lines.len().saturating_sub(refused.len());
        let text = format!(
            "{executed} of {} orders were executed; order {} was refused: {}",
            lines.len(),
            first.order,
            first.verdict
        );
        let failure = Failure { name: Some(first.name()), data: receipt.data, ..Failure::new(failure::DISPATCH, text) };
        return Err(Failure { block: Some(receipt.block), ..failure }.of(receipt.extrinsic).into());
    }
    let names: Vec<_> = all.iter().map(|id| format!("\n  order {id}")).collect();
    receipt.what = format!("Executed {} orders{}", lines.len(), names.concat());
    app.report(&receipt)
}

/// The name of an order, given by itself or as the document.
pub fn name_of(text: &str) -> Result<OrderId> {
    match text.parse() {
        Ok(order) => Ok(order),
        Err(_) => Ok(read_text(&text_of(text)?)?.order.id()),
    }
}

async fn status(app: &App, order: &str, trust: &Trust) -> Result<()> {
    let order = name_of(order)?;
    if trust.verify {
        let none = || Failure::new(failure::NODE, format!("the node proves no execution of order {order}"));
        let (block, verified) = trust.execution(app, order).await?.ok_or_else(none)?;
        let what = format!("Order {order} was executed in block {block}: proven");
        return app
            .print(&json!({ "order": order, "block": block, "verified": verified }), || verified.words_of(&what));
    }
    let info: OrderInfo = app.client().await?.request("specie_order", rpc_params![order]).await?;
    app.print(&json!(info), || match (&info.executed, info.cancelled_by.as_slice()) {
        (Some(executed), _) => {
            let (block, until) = (executed.block, executed.valid_until);
            format!("Order {order} was executed in block {block}; the chain remembers it until block {until}")
        },
        (None, []) => {
            format!("Order {order} was not executed, or its last block has passed; now it is block {}", info.now)
        },
        (None, owners) => {
            let owners: Vec<_> = owners.iter().map(ToString::to_string).collect();
            format!("Order {order} was not executed; these take no part in it: {}", owners.join(", "))
        },
    })
}

async fn cancel(app: &App, document: &SignedOrder) -> Result<()> {
    let (order, valid_until) = (document.order.id(), document.order.valid_until);
    let own = app.owner_or_own(None).await?;
    if !document.order.parties.iter().any(|party| party.owner == own) {
        let text = format!("owner {own} is no party of this order: there is nothing to take back");
        return Err(Failure::new(failure::WALLET, text).into());
    }
    let arguments = [("order", calls::order(order)), ("valid_until", calls::number(valid_until))];
    let what = format!("Cancelled order {order}: nobody executes it any more");
    app.send_with(&calls::call("Orders", "cancel", arguments), what, json!({ "order": order })).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_named() {
        let line = |verdict: Value| {
            let line: Line = serde_json::from_value(json!({ "order": OrderId([7; 32]), "verdict": verdict })).unwrap();
            line.name()
        };
        assert_eq!(line(json!("Executed")), "Executed");
        assert_eq!(line(json!({ "Failed": { "Module": { "index": 24, "error": "0x02000000" } } })), "Failed");
    }

    #[test]
    fn orders_are_named_by_themselves_or_by_what_they_say() {
        let id = OrderId([7; 32]);
        assert_eq!(name_of(&id.to_string()).unwrap(), id);
        assert!(name_of("/nowhere/at/all").is_err());
        let order = Order::new(
            Default::default(),
            [1; 16],
            (1, 2),
            specie_primitives::OwnerId([1; 24]),
            Action::Cancel { order: id, valid_until: 9 },
        );
        let document = unsigned(order);
        assert_eq!(name_of(&to_text(&document)).unwrap(), document.order.id());
        assert_eq!(name_of(&to_text(&document).to_lowercase()).unwrap(), document.order.id());
    }
}

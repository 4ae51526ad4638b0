//! Orders: documents that one person signs, another carries, and anybody brings to the network.

use super::{
    code, escrow, exchange,
    issuer::confirmed,
    order_coins::{choose, describe_change, Chosen},
    order_wait,
    pickup::blocks,
    seats,
};
use crate::{
    app::App,
    calls,
    change::Wish,
    client::hex,
    failure::{self, Failure},
    output,
    qr::Qr,
    scan,
    verify::Trust,
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use codec::DecodeAll;
use serde::Deserialize;
use serde_json::{json, Value};
use specie_primitives::{
    api::CoinInfo,
    orders::{Action, OrderInfo, Processing, Processor, MAX_ORDERS_PER_CALL, MAX_WINDOW},
    AccountId, Balance, BlockNumber, Order, OrderId, OwnerId, SignedOrder, Verdict,
};
use specie_wallet::{
    order::{add_signature, ensure_network, join, payload, read_text, sign_in_seat, to_bytes, to_text, unsigned},
    Keypair, Money, Signer,
};
use std::{io::IsTerminal, path::PathBuf};
use subxt::rpcs::client::rpc_params;

/// Orders.
#[derive(Subcommand)]
#[command(after_help = "\
A FILE is a file with an order or a PNG image of its QR code, - for the standard input, or the text of the order itself, as a \
scanner of QR codes prints it.")]
pub enum OrderCommand {
    /// Write an order to pay somebody, and sign it.
    Make(Make),
    /// Write an order to exchange something with somebody, and sign it; the other signs it, too. Both sides or none.
    Exchange(exchange::Exchange),
    /// Write an order to give units of a bill, a voucher or a security to somebody, and sign it.
    Units(exchange::Units),
    /// Write an order to take coins out of custody at a bank, and sign it.
    Withdraw(exchange::Withdrawal),
    /// Write an order to pay coins into custody at a bank, and sign it.
    Deposit(exchange::Payment),
    /// What an order says, who signed it, and what would come of it. Nobody signs.
    Show {
        /// The order.
        file: String,
    },
    /// Look at an order, and sign it as one of its parties, or as a manager of one.
    Sign(Sign),
    /// Put the signatures of copies of one order together. Nobody signs.
    Join {
        /// The copies.
        #[arg(required = true, num_args = 2..)]
        files: Vec<String>,
        #[command(flatten)]
        out: Out,
    },
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
    /// Wait until a final block executed an order, or none ever does. Nobody signs.
    #[command(after_help = "\
Nodes that go away meanwhile are waited for. An order that was cancelled by one of its parties, or was not executed before its last \
block passed, is a failure; of a name alone that cannot be told.")]
    Wait {
        /// The order, or its name of 64 hexadecimal digits.
        order: String,
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
  specie --card ann-card.json order make key:ben 5
  specie --key ann order make ben 20 --processor bank:2 --number 4711 --number-valid 10m

The coins stay yours until somebody submits the order; if you spend one of them before, the order fails. If none of yours add up \
to the amount, one of them is changed when the order is executed, against coins of your bank's vault: the payee gets exactly the \
amount, the rest comes back to you. If the vault lacks such coins then, the order is refused and can be submitted again.")]
pub struct Make {
    /// The payee: owner id, identity or key.
    to: String,
    /// Amount, for instance 186.00.
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// Change no coin: fail if none of yours add up to the amount.
    #[arg(long, conflicts_with = "change_bank")]
    exact: bool,
    /// Number of the bank whose vault is to give change; by default your own bank, then others that change for anyone.
    #[arg(long, value_name = "NUMBER")]
    change_bank: Option<u32>,
    /// How long it can be executed, seven days at most.
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
    /// How long the number is valid, from the order's first block on.
    #[arg(long, default_value = "10m", value_name = "7d|12h|90m", requires = "processor")]
    number_valid: String,
    /// Leave the signature to another program.
    #[arg(long)]
    unsigned: bool,
    #[command(flatten)]
    out: Out,
}

/// Look at an order, and sign it as one of its parties, or as a manager of one.
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

/// Where a document goes. It is printed in any case.
#[derive(Args)]
pub(super) struct Out {
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
    /// Fails rather than write over an order that is signed: whoever has it submits it, and without it nobody cancels it.
    fn ensure_new(&self) -> Result<()> {
        match self.out.as_ref().filter(|path| path.exists()) {
            Some(path) => {
                let text =
                    format!("{} is there already, perhaps with an order that somebody else has, too", path.display());
                Err(Failure::new(failure::WALLET, text).into())
            },
            None => Ok(()),
        }
    }

    /// Whether it goes anywhere else.
    pub(super) fn is_wanted(&self) -> bool {
        self.out.is_some() || self.png.is_some() || self.qr
    }

    /// Hands an order out.
    pub(super) fn write(&self, app: &App, document: &SignedOrder, value: Value, words: String) -> Result<()> {
        self.write_text(app, &to_text(document), Qr::new, value, words)
    }

    /// Hands a text out, with its QR code.
    pub(super) fn write_text(
        &self,
        app: &App,
        text: &str,
        qr: fn(&str) -> Result<Qr>,
        mut value: Value,
        words: String,
    ) -> Result<()> {
        if let Some(path) = &self.out {
            std::fs::write(path, format!("{text}\n")).with_context(|| format!("cannot write {}", path.display()))?;
        }
        if let Some(path) = &self.png {
            std::fs::write(path, qr(text)?.png()?).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let code = match self.qr && !app.options.json {
            true => format!("\n{}", qr(text)?.terminal()),
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
            Self::Exchange(exchange) => exchange.run(app).await,
            Self::Units(units) => units.run(app).await,
            Self::Withdraw(withdrawal) => withdrawal.run(app).await,
            Self::Deposit(payment) => payment.run(app).await,
            Self::Show { file } => show(app, &read(app, &file).await?).await,
            Self::Sign(sign) => sign.run(app).await,
            Self::Join { files, out } => join_all(app, &files, &out).await,
            Self::Submit { files } => submit(app, &files).await,
            Self::Status { order, trust } => status(app, &order, &trust).await,
            Self::Wait { order } => wait(app, &order).await,
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

/// The text of an order: as it is, from a file, an image or the standard input.
fn text_of(file: &str) -> Result<String> {
    scan::text_of(file, specie_wallet::order::PREFIX)
}

/// Reads an order of this network.
pub(super) async fn read(app: &App, file: &str) -> Result<SignedOrder> {
    let document = read_text(&text_of(file)?)?;
    ensure_network(&document, app.client().await?.genesis())?;
    Ok(document)
}

/// Signs an order as the party at this place, with the key or the card; a manager of a joint account in its seat.
pub(super) fn sign(app: &App, document: &mut SignedOrder, place: usize, seat: u8) -> Result<()> {
    match app.signer()? {
        Signer::Key(key) => sign_in_seat(document, place, seat, &key)?,
        Signer::Card(card) => {
            let signature = card.sign(&payload(document))?;
            add_signature(document, place, signature)?;
        },
    }
    Ok(())
}

/// The key, for what no card signs.
pub(super) fn key(app: &App) -> Result<Keypair> {
    match app.signer()? {
        Signer::Key(key) => Ok(key),
        Signer::Card(_) => {
            Err(Failure::new(failure::WALLET, "a card signs transactions and orders only: sign this with a key").into())
        },
    }
}

/// The present block by the clock of orders.
pub(super) async fn clock(app: &App) -> Result<BlockNumber> {
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

/// For how many blocks an order can be executed. The network takes none that lasts longer: nobody should hand one on.
pub(super) fn lifetime(text: &str) -> Result<BlockNumber> {
    let life = blocks(text)?;
    if life > MAX_WINDOW {
        return Err(
            Failure::new(failure::WALLET, format!("an order can be executed for 7d at most, not for {text}")).into()
        );
    }
    Ok(life)
}

impl Make {
    async fn run(self, app: &App) -> Result<()> {
        let (amount, to) = (app.amount(&self.amount).await?, app.owner(&self.to).await?);
        let (client, money, own) = (app.client().await?, app.money().await?, app.owner_or_own(None).await?);
        if to == own {
            return Err(Failure::new(failure::WALLET, format!("payer and payee are the same owner, {own}")).into());
        }
        let life = lifetime(&self.valid)?;
        self.out.ensure_new()?;
        app.registered(to, Some(&self.to), None).await?;
        let now = clock(app).await?;
        let from = now.saturating_add(self.after.as_deref().map(blocks).transpose()?.unwrap_or(0));
        let until = from.saturating_add(life);
        let wish = Wish { exact: self.exact, bank: self.change_bank };
        let Chosen { action, words: with, mut value } = choose(app, own, to, amount, wish).await?;
        let mut order = Order::new(client.genesis(), rand::random(), (from, until), own, action);
        if let (Some(by), Some(number)) = (&self.processor, self.number) {
            let processor = processor(app, by).await?;
            order.processing =
                Some(Processing { processor, number, until: from.saturating_add(blocks(&self.number_valid)?) });
        }
        let (id, mut document) = (order.id(), unsigned(order));
        if !self.unsigned {
            sign(app, &mut document, 0, 0)?;
        }
        let words = format!(
            "Order {id}\n  {own} pays {} to {to} with {with}\n  from block {from} to block {until}; now it is {now}",
            money.show(amount),
        );
        (value["order"], value["from"], value["to"]) = (json!(id), json!(own), json!(to));
        (value["amount"], value["signed"]) = (json!(amount), json!(!self.unsigned));
        (value["valid_from"], value["valid_until"]) = (json!(from), json!(until));
        self.out.write(app, &document, value, words)
    }
}

/// What an order says, for a person and a program.
pub(super) struct Seen {
    pub words: String,
    pub value: Value,
    /// Whether every party signed with its present key.
    is_signed: bool,
}

impl Seen {
    /// The words, and the value.
    pub(super) fn told(self) -> (String, Value) {
        (self.words, self.value)
    }
}

/// Looks at an order: what coins are worth and who signs for whom is asked of the node.
pub(super) async fn look(app: &App, document: &SignedOrder) -> Result<Seen> {
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
        let seats::Signers { words: of_party, value, is_signed } = seats::of_party(app, document, place, party).await?;
        all &= is_signed;
        words.push_str(&of_party);
        parties.push(value);
    }
    let value = json!({
        "order": order.id(), "action": details, "valid_from": order.valid_from, "valid_until": order.valid_until,
        "processing": order.processing, "parties": parties, "now": now,
    });
    Ok(Seen { words, value, is_signed: all })
}

async fn join_all(app: &App, files: &[String], out: &Out) -> Result<()> {
    let mut joined: Option<SignedOrder> = None;
    for file in files {
        let document = read(app, file).await?;
        joined = Some(match joined {
            Some(before) => join(&before, &document)?,
            None => document,
        });
    }
    let document = joined.context("give the copies")?;
    let Seen { words, value, .. } = look(app, &document).await?;
    out.write(app, &document, value, words)
}

async fn describe_action(app: &App, order: &Order, money: &Money) -> Result<(String, Value)> {
    let payer = order.payer().map(|payer| payer.to_string()).unwrap_or_default();
    match &order.action {
        Action::Coins { to, coins } => {
            let (mut value, mut unknown) = (Balance::default(), Vec::new());
            for coin in coins {
                let info: Option<CoinInfo> = app.client().await?.request("specie_coin", rpc_params![coin.coin]).await?;
                match info {
                    Some(info) => value = value.saturating_add(info.denomination.0.into()),
                    None => unknown.push(coin.coin),
                }
            }
            let names: Vec<_> = coins.iter().map(|coin| coin.coin).collect();
            let mut words = format!("{payer} pays {} to {to} with {} coins", money.show(value), coins.len());
            if !unknown.is_empty() {
                let unknown: Vec<_> = unknown.iter().map(ToString::to_string).collect();
                words.push_str(&format!("; there is no coin {}", unknown.join(", ")));
            }
            Ok((words, json!({ "kind": "coins", "to": to, "amount": value, "coins": names, "unknown": unknown })))
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
        Action::CoinsWithChange(payment) => describe_change(app, &payer, payment, money).await,
        Action::Code(scan) => code::describe_scan(scan, money),
        Action::Answer { payment, confirms } => {
            let verb = if *confirms { "confirms" } else { "refuses" };
            let words = format!("{payer} {verb} the payment by code {payment}");
            Ok((words, json!({ "kind": "answer", "payment": payment, "confirms": confirms })))
        },
        Action::Cancel { order, valid_until } => {
            let words =
                format!("{payer} takes its consent to order {order} back, of which the last block is {valid_until}");
            Ok((words, json!({ "kind": "cancel", "order": order, "valid_until": valid_until })))
        },
        Action::Hold { .. } | Action::Release { .. } | Action::Return { .. } | Action::Dispute { .. } => {
            escrow::describe(app, order, money).await
        },
        Action::SetManagers { rule } => {
            let (managers, threshold) = (&rule.managers, rule.threshold);
            let seats: Vec<_> = managers.iter().map(ToString::to_string).collect();
            let words = format!(
                "any {threshold} of {} sign for {payer} from then on:\n    {}",
                managers.len(),
                seats.join("\n    ")
            );
            Ok((words, json!({ "kind": "set_managers", "managers": managers.to_vec(), "threshold": threshold })))
        },
        Action::Asset { .. } | Action::Exchange { .. } | Action::Withdraw { .. } | Action::Deposit { .. } => {
            let told = exchange::told(app, order, money).await?;
            told.context("an order that this program cannot tell")
        },
    }
}

/// What a node says would come of an order.
#[derive(Deserialize)]
struct Tried {
    verdict: String,
    words: String,
    error: Option<PalletError>,
}

/// An error by its numbers.
#[derive(Deserialize)]
struct PalletError {
    pallet: u8,
    error: u8,
}

async fn show(app: &App, document: &SignedOrder) -> Result<()> {
    let Seen { words, mut value, .. } = look(app, document).await?;
    let submitter = match (app.options.key.is_some() || app.options.card.is_some(), document.order.payer()) {
        // A payer whom nobody knows is for the network to refuse.
        (false, Some(payer)) => {
            app.owner_info(payer, None).await?.map_or_else(|| AccountId::new([0; 32]), |info| info.key)
        },
        _ => app.signing_account()?,
    };
    let asked = rpc_params![hex(&to_bytes(document)), submitter.to_string()];
    let Tried { verdict, words: why, error } = app.client().await?.request("specie_tryOrder", asked).await?;
    let why = match error {
        Some(PalletError { pallet, error }) => app.client().await?.explain_module_error(pallet, error).await?.message,
        None => why,
    };
    let stopped = app.network().await?.payments_stopped.as_ref();
    let would = match (verdict.as_str(), stopped) {
        // Nobody can submit it then, and the chain was not asked for that.
        ("Executed", Some(why)) => format!("nothing would come of it while payments stand still: {why}"),
        ("Executed", None) => "it would be executed".into(),
        _ => format!("it would be refused ({verdict}): {why}"),
    };
    (value["verdict"], value["reason"], value["payments_stopped"]) = (json!(verdict), json!(why), json!(stopped));
    app.print(&value, || format!("{words}\n  if it were submitted now, {would}"))
}

impl Sign {
    async fn run(self, app: &App) -> Result<()> {
        let mut document = read(app, &self.file).await?;
        let Seen { words, .. } = look(app, &document).await?;
        let own = app.owner_or_own(None).await?;
        let (place, seat) = seats::place_of(app, &document, own).await?;
        if !self.yes {
            let asked = !app.options.json && std::io::stdin().is_terminal();
            let lines: Vec<_> = words.split('\n').map(output::printable).collect();
            eprintln!("{}", lines.join("\n"));
            if !asked || !confirmed("sign? [y/N] ")? {
                let text = "not signed: look at the order with `specie order show`, then sign it with --yes";
                return Err(Failure::new(failure::WALLET, text).into());
            }
        }
        sign(app, &mut document, place, seat)?;
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

    /// Why the order was refused. A node that goes away now does not cost the outcome: the error is told as it came.
    async fn why(&self, app: &App) -> String {
        let Some(error) = self.verdict.get("Failed") else { return meaning(&self.name()).into() };
        let explained = match app.client().await {
            Ok(client) => client.explain_error(error).await,
            Err(gone) => Err(gone),
        };
        explained.map_or_else(|_| error.to_string(), |cause| cause.message)
    }
}

/// What a verdict means that says nothing but its name.
fn meaning(name: &str) -> &'static str {
    let mut all = (0..=u8::MAX).filter_map(|number| Verdict::decode_all(&mut &[number][..]).ok());
    let named = all.find(|verdict| format!("{verdict:?}") == name);
    named.map_or("this version does not know this verdict", |verdict| verdict.explain())
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
    let (mut outcomes, mut refused) = (Vec::new(), Vec::new());
    for line in &lines {
        let (order, verdict) = (line.order, line.name());
        if verdict == "Executed" {
            outcomes.push(json!({ "order": order, "verdict": verdict }));
            continue;
        }
        let why = line.why(app).await;
        outcomes.push(json!({ "order": order, "verdict": verdict, "reason": why }));
        refused.push((verdict.clone(), format!("\n  order {order}: {verdict}: {why}")));
    }
    receipt.data = json!({ "outcomes": outcomes });
    if let Some((first, _)) = refused.first() {
        let executed = lines.len().saturating_sub(refused.len());
        let each: Vec<_> = refused.iter().map(|(_, words)| words.as_str()).collect();
        let text = format!("{executed} of {} orders were executed; refused:{}", lines.len(), each.concat());
        let failure =
            Failure { name: Some(first.clone()), data: receipt.data, ..Failure::new(failure::DISPATCH, text) };
        return Err(Failure { block: Some(receipt.block), ..failure }.of(receipt.extrinsic).into());
    }
    let names: Vec<_> = all.iter().map(|id| format!("\n  order {id}")).collect();
    receipt.what = format!("Executed {} orders{}", lines.len(), names.concat());
    app.report(&receipt)
}

/// The name of an order, given by itself or as the document.
pub(super) fn name_of(text: &str) -> Result<(OrderId, Option<SignedOrder>)> {
    match text.parse() {
        Ok(order) => Ok((order, None)),
        Err(_) => {
            let document = read_text(&text_of(text)?)?;
            Ok((document.order.id(), Some(document)))
        },
    }
}

/// Parties that took back their consent. The node lists strangers, too, and not all owners: anybody may say that it takes
/// no part in what it has no part in.
async fn taken_back(app: &App, document: &SignedOrder) -> Result<Vec<OwnerId>> {
    let (client, order) = (app.client().await?, document.order.id());
    let mut found = Vec::new();
    for party in &document.order.parties {
        let keys = vec![calls::order(order), calls::owner(party.owner)];
        if client.stored("Orders", "Cancelled", keys).await?.is_some() {
            found.push(party.owner);
        }
    }
    Ok(found)
}

async fn status(app: &App, order: &str, trust: &Trust) -> Result<()> {
    let (order, document) = name_of(order)?;
    if trust.verify {
        let none = || Failure::new(failure::NODE, format!("the node proves no execution of order {order}"));
        let (block, verified) = trust.execution(app, order).await?.ok_or_else(none)?;
        let what = format!("Order {order} was executed in block {block}: proven");
        return app
            .print(&json!({ "order": order, "block": block, "verified": verified }), || verified.words_of(&what));
    }
    let mut info: OrderInfo = app.client().await?.request("specie_order", rpc_params![order]).await?;
    if let Some(document) = &document {
        info.cancelled_by = taken_back(app, document).await?;
    }
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
            let what = match &document {
                Some(_) => "its parties took their consent back",
                None => "these say that they take no part in it, which counts for its parties only",
            };
            format!("Order {order} was not executed; {what}: {}", owners.join(", "))
        },
    })
}

async fn wait(app: &App, order: &str) -> Result<()> {
    match order.parse() {
        Ok(order) => order_wait::wait(app, order, None).await,
        Err(_) => {
            let document = read(app, order).await?;
            order_wait::wait(app, document.order.id(), Some(&document)).await
        },
    }
}

async fn cancel(app: &App, document: &SignedOrder) -> Result<()> {
    let (order, valid_until) = (document.order.id(), document.order.valid_until);
    let own = app.owner_or_own(None).await?;
    if !document.order.parties.iter().any(|party| party.owner == own) {
        let text = format!(
            "owner {own} is no party of this order: there is nothing to take back. For a joint account its managers do, with \
             `specie joint cancel`"
        );
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
        assert_eq!(name_of(&id.to_string()).unwrap(), (id, None));
        assert!(name_of("/nowhere/at/all").is_err());
        let order = Order::new(
            Default::default(),
            [1; 16],
            (1, 2),
            specie_primitives::OwnerId([1; 24]),
            Action::Cancel { order: id, valid_until: 9 },
        );
        let document = unsigned(order);
        let named = (document.order.id(), Some(document.clone()));
        assert_eq!(name_of(&to_text(&document)).unwrap(), named);
        assert_eq!(name_of(&to_text(&document).to_lowercase()).unwrap(), named);
    }

    #[test]
    fn verdicts_are_told_with_what_they_mean() {
        for verdict in [Verdict::Unreadable, Verdict::AlreadyExecuted, Verdict::OtherProcessor, Verdict::BadSignature] {
            assert_eq!(meaning(&format!("{verdict:?}")), verdict.explain());
        }
        // That one comes with an error, and is told by it.
        for unknown in ["Failed", "", "Paid"] {
            assert_eq!(meaning(unknown), "this version does not know this verdict");
        }
    }

    #[test]
    fn no_order_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let out = |path: Option<PathBuf>| Out { out: path, png: None, qr: false };
        let path = folder.path().join("rent.order");
        out(Some(path.clone())).ensure_new().unwrap();
        out(None).ensure_new().unwrap();
        std::fs::write(&path, "SPECIE-ORDER:").unwrap();
        let error = out(Some(path)).ensure_new().unwrap_err().to_string();
        assert!(error.contains("rent.order is there already"), "{error}");
    }

    #[test]
    fn boundary_orders_last_for_seven_days_at_most() {
        assert_eq!((lifetime("7d").unwrap(), lifetime("168h").unwrap()), (MAX_WINDOW, MAX_WINDOW));
        for long in ["8d", "169h", "10081m"] {
            let error = lifetime(long).unwrap_err().to_string();
            assert_eq!(error, format!("an order can be executed for 7d at most, not for {long}"));
        }
        assert!(lifetime("0d").is_err() && lifetime("a week").is_err());
    }
}

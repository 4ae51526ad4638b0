//! Payment codes: one side of a payment shows one, the other side scans it.

use super::{
    asked::{self, waiting},
    issuer::confirmed,
    order::{clock, key, Out},
    parties::{self, Behalf},
    pickup::blocks,
    small_amounts::{self, Switch},
};
use crate::{
    app::App,
    calls,
    client::Receipt,
    failure::{self, Failure},
    output,
    qr::Qr,
    scan::text_of,
};
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand};
use serde_json::{json, Value};
use specie_primitives::{
    orders::Action,
    payment_codes::{CodeSide, PendingInfo, MAX_CODE_LIFE},
    BlockNumber, Order, OrderId, OwnerId, PaymentCode, Scan, SignedOrder,
};
use specie_wallet::{
    code::PREFIX,
    order::{to_bytes, unsigned},
    Money, ShownCode,
};
use std::io::IsTerminal;

/// Blocks for which the order about a scan can be executed.
const ORDER_LIFE: BlockNumber = 300;
/// Fewest digits that name a payment.
const MIN_DIGITS: usize = 4;

/// Payment codes.
#[derive(Subcommand)]
#[command(after_help = "\
A CODE is a file with one or a PNG image of its QR code, - for the standard input, or the text of the code itself.
Money moves between accounts at banks, as with `specie transfer send`, and never with an amount that the payer did not see: what \
the payer has not signed for waits until it confirms. Examples:
  specie --key shop code request 18.60 --png till.png      # the shop shows it, the customer scans it
  specie --key ann code scan till.png                      # look, confirm, pay
  specie --key ann code offer 18.60 --qr                   # the customer shows it, the shop scans it
  specie --key ann code pending                            # what waits for a confirmation
  specie --key ann code confirm 0a1b2c                     # the first digits of its name")]
pub enum CodeCommand {
    /// Show a code to be paid.
    Request(Request),
    /// Show a code to pay.
    Offer(Show),
    /// What a code says, and who signed it. Nobody signs.
    Show {
        /// The code.
        code: String,
    },
    /// Scan somebody's code: look at it, sign, and bring it to the network.
    Scan(ScanCode),
    /// Payments by code that wait for their payer's confirmation.
    Pending {
        /// Owner id, identity or key; by default the owner of --key.
        owner: Option<String>,
    },
    /// Make a payment that waits for you.
    Confirm(Answer),
    /// Refuse a payment that waits for you, or take back one that you asked for.
    Refuse(Answer),
    /// What payees may set of yours without a confirmation, if you signed the code; switch it off or on.
    SmallAmounts {
        /// Otherwise it is shown.
        switch: Option<Switch>,
    },
}

/// Show a code.
#[derive(Args)]
pub struct Show {
    /// Amount, for instance 18.60; otherwise the other side says it.
    #[arg(allow_negative_numbers = true)]
    amount: Option<String>,
    /// How long it is good, at most ten minutes.
    #[arg(long, default_value = "60s", value_name = "60s|5m")]
    valid: String,
    /// It is for several payments; without it, for one.
    #[arg(long)]
    reusable: bool,
    /// Number of the bank with your account; by default the one that looks after you.
    #[arg(long, value_name = "NUMBER")]
    bank: Option<u32>,
    /// Do not sign it. A code of a joint account is never signed: it has no key.
    #[arg(long)]
    unsigned: bool,
    #[command(flatten)]
    behalf: Behalf,
    #[command(flatten)]
    out: Out,
}

/// Show a code to be paid.
#[derive(Args)]
pub struct Request {
    #[command(flatten)]
    show: Show,
    /// A code to be printed: without an end and a signature, for any number of payments of any amount.
    #[arg(long, conflicts_with_all = ["amount", "valid", "reusable", "unsigned"])]
    sticker: bool,
}

/// Scan somebody's code.
#[derive(Args)]
#[command(
    after_help = "With --out, --png, --qr or --joint the order is written, and left to somebody else to sign and submit."
)]
pub struct ScanCode {
    /// The code.
    code: String,
    /// Amount, if the code does not say it.
    #[arg(allow_negative_numbers = true)]
    amount: Option<String>,
    /// Number of the bank with your account; by default the one that looks after you.
    #[arg(long, value_name = "NUMBER")]
    bank: Option<u32>,
    /// Do it without being asked.
    #[arg(long)]
    yes: bool,
    /// Leave your signature out, if the other side signed the code: then the payer has to confirm.
    #[arg(long)]
    unsigned: bool,
    #[command(flatten)]
    behalf: Behalf,
    #[command(flatten)]
    out: Out,
}

/// A payment that waits.
#[derive(Args)]
#[command(after_help = "\
With --out, --png, --qr or --joint an order is written that does it, and left to somebody else to sign and submit.")]
pub struct Answer {
    /// Its name, as `specie code pending` shows it, or as many first digits as make it clear.
    payment: String,
    /// Do it without being asked; to confirm, with the whole name.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    behalf: Behalf,
    #[command(flatten)]
    out: Out,
}

impl CodeCommand {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Request(Request { show, sticker }) => show.run(app, CodeSide::Payee, sticker).await,
            Self::Offer(show) => show.run(app, CodeSide::Payer, false).await,
            Self::Show { code } => {
                let Seen { words, value, .. } = look(app, &read(app, &code).await?).await?;
                app.print(&value, || words)
            },
            Self::Scan(scan) => scan.run(app).await,
            Self::Pending { owner } => pending(app, owner.as_deref()).await,
            Self::Confirm(answer) => answer.run(app, true).await,
            Self::Refuse(answer) => answer.run(app, false).await,
            Self::SmallAmounts { switch } => small_amounts::run(app, switch).await,
        }
    }
}

/// How long a code is good: in seconds, or as other times to wait.
fn life(text: &str) -> Result<BlockNumber> {
    let life = match text.strip_suffix('s').map(str::parse::<BlockNumber>) {
        Some(Ok(seconds)) if seconds > 0 => seconds,
        Some(_) => bail!("'{text}' is no time: write seconds or minutes, such as 60s or 5m"),
        None => blocks(text)?,
    };
    if life > MAX_CODE_LIFE {
        bail!("a code is good for {MAX_CODE_LIFE} seconds at most");
    }
    Ok(life)
}

/// Reads a code of this network.
async fn read(app: &App, code: &str) -> Result<ShownCode> {
    let shown = ShownCode::read(&text_of(code, PREFIX)?)?;
    shown.ensure_network(app.client().await?.genesis())?;
    Ok(shown)
}

impl Show {
    async fn run(self, app: &App, side: CodeSide, sticker: bool) -> Result<()> {
        let amount = match &self.amount {
            Some(amount) => Some(app.amount(amount).await?),
            None => None,
        };
        let (client, own) = (app.client().await?, self.behalf.owner(app).await?);
        let bank = parties::bank_of(app, self.bank, own).await?;
        let until = match sticker {
            true => None,
            false => Some(clock(app).await?.saturating_add(life(&self.valid)?)),
        };
        let reusable = self.reusable || sticker;
        let code = PaymentCode { side, reusable, owner: own, bank, amount, until, random: rand::random() };
        let is_signed = !(self.unsigned || sticker || self.behalf.is_joint());
        let shown = match is_signed {
            true => ShownCode::signed(client.genesis(), code, &key(app)?),
            false => ShownCode::unsigned(client.genesis(), code),
        };
        let words = say(&app.money().await?, &code, if is_signed { "signed" } else { "not signed" });
        let value = described(&code, is_signed);
        // What is signed lives for minutes on a screen; what is not may be printed.
        let qr = if is_signed { Qr::for_screen } else { Qr::new };
        self.out.write_text(app, &shown.to_text(), qr, value, words)
    }
}

/// A code for a program.
fn described(code: &PaymentCode, is_signed: bool) -> Value {
    json!({
        "side": code.side, "reusable": code.reusable, "owner": code.owner, "bank": code.bank,
        "amount": code.amount.map(|amount| amount.to_string()), "until": code.until, "signed": is_signed,
    })
}

/// A code for a person.
fn say(money: &Money, code: &PaymentCode, signed: &str) -> String {
    let PaymentCode { owner, bank, .. } = code;
    let amount = code.amount.map_or("an amount that the other side says".into(), |amount| money.show(amount));
    let what = match code.side {
        CodeSide::Payer => format!("{owner} pays {amount} from its account at bank {bank}"),
        CodeSide::Payee => format!("{owner} gets {amount} to its account at bank {bank}"),
    };
    let times = if code.reusable { "for several payments" } else { "for one payment" };
    let end = code.until.map_or("without an end".into(), |until| format!("until block {until}"));
    format!("Payment code: {what}\n  {times}, {end}, {signed}")
}

/// What a code says, for a person and a program.
struct Seen {
    words: String,
    value: Value,
    /// `None` if the signature is not that of the owner's present key.
    is_signed: Option<bool>,
}

/// Looks at a code: who has which key is asked of the node.
async fn look(app: &App, shown: &ShownCode) -> Result<Seen> {
    let (client, money, now) = (app.client().await?, app.money().await?, clock(app).await?);
    let info = app.registered(shown.code.owner, None, None).await?;
    let (is_signed, state, signed) = match shown.is_signed(client.genesis(), &info.key) {
        Some(true) => (Some(true), "good", "signed"),
        Some(false) => (None, "bad", "BAD SIGNATURE"),
        None => (Some(false), "none", "not signed"),
    };
    let mut words = format!("{}; now it is {now}", say(&money, &shown.code, signed));
    if shown.code.until.is_some_and(|until| until < now) {
        words.push_str("\n  its last block has passed");
    }
    let mut value = described(&shown.code, is_signed == Some(true));
    value["signature"] = json!(state);
    value["now"] = json!(now);
    Ok(Seen { words, value, is_signed })
}

/// What an order about a scan says, for a person and a program.
pub fn describe_scan(scan: &Scan, money: &Money) -> Result<(String, Value)> {
    let code = PaymentCode::read(&scan.code).context("the order is about a code that this program does not know")?;
    let is_signed = scan.signature.is_some();
    // Whose it is, the network looks at.
    let signed = if is_signed { "with a signature" } else { "not signed" };
    let (verb, amount) = match code.side {
        CodeSide::Payer => ("gets", scan.amount.or(code.amount)),
        CodeSide::Payee => ("pays", scan.amount.or(code.amount)),
    };
    let amount = amount.context("the order says no amount")?;
    let words = format!(
        "{} scanned a code, and {verb} {} at bank {}\n  {}",
        scan.scanner,
        money.show(amount),
        scan.bank,
        say(money, &code, signed).replace('\n', "\n  "),
    );
    let value = json!({
        "kind": "code", "code": described(&code, is_signed), "scanner": scan.scanner, "bank": scan.bank,
        "amount": amount.to_string(),
    });
    Ok((words, value))
}

impl ScanCode {
    async fn run(self, app: &App) -> Result<()> {
        let shown = read(app, &self.code).await?;
        let Seen { words, is_signed, .. } = look(app, &shown).await?;
        let Some(is_signed) = is_signed else {
            let text = "the signature of the code is not that of its owner's present key: do not pay, ask for another";
            return Err(Failure::new(failure::WALLET, text).into());
        };
        if self.unsigned && !is_signed {
            let text = "nobody signed the code: your signature is needed";
            return Err(Failure::new(failure::WALLET, text).into());
        }
        let amount = match &self.amount {
            Some(amount) => Some(app.amount(amount).await?),
            None => None,
        };
        let own = self.behalf.owner(app).await?;
        if own == shown.code.owner {
            return Err(Failure::new(failure::WALLET, "this is your own code: the other side scans it").into());
        }
        let scan = shown.scan(own, parties::bank_of(app, self.bank, own).await?, amount)?;
        let amount = scan.amount.or(shown.code.amount).context("no amount")?;
        let money = app.money().await?;
        let verb = if shown.is_payers() { "get" } else { "pay" };
        let signed = match is_signed {
            true => "the node says whose key signed; all else stands in the code",
            false => "anybody can have made it",
        };
        let mut words = format!("{words}\n  {signed}\n  you {verb} {} at bank {}", money.show(amount), scan.bank);
        let PaymentCode { owner: other, amount: shown_amount, reusable, .. } = shown.code;
        let (payer, payee, is_seen) = match shown.is_payers() {
            true => (other, own, is_signed && !self.unsigned && shown_amount.is_some() && !reusable),
            false => (own, other, !self.unsigned),
        };
        if !is_seen {
            words.push_str("\n  unless it is a small amount, the money moves when the payer confirms");
        }
        ensure_wanted(app, self.yes, &words)?;
        let document = self.document(app, own, scan).await?;
        // Enough managers of a joint account sign before anybody brings it; what nobody signs can be brought at once.
        if self.out.is_wanted() || (self.behalf.is_joint() && !self.unsigned) {
            let value = json!({
                "order": document.order.id(), "owner": shown.code.owner, "amount": amount.to_string(),
                "signed": !self.unsigned,
            });
            return self.out.write(app, &document, value, words);
        }
        let mut receipt = app.with_limits(bring(app, &document).await, payer, payee).await?;
        let waits = receipt.field("Codes.Asked", "until").cloned();
        let (verb, sum) = (if shown.is_payers() { "Got" } else { "Paid" }, money.show(amount));
        receipt.what = match &waits {
            None => format!("{verb} {sum} by a code of {}", shown.code.owner),
            Some(until) => format!(
                "{sum} wait for the payer's confirmation until block {until}\n  payment {}",
                document.order.id()
            ),
        };
        receipt.data = json!({
            "payment": document.order.id(), "owner": shown.code.owner, "amount": amount.to_string(),
            "waits": waits.is_some(), "until": waits,
        });
        app.report(&receipt)
    }

    /// The order about a scan.
    async fn document(&self, app: &App, own: OwnerId, scan: Scan) -> Result<SignedOrder> {
        let mut document = unsigned(soon(app, own, Action::Code(scan)).await?);
        match self.unsigned {
            true => document.order.parties = Default::default(),
            false => parties::sign(app, &mut document).await?,
        }
        Ok(document)
    }
}

/// An order of one party that is executed soon or not at all.
async fn soon(app: &App, own: OwnerId, action: Action) -> Result<Order> {
    let now = clock(app).await?;
    parties::order_of(app, (own, &[]), (now, now.saturating_add(ORDER_LIFE)), action).await
}

/// Shows something to a person and asks, unless it is wanted anyhow.
fn ensure_wanted(app: &App, yes: bool, words: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    let asked = !app.options.json && std::io::stdin().is_terminal();
    let lines: Vec<_> = words.split('\n').map(output::printable).collect();
    eprintln!("{}", lines.join("\n"));
    if !asked || !confirmed("do it? [y/N] ")? {
        return Err(Failure::new(failure::WALLET, "not done: look at it, then repeat the command with --yes").into());
    }
    Ok(())
}

/// Brings an order to the network; fails as a transaction of its own would if the order does.
async fn bring(app: &App, document: &SignedOrder) -> Result<Receipt> {
    let call = calls::call("Orders", "submit", [("orders", calls::orders(&[to_bytes(document)]))]);
    let client = app.client().await?;
    let receipt = client.submit(&call, &app.signer()?, app.wait()).await?;
    let outcome = receipt.field("Orders.Submitted", "outcomes").and_then(|outcomes| outcomes.get(0));
    let verdict = outcome.map(|outcome| outcome["verdict"].clone()).context("the network told no outcome")?;
    if verdict == json!("Executed") {
        return Ok(receipt);
    }
    let failure = match module_error(&verdict) {
        Some((pallet, error)) => client.explain_module_error(pallet, error).await?,
        None => {
            let name = verdict.as_str().unwrap_or("Failed").to_string();
            let text = format!("the order was refused: {verdict}");
            Failure { name: Some(name), ..Failure::new(failure::DISPATCH, text) }
        },
    };
    Err(Failure { block: Some(receipt.block), ..failure }.of(receipt.extrinsic).into())
}

/// Numbers of the pallet and its error, if that is why an order failed.
fn module_error(verdict: &Value) -> Option<(u8, u8)> {
    let module = verdict.get("Failed")?.get("Module")?;
    let pallet = u8::try_from(module.get("index")?.as_u64()?).ok()?;
    let digits = module.get("error")?.as_str()?.strip_prefix("0x")?.get(..2)?;
    Some((pallet, u8::from_str_radix(digits, 16).ok()?))
}

async fn pending(app: &App, owner: Option<&str>) -> Result<()> {
    let owner = app.owner_to_show(owner).await?;
    let (payments, money, now) = (waiting(app, owner).await?, app.money().await?, clock(app).await?);
    let value = json!({ "owner": owner, "payments": payments, "now": now });
    app.print(&value, || match payments.as_slice() {
        [] => "Nothing waits".into(),
        payments => format!("{}\nnow it is block {now}", table(payments, owner, &money)),
    })
}

fn table(payments: &[PendingInfo], owner: OwnerId, money: &Money) -> String {
    let row = |info: &PendingInfo| {
        let (what, other) = match info.payer == owner {
            true => ("you pay", info.payee),
            false => ("you get", info.payer),
        };
        vec![info.payment.to_string(), what.into(), money.show(info.amount), other.to_string(), info.until.to_string()]
    };
    let rows: Vec<_> = payments.iter().map(row).collect();
    output::table(&["payment", "", "amount", "other side", "last block"], &rows, &[2, 4])
}

/// The one payment whose name begins like that.
fn named(payments: Vec<PendingInfo>, text: &str) -> Result<PendingInfo> {
    let digits = text.trim_start_matches("0x").to_ascii_lowercase();
    if digits.len() < MIN_DIGITS {
        bail!("give {MIN_DIGITS} digits of a payment's name, or more");
    }
    let mut found = payments.into_iter().filter(|info| info.payment.to_string().starts_with(&digits));
    match (found.next(), found.next()) {
        (Some(info), None) => Ok(info),
        (Some(_), Some(_)) => bail!("several payments have names that begin with {text}: give more digits"),
        (None, _) => {
            let text = format!("no payment {text} waits for you: it was made, refused or lapsed, or never was");
            Err(Failure::new(failure::WALLET, text).into())
        },
    }
}

impl Answer {
    async fn run(self, app: &App, confirms: bool) -> Result<()> {
        let own = self.behalf.owner(app).await?;
        let whole = match self.payment.parse() {
            Ok(payment) => asked::of_name(app, own, payment).await?,
            Err(_) => None,
        };
        let info = match whole {
            Some(info) => info,
            None => named(waiting(app, own).await?, &self.payment)?,
        };
        let PendingInfo { payment, payer, payee, amount, .. } = info;
        let money = app.money().await?;
        let sum = money.show(amount);
        let words = format!("Payment {payment}\n  {}", asked::in_words(&info, &money));
        let (name, what) = match confirms {
            true => ("confirm", format!("Paid {sum} to {payee}")),
            false => ("refuse", format!("Payment {payment} of {sum} is never made")),
        };
        if confirms {
            // A payee finds two orders whose names begin alike, shows one, takes it back and brings the other.
            if self.yes && self.payment.parse::<OrderId>() != Ok(payment) {
                let text = format!("to confirm without being asked, give the whole name: {payment}");
                return Err(Failure::new(failure::WALLET, text).into());
            }
            asked::ensure_true(app, &info).await?;
            ensure_wanted(app, self.yes, &words)?;
        }
        if self.out.is_wanted() || self.behalf.is_joint() {
            let order = soon(app, own, Action::Answer { payment, confirms }).await?;
            let value = json!({ "order": order.id(), "payment": payment, "confirms": confirms });
            let mut document = unsigned(order);
            parties::sign(app, &mut document).await?;
            return self.out.write(app, &document, value, words);
        }
        let call = calls::call("Codes", name, [("payment", calls::order(payment))]);
        let sent = app.client().await?.submit(&call, &app.signer()?, app.wait()).await;
        let mut receipt = app.with_limits(sent, payer, payee).await?;
        receipt.what = what;
        receipt.data = json!({
            "payment": payment, "payer": payer, "payee": payee, "amount": amount.to_string(), "confirmed": confirms,
        });
        app.report(&receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::BankId;

    #[test]
    fn codes_live_for_minutes() {
        assert_eq!((life("60s").unwrap(), life("5m").unwrap(), life("600s").unwrap()), (60, 300, 600));
        for wrong in ["601s", "1h", "0s", "s", "-5s", "5", ""] {
            assert!(life(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn errors_of_pallets_are_found_in_verdicts() {
        let failed = json!({ "Failed": { "Module": { "index": 43, "error": "0x07000000" } } });
        assert_eq!(module_error(&failed), Some((43, 7)));
        for other in
            [json!("Executed"), json!({ "Failed": "BadOrigin" }), json!({ "Failed": { "Arithmetic": "Overflow" } })]
        {
            assert_eq!(module_error(&other), None);
        }
    }

    #[test]
    fn payments_are_named_by_their_first_digits() {
        let info = |digit: u8| PendingInfo {
            payment: OrderId([digit; 32]),
            payer: OwnerId([1; 24]),
            payer_bank: BankId(1),
            payee: OwnerId([2; 24]),
            payee_bank: BankId(2),
            amount: 1_860,
            until: 7,
        };
        let all = || vec![info(0xab), info(0xac)];
        assert_eq!(named(all(), "abab").unwrap(), info(0xab));
        let mut name = [0xab; 32];
        name[31] = 0;
        let alike = PendingInfo { payment: OrderId(name), amount: 186_000, ..info(0xab) };
        assert!(named(vec![info(0xab), alike], "abab").is_err());
        assert_eq!(named(all(), "0xACac").unwrap(), info(0xac));
        assert!(named(all(), "abcd").is_err() && named(all(), "b").is_err());
        // Nobody pays the only one that waits by naming none.
        for short in ["", "0x", "aba"] {
            assert!(named(vec![info(0xab)], short).is_err(), "{short}");
        }
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let text = table(&all(), OwnerId([1; 24]), &money);
        assert!(text.contains("you pay") && text.contains("18.60 SPC") && !text.contains("you get"), "{text}");
        assert!(table(&all(), OwnerId([2; 24]), &money).contains("you get"));
    }

    #[test]
    fn people_are_told_who_pays_how_much() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let (owner, bank) = (OwnerId([1; 24]), BankId(2));
        let code = PaymentCode {
            side: CodeSide::Payee,
            reusable: false,
            owner,
            bank,
            amount: Some(1_860),
            until: None,
            random: [0; 8],
        };
        let text = say(&money, &code, "BAD SIGNATURE");
        assert!(
            text.contains("gets 18.60 SPC") && text.contains("at bank 2") && text.contains("BAD SIGNATURE"),
            "{text}"
        );
        let scan = ShownCode::unsigned(Default::default(), code).scan(OwnerId([3; 24]), BankId(1), None).unwrap();
        let (words, value) = describe_scan(&scan, &money).unwrap();
        assert!(words.contains("pays 18.60 SPC at bank 1") && value["amount"] == json!("1860"), "{words}");
    }
}

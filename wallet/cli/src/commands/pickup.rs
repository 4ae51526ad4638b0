//! Payments that wait for somebody who is not registered: leaving, collecting and taking back coins.

use super::{
    keys::read_secret,
    pay::{describe, references},
};
use crate::{
    app::{self, App},
    calls,
    change::{self, Wish},
    client::{Client, Receipt, Wait},
    failure::{self, Failure},
    output,
    purse::Purse,
    vaults,
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::json;
use specie_primitives::{
    api::{CoinInfo, PickupInfo},
    Balance, BankId, BlockNumber, CoinRef, OwnerId, PickupId, PickupReceiver, MAX_COINS_PER_PICKUP,
    MILLISECS_PER_BLOCK,
};
use specie_wallet::{pickup::sign, seed::CodeSecret, HeldCoin, Keypair, Money, PickupCode, Signs};
use subxt::{dynamic::Value, rpcs::client::rpc_params};
use zeroize::Zeroizing;

/// Payments that the node is asked for at once.
const PAGE: u32 = 1_000;

/// Payments that wait.
#[derive(Subcommand)]
#[command(after_help = "`specie pay … --pickup` leaves coins; `specie bank pay-out-pickup` is the bank's side.")]
pub enum Pickup {
    /// Collect coins that wait for you; your key signs.
    #[command(after_help = "\
Example, which asks for the code that the payer gave you:
  specie --key ann pickup claim")]
    Claim(Code),
    /// Give coins that nobody collected in time back to the payer; anyone may sign.
    Refund {
        /// Number of the pickup, as pay printed it.
        pickup: u64,
    },
    /// What an owner left and what waits for it. Nobody signs.
    List {
        /// Owner id, identity or key, registered or not; by default the owner of --key.
        owner: Option<String>,
    },
    /// Codes of payments that you left and that nobody has collected, from your seed. Whoever has a code can collect the
    /// coins.
    Codes,
    /// One payment that waits. Nobody signs.
    Show {
        /// Number of the pickup.
        pickup: u64,
    },
}

impl Pickup {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Claim(code) => claim(app, &code.read()?).await,
            Self::Refund { pickup } => refund(app, PickupId(pickup)).await,
            Self::List { owner } => {
                let owner = app.owner_to_show(owner.as_deref()).await?;
                show(app, json!({ "owner": owner }), &of_owner(app, owner).await?).await
            },
            Self::Codes => codes(app).await,
            Self::Show { pickup } => show(app, json!({}), &[numbered(app, PickupId(pickup)).await?]).await,
        }
    }
}

/// A pickup code. Whoever reads it can collect the coins.
#[derive(Args)]
pub struct Code {
    /// The pickup code: four groups of four signs. Leave it out, or write -, and you are asked for it: from the command
    /// line other programs can read it, and shells keep it.
    #[arg(conflicts_with = "code_file")]
    code: Vec<String>,
    /// File with the code on its first line that is not blank; - reads the standard input.
    #[arg(long, value_name = "FILE")]
    code_file: Option<String>,
}

impl Code {
    /// The code that was given or is typed now.
    fn read(&self) -> Result<PickupCode> {
        let given = Zeroizing::new(self.code.join(" "));
        let typed = matches!(given.trim(), "" | "-");
        let text = if typed { read_secret(self.code_file.as_deref(), "Pickup code: ", "--code-file")? } else { given };
        Ok(text.parse()?)
    }
}

/// A bank's side of a pickup.
#[derive(Args)]
pub struct PayOut {
    #[command(flatten)]
    code: Code,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    receiver: Receiver,
}

/// Which payment.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Who the person is: the identity that was paid to, as you checked it. - reads it from the standard input.
    #[arg(long, value_name = "OWNER")]
    payee: Option<String>,
    /// Number of the pickup instead.
    #[arg(long, value_name = "NUMBER")]
    pickup: Option<u64>,
}

/// Who gets the money.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Receiver {
    /// The owner whose custody account at this bank is credited.
    #[arg(long, value_name = "OWNER")]
    to: Option<String>,
    /// Cash of the counter instead: number of your receipt for it.
    #[arg(long, value_name = "RECEIPT")]
    cash: Option<u64>,
}

/// Leaves coins for an owner id and prints the code.
pub async fn leave(app: &App, payer: OwnerId, payee: OwnerId, amount: Balance, wish: Wish, keep: &str) -> Result<()> {
    let (key, life) = (app.signer()?, blocks(keep)?);
    let payment = Payment { payer, payee, life };
    let mut receipts = Vec::new();
    let most = u64::from(MAX_COINS_PER_PICKUP);
    let result = async {
        let (purse, coins) = change::first(app, &key, payer, (amount, most), wish, &mut receipts).await?;
        let receipt = payment.leave(app, &key, purse, &coins).await?;
        receipts.push(app.step(receipt)?);
        anyhow::Ok(())
    }
    .await;
    app.finish_steps(&receipts, result)
}

/// A payment that is to wait.
struct Payment {
    payer: OwnerId,
    payee: OwnerId,
    /// For how many blocks.
    life: BlockNumber,
}

impl Payment {
    /// Leaves these coins.
    async fn leave(&self, app: &App, key: &impl Signs, mut purse: Purse, coins: &[HeldCoin]) -> Result<Receipt> {
        let Self { payer, payee, life } = self;
        let (client, money, amount) = (app.client().await?, app.money().await?, vaults::value(coins));
        change::ensure_few(&purse, &money, coins.len() as u64, MAX_COINS_PER_PICKUP.into())?;
        let first = waiting(coins).context("the amount takes no coins")?;
        // A card has no seed that the code could come from.
        let (code, again) = match app.seed()? {
            Some(seed) => (seed.codes()?.code(client.genesis(), *payee, first), "`specie pickup codes` shows it again"),
            None => (PickupCode::generate(), "it is shown only here"),
        };
        let claim_key = code.claim_key(client.genesis(), *payee)?.account();
        let expires = client.best_number().await?.saturating_add(*life);
        let arguments = [
            ("payee", calls::owner(*payee)),
            ("claim_key", calls::account(&claim_key)),
            ("coins", calls::coins(&references(coins))),
            ("expires", calls::number(expires)),
        ];
        let sent = purse.spend(app, key, &calls::call("Pickup", "deposit_for", arguments), coins).await;
        let sent = app.with_limits(sent, *payer, *payer).await;
        let mut receipt = sent.map_err(|error| with_code(&error, &code))?;
        let pickup = receipt.field("Pickup.Deposited", "pickup").cloned().unwrap_or_default();
        receipt.what = format!(
            "Left {} for {payee} with {}\n  pickup code {code}: whoever has it can collect the coins; \
             {again}\n  pickup number {pickup}, to be collected until block {expires}",
            money.show(amount),
            describe(&money, coins),
        );
        receipt.data = json!({
            "pickup": pickup,
            "from": payer,
            "to": payee,
            "amount": amount,
            "coins": app::names(coins),
            "code": code.to_string(),
            "expires": expires,
        });
        Ok(receipt)
    }
}

/// A failure after which the coins may wait all the same tells the code, or nobody could ever collect them.
fn with_code(error: &anyhow::Error, code: &PickupCode) -> Failure {
    let failure = Failure::from_error(error);
    if failure.kind != failure::NODE {
        return failure;
    }
    let message = format!(
        "{}\n  Should it be included, the pickup code is {code}: `specie pickup codes` shows it then, too, unless a card paid",
        failure.message
    );
    Failure { message, ..failure }
}

/// The coin with the lowest name, at the revision that it has while it waits: to wait is to change hands.
fn waiting(coins: &[HeldCoin]) -> Option<CoinRef> {
    let first = coins.iter().min_by_key(|coin| coin.coin)?;
    Some(CoinRef { coin: first.coin, revision: first.revision.checked_add(1)? })
}

/// The code of a payment that waits, if it was made from this secret.
async fn code_of(client: &Client, secret: &CodeSecret, info: &PickupInfo) -> Result<Option<PickupCode>> {
    let Some(first) = info.coins.iter().min() else { return Ok(None) };
    let coin: Option<CoinInfo> = client.request("specie_coin", rpc_params![first]).await?;
    let Some(revision) = coin.and_then(|coin| coin.revision) else { return Ok(None) };
    let code = secret.code(client.genesis(), info.payee, CoinRef { coin: *first, revision });
    let key = code.claim_key(client.genesis(), info.payee)?.account();
    Ok((key == info.claim_key).then_some(code))
}

/// Prints the codes of what the owner of the key left.
async fn codes(app: &App) -> Result<()> {
    let (client, money) = (app.client().await?, app.money().await?);
    let own = app.owner_or_own(None).await?;
    let none = || Failure::new(failure::WALLET, "a card has no seed that codes could come from");
    let secret = app.seed()?.ok_or_else(none)?.codes()?;
    let mut left = Vec::new();
    for info in left_by(app, own).await? {
        let code = code_of(client, &secret, &info).await?.map(|code| code.to_string());
        left.push((info, code));
    }
    let row = |(info, code): &(PickupInfo, Option<String>)| {
        json!({
            "pickup": info.pickup, "payee": info.payee, "value": info.value, "expires": info.expires, "code": code,
        })
    };
    let value: Vec<_> = left.iter().map(row).collect();
    app.print(&json!({ "owner": own, "pickups": value }), || {
        let row = |(info, code): &(PickupInfo, Option<String>)| {
            let code = code.as_deref().unwrap_or("not from this seed");
            let (pickup, payee, expires) = (info.pickup.to_string(), info.payee.to_string(), info.expires.to_string());
            vec![pickup, money.show(info.value), payee, expires, code.into()]
        };
        match left.as_slice() {
            [] => "Nothing waits that you left".into(),
            left => {
                let rows: Vec<_> = left.iter().map(row).collect();
                output::table(&["pickup", "value", "for", "last block", "code"], &rows, &[0, 1, 3])
            },
        }
    })
}

/// What an owner left and nobody has collected.
pub async fn left_by(app: &App, owner: OwnerId) -> Result<Vec<PickupInfo>> {
    Ok(of_owner(app, owner).await?.into_iter().filter(|info| info.payer == owner).collect())
}

/// `30d`, `12h` or `90m` in blocks.
pub(super) fn blocks(text: &str) -> Result<BlockNumber> {
    let form = || format!("'{text}' is no time to wait: write days, hours or minutes, such as 30d, 12h or 90m");
    let unit = text.chars().last().with_context(form)?;
    let minutes: u64 = match unit {
        'd' => 24 * 60,
        'h' => 60,
        'm' => 1,
        _ => anyhow::bail!(form()),
    };
    let number = text.strip_suffix(unit).and_then(|number| number.parse::<u64>().ok()).filter(|number| *number > 0);
    let blocks = number.with_context(form)?.checked_mul(minutes * 60_000).map(|ms| ms.div_ceil(MILLISECS_PER_BLOCK));
    blocks.and_then(|blocks| blocks.try_into().ok()).with_context(form)
}

#[derive(Deserialize)]
struct Page {
    pickups: Vec<PickupInfo>,
    cursor: Option<String>,
}

/// All that an owner left and that waits for it.
async fn of_owner(app: &App, owner: OwnerId) -> Result<Vec<PickupInfo>> {
    let (client, mut all, mut cursor) = (app.client().await?, Vec::new(), None::<String>);
    loop {
        let page: Page = client.request("specie_pickups", rpc_params![owner, cursor, PAGE]).await?;
        all.extend(page.pickups);
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

async fn numbered(app: &App, pickup: PickupId) -> Result<PickupInfo> {
    let info: Option<PickupInfo> = app.client().await?.request("specie_pickup", rpc_params![pickup]).await?;
    let text = || format!("no pickup {pickup} waits: it was collected or refunded, or never was");
    info.ok_or_else(|| Failure::new(failure::WALLET, text()).into())
}

/// The payment among these that the code collects, and its key.
fn find(client: &Client, code: &PickupCode, payee: OwnerId, waiting: &[PickupInfo]) -> Result<(PickupInfo, Keypair)> {
    let key = code.claim_key(client.genesis(), payee)?;
    let account = key.account();
    match waiting.iter().find(|info| info.payee == payee && info.claim_key == account) {
        Some(info) => Ok((info.clone(), key)),
        None => {
            let number = waiting.iter().filter(|info| info.payee == payee).count();
            let text = format!("{number} payments wait for {payee}, none of them under this code");
            Err(Failure::new(failure::WALLET, text).into())
        },
    }
}

async fn claim(app: &App, code: &PickupCode) -> Result<()> {
    let (client, money) = (app.client().await?, app.money().await?);
    let own = app.owner_or_own(None).await?;
    let (info, claim_key) = find(client, code, own, &of_owner(app, own).await?)?;
    let signature = sign(&claim_key, client.genesis(), info.pickup, PickupReceiver::Owner(own));
    let arguments = [("pickup", calls::pickup(info.pickup)), ("signature", Value::from_bytes(signature))];
    let call = calls::call("Pickup", "claim_registered", arguments);
    let receipt = collected(client.submit(&call, &app.signer()?, app.wait()).await?, &info)?;
    let what = format!("Collected {} that {} had left in pickup {}", money.show(info.value), info.payer, info.pickup);
    app.report(&Receipt { what, ..receipt })
}

/// Pays out what waits for somebody who stands at the bank's counter.
pub async fn pay_out(app: &App, wanted: PayOut) -> Result<()> {
    let code = wanted.code.read()?;
    let (client, money) = (app.client().await?, app.money().await?);
    let bank = app.own_bank().await?.bank;
    let (payee, waiting) = match (wanted.which.pickup, &wanted.which.payee) {
        (Some(number), _) => {
            let info = numbered(app, PickupId(number)).await?;
            (info.payee, vec![info])
        },
        (None, payee) => {
            let payee = app.owner(payee.as_deref().context("say whom the coins wait for")?).await?;
            (payee, of_owner(app, payee).await?)
        },
    };
    let (info, claim_key) = find(client, &code, payee, &waiting)?;
    let receiver = receiver(app, bank, &wanted.receiver).await?;
    let signature = sign(&claim_key, client.genesis(), info.pickup, receiver);
    let arguments = [
        ("pickup", calls::pickup(info.pickup)),
        ("receiver", calls::receiver(receiver)),
        ("signature", Value::from_bytes(signature)),
    ];
    let call = calls::call("Pickup", "claim_at_bank", arguments);
    // Final, whatever --no-wait says: cash that was handed out does not come back.
    let receipt = collected(client.submit(&call, &app.signer()?, Wait::Final).await?, &info)?;
    let what = paid_out(&money, &info, receiver);
    app.report(&Receipt { what, ..receipt })
}

fn paid_out(money: &Money, info: &PickupInfo, receiver: PickupReceiver) -> String {
    let (value, pickup) = (money.show(info.value), info.pickup);
    match receiver {
        PickupReceiver::Owner(owner) => format!("Collected {value} of pickup {pickup} for {owner}"),
        PickupReceiver::Custody { owner, .. } => {
            format!(
                "Credited {value} of pickup {pickup} to the custody account of {owner}; the vault took in the coins"
            )
        },
        PickupReceiver::Counter { receipt, .. } => {
            format!("The vault took in {value} of pickup {pickup}: hand out the cash, receipt {receipt}")
        },
    }
}

async fn receiver(app: &App, bank: BankId, wanted: &Receiver) -> Result<PickupReceiver> {
    match (wanted.cash, &wanted.to) {
        (Some(receipt), _) => Ok(PickupReceiver::Counter { bank, receipt }),
        (None, to) => {
            let owner = app.owner(to.as_deref().context("say who gets the money")?).await?;
            Ok(PickupReceiver::Custody { bank, owner })
        },
    }
}

/// A claim that is in its block without having collected anything is a failure to whoever sent it.
fn collected(mut receipt: Receipt, info: &PickupInfo) -> Result<Receipt> {
    if receipt.field("Pickup.Claimed", "value").is_none() {
        let text = format!("pickup {} was not collected: the network took the code for a wrong one", info.pickup);
        let failure = Failure::new(failure::DISPATCH, text).of(receipt.extrinsic);
        return Err(Failure { name: Some("WrongCode".into()), ..failure }.into());
    }
    receipt.data = json!({ "pickup": info.pickup, "from": info.payer, "amount": info.value, "coins": info.coins });
    Ok(receipt)
}

async fn refund(app: &App, pickup: PickupId) -> Result<()> {
    let (info, money) = (numbered(app, pickup).await?, app.money().await?);
    let best = app.client().await?.best_number().await?;
    if best < info.expires {
        let text = format!("pickup {pickup} can be collected until block {}, it is {best} now", info.expires);
        return Err(Failure::new(failure::WALLET, text).into());
    }
    let call = calls::call("Pickup", "refund", [("pickup", calls::pickup(pickup))]);
    let what = format!("{} of pickup {pickup} went back to {}", money.show(info.value), info.payer);
    app.send_with(&call, what, json!({ "pickup": pickup, "to": info.payer, "amount": info.value })).await
}

async fn show(app: &App, mut value: serde_json::Value, waiting: &[PickupInfo]) -> Result<()> {
    let money = app.money().await?;
    value["pickups"] = json!(waiting);
    app.print(&value, || {
        let row = |info: &PickupInfo| {
            vec![
                info.pickup.to_string(),
                money.show(info.value),
                info.coins.len().to_string(),
                info.payer.to_string(),
                info.payee.to_string(),
                info.expires.to_string(),
                info.wrong_tries.to_string(),
            ]
        };
        let head = ["pickup", "value", "coins", "from", "for", "last block", "wrong tries"];
        match waiting {
            [] => "Nothing waits".into(),
            waiting => output::table(&head, &waiting.iter().map(row).collect::<Vec<_>>(), &[0, 1, 2, 5, 6]),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_to_wait_are_read() {
        for (text, expected) in [("30d", 2_592_000), ("12h", 43_200), ("90m", 5_400), ("1m", 60)] {
            assert_eq!(blocks(text).unwrap(), expected, "{text}");
        }
        for text in ["", "d", "0d", "-1d", "30", "5s", "1.5h", "99999999999999d", "30dd", "3 h"] {
            assert!(blocks(text).unwrap_err().to_string().contains("30d, 12h or 90m"), "{text}");
        }
    }

    #[test]
    fn codes_are_read_from_files_and_arguments_and_not_repeated() {
        let file = std::env::temp_dir().join(format!("specie-pickup-code-{}", std::process::id()));
        let code = |given: &str, file: Option<&std::path::Path>| Code {
            code: given.split(' ').filter(|word| !word.is_empty()).map(Into::into).collect(),
            code_file: file.map(|file| file.display().to_string()),
        };
        let good = PickupCode::generate();
        std::fs::write(&file, format!("\n{good}\n")).unwrap();
        for from_file in ["", "-"] {
            assert_eq!(code(from_file, Some(&file)).read().unwrap(), good);
        }
        for written in [good.to_string(), good.to_string().replace('-', " ")] {
            assert_eq!(code(&written, None).read().unwrap(), good);
        }
        let error = format!("{:#}", code("7K3M-Q9ZA-2B4C", None).read().unwrap_err());
        assert!(error.contains("16 signs") && !error.contains("7K3M"), "{error}");
        std::fs::write(&file, "7K3M-Q9ZA-2B4C-6D8U").unwrap();
        let error = format!("{:#}", code("", Some(&file)).read().unwrap_err());
        assert!(error.contains("sign 16") && !error.contains("7K3M"), "{error}");
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_code_comes_from_the_lowest_coin_as_it_will_wait() {
        let coin = |index, revision| HeldCoin {
            coin: specie_primitives::CoinId { batch: 1, index },
            revision,
            denomination: specie_primitives::Denomination(100),
        };
        assert_eq!(waiting(&[]), None);
        let first = waiting(&[coin(9, 5), coin(2, 7)]).unwrap();
        assert_eq!((first.coin, first.revision), (coin(2, 7).coin, 8));
        assert_eq!(waiting(&[coin(2, u32::MAX)]), None);
    }

    #[test]
    fn a_code_is_told_only_if_coins_may_wait_under_it() {
        let code = PickupCode::generate();
        let told = |kind| with_code(&Failure::new(kind, "m").into(), &code).message.contains(&code.to_string());
        assert!(told(failure::NODE));
        assert!(!told(failure::DISPATCH) && !told(failure::REFUSED) && !told(failure::WALLET));
    }
}

//! `specie supervisor …`: holds and alerts.

use super::{escrow, small_amounts::SetSmallAmounts};
use crate::{app::App, calls, explain::Event, output};
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value as Json};
use specie_primitives::{api::HoldInfo, Balance, BankId, BlockNumber, CoinId, OrderId, OwnerId, Reason, Target};
use specie_wallet::Money;
use subxt::dynamic::Value;

/// The supervising role. Its key signs (--key); nobody signs for holds, alerts and thresholds.
#[derive(Subcommand)]
#[command(after_help = "\
What is held already gets the new reason and end. Examples:
  specie --key supervising supervisor hold-owner '+49 171 5550101' --reason court-order
  specie --key supervising supervisor hold-coin 3-1041,3-1042 --reason stolen --for 86400
  specie supervisor alerts --follow")]
pub enum Supervisor {
    /// Hold an owner: it is paid, but neither pays nor collects what waits for it, and what it left goes on waiting.
    HoldOwner {
        /// Owner id, identity or key.
        owner: String,
        #[command(flatten)]
        why: Why,
    },
    /// Let an owner go on. One that its bank suspended as well stays suspended by it.
    ReleaseOwner {
        /// Owner id, identity or key.
        owner: String,
    },
    /// Hold coins: nobody moves them, in an owner's hands, in a vault and while they wait to be picked up.
    HoldCoin {
        /// Their names, separated by commas, for instance 3-1041,3-1042. Coins that never left a vault cannot be held.
        #[arg(value_delimiter = ',', required = true)]
        coins: Vec<CoinId>,
        #[command(flatten)]
        why: Why,
    },
    /// Let coins go on.
    ReleaseCoin {
        /// Their names, separated by commas.
        #[arg(value_delimiter = ',', required = true)]
        coins: Vec<CoinId>,
    },
    /// Hold a bank: it keeps what it holds and moves nothing.
    HoldBank {
        /// Number of the bank.
        bank: u32,
        #[command(flatten)]
        why: Why,
    },
    /// Let a bank go on.
    ReleaseBank {
        /// Number of the bank.
        bank: u32,
    },
    /// What is held, why and until when.
    Holds,
    /// Payments that looked suspicious, in the last final blocks.
    Alerts(Alerts),
    /// What raises alerts.
    Thresholds,
    /// Say what raises alerts, all of it at once.
    SetThresholds(Thresholds),
    /// Say what payees may set of a class with payment codes without a confirmation.
    SetSmallAmounts(SetSmallAmounts),
    /// Decide an escrow that somebody disputes, or whose payer or payee is held: the payer gets what the payee does not.
    DecideEscrow {
        /// The escrow: 64 hexadecimal digits.
        escrow: OrderId,
        /// What the payee gets of what is left: an amount, 0, or all.
        #[arg(long, value_name = "AMOUNT|all")]
        to_payee: String,
        /// The reason: court-order, fraud, laundering, sanctions, stolen, inquiry or mistake.
        #[arg(long, value_parser = reason)]
        reason: Reason,
    },
}

/// Why, and until when.
#[derive(Args)]
pub struct Why {
    /// The reason: court-order, fraud, laundering, sanctions, stolen, inquiry or mistake.
    #[arg(long, value_parser = reason)]
    reason: Reason,
    /// Last block of the hold; otherwise it lasts until it is released.
    #[arg(long, value_name = "BLOCK", conflicts_with = "blocks")]
    until: Option<BlockNumber>,
    /// The same as a number of blocks from now on; a block takes a second.
    #[arg(long = "for", value_name = "BLOCKS")]
    blocks: Option<BlockNumber>,
}

/// Reads a reason.
pub(super) fn reason(text: &str) -> Result<Reason, String> {
    let names = || Reason::ALL.map(|reason| reason.name()).join(", ");
    let known = Reason::ALL.into_iter().find(|reason| reason.name() == text);
    known.ok_or_else(|| format!("there are: {}", names()))
}

impl Supervisor {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let coins = |coins: Vec<CoinId>| coins.into_iter().map(Target::Coin).collect::<Vec<_>>();
        match self {
            Self::HoldOwner { owner, why } => hold(app, vec![Target::Owner(app.owner(&owner).await?)], why).await,
            Self::ReleaseOwner { owner } => release(app, vec![Target::Owner(app.owner(&owner).await?)]).await,
            Self::HoldCoin { coins: named, why } => hold(app, coins(named), why).await,
            Self::ReleaseCoin { coins: named } => release(app, coins(named)).await,
            Self::HoldBank { bank, why } => hold(app, vec![Target::Bank(BankId(bank))], why).await,
            Self::ReleaseBank { bank } => release(app, vec![Target::Bank(BankId(bank))]).await,
            Self::Holds => holds(app).await,
            Self::Alerts(command) => command.run(app).await,
            Self::Thresholds => thresholds(app).await,
            Self::SetThresholds(command) => command.run(app).await,
            Self::SetSmallAmounts(command) => command.run(app).await,
            Self::DecideEscrow { escrow, to_payee, reason } => escrow::decide(app, escrow, &to_payee, reason).await,
        }
    }
}

fn described(targets: &[Target]) -> String {
    targets.iter().map(Target::to_string).collect::<Vec<_>>().join(", ")
}

/// A last block that is given by number or by how far away it is.
pub(super) async fn last_block(
    app: &App,
    until: Option<BlockNumber>,
    blocks: Option<BlockNumber>,
) -> Result<Option<BlockNumber>> {
    Ok(match (until, blocks) {
        (Some(until), _) => Some(until),
        (None, Some(blocks)) => Some(app.client().await?.best_number().await?.saturating_add(blocks)),
        (None, None) => None,
    })
}

async fn hold(app: &App, targets: Vec<Target>, why: Why) -> Result<()> {
    let until = last_block(app, why.until, why.blocks).await?;
    let call = calls::call(
        "Supervision",
        "hold",
        [
            ("targets", calls::list(targets.iter().map(calls::target))),
            ("reason", calls::reason(why.reason)),
            ("until", calls::option(until.map(calls::number))),
        ],
    );
    let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
    let act = receipt.field("Supervision.Held", "act").cloned().unwrap_or_default();
    let end = until.map_or("until released".into(), |until| format!("until block {until}"));
    receipt.what = format!("Held {} ({}), {end}: act {act}", described(&targets), why.reason.name());
    receipt.data = json!({ "act": act, "targets": targets, "reason": why.reason, "until": until });
    app.report(&receipt)
}

async fn release(app: &App, targets: Vec<Target>) -> Result<()> {
    let call = calls::call("Supervision", "release", [("targets", calls::list(targets.iter().map(calls::target)))]);
    let mut receipt = app.client().await?.submit(&call, &app.signer()?, app.wait()).await?;
    let act = receipt.field("Supervision.Released", "act").cloned().unwrap_or_default();
    receipt.what = format!("Released {}: act {act}", described(&targets));
    receipt.data = json!({ "act": act, "targets": targets });
    app.report(&receipt)
}

async fn holds(app: &App) -> Result<()> {
    let block = app.client().await?.finalized().await?;
    let mut all = app.holds(&block.hash).await?;
    all.sort_by_key(|hold| (hold.act, hold.target));
    app.print(&json!({ "block": block, "holds": all }), || {
        let row = |hold: &HoldInfo| {
            let until = hold.until.map_or_else(|| "released".into(), |until| until.to_string());
            let too = if hold.bank_too { "; suspended by its bank too" } else { "" };
            vec![
                hold.act.to_string(),
                hold.since.to_string(),
                until,
                hold.reason.name().into(),
                format!("{}{too}", hold.target),
            ]
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        let table = output::table(&["act", "since", "until", "reason", "held"], &rows, &[0, 1, 2]);
        format!("At block {}\n{table}", block.number)
    })
}

/// Payments that looked suspicious.
#[derive(Args)]
pub struct Alerts {
    /// How many blocks to look at, back from the last final one.
    #[arg(long, default_value_t = 200, value_name = "N")]
    blocks: BlockNumber,
    /// Go on with every block that becomes final; Ctrl-C ends it.
    #[arg(long)]
    follow: bool,
    /// With --follow, stop after N alerts.
    #[arg(long, value_name = "N", requires = "follow")]
    count: Option<usize>,
}

/// An alert of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Alert {
    #[serde(default)]
    block: BlockNumber,
    alert: u32,
    owner: OwnerId,
    kind: String,
    measure: Json,
    payee: OwnerId,
    value: Json,
}

/// An amount as JSON has it: a number, or text beyond 64 bits.
fn amount(value: &Json) -> Balance {
    let number = value.as_u64().map(Balance::from);
    number.or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

impl Alert {
    fn words(&self, money: &Money) -> String {
        let measure = amount(&self.measure);
        let what = match self.kind.as_str() {
            "Structuring" => format!("{measure} payments just below the amount"),
            "Velocity" => format!("{measure} payments"),
            "Volume" => format!("payments worth {}", money.show(measure)),
            "FanOut" => format!("{measure} payees"),
            "BlockedPayee" => format!("{} to somebody suspended, held or closed", money.show(measure)),
            other => format!("{other} {measure}"),
        };
        format!(
            "{}  alert {}  {}  owner {}: {what}; last {} to {}",
            self.block,
            self.alert,
            self.kind,
            self.owner,
            money.show(amount(&self.value)),
            self.payee,
        )
    }
}

/// Alerts of a final block.
async fn alerts_of(app: &App, number: BlockNumber) -> Result<Vec<Alert>> {
    let events = app.client().await?.events_of_pallet(number, "Supervision").await?;
    let alerted = events.into_iter().filter(|event| event.event == "Alerted");
    let read = |event: Event| anyhow::Ok(Alert { block: number, ..serde_json::from_value(event.fields)? });
    alerted.map(read).collect()
}

impl Alerts {
    async fn run(self, app: &App) -> Result<()> {
        let (client, money) = (app.client().await?, app.money().await?);
        let last = client.finalized().await?.number;
        let first = last.saturating_sub(self.blocks.saturating_sub(1)).max(1);
        let mut alerts = Vec::new();
        for number in first..=last {
            alerts.extend(alerts_of(app, number).await?);
        }
        if !self.follow {
            return app.print(&json!({ "from": first, "to": last, "alerts": alerts }), || {
                let lines: Vec<_> = alerts.iter().map(|alert| alert.words(&money)).collect();
                format!("Alerts of blocks {first} to {last}: {}\n{}", lines.len(), lines.join("\n"))
            });
        }
        let mut left = self.count;
        let mut tell = |alert: &Alert| -> Result<()> {
            if left == Some(0) {
                bail!(Seen);
            }
            output::line(app.options.json, alert, || alert.words(&money))?;
            left = left.map(|left| left.saturating_sub(1));
            if left == Some(0) {
                bail!(Seen);
            }
            Ok(())
        };
        let told = alerts.iter().try_for_each(&mut tell);
        let mut done = last;
        let told = match told {
            Ok(()) => {
                client
                    .each_finalized(async || {
                        let now = client.finalized().await?.number;
                        while done < now {
                            done += 1;
                            alerts_of(app, done).await?.iter().try_for_each(&mut tell)?;
                        }
                        Ok(())
                    })
                    .await
            },
            Err(error) => Err(error),
        };
        match told {
            Err(error) if error.is::<Seen>() => Ok(()),
            told => told,
        }
    }
}

/// As many alerts as asked for were seen.
#[derive(Debug)]
struct Seen;

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("seen")
    }
}

impl std::error::Error for Seen {}

/// What raises alerts. What is left out raises none.
#[derive(Args)]
#[command(after_help = "\
Example, within an hour: three payments from 9000 up to below 10000, a hundred payments, 50000 in all, twenty payees, or \
one to somebody suspended, held or closed:
  specie --key supervising supervisor set-thresholds --window 3600 --structuring 9000,10000,3 --payments 100 \\
    --value 50000 --payees 20 --blocked")]
pub struct Thresholds {
    /// Length of the window in blocks; a block takes a second.
    #[arg(long, value_name = "BLOCKS", required_unless_present = "off")]
    window: Option<BlockNumber>,
    /// Payments just below an amount: lowest amount, first amount that does not count, number of payments.
    #[arg(long, value_name = "FROM,BELOW,PAYMENTS")]
    structuring: Option<String>,
    /// Number of payments.
    #[arg(long, value_name = "N")]
    payments: Option<u32>,
    /// Value of all payments.
    #[arg(long, value_name = "AMOUNT")]
    value: Option<String>,
    /// Number of different payees, at most 64.
    #[arg(long, value_name = "N")]
    payees: Option<u32>,
    /// Payments to owners that are suspended, held or closed.
    #[arg(long)]
    blocked: bool,
    /// Raise no alerts at all.
    #[arg(long, conflicts_with_all = ["window", "structuring", "payments", "value", "payees", "blocked"])]
    off: bool,
}

/// Reads payments just below an amount.
fn structuring(text: &str, money: &Money) -> Result<Value> {
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    let [from, below, payments] = parts.as_slice() else {
        bail!("'{text}' is no FROM,BELOW,PAYMENTS, for instance 9000,10000,3");
    };
    let payments: u32 = payments.parse().with_context(|| format!("'{payments}' is no number of payments"))?;
    Ok(Value::named_composite([
        ("from", calls::amount(money.parse_positive(from)?)),
        ("below", calls::amount(money.parse_positive(below)?)),
        ("payments", calls::number(payments)),
    ]))
}

impl Thresholds {
    fn values(&self, window: BlockNumber, money: &Money) -> Result<Value> {
        let near = self.structuring.as_deref().map(|text| structuring(text, money)).transpose()?;
        let value = self.value.as_deref().map(|text| money.parse_positive(text)).transpose()?;
        Ok(Value::named_composite([
            ("window", calls::number(window)),
            ("structuring", calls::option(near)),
            ("payments", calls::option(self.payments.map(calls::number))),
            ("value", calls::option(value.map(calls::amount))),
            ("payees", calls::option(self.payees.map(calls::number))),
            ("blocked", Value::bool(self.blocked)),
        ]))
    }

    async fn run(self, app: &App) -> Result<()> {
        let money = app.money().await?;
        let values = self.window.map(|window| self.values(window, &money)).transpose()?;
        let what = match self.window {
            Some(window) => format!("Set the thresholds of alerts, within {window} blocks"),
            None => "Switched alerts off".into(),
        };
        app.send(&calls::call("Supervision", "set_thresholds", [("thresholds", calls::option(values))]), what).await
    }
}

async fn thresholds(app: &App) -> Result<()> {
    let (client, money) = (app.client().await?, app.money().await?);
    let stored = client.stored("Supervision", "Thresholds", vec![]).await?.map(|stored| stored.fields);
    app.print(&json!({ "thresholds": stored }), || {
        let Some(set) = &stored else { return "No thresholds are set: nothing raises alerts".into() };
        let near = set.get("structuring").filter(|near| !near.is_null()).map(|near| {
            let of = |name: &str| near.get(name).map(amount).unwrap_or_default();
            format!("{} payments from {} to below {}", of("payments"), money.show(of("from")), money.show(of("below")))
        });
        let plain = |name: &str| set.get(name).filter(|value| !value.is_null()).map(|value| value.to_string());
        let value = set.get("value").filter(|value| !value.is_null()).map(|value| money.show(amount(value)));
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        let rows = vec![
            vec!["structuring".into(), or_none(near)],
            vec!["payments".into(), or_none(plain("payments"))],
            vec!["value".into(), or_none(value)],
            vec!["payees".into(), or_none(plain("payees"))],
            vec!["blocked payees".into(), or_none(plain("blocked"))],
        ];
        output::table(&["within blocks", &or_none(plain("window"))], &rows, &[])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cli;
    use clap::Parser;

    fn money() -> Money {
        Money { decimals: 2, symbol: "SPC".into() }
    }

    #[test]
    fn reasons_are_read_by_name() {
        for one in Reason::ALL {
            assert_eq!(reason(one.name()), Ok(one));
        }
        let error = reason("unstated").unwrap_err();
        assert!(error.contains("court-order, fraud") && error.ends_with("mistake"), "{error}");
    }

    #[test]
    fn holds_name_what_why_and_until_when() {
        let reads = |rest: &[&str]| Cli::try_parse_from([&["specie", "supervisor"], rest].concat()).is_ok();
        assert!(reads(&["hold-coin", "3-1041,3-1042", "--reason", "stolen", "--for", "10"]));
        assert!(reads(&["hold-owner", "ann", "--reason", "inquiry"]) && reads(&["release-bank", "1"]));
        assert!(!reads(&["hold-coin", "3-1041"]) && !reads(&["hold-coin", "3.1041", "--reason", "stolen"]));
        assert!(!reads(&["hold-bank", "1", "--reason", "fraud", "--for", "10", "--until", "20"]));
        assert!(reads(&["set-thresholds", "--off"]) && !reads(&["set-thresholds", "--payees", "3"]));
        assert!(!reads(&["set-thresholds", "--off", "--window", "3"]) && !reads(&["alerts", "--count", "3"]));
    }

    #[test]
    fn alerts_are_read_as_the_node_tells_them() {
        let fields = json!({
            "alert": 4, "owner": OwnerId([1; 24]), "kind": "Volume", "measure": 2_200_050,
            "payee": OwnerId([2; 24]), "value": "18446744073709551616",
        });
        let alert = Alert { block: 7, ..serde_json::from_value(fields).unwrap() };
        let text = alert.words(&money());
        assert!(text.starts_with("7  alert 4  Volume  owner 0101"), "{text}");
        assert!(text.contains("payments worth 22'000.50 SPC; last 184'467'440'737'095'516.16 SPC to 0202"), "{text}");
    }

    #[test]
    fn structuring_is_two_amounts_and_a_number() {
        let read = |text| structuring(text, &money());
        assert!(read("9000,10000,3").is_ok() && read("9'000.00, 10'000, 3").is_ok());
        for bad in ["9000,10000", "9000,10000,x", "9000,10000,3,4", "a,10,3", "0,10,3"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}

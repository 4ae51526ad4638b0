//! Classes, their limits, and the business day.

use super::prove::{Consent, OwnerKey};
use crate::{app::App, calls, output};
use anyhow::{anyhow, bail, Context, Result};
use clap::Args;
use serde_json::json;
use specie_primitives::{
    api::LimitsInfo,
    limits::{CalendarChange, DAY_MS, MAX_OFFSET},
    Balance, ClassLimits, OwnerClass, PersonTag,
};
use specie_wallet::{person, Money, PersonSecret, Purpose};
use std::path::PathBuf;
use subxt::dynamic::Value;

/// The class of an owner, and who stands behind it.
#[derive(Args)]
pub struct Verified {
    /// Which limits apply: anonymous_card, phone, person or firm.
    #[arg(long, default_value = "phone")]
    class: OwnerClass,
    /// Number by which the state knows the person, or the register the firm, country first; for person and firm, whom the
    /// bank verified. It stays off the chain. @FILE reads it from a file.
    #[arg(long, value_name = "NUMBER")]
    person: Option<String>,
    /// File with the network's secret for such numbers, 64 hexadecimal digits; test networks need none.
    #[arg(long, env = "SPECIE_PERSON_SECRET_FILE", value_name = "FILE")]
    person_secret: Option<PathBuf>,
}

impl Verified {
    /// Class and tag, checked against each other.
    pub async fn read(&self, app: &App) -> Result<(OwnerClass, Option<PersonTag>)> {
        let class = self.class;
        let number = match (class.is_verified(), &self.person) {
            (true, None) => bail!("somebody was verified for class {class}: give --person NUMBER"),
            (false, Some(_)) => {
                bail!("nobody is verified for class {class}: leave out --person, or give --class person")
            },
            (false, None) => return Ok((class, None)),
            (true, Some(number)) => match number.strip_prefix('@') {
                Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?,
                None => number.clone(),
            },
        };
        let network = app.network().await?.network_id;
        let tag = self.secret(network)?.tag(network, class, number.trim());
        Ok((
            class,
            Some(tag.map_err(|_| anyhow!("a number has 2 to 35 letters and digits, country first: DE-L01X00T47"))?),
        ))
    }

    fn secret(&self, network: u32) -> Result<PersonSecret> {
        let Some(path) = &self.person_secret else {
            if network == person::TEST_NETWORK {
                return Ok(PersonSecret::new(person::TEST_SECRET));
            }
            bail!("give --person-secret FILE: the issuer hands the network's secret to banks that verify people");
        };
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        PersonSecret::read(&text).with_context(|| format!("{} does not hold 64 hexadecimal digits", path.display()))
    }
}

/// Give an owner another class.
#[derive(Args)]
pub struct ChangeClass {
    /// Owner id, identity or key.
    owner: String,
    #[command(flatten)]
    verified: Verified,
    #[command(flatten)]
    owner_key: OwnerKey,
}

impl ChangeClass {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let bank = app.own_bank().await?.bank;
        let (owner, (class, tag)) = (app.owner(&self.owner).await?, self.verified.read(app).await?);
        let purpose = Purpose::ChangeClass { bank, class, person: tag };
        let Consent { expiry, signature, .. } = self.owner_key.consent(app, owner, purpose).await?;
        let consent =
            Value::named_composite([("expiry", calls::number(expiry)), ("signature", Value::from_bytes(signature))]);
        let call = calls::call(
            "Identity",
            "change_class",
            [
                ("owner", calls::owner(owner)),
                ("class", calls::class(class)),
                ("person", calls::person(tag)),
                ("consent", calls::option(Some(consent))),
            ],
        );
        let what = format!("Owner {owner} is of class {class} now");
        app.send_with(&call, what, json!({ "owner": owner, "class": class, "person": tag })).await
    }
}

/// Prints the tag of a person or firm, which the customer's consent to another class names.
pub async fn person_tag(app: &App, verified: &Verified) -> Result<()> {
    let (class, tag) = verified.read(app).await?;
    let tag = tag.with_context(|| format!("nobody is verified for class {class}: give --class person or firm"))?;
    app.print(&json!({ "class": class, "person": tag }), || tag.to_string())
}

/// Lower the class of an owner; its consent is not asked for.
pub async fn lower_class(app: &App, owner: &str, class: OwnerClass) -> Result<()> {
    if class.is_verified() {
        bail!("only anonymous_card and phone are lower than what a bank verified");
    }
    let owner = app.owner(owner).await?;
    let call = calls::call(
        "Identity",
        "change_class",
        [
            ("owner", calls::owner(owner)),
            ("class", calls::class(class)),
            ("person", calls::person(None)),
            ("consent", calls::option(None)),
        ],
    );
    app.send_with(&call, format!("Owner {owner} is of class {class} now"), json!({ "owner": owner, "class": class }))
        .await
}

/// Set the limits of a class.
#[derive(Args)]
pub struct SetLimits {
    /// The class: anonymous_card, phone, person or firm.
    class: OwnerClass,
    /// Most that a payment may be worth, for instance 1000.00; none for no limit.
    #[arg(long, value_name = "AMOUNT|none")]
    per_payment: String,
    /// Most that all payments of a business day may be worth together; none for no limit.
    #[arg(long, value_name = "AMOUNT|none")]
    per_day: String,
    /// Most that may be held after something was received; none for no limit.
    #[arg(long, value_name = "AMOUNT|none")]
    balance: String,
}

impl SetLimits {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (class, money) = (self.class, app.money().await?);
        let limits = ClassLimits {
            per_payment: limit(&money, &self.per_payment)?,
            per_day: limit(&money, &self.per_day)?,
            balance: limit(&money, &self.balance)?,
        };
        let call =
            calls::call("Limits", "set_limits", [("class", calls::class(class)), ("limits", calls::limits(&limits))]);
        let words = [limits.per_payment, limits.per_day, limits.balance].map(|limit| shown(&money, limit));
        let what = format!("Class {class}: {} a payment, {} a day, {} held", words[0], words[1], words[2]);
        app.send_with(&call, what, json!({ "class": class, "limits": limits })).await
    }
}

fn limit(money: &Money, text: &str) -> Result<Option<Balance>> {
    if text == "none" {
        return Ok(None);
    }
    Ok(Some(money.parse(text)?))
}

fn shown(money: &Money, limit: Option<Balance>) -> String {
    limit.map_or("no limit".into(), |limit| money.show(limit))
}

/// Set when business days begin.
#[derive(Args)]
pub struct SetCalendar {
    /// From a day on (00:00 UTC), or a time in milliseconds since 1970, local time is so many minutes ahead of UTC:
    /// 1970-01-01=60 1774746000000=120. The first one must be in force already.
    #[arg(required = true, value_name = "FROM=MINUTES")]
    changes: Vec<String>,
}

impl SetCalendar {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let changes: Vec<_> = self.changes.iter().map(|text| change(text)).collect::<Result<_>>()?;
        let call = calls::call("Limits", "set_calendar", [("changes", calls::calendar(&changes))]);
        let what = format!("Business days follow {} changes of local time", changes.len());
        app.send_with(&call, what, json!({ "changes": changes })).await
    }
}

fn change(text: &str) -> Result<CalendarChange> {
    let wrong = || format!("'{text}' is no FROM=MINUTES, such as 2026-01-01=60, with at most {MAX_OFFSET} minutes");
    let (from, offset) = text.split_once('=').with_context(wrong)?;
    let midnight = format!("{from} 00:00:00");
    let offset_minutes = offset.parse::<i16>().ok().filter(|offset| offset.unsigned_abs() <= MAX_OFFSET.unsigned_abs());
    let from_ms = match from.parse() {
        Ok(ms) => Some(ms),
        // Days are few enough to look through, and none is written like a date that does not exist.
        Err(_) => (0..100_000).map(|day| day * DAY_MS).find(|ms| output::utc(*ms) == midnight),
    };
    Ok(CalendarChange { from_ms: from_ms.with_context(wrong)?, offset_minutes: offset_minutes.with_context(wrong)? })
}

/// Limits of an owner and what is left of them.
pub async fn show(app: &App, owner: Option<&str>) -> Result<()> {
    let (info, money) = (app.limits(app.owner_to_show(owner).await?).await?, app.money().await?);
    app.print(&info, || table(&info, &money))
}

fn table(info: &LimitsInfo, money: &Money) -> String {
    let LimitsInfo { limits, left, .. } = info;
    let row = |name: &str, limit, used: String, left| vec![name.into(), shown(money, limit), used, shown(money, left)];
    let rows = [
        row("a payment", limits.per_payment, String::new(), left.per_payment),
        row("payments of a day", limits.per_day, money.show(info.paid_today), left.per_day),
        row("held", limits.balance, money.show(info.held), left.balance),
    ];
    let head =
        format!("Owner {} of class {}; the day ends {} UTC", info.owner, info.class, output::utc(info.day_ends_ms));
    format!("{head}\n{}", output::table(&["", "limit", "used", "left"], &rows, &[1, 2, 3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money() -> Money {
        Money { decimals: 2, symbol: "SPC".into() }
    }

    #[test]
    fn limits_are_amounts_or_none() {
        assert_eq!(limit(&money(), "none").unwrap(), None);
        assert_eq!(limit(&money(), "1'000.50").unwrap(), Some(100_050));
        assert_eq!(limit(&money(), "0").unwrap(), Some(0));
        assert!(limit(&money(), "-5").is_err() && limit(&money(), "").is_err());
    }

    #[test]
    fn changes_of_local_time_are_read() {
        let read = |text: &str| change(text).map(|change| (change.from_ms, change.offset_minutes)).ok();
        assert_eq!(read("1970-01-01=60"), Some((0, 60)));
        assert_eq!(read("2024-02-29=-60"), Some((1_709_164_800_000, -60)));
        assert_eq!(read("1774746000000=120"), Some((1_774_746_000_000, 120)));
        for wrong in ["60", "=60", "0=841", "0=x", "2023-02-29=60", "yesterday=60"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_left_stands_in_a_table() {
        let info = LimitsInfo {
            owner: specie_primitives::OwnerId([1; 24]),
            class: OwnerClass::Phone,
            limits: ClassLimits { per_payment: Some(1_000), per_day: Some(2_000), balance: None },
            paid_today: 1_500,
            held: 7,
            left: ClassLimits { per_payment: Some(500), per_day: Some(500), balance: None },
            day: 1,
            day_ends_ms: 0,
        };
        let text = table(&info, &money());
        let lines: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert!(lines[0].contains("of class phone; the day ends 1970-01-01 00:00:00 UTC"), "{text}");
        assert_eq!(lines[3], "payments of a day 20.00 SPC 15.00 SPC 5.00 SPC");
        assert_eq!(lines[4], "held no limit 0.07 SPC no limit");
    }
}

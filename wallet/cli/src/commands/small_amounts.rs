//! Small amounts: what payees may set of somebody's without a confirmation, for those who show codes and for the supervisor.

use crate::{app::App, calls};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde_json::json;
use specie_primitives::{
    payment_codes::{SmallAmounts, SmallAmountsInfo},
    OwnerClass,
};
use specie_wallet::Money;
use subxt::rpcs::client::rpc_params;

/// Whether payees may set small amounts.
#[derive(Clone, Copy, ValueEnum)]
pub enum Switch {
    /// They may.
    On,
    /// They may not.
    Off,
}

/// Set small amounts of a class.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("amounts").required(true).args(["per_payment", "none"]))]
pub struct SetSmallAmounts {
    /// The class: anonymous_card, phone, person or firm.
    class: OwnerClass,
    /// Most that one of them may be worth.
    #[arg(long, value_name = "AMOUNT", requires = "per_day")]
    per_payment: Option<String>,
    /// Most that all of a payer and a business day may be worth together.
    #[arg(long, value_name = "AMOUNT", requires = "per_payment")]
    per_day: Option<String>,
    /// There are none: the payer confirms everything that it did not sign for.
    #[arg(long)]
    none: bool,
}

/// Shows the small amounts of the owner that signs, or switches them.
pub async fn run(app: &App, switch: Option<Switch>) -> Result<()> {
    let own = app.owner_or_own(None).await?;
    let Some(switch) = switch else {
        let info: Option<SmallAmountsInfo> =
            app.client().await?.request("specie_smallAmounts", rpc_params![own]).await?;
        let (info, money) = (info.with_context(|| format!("owner {own} is not registered"))?, app.money().await?);
        return app.print(&info, || in_words(&info, &money));
    };
    let on = matches!(switch, Switch::On);
    let call = calls::call("Codes", "use_small_amounts", [("on", calls::flag(on))]);
    let what = match on {
        true => "Payees may set small amounts of yours again, where your class has any",
        false => "Nobody sets an amount of yours: all that you did not sign for waits for your confirmation",
    };
    app.send_with(&call, what, json!({ "owner": own, "on": on })).await
}

fn in_words(info: &SmallAmountsInfo, money: &Money) -> String {
    match (info.of_class, info.switched_off) {
        (None, _) => "Payees set no amounts: your class has no small amounts".into(),
        (Some(_), true) => "Payees set no amounts: you switched small amounts off".into(),
        (Some(SmallAmounts { per_payment, per_day }), false) => format!(
            "Payees to whom you show a signed code may set up to {} a payment and {} a day; {} were taken today",
            money.show(per_payment),
            money.show(per_day),
            money.show(info.taken_today),
        ),
    }
}

impl SetSmallAmounts {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let (class, money) = (self.class, app.money().await?);
        let amounts = match (&self.per_payment, &self.per_day) {
            (Some(per_payment), Some(per_day)) if !self.none => {
                Some(SmallAmounts { per_payment: money.parse(per_payment)?, per_day: money.parse(per_day)? })
            },
            _ => None,
        };
        let arguments = [("class", calls::class(class)), ("amounts", calls::small_amounts(amounts.as_ref()))];
        let call = calls::call("Codes", "set_small_amounts", arguments);
        let what = match amounts {
            None => format!("Class {class}: payees set no amounts"),
            Some(SmallAmounts { per_payment, per_day }) => format!(
                "Class {class}: payees may set up to {} a payment and {} a day",
                money.show(per_payment),
                money.show(per_day)
            ),
        };
        app.send_with(&call, what, json!({ "class": class, "amounts": amounts })).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_what_payees_may_set() {
        let money = Money { decimals: 2, symbol: "SPC".into() };
        let amounts = SmallAmounts { per_payment: 500, per_day: 2_000 };
        let info = SmallAmountsInfo { of_class: Some(amounts), switched_off: false, taken_today: 100 };
        assert!(in_words(&info, &money).contains("5.00 SPC a payment and 20.00 SPC a day; 1.00 SPC"));
        assert!(
            in_words(&SmallAmountsInfo { switched_off: true, ..info }, &money).contains("switched small amounts off")
        );
        assert!(in_words(&SmallAmountsInfo { of_class: None, ..info }, &money).contains("has no small amounts"));
    }
}

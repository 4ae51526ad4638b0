//! `specie pay`: with coins that make up the amount, with change, or left for somebody who is not registered.

use super::{
    pay::{describe, references},
    pickup,
};
use crate::{
    app::{self, App},
    calls,
    change::{self, Offer, Wish},
    client::Receipt,
    failure::{self, Failure},
    purse::Purse,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use specie_primitives::{Balance, OwnerId};
use specie_wallet::{HeldCoin, Signer};

/// Pay an owner with coins.
#[derive(Args)]
#[command(after_help = "Examples:
  specie --key ann pay ben 186.00
  specie --key ann pay '+49 171 5550101' 20 --no-wait
  specie --key ann pay '+49 171 5550103' 20 --pickup --keep 7d
  specie --card ann-card.json pay key:ben 5

If none of your coins add up to the amount, one of them is changed in the same transaction, against coins of your bank's \
vault: the payee gets exactly the amount, the rest comes back to you. Coins of a payment that is not final yet, and of orders \
that you wrote, are left out, so that with --no-wait one payment can follow another at once. With --pickup the coins wait for somebody who is not \
registered yet: hand the code that is printed to the payee, and to nobody else; a coin is then changed in a transaction \
before, and should leaving the coins fail after it, the same command goes on from there.")]
pub struct Pay {
    /// The payee: owner id, identity or key; - reads an identity from the standard input.
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
    /// Take coins of your orders that nobody has submitted yet, too: such an order then fails.
    #[arg(long, conflicts_with = "pickup")]
    reuse: bool,
    /// Leave the coins for whoever has the code that is printed.
    #[arg(long)]
    pickup: bool,
    /// With --pickup: how long they wait before you can have them back, in days, hours or minutes.
    #[arg(long, default_value = "30d", value_name = "30d|12h|90m", requires = "pickup")]
    keep: String,
}

impl Pay {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let amount = app.amount(&self.amount).await?;
        let to = app.owner(&self.to).await?;
        let own = app.owner_or_own(None).await?;
        if to == own {
            return Err(Failure::new(failure::WALLET, format!("payer and payee are the same owner, {own}")).into());
        }
        if self.pickup {
            let wish = Wish { exact: self.exact, bank: self.change_bank };
            return pickup::leave(app, own, to, amount, wish, &self.keep).await;
        }
        let at = app.client().await?.best_hash().await?;
        app.registered(to, Some(&self.to), Some(&at)).await.map_err(hint_at_pickup)?;
        let payer = app.registered(own, None, Some(&at)).await?;
        // Before the purse is open: other commands do not wait for somebody who types a password.
        let key = app.signer()?;
        let mut tries = 1;
        let mut receipt = loop {
            let mut purse = Purse::open(app, own).await?;
            if self.reuse {
                purse.reuse();
            }
            let refused = match purse.select(app, amount).await {
                Ok(coins) => {
                    let paid = exact(app, &mut purse, &key, to, amount, &coins).await;
                    break app.with_limits(paid, own, to).await?;
                },
                Err(error) => error,
            };
            let offer = match self.exact {
                true => None,
                false => change::offer(app, payer.bank, self.change_bank, purse.free(), amount).await?,
            };
            match changed(app, &mut purse, &key, to, amount, offer.ok_or(refused)?).await {
                Err(error) if change::was_taken(&error) && tries < change::TRIES => tries += 1,
                Err(error) if change::was_taken(&error) => {
                    let failure = Failure::from_error(&error);
                    let text = format!("{}; others took coins first, {tries} times: try again", failure.message);
                    return Err(Failure { message: text, ..failure }.into());
                },
                paid => break app.with_limits(paid, own, to).await?,
            }
        };
        receipt.data["from"] = json!(own);
        app.report(&receipt)
    }
}

fn hint_at_pickup(error: anyhow::Error) -> Failure {
    let failure = Failure::from_error(&error);
    if failure.kind != failure::WALLET {
        return failure;
    }
    let hint = "with --pickup the coins wait for somebody who is not registered yet";
    Failure { message: format!("{}; {hint}", failure.message), ..failure }
}

/// Pays with coins that make up the amount.
async fn exact(
    app: &App,
    purse: &mut Purse,
    key: &Signer,
    to: OwnerId,
    amount: Balance,
    coins: &[HeldCoin],
) -> Result<Receipt> {
    let money = app.money().await?;
    let arguments = [("to", calls::owner(to)), ("coins", calls::coins(&references(coins)))];
    let mut receipt = purse.spend(app, key, &calls::call("Ownership", "transfer", arguments), coins).await?;
    receipt.what = format!("Paid {} to {to} with {}", money.show(amount), describe(&money, coins));
    receipt.data = json!({ "to": to, "amount": amount, "coins": app::names(coins) });
    Ok(receipt)
}

/// Pays with coins of which one is changed on the way.
async fn changed(
    app: &App,
    purse: &mut Purse,
    key: &Signer,
    to: OwnerId,
    amount: Balance,
    offer: Offer,
) -> Result<Receipt> {
    let (money, Offer { at, place, plan, pay, change }) = (app.money().await?, offer);
    let arguments = [
        ("to", calls::owner(to)),
        ("coins", calls::coins(&references(&plan.own))),
        ("at", calls::change_from(at)),
        ("give", calls::coins(&[plan.give.reference()])),
        ("pay", calls::selection(&pay)),
        ("change", calls::selection(&change)),
    ];
    let call = calls::call("Ownership", "transfer_with_change", arguments);
    let mut receipt = purse.spend(app, key, &call, &plan.spent()).await?;
    receipt.what = format!(
        "Paid {} to {to} with {}; {} came back from {place}",
        money.show(amount),
        describe(&money, &plan.spent()),
        money.show(plan.returned()),
    );
    receipt.data = json!({
        "to": to,
        "amount": amount,
        "coins": app::names(&plan.own),
        "given": plan.give.coin,
        "change": { "at": at, "amount": plan.returned(), "lots": plan.change },
    });
    Ok(receipt)
}

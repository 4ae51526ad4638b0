//! The coins of an order that pays: those that make up the amount, or with change, as `specie pay` finds them; and what such
//! an order says, before anybody signs it.

use super::pay::{describe, references};
use crate::{
    app::{self, App},
    change::{self, Offer, Wish},
    failure::{self, Failure},
    purse::Purse,
    verify::Trust,
};
use anyhow::{Context, Result};
use serde_json::{json, Value};
use specie_primitives::{
    api::CoinInfo,
    change::{ChangePart, ChangePayment},
    orders::Action,
    Balance, ChangeFrom, CoinRef, Holder, Leg, Order, OwnerId,
};
use specie_wallet::{promises::given, HeldCoin, Money};
use subxt::rpcs::client::rpc_params;

/// What an order is to do, in words for a person and figures for a program.
pub struct Chosen {
    /// What it does.
    pub action: Action,
    /// `100.00 + 10.00; 40.00 come back from Bank A's vault`.
    pub words: String,
    /// Fields of the JSON form.
    pub value: Value,
}

/// Chooses coins of a purse for a payment of its owner's.
pub async fn choose(
    app: &App,
    purse: &Purse,
    payer: OwnerId,
    to: OwnerId,
    amount: Balance,
    wish: Wish,
) -> Result<Chosen> {
    let money = app.money().await?;
    let refused = match purse.select(app, amount).await {
        Ok(coins) => {
            let named = references(&coins).try_into().map_err(|_| anyhow::anyhow!("too many coins for one order"))?;
            let (words, value) = (describe(&money, &coins), json!({ "coins": app::names(&coins) }));
            return Ok(Chosen { action: Action::Coins { to, coins: named }, words, value });
        },
        Err(error) => error,
    };
    let own = app.registered(payer, None, None).await?.bank;
    let offer = match wish.exact {
        true => None,
        false => change::offer(app, own, wish.bank, purse.free(), amount).await?,
    };
    with_change(&money, to, offer.ok_or(refused)?)
}

fn with_change(money: &Money, to: OwnerId, offer: Offer) -> Result<Chosen> {
    let Offer { at, place, plan, pay, change } = offer;
    let few = |_| anyhow::anyhow!("too many coins for one order with change: 'specie change' some for larger ones");
    let payment = ChangePayment {
        to,
        coins: references(&plan.own).try_into().map_err(few)?,
        at,
        give: vec![plan.give.reference()].try_into().map_err(few)?,
        pay: pay.try_into().map_err(anyhow::Error::msg)?,
        change: change.try_into().map_err(anyhow::Error::msg)?,
    };
    let words = format!("{}; {} come back from {place}", describe(money, &plan.spent()), money.show(plan.returned()));
    let value = json!({
        "coins": app::names(&plan.own),
        "given": plan.give.coin,
        "change": { "at": at, "amount": plan.returned(), "lots": plan.change },
    });
    Ok(Chosen { action: Action::CoinsWithChange(payment), words, value })
}

/// What an order with change says. The values are texts: whoever wrote it chose them.
pub async fn describe_change(
    app: &App,
    payer: &str,
    payment: &ChangePayment,
    money: &Money,
) -> Result<(String, Value)> {
    let ChangePayment { to, coins, at, give, pay, change } = payment;
    let (own, given) = (worth(app, coins).await?, worth(app, give).await?);
    let (paid, back) = (worth_of_part(app, pay).await?, worth_of_part(app, change).await?);
    let place = match at {
        ChangeFrom::Vault(bank) => format!("the vault of bank {bank}"),
        ChangeFrom::Issuer => "the issuer".into(),
    };
    let amount = own.saturating_add(paid);
    let words = format!(
        "{payer} pays {} to {to}: {} with {} coins, and {} from {place}, which gets {} and gives {} back",
        money.show(amount),
        money.show(own),
        coins.len(),
        money.show(paid),
        money.show(given),
        money.show(back),
    );
    let names = |coins: &[CoinRef]| coins.iter().map(|coin| coin.coin).collect::<Vec<_>>();
    let value = json!({
        "kind": "coins_with_change", "to": to, "amount": amount.to_string(), "coins": names(coins), "given": names(give),
        "change": { "at": at, "amount": back.to_string(), "lots": change.fresh.to_vec(), "coins": names(&change.coins) },
    });
    Ok((words, value))
}

/// What coins are worth, as the node says.
async fn worth(app: &App, coins: &[CoinRef]) -> Result<Balance> {
    let mut value = Balance::default();
    for coin in coins {
        let info: Option<CoinInfo> = app.client().await?.request("specie_coin", rpc_params![coin.coin]).await?;
        let info = info.with_context(|| format!("there is no coin {}", coin.coin))?;
        value = value.saturating_add(info.denomination.0.into());
    }
    Ok(value)
}

/// What of an order does not stand in it, so that the node's word is taken for it.
pub fn said_by_node(action: &Action) -> Option<&'static str> {
    match action {
        Action::Coins { .. } | Action::CoinsWithChange(_) | Action::Deposit { .. } => Some("what the coins are worth"),
        Action::Withdraw { selection, .. } if !selection.coins.is_empty() => Some("what the coins are worth"),
        Action::Exchange { give, take } => match [give, take].iter().any(|leg| matches!(leg, Leg::Coins(_))) {
            true => Some("what the coins are worth, and what instruments are called"),
            false => Some("what instruments are called"),
        },
        Action::Asset { .. } => Some("what the instrument is called"),
        Action::Release { .. } | Action::Return { .. } | Action::Dispute { .. } => Some("what the escrow is about"),
        _ => None,
    }
}

/// Has the node prove that the parties of an order have the coins that they give, and what those are worth. For a person and a
/// program.
pub async fn prove(app: &App, trust: &Trust, order: &Order) -> Result<(String, Value)> {
    let (money, mut words, mut values) = (app.money().await?, String::new(), Vec::new());
    for party in &order.parties {
        let (owner, coins) = (party.owner, given(order, party.owner));
        if coins.is_empty() {
            continue;
        }
        let (holdings, verified) = trust.holdings(app, Holder::Owner(owner)).await?;
        let missing = |coin: CoinRef| {
            let coin = coin.coin;
            let text = format!("owner {owner} has no coin {coin} as the order names it: nobody can execute that now");
            Failure::new(failure::WALLET, text)
        };
        let value = found(&holdings.coins, &coins).map_err(missing)?;
        if worth(app, &coins).await? != value {
            let text = "NOT PROVEN, do not rely on what this node says: it told another worth of the coins before";
            return Err(Failure::new(failure::NODE, text).into());
        }
        let what = format!("the coins that {owner} gives are worth {}: proven", money.show(value));
        words.push_str(&format!("\n  {}", verified.words_of(&what).replace('\n', "\n  ")));
        values.push(json!({ "owner": owner, "amount": value, "verified": verified }));
    }
    if values.is_empty() {
        words.push_str("\n  nobody gives coins: there is nothing to prove");
    }
    Ok((words, json!(values)))
}

/// What coins of an order are worth, all of which are among those that are held; else the first that is not.
fn found(held: &[HeldCoin], coins: &[CoinRef]) -> Result<Balance, CoinRef> {
    coins.iter().try_fold(0, |sum: Balance, coin| {
        let of = held.iter().find(|held| held.reference() == *coin).ok_or(*coin)?;
        Ok(sum.saturating_add(of.denomination.0.into()))
    })
}

async fn worth_of_part(app: &App, part: &ChangePart) -> Result<Balance> {
    let fresh =
        part.fresh.iter().fold(0, |sum: Balance, lot| sum.saturating_add(lot.denomination.value(lot.count.into())));
    Ok(fresh.saturating_add(worth(app, &part.coins).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use specie_primitives::{BankId, CoinId, Denomination, Lot, Selection};
    use specie_wallet::ChangePlan;

    fn coin(index: u32, face: u64) -> HeldCoin {
        HeldCoin { coin: CoinId { batch: 3, index }, revision: 1, denomination: Denomination(face) }
    }

    fn offer(own: u32) -> Offer {
        let (pay, change) = ([(1_000, 6)], [(1_000, 4)]);
        let lots = |counts: &[(u64, u32)]| -> Vec<Lot> {
            counts.iter().map(|(face, count)| Lot { denomination: Denomination(*face), count: *count }).collect()
        };
        let selection = |lots: Vec<Lot>| Selection { fresh: lots.try_into().unwrap(), coins: Default::default() };
        Offer {
            at: ChangeFrom::Vault(BankId(1)),
            place: "Bank A's vault".into(),
            plan: ChangePlan {
                own: (1..=own).map(|index| coin(index, 1_000)).collect(),
                give: coin(0, 10_000),
                pay: lots(&pay),
                change: lots(&change),
            },
            pay: selection(lots(&pay)),
            change: selection(lots(&change)),
        }
    }

    #[test]
    fn coins_are_found_as_the_order_names_them() {
        let held = [coin(1, 1_000), coin(2, 10_000)];
        let named = |index| coin(index, 0).reference();
        assert_eq!(found(&held, &[named(1), named(2)]), Ok(11_000));
        assert_eq!(found(&held, &[]), Ok(0));
        assert_eq!(found(&held, &[named(1), named(3)]), Err(named(3)));
        // At another revision it is another promise.
        let moved = CoinRef { revision: 2, ..named(2) };
        assert_eq!(found(&held, &[moved]), Err(moved));
    }

    #[test]
    fn the_words_of_the_node_are_named() {
        let pays = Action::Coins { to: OwnerId([2; 24]), coins: Default::default() };
        assert_eq!(said_by_node(&pays), Some("what the coins are worth"));
        let (from_bank, to_bank, to) = (BankId(1), BankId(2), OwnerId([2; 24]));
        assert_eq!(said_by_node(&Action::Custody { from_bank, to_bank, to, amount: 5, expires: None }), None);
        let (bank, selection) = (BankId(1), Selection { fresh: Default::default(), coins: Default::default() });
        assert_eq!(said_by_node(&Action::Withdraw { bank, selection }), None, "face values stand in it");
    }

    #[test]
    fn an_offer_becomes_an_order_that_says_what_comes_back() {
        let (money, to) = (Money { decimals: 2, symbol: "SPC".into() }, OwnerId([2; 24]));
        let Chosen { action, words, value } = with_change(&money, to, offer(1)).unwrap();
        assert_eq!(words, "1 × 100.00 + 1 × 10.00; 40.00 SPC come back from Bank A's vault");
        assert_eq!((&value["given"], &value["change"]["amount"]), (&json!("3-0"), &json!(4_000)));
        let Action::CoinsWithChange(payment) = action else { panic!("no change") };
        assert_eq!((payment.to, payment.coins.to_vec()), (to, vec![coin(1, 1_000).reference()]));
        assert_eq!(payment.give.to_vec(), [coin(0, 10_000).reference()]);
        assert_eq!((payment.pay.fresh[0].count, payment.change.fresh[0].count), (6, 4));
        let error = with_change(&money, to, offer(257)).err().unwrap().to_string();
        assert!(error.contains("too many coins"), "{error}");
    }
}

//! Payments by code that wait for their payer, as the orders say that asked for them: who confirms one signs its name alone.

use super::order::clock;
use crate::{
    app::App,
    calls,
    failure::{self, Failure},
};
use anyhow::{Context, Result};
use codec::Decode;
use serde_json::{json, Value};
use specie_primitives::{
    orders::{Action, OrderInfo},
    payment_codes::{PendingInfo, PendingPayment, PENDING_LIFE},
    BlockNumber, Order, OrderId, OwnerId,
};
use specie_wallet::{code::asks_for, Money};
use subxt::rpcs::client::rpc_params;

/// How far from the block that is counted back to an order is looked for: others come meanwhile.
const MARGIN: BlockNumber = 3;

/// Payments of an owner that wait.
pub async fn waiting(app: &App, owner: OwnerId) -> Result<Vec<PendingInfo>> {
    app.client().await?.request("specie_pendingPayments", rpc_params![owner]).await
}

/// The payment of this name that waits for an owner, or was asked for by it. Strangers can make an owner's list so long that it is
/// not in there.
pub async fn of_name(app: &App, owner: OwnerId, payment: OrderId) -> Result<Option<PendingInfo>> {
    let stored = app.client().await?.stored("Codes", "Pending", vec![calls::order(payment)]).await?;
    let Some(stored) = stored else { return Ok(None) };
    let waits = PendingPayment::decode(&mut &stored.encoded[..]).ok();
    let PendingPayment { payer, payer_bank, payee, payee_bank, amount, until, .. } =
        waits.context("a payment that this program cannot read")?;
    let info = PendingInfo { payment, payer, payer_bank, payee, payee_bank, amount, until };
    Ok(Some(info).filter(|_| [payer, payee].contains(&owner)))
}

/// What a payment is, for a person.
pub fn in_words(info: &PendingInfo, money: &Money) -> String {
    let PendingInfo { payer, payer_bank, payee, payee_bank, amount, until, .. } = info;
    let sum = money.show(*amount);
    format!(
        "{payer} pays {sum} from bank {payer_bank} to {payee} at bank {payee_bank}\n  it can be confirmed until block \
         {until}"
    )
}

/// Fails unless the order that asked for a payment says what the node says of it. Its name is the hash of all that it says, so
/// that nobody confirms an amount, or a payee, that a node made up.
pub async fn ensure_true(app: &App, info: &PendingInfo) -> Result<()> {
    let client = app.client().await?;
    let known: OrderInfo = client.request("specie_order", rpc_params![info.payment]).await?;
    // The chain may have forgotten the order, while the payment waits: it was executed as long ago as that does.
    let waited = clock(app).await?.saturating_sub(info.until.saturating_sub(PENDING_LIFE));
    let near = client.best_number().await?.saturating_sub(waited);
    let blocks = known.executed.map(|executed| executed.block).into_iter();
    for block in blocks.chain(near.saturating_sub(MARGIN)..=near.saturating_add(MARGIN)) {
        let Some(order) = client.order_in(block, info.payment).await? else { continue };
        if asks_for(&order, info) {
            return Ok(());
        }
        let text = "the node says something else than the order that asked for this payment: confirm nothing, and ask \
                    another node";
        return Err(Failure::new(failure::NODE, text).into());
    }
    let text = "the node does not have the order that asked for this payment, and nobody else tells what it says: ask another \
                node, or have the payee ask again";
    Err(Failure::new(failure::NODE, text).into())
}

/// What an answer to a payment says, for a person and a program; how much it is, as far as the node knows.
pub async fn describe(app: &App, order: &Order, payment: OrderId, confirms: bool) -> Result<(String, Value)> {
    let verb = if confirms { "confirms" } else { "refuses" };
    let owner = order.payer().map(|owner| owner.to_string()).unwrap_or_default();
    let mut words = format!("{owner} {verb} the payment by code {payment}");
    let mut value = json!({ "kind": "answer", "payment": payment, "confirms": confirms });
    match named(app, order, payment).await? {
        Some(info) => {
            words.push_str(&format!("\n  {}", in_words(&info, &app.money().await?)));
            (value["payee"], value["amount"]) = (json!(info.payee), json!(info.amount.to_string()));
        },
        None => words.push_str("\n  NO SUCH PAYMENT WAITS: nobody can tell whom it pays, and how much"),
    }
    Ok((words, value))
}

/// Fails if an order confirms a payment of which nobody can tell how much it is. A payee may know its name before it asks.
pub async fn ensure_seen(app: &App, order: &Order) -> Result<()> {
    let Action::Answer { payment, confirms: true } = &order.action else { return Ok(()) };
    match named(app, order, *payment).await? {
        Some(info) => ensure_true(app, &info).await,
        None => {
            let text =
                format!("no payment {payment} waits: what this confirms may be asked for later, with any amount");
            Err(Failure::new(failure::WALLET, text).into())
        },
    }
}

/// The payment of an order's owner that has this name.
async fn named(app: &App, order: &Order, payment: OrderId) -> Result<Option<PendingInfo>> {
    match order.payer() {
        Some(owner) => of_name(app, owner, payment).await,
        None => Ok(None),
    }
}

//! `specie order wait`: until a final block executed an order, or none ever does.

use crate::{
    app::App,
    client::{BlockRef, Client},
    failure::{self, Failure},
    nodes::{unanswered, Link},
};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use specie_primitives::{BlockNumber, OrderId, OwnerId, SignedOrder};
use subxt::rpcs::{
    client::{rpc_params, RpcParams},
    Error as RpcError,
};

const SUBSCRIBE: &str = "specie_subscribeOrder";
const UNSUBSCRIBE: &str = "specie_unsubscribeOrder";

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct News {
    order: OrderId,
    /// Final block up to which this is known.
    block: BlockRef,
    #[serde(flatten)]
    end: End,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum End {
    Executed { executed_in: BlockNumber },
    Cancelled { by: Vec<OwnerId> },
    Expired,
}

/// Why a node told nothing.
enum Silence {
    /// It went away, and may come back.
    Gone(anyhow::Error),
    /// It cannot tell.
    Refused(anyhow::Error),
}

/// Waits for the end of an order. Of a name alone, without the order itself, nobody can tell that it was cancelled by one of its
/// parties or that its last block has passed.
pub async fn wait(app: &App, order: OrderId, document: Option<&SignedOrder>) -> Result<()> {
    let parties = document.map(|document| document.order.parties.iter().map(|party| party.owner).collect::<Vec<_>>());
    let valid_until = document.map(|document| document.order.valid_until);
    if !app.options.json {
        eprintln!("Waiting for order {order}; end with Ctrl-C");
    }
    let news = app.client().await?.end_of_order(rpc_params![order, parties, valid_until]).await?;
    let (name, text) = match &news.end {
        End::Executed { executed_in } => {
            return app.print(&news, || format!("Order {order} was executed in block {executed_in}, which is final"));
        },
        End::Cancelled { by } => {
            let owners: Vec<_> = by.iter().map(ToString::to_string).collect();
            ("Cancelled", format!("order {order} is not executed: {} took consent back", owners.join(", ")))
        },
        End::Expired => ("Expired", format!("order {order} was never executed, and its last block has passed")),
    };
    let failure = Failure::new(failure::DISPATCH, text);
    Err(Failure { name: Some(name.into()), data: json!(news), ..failure }.into())
}

impl Client {
    /// What becomes of an order, be it now or in days, whichever node tells it and however often one goes away.
    async fn end_of_order(&self, params: RpcParams) -> Result<News> {
        loop {
            let link = self.nodes.link();
            let silence = match heard(&link, params.clone()).await {
                Ok(message) => return read(message),
                Err(silence) => silence,
            };
            if self.nodes.leave(&link).await {
                continue;
            }
            match silence {
                Silence::Refused(error) => return Err(error),
                Silence::Gone(error) => {
                    eprintln!("note: {error:#}; waiting for it");
                    self.nodes.come_back().await;
                },
            }
        }
    }
}

/// The one message.
async fn heard(link: &Link, params: RpcParams) -> Result<Value, Silence> {
    let gone =
        |why: &str| -> anyhow::Error { Failure::new(failure::NODE, format!("the node {} {why}", link.address)).into() };
    let news = link.rpc.subscribe::<Value>(SUBSCRIBE, params, UNSUBSCRIBE);
    let mut news = match link.while_there(news).await {
        Some(Ok(news)) => news,
        Some(Err(error @ RpcError::User(_))) => return Err(Silence::Refused(unanswered(SUBSCRIBE, error))),
        Some(Err(error)) => return Err(Silence::Gone(unanswered(SUBSCRIBE, error))),
        None => return Err(Silence::Gone(gone("says nothing any more"))),
    };
    match link.while_there(news.next()).await {
        Some(Some(Ok(message))) => match message["ended"]["message"].as_str() {
            Some(why) => Err(Silence::Refused(gone(&format!("cannot tell: {why}")))),
            None => Ok(message),
        },
        Some(Some(Err(error))) => Err(Silence::Gone(unanswered(SUBSCRIBE, error))),
        Some(None) => Err(Silence::Gone(gone("closed the connection"))),
        None => Err(Silence::Gone(gone("says nothing any more"))),
    }
}

fn read(message: Value) -> Result<News> {
    serde_json::from_value(message).context("what the node tells of the order cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_tell_how_an_order_ended() {
        let order = OrderId([9; 32]);
        let message = |end: Value| {
            let mut message = json!({ "order": order, "block": { "number": 7, "hash": "0x07" } });
            let fields = end.as_object().unwrap().clone();
            message.as_object_mut().unwrap().extend(fields);
            read(message)
        };
        let executed = message(json!({ "state": "executed", "executed_in": 6 })).unwrap();
        assert_eq!((executed.order, executed.block.number), (order, 7));
        assert_eq!(executed.end, End::Executed { executed_in: 6 });
        let by = vec![OwnerId([1; 24])];
        assert_eq!(message(json!({ "state": "cancelled", "by": by })).unwrap().end, End::Cancelled { by });
        assert_eq!(message(json!({ "state": "expired" })).unwrap().end, End::Expired);
        assert!(message(json!({ "state": "lost" })).is_err() && message(json!({})).is_err());
    }
}

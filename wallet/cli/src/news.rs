//! What moves, as a node tells it, and as another one goes on telling it when that one goes away.

use crate::{
    client::Client,
    failure::{self, Failure},
    nodes::{unanswered, Link},
    records::{Query, Record},
};
use anyhow::Result;
use serde::Deserialize;
use subxt::rpcs::{client::rpc_params, Error as RpcError};

const SUBSCRIBE: &str = "specie_subscribeRecords";
const UNSUBSCRIBE: &str = "specie_unsubscribeRecords";

/// A message of the subscription: movements with a cursor, or why it ended.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    records: Vec<Record>,
    cursor: Option<String>,
    ended: Option<Ended>,
}

#[derive(Debug, Deserialize)]
struct Ended {
    message: String,
}

impl Client {
    /// Calls `each` with every movement that meets the query, oldest first and once, as it becomes final, until that
    /// returns an error or the last node goes away.
    pub async fn each_record(&self, query: &Query, mut each: impl FnMut(&Record) -> Result<()>) -> Result<()> {
        let mut cursor: Option<String> = None;
        loop {
            let link = self.nodes.link();
            let params = rpc_params![query, &cursor];
            let news = link.rpc.subscribe::<Message>(SUBSCRIBE, params, UNSUBSCRIBE);
            let ended = match link.while_there(news).await {
                Some(Ok(mut news)) => loop {
                    let message = match heard(&link, link.while_there(news.next()).await) {
                        Ok(message) => message,
                        Err(error) => break error,
                    };
                    for record in &message.records {
                        each(record)?;
                    }
                    cursor = message.cursor.or(cursor);
                },
                Some(Err(error)) => unanswered(SUBSCRIBE, error),
                None => silent(&link),
            };
            if !self.nodes.leave(&link).await {
                return Err(ended);
            }
        }
    }
}

/// A message that goes on, or why nothing follows.
fn heard(link: &Link, said: Option<Option<Result<Message, RpcError>>>) -> Result<Message> {
    match said {
        Some(Some(Ok(Message { ended: Some(Ended { message }), .. }))) => {
            Err(Failure::new(failure::NODE, format!("the node {} tells no more: {message}", link.address)).into())
        },
        Some(Some(Ok(message))) => Ok(message),
        Some(Some(Err(error))) => Err(unanswered(SUBSCRIBE, error)),
        Some(None) => Err(Failure::new(failure::NODE, "the node closed the connection").into()),
        None => Err(silent(link)),
    }
}

fn silent(link: &Link) -> anyhow::Error {
    Failure::new(failure::NODE, format!("the node {} says nothing any more", link.address)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_movements_or_the_end() {
        let text = r#"{"block": {"number": 7, "hash": "0x07"}, "cursor": "ab", "records": [{
            "block": 7, "place": 0, "time_ms": 1, "hash": "0x07", "extrinsic": null, "extrinsic_hash": null,
            "kind": "credited", "value": 340282366920938463463374607431768211455, "from": "issuer", "to": {"reserve": 1},
            "coins": [], "ranges": [], "others": []}]}"#;
        let message: Message = serde_json::from_str(text).unwrap();
        assert_eq!((message.records.len(), message.cursor.as_deref()), (1, Some("ab")));
        assert_eq!(message.records[0].value, u128::MAX);
        assert!(message.ended.is_none());
        let message: Message = serde_json::from_str(r#"{"ended": {"code": 9023, "message": "why"}}"#).unwrap();
        assert_eq!(message.ended.unwrap().message, "why");
        assert!(message.records.is_empty() && message.cursor.is_none());
    }
}

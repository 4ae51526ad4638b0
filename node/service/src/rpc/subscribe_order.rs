//! `specie_subscribeOrder`: what became of an order, told once, when nothing can change it any more.
//!
//! What is told follows from final blocks alone: the index says where an order was executed, the state of its last block who
//! took part no more, and the clock. So a subscriber who comes back, to this node after a restart or to another one, is
//! told the same. A node that does not know enough to say that an order was never executed says so.

use super::{
    answers::{BlockRef, OrderEnd, OrderNews, RecordsMessage},
    errors::Error,
    read::{read_order, read_parties},
    subscribe::{told, Place, Subscriptions, RETRY},
};
use crate::service::FullClient;
use futures::FutureExt;
use jsonrpsee::{ConnectionId, PendingSubscriptionSink, SubscriptionSink};
use sp_api::ProvideRuntimeApi;
use specie_index::{orders::Known, Index};
use specie_primitives::{
    orders::{OrderInfo, OrdersApi},
    BlockNumber, OrderId, OwnerId,
};
use std::sync::Arc;
use tokio::{sync::watch, task::spawn_blocking, time::sleep};

/// Whose order, and until when it can be executed, as far as the subscriber says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The order.
    pub order: OrderId,
    /// Its parties: when one of them takes part no more, that is told. A stranger's word counts for nothing.
    pub parties: Vec<OwnerId>,
    /// Its last block by the clock of orders.
    pub valid_until: Option<BlockNumber>,
}

/// What is known of an order after a final block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What the index says.
    pub known: Known,
    /// What the state says.
    pub info: OrderInfo,
    /// Those among the parties who take part no more.
    pub cancelled_by: Vec<OwnerId>,
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet. Everything up to this block is known.
    Wait(BlockNumber),
    /// The end.
    End(OrderEnd),
    /// This node cannot tell.
    Unknown(BlockNumber, BlockNumber),
}

impl Asked {
    /// What follows from what is known; `since` is the last block of which it was seen that the order had not been executed.
    pub fn next(&self, seen: &Seen, since: BlockNumber) -> Next {
        let (Known { head, executed }, info) = (&seen.known, &seen.info);
        // The state remembers it where the index does not know the block.
        if let Some(block) = executed.or(info.executed.map(|executed| executed.block)) {
            return Next::End(OrderEnd::Executed { block });
        }
        if !seen.cancelled_by.is_empty() {
            return Next::End(OrderEnd::Cancelled { by: seen.cancelled_by.clone() });
        }
        match self.valid_until {
            Some(last) if info.now > last => match head.unknown.iter().find(|gap| gap.last > since) {
                // It may have been executed there, and the state has forgotten it.
                Some(gap) => Next::Unknown(gap.first, gap.last),
                None => Next::End(OrderEnd::Expired),
            },
            // As long as it can be executed the state remembers it.
            Some(_) => Next::Wait(head.number),
            None => Next::Wait(since),
        }
    }
}

impl Subscriptions {
    /// Answers somebody who wants to hear what becomes of an order.
    pub fn begin_order(
        &self,
        pending: PendingSubscriptionSink,
        order: String,
        parties: Option<Vec<String>>,
        valid_until: Option<BlockNumber>,
    ) {
        let begun = self.read_asked(pending.connection_id(), order, parties, valid_until);
        let (client, index, indexed) = (self.client(), self.index(), self.indexed());
        let task = async move {
            match begun {
                Ok((asked, place)) => {
                    if let Ok(sink) = pending.accept().await {
                        follow(&sink, asked, client, index, indexed).await;
                    }
                    drop(place);
                },
                Err(error) => pending.reject(error).await,
            }
        };
        self.spawn("specie-order", task.boxed());
    }

    fn read_asked(
        &self,
        connection: ConnectionId,
        order: String,
        parties: Option<Vec<String>>,
        valid_until: Option<BlockNumber>,
    ) -> Result<(Asked, Place), Error> {
        let asked = Asked { order: read_order(order)?, parties: read_parties(parties)?, valid_until };
        Ok((asked, self.place(connection)?))
    }
}

/// Looks after every block until there is something to tell, and the subscriber is there.
async fn follow(
    sink: &SubscriptionSink,
    asked: Asked,
    client: Arc<FullClient>,
    index: Index,
    mut indexed: watch::Receiver<BlockNumber>,
) {
    let mut since = 0;
    while !sink.is_closed() {
        // Before anything is asked: a block that comes meanwhile is looked at in the next round.
        indexed.mark_unchanged();
        let (of, client, index) = (asked.clone(), client.clone(), index.clone());
        // The node stops.
        let Ok(seen) = spawn_blocking(move || look(&of, &client, &index)).await else { return };
        let answered = seen.is_some();
        if let Some(seen) = seen {
            match asked.next(&seen, since) {
                Next::Wait(known) => since = known,
                Next::End(end) => {
                    let head = BlockRef::from(&seen.known.head);
                    told(sink, &OrderNews { order: asked.order, block: head, end }).await;
                    return;
                },
                Next::Unknown(first, last) => {
                    told(sink, &RecordsMessage::from(Error::UnknownMovements(first, last))).await;
                    return;
                },
            }
        }
        tokio::select! {
            () = sink.closed() => return,
            changed = indexed.changed() => if changed.is_err() { return },
            () = sleep(RETRY), if !answered => {},
        }
    }
}

/// What is known of an order after the index's last block; nothing while that cannot be asked.
fn look(asked: &Asked, client: &FullClient, index: &Index) -> Option<Seen> {
    let known = index.ask(|store| store.known(asked.order)).ok()?;
    let (api, block) = (client.runtime_api(), known.head.hash);
    let info = api.order(block, asked.order).ok()?;
    // Not from the list of all who took part no more: it has an end, and strangers could fill it.
    let cancelled_by = api.cancelled_by(block, asked.order, asked.parties.clone()).ok()?;
    Some(Seen { known, info, cancelled_by })
}

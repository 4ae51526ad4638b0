//! `specie_subscribeRecords`: what moves, told as the index takes in final blocks.
//!
//! Every subscription reads the index for itself, from its own place on, in small pieces: none is remembered between
//! two pieces but for that place, and what waits for a slow reader is bounded by the connection's buffer. A reader that
//! does not make room in it is told why, as soon as it reads again, and nothing else.

use super::{
    answers::RecordsMessage,
    errors::Error,
    read::{read_cursor, read_endless_query},
};
use crate::service::FullClient;
use futures::{future::BoxFuture, FutureExt};
use jsonrpsee::{ConnectionId, PendingSubscriptionSink, SendTimeoutError, SubscriptionMessage, SubscriptionSink};
use serde::Serialize;
use serde_json::Value;
use sp_core::traits::SpawnNamed;
use specie_index::{tail::Tail, Index};
use specie_primitives::BlockNumber;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, task::spawn_blocking, time::sleep};

/// Subscriptions of one connection.
pub const PER_CONNECTION: usize = 8;
/// Subscriptions of all connections: each of them asks the index at every block.
pub const AT_ONCE: usize = 256;
/// Movements of one message.
const LIMIT: usize = 500;
/// How long a reader may make no room for a message.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pause of a search through what is not wanted: no bound on calls slows it down.
const BREATH: Duration = Duration::from_millis(20);
/// Time after which an index that had no answer is asked again.
pub(super) const RETRY: Duration = Duration::from_secs(1);

/// Everybody who follows records, or an order.
pub struct Subscriptions {
    executor: Arc<dyn SpawnNamed>,
    client: Arc<FullClient>,
    index: Index,
    indexed: watch::Receiver<BlockNumber>,
    places: Places,
}

impl Subscriptions {
    /// Reads from the index whenever it took in a block.
    pub fn new(
        executor: Arc<dyn SpawnNamed>,
        client: Arc<FullClient>,
        index: Index,
        indexed: watch::Receiver<BlockNumber>,
    ) -> Self {
        Self { executor, client, index, indexed, places: Places::default() }
    }

    /// Answers somebody who wants to subscribe.
    pub fn begin(&self, pending: PendingSubscriptionSink, query: Option<Value>, cursor: Option<String>) {
        let begun = self.read(pending.connection_id(), query, cursor);
        let (index, indexed) = (self.index.clone(), self.indexed.clone());
        let task = async move {
            match begun {
                Ok((tail, place)) => {
                    if let Ok(sink) = pending.accept().await {
                        follow(&sink, tail, index, indexed).await;
                    }
                    drop(place);
                },
                Err(error) => pending.reject(error).await,
            }
        };
        self.spawn("specie-records", task.boxed());
    }

    pub(super) fn spawn(&self, name: &'static str, task: BoxFuture<'static, ()>) {
        self.executor.spawn(name, Some("rpc"), task);
    }

    pub(super) fn client(&self) -> Arc<FullClient> {
        self.client.clone()
    }

    pub(super) fn index(&self) -> Index {
        self.index.clone()
    }

    pub(super) fn indexed(&self) -> watch::Receiver<BlockNumber> {
        self.indexed.clone()
    }

    /// A place for one more subscription of a connection.
    pub(super) fn place(&self, connection: ConnectionId) -> Result<Place, Error> {
        self.places.take(connection).ok_or(Error::TooManySubscriptions(PER_CONNECTION, AT_ONCE))
    }

    fn read(
        &self,
        connection: ConnectionId,
        query: Option<Value>,
        cursor: Option<String>,
    ) -> Result<(Tail, Place), Error> {
        let (query, sent) = (read_endless_query(query)?, cursor.clone().unwrap_or_default());
        let tail = Tail::new(query, read_cursor(cursor)?).map_err(|_| Error::BadCursor(sent.into()))?;
        Ok((tail, self.place(connection)?))
    }
}

/// Tells what moves until the subscriber goes away, reads too slowly, or this node does not know everything.
async fn follow(sink: &SubscriptionSink, mut tail: Tail, index: Index, mut indexed: watch::Receiver<BlockNumber>) {
    while !sink.is_closed() {
        // Before the index is asked: a block that comes meanwhile is looked at in the next round.
        indexed.mark_unchanged();
        let asked = index.clone();
        let reading = spawn_blocking(move || {
            let news = asked.ask(|store| tail.read(store, LIMIT));
            (tail, news)
        });
        // The node stops.
        let Ok((read, news)) = reading.await else { return };
        tail = read;
        let answered = news.is_ok();
        match news {
            Ok(Ok(news)) => {
                let (more, nothing) = (news.more, news.records.is_empty());
                if !nothing && !told(sink, &RecordsMessage::from(news)).await {
                    return;
                }
                if more {
                    if nothing {
                        sleep(BREATH).await;
                    }
                    continue;
                }
            },
            Ok(Err(gap)) => return end(sink, Error::UnknownMovements(gap.first, gap.last)).await,
            // The index is built anew, repairs itself, or has too much to do.
            Err(_) => {},
        }
        tokio::select! {
            () = sink.closed() => return,
            changed = indexed.changed() => if changed.is_err() { return },
            () = sleep(RETRY), if !answered => {},
        }
    }
}

/// Whether the reader took a message; if it is too slow, it is told so.
pub(super) async fn told(sink: &SubscriptionSink, message: &impl Serialize) -> bool {
    let Ok(message) = SubscriptionMessage::from_json(message) else { return false };
    match sink.send_timeout(message, PATIENCE).await {
        Ok(()) => true,
        Err(SendTimeoutError::Timeout(_)) => {
            end(sink, Error::SlowReader(PATIENCE.as_secs())).await;
            false
        },
        Err(SendTimeoutError::Closed(_)) => false,
    }
}

/// The last message, whenever the reader takes it: until then it has its place.
async fn end(sink: &SubscriptionSink, why: Error) {
    if let Ok(message) = SubscriptionMessage::from_json(&RecordsMessage::from(why)) {
        let _ = sink.send(message).await;
    }
}

/// Who has how many subscriptions.
#[derive(Clone, Default)]
pub struct Places(Arc<Mutex<HashMap<ConnectionId, usize>>>);

/// A subscription, until it is dropped.
pub struct Place {
    places: Places,
    connection: ConnectionId,
}

impl Places {
    /// A place for one more subscription of a connection, if there is one.
    pub fn take(&self, connection: ConnectionId) -> Option<Place> {
        let mut taken = self.taken();
        let all = taken.values().fold(0usize, |sum, count| sum.saturating_add(*count));
        if all >= AT_ONCE || taken.get(&connection).is_some_and(|count| *count >= PER_CONNECTION) {
            return None;
        }
        let count = taken.entry(connection).or_default();
        *count = count.saturating_add(1);
        Some(Place { places: self.clone(), connection })
    }

    /// How many subscriptions there are.
    pub fn count(&self) -> usize {
        self.taken().values().sum()
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<ConnectionId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.connection) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.connection);
            }
        }
    }
}

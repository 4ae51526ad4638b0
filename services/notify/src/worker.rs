//! One endpoint: reading what it wants, sending it, and trying again until it is taken.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Reading: from the place in the state
//!     Reading --> Reading: nothing new, a second later; another node, if one fails
//!     Reading --> Sending: up to `batch` notices
//!     Sending --> Reading: taken (2xx), and the state says so
//!     Sending --> Sending: not reached, or any other status, after a while
//!     Sending --> Single: refused (400, 413, 415, 422)
//!     Single --> Single: refused again, after a while
//!     Single --> Reading: taken, or refused for good and on the list
//! ```

use crate::{
    backoff,
    config::Endpoint,
    metrics::Metrics,
    node::{NodeError, Nodes},
    notice::{self, Place, Record},
    signature::{self, SIGNATURE, TIMESTAMP},
    state::{Dead, State, StateError},
};
use rand::rngs::OsRng;
use specie_primitives::Hash;
use specie_service::journal::{Journal, Level};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::watch, time::timeout};

/// How often a node that had nothing new is asked again.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest wait before nodes are asked again.
const NODES_AGAIN: Duration = Duration::from_secs(30);
/// The longest wait that an endpoint may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(3_600);
/// Blocks without anything for the endpoint after which the state is written all the same.
const WRITE_EVERY: u32 = 64;
/// Statuses that are about the notice itself: sending the same again will hardly help.
const REFUSALS: [u16; 4] = [400, 413, 415, 422];

/// Why a worker's round ended early.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// Of nodes: there may be another one.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// Of the disk: going on would send everything again and again.
    #[error(transparent)]
    State(#[from] StateError),
}

/// What became of a request.
enum Outcome {
    Taken,
    Refused(u16),
    /// Why, and how long to wait at least.
    Failed(String, Duration),
}

/// Whether the service was told to stop.
#[derive(Clone)]
pub struct Stop(pub watch::Receiver<bool>);

impl Stop {
    /// Whether it was.
    pub fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits, but not on after it was told.
    pub async fn pause(&mut self, time: Duration) {
        if !self.is_told() {
            // Whoever would tell is gone with the service.
            let _ = timeout(time, self.0.changed()).await;
        }
    }
}

/// Serves one endpoint.
pub struct Worker {
    endpoint: Endpoint,
    nodes: Nodes,
    state: Arc<State>,
    metrics: Arc<Metrics>,
    journal: Journal,
    stop: Stop,
    /// Everything before it is done.
    next: Place,
    /// What the state says of that.
    written: Place,
}

impl Worker {
    /// Serves an endpoint from where the state says.
    pub fn new(
        endpoint: Endpoint,
        nodes: Nodes,
        state: Arc<State>,
        metrics: Arc<Metrics>,
        journal: Journal,
        stop: Stop,
    ) -> Self {
        let (next, written) = (Place::default(), Place::default());
        Self { endpoint, nodes, state, metrics, journal, stop, next, written }
    }

    /// Works until the service is told to stop, or the state cannot be written.
    pub async fn run(mut self) -> Result<(), StateError> {
        let (mut begun, mut failures) = (false, 0u32);
        while !self.stop.is_told() {
            let outcome = match begun {
                true => self.round().await,
                false => self.begin().await,
            };
            match outcome {
                Ok(()) => {
                    if !begun {
                        begun = true;
                        continue;
                    }
                    failures = 0;
                    self.stop.pause(AGAIN).await;
                },
                Err(Trouble::State(error)) => return Err(error),
                Err(Trouble::Node(error)) => {
                    failures = failures.saturating_add(1);
                    self.failed("a node cannot be used", failures, &error.to_string());
                    self.nodes.leave();
                    self.stop.pause(backoff::delay(failures, &mut OsRng).min(NODES_AGAIN)).await;
                },
            }
        }
        self.write(0).await
    }

    /// Finds out where to begin, and remembers it: later beginnings are the same, whatever comes meanwhile.
    async fn begin(&mut self) -> Result<(), Trouble> {
        let genesis = self.nodes.network().await?;
        let first = match self.endpoint.from_block {
            Some(block) => block,
            None if self.state.progress(&self.endpoint.name).is_some() => 0,
            None => self.nodes.head().await?.saturating_add(1),
        };
        let (state, name) = (self.state.clone(), self.endpoint.name.clone());
        blocking(move || state.begin(genesis, &name, Place::first_of(first))).await?;
        self.next = self.state.progress(&self.endpoint.name).unwrap_or_default().next;
        self.written = self.next;
        let place = format!("{}-{}", self.next.block, self.next.place);
        self.journal.write(Level::Info, "sending", &[("endpoint", &self.endpoint.name), ("from", &place)]);
        Ok(())
    }

    /// Reads and sends everything that is there.
    async fn round(&mut self) -> Result<(), Trouble> {
        let genesis = self.nodes.network().await?;
        let query = self.endpoint.wanted.query(self.next.block);
        let mut cursor: Option<String> = None;
        loop {
            let page = self.nodes.page(&query, cursor.as_deref(), self.next).await?;
            if !self.nodes.advances(page.block.number) {
                let name = self.nodes.name();
                self.journal.write(Level::Warn, "a node knows no new blocks", &[("node", &name)]);
                self.nodes.leave();
                return Ok(());
            }
            let last = page.records.last().map(Record::behind);
            let mut wanted = Vec::new();
            for record in page.records {
                if record.at() >= self.next && self.wants(&record).await? {
                    wanted.push(record);
                }
            }
            self.send(genesis, &wanted).await?;
            if self.stop.is_told() {
                return Ok(());
            }
            cursor = page.cursor;
            // A node may be behind another one that was asked before.
            let end = match &cursor {
                Some(_) => last,
                None => Some(Place::first_of(page.block.number.saturating_add(1))),
            };
            self.next = end.map_or(self.next, |end| self.next.max(end));
            self.metrics.at(&self.endpoint.name, self.next.block, Some(page.block.number));
            self.metrics.failing(&self.endpoint.name, 0);
            if self.next.block.saturating_sub(self.written.block) >= WRITE_EVERY {
                self.write(0).await?;
            }
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Whether the endpoint wants a movement.
    async fn wants(&mut self, record: &Record) -> Result<bool, NodeError> {
        if let Some(wants) = self.endpoint.wanted.wants(record) {
            return Ok(wants);
        }
        for owner in record.owners() {
            let bank = self.nodes.bank_of(owner).await?;
            if bank.is_some() && bank == self.endpoint.wanted.customers {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Sends notices in their order until each was taken or refused for good, or the service is told to stop.
    async fn send(&mut self, genesis: Hash, records: &[Record]) -> Result<(), StateError> {
        let (mut rest, mut most) = (records, self.endpoint.batch);
        let (mut failures, mut refusals) = (0u32, 0u32);
        while !rest.is_empty() && !self.stop.is_told() {
            let (part, later) = rest.split_at(most.min(rest.len()));
            let outcome = self.attempt(genesis, part).await;
            let wait = match outcome {
                Outcome::Taken => {
                    self.next = part.last().map_or(self.next, Record::behind);
                    let count = part.len() as u64;
                    self.write(count).await?;
                    self.metrics.done(&self.endpoint.name, count, 0);
                    (rest, failures, refusals) = (later, 0, 0);
                    // After a refusal one by one, and soon together again.
                    most = most.saturating_mul(2).min(self.endpoint.batch);
                    continue;
                },
                Outcome::Refused(_) if part.len() > 1 => {
                    most = 1;
                    continue;
                },
                Outcome::Refused(status) => {
                    refusals = refusals.saturating_add(1);
                    self.failed("a notice was refused", refusals, &format!("HTTP {status}"));
                    if let Some(record) = part.first().filter(|_| refusals >= self.endpoint.refusals) {
                        self.bury(genesis, record, status).await?;
                        (rest, failures, refusals) = (later, 0, 0);
                        continue;
                    }
                    backoff::delay(refusals, &mut OsRng)
                },
                Outcome::Failed(why, least) => {
                    failures = failures.saturating_add(1);
                    self.failed("an endpoint did not take notices", failures, &why);
                    backoff::delay(failures, &mut OsRng).max(least)
                },
            };
            self.stop.pause(wait).await;
        }
        self.metrics.failing(&self.endpoint.name, 0);
        Ok(())
    }

    /// One request, signed for now.
    async fn attempt(&self, genesis: Hash, records: &[Record]) -> Outcome {
        let outcome = post(&self.endpoint, genesis, records).await;
        let name = match outcome {
            Outcome::Taken => "taken",
            Outcome::Refused(_) => "refused",
            Outcome::Failed(..) => "failed",
        };
        self.metrics.attempt(&self.endpoint.name, name);
        outcome
    }

    async fn bury(&mut self, genesis: Hash, record: &Record, status: u16) -> Result<(), StateError> {
        let dead = Dead {
            id: notice::id(genesis, record.at()),
            endpoint: self.endpoint.name.clone(),
            status,
            time_ms: now_ms(),
            record: serde_json::to_value(record).unwrap_or_default(),
        };
        let fields = [("endpoint", self.endpoint.name.as_str()), ("id", dead.id.as_str())];
        self.journal.write(Level::Error, "a notice was refused for good", &fields);
        let (state, next) = (self.state.clone(), record.behind());
        blocking(move || state.bury(&dead, next)).await?;
        (self.next, self.written) = (next, next);
        self.metrics.done(&self.endpoint.name, 0, 1);
        Ok(())
    }

    /// Writes how far the endpoint is, and that it took so many notices just now.
    async fn write(&mut self, taken: u64) -> Result<(), StateError> {
        if taken == 0 && self.next <= self.written {
            return Ok(());
        }
        let (state, name, next) = (self.state.clone(), self.endpoint.name.clone(), self.next);
        blocking(move || state.advance(&name, next, taken, now_ms())).await?;
        self.written = next;
        Ok(())
    }

    fn failed(&self, event: &str, times: u32, why: &str) {
        self.metrics.failing(&self.endpoint.name, times);
        let times = times.to_string();
        let fields = [("endpoint", self.endpoint.name.as_str()), ("times", times.as_str()), ("reason", why)];
        self.journal.write(Level::Warn, event, &fields);
    }
}

/// Sends a request to an endpoint. What it says beside the status is not looked at: it might name people.
async fn post(endpoint: &Endpoint, genesis: Hash, records: &[Record]) -> Outcome {
    let body = notice::body(genesis, &endpoint.name, records);
    let timestamp = (now_ms() / 1_000).to_string();
    let signature = signature::header(&endpoint.secrets, &timestamp, &body);
    let headers = [(TIMESTAMP, timestamp), (SIGNATURE, signature)];
    match endpoint.peer.post(&headers, body, 0, endpoint.patience).await {
        Ok(answer) if (200..300).contains(&answer.status) => Outcome::Taken,
        Ok(answer) if REFUSALS.contains(&answer.status) => Outcome::Refused(answer.status),
        Ok(answer) => {
            let asked = Duration::from_secs(answer.retry_after.unwrap_or_default());
            Outcome::Failed(format!("HTTP {}", answer.status), asked.min(LONGEST_ASKED))
        },
        Err(error) => Outcome::Failed(error.to_string(), Duration::ZERO),
    }
}

/// Sends an endpoint a request without notices: whether it is there, knows the secret and takes it, and why not.
pub async fn greet(endpoint: &Endpoint, genesis: Hash) -> Result<(), String> {
    match post(endpoint, genesis, &[]).await {
        Outcome::Taken => Ok(()),
        Outcome::Refused(status) => Err(format!("HTTP {status}")),
        Outcome::Failed(why, _) => Err(why),
    }
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// Does what waits for the disk.
async fn blocking(task: impl FnOnce() -> Result<(), StateError> + Send + 'static) -> Result<(), StateError> {
    match tokio::task::spawn_blocking(task).await {
        Ok(done) => done,
        // It panicked, which it does not, or the runtime ends.
        Err(error) => Err(StateError::Io(Default::default(), std::io::Error::other(error))),
    }
}

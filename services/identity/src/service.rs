//! One request, from its bytes to its answer.

use crate::{
    askers::{Asker, Askers, AskersError},
    journal::{Journal, Level},
    metrics::{Metrics, NOBODY},
    store::{Admission, Store, StoreError},
};
use rand::rngs::OsRng;
use specie_identity_client::{
    now_ms,
    wire::{Answer, Refusal, SignedRequest, WINDOW},
};
use specie_prf::{Key, PublicKey, Request};
use std::{
    collections::{btree_map::Entry, BTreeMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::timeout};

/// How long a request waits for its turn on a processor.
const TURN: Duration = Duration::from_secs(5);

/// Time between two reports of the same.
const QUIET: Duration = Duration::from_secs(60);

/// The service.
pub struct Service {
    network: u32,
    public: PublicKey,
    key: Key,
    askers: Box<dyn Askers>,
    store: Store,
    metrics: Metrics,
    journal: Journal,
    /// When what was last reported, so that a log is not filled from outside.
    reported: Mutex<BTreeMap<String, Instant>>,
    /// One a processor.
    turns: Semaphore,
}

impl Service {
    /// A service for a network.
    pub fn new(network: u32, key: Key, askers: Box<dyn Askers>, store: Store, journal: Journal) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            network,
            public: key.public(),
            key,
            askers,
            store,
            metrics: Metrics::default(),
            journal,
            reported: Mutex::default(),
            turns: Semaphore::new(processors),
        }
    }

    /// Number of the network.
    pub fn network(&self) -> u32 {
        self.network
    }

    /// Public part of the key.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// What was counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Where events go.
    pub fn journal(&self) -> Journal {
        self.journal
    }

    /// Answers a body. Cheap checks come before dear ones, and what a stranger can cause is cheap.
    pub async fn answer(self: &Arc<Self>, body: &[u8]) -> Result<Answer, Refusal> {
        let mut label = NOBODY.to_string();
        let (outcome, count) = match self.evaluate(body, &mut label).await {
            Ok((answer, count)) => (Ok(answer), count),
            Err(refusal) => (Err(refusal), 0),
        };
        self.count(&label, outcome.as_ref().err(), count);
        outcome
    }

    /// Counts a request and reports what an operator should know.
    pub fn count(&self, label: &str, refusal: Option<&Refusal>, evaluations: u32) {
        self.metrics.request(label, refusal.map_or("ok", Refusal::code), evaluations.into());
        if let Some(Refusal::Limit(_)) = refusal {
            self.report(Level::Warn, "over the limit", ("asker", label));
        }
    }

    async fn evaluate(self: &Arc<Self>, body: &[u8], label: &mut String) -> Result<(Answer, u32), Refusal> {
        let signed = SignedRequest::from_json(body)?;
        if signed.network != self.network {
            return Err(Refusal::Network(self.network));
        }
        if signed.key != self.public.to_bytes() {
            return Err(Refusal::Key(self.public.into()));
        }
        let seconds = now_ms() / 1000;
        if seconds.abs_diff(signed.time) > WINDOW {
            return Err(Refusal::Time(seconds));
        }
        if !signed.verify() {
            return Err(Refusal::Signature);
        }
        let request = Request::decode(&signed.request).map_err(Refusal::Elements)?;
        let asker = self.asker(&signed).await?;
        label.clone_from(&asker.label);

        let _turn = timeout(TURN, self.turns.acquire()).await.map_err(|_| Refusal::Busy)?;
        let service = self.clone();
        let work = move || service.admit(&signed, &asker, &request);
        tokio::task::spawn_blocking(work).await.map_err(|_| self.broken("a request was not finished", ""))?
    }

    async fn asker(&self, signed: &SignedRequest) -> Result<Asker, Refusal> {
        match self.askers.find(&signed.asker).await {
            Ok(Some(asker)) => Ok(asker),
            Ok(None) => Err(Refusal::Asker),
            Err(AskersError::Busy) => Err(Refusal::Busy),
            Err(error) => Err(self.broken("askers are not known", &error.to_string())),
        }
    }

    /// Charges and evaluates; takes milliseconds of a processor and of the disk.
    fn admit(&self, signed: &SignedRequest, asker: &Asker, request: &Request) -> Result<(Answer, u32), Refusal> {
        // At most 64.
        let count = u32::try_from(request.count()).unwrap_or(u32::MAX);
        match self.store.admit(signed, &asker.charges, count, now_ms()) {
            Ok(Admission::Granted) => {},
            Ok(Admission::Replayed) => return Err(Refusal::Replayed),
            Ok(Admission::OverLimit(wait)) => return Err(Refusal::Limit(wait.map(|ms| ms.div_ceil(1000)))),
            Err(error) => return Err(self.store_broken(&error)),
        }
        let response = self.key.evaluate(request, &mut OsRng).map_err(Refusal::Elements)?;
        Ok((Answer { response: hex::encode(response) }, count))
    }

    fn store_broken(&self, error: &StoreError) -> Refusal {
        self.broken("the state file cannot be written", &error.to_string())
    }

    fn broken(&self, event: &str, reason: &str) -> Refusal {
        self.report(Level::Error, event, ("reason", reason));
        Refusal::Unavailable
    }

    /// Writes an event, at most once a minute.
    fn report(&self, level: Level, event: &str, (name, value): (&str, &str)) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        reported.retain(|_, at| at.elapsed() < QUIET);
        if let Entry::Vacant(place) = reported.entry(format!("{event}: {value}")) {
            place.insert(Instant::now());
            self.journal.write(level, event, &[(name, value)]);
        }
    }
}

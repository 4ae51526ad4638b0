//! One endpoint, with nodes and receivers that do what a test says.

use serde_json::{json, Value};
use specie_notify::{
    config::Config,
    metrics::Metrics,
    node::Nodes,
    notice::{Place, Record},
    signature::Secret,
    state::{self, State},
    worker::{Stop, Worker},
};
use specie_primitives::{
    flow::{FlowKind, Party},
    BankId, Hash, Holder, OwnerId,
};
use specie_service::journal::Journal;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

const ANN: OwnerId = OwnerId([1; 24]);
const BEN: OwnerId = OwnerId([2; 24]);
const GENESIS: Hash = Hash::repeat_byte(7);
/// Time for something to happen that must happen.
const SOON: Duration = Duration::from_secs(60);

/// A request as it came.
struct Asked {
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// An HTTP peer on a free port: `respond` gives the status and the body.
async fn peer(respond: impl Fn(Asked) -> (u16, String) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let respond = Arc::new(respond);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let respond = respond.clone();
            tokio::spawn(async move {
                let Some(asked) = read(&mut stream).await else { return };
                let (status, body) = respond(asked);
                let head =
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = stream.write_all((head + &body).as_bytes()).await;
            });
        }
    });
    url
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers: BTreeMap<_, _> = head.lines().filter_map(header).collect();
        let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            return Some(Asked { headers, body: bytes.split_off(end + 4) });
        }
    }
}

/// What a node knows; clones share it.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Facts>>);

#[derive(Default)]
struct Facts {
    records: Vec<Record>,
    head: u32,
    unknown: Vec<(u32, u32)>,
    broken: bool,
}

impl World {
    /// One movement of Ann's and one of Ben's in each block.
    fn with_blocks(count: u32) -> Self {
        let world = Self::default();
        for block in 1..=count {
            world.add(block);
        }
        world
    }

    fn add(&self, block: u32) {
        let mut facts = self.0.lock().unwrap();
        for (place, owner) in [(0, ANN), (1, BEN)] {
            facts.records.push(record(block, place, owner));
        }
        facts.head = block;
    }

    /// A node that knows this, with pages of three records.
    async fn node(&self) -> String {
        let world = self.clone();
        peer(move |asked| world.answer(&serde_json::from_slice(&asked.body).unwrap())).await
    }

    fn answer(&self, asked: &Value) -> (u16, String) {
        let facts = self.0.lock().unwrap();
        if facts.broken {
            return (503, String::new());
        }
        let result = match asked["method"].as_str().unwrap() {
            "specie_network" => json!({ "genesis": GENESIS, "name": "a test" }),
            "specie_indexStatus" => json!({ "block": { "number": facts.head, "hash": GENESIS } }),
            "specie_owner" => match asked["params"][0] == json!(ANN) {
                true => json!({ "bank": 1 }),
                false => json!({ "bank": 2 }),
            },
            "specie_records" => facts.page(&asked["params"][0], asked["params"][1].as_str()),
            other => panic!("{other}"),
        };
        (200, json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string())
    }
}

impl Facts {
    fn page(&self, query: &Value, cursor: Option<&str>) -> Value {
        let from = query["from_block"].as_u64().unwrap();
        assert_eq!(query["order"], "oldest");
        let behind: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let found: Vec<_> = self.records.iter().filter(|record| u64::from(record.block) >= from).collect();
        let page: Vec<_> = found.iter().skip(behind).take(3).map(|record| as_node(record)).collect();
        let end = behind + page.len();
        let unknown: Vec<_> =
            self.unknown.iter().map(|(first, last)| json!({ "first": first, "last": last })).collect();
        json!({
            "block": { "number": self.head, "hash": GENESIS },
            "unknown": unknown,
            "records": page,
            "cursor": (end < found.len()).then(|| end.to_string()),
        })
    }
}

/// Nodes write values as numbers.
fn as_node(record: &Record) -> Value {
    let mut value = serde_json::to_value(record).unwrap();
    value["value"] = json!(u64::try_from(record.value).unwrap());
    value
}

fn record(block: u32, place: u32, owner: OwnerId) -> Record {
    Record {
        block,
        hash: Hash::repeat_byte(block as u8),
        time_ms: u64::from(block) * 1_000,
        place,
        extrinsic: Some(1),
        extrinsic_hash: None,
        kind: FlowKind::Withdrawn,
        value: 100,
        from: Party::Custody(BankId(9), owner),
        to: Party::Coins(Holder::Owner(owner)),
        coins: vec![],
        ranges: vec![],
        others: vec![],
        order: None,
    }
}

/// What a receiver took, and how it answers: to each request, by its notices.
#[derive(Clone)]
struct Receiver {
    taken: Arc<Mutex<Vec<Value>>>,
    requests: Arc<Mutex<usize>>,
}

impl Receiver {
    fn new() -> Self {
        Self { taken: Arc::default(), requests: Arc::default() }
    }

    /// Takes what is signed with the secret, unless `refuse` says otherwise of the number of a request and its notices.
    async fn listen(
        &self,
        secret: Secret,
        refuse: impl Fn(usize, &[Value]) -> Option<u16> + Send + Sync + 'static,
    ) -> String {
        let receiver = self.clone();
        peer(move |asked| {
            let header = |name: &str| asked.headers.get(name).cloned().unwrap_or_default();
            if !secret.has_signed(&header("specie-timestamp"), &asked.body, &header("specie-signature")) {
                return (401, String::new());
            }
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            let notices = body["notices"].as_array().unwrap();
            let mut requests = receiver.requests.lock().unwrap();
            *requests += 1;
            match refuse(*requests, notices) {
                Some(status) => (status, "somebody's name".repeat(10_000)),
                None => {
                    receiver.taken.lock().unwrap().extend(notices.iter().cloned());
                    // However long it is: nobody reads it.
                    (200, "x".repeat(100_000))
                },
            }
        })
        .await
    }

    /// Blocks and places that were taken, in their order.
    fn places(&self) -> Vec<(u64, u64)> {
        let place = |notice: &Value| {
            let record = &notice["record"];
            let (block, place) = (record["block"].as_u64().unwrap(), record["place"].as_u64().unwrap());
            assert_eq!(notice["id"], format!("0707070707070707-{block}-{place}"));
            (block, place)
        };
        self.taken.lock().unwrap().iter().map(place).collect()
    }

    async fn wait_for(&self, count: usize) {
        let wait = async {
            while self.places().len() < count {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(SOON, wait).await.unwrap_or_else(|_| panic!("only {:?}", self.places()));
    }
}

/// A worker that runs.
struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), state::StateError>>,
    state: Arc<State>,
    metrics: Arc<Metrics>,
}

impl Running {
    fn start(folder: &Path, nodes: &[String], url: &str, lines: &str) -> Self {
        let config = Config::parse(&text(nodes, url, lines), folder).unwrap();
        let state = Arc::new(State::open(&config.state).unwrap());
        let metrics = Arc::new(Metrics::default());
        let (stop, stopped) = watch::channel(false);
        let nodes = Nodes::new(config.nodes.clone(), state.genesis());
        let endpoint = config.endpoints.into_iter().next().unwrap();
        let journal = Journal::default();
        let worker = Worker::new(endpoint, nodes, state.clone(), metrics.clone(), journal, Stop(stopped));
        Self { stop, task: tokio::spawn(worker.run()), state, metrics }
    }

    /// As a signal does.
    async fn stop(self) {
        self.stop.send(true).unwrap();
        timeout(SOON, self.task).await.unwrap().unwrap().unwrap();
        assert_eq!(Arc::strong_count(&self.state), 1, "nothing goes on");
    }

    /// As a crash does.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
        assert_eq!(Arc::strong_count(&self.state), 1, "nothing goes on");
    }
}

fn text(nodes: &[String], url: &str, lines: &str) -> String {
    format!(
        "nodes = {nodes:?}\nstate = 'state'\n[[endpoint]]\nname = 'core'\nurl = '{url}'\nsecrets = ['secret']\n{lines}\n"
    )
}

fn folder() -> (tempfile::TempDir, Secret) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    Secret::create(&path).unwrap();
    let secret = Secret::read(&path).unwrap();
    (folder, secret)
}

/// The places of Ann's movements in these blocks, and of Ben's, too, if `both`.
fn places(blocks: std::ops::RangeInclusive<u64>, both: bool) -> Vec<(u64, u64)> {
    blocks.flat_map(|block| (0..=u64::from(both)).map(move |place| (block, place))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_sent_in_its_order_and_once() {
    // Given: four blocks, and an endpoint that wants the customers of bank 1, which Ann is.
    let ((folder, secret), world, receiver) = (folder(), World::with_blocks(4), Receiver::new());
    let url = receiver.listen(secret, |_, _| None).await;
    let nodes = [world.node().await];
    let running = Running::start(folder.path(), &nodes, &url, "bank = 1\nfrom_block = 2\nbatch = 2");
    receiver.wait_for(3).await;

    // When: more comes, also after a restart. Then: it is sent, and nothing again.
    world.add(5);
    receiver.wait_for(4).await;
    running.stop().await;
    world.add(6);
    let running = Running::start(folder.path(), &nodes, &url, "bank = 1\nfrom_block = 1");
    receiver.wait_for(5).await;
    assert_eq!(receiver.places(), places(2..=6, false));
    let value = receiver.taken.lock().unwrap()[0]["record"]["value"].clone();
    assert_eq!(value, "100");
    let metrics = running.metrics.clone();
    running.stop().await;
    assert!(metrics.text().contains("specie_notify_delivered_total{endpoint=\"core\"} 1\n"), "{}", metrics.text());
    let progress = state::read(&folder.path().join("state")).unwrap().endpoints["core"];
    assert_eq!((progress.delivered, progress.refused), (5, 0));
    assert!(progress.next > Place { block: 6, place: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_notice_is_of_what_comes_next() {
    let ((folder, secret), world, receiver) = (folder(), World::with_blocks(3), Receiver::new());
    let url = receiver.listen(secret, |_, _| None).await;
    let nodes = [world.node().await];
    let running = Running::start(folder.path(), &nodes, &url, &format!("owners = ['{BEN}']"));
    let begun = async {
        while running.state.progress("core").is_none() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, begun).await.unwrap();
    running.stop().await;
    world.add(4);
    let running = Running::start(folder.path(), &nodes, &url, &format!("owners = ['{BEN}']"));
    receiver.wait_for(1).await;
    assert_eq!(receiver.places(), [(4, 1)]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_away_misses_nothing() {
    // Given: an endpoint that answers nothing but errors at first, and a sender that crashes meanwhile.
    let ((folder, secret), world, receiver) = (folder(), World::with_blocks(3), Receiver::new());
    let url = receiver.listen(secret, |request, _| [500, 404, 429].get(request - 1).copied()).await;
    let (nodes, lines) = ([world.node().await], "owners = ['OWNERS']\nbank = 9\nfrom_block = 1");
    let lines = lines.replace("OWNERS", &BEN.to_string());
    let running = Running::start(folder.path(), &nodes, &url, &lines);
    let asked = async {
        while *receiver.requests.lock().unwrap() < 2 {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, asked).await.unwrap();
    assert!(running.metrics.text().contains("outcome=\"failed\""));
    running.kill().await;
    assert!(receiver.places().is_empty());

    // When: another one is started. Then: everything comes.
    let running = Running::start(folder.path(), &nodes, &url, &lines);
    receiver.wait_for(6).await;
    assert_eq!(receiver.places(), places(1..=3, true));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_notice_is_listed_and_those_behind_it_are_sent() {
    // Given: an endpoint that takes everything but what Ann did in block 2.
    let ((folder, secret), world, receiver) = (folder(), World::with_blocks(3), Receiver::new());
    let bad = |notice: &Value| notice["id"] == "0707070707070707-2-0";
    let url = receiver.listen(secret, move |_, notices| notices.iter().any(bad).then_some(422)).await;
    let lines = "bank = 9\nfrom_block = 1\nrefusals = 2";
    let running = Running::start(folder.path(), &[world.node().await], &url, lines);

    // Then: that one is on the list, and all the others are taken once.
    receiver.wait_for(5).await;
    let expected: Vec<_> = places(1..=3, true).into_iter().filter(|place| *place != (2, 0)).collect();
    assert_eq!(receiver.places(), expected);
    running.stop().await;
    let path = folder.path().join("state");
    let dead = state::dead(&path).unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].id.as_str(), dead[0].status), ("0707070707070707-2-0", 422));
    assert_eq!(dead[0].record["block"], 2);
    let progress = state::read(&path).unwrap().endpoints["core"];
    assert_eq!((progress.delivered, progress.refused), (5, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_away_behind_or_incomplete_does_no_harm() {
    // Given: the first node does not know block 1, the second one is behind, the third one is complete, and goes away.
    let ((folder, secret), receiver) = (folder(), Receiver::new());
    let (incomplete, behind, complete) = (World::with_blocks(4), World::with_blocks(1), World::with_blocks(3));
    incomplete.0.lock().unwrap().unknown = vec![(1, 1)];
    let url = receiver.listen(secret, |_, _| None).await;
    let lines = "bank = 9\nfrom_block = 1";
    let nodes = [incomplete.node().await, complete.node().await, behind.node().await];
    let running = Running::start(folder.path(), &nodes, &url, lines);
    receiver.wait_for(6).await;
    complete.0.lock().unwrap().broken = true;

    // When: the one that is behind catches up. Then: only what is new is sent.
    for block in 2..=5 {
        behind.add(block);
    }
    receiver.wait_for(8).await;
    // The incomplete one may be asked as well by now: it knows what comes next.
    assert_eq!(receiver.places()[..8], places(1..=4, true));
    running.stop().await;
    let sent = receiver.places();
    assert!(sent.windows(2).all(|pair| pair[0] < pair[1]), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fails_with_nodes_of_another_network() {
    let ((folder, secret), world, receiver) = (folder(), World::with_blocks(1), Receiver::new());
    let url = receiver.listen(secret, |_, _| None).await;
    let config = Config::parse(&text(&[world.node().await], &url, "bank = 9"), folder.path()).unwrap();
    let mut nodes = Nodes::new(config.nodes.clone(), Some(Hash::zero()));
    let error = nodes.head().await.unwrap_err().to_string();
    assert!(error.contains("its network begins with block"), "{error}");
    assert!(receiver.places().is_empty());
}

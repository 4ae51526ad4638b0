//! A bank's own system hears of everything that concerns the bank and its customers once it is final: in its order,
//! from its beginning, whoever is killed meanwhile. And subscribers are told each movement once, by whichever node.

use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{BlockNumber, Holder, OwnerId};
use specie_testnet::{
    chain::{Call, Chain},
    cli::{Cli, Receipt},
    network::find_built,
    payments::Payments,
    people::{give_coins, register_all, Person},
    process::{self, ProcessId, Signal},
    rpc::{explain, Rpc, PROGRESS},
    TestNetwork,
};
use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use subxt::rpcs::client::RpcParams;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

/// Whose node outlives the others.
const WITNESS: &str = "issuer";
/// The first node that the sender asks: it dies.
const VICTIM: &str = "bank-b";
/// Another node.
const OTHER: &str = "bank-c";
/// Coins that Ann pays one by one.
const COINS: u32 = 40;
/// Name of the endpoint.
const ENDPOINT: &str = "core-banking";
/// How old a request may be.
const FRESH: Duration = Duration::from_secs(300);
/// Subscriptions that a connection may have.
const SUBSCRIPTIONS: usize = 8;
/// Time for the sender to end in order.
const END: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_concerns_a_bank_is_lost() -> Result<()> {
    // Given: Ann and Ben at bank 1, coins of Ann's, and a sender that begins with the first block.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(WITNESS).await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS + 1).await?;
    let mut sender = Sender::new(&network)?;
    let receiver = Receiver::new(&sender.secret)?;
    let (address, listening) = receiver.listen(None).await?;
    sender.configure(&network, address)?;
    network.rpc(VICTIM).await?.wait_for_index(1, PROGRESS).await?;
    let findings = sender.run(&["check", "--greet"])?;
    let bad = findings.as_array().context("no findings")?.iter().find(|finding| finding["ok"] != true);
    ensure!(bad.is_none(), "{findings}");
    sender.start()?;
    receiver.wait_for(1).await?;

    // When: Ann pays by an order, which the bank brings, and then she pays and pays. The endpoint takes a request and does not say so; the sender is killed; the endpoint is
    // away; the node dies.
    let order = pay_by_order(&network, chain.rpc(), ben.owner).await?;
    let coins = chain.rpc().coins_of(ann.owner).await?;
    let watching = watch_ann(&network);
    let told = tokio::spawn(follow(network.rpc(WITNESS).await?, network.rpc(OTHER).await?, ben.owner));
    let mut payments = Payments::start(&chain, &ann, ben.owner, &coins).await?;
    payments.wait_for(3).await?;
    receiver.silent.store(true, Ordering::SeqCst);
    payments.wait_for(8).await?;
    sender.kill()?;
    payments.wait_for(12).await?;
    sender.start()?;
    payments.wait_for(16).await?;
    listening.abort();
    payments.wait_for(20).await?;
    sender.kill()?;
    sender.start()?;
    payments.wait_for(24).await?;
    let (_, listening) = receiver.listen(Some(address)).await?;
    network.kill(VICTIM)?;
    let paid = payments.finish().await?;
    let last = paid.iter().map(|payment| payment.block.number).max().context("nothing was paid")?;
    // The command line may take its time to begin.
    let height = pay_back(&chain, &ben, ann.owner, last, || watching.is_finished()).await?;

    // Then: everything came, each for the first time in the order of movements, and again only as it was.
    let expected = concerning(chain.rpc(), height, &[ann.owner, ben.owner]).await?;
    ensure!(expected.len() > COINS as usize, "only {} movements", expected.len());
    receiver.wait_until_complete(&expected).await?;
    receiver.compare(&expected)?;
    let ordered = expected.iter().filter(|record| record["order"] == order).count();
    ensure!(ordered == 1, "{ordered} movements of order {order} among {expected:#?}");
    // And: subscribers heard the same.
    let watched = timeout(PROGRESS, watching).await.context("nothing was watched")???;
    ensure!(watched["kind"] == "transferred", "{watched}");
    let bens = records(chain.rpc(), &json!({ "owner": ben.owner, "order": "oldest" }), height).await?;
    let told = timeout(PROGRESS, told).await.context("subscribers were not told everything")???;
    ensure!(bens.starts_with(&told), "subscribers were told {told:#?} instead of {bens:#?}");
    subscriptions_are_bounded(&network.node(WITNESS)?.url()).await?;

    // And: the sender ends in order, and says how far it is.
    sender.stop()?;
    let status = sender.run(&["status", "--refused"])?;
    let progress = &status["endpoints"][0]["progress"];
    ensure!(progress["delivered"] == expected.len() && progress["refused"] == 0, "{status}");
    ensure!(status["refused"] == json!([]), "{status}");
    listening.abort();
    network.passed();
    Ok(())
}

/// The next movement of Ann's, as the command line tells it.
fn watch_ann(network: &TestNetwork) -> JoinHandle<Result<Value>> {
    let (cli, node) = (Cli::new(network), network.nodes()[0].url());
    tokio::spawn(async move { cli.run(&node, Some("//Test//Ann"), &["watch", "--count", "1"]).await })
}

/// Ann orders a payment to somebody, and bank A brings it; gives its name.
async fn pay_by_order(network: &TestNetwork, rpc: &Rpc, to: OwnerId) -> Result<Value> {
    let cli = Cli::new(network);
    let to = to.to_string();
    let made: Value = cli.run(rpc.url(), Some("//Test//Ann"), &["order", "make", &to, "1"]).await?;
    let text = made["text"].as_str().context("no order")?;
    let brought: Receipt = cli.run(rpc.url(), Some("//BankA"), &["order", "submit", text]).await?;
    rpc.wait_for_index(brought.block, PROGRESS).await?;
    Ok(made["order"].clone())
}

/// Ben pays Ann coin by coin until it is enough; gives the block of the last payment.
async fn pay_back(
    chain: &Chain,
    ben: &Person,
    ann: OwnerId,
    last: BlockNumber,
    enough: impl Fn() -> bool,
) -> Result<BlockNumber> {
    let mut last = last;
    chain.rpc().wait_for_index(last, PROGRESS).await?;
    for coin in chain.rpc().coins_of(ben.owner).await? {
        if enough() {
            break;
        }
        last = chain.finalize(&ben.key, &Call::transfer(ann, &[coin])).await?.block.number;
    }
    Ok(last)
}

/// Everything of an owner's, told by one node and then, from its cursor on, by another one.
async fn follow(first: Rpc, second: Rpc, owner: OwnerId) -> Result<Vec<Value>> {
    const HALF: usize = 10;
    let mut told = Vec::new();
    let cursor = subscribe(&first, owner, Value::Null, HALF, &mut told).await?;
    subscribe(&second, owner, cursor, COINS as usize, &mut told).await?;
    Ok(told)
}

/// Reads until so many movements were told; gives the cursor.
async fn subscribe(rpc: &Rpc, owner: OwnerId, from: Value, count: usize, told: &mut Vec<Value>) -> Result<Value> {
    let mut params = RpcParams::new();
    params.push(json!({ "owner": owner }))?;
    params.push(&from)?;
    let (begin, end) = ("specie_subscribeRecords", "specie_unsubscribeRecords");
    let mut news = rpc.client().subscribe::<Value>(begin, params, end).await?;
    let mut cursor = from;
    while told.len() < count {
        let mut message =
            timeout(PROGRESS, news.next()).await.context("nothing was told")?.context("the subscription ended")??;
        let Value::Array(records) = message["records"].take() else { bail!("no records: {message}") };
        told.extend(records);
        cursor = message["cursor"].take();
    }
    Ok(cursor)
}

/// A connection has so many subscriptions, and another one its own.
async fn subscriptions_are_bounded(url: &str) -> Result<()> {
    let rpc = Rpc::connect(url).await?;
    let subscribe = async |query: Value| {
        let mut params = RpcParams::new();
        params.push(query)?;
        let (begin, end) = ("specie_subscribeRecords", "specie_unsubscribeRecords");
        rpc.client().subscribe::<Value>(begin, params, end).await.map_err(explain)
    };
    let mut all = Vec::new();
    for _ in 0..SUBSCRIPTIONS {
        all.push(subscribe(json!({})).await?);
    }
    let error = subscribe(json!({})).await.err().context("one more was let in")?;
    ensure!(format!("{error:#}").contains("9025"), "{error:#}");
    let other = Rpc::connect(url).await?;
    subscribe_once(&other).await?;
    let error = subscribe(json!({ "to_block": 7 })).await.err().context("a subscription with an end was let in")?;
    ensure!(format!("{error:#}").contains("9009"), "{error:#}");
    Ok(())
}

async fn subscribe_once(rpc: &Rpc) -> Result<()> {
    let (begin, end) = ("specie_subscribeRecords", "specie_unsubscribeRecords");
    let mut news = rpc.client().subscribe::<Value>(begin, RpcParams::new(), end).await?;
    let message = timeout(PROGRESS, news.next()).await.context("nothing was told")?.context("it ended")??;
    ensure!(message["records"][0]["block"].is_u64(), "{message}");
    Ok(())
}

/// All pages of a query up to a block.
async fn records(rpc: &Rpc, query: &Value, height: BlockNumber) -> Result<Vec<Value>> {
    rpc.wait_for_index(height, PROGRESS).await?;
    let (mut all, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut page: Value = rpc.request("specie_records", json!([query, cursor, 100])).await?;
        let Value::Array(records) = page["records"].take() else { bail!("a page without records: {page}") };
        all.extend(records);
        cursor = page["cursor"].take();
        if cursor.is_null() {
            return Ok(all);
        }
    }
}

/// What concerns bank 1 or these owners, by the words of the record, with values as text.
async fn concerning(rpc: &Rpc, height: BlockNumber, owners: &[OwnerId]) -> Result<Vec<Value>> {
    let mut all = records(rpc, &json!({ "to_block": height, "order": "oldest" }), height).await?;
    let mut words: Vec<_> = owners.iter().map(ToString::to_string).collect();
    words.extend([r#"{"bank":1}"#, r#""reserve":1"#, r#""counter":1"#, r#""custody":[1,"#].map(Into::into));
    all.retain(|record| {
        let text = format!("{}{}{}", record["from"], record["to"], record["others"]);
        words.iter().any(|word| text.contains(word))
    });
    for record in &mut all {
        record["value"] = record["value"].to_string().into();
    }
    let named = json!({ "coins": Holder::Owner(owners[0]) });
    ensure!(all.iter().any(|record| record["from"] == named), "nothing of {named} among {all:#?}");
    Ok(all)
}

/// The program that sends notices; killed with the test.
struct Sender {
    program: PathBuf,
    folder: PathBuf,
    secret: PathBuf,
    process: Option<ProcessId>,
}

impl Sender {
    /// With a folder and a secret of its own.
    fn new(network: &TestNetwork) -> Result<Self> {
        let folder = network.base().join("notify");
        fs::create_dir(&folder)?;
        let sender =
            Self { program: find_built("specie-notify")?, secret: folder.join("secret"), folder, process: None };
        sender.run(&["secret", &sender.secret.display().to_string()])?;
        Ok(sender)
    }

    /// Everything that concerns bank 1 goes to an address, few notices at once, so that there are many requests.
    fn configure(&self, network: &TestNetwork, address: SocketAddr) -> Result<()> {
        let node = |name| anyhow::Ok(network.node(name)?.url().replace("ws://", "http://"));
        let nodes = [node(VICTIM)?, node(WITNESS)?];
        let text = format!(
            "nodes = {nodes:?}\nstate = 'state'\n[[endpoint]]\nname = '{ENDPOINT}'\nurl = 'http://{address}/notices'\n\
             secrets = ['secret']\nbank = 1\nfrom_block = 1\nbatch = 3\ntimeout_s = 5\n"
        );
        Ok(fs::write(self.config(), text)?)
    }

    fn config(&self) -> PathBuf {
        self.folder.join("notify.toml")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Runs a command to its end and reads what it prints.
    fn run(&self, args: &[&str]) -> Result<Value> {
        let output =
            Command::new(&self.program).args(args).arg("--json").arg("--config").arg(self.config()).output()?;
        serde_json::from_slice(&output.stdout).with_context(|| format!("{args:?}: {output:?}"))
    }

    fn start(&mut self) -> Result<()> {
        let config = self.config().display().to_string();
        let args = ["run", "--json", "--config", &config].map(String::from);
        self.process = Some(process::start(&self.program, &args, &self.log(), false)?);
        Ok(())
    }

    fn kill(&mut self) -> Result<()> {
        self.process.take().context("it does not run")?.kill()
    }

    /// It ends by itself when it is told to, and says so.
    fn stop(&mut self) -> Result<()> {
        let process = self.process.take().context("it does not run")?;
        process.signal(Signal::Terminate)?;
        ensure!(process.wait_gone(END), "it does not end");
        let log = fs::read_to_string(self.log())?;
        let last: Value = serde_json::from_str(log.lines().last().context("it said nothing")?)?;
        ensure!(last["event"] == "stopped", "its last words are {last}");
        ensure!(log.contains("did not take notices") && log.contains("a node cannot be used"), "{log}");
        Ok(())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.process.map(|process| process.kill()) {
            eprintln!("{error:#}");
        }
    }
}

/// A bank's system: it takes what is signed with its secret, just now.
#[derive(Clone)]
struct Receiver {
    secret: Vec<u8>,
    /// Every notice that came, in its order.
    taken: Arc<watch::Sender<Vec<Value>>>,
    /// Whether the next request is taken without an answer.
    silent: Arc<AtomicBool>,
}

impl Receiver {
    fn new(secret: &Path) -> Result<Self> {
        let secret = hex::decode(fs::read_to_string(secret)?.trim())?;
        let (taken, silent) = (watch::Sender::new(Vec::new()), AtomicBool::new(false));
        Ok(Self { secret, taken: Arc::new(taken), silent: Arc::new(silent) })
    }

    /// Listens at an address, or at any; for as long as the task runs.
    async fn listen(&self, address: Option<SocketAddr>) -> Result<(SocketAddr, JoinHandle<()>)> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(address.unwrap_or(any)).await?;
        let (address, receiver) = (listener.local_addr()?, self.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let receiver = receiver.clone();
                tokio::spawn(async move {
                    if let Err(error) = receiver.answer(stream).await {
                        eprintln!("the receiver could not answer: {error:#}");
                    }
                });
            }
        });
        Ok((address, task))
    }

    async fn answer(&self, mut stream: TcpStream) -> Result<()> {
        let (head, body) = read(&mut stream).await?;
        let status = match self.take(&head, &body) {
            Ok(()) => "204 No Content",
            Err(error) => {
                eprintln!("the receiver refuses: {error:#}");
                "401 Unauthorized"
            },
        };
        if !self.silent.swap(false, Ordering::SeqCst) {
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    }

    fn take(&self, head: &BTreeMap<String, String>, body: &[u8]) -> Result<()> {
        let timestamp = head.get("specie-timestamp").context("no time")?;
        let sent = Duration::from_secs(timestamp.parse()?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        ensure!(now.abs_diff(sent) < FRESH, "it is of another time");
        let message = [&b"specie/notify/v1\n"[..], timestamp.as_bytes(), b"\n", body].concat();
        let signature = format!("v1={}", hex::encode(hmac(&self.secret, &message)));
        ensure!(head.get("specie-signature") == Some(&signature), "it is not signed");
        let mut body: Value = serde_json::from_slice(body)?;
        ensure!(body["version"] == 1 && body["endpoint"] == ENDPOINT, "it is for somebody else: {body}");
        let Value::Array(notices) = body["notices"].take() else { bail!("no notices: {body}") };
        self.taken.send_modify(|taken| taken.extend(notices));
        Ok(())
    }

    async fn wait_for(&self, count: usize) -> Result<()> {
        self.wait_until(&format!("{count} notices"), |taken| taken.len() >= count).await
    }

    async fn wait_until_complete(&self, expected: &[Value]) -> Result<()> {
        let last = expected.last().context("nothing is expected")?;
        self.wait_until("the last notice", |taken| taken.iter().any(|notice| notice["record"] == *last)).await
    }

    async fn wait_until(&self, what: &str, enough: impl FnMut(&Vec<Value>) -> bool) -> Result<()> {
        let mut taken = self.taken.subscribe();
        let waited = timeout(PROGRESS, taken.wait_for(enough)).await;
        ensure!(matches!(waited, Ok(Ok(_))), "{what} did not come in {} s", PROGRESS.as_secs());
        Ok(())
    }

    /// What came is what is expected, and what came twice came under the same id.
    fn compare(&self, expected: &[Value]) -> Result<()> {
        let taken = self.taken.borrow();
        let (mut first, mut known) = (Vec::new(), BTreeMap::<&str, &Value>::new());
        for notice in taken.iter() {
            let id = notice["id"].as_str().context("no id")?;
            match known.get(id) {
                Some(before) => ensure!(*before == notice, "{notice} came as {before} before"),
                None => {
                    known.insert(id, notice);
                    first.push(notice["record"].clone());
                },
            }
        }
        ensure!(first.len() < taken.len(), "nothing came twice, although a request had no answer");
        // Blocks that came meanwhile may have more.
        let complete = first.get(..expected.len()) == Some(expected);
        ensure!(complete, "{first:#?} came instead of {expected:#?}");
        Ok(())
    }
}

async fn read(stream: &mut TcpStream) -> Result<(BTreeMap<String, String>, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await?;
        ensure!(count > 0, "the request ends early");
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let head: BTreeMap<_, _> = head.lines().filter_map(header).collect();
        let length: usize = head.get("content-length").context("no length")?.parse()?;
        if bytes.len() >= end + 4 + length {
            return Ok((head, bytes.split_off(end + 4)));
        }
    }
}

/// HMAC-SHA256 (RFC 2104) with a key that is no longer than a block.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = sp_crypto_hashing::sha2_256(&[&padded(0x36)[..], message].concat());
    sp_crypto_hashing::sha2_256(&[&padded(0x5c)[..], &inner].concat())
}

//! No identity string is anywhere but with its owner: not in a database, a log, an index, an answer, an error or a metric,
//! nor with the identity service, in whatever spelling. Before that is believed, the search has to find canaries, one in
//! each kind of place.

use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{Hash, OrderId, OwnerId};
use specie_testnet::{
    cli::{Cli, Receipt},
    identity::NAME as IDENTITY,
    metrics,
    network::{Peers, Wallet},
    rpc::{bytes, storage_prefix, Rpc, PROGRESS},
    search::{copy_folder, database_values, databases, Needles, Search},
    status::{endpoints, Status},
    Options, TestNetwork,
};
use specie_wallet::order::{read_text, to_bytes};
use std::fs;
use subxt::rpcs::client::RpcParams;
use tokio::time::timeout;

/// People as they give their names at the counter; nothing else in the world has these strings.
const PEOPLE: [(&str, &str); 4] = [
    ("Phone", "+49 (171) 726-35419"),
    ("Mail", VERIFIED),
    ("Firm", "org:qx-7741-Zeppelin"),
    ("Alias", "alias:Brombeer_Konfituere.9"),
];
/// The one among them whom the bank verified.
const VERIFIED: &str = "Wilhelmine.Kraftstoff@Zuckerwatte.example";
/// The number by which a state knows that person.
const STATE_NUMBER: &str = "DE-L9K3V7T2W8";
/// Somebody whom nobody registers.
const STRANGER: &str = "+49 (160) 55-818-2044";
/// What is looked for beside whole identities: parts that a program may have kept.
const PARTS: [&str; 9] = [
    "171) 726-35419",
    "17172635419",
    "Wilhelmine.Kraftstoff",
    "Zuckerwatte.example",
    "7741-Zeppelin",
    "QX7741ZEPPELIN",
    "Brombeer_Konfituere",
    "160558182044",
    "L9K3V7T2W8",
];
/// A string that is everywhere: it is the chain's id and name, a bank's name, a remark and the name of a wallet.
const CANARY: &str = "kanarienvogel-7713";
/// The bank that everybody is a customer of, as the command line names it.
const BANK: &str = "1";
/// A bank that is admitted for its name alone.
const CANARY_BANK: &str = "9";
const BANK_KEY: &str = "//BankA";
/// Whose nodes are used; whatever one of them tells the others goes to all.
const NODES: [&str; 2] = ["bank-a", "bank-b"];
/// Folder of exported records below the base path.
const EXPORTED: &str = "exports";
/// The nodes say more than usual.
const LOG: &str = "info,specie_node_service=trace,specie_index=trace,runtime=debug,txpool=debug,rpc=debug";

/// Methods that begin and end the telling of what moves.
const SUBSCRIPTION: [&str; 2] = ["specie_subscribeRecords", "specie_unsubscribeRecords"];
/// And of what becomes of an order.
const OF_ORDER: [&str; 2] = ["specie_subscribeOrder", "specie_unsubscribeOrder"];

// Kinds of places.
const ANSWERS: &str = "answers of specie_*";
const STATE: &str = "the state";
const BLOCKS: &str = "blocks";
const METRICS: &str = "metrics";
const EXPORTS: &str = "exported records";
const STATUS: &str = "status";
const ENDPOINTS: &str = "endpoints";
const RECORDS: &str = "the records of the test network";
const LOGS: &str = "logs";
const SERVICE: &str = "files of the identity service";
const FILES: &str = "files of nodes";
const INDEXES: &str = "indexes";
const STATE_VALUES: &str = "the state in databases";
const VALUES: &str = "blocks in databases, and all else";
const ERRORS: &str = "errors";
/// Column of the state in a node's database.
const STATE_COLUMN: u8 = 1;

#[tokio::test]
async fn no_identity_is_anywhere_but_with_its_owner() -> Result<()> {
    // Given: a network that keeps every state, with the canary in its name.
    let options = Options { state_pruning: Some("archive".into()), ..TestNetwork::options() };
    let mut network = TestNetwork::create_altered(&options, |spec| {
        spec["name"] = CANARY.into();
        spec["id"] = CANARY.into();
        Ok(())
    })?;
    for name in network.down() {
        match name.as_str() {
            IDENTITY => network.start(IDENTITY)?,
            node => network.start_with(node, &Peers::default(), &["--log", LOG])?,
        }
    }
    network.wait_for_finalized(1).await?;

    // When: people register, are paid, pay, and make every mistake there is.
    let (people, left) = live(&mut network).await?;
    let mut errors = fail(&network, &people).await?;
    mistake_identities_for_arguments(&network).await?;
    errors.extend(ask_in_vain(&network, &people).await?);
    let last = plant(&network).await?;
    network.wait_for_finalized(last).await?;

    // Then: no identity is in what the nodes say.
    let code = left["code"].as_str().context("no pickup code")?;
    let mut search = Search::new(identities(code)?, Needles::new([("the canary", CANARY)])?);
    for name in network.names(|_| true) {
        let (node, rpc) = (network.node(&name)?, network.rpc(&name).await?);
        rpc.wait_for_index(last, PROGRESS).await?;
        ask_everything(&mut search, &name, &rpc, &people, &left).await?;
        search.bytes(METRICS, &name, metrics::read(node)?.as_bytes());
    }
    for (place, error) in errors {
        search.bytes(ERRORS, &place, error.as_bytes());
    }
    let rpc = network.rpc(NODES[0]).await?;
    read_chain(&mut search, &rpc, last).await?;
    let status = Status::of(&network).await?;
    search.bytes(STATUS, "status", format!("{status}\n{}", serde_json::to_string(&status)?).as_bytes());
    search.bytes(ENDPOINTS, "endpoints.json", endpoints(&network).to_string().as_bytes());

    // And: none is in what they left.
    network.stop_all()?;
    for file in ["network.json", "network.toml", "spec.json"] {
        search.files(RECORDS, &network.base().join(file))?;
    }
    let exported = network.base().join(EXPORTED);
    fs::write(exported.join("planted"), CANARY)?;
    search.files(EXPORTS, &exported)?;
    let service = network.log(IDENTITY)?.parent().context("a log without a folder")?.to_owned();
    ensure!(fs::metadata(network.log(IDENTITY)?)?.len() > 0, "the identity service has no log");
    let copy = network.base().join("copies").join(IDENTITY);
    copy_folder(&service, &copy)?;
    fs::write(copy.join("planted"), format!("{CANARY}\n"))?;
    search.files(SERVICE, &copy)?;
    let (id, table) = ("an owner id", "a table of records");
    let mut marks: Vec<(&str, Vec<u8>)> = people.iter().map(|person| (id, person.owner.0.to_vec())).collect();
    marks.push((table, b"by_owner".to_vec()));
    let marks = Needles::new(marks)?;
    for node in network.nodes() {
        search.files(LOGS, &node.log)?;
        let folder = network.folder(&node.name);
        // Nobody writes into an index but the node itself: what must be in it shows that it is read. Identities in it would
        // be found among the files.
        let seen = marks.find_in_files(&folder.join("data"))?;
        for mark in [id, table] {
            let read = seen.iter().any(|found| found.name == mark && found.place.contains("specie-index"));
            ensure!(read, "{}: the index is not read, there is no {mark}", node.name);
            search.note(INDEXES, read);
        }
        // A database is looked into by opening it: a copy, so that the original stays as the node left it.
        let copy = network.base().join("copies").join(&node.name);
        copy_folder(&folder, &copy)?;
        fs::write(copy.join("data").join("planted"), format!("{CANARY}\n"))?;
        search.files(FILES, &copy)?;
        let found = databases(&copy)?;
        ensure!(!found.is_empty(), "{} has no database", node.name);
        for database in found {
            let place = format!("{} of {}", database.display(), node.name);
            let values = database_values(&database, |column, value| {
                let kind = if column == STATE_COLUMN { STATE_VALUES } else { VALUES };
                search.bytes(kind, &format!("{place}, column {column}"), value);
            })?;
            ensure!(values > 100, "{place} has {values} values only");
        }
    }
    let seen = [ANSWERS, ERRORS, STATE, BLOCKS, METRICS, STATUS, ENDPOINTS, RECORDS, EXPORTS, LOGS, SERVICE, FILES];
    search.finish(&[&seen[..], &[INDEXES, STATE_VALUES, VALUES]].concat())?;
    network.passed();
    Ok(())
}

/// What to look for: identities as they are typed and as they are hashed, telling parts of them, and bare hashes, which
/// anybody could compute who guesses; and the code that collects the stranger's coins.
fn identities(code: &str) -> Result<Needles> {
    let mut texts: Vec<(String, Vec<u8>)> = Vec::new();
    texts.push(("the pickup code".into(), code.into()));
    let number = format!("org:{STATE_NUMBER}");
    for (who, identity) in PEOPLE.into_iter().chain([("Stranger", STRANGER), ("A state's number", &number)]) {
        let normalised = specie_wallet::parse_identity(identity)?;
        let whole = normalised.as_bytes();
        let kind = whole.iter().position(|byte| *byte == b':').context("an identity without its kind")?;
        let typed = identity.split_once(':').map_or(identity, |(_, rest)| rest);
        texts.push((format!("{who} as typed"), typed.into()));
        texts.push((format!("{who}, normalised"), whole[kind + 1..].to_vec()));
        for hashed in [whole, &whole[kind + 1..], typed.as_bytes(), identity.as_bytes()] {
            texts.push((format!("a Blake2 hash of {who}"), sp_crypto_hashing::blake2_256(hashed).into()));
            texts.push((format!("a short Blake2 hash of {who}"), sp_crypto_hashing::blake2_128(hashed).into()));
            texts.push((format!("a SHA-2 hash of {who}"), sp_crypto_hashing::sha2_256(hashed).into()));
        }
    }
    texts.extend(PARTS.map(|part| (format!("a part of an identity ({} bytes)", part.len()), part.into())));
    Needles::new(texts)
}

/// Registers everybody, gives them coins, and has them pay each other and a stranger by their identities. Gives what
/// the payer is told about the stranger's coins, too, and an order that was executed.
async fn live(network: &mut TestNetwork) -> Result<(Vec<Wallet>, Value)> {
    let cli = Cli::new(network);
    let [a, b] = [network.node(NODES[0])?.url(), network.node(NODES[1])?.url()];
    let send = async |node: &str, key: &str, args: &[&str]| -> Result<u32> {
        let receipt: Receipt = cli.run(node, Some(key), args).await?;
        Ok(receipt.block)
    };
    send(&a, "//Issuing//1", &["issuer", "credit", BANK, "10000"]).await?;
    send(&a, "//Issuing//1", &["issuer", "mint", "10", "500", "--second-key", "//Issuing//2"]).await?;
    send(&a, BANK_KEY, &["bank", "draw", "--lots", "10x400"]).await?;
    let mut people = Vec::new();
    for (name, identity) in PEOPLE {
        // The first wallet's name is the canary of status and endpoints.
        let name = if people.is_empty() { CANARY } else { name };
        let wallet = cli.new_wallet(&a, BANK_KEY, name, identity).await?;
        let register = ["owner", "register", identity, "--owner-key", &wallet.key];
        let verified = ["--class", "person", "--person", STATE_NUMBER];
        let verified = if identity == VERIFIED { &verified[..] } else { &[] };
        send(&a, BANK_KEY, &[&register[..], verified].concat()).await?;
        send(&a, BANK_KEY, &["bank", "credit-owner", identity, "500"]).await?;
        let block = send(&a, &wallet.key, &["withdraw", "--bank", BANK, "--coins", "10x20"]).await?;
        // The next step begins at another node, which may learn a little later what is final.
        network.wait_for_finalized(block).await?;
        network.add_wallet(wallet.clone())?;
        people.push(wallet);
    }
    let exported = network.base().join(EXPORTED);
    fs::create_dir_all(&exported)?;
    for (payer, payee) in people.iter().zip(people.iter().skip(1).chain(&people)) {
        send(&b, &payer.key, &["pay", &payee.identity, "30.00"]).await?;
        let _: Value = cli.run(&b, Some(&payer.key), &["balance", &payee.identity]).await?;
        let _: Value = cli.run(&b, Some(&payer.key), &["history", &payee.identity]).await?;
        for format in ["csv", "json"] {
            let file = exported.join(format!("{}.{format}", payee.owner)).display().to_string();
            let export = ["records", "export", "--owner", &payee.identity, "--format", format, "-o", &file];
            let told: Value = cli.run(&b, Some(&payer.key), &export).await?;
            ensure!(told["written"].as_u64() > Some(0), "nothing was exported: {told}");
        }
        let _: Value = cli.run(&b, Some(&payer.key), &["owner", "show", &payee.identity]).await?;
    }
    let [payer, payee] = [&people[0], &people[1]];
    let made: Value = cli.run(&b, Some(&payer.key), &["order", "make", &payee.identity, "10.00"]).await?;
    let text = made["text"].as_str().context("no order")?;
    send(&b, &payee.key, &["order", "submit", text]).await?;
    let last = people.last().context("nobody")?;
    let left: Receipt = cli.run(&b, Some(&last.key), &["pay", STRANGER, "10.00", "--pickup"]).await?;
    send(&b, &last.key, &["deposit", "--bank", "2", "--all"]).await?;
    send(&a, BANK_KEY, &["owner", "suspend", &last.identity]).await?;
    send(&a, BANK_KEY, &["owner", "reinstate", &last.identity]).await?;
    let mut left = left.data;
    (left["order"], left["text"]) = (made["order"].clone(), made["text"].clone());
    Ok((people, left))
}

/// Commands that name an identity and fail: in the wallet, in the pool, in a block. Gives where and why.
async fn fail(network: &TestNetwork, people: &[Wallet]) -> Result<Vec<(String, String)>> {
    let cli = Cli::new(network);
    let node = network.node(NODES[0])?.url();
    let [one, two] = [&people[0], &people[1]];
    let another = ["key", "new", "another", "--identity", STRANGER];
    let _: Value = cli.run(&node, None, &another).await?;
    let mut errors = Vec::new();
    for (key, args) in [
        // Registered already; registered by somebody who is no bank.
        (BANK_KEY, &["owner", "register", &two.identity, "--owner-key", "another"][..]),
        (one.key.as_str(), &["owner", "register", STRANGER, "--owner-key", "another"]),
        // Nobody of that name.
        (BANK_KEY, &["bank", "credit-owner", STRANGER, "1"]),
        (one.key.as_str(), &["pay", STRANGER, "10.00"]),
        ("//BankB", &["owner", "suspend", STRANGER]),
        // No card is named by its holder.
        (BANK_KEY, &["card", "report-lost", &two.identity]),
        // Too much; not the bank's customer to close; still holds something.
        (one.key.as_str(), &["pay", &two.identity, "999999.00"]),
        ("//BankB", &["owner", "close", &two.identity]),
        (BANK_KEY, &["owner", "close", &two.identity]),
        // A signer whom the chain does not know.
        ("//Nobody", &["owner", "suspend", &two.identity]),
    ] {
        let failure = cli.refused(&node, key, args).await?;
        // A program that passes an identity on does not find it in what goes to its log.
        errors.push((format!("the error of '{}' by {key}", args[0]), format!("{failure:?}")));
    }
    Ok(errors)
}

/// Questions about people that have no answer, asked of nodes that were sent identities before. Gives where and why. One
/// of them holds the canary, which the node repeats to whoever sent it.
async fn ask_in_vain(network: &TestNetwork, people: &[Wallet]) -> Result<Vec<(String, String)>> {
    let nowhere = Hash::repeat_byte(7);
    let mut errors = Vec::new();
    for name in NODES {
        let rpc = network.rpc(name).await?;
        let mut questions = vec![
            ("specie_coin", json!([CANARY])),
            ("specie_owner", json!([])),
            ("author_submitExtrinsic", json!(["0x00"])),
            ("system_accountNextIndex", json!([7])),
            ("specie_order", json!([CANARY])),
            ("specie_orderProof", json!([CANARY])),
            ("specie_orderClock", json!([nowhere])),
            ("specie_queue", json!([1, nowhere])),
        ];
        for person in people {
            questions.push(("specie_owner", json!([person.owner, nowhere])));
            questions.push(("specie_limits", json!([person.owner, nowhere])));
            questions.push(("specie_pickups", json!([person.owner, null, null, nowhere])));
            questions.push(("specie_cards", json!([{ "holder": person.owner }, null, null, nowhere])));
            questions.push(("specie_queued", json!([person.owner, nowhere])));
            questions.push(("specie_records", json!([{ "owner": person.owner }, "no cursor"])));
            questions.push(("specie_holdings", json!([{ "owner": person.owner }, null, 0])));
        }
        for (method, params) in questions {
            match rpc.request::<Value>(method, params).await {
                Ok(answer) => bail!("{name}: {method} gave {answer} instead of an error"),
                Err(error) => errors.push((format!("the error of {method} at {name}"), format!("{error:#}"))),
            }
        }
    }
    Ok(errors)
}

/// A program that sends identities where an owner id, an account or a transaction belongs.
async fn mistake_identities_for_arguments(network: &TestNetwork) -> Result<()> {
    for name in NODES {
        let rpc = network.rpc(name).await?;
        for (_, identity) in PEOPLE {
            for (method, params) in [
                ("specie_owner", json!([identity])),
                ("specie_ownerOf", json!([identity])),
                ("specie_records", json!([{ "owner": identity }])),
                ("specie_records", json!([{ (identity): 1 }])),
                ("specie_records", json!([{ "kinds": [identity] }])),
                ("specie_subscribeRecords", json!([{ "owner": identity }])),
                ("specie_subscribeRecords", json!([{}, identity])),
                ("specie_limits", json!([identity])),
                ("specie_holds", json!([{ "owner": identity }])),
                ("specie_pickups", json!([identity])),
                ("specie_pendingPayments", json!([identity])),
                ("specie_smallAmounts", json!([identity])),
                ("specie_jointAccount", json!([identity])),
                ("specie_jointAccounts", json!([identity])),
                ("specie_records", json!([{ "owner": OwnerId([7; 24]) }, identity])),
                ("specie_holdings", json!([{ "owner": identity }])),
                ("specie_holdingsProof", json!([{ "owner": identity }])),
                ("specie_finalityProof", json!([identity])),
                ("specie_coin", json!([identity])),
                ("specie_card", json!([identity])),
                ("specie_cards", json!([{ "holder": identity }])),
                ("specie_ranges", json!([identity])),
                ("specie_pickup", json!([identity])),
                ("specie_batch", json!([identity])),
                ("specie_certificate", json!([identity])),
                ("specie_bankCertificates", json!([identity])),
                ("specie_revocations", json!([identity])),
                ("specie_queue", json!([identity])),
                ("specie_queued", json!([identity])),
                ("specie_order", json!([identity])),
                ("specie_orderProof", json!([identity])),
                ("specie_orderClock", json!([identity])),
                ("specie_tryOrder", json!([identity, "0x00"])),
                ("specie_tryOrder", json!(["0x00", identity])),
                ("specie_records", json!([{ "order_id": identity }])),
                ("specie_subscribeOrder", json!([identity])),
                ("specie_subscribeOrder", json!([OrderId([7; 32]), [identity]])),
                ("specie_subscribeOrder", json!([OrderId([7; 32]), null, identity])),
                ("author_submitExtrinsic", json!([format!("0x{}", hex::encode(identity))])),
                ("system_accountNextIndex", json!([identity])),
            ] {
                // The answer may repeat it: it goes to whoever sent it.
                ensure!(rpc.request::<Value>(method, params).await.is_err(), "{name}: {method} took an identity");
            }
        }
    }
    Ok(())
}

/// Puts the canary into the state and into a block; gives the number of the last block that matters.
async fn plant(network: &TestNetwork) -> Result<u32> {
    let cli = Cli::new(network);
    let node = network.node(NODES[0])?.url();
    let admit = ["issuer", "admit-bank", CANARY_BANK, CANARY, "//CanaryBank"];
    let admitted: Receipt = cli.run(&node, Some("//Admitting//1"), &admit).await?;
    let remark: Receipt = cli.run(&node, Some(BANK_KEY), &["remark", CANARY]).await?;
    Ok(admitted.block.max(remark.block))
}

/// Looks through the answers to every method that this network's nodes have of their own.
async fn ask_everything(search: &mut Search, name: &str, rpc: &Rpc, people: &[Wallet], left: &Value) -> Result<()> {
    let (order, text) = (&left["order"], left["text"].as_str().context("no order")?);
    let mut questions: Vec<(&str, Value)> = [
        "specie_network",
        "specie_supply",
        "specie_banks",
        "specie_institutions",
        "specie_indexStatus",
        "specie_records",
        "specie_finalityProof",
        "specie_recoveries",
        "specie_holds",
        "specie_rootKeys",
        "specie_revocations",
        "specie_orderClock",
        "specie_instruments",
    ]
    .map(|method| (method, json!([])))
    .into();
    let document = format!("0x{}", hex::encode(to_bytes(&read_text(text)?)));
    questions.push(("specie_pickup", json!([left["pickup"]])));
    questions.push(("specie_order", json!([order])));
    questions.push(("specie_orderProof", json!([order])));
    questions.push(("specie_records", json!([{ "order_id": order }])));
    questions.push(("specie_queue", json!([1])));
    questions.push(("specie_escrow", json!(["00".repeat(32)])));
    questions.push(("specie_batch", json!([0])));
    questions.push(("specie_certificate", json!([0])));
    questions.push(("specie_bankCertificates", json!([1])));
    questions.push(("specie_card", json!([0])));
    questions.push(("specie_instrument", json!([0])));
    questions.push(("specie_instrumentHolders", json!([0])));
    questions.push(("specie_cards", json!([{ "bank": 1 }])));
    let vaults = [json!("issue"), json!({ "bank": 1 }), json!({ "bank": 2 })];
    for vault in vaults {
        questions.push(("specie_ranges", json!([vault])));
        questions.push(("specie_holdings", json!([{ "vault": vault }])));
    }
    for person in people {
        let owner = person.owner;
        let info = rpc.owner(owner).await?.with_context(|| format!("{} is not registered", person.name))?;
        questions.push(("specie_owner", json!([owner])));
        questions.push(("specie_ownerOf", json!([info.key])));
        questions.push(("specie_records", json!([{ "owner": owner }])));
        questions.push(("specie_holdingsProof", json!([{ "owner": owner }])));
        questions.push(("specie_limits", json!([owner])));
        questions.push(("specie_queued", json!([owner])));
        questions.push(("specie_tryOrder", json!([document, info.key])));
        questions.push(("specie_cards", json!([{ "holder": owner }])));
        questions.push(("specie_pickups", json!([owner])));
        questions.push(("specie_escrows", json!([owner])));
        questions.push(("specie_pendingPayments", json!([owner])));
        questions.push(("specie_smallAmounts", json!([owner])));
        questions.push(("specie_jointAccount", json!([owner])));
        questions.push(("specie_jointAccounts", json!([owner])));
        questions.push(("specie_units", json!([owner])));
        questions.push(("specie_holdings", json!([{ "owner": owner }])));
        for coin in rpc.coins_of(owner).await? {
            questions.push(("specie_coin", json!([coin.coin])));
        }
    }
    // A method that is new must be asked as well.
    let all: Value = rpc.request("rpc_methods", json!([])).await?;
    let all = all["methods"].as_array().context("no list of methods")?.iter().filter_map(Value::as_str);
    for method in all.filter(|method| method.starts_with("specie_")) {
        let asked = questions.iter().any(|(question, _)| *question == method)
            || SUBSCRIPTION.contains(&method)
            || OF_ORDER.contains(&method);
        ensure!(asked, "this test does not ask {method} yet: add a question");
    }
    for (method, params) in questions {
        let answer: Value = rpc.request(method, params).await?;
        search.bytes(ANSWERS, &format!("{method} at {name}"), answer.to_string().as_bytes());
    }
    hear_of(search, name, rpc, order).await?;
    listen(search, name, rpc).await
}

/// Looks through what a subscriber is told of an order that was executed.
async fn hear_of(search: &mut Search, name: &str, rpc: &Rpc, order: &Value) -> Result<()> {
    let [begin, end] = OF_ORDER;
    let mut params = RpcParams::new();
    params.push(order)?;
    let mut news = rpc.client().subscribe::<Value>(begin, params, end).await?;
    let message = timeout(PROGRESS, news.next()).await.context("nothing was told")?.context("the node ended it")??;
    ensure!(message["order"] == *order && message["state"] == "executed", "{message}");
    search.bytes(ANSWERS, &format!("{begin} at {name}"), message.to_string().as_bytes());
    Ok(())
}

/// Looks through what a subscriber is told of everything that moved.
async fn listen(search: &mut Search, name: &str, rpc: &Rpc) -> Result<()> {
    let known: Value = rpc.request("specie_records", json!([{}, null, 10_000])).await?;
    let mut left = known["records"].as_array().map_or(0, Vec::len);
    let [begin, end] = SUBSCRIPTION;
    let mut news = rpc.client().subscribe::<Value>(begin, RpcParams::new(), end).await?;
    while left > 0 {
        let message =
            timeout(PROGRESS, news.next()).await.context("nothing was told")?.context("the node ended it")??;
        let told = message["records"].as_array().with_context(|| format!("no records: {message}"))?.len();
        left = left.saturating_sub(told);
        search.bytes(ANSWERS, &format!("{begin} at {name}"), message.to_string().as_bytes());
    }
    Ok(())
}

/// Looks through every block, what happened in it, and the last state.
async fn read_chain(search: &mut Search, rpc: &Rpc, last: u32) -> Result<()> {
    for number in 0..=last {
        let hash = rpc.hash_of(number).await?.with_context(|| format!("no block {number}"))?;
        let place = format!("block {number}");
        for extrinsic in rpc.extrinsics(hash).await? {
            search.bytes(BLOCKS, &place, &bytes(&extrinsic)?);
        }
        for log in rpc.header(hash).await?.digest()? {
            search.bytes(BLOCKS, &place, &log);
        }
        for (_, events) in rpc.pairs(&storage_prefix("System", "Events"), hash).await? {
            search.bytes(BLOCKS, &place, &events);
        }
    }
    let hash = rpc.hash_of(last).await?.context("the last block is gone")?;
    let pairs = rpc.pairs(&[], hash).await?;
    ensure!(pairs.len() > 100, "the state has {} entries only", pairs.len());
    for (key, value) in pairs {
        search.bytes(STATE, &format!("key 0x{}", hex::encode(&key)), &key);
        search.bytes(STATE, &format!("value of 0x{}", hex::encode(&key)), &value);
    }
    Ok(())
}

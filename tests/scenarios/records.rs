//! The record of what moved, after the story, change and a pickup: complete and without gaps, the same on every node, exported
//! in spite of cuts, filled in again after its loss; and holdings proven to somebody who believes no single node.

use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value};
use specie_primitives::{Balance, BlockNumber, Hash, Holder, OwnerId};
use specie_testnet::{
    chain::{number_in, Chain, Event},
    cli::{Cli, Receipt},
    folder::remove_index,
    network::Wallet,
    people::Person,
    rpc::{bytes, Rpc, PROGRESS},
    story::Story,
    Network, Options, TestNetwork,
};
use specie_wallet::{
    finality::{self, Header, Voters},
    proof::HoldingsCheck,
    HeldCoin,
};
use std::{collections::BTreeSet, fs, path::Path};
use subxt::events::Phase;

/// The node that loses its index.
const SUBJECT: &str = "bank-c";
/// Node that others are compared with.
const OTHER: &str = "issuer";
/// Final blocks within which a node must have filled in what its index lost.
const FILLED: u32 = 60;
/// Small pages, so that there are many.
const LIMIT: u32 = 7;

/// A movement in a few words: block, place of the extrinsic, kind, value.
type Step = (BlockNumber, Option<u32>, String, Balance);

#[tokio::test]
async fn everything_that_moved_is_on_record() -> Result<()> {
    // Given: a coin went from the press to the shredder, others waited for somebody or were changed; nodes keep every state.
    let options = Options { state_pruning: Some("archive".into()), ..TestNetwork::options() };
    let mut network = TestNetwork::start(&options).await?;
    Story::new(&mut network)?.play(&mut std::io::stdout()).await?;
    let dot = leave_and_change(&network).await?;
    let rpc = network.rpc(OTHER).await?;
    let height = rpc.finalized().await?.number;
    network.wait_for_finalized(height).await?;
    let query = json!({ "to_block": height, "order": "oldest" });

    // Then: the record is what the events say, one by one, and the same on every node.
    let all = records(&rpc, &query, height).await?;
    ensure!(steps(&all)? == steps_of_events(&rpc, height).await?, "the record is not what the events say: {all:#?}");
    for node in network.nodes() {
        let there = records(&network.rpc(&node.name).await?, &query, height).await?;
        ensure!(there == all, "{} has another record: {there:#?} instead of {all:#?}", node.name);
    }
    one_life(&rpc, height).await?;
    no_gaps(&rpc, height, &all).await?;
    by_whom_it_concerns(&network, &rpc, height, dot).await?;
    by_owner_and_bank(&network, &rpc, height, &all).await?;

    // And: an export that is cut goes on, and is the same from another node; a foreign file is left alone.
    export(&network, height, all.len()).await?;
    // And: what an owner holds is proven, with the header of another node, or by the voters.
    proofs(&network).await?;

    // When: a node loses its index. Then: it fills in what it has states for, which is everything here.
    network.stop(SUBJECT)?;
    let data = network.folder(SUBJECT).join("data");
    ensure!(remove_index(&data)? > 0, "no index was found below {}", data.display());
    network.start(SUBJECT)?;
    let subject = network.rpc(SUBJECT).await?;
    subject.wait_for_index(height, PROGRESS).await?;
    filled(&subject).await?;
    ensure!(records(&subject, &query, height).await? == all, "filled in, the record is another");
    network.passed();
    Ok(())
}

fn wallet<'n>(network: &'n Network, name: &str) -> Result<&'n Wallet> {
    network.wallets().iter().find(|wallet| wallet.name == name).with_context(|| format!("no {name}"))
}

/// Ann leaves coins for somebody whom nobody registers and who gets cash for them at bank C; then she pays Ben with change.
/// Gives for whom she left them.
async fn leave_and_change(network: &Network) -> Result<OwnerId> {
    let (cli, rpc) = (Cli::new(network), network.rpc(OTHER).await?);
    rpc.wait_for_index(rpc.finalized().await?.number, PROGRESS).await?;
    let (ann, ben, dot) =
        (wallet(network, "Ann")?, wallet(network, "Ben")?.owner.to_string(), Person::named("Dot")?.owner);
    let send = async |key: &str, args: &[&str]| cli.run::<Receipt>(rpc.url(), Some(key), args).await;
    send(&ann.key, &["deposit", "--bank", "1", "--all"]).await?;
    send(&ann.key, &["withdraw", "--bank", "1", "--coins", "100x2,5x3"]).await?;

    let left = send(&ann.key, &["pay", &dot.to_string(), "10", "--pickup"]).await?.data;
    let (code, pickup) = (left["code"].as_str().context("no code")?, left["pickup"].to_string());
    send("//BankC", &["bank", "pay-out-pickup", code, "--pickup", &pickup, "--cash", "4711"]).await?;

    // What she has adds up to no 30.
    let paid = send(&ann.key, &["pay", &ben, "30"]).await?;
    ensure!(paid.data["change"].is_object(), "there was no change: {}", paid.data);
    Ok(dot)
}

/// All pages of a query, from an index that has come to a block and knows everything before.
async fn records(rpc: &Rpc, query: &Value, height: BlockNumber) -> Result<Vec<Value>> {
    rpc.wait_for_index(height, PROGRESS).await?;
    let (mut all, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut page: Value = rpc.request("specie_records", json!([query, cursor, LIMIT])).await?;
        ensure!(page["unknown"] == json!([]), "{} does not know everything: {}", rpc.url(), page["unknown"]);
        let Value::Array(records) = page["records"].take() else { bail!("a page without records: {page}") };
        all.extend(records);
        cursor = page["cursor"].take();
        if cursor.is_null() {
            return Ok(all);
        }
    }
}

fn steps(records: &[Value]) -> Result<Vec<Step>> {
    let number = |value: &Value| value.as_u64().with_context(|| format!("{value} is no number"));
    let step = |record: &Value| {
        let kind = record["kind"].as_str().context("no kind")?.to_owned();
        let extrinsic = record["extrinsic"].as_u64().map(u32::try_from).transpose()?;
        anyhow::Ok((u32::try_from(number(&record["block"])?)?, extrinsic, kind, number(&record["value"])?.into()))
    };
    records.iter().map(step).collect()
}

/// What the events of every block say, read with the metadata and nothing else.
async fn steps_of_events(rpc: &Rpc, height: BlockNumber) -> Result<Vec<Step>> {
    let chain = Chain::new(rpc.clone()).await?;
    let mut steps = Vec::new();
    for number in 1..=height {
        let hash = rpc.hash_of(number).await?.context("a final block is gone")?;
        for (phase, event) in chain.events(hash).await? {
            let Some((kinds, value)) = movements(&event)? else { continue };
            let extrinsic = match phase {
                Phase::ApplyExtrinsic(place) => Some(place),
                _ => None,
            };
            steps.extend(kinds.iter().map(|kind| (number, extrinsic, (*kind).to_owned(), value)));
        }
    }
    Ok(steps)
}

/// Kinds and value of an event that moves something.
fn movements((pallet, name, fields): &Event) -> Result<Option<(&'static [&'static str], Balance)>> {
    let (kinds, field): (&[&str], &str) = match (pallet.as_str(), name.as_str()) {
        ("Issuance", "Minted") => (&["minted"], "value"),
        ("Issuance", "Retired") => (&["retired"], "value"),
        ("Vault", "Credited") => (&["credited"], "amount"),
        ("Vault", "Debited") => (&["debited"], "amount"),
        ("Vault", "Drawn") => (&["drawn"], "value"),
        ("Vault", "Returned") => (&["returned"], "value"),
        ("Custody", "Credited") => (&["owner_credited"], "amount"),
        ("Custody", "Debited") => (&["owner_debited"], "amount"),
        ("Custody", "Withdrawn") => (&["withdrawn"], "value"),
        ("Custody", "Deposited") => (&["deposited"], "value"),
        ("Ownership", "Transferred" | "TransferredWithChange") => (&["transferred"], "value"),
        ("Ownership", "Recoined") => (&["recoined", "recoined"], "value"),
        ("Vault", "Exchanged") => (&["exchanged", "exchanged"], "value"),
        ("Pickup", "Deposited") => (&["left"], "value"),
        ("Pickup", "Claimed") => (&["picked_up"], "value"),
        ("Pickup", "Refunded") => (&["refunded"], "value"),
        _ => return Ok(None),
    };
    Ok(Some((kinds, number_in(fields, field)?)))
}

/// The retired coin's record tells its whole life.
async fn one_life(rpc: &Rpc, height: BlockNumber) -> Result<()> {
    let retired = records(rpc, &json!({ "kinds": ["retired"] }), height).await?;
    let coin = retired[0]["coins"][0].as_str().context("no coin was retired")?;
    let life = records(rpc, &json!({ "coin": coin, "order": "oldest" }), height).await?;
    let kinds: Vec<_> = life.iter().filter_map(|record| record["kind"].as_str()).collect();
    let expected = ["minted", "drawn", "withdrawn", "transferred", "deposited", "returned", "retired"];
    ensure!(kinds == expected, "coin {coin}: {life:#?}");
    for record in &life {
        let single = record["coins"].as_array().is_some_and(|coins| coins.contains(&json!(coin)));
        ensure!(single != record["ranges"].as_array().is_some_and(|ranges| !ranges.is_empty()), "{record}");
        let time = record["time_ms"].as_u64().context("no time")?;
        let hash: Hash = serde_json::from_value(record["hash"].clone())?;
        ensure!(rpc.stored::<u64>("Timestamp", "Now", hash).await? == time, "{record} was at another time");
    }
    Ok(())
}

/// Every coin that has left a vault is made once, moves from where it is, and is in the end where the register says.
async fn no_gaps(rpc: &Rpc, height: BlockNumber, all: &[Value]) -> Result<()> {
    let at = rpc.hash_of(height).await?.context("a final block is gone")?;
    let moved = all.iter().filter_map(|record| record["coins"].as_array()).flatten();
    let coins: BTreeSet<&str> = moved.filter_map(Value::as_str).collect();
    for coin in coins {
        let query = json!({ "coin": coin, "to_block": height, "order": "oldest" });
        let life = records(rpc, &query, height).await?;
        let mut place = None;
        for record in &life {
            ensure!(place_of(&record["from"]) == place, "coin {coin} was at {place:?}: {record}");
            place = place_of(&record["to"]);
        }
        let info: Value = rpc.request("specie_coin", json!([coin, at])).await?;
        let holder = info.get("holder").cloned();
        ensure!(!life.is_empty() && holder == place, "coin {coin} is at {holder:?}, and its record ends at {place:?}");
    }
    Ok(())
}

/// Where coins are on a side of a movement; nowhere before they are made and after they are destroyed.
fn place_of(side: &Value) -> Option<Value> {
    // Coins that are paid in, or for which cash is handed out, lie in the bank's vault.
    let bank = side["custody"].get(0).or_else(|| side.get("counter"));
    bank.map(|bank| json!({ "vault": { "bank": bank } })).or_else(|| side.get("coins").cloned())
}

/// What waited is found by who left it, for whom it was, and the bank that paid it out.
async fn by_whom_it_concerns(network: &Network, rpc: &Rpc, height: BlockNumber, dot: OwnerId) -> Result<()> {
    let ann = wallet(network, "Ann")?.owner;
    for query in [
        json!({ "owner": dot, "order": "oldest" }),
        json!({ "owner": ann, "kinds": ["left", "picked_up"], "order": "oldest" }),
    ] {
        let found = records(rpc, &query, height).await?;
        let kinds: Vec<_> = found.iter().filter_map(|record| record["kind"].as_str()).collect();
        ensure!(kinds == ["left", "picked_up"], "{query} finds {found:#?}");
        ensure!(found[0]["others"] == json!([dot]) && found[1]["others"] == json!([ann, dot]), "{found:#?}");
        ensure!(found[0]["to"] == found[1]["from"] && found[0]["coins"] == found[1]["coins"], "{found:#?}");
    }
    let paid_out = records(rpc, &json!({ "bank": 3, "kinds": ["picked_up"] }), height).await?;
    ensure!(paid_out.len() == 1 && paid_out[0]["to"] == json!({ "counter": 3 }), "{paid_out:#?}");
    let changed = records(rpc, &json!({ "owner": ann, "bank": 1, "kinds": ["exchanged"] }), height).await?;
    ensure!(changed.len() == 2, "change is not found by owner and bank: {changed:#?}");
    Ok(())
}

/// What is asked for by owner, bank, kind and period is what a search through everything finds.
async fn by_owner_and_bank(network: &Network, rpc: &Rpc, height: BlockNumber, all: &[Value]) -> Result<()> {
    let ann = wallet(network, "Ann")?.owner.to_string();
    let text = |record: &Value| format!("{}{}{}", record["from"], record["to"], record["others"]);
    let search = |fits: &dyn Fn(&Value) -> bool| all.iter().filter(|record| fits(record)).cloned().collect::<Vec<_>>();
    let middle = all[all.len() / 2].clone();
    let bank = |record: &Value| {
        let text = text(record);
        [r#"{"bank":1}"#, r#""reserve":1"#, r#""counter":1"#, r#""custody":[1,"#].iter().any(|form| text.contains(form))
    };
    let order = "oldest";
    let cases: [(Value, Vec<Value>); 4] = [
        (json!({ "owner": ann, "order": order }), search(&|record| text(record).contains(&ann))),
        (json!({ "bank": 1, "order": order }), search(&bank)),
        (json!({ "kinds": ["drawn"], "order": order }), search(&|record| record["kind"] == "drawn")),
        (
            json!({ "from_ms": middle["time_ms"], "order": order }),
            search(&|record| record["time_ms"].as_u64() >= middle["time_ms"].as_u64()),
        ),
    ];
    for (query, expected) in cases {
        ensure!(!expected.is_empty(), "the story has nothing for {query}");
        let found = records(rpc, &query, height).await?;
        ensure!(found == expected, "{query} finds {found:#?} instead of {expected:#?}");
        let mut newest = query.clone();
        newest["order"] = "newest".into();
        let mut found = records(rpc, &newest, height).await?;
        found.reverse();
        ensure!(found == expected, "{newest} finds something else");
    }
    Ok(())
}

/// Exports, cuts and goes on.
async fn export(network: &Network, height: BlockNumber, count: usize) -> Result<()> {
    let cli = Cli::new(network);
    let folder = tempfile::tempdir()?;
    for format in ["csv", "json"] {
        let run = async |node: &str, file: &Path| {
            let (url, file, to) = (network.node(node)?.url(), file.display().to_string(), height.to_string());
            let args = ["records", "export", "--format", format, "--to", &to, "-o", &file];
            cli.run::<Value>(&url, None, &args).await
        };
        let whole = folder.path().join(format!("whole.{format}"));
        let told = run(OTHER, &whole).await?;
        ensure!(told["written"] == count, "{told}");
        let text = fs::read_to_string(&whole)?;
        let lines = text.lines().count() - usize::from(format == "csv");
        ensure!(lines == count, "{lines} lines for {count} records");

        let cut = folder.path().join(format!("cut.{format}"));
        for length in [text.len() / 3, text.len() / 2, text.len() - 1] {
            fs::write(&cut, &text[..length])?;
            run("bank-b", &cut).await?;
            ensure!(fs::read_to_string(&cut)? == text, "{format}: cut after {length} bytes, it ends otherwise");
        }
        let foreign = folder.path().join(format!("foreign.{format}"));
        fs::write(&foreign, "somebody's letter\n")?;
        ensure!(run(OTHER, &foreign).await.is_err(), "a foreign file was gone on with");
        ensure!(fs::read_to_string(&foreign)? == "somebody's letter\n", "a foreign file was changed");
    }
    Ok(())
}

/// Ann's coins, proven.
async fn proofs(network: &Network) -> Result<()> {
    let ann = wallet(network, "Ann")?;
    let (asked, other) = (network.rpc("bank-b").await?, network.rpc(OTHER).await?);
    let holder = Holder::Owner(ann.owner);

    // The answer of one node, the header of another.
    let answer: Value = asked.request("specie_holdingsProof", json!([holder])).await?;
    let coins: Vec<HeldCoin> = serde_json::from_value(answer["holdings"]["coins"].clone())?;
    ensure!(!coins.is_empty(), "Ann has no coins: {answer}");
    let nodes: Vec<String> = serde_json::from_value(answer["proof"]["nodes"].clone())?;
    let nodes: Vec<Vec<u8>> = nodes.iter().map(|node| bytes(node)).collect::<Result<_>>()?;
    let block: Hash = serde_json::from_value(answer["proof"]["block"]["hash"].clone())?;
    let number = u32::try_from(answer["proof"]["block"]["number"].as_u64().context("no number")?)?;
    other.wait_for_finalized(number, PROGRESS).await?;
    ensure!(other.hash_of(number).await? == Some(block), "the nodes disagree about block {number}");
    let header: Header = other.request("chain_getHeader", json!([block])).await?;
    ensure!(finality::hash(&header) == block, "the other node sent another header");
    let check = |coins: &[HeldCoin], nodes: &[Vec<u8>]| {
        let mut check = HoldingsCheck::new(header.state_root, holder);
        check.page(coins, nodes).and_then(|()| check.ensure_all())
    };
    check(&coins, &nodes)?;
    for (place, node) in nodes.iter().enumerate() {
        let mut altered = nodes.clone();
        altered[place][node.len() / 2] ^= 1;
        ensure!(check(&coins, &altered).is_err(), "a byte of node {place} was changed, and it was not noticed");
    }
    ensure!(check(&coins[1..], &nodes).is_err(), "a coin was kept back, and it was not noticed");
    let mut altered = coins.clone();
    altered[0].revision += 1;
    ensure!(check(&altered, &nodes).is_err(), "a revision was changed, and it was not noticed");

    // The voters' word, from the chain spec on.
    let mut voters = Voters::of_spec(&fs::read(network.spec())?)?;
    ensure!(Some(voters.block.1) == other.hash_of(0).await?, "the chain spec is of another network");
    other.wait_for_more_final(1, PROGRESS).await?;
    let proof: String = other.request("specie_finalityProof", json!([])).await?;
    let (last, finished) = voters.clone().follow(&bytes(&proof)?)?;
    let last = last.context("nothing is proven to be final")?;
    ensure!(finished && last.number >= number, "block {number} is not proven: {last:?}");
    let mut altered = bytes(&proof)?;
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    ensure!(voters.follow(&altered).is_err(), "a byte of the justification was changed, and it was not noticed");

    // The command line does all of it; it believes nobody who is the same node, or of another network.
    let cli = Cli::new(network);
    let (url, witness) = (network.node("bank-b")?.url(), network.node(OTHER)?.url());
    let (owner, spec) = (ann.owner.to_string(), network.spec().display().to_string());
    let shown: Value = cli.run(&url, None, &["balance", &owner, "--verify", "--witness", &witness]).await?;
    ensure!(shown["verified"]["witnesses"] == json!([witness]), "{shown}");
    ensure!(shown["verified"]["voters"].is_null(), "{shown}");
    let shown: Value = cli.run(&url, None, &["balance", &owner, "--verify", "--spec", &spec]).await?;
    ensure!(shown["verified"]["voters"]["voters"] == 4, "{shown}");
    ensure!(shown["coins"].as_array().map(Vec::len) == Some(coins.len()), "{shown}");
    for args in [vec!["balance", &owner, "--verify"], vec!["balance", &owner, "--verify", "--witness", &url]] {
        ensure!(cli.run::<Value>(&url, None, &args).await.is_err(), "{args:?} believes a single node");
    }
    Ok(())
}

/// Waits until the index knows every block.
async fn filled(rpc: &Rpc) -> Result<()> {
    for _ in 0..FILLED {
        let status: Value = rpc.request("specie_indexStatus", json!([])).await?;
        if status["unknown"] == json!([]) {
            return Ok(());
        }
        rpc.wait_for_more_final(1, PROGRESS).await?;
    }
    bail!("{}: blocks are still unknown after {FILLED} more", rpc.url())
}

//! A wallet outlives what it runs on: the node that it asked, in the middle of a payment, and the folder with its keys. And
//! a bank's counter does with a proof what it would have needed the customer's key for.

use anyhow::{ensure, Context, Result};
use serde_json::Value;
use specie_primitives::{Balance, OwnerId};
use specie_testnet::{
    chain::{key, Chain},
    cli::{Cli, Receipt},
    network::{Peers, Sync},
    payments::{ensure_agreement, ensure_balanced},
    people::{give_coins, register_all, Person, FACE_VALUE},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::task::JoinHandle;

const ANN: &str = "//Test//Ann";
const BANK_A: &str = "//BankA";
const BANK_B: &str = "//BankB";
/// Whose node outlives the others.
const WITNESS: &str = "issuer";
/// A validator that dies.
const VICTIM: &str = "bank-c";
/// Coins of 1.00 that the payer has.
const COINS: u32 = 30;
/// What is paid each time, in units and in minor units.
const PAID: (&str, Balance) = ("5", 500);
/// Blocks in which a payment is handed to the first node at the latest.
const BLOCKS_TO_SEND: u32 = 40;
/// Blocks that go by without a payment that only a lonely node has.
const BLOCKS_WITHOUT: u32 = 3;
/// The identity of the customer of bank A.
const IDENTITY: &str = "+49 171 5550177";
const PASSWORD: &str = "a password of her own";

async fn coins_of(rpc: &Rpc, owner: OwnerId) -> Result<Balance> {
    Ok(rpc.owner(owner).await?.map_or(0, |info| info.coins_value))
}

/// Pays through the first of these nodes, in a process of its own.
fn start_paying(cli: &Cli, nodes: [String; 2], to: OwnerId) -> JoinHandle<Result<Receipt>> {
    let (cli, to) = (cli.clone(), to.to_string());
    tokio::spawn(async move { cli.run(&nodes.join(","), Some(ANN), &["pay", &to, PAID.0]).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_made_once_although_its_node_dies() -> Result<()> {
    // Given: Ann with coins, Ben, and a node that knows nobody, so that what it is handed goes no further.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(WITNESS).await?).await?;
    let rpc = chain.rpc();
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let all = Balance::from(COINS) * Balance::from(FACE_VALUE);
    let lonely = network.add_full(Sync::Full)?;
    network.start(&lonely)?;
    let height = rpc.finalized().await?.number;
    network.rpc(&lonely).await?.wait_for_index(height, PROGRESS).await?;
    network.stop(&lonely)?;
    network.start_with(&lonely, &Peers::Only(Vec::new()), &[])?;
    let (first, second) = (network.rpc(&lonely).await?.url().to_owned(), network.node(WITNESS)?.url());
    let nonce = chain.next_nonce(&ann.key).await?;

    // When: she pays through it, and it dies after it took the payment.
    let cli = Cli::new(&network);
    let genesis = rpc.hash_of(0).await?.context("no first block")?;
    let remembered = format!("{}-{}.json", hex::encode(genesis.as_bytes()), ann.owner);
    let remembered = network.base().join("wallets").join("pending").join(remembered);
    let paying = start_paying(&cli, [first, second.clone()], ben.owner);
    let start = rpc.finalized().await?.number;
    while !remembered.exists() {
        ensure!(!paying.is_finished(), "the payment ended before it was handed in");
        let now = rpc.wait_for_more_final(1, PROGRESS).await?;
        ensure!(now < start + BLOCKS_TO_SEND, "nothing was sent in {BLOCKS_TO_SEND} blocks");
    }
    rpc.wait_for_more_final(BLOCKS_WITHOUT, PROGRESS).await?;
    ensure!(!paying.is_finished() && coins_of(rpc, ben.owner).await? == 0, "the lonely node passed the payment on");
    network.kill(&lonely)?;

    // Then: the payment is made through the other node, once.
    let receipt = paying.await??;
    ensure!(receipt.final_ms.is_some(), "{receipt:?}");
    ensure!(coins_of(rpc, ben.owner).await? == PAID.1, "Ben has {}", coins_of(rpc, ben.owner).await?);
    ensure!(coins_of(rpc, ann.owner).await? == all - PAID.1, "Ann has {}", coins_of(rpc, ann.owner).await?);
    ensure!(chain.next_nonce(&ann.key).await? == nonce + 1, "Ann sent more than one transaction");

    // When: a validator dies at whatever moment of the next payment. Then: that is made once, too.
    let third = network.node(VICTIM)?.url();
    let paying = start_paying(&cli, [third, second.clone()], ben.owner);
    rpc.wait_for_more_final(1, PROGRESS).await?;
    network.kill(VICTIM)?;
    paying.await??;
    ensure!(coins_of(rpc, ben.owner).await? == 2 * PAID.1, "Ben has {}", coins_of(rpc, ben.owner).await?);
    ensure!(chain.next_nonce(&ann.key).await? == nonce + 2, "Ann sent more than two transactions");

    // And: with a dead node before it, the one that lives is asked.
    let paying = start_paying(&cli, [network.node(VICTIM)?.url(), second], ben.owner);
    paying.await??;
    ensure!(coins_of(rpc, ann.owner).await? == all - 3 * PAID.1, "Ann has {}", coins_of(rpc, ann.owner).await?);
    ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}

/// A customer on a device of her own, and the banks.
struct Desk {
    /// The banks' program, which has none of her keys.
    bank: Cli,
    node: String,
    owner: String,
    folder: PathBuf,
}

impl Desk {
    /// Her program with this folder.
    fn wallet(&self, network: &TestNetwork, folder: &str) -> Cli {
        Cli::of(network, &self.folder.join(folder), PASSWORD)
    }

    /// A proof that she makes with one of her keys.
    async fn prove(&self, cli: &Cli, key: &str, purpose: &[&str], file: &str) -> Result<String> {
        let file = self.folder.join(file).display().to_string();
        let args = [&["owner", "prove", &self.owner, "--out", &file, "--yes", "--for"][..], purpose].concat();
        let _: Value = cli.run(&self.node, Some(key), &args).await?;
        Ok(file)
    }

    /// Checks that a bank is told why it cannot use a proof, before anything is sent.
    async fn refused(&self, key: &str, args: &[&str], part: &str) -> Result<()> {
        let failure = self.bank.refused(&self.node, key, args).await?;
        ensure!(failure.kind == "wallet" && failure.message.contains(part), "not because of '{part}': {failure:?}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_comes_back_from_its_phrase() -> Result<()> {
    // Given: a new key on the customer's device, and her owner id, which the bank tells her.
    let network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(WITNESS).await?).await?;
    let (rpc, node, bank) = (chain.rpc(), network.node(WITNESS)?.url(), Cli::new(&network));
    let owner = bank.owner_id(&node, BANK_A, IDENTITY).await?;
    let folder = network.base().join("customer");
    fs::create_dir(&folder)?;
    let desk = Desk { bank, node, owner: owner.to_string(), folder };
    let wallet = desk.wallet(&network, "wallet");
    let made: Value = wallet.run(&desk.node, None, &["key", "new", "ann"]).await?;
    let phrase = made["phrase"].as_str().context("no phrase")?.to_owned();

    // When: she proves that she has it. Then: no other bank can use that, and no other class; bank A registers her.
    let proof = desk.prove(&wallet, "ann", &["register", "--bank", "1"], "register.proof").await?;
    let register = ["owner", "register", IDENTITY, "--proof", &proof];
    desk.refused(BANK_B, &register, "the proof is for bank 1").await?;
    let verified = [&register[..], &["--class", "person", "--person", "DE-L01X00T47"]].concat();
    desk.refused(BANK_A, &verified, "the proof is for class phone").await?;
    let other = ["owner", "register", "+49 171 5550178", "--proof", &proof];
    desk.refused(BANK_A, &other, "the proof is for owner").await?;
    ensure!(rpc.owner(owner).await?.is_none(), "a refused proof registered somebody");
    let _: Receipt = desk.bank.run(&desk.node, Some(BANK_A), &register).await?;
    ensure!(rpc.owner(owner).await?.is_some(), "she is not registered");
    let late = desk.prove(&wallet, "ann", &["recover", "--bank", "1", "--valid", "1"], "late.proof").await?;
    rpc.wait_for_more_final(4, PROGRESS).await?;
    desk.refused(BANK_A, &["bank", "recover", &desk.owner, "--proof", &late], "could be used until block").await?;

    // When: she leaves coins for somebody, replaces her key by the next one, and leaves more.
    give_coins(&chain, &Person { owner, key: key(&phrase)? }, COINS).await?;
    let (payee, mut codes) = (Person::named("Nobody")?.owner.to_string(), Vec::new());
    for signer in ["ann", "ann-2"] {
        let left: Receipt = wallet.run(&desk.node, Some(signer), &["pay", &payee, PAID.0, "--pickup"]).await?;
        codes.push(left.data["code"].as_str().context("no code")?.to_owned());
        if signer == "ann" {
            let _: Value = wallet.run(&desk.node, None, &["key", "next", "ann", "ann-2"]).await?;
            let rotate = ["owner", "rotate", "--new-key", "ann-2"];
            let _: Receipt = wallet.run(&desk.node, Some("ann"), &rotate).await?;
        }
    }
    let before: Value = wallet.run(&desk.node, Some("ann-2"), &["balance"]).await?;

    // Then: the phrase alone brings the present key back, in another folder, and the codes with it.
    let file = desk.folder.join("phrase");
    let restore = ["key", "restore", "back", "--phrase-file", &file.display().to_string()].map(String::from);
    let restore: Vec<&str> = restore.iter().map(String::as_str).collect();
    fs::write(&file, format!("{}\n", phrase.to_uppercase()))?;
    let restored = desk.wallet(&network, "restored");
    let back: Value = restored.run(&desk.node, None, &restore).await?;
    ensure!(back["keys"][0]["number"] == 1 && back["keys"][0]["owner"] == desk.owner, "{back:#}");
    ensure!(
        back["keys"][0]["pickups_left"] == 2 && back["keys"].as_array().is_some_and(|keys| keys.len() == 1),
        "{back:#}"
    );
    let after: Value = restored.run(&desk.node, Some("back"), &["balance"]).await?;
    for field in ["owner", "coins_value", "denominations", "custody"] {
        ensure!(before[field] == after[field], "{field}: {} before and {} after", before[field], after[field]);
    }
    ensure!(after["coins_value"] == u64::from(COINS) * FACE_VALUE - 2 * PAID.1 as u64, "{after:#}");
    let listed: Value = restored.run(&desk.node, Some("back"), &["pickup", "codes"]).await?;
    let mut shown: Vec<_> = listed["pickups"].as_array().into_iter().flatten().map(|one| one["code"].clone()).collect();
    shown.sort_by_key(|code| codes.iter().position(|known| *code == *known.as_str()));
    ensure!(shown == codes, "{listed:#} does not show {codes:?}");
    let payment: Receipt = restored.run(&desk.node, Some("back"), &["pay", &payee, "1", "--pickup"]).await?;
    ensure!(payment.final_ms.is_some(), "{payment:?}");

    // And: what brings nothing back says why, and leaves nothing behind.
    let stranger = specie_wallet::keys::generate_phrase()?;
    let mut words: Vec<&str> = phrase.split(' ').collect();
    words[2] = "speciee";
    for (text, part) in [
        (words.join(" "), "word 3 is in no recovery phrase"),
        (words[..11].join(" "), "this has 11"),
        (stranger.to_string(), "no owner is known"),
    ] {
        fs::write(&file, text)?;
        let nowhere = desk.wallet(&network, "nowhere");
        let failure = nowhere.refused(&desk.node, "//Nobody", &restore).await?;
        ensure!(failure.message.contains(part) && !failure.message.contains("speciee"), "not '{part}': {failure:?}");
        ensure!(is_empty(&desk.folder.join("nowhere"))?, "a key was stored although: {part}");
    }
    ensure_balanced(&network).await?;
    network.passed();
    Ok(())
}

fn is_empty(folder: &Path) -> Result<bool> {
    Ok(!folder.exists() || fs::read_dir(folder)?.next().is_none())
}

//! Owner ids come from the identity service alone: by the command line, with the service up, down, over its limits and
//! replaced by one that lies; and to somebody who has the whole state of the chain they say nothing.

use anyhow::{bail, ensure, Context, Result};
use rand::rngs::OsRng;
use serde_json::Value;
use specie_identity_client::{
    evaluate,
    wire::{Answer, SignedRequest},
    ClientError, Signer,
};
use specie_prf::{Blinded, Hardened, Key, PublicKey, Request};
use specie_primitives::{identity, NormalisedIdentity, OwnerId, OwnerIdKey};
use specie_testnet::{
    chain::key,
    cli::{Cli, Failure, Receipt},
    identity::NAME as IDENTITY,
    rpc::Rpc,
    TestNetwork,
};
use std::fs;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinHandle,
};

/// The network of local tests.
const NETWORK: u32 = 1;
/// Whose node everybody uses.
const NODE: &str = "issuer";
/// Who registers people.
const BANK: &str = "//BankA";
/// Keys of two owners and of somebody who is none.
const ANN: &str = "//Test//Ann";
const BEN: &str = "//Test//Ben";
const STRANGER: &str = "//Test//Stranger";
/// Ann's telephone number, as different people write it.
const ANNS: [&str; 3] = ["+49 171 5550101", "0049 (171) 555-0101", "phone:+49-171-555.0101"];
/// Ben's.
const BENS: &str = "+49 171 5550102";
/// What is in both, and in nothing that a node or the service writes.
const DIGITS: &str = "17155501";
/// Telephone numbers that somebody tries, the two among them.
const GUESSED: u32 = 20;
/// What an owner may ask in a minute.
const LIMIT: u32 = 10;
/// How often an owner over the limit tries at most.
const TRIES: u32 = 10;

struct Desk {
    cli: Cli,
    rpc: Rpc,
}

impl Desk {
    async fn owner_id(&self, asker: &str, identity: &str) -> Result<OwnerId> {
        self.cli.owner_id(self.rpc.url(), asker, identity).await
    }

    async fn register(&self, identity: &str, owner_key: &str) -> Result<Receipt> {
        self.cli.run(self.rpc.url(), Some(BANK), &["owner", "register", identity, "--owner-key", owner_key]).await
    }

    /// Checks that the identity service's failure is told by this name, and that nothing came of it.
    async fn refused(&self, asker: &str, args: &[&str], name: &str) -> Result<Failure> {
        let before = self.rpc.owners().await?;
        let failure = self.cli.refused(self.rpc.url(), asker, args).await?;
        ensure!((failure.kind.as_str(), failure.reason().as_str()) == ("identity", name), "not {name}: {failure:?}");
        ensure!(before == self.rpc.owners().await?, "an owner was registered although the service failed");
        Ok(failure)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_ids_are_no_phone_book() -> Result<()> {
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let desk = Desk { cli: Cli::new(&network), rpc: network.rpc(NODE).await? };
    let service = network.identity().url().context("the identity service has no address")?;

    // Given: the service and the chain have one key, and every spelling of an identity gives one owner id.
    let known: OwnerIdKey = {
        let final_block = desk.rpc.finalized().await?.hash;
        desk.rpc.stored("Identity", "OwnerIdKey", final_block).await?
    };
    let (_, public) = specie_identity_client::describe(&service).await?;
    ensure!(known == OwnerIdKey(public.to_bytes()), "the chain has {known}, the service {public}");
    let ann = desk.owner_id(BANK, ANNS[0]).await?;
    for spelling in ANNS {
        ensure!(desk.owner_id(BANK, spelling).await? == ann, "another owner id for another spelling");
    }

    // When: the bank registers Ann. Then: the chain knows that owner, and nobody registers her number again.
    desk.register(ANNS[1], ANN).await?;
    ensure!(desk.rpc.owner(ann).await?.is_some(), "the owner id of Ann's number is unknown to the chain");
    let again = ["owner", "register", ANNS[2], "--owner-key", BEN];
    let failure = desk.cli.refused(desk.rpc.url(), BANK, &again).await?;
    ensure!(failure.reason() == "Identity.AlreadyRegistered", "{failure:?}");
    // An owner may ask, a stranger not.
    let ben = desk.owner_id(ANN, BENS).await?;
    desk.refused(STRANGER, &["owner-id", BENS], "asker").await?;

    without_the_service(&mut network, &desk, ann).await?;
    ensure!(network.identity().url() == Some(service.clone()), "the service came back at another address");
    ensure!(desk.owner_id(BANK, BENS).await? == ben, "the service came back with another key");

    against_a_liar(&desk, ben).await?;
    ensure!(desk.register(BENS, BEN).await?.data["owner"] == ben.to_string(), "the liar left something behind");

    over_the_limit(&desk, &service, &public).await?;
    another_key_is_not_served(&network).await?;
    guess(&desk.rpc, known, &[ann, ben]).await?;
    nothing_was_written_down(&network, ben)?;
    network.passed();
    Ok(())
}

/// While the service is away, what was asked before is known, and nothing else is made up.
async fn without_the_service(network: &mut TestNetwork, desk: &Desk, ann: OwnerId) -> Result<()> {
    network.stop(IDENTITY)?;
    ensure!(desk.owner_id(BANK, ANNS[2]).await? == ann, "the bank's key has forgotten Ann");
    let failure = desk.refused(BANK, &["owner-id", BENS], "unreachable").await?;
    ensure!(failure.message.contains("--identity-service"), "{failure:?}");
    desk.refused(BANK, &["owner", "register", BENS, "--owner-key", BEN], "unreachable").await?;
    // Each key has a memory of its own.
    desk.refused(ANN, &["owner-id", ANNS[0]], "unreachable").await?;
    network.start(IDENTITY)
}

/// A service with a key of its own: whoever believed it would register Ben under an owner id that nobody else finds.
async fn against_a_liar(desk: &Desk, ben: OwnerId) -> Result<()> {
    let (url, liar) = lie(Key::generate(&mut OsRng)).await?;
    let address = ["--identity-service", url.as_str()];
    // The bank has learned the true owner id of Ben's number, Ann's key that of no other.
    desk.refused(ANN, &[&address[..], &["owner-id", ANNS[0]]].concat(), "proof").await?;
    let carl = "+49 171 5550103";
    desk.refused(BANK, &[&address[..], &["owner", "register", carl, "--owner-key", BEN]].concat(), "proof").await?;
    let remembered: OwnerId = {
        let answer: Value =
            desk.cli.run(desk.rpc.url(), Some(BANK), &[&address[..], &["owner-id", BENS]].concat()).await?;
        answer["owner"].as_str().context("no owner")?.parse().map_err(anyhow::Error::msg)?
    };
    ensure!(remembered == ben, "the liar was asked for what is known");
    liar.abort();
    Ok(())
}

/// Answers every request with another key than the network's, in the best of forms.
async fn lie(key: Key) -> Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Err(error) = answer(stream, &key).await {
                eprintln!("the liar could not answer: {error:#}");
            }
        }
    });
    Ok((url, task))
}

async fn answer(mut stream: TcpStream, key: &Key) -> Result<()> {
    let mut bytes = Vec::new();
    let body = loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await?;
        ensure!(count > 0, "the request ends early");
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes);
        // Nothing follows the JSON object.
        if let Some((_, body)) = text.split_once("\r\n\r\n").filter(|(_, body)| body.ends_with('}')) {
            break body.to_owned();
        }
    };
    let asked = SignedRequest::from_json(body.as_bytes())?;
    let response = key.evaluate(&Request::decode(&asked.request)?, &mut OsRng)?;
    let answer = serde_json::to_string(&Answer { response: hex::encode(response) })?;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
    stream.write_all((head + &answer).as_bytes()).await?;
    Ok(())
}

/// An owner who asks too much is told when to go on; the bank is not held up by that.
async fn over_the_limit(desk: &Desk, service: &str, public: &PublicKey) -> Result<()> {
    let pair = key(ANN)?;
    let signer = Signer::new(pair.public_key().0, |message| pair.sign(message).0);
    let mut last = None;
    for number in 0..TRIES {
        use_up(service, public, &signer).await?;
        let identity = format!("+49 171 5559{number:03}");
        match desk.refused(ANN, &["owner-id", &identity], "limit").await {
            Ok(failure) => {
                ensure!(failure.message.contains("try again in"), "{failure:?}");
                desk.owner_id(BANK, &identity).await?;
                return Ok(());
            },
            // On a slow machine a question more may be allowed by now.
            Err(error) => last = Some(error),
        }
    }
    Err(last.context("nobody was refused")?)
}

/// Asks until the service refuses.
async fn use_up(service: &str, public: &PublicKey, signer: &Signer<'_>) -> Result<()> {
    for _ in 0..2 * LIMIT {
        let blinded = [Blinded::from_hardened(Hardened::from_bytes([7; 32]), NETWORK, &mut OsRng)?];
        match evaluate(service, public, signer, &blinded).await {
            Ok(_) => {},
            Err(ClientError::Refused { reason, .. }) if reason.code == "limit" => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    bail!("Ann may ask without end")
}

/// A service with another key does not even start beside a node of this network.
async fn another_key_is_not_served(network: &TestNetwork) -> Result<()> {
    let (file, state) = (network.base().join("other.key"), network.base().join("other.redb"));
    let (file, state) = (file.display().to_string(), state.display().to_string());
    let run = async |args: &[&str]| {
        let mut command = Command::new(network.program("specie-identity"));
        let output = command.args(args).args(["--key", &file, "--json"]).env("SPECIE_IDENTITY_PASSWORD", "password");
        anyhow::Ok(serde_json::from_slice::<Value>(&output.kill_on_drop(true).output().await?.stdout)?)
    };
    run(&["key", "new", "--network", "1"]).await?;
    let node = network.node(NODE)?.url().replace("ws://", "http://");
    let serve = ["serve", "--node", &node, "--state", &state, "--listen", "127.0.0.1:0"];
    let failure = run(&serve).await?;
    ensure!(failure["error"]["code"] == "network_key", "{failure}");
    Ok(())
}

/// Somebody has the whole state and a list of telephone numbers, and tries what can be tried without the service's key.
/// Nothing fits; with the key, as a check of the guesses themselves, the registered ones are found at once.
async fn guess(rpc: &Rpc, known: OwnerIdKey, registered: &[OwnerId]) -> Result<()> {
    let owners = rpc.owners().await?;
    let genesis = rpc.hash_of(0).await?.context("no first block")?;
    let right = Key::development()?;
    let mut wrong = vec![Key::generate(&mut OsRng), Key::derive(genesis.as_fixed_bytes(), b"")?];
    wrong.push(Key::derive(&known.0, b"")?);
    // Not every 32 bytes are a secret key.
    wrong.extend(Key::from_bytes(&known.0).ok());
    let mut found = Vec::new();
    for number in 0..GUESSED {
        let identity = NormalisedIdentity::guess(&format!("+49 171 55501{number:02}"))?;
        let hardened = Hardened::new(identity.as_bytes(), NETWORK)?;
        let id = |value: &[u8; 32]| identity::owner_id(NETWORK, value);
        let mut guesses = vec![id(hardened.as_bytes())];
        for key in &wrong {
            guesses.push(id(key.output(&hardened)?.as_bytes()));
        }
        ensure!(!guesses.iter().any(|guess| owners.contains(guess)), "an owner id was guessed without the key");
        found.extend(Some(id(right.output(&hardened)?.as_bytes())).filter(|owner| owners.contains(owner)));
    }
    ensure!(found == registered, "with the key {found:?} are found, {registered:?} are registered");
    Ok(())
}

/// Neither identities nor the owner ids of those who were asked about are in what nodes and the service write.
fn nothing_was_written_down(network: &TestNetwork, asked: OwnerId) -> Result<()> {
    let mut files = vec![network.log(IDENTITY)?, network.base().join("identity/state.redb")];
    files.extend(network.nodes().iter().map(|node| node.log.clone()));
    for file in files {
        let content = fs::read(&file).with_context(|| file.display().to_string())?;
        let has = |bytes: &[u8]| content.windows(bytes.len()).any(|window| window == bytes);
        ensure!(!has(DIGITS.as_bytes()), "{} has a telephone number", file.display());
        let of_service = file.starts_with(network.base().join("identity"));
        let named = has(&asked.0) || has(asked.to_string().as_bytes());
        ensure!(!(of_service && named), "{} has an owner id that was asked about", file.display());
    }
    Ok(())
}

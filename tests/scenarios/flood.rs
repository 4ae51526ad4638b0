//! One registered owner sends as much as it can; the payments of others must get through.

use anyhow::{ensure, Context, Result};
use futures::future::join_all;
use specie_primitives::{codes::Refusal, CoinId, CoinRef};
use specie_testnet::{
    chain::{Call, Chain},
    network::Peers,
    people::{give_coins_to_all, register_all, Person},
    rpc::PROGRESS,
    Options, TestNetwork,
};

/// Honest owners.
const PAYERS: [&str; 3] = ["Ann", "Bob", "Cleo"];
/// The node that everybody uses.
const NODE: &str = "bank-b";
/// Coins of a transaction of the flood: it takes a block's time like a payment of so many.
const COINS: u32 = 100;
/// Payments of each honest owner, one a block: as many blocks as a quota's window has.
const ROUNDS: usize = 10;
/// Blocks within which 99 of 100 honest payments must be in a block.
const BOUND: u32 = 3;
/// With quotas off, 99 of 100 must take at least so many.
const CLEARLY_LATE: u32 = 2 * BOUND;
/// A payment is not waited for any longer than so many blocks.
const GIVE_UP: u32 = 3 * BOUND;
/// Transactions that a node's pool offers to a block; it keeps four times as many. Less than usual, so that the flood
/// soon fills it, and more than a quota lets one owner have waiting in two windows: what is beyond it is put out, whoever
/// sent it.
const POOL: &str = "240";
/// Transactions that the flood sends without waiting for answers.
const AT_ONCE: usize = 32;
/// What stands for a payment that was refused, or that was given up.
const NEVER: u32 = u32::MAX;
/// Switches quotas off.
const OFF: u32 = 0;

/// An owner who sends as much as it can.
struct Flood {
    chain: Chain,
    sender: Person,
    /// A payment of coins that do not exist: it takes a block's time like any other, and fails.
    call: Call,
    accepted: u32,
    refused: u32,
}

impl Flood {
    fn new(chain: Chain, sender: Person, payee: &Person) -> Self {
        let missing = |index| CoinRef { coin: CoinId { batch: u32::MAX, index }, revision: 0 };
        let call = Call::transfer(payee.owner, &(0..COINS).map(missing).collect::<Vec<_>>());
        Self { chain, sender, call, accepted: 0, refused: 0 }
    }

    /// Sends until the node takes no more: the quota is used, or its pool is full. What was refused before is signed
    /// anew.
    async fn fill(&mut self) -> Result<()> {
        let quota = format!("Custom error: {}", Refusal::QuotaUsed as u8);
        let key = &self.sender.key;
        loop {
            let next = self.chain.next_nonce(key).await?;
            let calls = vec![self.call.clone(); AT_ONCE];
            let wave = self.chain.sign_all(key, &calls, next).await?;
            let answers = join_all(wave.iter().map(|bytes| self.chain.submit_only(bytes))).await;
            let errors: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
            let refused = errors.iter().filter(|error| format!("{error:#}").contains(&quota)).count();
            self.accepted += u32::try_from(answers.len() - errors.len())?;
            self.refused += u32::try_from(refused)?;
            // Some may be refused because two of a wave crossed.
            if errors.len() == answers.len() {
                return Ok(());
            }
        }
    }
}

/// A payment on its way.
struct Sent {
    /// `0x` and hexadecimal digits.
    text: String,
    /// The best block before it was sent.
    before: u32,
}

/// The 99th of 100 delays in blocks of honest payments during a flood, and what the flood achieved.
async fn delay_during_flood(quota: Option<u32>) -> Result<(u32, Flood)> {
    let options = Options { quota, ..TestNetwork::options() };
    let mut network = TestNetwork::create_altered(&options, |_| Ok(()))?;
    for name in network.names(|_| true) {
        network.start_with(&name, &Peers::default(), &["--pool-limit", POOL])?;
    }
    network.wait_for_finalized(1).await?;
    let chain = Chain::new(network.rpc(NODE).await?).await?;
    let rpc = chain.rpc();
    let payers = PAYERS.iter().map(|name| Person::named(name)).collect::<Result<Vec<_>>>()?;
    let (payee, flooder) = (Person::named("Ben")?, Person::named("Eve")?);
    let everybody: Vec<_> = payers.iter().chain([&payee, &flooder]).collect();
    register_all(&chain, &everybody).await?;
    give_coins_to_all(&chain, &everybody[..payers.len()], u32::try_from(ROUNDS)?).await?;
    let mut honest = Vec::new();
    for payer in &payers {
        let coins = rpc.coins_of(payer.owner).await?;
        let calls: Vec<_> = coins.iter().map(|coin| Call::transfer(payee.owner, &[*coin])).collect();
        let payments = chain.sign_all(&payer.key, &calls, chain.next_nonce(&payer.key).await?).await?;
        ensure!(payments.len() == ROUNDS, "{} payments instead of {ROUNDS}", payments.len());
        honest.push(payments.into_iter());
    }

    // After every block the flood takes all that it can get. Then the honest come.
    let mut flood = Flood::new(Chain::new(network.rpc(NODE).await?).await?, flooder, &payee);
    let start = rpc.best().await?.number;
    let (mut waiting, mut delays) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        flood.fill().await?;
        let before = rpc.best().await?.number;
        let round: Vec<_> = honest.iter_mut().filter_map(Iterator::next).collect();
        let answers = join_all(round.iter().map(|bytes| chain.submit_only(bytes))).await;
        for (bytes, answer) in round.into_iter().zip(answers) {
            match answer {
                Ok(_) => waiting.push(Sent { text: format!("0x{}", hex::encode(bytes)), before }),
                Err(_) => delays.push(NEVER),
            }
        }
        rpc.wait_for_best(before + 1, PROGRESS).await?;
    }
    // The blocks themselves tell when each payment came in: the flood may hold up a node's messages.
    for number in start.. {
        if waiting.is_empty() {
            break;
        }
        rpc.wait_for_finalized(number, PROGRESS).await?;
        let hash = rpc.hash_of(number).await?.with_context(|| format!("no block {number}"))?;
        let block = rpc.extrinsics(hash).await?;
        waiting.retain(|sent| {
            let delay = number.saturating_sub(sent.before);
            let came = block.contains(&sent.text);
            if came || delay >= GIVE_UP {
                delays.push(if came { delay } else { NEVER });
            }
            !came && delay < GIVE_UP
        });
    }
    delays.sort_unstable();
    println!("quota {quota:?}: delays in blocks {delays:?}; {} accepted, {} refused", flood.accepted, flood.refused);
    let place = (delays.len() * 99).div_ceil(100).saturating_sub(1);
    network.passed();
    Ok((*delays.get(place).context("nobody paid")?, flood))
}

#[tokio::test]
async fn honest_payments_get_through_while_a_flood_fills_its_quota() -> Result<()> {
    let (delay, flood) = delay_during_flood(None).await?;
    ensure!(flood.accepted > 0, "the flood never began");
    ensure!(flood.refused > 0, "the flood of {} transactions never filled its quota", flood.accepted);
    ensure!(delay <= BOUND, "99 of 100 payments took up to {delay} blocks");
    Ok(())
}

/// The control: it is the quota that keeps the others' payments going.
#[tokio::test]
async fn without_quotas_the_same_flood_delays_everybody() -> Result<()> {
    let (delay, flood) = delay_during_flood(Some(OFF)).await?;
    ensure!(flood.refused == 0, "a quota is in force: {} transactions were refused", flood.refused);
    ensure!(delay >= CLEARLY_LATE, "99 of 100 payments took {delay} blocks only: this test shows nothing");
    Ok(())
}

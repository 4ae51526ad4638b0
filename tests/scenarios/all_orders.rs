//! Orders of all actions in one batch, brought by two banks through two nodes in the same moment while a third one dies: each
//! is executed once, in their sequence, the bad ones among them harm nobody, and the record says what moved by which.

use anyhow::{anyhow, bail, ensure, Context, Result};
use codec::Encode;
use futures::future::try_join;
use serde_json::{json, Value as Json};
use sp_core::sr25519::Signature;
use specie_primitives::{
    change::{ChangePart, ChangePayment},
    escrow::EscrowInfo,
    instruments::UnitsInfo,
    joint::{JointInfo, Opening},
    orders::{Action, OrderParty, OrderSignature},
    payment_codes::{code_payload, CodeSide},
    AtExpiry, Balance, BankId, BlockNumber, ChangeFrom, CoinRef, Hash, InstrumentId, Leg, Order, OrderId, OwnerClass,
    PaymentCode, Scan, Selection, SignedOrder, SigningRule,
};
use specie_testnet::{
    chain::{key, Call, Chain, Done},
    cli::{Cli, Receipt},
    payments::{ensure_agreement, ensure_balanced, ensure_same_holdings},
    people::{give_coins, register_all, Person},
    rpc::{Rpc, PROGRESS},
    TestNetwork,
};
use std::collections::BTreeSet;
use subxt::{
    dynamic::{At, Value},
    ext::scale_value::ValueDef,
};

/// The nodes through which the banks bring them, and the one that dies.
const NODES: [&str; 2] = ["issuer", "bank-a"];
const VICTIM: &str = "bank-c";
const BANK: BankId = BankId(1);
const BILL: InstrumentId = InstrumentId(0);
/// Coins of 1.00 that Ann has, and how many of them she pays one by one.
const COINS: u32 = 120;
const SINGLE: usize = 85;
/// What Ann and the joint account have in custody, and the bank in reserve.
const ANNS: Balance = 5_000;
const ACCOUNTS: Balance = 1_000;
const RESERVE: Balance = 10_000;
/// Blocks in which orders can be executed, and in which codes are good.
const WINDOW: BlockNumber = 600;
const LIFE: BlockNumber = 300;
const REFERENCE: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// Who has a hand in it. The first three manage the joint account, of whom two sign.
struct People {
    ann: Person,
    ben: Person,
    cid: Person,
    pot: Person,
}

/// A document, and what must come of it when it is brought first.
struct Sent {
    order: OrderId,
    document: Vec<u8>,
    expected: &'static str,
    moves: bool,
}

/// Writes documents down, one after the other.
struct Writer<'p> {
    people: &'p People,
    genesis: Hash,
    now: BlockNumber,
    all: Vec<Sent>,
}

impl Writer<'_> {
    /// An order like no other, of these parties with the versions of their managers.
    fn order(&self, parties: &[(&Person, u32)], action: Action) -> Result<Order> {
        let mut random = [0; 16];
        random[..8].copy_from_slice(&(self.all.len() as u64).to_le_bytes());
        let valid = (self.now, self.now + WINDOW);
        let mut order = Order::new(self.genesis, random, valid, parties[0].0.owner, action);
        let parties: Vec<_> =
            parties.iter().map(|(person, version)| OrderParty { owner: person.owner, version: *version }).collect();
        order.parties = parties.try_into().map_err(|_| anyhow!("too many parties"))?;
        Ok(order)
    }

    /// Adds a document with signatures by these for a party and a seat. Gives the order's name.
    fn add(&mut self, order: &Order, signers: &[(u8, u8, &Person)], expected: &'static str) -> Result<OrderId> {
        let document = signed(order, order, signers)?;
        let still = matches!(order.action, Action::Cancel { .. } | Action::Dispute { .. } | Action::SetManagers { .. });
        let moves = expected == "Executed" && !still;
        self.all.push(Sent { order: order.id(), document, expected, moves });
        Ok(order.id())
    }

    /// An order of Ann's.
    fn by_ann(&mut self, action: Action) -> Result<OrderId> {
        let ann = &self.people.ann;
        let order = self.order(&[(ann, 0)], action)?;
        self.add(&order, &[(0, 0, ann)], "Executed")
    }

    /// An order of Ann and Ben.
    fn by_both(&mut self, action: Action) -> Result<OrderId> {
        let People { ann, ben, .. } = self.people;
        let order = self.order(&[(ann, 0), (ben, 0)], action)?;
        self.add(&order, &[(0, 0, ann), (1, 0, ben)], "Executed")
    }
}

/// A document that says one thing, with signatures over another, or over the same.
fn signed(said: &Order, meant: &Order, signers: &[(u8, u8, &Person)]) -> Result<Vec<u8>> {
    let payload = meant.encode();
    let one = |(party, seat, person): &(u8, u8, &Person)| OrderSignature {
        party: *party,
        seat: *seat,
        signature: Signature::from_raw(person.key.sign(&payload).0),
    };
    let signatures: Vec<_> = signers.iter().map(one).collect();
    let signatures = signatures.try_into().map_err(|_| anyhow!("too many signatures"))?;
    Ok(SignedOrder { order: said.clone(), signatures }.encode())
}

/// A list within its bound.
fn few<T, B: TryFrom<Vec<T>>>(list: Vec<T>) -> Result<B> {
    B::try_from(list).map_err(|_| anyhow!("too many of them"))
}

/// A list as an argument of a call, within the layer that its bound is.
fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::unnamed_composite([Value::unnamed_composite(items)])
}

/// The coin as it is after it moved once more.
fn moved(coin: CoinRef) -> CoinRef {
    CoinRef { revision: coin.revision + 1, ..coin }
}

/// One order of each action, and bad ones between them. Later ones build on those before them.
fn write_all(writer: &mut Writer, coins: &[CoinRef]) -> Result<OrderId> {
    let People { ann, ben, cid, pot } = writer.people;
    let (single, rest) = coins.split_at(SINGLE);
    let pay = |coin: &CoinRef| -> Result<Action> { Ok(Action::Coins { to: ben.owner, coins: few(vec![*coin])? }) };
    for coin in single {
        writer.by_ann(pay(coin)?)?;
    }

    // Coins into custody and out of it; and what lies in the vault then, as change.
    writer.by_ann(Action::Deposit { bank: BANK, coins: few(rest[..4].to_vec())? })?;
    let in_vault: Vec<_> = rest[..4].iter().copied().map(moved).collect();
    let selection = Selection { fresh: Default::default(), coins: few(vec![in_vault[2]])? };
    writer.by_ann(Action::Withdraw { bank: BANK, selection })?;
    let part =
        |coin: CoinRef| -> Result<ChangePart> { Ok(ChangePart { fresh: Default::default(), coins: few(vec![coin])? }) };
    writer.by_ann(Action::CoinsWithChange(ChangePayment {
        to: ben.owner,
        coins: few(vec![rest[4]])?,
        at: ChangeFrom::Vault(BANK),
        give: few(rest[5..7].to_vec())?,
        pay: part(in_vault[0])?,
        change: part(in_vault[1])?,
    }))?;

    // Custody; an order that is taken back, and is nothing then.
    let to_ben = |amount| Action::Custody { from_bank: BANK, to_bank: BANK, to: ben.owner, amount, expires: None };
    writer.by_ann(to_ben(500))?;
    let taken = writer.order(&[(ann, 0)], pay(&rest[7])?)?;
    writer.by_ann(Action::Cancel { order: taken.id(), valid_until: taken.valid_until })?;
    writer.add(&taken, &[(0, 0, ann)], "Cancelled")?;

    // An escrow, of which a part goes either way, more than there is does not, and the rest is disputed.
    let escrow = writer.by_both(Action::Hold {
        from_bank: BANK,
        to_bank: BANK,
        amount: 1_000,
        expires: writer.now + WINDOW,
        at_expiry: AtExpiry::Return,
        reference: None,
    })?;
    writer.by_both(Action::Return { escrow, amount: 300 })?;
    writer.by_ann(Action::Release { escrow, amount: 200 })?;
    let much = writer.order(&[(ann, 0)], Action::Release { escrow, amount: 501 })?;
    writer.add(&much, &[(0, 0, ann)], "Failed")?;
    let dispute = writer.order(&[(ben, 0)], Action::Dispute { escrow })?;
    writer.add(&dispute, &[(0, 0, ben)], "Executed")?;

    // A code that Ben shows; one of Ann's without an amount, for which Ben says one, and she confirms.
    let (genesis, until) = (writer.genesis, Some(writer.now + LIFE));
    let code = |side, owner: &Person, amount| {
        PaymentCode { side, reusable: false, owner: owner.owner, bank: BANK, amount, until, random: [7; 8] }.to_bytes()
    };
    let scan = |code: Vec<u8>, by: &Person, scanner: &Person, amount| -> Result<Action> {
        let signature = Some(Signature::from_raw(by.key.sign(&code_payload(genesis, &code)).0));
        Ok(Action::Code(Scan { code: few(code)?, signature, scanner: scanner.owner, bank: BANK, amount }))
    };
    writer.by_ann(scan(code(CodeSide::Payee, ben, Some(150)), ben, ann, None)?)?;
    let asked = writer.order(&[(ben, 0)], scan(code(CodeSide::Payer, ann, None), ann, ben, Some(90))?)?;
    let payment = writer.add(&asked, &[(0, 0, ben)], "Executed")?;
    writer.all.last_mut().context("it was added")?.moves = false;
    writer.by_ann(Action::Answer { payment, confirms: true })?;

    // Units, and units for custody.
    writer.by_ann(Action::Asset { instrument: BILL, to: ben.owner, amount: 10 })?;
    writer.by_both(Action::Exchange {
        give: Leg::Units { instrument: BILL, amount: 20 },
        take: Leg::Custody { from_bank: BANK, to_bank: BANK, amount: 100 },
    })?;

    // The joint account pays, has one manager more sign from then on; what was signed before is nothing, and two are too few.
    let to_cid = |amount| Action::Custody { from_bank: BANK, to_bank: BANK, to: cid.owner, amount, expires: None };
    let by_two = [(0, 0, ann), (0, 2, cid)];
    let paid = writer.order(&[(pot, 1)], to_cid(400))?;
    writer.add(&paid, &by_two, "Executed")?;
    let late = writer.order(&[(pot, 1)], to_cid(2))?;
    let managers = few([ann, ben, cid].map(|manager| manager.owner).to_vec())?;
    let rule = SigningRule { managers, threshold: 3 };
    let all_three = writer.order(&[(pot, 1)], Action::SetManagers { rule })?;
    writer.add(&all_three, &by_two, "Executed")?;
    writer.add(&late, &by_two, "OtherManagers")?;
    let short = writer.order(&[(pot, 2)], to_cid(3))?;
    writer.add(&short, &by_two, "BadSignature")?;

    // A copy that is signed anew, one that somebody else signed, one that was altered, and no order at all.
    writer.add(&paid, &by_two, "AlreadyExecuted")?;
    let stolen = writer.order(&[(ann, 0)], pay(&rest[8])?)?;
    writer.add(&stolen, &[(0, 0, ben)], "BadSignature")?;
    let dear = Order { action: to_ben(501), ..stolen.clone() };
    let document = signed(&dear, &stolen, &[(0, 0, ann)])?;
    writer.all.push(Sent { order: dear.id(), document, expected: "BadSignature", moves: false });
    let document = b"no order".to_vec();
    writer.all.push(Sent { order: OrderId::of(&document), document, expected: "Unreadable", moves: false });
    Ok(escrow)
}

/// The verdicts that the network told.
fn verdicts(done: &Done) -> Result<Vec<String>> {
    let fields = done.event("Orders", "Submitted").context("no verdicts")?;
    let mut list = fields.at("outcomes").context("no outcomes")?;
    // Types of their own wrap it.
    while let Some(inner) = list.at(0).filter(|inner| inner.at("verdict").is_none()) {
        list = inner;
    }
    let mut found = Vec::new();
    while let Some(outcome) = list.at(found.len()) {
        match outcome.at("verdict").map(|verdict| &verdict.value) {
            Some(ValueDef::Variant(verdict)) => found.push(verdict.name.clone()),
            other => bail!("{other:?} is no verdict"),
        }
    }
    Ok(found)
}

/// A bank opens the joint account of the first three, of whom two sign.
async fn open_account(chain: &Chain, people: &People, genesis: Hash) -> Result<()> {
    let People { ann, ben, cid, pot } = people;
    let (managers, expiry) = ([ann, ben, cid], chain.rpc().best().await?.number + WINDOW);
    let rule = SigningRule { managers: few(managers.map(|manager| manager.owner).to_vec())?, threshold: 2 };
    let opening = Opening::new(genesis, pot.owner, BANK, OwnerClass::Phone, rule, expiry).encode();
    let ids = managers.map(|manager| Value::from_bytes(manager.owner.0));
    let signatures = managers.map(|manager| Value::from_bytes(manager.key.sign(&opening).0));
    let rule = [("managers", list(ids)), ("threshold", Value::u128(2))];
    let fields = vec![
        Value::from_bytes(pot.owner.0),
        Value::unnamed_variant(format!("{:?}", OwnerClass::Phone), []),
        Value::unnamed_variant("None", []),
        Value::named_composite(rule),
        Value::u128(expiry.into()),
        list(signatures),
    ];
    let credit = Call::credit_owner(pot.owner, ACCOUNTS);
    chain.finalize_all(&key("//BankA")?, &[Call::new("Joint", "open", fields), credit]).await?;
    Ok(())
}

/// What an owner has in coins and in custody.
async fn has(rpc: &Rpc, person: &Person) -> Result<(Balance, Balance)> {
    let info = rpc.owner(person.owner).await?.context("no such owner")?;
    Ok((info.coins_value, info.custody.iter().map(|(_, amount)| amount).sum()))
}

/// Checks that the record of a block says of everything which order moved it, and gives it.
async fn ensure_ascribed(rpc: &Rpc, block: BlockNumber, all: &[Sent]) -> Result<Json> {
    rpc.wait_for_index(block, PROGRESS).await?;
    let query = json!([{ "from_block": block, "to_block": block }, null, 1_000]);
    let page: Json = rpc.request("specie_records", query).await?;
    let records = page["records"].as_array().context("no records")?;
    let by: Option<BTreeSet<&str>> = records.iter().map(|record| record["order"].as_str()).collect();
    let by = by.with_context(|| format!("something moved by no order: {records:#?}"))?;
    let names: Vec<_> = all.iter().filter(|sent| sent.moves).map(|sent| sent.order.to_string()).collect();
    let wanted: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    ensure!(by == wanted, "other orders moved something: {records:#?}");
    Ok(page)
}

#[tokio::test]
async fn orders_of_all_actions_are_executed_once_whoever_brings_them() -> Result<()> {
    // Given: people with coins, custody and units, and a joint account.
    let mut network = TestNetwork::start(&TestNetwork::options()).await?;
    let chain = Chain::new(network.rpc(NODES[0]).await?).await?;
    let other = Chain::new(network.rpc(NODES[1]).await?).await?;
    let (ann, ben, cid) = (Person::named("Ann")?, Person::named("Ben")?, Person::named("Cid")?);
    let people = People { ann, ben, cid, pot: Person::named("Pot")? };
    let People { ann, ben, cid, pot } = &people;
    register_all(&chain, &[ann, ben, cid]).await?;
    give_coins(&chain, ann, COINS).await?;
    let genesis = chain.rpc().hash_of(0).await?.context("no first block")?;
    chain.finalize(&key("//Issuing//1")?, &Call::credit_reserve(BANK, RESERVE)).await?;
    chain.finalize(&key("//BankA")?, &Call::credit_owner(ann.owner, ANNS)).await?;
    open_account(&chain, &people, genesis).await?;
    let (cli, id) = (Cli::new(&network), ann.owner.to_string());
    let terms = ["instrument", "define", "bill", "Bill of bank A", "BA1", "--most", "1000", "--reference", REFERENCE];
    for args in [&terms[..], &["instrument", "issue", "0", &id, "600"]] {
        let _: Receipt = cli.run(chain.rpc().url(), Some("//BankA"), args).await?;
    }
    let coins = chain.rpc().coins_of(ann.owner).await?;
    ensure!(coins.len() == COINS as usize, "Ann has {} coins", coins.len());
    let now = chain.rpc().request("specie_orderClock", json!([])).await?;
    let mut writer = Writer { people: &people, genesis, now, all: Vec::new() };
    let escrow = write_all(&mut writer, &coins)?;
    let all = writer.all;
    let actions: BTreeSet<u8> = all
        .iter()
        .filter(|sent| sent.expected == "Executed")
        .filter_map(|sent| SignedOrder::read(&sent.document))
        .map(|document| document.order.action.encode()[0])
        .collect();
    ensure!(actions == (0..15).collect::<BTreeSet<_>>(), "there are orders of the actions {actions:?} only");

    // When: two banks bring them in the same moment, and a validator dies.
    let documents = all.iter().map(|sent| Value::unnamed_composite([Value::from_bytes(&sent.document)]));
    let submit = Call::new("Orders", "submit", vec![list(documents)]);
    let (bank_a, bank_b) = (key("//BankA")?, key("//BankB")?);
    let pending = try_join(chain.sign_and_submit(&bank_a, &submit), other.sign_and_submit(&bank_b, &submit)).await?;
    network.kill(VICTIM)?;
    let done = try_join(chain.finalized(pending.0), other.finalized(pending.1)).await?;

    // Then: all came out as they must for whoever was first, and nothing was executed for the other one.
    let (of_a, of_b) = (verdicts(&done.0)?, verdicts(&done.1)?);
    let first: Vec<_> = all.iter().map(|sent| sent.expected).collect();
    let second: Vec<_> =
        first.iter().map(|verdict| if *verdict == "Executed" { "AlreadyExecuted" } else { *verdict }).collect();
    let a_was_first = of_a == first && of_b == second;
    ensure!(a_was_first || (of_b == first && of_a == second), "wanted {first:?}; {of_a:?} and {of_b:?}");
    let block = if a_was_first { &done.0.block } else { &done.1.block };

    // And: everybody has what the orders say, once.
    let has = async |person: &Person| has(chain.rpc(), person).await;
    ensure!(has(ann).await? == (3_000, 3_960), "Ann has {:?}", has(ann).await?);
    ensure!(has(ben).await? == (8_700, 840), "Ben has {:?}", has(ben).await?);
    ensure!(has(cid).await? == (0, 400) && has(pot).await? == (0, 600), "the joint account has {:?}", has(pot).await?);
    let open: Option<EscrowInfo> = chain.rpc().request("specie_escrow", json!([escrow])).await?;
    ensure!(open.as_ref().is_some_and(|open| open.rest == 500), "{open:?}");
    let account: Option<JointInfo> = chain.rpc().request("specie_jointAccount", json!([pot.owner])).await?;
    ensure!(account.as_ref().is_some_and(|set| (set.version, set.threshold) == (2, 3)), "{account:?}");
    let units: Vec<UnitsInfo> = chain.rpc().request("specie_units", json!([ben.owner])).await?;
    ensure!(units.iter().map(|units| units.amount).sum::<Balance>() == 30, "{units:?}");

    // When: the validator comes back. Then: all nodes have one state, in which the books balance, and one record, which says
    // by which order each thing moved.
    network.start(VICTIM)?;
    let back = network.rpc(VICTIM).await?;
    back.wait_for_finalized(chain.rpc().finalized().await?.number, PROGRESS).await?;
    let record = ensure_ascribed(chain.rpc(), block.number, &all).await?;
    for rpc in [other.rpc(), &back] {
        let there = ensure_ascribed(rpc, block.number, &all).await?;
        ensure!(there["records"] == record["records"], "{} has another record: {there:#}", rpc.url());
    }
    let height = ensure_agreement(&network).await?;
    ensure_balanced(&network).await?;
    for person in [ann, ben] {
        ensure_same_holdings(&network, person.owner, height.number).await?;
    }

    // And: it remembers them, too.
    let executed = all.iter().find(|sent| sent.expected == "Executed").context("none is executed")?;
    let told: Json = back.request("specie_order", json!([executed.order])).await?;
    ensure!(told["executed"]["block"] == json!(block.number), "{told}");
    network.passed();
    Ok(())
}

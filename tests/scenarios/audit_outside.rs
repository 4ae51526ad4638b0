//! The books, worked out a second time by a program outside the runtime: every flow from the events of every block, every
//! stock from storage, by RPC; and compared with the supply report, figure by figure.

use anyhow::{ensure, Context, Result};
use codec::{Decode, Encode};
use serde_json::json;
use sp_core::sr25519::Signature;
use specie_primitives::{
    books::{BankBooks, CustodyFlows, EscrowFlows, IssuanceFlows, PickupFlows, VaultFlows},
    custody::queue_account,
    escrow::escrow_account,
    instruments::{InstrumentBooks, InstrumentFlows, InstrumentsPage},
    orders::{Action, OrderParty, OrderSignature},
    AccountId, AssetId, AtExpiry, Balance, BankId, CoinId, CoinRange, CoinRef, Counts, Denomination, Hash, Holder,
    InstrumentId, Order, PickupClaim, PickupId, PickupReceiver, SignedOrder, VaultId,
};
use specie_testnet::{
    chain::{account, key, number_in, Call, Chain, Event},
    payments::Payments,
    people::{give_coins, register_all, Person, FACE_VALUE},
    rpc::{storage_prefix, Rpc, PROGRESS},
    Options, TestNetwork,
};
use std::collections::BTreeMap;
use subxt::dynamic::{At, Value};

/// Coins that circulate.
const COINS: u32 = 30;

/// Flows and stocks as found from outside.
#[derive(Debug, Default)]
struct Ledger {
    minted: BTreeMap<Denomination, u64>,
    retired_value: Balance,
    vaults: BTreeMap<BankId, VaultFlows>,
    custodians: BTreeMap<BankId, CustodyFlows>,
    escrows: BTreeMap<BankId, EscrowFlows>,
    pickups: PickupFlows,
    instruments: BTreeMap<InstrumentId, InstrumentFlows>,
    /// Value that owners gave each other: moves nothing in the books.
    paid: Balance,
}

impl Ledger {
    fn note(&mut self, (pallet, name, fields): &Event) -> Result<()> {
        let number = |field: &str| number_in(fields, field);
        let bank = || anyhow::Ok(BankId(u32::try_from(number("bank")?)?));
        match (pallet.as_str(), name.as_str()) {
            ("Issuance", "Minted") => {
                let denomination = Denomination(u64::try_from(number("denomination")?)?);
                *self.minted.entry(denomination).or_default() += u64::try_from(number("count")?)?;
            },
            ("Issuance", "Retired") => self.retired_value += number("value")?,
            ("Vault", "Credited") => self.vaults.entry(bank()?).or_default().credited += number("amount")?,
            ("Vault", "Debited") => self.vaults.entry(bank()?).or_default().debited += number("amount")?,
            ("Vault", "Drawn") => self.vaults.entry(bank()?).or_default().drawn += number("value")?,
            ("Vault", "Returned") => self.vaults.entry(bank()?).or_default().returned += number("value")?,
            ("Custody", "Credited") => self.custodians.entry(bank()?).or_default().owner_credits += number("amount")?,
            ("Custody", "Debited") => self.custodians.entry(bank()?).or_default().owner_debits += number("amount")?,
            ("Custody", "Withdrawn") => {
                self.custodians.entry(bank()?).or_default().paid_out += number("value")?;
                self.vaults.entry(bank()?).or_default().paid_out += number("value")?;
            },
            ("Custody", "Deposited") => {
                self.custodians.entry(bank()?).or_default().paid_in += number("value")?;
                self.vaults.entry(bank()?).or_default().paid_in += number("value")?;
            },
            ("Custody", "Transferred") => self.note_sent(fields)?,
            ("Custody", "TransferQueued") => self.custody_of_payer(fields)?.set_aside += number("amount")?,
            ("Custody", "TransferReturned") => self.custody_of_payer(fields)?.given_back += number("amount")?,
            ("Custody", "TransferSettled") => {
                self.custody_of_payer(fields)?.settled += number("amount")?;
                self.note_sent(fields)?;
            },
            ("Escrow", "Held") => self.escrows_of_payer(fields)?.held += number("amount")?,
            ("Escrow", "Returned") => self.escrows_of_payer(fields)?.returned += number("amount")?,
            ("Escrow", "Paid") => {
                self.escrows_of_payer(fields)?.paid += number("amount")?;
                self.note_sent(fields)?;
            },
            ("Ownership", "Transferred") => self.paid += number("value")?,
            ("Vault", "Exchanged") => {
                let flows = self.vaults.entry(bank()?).or_default();
                flows.exchanged_in += number("value")?;
                flows.exchanged_out += number("value")?;
            },
            ("Instruments", "Issued") => self.instrument(fields)?.issued += number("amount")?,
            ("Instruments", "Redeemed") => self.instrument(fields)?.redeemed += number("amount")?,
            ("Pickup", "Deposited") => self.pickups.deposited += number("value")?,
            ("Pickup", "Refunded") => self.pickups.refunded += number("value")?,
            ("Pickup", "Claimed") => {
                self.pickups.claimed += number("value")?;
                let at = |field| fields.at("receiver").map(|receiver| number_in(receiver, field));
                if let (Some(Ok(bank)), Some(Ok(_))) = (at("bank"), at("receipt")) {
                    self.vaults.entry(BankId(u32::try_from(bank)?)).or_default().cashed += number("value")?;
                }
            },
            _ => {},
        }
        Ok(())
    }

    fn instrument(&mut self, fields: &Value) -> Result<&mut InstrumentFlows> {
        let instrument = InstrumentId(u32::try_from(number_in(fields, "instrument")?)?);
        Ok(self.instruments.entry(instrument).or_default())
    }

    fn custody_of_payer(&mut self, fields: &Value) -> Result<&mut CustodyFlows> {
        Ok(self.custodians.entry(bank_in(fields, "from_bank")?).or_default())
    }

    fn escrows_of_payer(&mut self, fields: &Value) -> Result<&mut EscrowFlows> {
        Ok(self.escrows.entry(bank_in(fields, "from_bank")?).or_default())
    }

    /// Custody that went from account to account. Inside a bank the books do not change.
    fn note_sent(&mut self, fields: &Value) -> Result<()> {
        let (from, to) = (bank_in(fields, "from_bank")?, bank_in(fields, "to_bank")?);
        if from != to {
            let amount = number_in(fields, "amount")?;
            self.custodians.entry(from).or_default().sent += amount;
            self.custodians.entry(to).or_default().received += amount;
            self.vaults.entry(from).or_default().interbank_out += amount;
            self.vaults.entry(to).or_default().interbank_in += amount;
        }
        Ok(())
    }
}

fn bank_in(fields: &Value, field: &str) -> Result<BankId> {
    Ok(BankId(u32::try_from(number_in(fields, field)?)?))
}

/// What storage says about every place.
#[derive(Debug, Default)]
struct Stocks {
    places: BTreeMap<Place, BTreeMap<Denomination, u64>>,
    reserves: BTreeMap<BankId, Balance>,
    custody: BTreeMap<BankId, Balance>,
    /// Of that, what the accounts of queues hold.
    set_aside: BTreeMap<BankId, Balance>,
    /// And what the pots of escrows hold.
    escrowed: BTreeMap<BankId, Balance>,
    units: BTreeMap<InstrumentId, Balance>,
    native: Balance,
}

/// A place that holds coins, with all owners as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Vault(VaultId),
    Owners,
    Waiting,
}

/// The last bytes of a storage key: what its hasher leaves readable.
fn end<T: Decode>(key: &[u8], length: usize) -> Result<T> {
    let from = key.len().checked_sub(length).context("a storage key is too short")?;
    Ok(T::decode(&mut &key[from..])?)
}

impl Stocks {
    async fn read(rpc: &Rpc, at: Hash) -> Result<Self> {
        let mut stocks = Self::default();
        let pairs = |pallet: &'static str, item: &'static str| async move {
            rpc.pairs(&storage_prefix(pallet, item), at).await
        };

        let mut batches = BTreeMap::new();
        for (key, value) in pairs("Issuance", "Batches").await? {
            batches.insert(end::<u32>(&key, 4)?, Denomination::decode(&mut &value[..])?);
        }
        let face = |batch: u32| batches.get(&batch).copied().with_context(|| format!("no batch {batch}"));
        let mut ranges: Vec<CoinRange> = Vec::new();
        for (key, value) in pairs("Vault", "Ranges").await? {
            // prefix, twox64 of the vault, the vault, twox64 of the face value, the face value
            let vault = VaultId::decode(&mut key.get(32 + 8..).context("a storage key is too short")?)?;
            let denomination: Denomination = end(&key, 8)?;
            for range in Vec::<CoinRange>::decode(&mut &value[..])? {
                ensure!(face(range.batch)? == denomination, "{range:?} lies with {denomination:?}");
                let overlap = ranges.iter().find(|other| other.overlaps(&range));
                ensure!(overlap.is_none(), "{range:?} overlaps {overlap:?}");
                *stocks.places.entry(Place::Vault(vault)).or_default().entry(denomination).or_default() +=
                    u64::from(range.count);
                ranges.push(range);
            }
        }
        for (key, value) in pairs("Ownership", "Coins").await? {
            let coin: CoinId = end(&key, 8)?;
            ensure!(!ranges.iter().any(|range| range.contains(coin)), "{coin} has an entry and lies in a range");
            let place = match Holder::decode(&mut &value[..])? {
                Holder::Owner(_) => Place::Owners,
                Holder::Vault(vault) => Place::Vault(vault),
                Holder::Pickup(_) => Place::Waiting,
            };
            *stocks.places.entry(place).or_default().entry(face(coin.batch)?).or_default() += 1;
        }

        // An account's balance begins behind its nonce and three counters: free, then reserved.
        let mut balances = BTreeMap::new();
        for (key, value) in pairs("System", "Account").await? {
            let (_, _, _, _, free, reserved) = <(u32, u32, u32, u32, Balance, Balance)>::decode(&mut &value[..])?;
            balances.insert(end::<AccountId>(&key, 32)?, free + reserved);
        }
        stocks.native = balances.values().sum();
        for bank in rpc.banks().await? {
            stocks.reserves.insert(bank.bank, balances.get(&bank.account).copied().unwrap_or_default());
        }
        // prefix, blake2_128 of the asset, the asset, blake2_128 of the account, the account
        for (key, value) in pairs("Assets", "Account").await? {
            let asset = key.get(32 + 16..).context("a storage key is too short")?;
            let balance = Balance::decode(&mut &value[..])?;
            let bank = match AssetId::decode(&mut &asset[..])? {
                AssetId::Custody(bank) => bank,
                AssetId::Other(number) => {
                    *stocks.units.entry(InstrumentId(number)).or_default() += balance;
                    continue;
                },
            };
            *stocks.custody.entry(bank).or_default() += balance;
            if end::<AccountId>(&key, 32)? == queue_account(bank) {
                *stocks.set_aside.entry(bank).or_default() += balance;
            }
            if end::<AccountId>(&key, 32)? == escrow_account(bank) {
                *stocks.escrowed.entry(bank).or_default() += balance;
            }
        }
        Ok(stocks)
    }

    fn at(&self, place: Place) -> Counts {
        let counts = self.places.get(&place).into_iter().flatten();
        counts.filter(|(_, count)| **count > 0).map(|(denomination, count)| (*denomination, *count)).collect()
    }
}

fn without_zeros(counts: &Counts) -> Counts {
    counts.iter().filter(|(_, count)| *count > 0).copied().collect()
}

/// What is left of one person's custody at bank B, set aside for another.
fn escrow_of(payer: &Person, payee: &Person, genesis: Hash, until: u32) -> Order {
    let action = Action::Hold {
        from_bank: BankId(2),
        to_bank: BankId(2),
        amount: 20,
        expires: until,
        at_expiry: AtExpiry::Return,
        reference: None,
    };
    let parties = [payer, payee].map(|person| OrderParty { owner: person.owner, version: 0 });
    let order = Order::new(genesis, [7; 16], (1, until), payer.owner, action);
    Order { parties: parties.to_vec().try_into().expect("two"), ..order }
}

/// The call that submits an order with the signatures of its parties.
fn submission(order: &Order, parties: &[&Person]) -> Result<Call> {
    let payload = order.encode();
    let mut signatures = Vec::new();
    for (party, person) in (0u8..).zip(parties) {
        let signature = Signature::from_raw(person.key.sign(&payload).0);
        signatures.push(OrderSignature { party, seat: 0, signature });
    }
    let signatures = signatures.try_into().map_err(|_| anyhow::anyhow!("too many signatures"))?;
    let document = SignedOrder { order: order.clone(), signatures }.encode();
    // The outer layer is the bound's own: a list of one would be ambiguous without it.
    let list = |items: Vec<Value>| Value::unnamed_composite([Value::unnamed_composite(items)]);
    let bytes = document.into_iter().map(|byte| Value::u128(byte.into())).collect();
    Ok(Call::new("Orders", "submit", vec![list(vec![list(bytes)])]))
}

/// Terms of a bill that anyone holds and passes on.
fn bill() -> Value {
    Value::named_composite([
        ("kind", Value::unnamed_variant("Bill", [])),
        ("name", Value::from_bytes("Bill 1")),
        ("symbol", Value::from_bytes("B1")),
        ("decimals", Value::u128(0)),
        ("reference", Value::from_bytes([7u8; 32])),
        ("holders", Value::unnamed_variant("Anyone", [])),
        ("transferable", Value::bool(true)),
        ("most", Value::u128(100)),
        ("matures", Value::unnamed_variant("None", [])),
    ])
}

#[tokio::test]
async fn the_supply_report_agrees_with_a_second_reckoning() -> Result<()> {
    // Given: a network that keeps every state, on which every flow has happened.
    let options = Options { state_pruning: Some("archive".into()), ..TestNetwork::options() };
    let network = TestNetwork::start(&options).await?;
    let chain = Chain::new(network.rpc("issuer").await?).await?;
    let (ann, ben) = (Person::named("Ann")?, Person::named("Ben")?);
    let (bank_a, bank_b, issuer) = (key("//BankA")?, key("//BankB")?, key("//Issuing//1")?);
    register_all(&chain, &[&ann, &ben]).await?;
    give_coins(&chain, &ann, COINS).await?;
    let coins = chain.rpc().coins_of(ann.owner).await?;
    let (half, quarter) = (coins.len() / 2, coins.len() / 4);
    Payments::start(&chain, &ann, ben.owner, &coins[..half]).await?.finish().await?;
    let held = {
        let height = chain.rpc().finalized().await?.number;
        chain.rpc().wait_for_index(height, PROGRESS).await?;
        chain.rpc().coins_of(ben.owner).await?
    };
    let returned: Vec<_> =
        held[..quarter].iter().map(|held| CoinRef { revision: held.revision + 1, ..*held }).collect();
    chain.finalize(&ben.key, &Call::deposit(BankId(2), &held[..quarter])).await?;
    chain.finalize(&bank_b, &Call::debit_owner(ben.owner, FACE_VALUE.into())).await?;
    chain.finalize(&bank_b, &Call::return_coins(&[], &returned)).await?;
    let retired: Vec<_> = returned.iter().map(|coin| CoinRef { revision: coin.revision + 1, ..*coin }).collect();
    chain.finalize(&issuer, &Call::retire(&[], &retired)).await?;
    chain.finalize(&issuer, &Call::credit_reserve(BankId(1), 12_345)).await?;
    let debit = Call::new("Vault", "debit", vec![Value::u128(1), Value::u128(345)]);
    chain.finalize(&issuer, &debit).await?;
    // Coins that wait, of which bank B collects the first for cash; and one that goes to a vault and comes out again.
    let (cid, code) = (Person::named("Cid")?, key("//Code")?);
    let expires = chain.rpc().best().await?.number + 1_000;
    let left = |coin: CoinRef| Call::deposit_for(cid.owner, &account(&code), &[coin], expires);
    chain.finalize_all(&ann.key, &[left(coins[half]), left(coins[half + 1])]).await?;
    let receiver = PickupReceiver::Counter { bank: BankId(2), receipt: 1 };
    let genesis = chain.rpc().hash_of(0).await?.context("no first block")?;
    let claim = code.sign(&PickupClaim::new(genesis, PickupId(0), receiver).encode()).0;
    chain.finalize(&bank_b, &Call::claim_at_bank(PickupId(0), receiver, claim)).await?;
    let (own, lying) = (coins[half + 2], CoinRef { revision: coins[half + 2].revision + 1, ..coins[half + 2] });
    chain.finalize(&ann.key, &Call::exchange(BankId(1), &[own], &[], &[lying])).await?;
    // Custody from bank to bank: at once, and after the reserve of bank B fell short, cancelled, settled and still waiting.
    let until = chain.rpc().best().await?.number + 1_000;
    let send = |to: &Person, amount, expires| Call::send_custody(BankId(2), BankId(1), to.owner, amount, expires);
    chain.finalize_all(&ben.key, &[send(&ann, 250, None), send(&ben, 50, None)]).await?;
    let debit = Call::new("Vault", "debit", vec![Value::u128(2), Value::u128(200)]);
    chain.finalize(&issuer, &debit).await?;
    chain.finalize(&bank_b, &Call::set_queue("Overtake")).await?;
    let calls = [send(&ann, 250, Some(until)), Call::cancel_transfer(BankId(2), 0), send(&ann, 250, Some(until))];
    chain.finalize_all(&ben.key, &calls).await?;
    chain.finalize(&issuer, &Call::credit_reserve(BankId(2), 50)).await?;
    chain.finalize(&ben.key, &send(&ann, 30, Some(until))).await?;
    // Of an escrow at bank B one part is paid and the other still there.
    let hold = escrow_of(&ben, &ann, genesis, until);
    let made = chain.finalize(&bank_b, &submission(&hold, &[&ben, &ann])?).await?;
    ensure!(made.event("Escrow", "Held").is_some(), "{:?}", made.events);
    let release = Call::new("Escrow", "release", vec![Value::from_bytes(hold.id().0), Value::u128(7)]);
    chain.finalize(&ben.key, &release).await?;
    // A bill, of which some is passed on and some given back.
    let (first, to_ann, to_ben) = (Value::u128(0), Value::from_bytes(ann.owner.0), Value::from_bytes(ben.owner.0));
    let issue = Call::new("Instruments", "issue", vec![first.clone(), to_ann, Value::u128(90)]);
    chain.finalize_all(&bank_a, &[Call::new("Instruments", "define", vec![bill()]), issue]).await?;
    let give = Call::new("Instruments", "transfer", vec![first.clone(), to_ben, Value::u128(40)]);
    chain.finalize(&ann.key, &give).await?;
    let redeem = Call::new("Instruments", "redeem", vec![first, Value::u128(15)]);
    let redeemed = chain.finalize(&ben.key, &redeem).await?.block;
    let last = chain.finalize(&bank_a, &Call::remark("the end of the books")).await?;

    // When: every flow is added up from events, and every stock from storage.
    let end = last.block;
    let mut ledger = Ledger::default();
    for number in 1..=end.number {
        let hash = chain.rpc().hash_of(number).await?.with_context(|| format!("no block {number}"))?;
        for (_, event) in chain.events(hash).await? {
            ledger.note(&event).with_context(|| format!("block {number}: {event:?}"))?;
        }
    }
    let stocks = Stocks::read(chain.rpc(), end.hash).await?;

    // Then: the report says the same.
    let report = chain.rpc().supply(Some(end.hash)).await?;
    ensure!(report.balanced && report.block == end.number, "{report:#?}");
    ensure!(ledger.paid == Balance::from(FACE_VALUE) * half as Balance, "{ledger:#?}");
    let minted: BTreeMap<_, _> =
        report.books.issuance.iter().map(|(of, flows)| (*of, flows.minted)).filter(|(_, count)| *count > 0).collect();
    ensure!(minted == ledger.minted, "minted: {minted:?} reported, {:?} found", ledger.minted);
    let value = |(of, flows): &(Denomination, IssuanceFlows)| of.value(flows.retired);
    let retired: Balance = report.books.issuance.iter().map(value).sum();
    ensure!(
        retired == ledger.retired_value && retired > 0,
        "retired: {retired} reported, {} found",
        ledger.retired_value
    );
    ensure!(
        without_zeros(&report.books.issue_vault) == stocks.at(Place::Vault(VaultId::Issue)),
        "issue vault: {stocks:#?}"
    );
    ensure!(without_zeros(&report.books.owners) == stocks.at(Place::Owners), "owners: {stocks:#?}");
    ensure!(without_zeros(&report.books.waiting) == stocks.at(Place::Waiting), "waiting: {stocks:#?}");
    let pickups = ledger.pickups;
    ensure!(
        report.books.pickups == pickups && pickups.claimed > 0 && pickups.deposited > pickups.claimed,
        "{pickups:?}"
    );
    ensure!(report.books.native_issuance == stocks.native, "native: {} found", stocks.native);
    for books in &report.books.banks {
        let bank = books.bank;
        let found = BankBooks {
            bank,
            reserve: stocks.reserves.get(&bank).copied().unwrap_or_default(),
            vault: stocks.at(Place::Vault(VaultId::Bank(bank))),
            custody: stocks.custody.get(&bank).copied().unwrap_or_default(),
            set_aside: stocks.set_aside.get(&bank).copied().unwrap_or_default(),
            escrowed: stocks.escrowed.get(&bank).copied().unwrap_or_default(),
            vault_flows: ledger.vaults.get(&bank).copied().unwrap_or_default(),
            custody_flows: ledger.custodians.get(&bank).copied().unwrap_or_default(),
            escrow_flows: ledger.escrows.get(&bank).copied().unwrap_or_default(),
        };
        let reported = BankBooks { vault: without_zeros(&books.vault), ..books.clone() };
        ensure!(reported == found, "bank {bank}: {reported:#?} reported, {found:#?} found");
    }
    let flows = InstrumentFlows { issued: 90, redeemed: 15 };
    ensure!(ledger.instruments == BTreeMap::from([(InstrumentId(0), flows)]), "{ledger:#?}");
    ensure!(stocks.units == BTreeMap::from([(InstrumentId(0), 75)]), "{stocks:#?}");
    let moved = chain.rpc().supply(Some(redeemed.hash)).await?;
    let books = InstrumentBooks { instrument: InstrumentId(0), flows, supply: 75 };
    ensure!(moved.balanced && moved.books.instruments == [books], "{:#?}", moved.books.instruments);
    ensure!(moved.equalities.iter().any(|one| one.rule == "M9" && one.difference == "0"), "{:#?}", moved.equalities);
    let page: InstrumentsPage = chain.rpc().request("specie_instruments", json!([null, 100, end.hash])).await?;
    let told: Vec<_> = page.instruments.iter().map(|info| (info.instrument, info.flows, info.supply)).collect();
    ensure!(told == [(InstrumentId(0), flows, 75)], "{told:?}");
    let CustodyFlows { sent, set_aside, settled, given_back, .. } = ledger.custodians[&BankId(2)];
    ensure!((sent, set_aside, settled, given_back) == (550, 530, 250, 250), "{ledger:#?}");
    let EscrowFlows { held, paid, returned } = ledger.escrows[&BankId(2)];
    ensure!((held, paid, returned) == (20, 7, 0), "{ledger:#?}");
    network.passed();
    Ok(())
}

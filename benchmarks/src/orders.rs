//! What a payment costs by order, compared to a transaction of the payer.

use crate::{
    chain::Chain,
    cli::{shipped, Load, OrdersOptions},
    configuration::Configuration,
    folder,
    population::{Payment, Population},
    report::{Report, Setting},
    rounds,
};
use anyhow::{anyhow, ensure, Result};
use codec::Encode;
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    weights::{constants::WEIGHT_REF_TIME_PER_MICROS, Weight},
};
use frame_system::limits::WeightsPerClass;
use sp_core::{sr25519, Pair};
use specie_primitives::{
    orders::{Action, OrderBytes, OrderSignature, MAX_ORDERS_PER_CALL},
    BlockNumber, Hash, Nonce, Order, SignedOrder,
};
use specie_runtime::{Runtime, UncheckedExtrinsic};
use std::time::Duration;
use tokio::runtime::Handle;

/// Orders in a call.
const BATCHES: [u32; 4] = [1, 10, 100, 1_000];
/// Most orders in a call where something else than their number is compared.
const USUAL_BATCH: u32 = 100;
/// The bank that submits batches, and signs in the place of payers where signatures are to be bad.
const BANK: &str = "//BankA";
/// Blocks until orders expire where none is to be forgotten: more than are made.
const LONG: BlockNumber = 100_000;

/// How payments are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// A transaction of the payer each.
    Transactions,
    /// Orders, so many in a call. One alone comes from its payer, several from a bank.
    Orders { batch: u32, kind: Kind },
}

/// What is the matter with orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Usual,
    /// Signed between `<Bytes>` and `</Bytes>`: the second of two checks succeeds.
    Wrapped,
    /// Signed by somebody else: both checks fail, and nothing is paid.
    Bad,
    /// Each block is their last: it forgets as many as it executes, those of the block before.
    Forgotten,
}

impl Way {
    /// All that fill a block of so many payments, the one that the others are compared to first.
    fn all(payments: u32) -> Vec<Self> {
        let fitting: Vec<u32> = BATCHES.into_iter().filter(|batch| payments % batch == 0).collect();
        let usual = fitting.iter().copied().filter(|batch| *batch <= USUAL_BATCH).max().unwrap_or(1);
        let batches = fitting.into_iter().map(|batch| Self::Orders { batch, kind: Kind::Usual });
        let kinds = [Kind::Wrapped, Kind::Bad, Kind::Forgotten].map(|kind| Self::Orders { batch: usual, kind });
        [Self::Transactions].into_iter().chain(batches).chain(kinds).collect()
    }

    fn name(self) -> String {
        match self {
            Self::Transactions => "transactions".into(),
            Self::Orders { batch, kind: Kind::Usual } => format!("orders-{batch}"),
            Self::Orders { batch, kind } => format!("{kind:?}-{batch}").to_lowercase(),
        }
    }

    /// Limits and thresholds of alerts are set, so that an order does what its weight is for.
    fn configuration(self, code: Vec<u8>) -> Configuration {
        let counts = !matches!(self, Self::Orders { kind: Kind::Bad, .. });
        Configuration { name: self.name(), code, counts, limits: true, alerts: true }
    }
}

/// The chain of one way to pay.
struct Lane {
    chain: Chain,
    way: Way,
    bank: sr25519::Pair,
    /// Calls of the bank.
    nonce: Nonce,
}

impl Lane {
    /// Makes a block of payments. Gives how long it took to import it.
    fn pay(&mut self, population: &Population, payments: &[Payment]) -> Result<Duration> {
        let Way::Orders { batch, kind } = self.way else { return self.chain.pay(population, payments) };
        let mut calls = Vec::new();
        for some in payments.chunks(usize::try_from(batch)?) {
            let documents = some.iter().map(|payment| self.document(population, payment, kind));
            let documents = documents.collect::<Result<Vec<_>>>()?;
            calls.push(match some {
                [alone] => {
                    let (payer, nonce, _) = population.parties(alone);
                    self.submission(payer, nonce, documents)?
                },
                _ => {
                    let call = self.submission(&self.bank, self.nonce, documents)?;
                    self.nonce += 1;
                    call
                },
            });
        }
        let paid = if kind == Kind::Bad { 0 } else { payments.len() };
        self.chain.block(calls, paid)
    }

    /// The order for a payment, as it travels.
    fn document(&self, population: &Population, payment: &Payment, kind: Kind) -> Result<OrderBytes> {
        let now = self.chain.next_block();
        let last = if kind == Kind::Forgotten { now } else { LONG };
        let order = order(self.chain.genesis(), population, payment, (now, last))?;
        let (payer, ..) = population.parties(payment);
        let payload = order.encode();
        let signature = match kind {
            Kind::Usual | Kind::Forgotten => payer.sign(&payload),
            Kind::Wrapped => payer.sign(&[&b"<Bytes>"[..], &payload, b"</Bytes>"].concat()),
            Kind::Bad => self.bank.sign(&payload),
        };
        document(order, signature)
    }

    /// A call that submits orders.
    fn submission(
        &self,
        signer: &sr25519::Pair,
        nonce: Nonce,
        documents: Vec<OrderBytes>,
    ) -> Result<UncheckedExtrinsic> {
        let orders = documents.try_into().map_err(|_| anyhow!("more than {MAX_ORDERS_PER_CALL} orders in a call"))?;
        let call = pallet_orders::Call::<Runtime>::submit { orders };
        Ok(self.chain.signed(signer, nonce, call.into()))
    }

    /// Declared weight of a call with copies of this order, in microseconds of execution.
    fn declared(&self, document: &OrderBytes, copies: u32) -> Result<f64> {
        let documents = vec![document.clone(); usize::try_from(copies)?];
        Ok(micros(self.submission(&self.bank, self.nonce, documents)?.get_dispatch_info().total_weight()))
    }
}

fn order(
    genesis: Hash,
    population: &Population,
    payment: &Payment,
    valid: (BlockNumber, BlockNumber),
) -> Result<Order> {
    let (_, _, to) = population.parties(payment);
    let coins = vec![payment.coin].try_into().map_err(|_| anyhow!("one coin is too many"))?;
    // The coin's revision makes it another order than any before.
    Ok(Order::new(genesis, [0; 16], valid, population.payer_of(payment), Action::Coins { to, coins }))
}

fn document(order: Order, signature: sr25519::Signature) -> Result<OrderBytes> {
    let signatures = vec![OrderSignature { party: 0, seat: 0, signature }];
    let signatures = signatures.try_into().map_err(|_| anyhow!("one signature is too many"))?;
    let bytes = SignedOrder { order, signatures }.encode();
    bytes.try_into().map_err(|_| anyhow!("an order of one coin is too long"))
}

fn micros(weight: Weight) -> f64 {
    weight.ref_time() as f64 / WEIGHT_REF_TIME_PER_MICROS as f64
}

/// What the runtime in this program, the one that ships, says of ordinary extrinsics.
fn limits() -> WeightsPerClass {
    <Runtime as frame_system::Config>::BlockWeights::get().get(DispatchClass::Normal).clone()
}

/// Most orders of this weight that a call of that runtime may hold, in microseconds of the call without them and of each.
fn most_in_a_call(base: f64, each: f64) -> Result<u32> {
    let most = limits().max_extrinsic.ok_or_else(|| anyhow!("no limit of a call's weight"))?;
    let room = micros(most) - base;
    Ok(((room / each).floor() as u32).min(MAX_ORDERS_PER_CALL))
}

/// Measures all ways.
pub fn measure(options: &OrdersOptions, handle: &Handle) -> Result<Report> {
    let OrdersOptions { payments, rounds: blocks, ref common, .. } = *options;
    let code = shipped(options.runtime.as_deref(), specie_runtime::WASM_BINARY)?;
    let folder = folder(common)?;
    let mut population = Population::new(common.owners, common.seed);
    let bank = sr25519::Pair::from_string(BANK, None).map_err(|_| anyhow!("{BANK} is no key"))?;
    let mut lanes = Vec::new();
    for way in Way::all(payments) {
        let place = folder.path().join(way.name());
        let chain = Chain::create(way.configuration(code.clone()), &mut population, &place, handle)?;
        lanes.push(Lane { chain, way, bank: bank.clone(), nonce: 0 });
    }
    let setting = Setting {
        measures: "microseconds of block import per payment of one coin: a transaction of its payer, or an order",
        payments,
        owners: common.owners,
        seed: common.seed,
    };
    let mut report = Report::new(setting, lanes.iter().map(|lane| lane.chain.name()));
    let load = Load { payments, rounds: blocks };
    rounds(common, load, &mut population, &mut lanes, &mut report, Lane::pay)?;
    for lane in &lanes {
        lane.chain.check(&population)?;
    }
    facts(&lanes, &mut population, &mut report)?;
    Ok(report)
}

/// What the weights say, and how far what was measured is below them.
fn facts(lanes: &[Lane], population: &mut Population, report: &mut Report) -> Result<()> {
    let Some((lane, payment)) = lanes.first().zip(population.plan(1)?.pop()) else { return Ok(()) };
    let document = lane.document(population, &payment, Kind::Usual)?;
    let one = lane.declared(&document, 1)?;
    let each = lane.declared(&document, 2)? - one;
    let base = one - each;
    ensure!(base > 0.0 && each > 0.0, "orders weigh nothing");
    report.add_fact("bytes of an order of one coin with its signature".into(), document.len() as f64);
    report.add_fact("µs: declared weight of an order of one coin within a call".into(), each);
    report.add_fact("µs: declared weight of a call that submits orders, without them".into(), base);
    let most = most_in_a_call(base, each)?;
    let extrinsic = base + micros(limits().base_extrinsic);
    report.add_fact("such orders fit into a call, by the weights of the runtime that ships".into(), most.into());
    for (place, lane) in lanes.iter().enumerate() {
        let Way::Orders { batch, kind } = lane.way else { continue };
        // What is forgotten is charged where that is done.
        if kind != Kind::Forgotten {
            let declared = each + extrinsic / f64::from(batch);
            let what = format!("times what was measured, in the median, is declared: {}", lane.chain.name());
            report.add_fact(what, declared / report.median(place));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::COINS;
    use specie_primitives::{CoinId, CoinRef};

    #[test]
    fn every_way_fills_a_block() {
        for payments in [1, 7, 200, 250, 1_000, 4_000] {
            let ways = Way::all(payments);
            assert_eq!(ways[0], Way::Transactions);
            for way in &ways[1..] {
                let Way::Orders { batch, .. } = way else { panic!("transactions twice") };
                assert_eq!(payments % batch, 0, "{payments}");
            }
        }
        let names = |payments| Way::all(payments).into_iter().map(Way::name).collect::<Vec<_>>();
        let all = ["transactions", "orders-1", "orders-10", "orders-100", "orders-1000"];
        assert_eq!(names(1_000)[..5], all);
        assert_eq!(names(1_000)[5..], ["wrapped-100", "bad-100", "forgotten-100"]);
        assert_eq!(names(250)[1..], ["orders-1", "orders-10", "wrapped-10", "bad-10", "forgotten-10"]);
    }

    #[test]
    fn an_order_has_the_documented_length() {
        let mut population = Population::new(2, 1);
        let ids: Vec<_> = population.people().map(|person| person.id).collect();
        let coins = (0..2 * COINS)
            .map(|index| (ids[index as usize % 2], CoinRef { coin: CoinId { batch: 0, index }, revision: 0 }));
        population.endow(coins.collect()).unwrap();
        let payment = population.plan(1).unwrap().remove(0);
        let order = order(Hash::repeat_byte(1), &population, &payment, (1, 2)).unwrap();
        assert_eq!(order.encode().len(), 148);
        let (payer, ..) = population.parties(&payment);
        let document = document(order.clone(), payer.sign(&order.encode())).unwrap();
        assert_eq!(document.len(), 215);
        assert!(SignedOrder::read(&document).is_some_and(|read| read.order == order && read.is_complete()));
    }

    #[test]
    fn a_call_holds_what_the_block_bears() {
        let few = most_in_a_call(100.0, 1_000.0).unwrap();
        assert!((300..340).contains(&few), "{few}");
        assert!(most_in_a_call(100.0, 500.0).unwrap() >= 2 * few);
        assert_eq!(most_in_a_call(100.0, 1.0).unwrap(), MAX_ORDERS_PER_CALL);
    }
}

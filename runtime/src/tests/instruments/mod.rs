//! Bills, vouchers and securities: who defines, issues, holds and moves them; exchanges of two legs; and every way to get units,
//! or what is paid for them, without giving what was agreed.

mod exchange;
mod forms;
mod life;
mod random;
mod rules;

use super::{
    orders::{failed, is_refused, signed, verdict},
    *,
};
use pallet_instruments::{Call as Instrumental, Error as InstrumentsError, Event, Moved, OpenOf, Portfolios};
use specie_primitives::{
    instruments::{HolderRule, InstrumentFlows, InstrumentKind, MAX_DECIMALS, MAX_UNITS},
    orders::{Action, OrderParty},
    Institution, InstrumentId, Leg, Order, Terms, Verdict,
};

/// The role that stops whatever it likes.
const SUPERVISOR: &str = "//Supervising//1";
/// A key of the issuer.
const ISSUING: &str = "//Issuing//1";
/// Most units of [`bill`].
pub const MOST: Balance = 1_000;
/// What Ann has of the first instrument in most tests.
const ANNS: Balance = 600;

pub fn id(number: u32) -> InstrumentId {
    InstrumentId(number)
}

/// Terms that let anyone hold and pass on.
pub fn bill() -> Terms {
    Terms {
        kind: InstrumentKind::Bill,
        name: b"Bill of bank A".to_vec().try_into().expect("short"),
        symbol: b"BA1".to_vec().try_into().expect("short"),
        decimals: 2,
        reference: Hash::repeat_byte(7),
        holders: HolderRule::Anyone,
        transferable: true,
        most: MOST,
        matures: None,
    }
}

pub fn define(terms: Terms) -> Instrumental<Runtime> {
    Instrumental::define { terms }
}

pub fn issue(number: u32, to: &str, amount: Balance) -> Instrumental<Runtime> {
    Instrumental::issue { instrument: id(number), to: owner(to), amount }
}

pub fn give(number: u32, to: &str, amount: Balance) -> Instrumental<Runtime> {
    Instrumental::transfer { instrument: id(number), to: owner(to), amount }
}

pub fn list(number: u32, name: &str) -> Instrumental<Runtime> {
    Instrumental::list { instrument: id(number), owner: owner(name) }
}

fn redeem(number: u32, amount: Balance) -> Instrumental<Runtime> {
    Instrumental::redeem { instrument: id(number), amount }
}

fn agent(number: u32, name: &str) -> Instrumental<Runtime> {
    Instrumental::set_agent { instrument: id(number), agent: Some(owner(name)) }
}

fn pause(number: u32) -> Instrumental<Runtime> {
    Instrumental::pause { instrument: id(number) }
}

fn resume(number: u32) -> Instrumental<Runtime> {
    Instrumental::resume { instrument: id(number) }
}

fn close(number: u32) -> Instrumental<Runtime> {
    Instrumental::close { instrument: id(number) }
}

fn units(number: u32, name: &str) -> Balance {
    Instruments::balance(id(number), owner(name))
}

/// Ann and Ben at bank A with money, Cid at bank B with custody; and an instrument of bank A by these terms, of which Ann has
/// [`ANNS`].
fn with_terms(terms: Terms) {
    with_money();
    assert_ok!(register("//BankB", BANK_B, "cid"));
    assert_ok!(call("//BankB", pallet_custody::Call::credit { owner: owner("cid"), amount: 100_000 }));
    assert_ok!(call("//BankA", define(terms)));
    assert_ok!(call("//BankA", issue(0, "ann", ANNS)));
}

fn with_bill() {
    with_terms(bill());
}

/// An order of two parties.
fn order_of(one: &str, other: &str, random: u8, give: Leg, take: Leg) -> Order {
    let now = Orders::clock();
    let action = Action::Exchange { give, take };
    let order = Order::new(System::block_hash(0), [random; 16], (now, now + 100), owner(one), action);
    let parties = [one, other].map(|name| OrderParty { owner: owner(name), version: 0 });
    Order { parties: parties.to_vec().try_into().expect("two"), ..order }
}

fn leg_of_coins(coins: &[CoinRef]) -> Leg {
    Leg::Coins(coins.to_vec().try_into().expect("few"))
}

fn leg_of_custody(from_bank: BankId, to_bank: BankId, amount: Balance) -> Leg {
    Leg::Custody { from_bank, to_bank, amount }
}

fn leg_of_units(number: u32, amount: Balance) -> Leg {
    Leg::Units { instrument: id(number), amount }
}

//! Random issues, transfers, exchanges and pauses against a plain model: accounts are numbers, and nothing else moves.

use super::*;
use proptest::prelude::*;

const NAMES: [&str; 3] = ["ann", "ben", "cid"];
const KEYS: [&str; 3] = ["//ann", "//ben", "//cid"];
/// The bank that looks after each.
const BANKS: [BankId; 3] = [BANK_A, BANK_A, BANK_B];

#[derive(Clone, Debug)]
enum Step {
    /// Bank A issues to an owner.
    Issue(usize, Balance),
    /// An owner gives units to another, by call or by order.
    Give(usize, usize, Balance, bool),
    Redeem(usize, Balance),
    /// Units of the one for custody of the other, signed by both or by one alone.
    Exchange(usize, usize, Balance, Balance, bool),
    /// The bank stops the instrument, or ends that.
    Pause(bool),
    /// A block ends.
    Pass,
}

fn step() -> impl Strategy<Value = Step> {
    let (who, amount) = (0usize..3, 0u128..400);
    prop_oneof![
        2 => (who.clone(), amount.clone()).prop_map(|(to, amount)| Step::Issue(to, amount)),
        3 => (who.clone(), who.clone(), amount.clone(), any::<bool>())
            .prop_map(|(from, to, amount, by_order)| Step::Give(from, to, amount, by_order)),
        2 => (who.clone(), amount.clone()).prop_map(|(owner, amount)| Step::Redeem(owner, amount)),
        4 => (who.clone(), who, amount, 0u128..60_000, prop::bool::weighted(0.8))
            .prop_map(|(one, other, units, price, both)| Step::Exchange(one, other, units, price, both)),
        1 => prop::bool::weighted(0.3).prop_map(Step::Pause),
        1 => Just(Step::Pass),
    ]
}

/// The plain model.
struct Model {
    units: [Balance; 3],
    money: [Balance; 3],
    paused: bool,
}

impl Model {
    /// Whether units of an owner may go to another.
    fn gives(&self, from: usize, to: usize, amount: Balance) -> bool {
        !self.paused && from != to && amount > 0 && self.units[from] >= amount
    }

    fn give(&mut self, from: usize, to: usize, amount: Balance) {
        self.units[from] -= amount;
        self.units[to] += amount;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn units_and_money_are_where_they_should_be(steps in prop::collection::vec(step(), 1..60)) {
        run(|| {
            with_bill();
            let money = [0, 1, 2].map(|who: usize| custody(BANKS[who], NAMES[who]));
            let mut model = Model { units: [ANNS, 0, 0], money, paused: false };
            for (number, step) in (0u8..).zip(steps) {
                match step {
                    Step::Issue(to, amount) => {
                        let supply: Balance = model.units.iter().sum();
                        let may = !model.paused && to != 2 && amount > 0 && supply + amount <= MOST;
                        assert_eq!(call("//BankA", issue(0, NAMES[to], amount)).is_ok(), may);
                        if may {
                            model.units[to] += amount;
                        }
                    },
                    Step::Give(from, to, amount, by_order) => {
                        let may = model.gives(from, to, amount);
                        let done = if by_order {
                            let action = Action::Asset { instrument: id(0), to: owner(NAMES[to]), amount };
                            let now = Orders::clock();
                            let valid = (now, now + 100);
                            let order =
                                Order::new(System::block_hash(0), [number; 16], valid, owner(NAMES[from]), action);
                            verdict("//BankB", signed(&order, &[KEYS[from]])) == Verdict::Executed
                        } else {
                            call(KEYS[from], give(0, NAMES[to], amount)).is_ok()
                        };
                        assert_eq!(done, may);
                        if may {
                            model.give(from, to, amount);
                        }
                    },
                    Step::Redeem(who, amount) => {
                        // What the bank stopped still goes back.
                        let may = amount > 0 && model.units[who] >= amount;
                        assert_eq!(call(KEYS[who], redeem(0, amount)).is_ok(), may);
                        if may {
                            model.units[who] -= amount;
                        }
                    },
                    Step::Exchange(one, other, amount, price, both) => {
                        let may = both && model.gives(one, other, amount) && price > 0 && model.money[other] >= price;
                        let legs = (leg_of_units(0, amount), leg_of_custody(BANKS[other], BANKS[one], price));
                        let order = order_of(NAMES[one], NAMES[other], number, legs.0, legs.1);
                        let second = if both { KEYS[other] } else { KEYS[(other + 1) % 3] };
                        let done = verdict("//BankB", signed(&order, &[KEYS[one], second])) == Verdict::Executed;
                        assert_eq!(done, may);
                        if may {
                            model.give(one, other, amount);
                            model.money[other] -= price;
                            model.money[one] += price;
                        }
                    },
                    Step::Pause(paused) => {
                        let tried = if paused { pause(0) } else { resume(0) };
                        assert_eq!(call("//BankA", tried).is_ok(), paused != model.paused);
                        model.paused = paused;
                    },
                    Step::Pass => start_block(System::block_number() + 1),
                }
                let found = [0, 1, 2].map(|who: usize| (units(0, NAMES[who]), custody(BANKS[who], NAMES[who])));
                let expected = [0, 1, 2].map(|who: usize| (model.units[who], model.money[who]));
                assert_eq!(found, expected);
                check_everything();
            }
        });
    }
}

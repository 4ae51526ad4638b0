//! Random orders with random signatures, other managers and suspensions against a plain model: an order of the account is
//! executed if, and only if, enough of its present managers signed it in their seats.

use super::*;
use proptest::prelude::*;

/// Whoever may be a manager.
const NAMES: [&str; 4] = ["ann", "ben", "cid", "dot"];
const BANKS: [&str; 4] = ["//BankA", "//BankA", "//BankB", "//BankB"];

/// Seat and signer.
type Signed = (u8, usize);

#[derive(Clone, Debug)]
enum Step {
    /// An order to pay with a coin of the account, for the present version or one beside it.
    Pay(u32, Vec<Signed>),
    /// An order for other managers, with those who consent.
    Change(Vec<usize>, u8, Vec<Signed>, Vec<usize>),
    /// A bank suspends somebody, or the account, or lets it go on.
    Toggle(usize),
}

fn signers() -> impl Strategy<Value = Vec<Signed>> {
    // Mostly in order, so that much of it is good.
    let any = prop::collection::vec((0u8..4, 0usize..4), 0..4);
    any.prop_map(|mut signers| {
        signers.sort();
        signers
    })
}

fn step() -> impl Strategy<Value = Step> {
    let version = prop_oneof![4 => Just(1u32), 1 => 0u32..4];
    let managers = Just(vec![0usize, 1, 2, 3]).prop_shuffle();
    let change = (managers, 0usize..5, 0u8..4, signers(), prop::bool::weighted(0.8));
    prop_oneof![
        4 => (version, signers()).prop_map(|(version, signers)| Step::Pay(version, signers)),
        4 => change.prop_map(|(mut managers, count, threshold, signers, ask)| {
            managers.truncate(count);
            // All of them; the test leaves out those who are there.
            let consenting = if ask { managers.clone() } else { Vec::new() };
            Step::Change(managers, threshold, signers, consenting)
        }),
        1 => (0usize..5).prop_map(Step::Toggle),
    ]
}

/// What the account is, worked out apart from the chain.
struct Model {
    managers: Vec<usize>,
    threshold: u8,
    version: u32,
    is_active: [bool; 5],
}

impl Model {
    /// Whether these signatures are enough.
    fn holds(&self, signers: &[Signed]) -> bool {
        let in_order = signers.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let own = |(seat, who): &Signed| self.managers.get(usize::from(*seat)) == Some(who) && self.is_active[*who];
        self.is_active[4] && in_order && signers.len() >= usize::from(self.threshold) && signers.iter().all(own)
    }

    fn may_change(&self, managers: &[usize], threshold: u8, consenting: &[usize]) -> bool {
        let newcomers: Vec<_> = managers.iter().copied().filter(|who| !self.managers.contains(who)).collect();
        managers.len() >= 2
            && (1..=managers.len()).contains(&usize::from(threshold))
            && (managers, threshold) != (&self.managers[..], self.threshold)
            && newcomers == consenting
            && newcomers.iter().all(|who| self.is_active[*who])
    }
}

fn keys(signers: &[Signed]) -> Vec<(u8, u8, String)> {
    signers.iter().map(|(seat, who)| (0, *seat, format!("//{}", NAMES[*who]))).collect()
}

fn document(order: &Order, signers: &[(u8, u8, String)]) -> Vec<u8> {
    let signers: Vec<_> = signers.iter().map(|(party, seat, key)| (*party, *seat, key.as_str())).collect();
    seated(order, &signers)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn enough_managers_and_nobody_else(steps in prop::collection::vec(step(), 1..60)) {
        run(|| {
            with_pot();
            for name in ["dot", "eve"] {
                assert_ok!(register("//BankB", BANK_B, name));
            }
            let mut model = Model { managers: vec![0, 1, 2], threshold: 2, version: 1, is_active: [true; 5] };
            for (number, step) in steps.into_iter().enumerate() {
                let number = number as u8;
                match step {
                    Step::Pay(version, signers) => {
                        let Some(coin) = coins_of("pot").first().copied() else { continue };
                        // One is the present one.
                        let version = (model.version + version).saturating_sub(1);
                        let order = order_of(number, version, coins("eve", &[coin]));
                        let paid = verdict("//eve", document(&order, &keys(&signers))) == Verdict::Executed;
                        assert_eq!(paid, version == model.version && model.holds(&signers), "{signers:?}");
                        assert_eq!(coins_of("pot").contains(&coin), !paid);
                    },
                    Step::Change(managers, threshold, signers, consenting) => {
                        let consenting: Vec<_> =
                            consenting.into_iter().filter(|who| !model.managers.contains(who)).take(3).collect();
                        let names: Vec<_> = managers.iter().map(|who| NAMES[*who]).collect();
                        let newcomers: Vec<_> = consenting.iter().map(|who| NAMES[*who]).collect();
                        let order = change(number, &names, threshold, &newcomers);
                        let mut all = keys(&signers);
                        let own = newcomers.iter().zip(1u8..);
                        all.extend(own.map(|(name, party)| (party, 0, format!("//{name}"))));
                        let done = verdict("//eve", document(&order, &all)) == Verdict::Executed;
                        let may = model.holds(&signers) && model.may_change(&managers, threshold, &consenting);
                        assert_eq!(done, may, "{managers:?} {threshold} {signers:?}");
                        if done {
                            (model.managers, model.threshold) = (managers, threshold);
                            model.version += 1;
                        }
                        let present: Vec<_> = model.managers.iter().map(|who| NAMES[*who]).collect();
                        let expected = ManagerSet { rule: rule(&present, model.threshold), version: model.version };
                        assert_eq!(set(), expected);
                    },
                    Step::Toggle(who) => {
                        let owner = NAMES.get(who).map_or_else(pot, |name| owner(name));
                        let bank = BANKS.get(who).copied().unwrap_or("//BankA");
                        assert_ok!(match model.is_active[who] {
                            true => call(bank, pallet_identity::Call::suspend { owner }),
                            false => call(bank, pallet_identity::Call::reinstate { owner }),
                        });
                        model.is_active[who] = !model.is_active[who];
                    },
                }
                check_everything();
            }
        });
    }
}

//! Random codes, scans and answers against a plain model: Ann pays what she signed for, and nothing else.

use super::*;
use pallet_codes::Used;
use proptest::prelude::*;
use specie_primitives::payment_codes::SmallAmounts;
use std::collections::BTreeSet;

const SMALL: SmallAmounts = SmallAmounts { per_payment: 300, per_day: 2_000 };
const AMOUNTS: [Balance; 4] = [100, 300, 301, 5_000];

#[derive(Clone, Debug)]
struct Scanned {
    side: CodeSide,
    reusable: bool,
    /// The amount in the code.
    shown: Option<usize>,
    /// What the scanner says.
    said: Option<usize>,
    /// Which key signs: its owner's, another one, none.
    generator: u8,
    scanner: u8,
    /// There are few codes, so that they come again.
    code: u8,
}

#[derive(Clone, Debug)]
enum Step {
    Scan(Scanned),
    /// Ann, Ben or Cid confirms or refuses one of what waits.
    Answer(usize, usize, bool),
    Switch(bool),
    Pass(u32, u64),
}

fn amount() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![Just(None), (0usize..4).prop_map(Some)]
}

fn scanned_code() -> impl Strategy<Value = Scanned> {
    let side = prop_oneof![Just(CodeSide::Payer), Just(CodeSide::Payee)];
    (side, any::<bool>(), amount(), amount(), 0u8..3, 0u8..3, 0u8..3).prop_map(
        |(side, reusable, shown, said, generator, scanner, code)| Scanned {
            side,
            reusable,
            shown,
            said,
            generator,
            scanner,
            code,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => scanned_code().prop_map(Step::Scan),
        3 => (0usize..3, 0usize..8, any::<bool>()).prop_map(|(by, place, yes)| Step::Answer(by, place, yes)),
        1 => any::<bool>().prop_map(Step::Switch),
        1 => (1u32..40, 0u64..60).prop_map(|(blocks, steps)| Step::Pass(blocks, steps)),
    ]
}

/// What Ann has to have paid, and has left of her small amounts.
#[derive(Default)]
struct Model {
    paid: Balance,
    small: Balance,
    off: bool,
    once: BTreeSet<Vec<u8>>,
    number: u8,
}

impl Model {
    fn scan(&mut self, step: &Scanned) {
        self.number = self.number.wrapping_add(1);
        let shown = step.shown.map(|place| AMOUNTS[place]);
        let said = step.said.map(|place| AMOUNTS[place]);
        // In the same stretch of blocks the same code comes again.
        let until = Some((Orders::clock() / LIFE + 1) * LIFE);
        let code = PaymentCode { reusable: step.reusable, until, random: [step.code; 8], ..code(step.side, shown) };
        let key = |which: u8, own: &'static str| [Some(own), Some("//cid"), None][usize::from(which)];
        let generator = key(step.generator, own_key(&code));
        let scanner = key(step.scanner, other(step.side).2);
        let signature = generator.map(|key| sign_code(key, &code));
        let scan = Scan { signature, ..scan(&code, false, said) };
        let result = verdict(scanned(self.number, scan, scanner).1);
        if result != Verdict::Executed {
            return;
        }
        assert!(step.generator != 1 && step.scanner != 1, "executed with another's signature");
        assert!(step.generator == 0 || step.scanner == 0, "executed though nobody signed");
        assert!(step.reusable || self.once.insert(code.to_bytes()), "a code for one payment, twice");
        let amount = shown.or(said).expect("executed without an amount");
        assert!(said.is_none_or(|said| said == amount), "executed with another amount");
        let (by_payer, by_both) = match step.side {
            CodeSide::Payee => (step.scanner == 0, false),
            CodeSide::Payer => (false, step.generator == 0 && step.scanner == 0),
        };
        let is_small = !self.off && amount <= SMALL.per_payment && self.small + amount <= SMALL.per_day;
        if by_payer || by_both && shown.is_some() && !step.reusable {
            self.paid += amount;
        } else if by_both && is_small {
            self.paid += amount;
            self.small += amount;
        }
    }

    fn answer(&mut self, by: usize, place: usize, confirms: bool) {
        let all = waiting("ann");
        let Some(info) = all.get(place) else { return };
        let (payment, key) = (info.payment, ["//ann", "//ben", "//cid"][by]);
        if confirms {
            if call(key, CodesCall::confirm { payment }).is_ok() {
                assert_eq!(by, 0, "confirmed by somebody else");
                self.paid += info.amount;
            }
        } else {
            assert_eq!(call(key, CodesCall::refuse { payment }).is_ok(), by < 2);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ann_pays_what_she_signed_for(steps in prop::collection::vec(step(), 1..60)) {
        run(|| {
            with_banks();
            let class = OwnerClass::Phone;
            assert_ok!(call(
                supervision::SUPERVISOR,
                CodesCall::set_small_amounts { class, amounts: Some(SMALL) }
            ));
            let mut model = Model::default();
            for step in steps {
                match step {
                    Step::Scan(scanned) => model.scan(&scanned),
                    Step::Answer(by, place, confirms) => model.answer(by, place, confirms),
                    Step::Switch(on) => {
                        assert_ok!(call("//ann", CodesCall::use_small_amounts { on }));
                        model.off = !on;
                    },
                    Step::Pass(blocks, steps) => {
                        start_block(System::block_number() + blocks);
                        Codes::do_forget(steps);
                    },
                }
                assert_eq!(both(), after(model.paid));
                check_everything();
            }
            // All of it is forgotten some time.
            start_block(System::block_number() + 10_000);
            Codes::do_forget(u64::MAX);
            assert!(Used::<Runtime>::iter().next().is_none() && waiting("ann").is_empty());
        });
    }
}

//! Random orders in random sequence and batches, by many submitters, with processors, stops, cancellations, copies that are
//! signed anew and signatures that are bad: each order's verdict is exactly the model's, and so is what everybody has.

use super::{
    kinds::{Dice, KINDS},
    model::{Seal, World, Written, NAMES, SUBMITTERS},
    *,
};
use crate::tests::standstill::stop_and_resume;
use proptest::prelude::*;
use specie_primitives::orders::OrderParty;

/// What is wrong with an order, if anything.
#[derive(Clone, Copy, Debug)]
enum Oddity {
    No,
    Network,
    LongWindow,
    BackwardWindow,
    NoParty,
    TwoParties,
}

/// When an order may be executed, and who alone may submit it at first.
#[derive(Clone, Copy, Debug)]
struct Terms {
    /// First block, from now, and blocks from it to the last.
    window: (u32, u32),
    /// A submitter, and for how many blocks.
    number: Option<(usize, u32)>,
    oddity: Oddity,
}

#[derive(Clone, Debug)]
enum Step {
    /// A payer writes an order of a kind.
    Write(usize, usize, Dice, Terms),
    /// Copies of some of what was written.
    Submit(usize, Vec<(usize, Seal)>),
    /// An owner cancels one of those by a call.
    Cancel(usize, usize),
    Stop(usize, bool),
    Admit(bool),
    /// Payments stand still for a while.
    StandStill,
    /// Blocks go by, and so many steps of forgetting.
    Pass(u32, u64),
}

fn terms() -> impl Strategy<Value = Terms> {
    let oddity = prop_oneof![
        20 => Just(Oddity::No),
        1 => Just(Oddity::Network),
        1 => Just(Oddity::LongWindow),
        1 => Just(Oddity::BackwardWindow),
        1 => Just(Oddity::NoParty),
        1 => Just(Oddity::TwoParties),
    ];
    // The fourth submitter is now a processor and now not, the last two are banks.
    let number = prop::option::weighted(0.3, (3usize..6, 0u32..20));
    (prop_oneof![3 => Just(0u32), 1 => 0u32..10], 0u32..30, number, oddity)
        .prop_map(|(first, window, number, oddity)| Terms { window: (first, window), number, oddity })
}

fn seal() -> impl Strategy<Value = Seal> {
    prop_oneof![
        10 => Just(Seal::Own),
        3 => Just(Seal::Wrapped),
        2 => (0usize..3).prop_map(Seal::Other),
        1 => Just(Seal::Missing),
        1 => Just(Seal::Twice),
        1 => Just(Seal::Cut),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let dice = (0u32..4, 0u32..9, 0u32..20, 0u32..12).prop_map(|(one, two, three, four)| [one, two, three, four]);
    let copies = prop::collection::vec((0usize..64, seal()), 1..8);
    prop_oneof![
        6 => (0usize..4, 0..KINDS.len(), dice, terms())
            .prop_map(|(payer, kind, dice, terms)| Step::Write(payer, kind, dice, terms)),
        8 => (0..SUBMITTERS.len(), copies).prop_map(|(by, copies)| Step::Submit(by, copies)),
        1 => (0usize..4, 0usize..64).prop_map(|(who, place)| Step::Cancel(who, place)),
        1 => (0usize..4, any::<bool>()).prop_map(|(who, is_stopped)| Step::Stop(who, is_stopped)),
        1 => any::<bool>().prop_map(Step::Admit),
        1 => Just(Step::StandStill),
        3 => (1u32..12, 0u64..40).prop_map(|(blocks, steps)| Step::Pass(blocks, steps)),
    ]
}

/// Who hands out the numbers that bear this submitter's name.
fn processor(by: usize) -> Processor {
    match by {
        4 => Processor::Bank(BANK_A),
        5 => Processor::Bank(BANK_B),
        _ => Processor::Owner(owner(NAMES[3])),
    }
}

fn write(world: &World, payer: usize, kind: usize, dice: Dice, terms: Terms, before: &[Written]) -> Written {
    let action = (KINDS[kind].make)(world, payer, dice, before);
    let Terms { window: (first, window), number, oddity } = terms;
    let valid = (world.clock + first, world.clock + first + window);
    let random = std::array::from_fn(|place| (before.len() >> (place % 2 * 8)) as u8);
    let mut order = Order::new(System::block_hash(0), random, valid, owner(NAMES[payer]), action);
    order.processing = number.map(|(by, blocks)| Processing {
        processor: processor(by),
        number: before.len() as u64,
        until: world.clock + blocks,
    });
    let parties = |places: &[usize]| -> Vec<OrderParty> {
        places.iter().map(|who| OrderParty { owner: owner(NAMES[who % NAMES.len()]), version: 0 }).collect()
    };
    match oddity {
        Oddity::No => {},
        Oddity::Network => order.genesis = Hash::repeat_byte(7),
        Oddity::LongWindow => order.valid_until = BlockNumber::MAX,
        Oddity::BackwardWindow => (order.valid_from, order.valid_until) = (order.valid_until + 1, order.valid_from),
        Oddity::NoParty => order.parties = Default::default(),
        Oddity::TwoParties => order.parties = parties(&[payer, payer + 1]).try_into().expect("few"),
    }
    Written { order, payer }
}

/// Submits copies and compares every verdict.
fn submit(world: &mut World, written: &[Written], by: usize, copies: &[(usize, Seal)]) -> Vec<Verdict> {
    let all: Vec<_> = copies.iter().map(|(place, seal)| (&written[place % written.len()], *seal)).collect();
    let batch = |some: &[(&Written, Seal)]| some.iter().map(|(order, seal)| order.copy(*seal)).collect::<Vec<_>>();
    let is_alone = all.len() == 1 || world.processor(by).is_none();
    if is_alone && all.len() > 1 {
        refused(SUBMITTERS[by], submission(batch(&all)), OrdersError::<Runtime>::NotProcessor);
    }
    let some = if is_alone { &all[..1] } else { &all[..] };
    let documents = batch(some);
    let expected: Vec<_> = some.iter().map(|(order, seal)| world.judge(by, order, *seal)).collect();
    assert_eq!(verdicts(SUBMITTERS[by], documents), expected, "{} submits {some:?}", SUBMITTERS[by]);
    expected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_verdict_is_the_models(steps in prop::collection::vec(step(), 1..100)) {
        run(|| {
            let mut world = World::begin();
            let mut written: Vec<Written> = Vec::new();
            for step in steps {
                match step {
                    Step::Write(payer, kind, dice, terms) => {
                        written.push(write(&world, payer, kind, dice, terms, &written));
                    },
                    Step::Submit(..) | Step::Cancel(..) if written.is_empty() => continue,
                    Step::Submit(by, copies) => drop(submit(&mut world, &written, by, &copies)),
                    Step::Cancel(who, place) => world.call_cancel(who, &written[place % written.len()].order),
                    Step::Stop(who, is_stopped) => world.stop(who, is_stopped),
                    Step::Admit(is_processor) => world.admit(is_processor),
                    Step::StandStill => stop_and_resume(),
                    Step::Pass(blocks, steps) => world.pass(blocks, steps),
                }
                world.check();
                check_everything();
            }
        });
    }
}

/// Chance must come upon what it is asked for: else the test above says little.
#[test]
fn chance_comes_upon_most_verdicts() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    run(|| {
        let mut world = World::begin();
        let (mut written, mut seen) = (Vec::<Written>::new(), std::collections::BTreeMap::<u8, u32>::new());
        let mut runner = TestRunner::deterministic();
        for _ in 0..600 {
            match step().new_tree(&mut runner).expect("a step").current() {
                Step::Write(payer, kind, dice, terms) => {
                    written.push(write(&world, payer, kind, dice, terms, &written));
                },
                Step::Submit(by, copies) if !written.is_empty() => {
                    // The latest are those that may still be executed.
                    let latest = &written[written.len().saturating_sub(8)..];
                    for verdict in submit(&mut world, latest, by, &copies) {
                        *seen.entry(verdict.encode()[0]).or_default() += 1;
                    }
                },
                Step::Admit(is_processor) => world.admit(is_processor),
                Step::Pass(blocks, steps) => world.pass(blocks % 3, steps),
                _ => {},
            }
        }
        world.check();
        // All but those for what is cancelled or suspended, and for actions that the network does not know.
        for number in [0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 13] {
            assert!(seen.contains_key(&number), "no verdict {number} among {seen:?}");
        }
        assert!(seen[&0] >= 10, "{seen:?}");
    });
}

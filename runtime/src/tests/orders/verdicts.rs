//! Random orders of all actions in random sequence and batches, by many submitters, with processors, stops, cancellations,
//! copies that are signed anew, altered and badly signed: each order's verdict is exactly the model's, and so is what everybody has.

use super::{
    kinds::{Dice, Draft, KINDS},
    model::{Document, Seal, World, Written, JOINT, NAMES, SUBMITTERS},
    *,
};
use crate::tests::standstill::stop_and_resume;
use proptest::prelude::*;
use specie_primitives::orders::OrderParty;
use std::collections::BTreeSet;

/// What is wrong with an order, if anything.
#[derive(Clone, Copy, Debug)]
enum Oddity {
    No,
    Network,
    LongWindow,
    BackwardWindow,
    NoParty,
    TwoParties,
    /// Of the joint account's managers as they will be.
    OtherVersion,
    /// One manager too few signs.
    FewManagers,
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
    /// An owner with a key cancels one of those by a call.
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
        1 => Just(Oddity::OtherVersion),
        1 => Just(Oddity::FewManagers),
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
        1 => Just(Seal::Swapped),
        1 => Just(Seal::Cut),
        2 => any::<u8>().prop_map(Seal::Altered),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let dice = (0u32..5, 0u32..9, 0u32..20, 0u32..12).prop_map(|(one, two, three, four)| [one, two, three, four]);
    let copies = prop::collection::vec((0usize..64, seal()), 1..8);
    prop_oneof![
        6 => (0..NAMES.len(), 0..KINDS.len(), dice, terms())
            .prop_map(|(payer, kind, dice, terms)| Step::Write(payer, kind, dice, terms)),
        8 => (0..SUBMITTERS.len(), copies).prop_map(|(by, copies)| Step::Submit(by, copies)),
        1 => (0..JOINT, 0usize..64).prop_map(|(who, place)| Step::Cancel(who, place)),
        1 => (0..NAMES.len(), any::<bool>()).prop_map(|(who, is_stopped)| Step::Stop(who, is_stopped)),
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
    let Draft { parties, action } = (KINDS[kind].make)(world, payer, dice, before);
    let Terms { window: (first, window), number, oddity } = terms;
    let valid = (world.clock + first, world.clock + first + window);
    let random = std::array::from_fn(|place| (before.len() >> (place % 2 * 8)) as u8);
    let mut order = Order::new(System::block_hash(0), random, valid, owner(NAMES[payer]), action);
    order.processing = number.map(|(by, blocks)| Processing {
        processor: processor(by),
        number: before.len() as u64,
        until: world.clock + blocks,
    });
    let version = world.version + u32::from(matches!(oddity, Oddity::OtherVersion));
    let named = |places: &[usize]| -> Vec<OrderParty> {
        let version = |who: usize| if who == JOINT { version } else { 0 };
        places.iter().map(|who| OrderParty { owner: owner(NAMES[*who]), version: version(*who) }).collect()
    };
    order.parties = named(&parties).try_into().expect("few");
    match oddity {
        Oddity::No | Oddity::OtherVersion | Oddity::FewManagers => {},
        Oddity::Network => order.genesis = Hash::repeat_byte(7),
        Oddity::LongWindow => order.valid_until = BlockNumber::MAX,
        Oddity::BackwardWindow => (order.valid_from, order.valid_until) = (order.valid_until + 1, order.valid_from),
        Oddity::NoParty => order.parties = Default::default(),
        Oddity::TwoParties => {
            order.parties = named(&[payer, (payer + 1) % NAMES.len()]).try_into().expect("few");
        },
    }
    Written::new(world, order, matches!(oddity, Oddity::FewManagers))
}

/// Whether whatever asks for it is a movement. Of a code, the payment may wait.
fn moves(action: &Action) -> bool {
    let waits = matches!(action, Action::Code(_) | Action::Answer { .. });
    !waits && !matches!(action, Action::Cancel { .. } | Action::Dispute { .. } | Action::SetManagers { .. })
}

/// Submits copies and compares every verdict, and what the record ascribes to which order.
fn submit(world: &mut World, written: &[Written], by: usize, copies: &[(usize, Seal)]) -> Vec<(Document, Verdict)> {
    let all: Vec<_> = copies.iter().map(|(place, seal)| written[place % written.len()].copy(*seal)).collect();
    let batch = |some: &[Document]| some.iter().map(Document::bytes).collect::<Vec<_>>();
    let is_alone = all.len() == 1 || world.processor(by).is_none();
    if is_alone && all.len() > 1 {
        refused(SUBMITTERS[by], submission(batch(&all)), OrdersError::<Runtime>::NotProcessor);
    }
    let some = if is_alone { all[..1].to_vec() } else { all };
    let documents = batch(&some);
    let expected: Vec<_> = some.iter().map(|copy| world.judge(by, copy)).collect();
    assert_eq!(verdicts(SUBMITTERS[by], documents), expected, "{} submits {some:?}", SUBMITTERS[by]);
    let ascribed: BTreeSet<_> = crate::flows::of_block().into_iter().filter_map(|flow| flow.order).collect();
    assert!(ascribed.is_subset(&world.executed), "something moved by an order that was not executed");
    for (copy, verdict) in some.iter().zip(&expected) {
        let has_moved = *verdict == Verdict::Executed && moves(&copy.order.action);
        assert!(!has_moved || ascribed.contains(&copy.order.id()), "nothing moved by {copy:?}");
    }
    some.into_iter().zip(expected).collect()
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
fn chance_comes_upon_all_actions_and_most_verdicts() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    run(|| {
        let mut world = World::begin();
        let mut written = Vec::<Written>::new();
        let (mut seen, mut done) = (std::collections::BTreeMap::<u8, u32>::new(), BTreeSet::new());
        let mut runner = TestRunner::deterministic();
        for _ in 0..3_000 {
            match step().new_tree(&mut runner).expect("a step").current() {
                Step::Write(payer, kind, dice, terms) => {
                    written.push(write(&world, payer, kind, dice, terms, &written));
                },
                Step::Submit(by, copies) if !written.is_empty() => {
                    // The latest are those that may still be executed.
                    let latest = &written[written.len().saturating_sub(8)..];
                    for (copy, verdict) in submit(&mut world, latest, by, &copies) {
                        *seen.entry(verdict.encode()[0]).or_default() += 1;
                        if verdict == Verdict::Executed {
                            done.insert(copy.order.action.encode()[0]);
                        }
                    }
                },
                Step::Admit(is_processor) => world.admit(is_processor),
                Step::Pass(blocks, steps) => world.pass(blocks % 3, steps),
                _ => {},
            }
        }
        world.check();
        // All but those for what is cancelled or suspended, and for actions that the network does not know.
        for number in [0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 16] {
            assert!(seen.contains_key(&number), "no verdict {number} among {seen:?}");
        }
        assert!(seen[&0] >= 50, "{seen:?}");
        assert_eq!(done, (0..KINDS.len() as u8).collect::<BTreeSet<_>>(), "no order of some action was executed");
    });
}

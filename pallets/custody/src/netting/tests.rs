//! Choices against every possible one.

use super::*;

const A: BankId = BankId(1);
const B: BankId = BankId(2);
const C: BankId = BankId(3);

fn transfer(from: BankId, to: BankId, amount: Balance) -> Transfer {
    Transfer { from, to, amount }
}

fn reserves(of: [Balance; 3]) -> BTreeMap<BankId, Balance> {
    [A, B, C].into_iter().zip(of).collect()
}

fn is_covered(transfers: &[Transfer], reserves: &BTreeMap<BankId, Balance>, chosen: &[bool]) -> bool {
    positions(transfers, reserves, chosen).values().all(|position| position.gives <= position.has)
}

/// Whether no transfer of a choice overtakes another of its bank.
fn is_in_order(transfers: &[Transfer], chosen: &[bool], bank: BankId) -> bool {
    let of_bank = transfers.iter().zip(chosen).filter(|(transfer, _)| transfer.from == bank);
    let flags: Vec<bool> = of_bank.map(|(_, chosen)| *chosen).collect();
    flags.windows(2).all(|pair| pair[0] || !pair[1])
}

/// Numbers that look random and are the same in every run: splitmix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[test]
fn a_ring_settles_without_any_reserve() {
    let ring = [transfer(A, B, 100), transfer(B, C, 100), transfer(C, A, 100)];
    for in_order in [true, false] {
        assert_eq!(choose(&ring, &reserves([0; 3]), |_| in_order), [true; 3]);
    }
    // Two of three are no ring.
    assert_eq!(choose(&ring[..2], &reserves([0; 3]), |_| true), [false; 2]);
    // With a difference, whoever pays it needs it.
    let uneven = [transfer(A, B, 110), transfer(B, C, 100), transfer(C, A, 100)];
    assert_eq!(choose(&uneven, &reserves([9, 0, 0]), |_| true), [false; 3]);
    assert_eq!(choose(&uneven, &reserves([10, 0, 0]), |_| true), [true; 3]);
}

#[test]
fn one_that_nothing_covers_stops_only_those_in_order() {
    let queue = [transfer(A, B, 1_000_000), transfer(A, B, 100), transfer(B, C, 100), transfer(C, A, 100)];
    assert_eq!(choose(&queue, &reserves([0; 3]), |_| false), [false, true, true, true]);
    assert_eq!(choose(&queue, &reserves([0; 3]), |bank| bank == A), [false; 4]);
    // Whether another bank keeps an order is its own business.
    assert_eq!(choose(&queue, &reserves([0; 3]), |bank| bank == B), [false, true, true, true]);
}

#[test]
fn what_the_reserve_covers_settles_alone() {
    let queue = [transfer(A, B, 70), transfer(A, C, 40), transfer(A, B, 30)];
    assert_eq!(choose(&queue, &reserves([100, 0, 0]), |_| true), [true, false, false]);
    assert_eq!(choose(&queue, &reserves([100, 0, 0]), |_| false), [true, false, true]);
    assert_eq!(choose(&queue, &reserves([140, 0, 0]), |_| true), [true; 3]);
    assert!(choose(&[], &reserves([1; 3]), |_| true).is_empty());
}

#[test]
fn boundary_amounts_beyond_everything_are_left_out() {
    let queue = [transfer(A, B, Balance::MAX), transfer(A, B, Balance::MAX), transfer(B, A, 1)];
    assert_eq!(choose(&queue, &reserves([5, 1, 0]), |_| false), [false, false, true]);
}

/// The greatest choice in which nothing overtakes is found, and with overtaking none that the reserves do not cover.
#[test]
fn no_choice_in_order_is_greater() {
    let mut numbers = Numbers(7);
    for _ in 0..3_000 {
        let count = 1 + numbers.below(7) as usize;
        let banks = [A, B, C];
        let transfers: Vec<Transfer> = (0..count)
            .map(|_| {
                let from = numbers.below(3) as usize;
                let to = (from + 1 + numbers.below(2) as usize) % 3;
                transfer(banks[from], banks[to], 1 + Balance::from(numbers.below(9)))
            })
            .collect();
        let reserves = reserves([(); 3].map(|()| Balance::from(numbers.below(6))));

        let chosen = choose(&transfers, &reserves, |_| true);
        assert!(is_covered(&transfers, &reserves, &chosen), "{transfers:?} {reserves:?} {chosen:?}");
        assert!(banks.iter().all(|bank| is_in_order(&transfers, &chosen, *bank)), "{transfers:?} {chosen:?}");
        for bits in 0..1u32 << count {
            let other: Vec<bool> = (0..count).map(|place| (bits >> place) & 1 == 1).collect();
            let counts = banks.iter().all(|bank| is_in_order(&transfers, &other, *bank))
                && is_covered(&transfers, &reserves, &other);
            let within = other.iter().zip(&chosen).all(|(other, chosen)| *chosen || !*other);
            assert!(!counts || within, "{other:?} is greater than {chosen:?} of {transfers:?} with {reserves:?}");
        }

        let overtaking = choose(&transfers, &reserves, |bank| bank == A);
        assert!(is_covered(&transfers, &reserves, &overtaking), "{transfers:?} {reserves:?} {overtaking:?}");
        assert!(is_in_order(&transfers, &overtaking, A), "{transfers:?} {overtaking:?}");
        assert!(overtaking.iter().zip(&chosen).all(|(more, less)| *more || !*less), "{transfers:?} {overtaking:?}");
    }
}

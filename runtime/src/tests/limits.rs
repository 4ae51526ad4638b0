//! Limits of classes, and every way around them.

use super::*;
use pallet_limits::{Error as LimitsError, Usage};
use specie_primitives::{
    api::LimitsInfo,
    limits::{CalendarChange, DAY_MS},
    ClassLimits, Subject,
};
use OwnerClass::{AnonymousCard, Firm, Person, Phone};

/// Noon of the day on which tests begin.
const NOON: u64 = 20_000 * DAY_MS + DAY_MS / 2;
/// The same number of days since 1970.
const TODAY: u32 = 20_000;
const TAG: PersonTag = PersonTag([7; 32]);
const OTHER_TAG: PersonTag = PersonTag([8; 32]);

/// Sets the clock.
pub fn at(ms: u64) {
    pallet_timestamp::Now::<Runtime>::put(ms);
}

/// [`with_money`] at noon.
fn with_money_at_noon() {
    at(NOON);
    with_money();
}

pub fn set_limits(class: OwnerClass, per_payment: Option<Balance>, per_day: Option<Balance>, balance: Option<Balance>) {
    let limits = ClassLimits { per_payment, per_day, balance };
    assert_ok!(call("//Supervising//1", pallet_limits::Call::set_limits { class, limits }));
}

pub fn info(name: &str) -> LimitsInfo {
    Limits::info(owner(name)).expect("registered")
}

/// So many coins of ten that somebody has, to somebody else.
fn tens(from: &str, to: &str, count: usize) -> pallet_ownership::Call<Runtime> {
    // They were minted first.
    let coins: Vec<_> = coins_of(from).into_iter().filter(|coin| coin.coin.batch == 0).take(count).collect();
    assert_eq!(coins.len(), count, "{from} has too few coins");
    pallet_ownership::Call::transfer { to: owner(to), coins: coins.try_into().expect("few") }
}

fn transfer(from: &str, to: &str, count: usize) -> Result<(), DispatchError> {
    call(&format!("//{from}"), tens(from, to, count))
}

fn credit(bank: &str, name: &str, amount: Balance) -> Result<(), DispatchError> {
    call(bank, pallet_custody::Call::credit { owner: owner(name), amount })
}

fn usage(subject: Subject) -> (Balance, Balance) {
    let usage = Usage::<Runtime>::get(subject);
    (usage.paid, usage.held)
}

#[test]
fn success_a_payment_counts_for_the_payers_day() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, Some(5_000), Some(3_000), Some(600_000));
        assert_eq!((info("ann").paid_today, info("ann").held, info("ben").held), (0, 500_000, 0));

        assert_ok!(transfer("ann", "ben", 2));

        let ann = info("ann");
        assert_eq!((ann.class, ann.paid_today, ann.held, ann.day), (Phone, 2_000, 498_000, TODAY));
        assert_eq!(ann.day_ends_ms, NOON + DAY_MS / 2);
        // A payment may be worth no more than what is left of the day.
        let left = ClassLimits { per_payment: Some(1_000), per_day: Some(1_000), balance: Some(102_000) };
        assert_eq!(ann.left, left);
        assert_eq!((info("ben").paid_today, info("ben").held), (0, 2_000));
        assert_eq!(Limits::info(owner("nobody")), None);
        // What comes back renews nothing.
        assert_ok!(transfer("ben", "ann", 2));
        assert_eq!((info("ann").paid_today, info("ann").held), (2_000, 500_000));
    });
}

#[test]
fn boundary_a_payment() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, Some(2_000), None, None);
        refused("//ann", tens("ann", "ben", 3), LimitsError::<Runtime>::OverPaymentLimit);
        assert_ok!(transfer("ann", "ben", 2));
        set_limits(Phone, Some(1_999), None, None);
        refused("//ann", tens("ann", "ben", 2), LimitsError::<Runtime>::OverPaymentLimit);
    });
}

#[test]
fn boundary_the_payments_of_a_day() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, None, Some(3_000), None);
        refused("//ann", tens("ann", "ben", 4), LimitsError::<Runtime>::OverDailyLimit);
        // In parts it is no less.
        assert_ok!(transfer("ann", "ben", 2));
        refused("//ann", tens("ann", "ben", 2), LimitsError::<Runtime>::OverDailyLimit);
        assert_ok!(transfer("ann", "ben", 1));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
    });
}

#[test]
fn boundary_midnight() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, None, Some(3_000), None);
        let midnight = NOON + DAY_MS / 2;
        at(midnight - 1);
        assert_ok!(transfer("ann", "ben", 3));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
        at(midnight);
        assert_eq!((info("ann").paid_today, info("ann").day), (0, TODAY + 1));
        assert_ok!(transfer("ann", "ben", 3));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
        at(midnight + DAY_MS - 1);
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
    });
}

#[test]
fn boundary_what_a_payee_may_hold() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, None, None, Some(2_000));
        // Ann holds more than that already: she pays, and receives nothing.
        refused("//ann", tens("ann", "ben", 3), LimitsError::<Runtime>::PayeeOverBalanceLimit);
        assert_ok!(transfer("ann", "ben", 2));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::PayeeOverBalanceLimit);
        refused("//ben", tens("ben", "ann", 1), LimitsError::<Runtime>::PayeeOverBalanceLimit);
        assert_eq!(info("ann").left.balance, Some(0));
        // Nor does a bank credit it; in the form of custody it is no less.
        let coins = coins_of("ben").try_into().expect("few");
        assert_ok!(call("//ben", pallet_custody::Call::deposit { bank: BANK_B, coins }));
        assert_eq!(credit("//BankA", "ben", 1), Err(LimitsError::<Runtime>::OverBalanceLimit.into()));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::PayeeOverBalanceLimit);
        // What is paid out at the counter makes room.
        assert_ok!(call("//BankB", pallet_custody::Call::debit { owner: owner("ben"), amount: 1_000 }));
        assert_eq!(info("ben").paid_today, 0);
        assert_ok!(credit("//BankA", "ben", 1_000));
        let again = pallet_custody::Call::credit { owner: owner("ben"), amount: 1 };
        refused("//BankA", again, LimitsError::<Runtime>::OverBalanceLimit);
    });
}

#[test]
fn what_is_set_aside_for_somebody_counts_as_paid_and_is_held_until_it_is_given() {
    use specie_primitives::traits::Limits as _;
    run(|| {
        with_money_at_noon();
        set_limits(Phone, Some(2_000), Some(3_000), None);
        let undone = frame_support::storage::transactional::with_transaction(|| {
            let ann = owner("ann");
            let over = |error: LimitsError<Runtime>| Err(DispatchError::from(error));
            assert_eq!(Limits::sent(ann, 2_001), over(LimitsError::OverPaymentLimit));
            assert_ok!(Limits::sent(ann, 2_000));
            assert_eq!((info("ann").paid_today, info("ann").held), (2_000, 500_000));
            assert_eq!(Limits::sent(ann, 1_001), over(LimitsError::OverDailyLimit));
            assert_ok!(Limits::sent(ann, 1_000));
            assert_ok!(Limits::given(ann, 2_000));
            assert_eq!((info("ann").paid_today, info("ann").held), (3_000, 498_000));
            // No coins were moved by this.
            sp_runtime::TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
        });
        assert_ok!(undone);
    });
}

#[test]
fn a_change_of_form_neither_counts_nor_is_checked() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, Some(0), Some(0), Some(0));
        let before = (info("ann").paid_today, info("ann").held);
        let selection = fresh(&[(TEN, 5)]);
        assert_ok!(call("//ann", pallet_custody::Call::withdraw { bank: BANK_A, selection }));
        let coins = coins_of("ann").try_into().expect("few");
        assert_ok!(call("//ann", pallet_custody::Call::deposit { bank: BANK_B, coins }));
        assert_eq!((info("ann").paid_today, info("ann").held), before);
        assert_eq!(custody(BANK_B, "ann"), 115_000);
    });
}

#[test]
fn another_key_renews_no_limit() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, None, Some(3_000), None);
        assert_ok!(transfer("ann", "ben", 3));
        assert_ok!(rotate("ann", "//ann", "//ann2"));
        refused("//ann2", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
    });
}

/// Ann as a person twice, at two banks, with money on the first.
fn two_anns() {
    with_money_at_noon();
    assert_ok!(change_class("//BankA", BANK_A, "ann", "//ann", Person, Some(TAG)));
    assert_ok!(register_as("//BankB", BANK_B, "anna", "//anna", Person, Some(TAG)));
}

#[test]
fn the_identities_of_a_person_count_together() {
    run(|| {
        two_anns();
        set_limits(Person, None, Some(3_000), Some(500_000));
        // Between both the limits of payments hold, and that of the balance does not.
        assert_ok!(transfer("ann", "anna", 2));
        assert_eq!((info("ann").held, info("anna").held), (500_000, 500_000));
        assert_eq!((info("ann").paid_today, info("anna").paid_today), (2_000, 2_000));
        refused("//ann", tens("ann", "anna", 2), LimitsError::<Runtime>::OverDailyLimit);
        assert_ok!(transfer("anna", "ben", 1));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
        refused("//anna", tens("anna", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
        // A payment to either fills the one balance, at either bank.
        assert_ok!(credit("//BankB", "anna", 1_000));
        let coins = coins_of("ann")[..1].to_vec().try_into().expect("one");
        assert_ok!(call("//ann", pallet_custody::Call::deposit { bank: BANK_B, coins }));
        for (bank, name) in [("//BankA", "ann"), ("//BankB", "ann"), ("//BankB", "anna")] {
            let more = pallet_custody::Call::credit { owner: owner(name), amount: 1 };
            refused(bank, more, LimitsError::<Runtime>::OverBalanceLimit);
        }
        refused("//ben", tens("ben", "anna", 1), LimitsError::<Runtime>::PayeeOverBalanceLimit);
    });
}

#[test]
fn the_class_of_the_identity_that_pays_decides() {
    run(|| {
        two_anns();
        assert_ok!(change_class("//BankB", BANK_B, "anna", "//anna", Firm, Some(TAG)));
        set_limits(Person, None, Some(3_000), None);
        set_limits(Firm, None, Some(5_000), None);
        assert_ok!(transfer("ann", "anna", 3));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
        assert_ok!(transfer("anna", "ben", 2));
        refused("//anna", tens("anna", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
    });
}

#[test]
fn another_class_or_tag_renews_no_limit() {
    run(|| {
        with_money_at_noon();
        for class in OwnerClass::ALL {
            set_limits(class, None, Some(3_000), None);
        }
        assert_ok!(transfer("ann", "ben", 3));
        let change = |class, person| {
            assert_ok!(change_class("//BankA", BANK_A, "ann", "//ann", class, person));
        };
        let stays = || {
            refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
            check_everything();
        };
        change(Person, Some(TAG));
        assert_eq!(usage(Subject::Person(TAG)), (3_000, 497_000));
        assert!(!Usage::<Runtime>::contains_key(Subject::Owner(owner("ann"))));
        stays();
        change(Firm, Some(OTHER_TAG));
        // What was paid counts in both, what is held in one.
        assert_eq!(usage(Subject::Person(TAG)), (3_000, 0));
        assert_eq!(usage(Subject::Person(OTHER_TAG)), (3_000, 497_000));
        stays();
        change(Phone, None);
        assert_eq!(usage(Subject::Owner(owner("ann"))), (3_000, 497_000));
        stays();
        change(AnonymousCard, None);
        stays();
        // Whoever joins the person left behind finds its day used up, too.
        assert_ok!(change_class("//BankA", BANK_A, "ben", "//ben", Person, Some(TAG)));
        refused("//ben", tens("ben", "ann", 1), LimitsError::<Runtime>::OverDailyLimit);
        at(NOON + DAY_MS / 2);
        assert_ok!(transfer("ben", "ann", 3));
        assert_ok!(transfer("ann", "ben", 3));
    });
}

#[test]
fn a_person_that_leaves_and_comes_back_has_its_day_behind_it() {
    run(|| {
        two_anns();
        set_limits(Person, None, Some(3_000), None);
        assert_ok!(transfer("ann", "anna", 3));
        // Closed and registered with another id.
        let coins = coins_of("anna").try_into().expect("few");
        assert_ok!(call("//anna", pallet_custody::Call::deposit { bank: BANK_B, coins }));
        assert_ok!(call("//BankB", pallet_custody::Call::debit { owner: owner("anna"), amount: 3_000 }));
        assert_ok!(call("//BankB", pallet_identity::Call::close { owner: owner("anna") }));
        assert_ok!(register_as("//BankB", BANK_B, "annie", "//annie", Person, Some(TAG)));
        assert_eq!(info("annie").paid_today, 3_000);
        assert_ok!(credit("//BankB", "annie", 1_000));
        assert_eq!(info("ann").held, 498_000);
    });
}

#[test]
fn a_bank_merges_two_persons_that_are_one() {
    run(|| {
        with_money_at_noon();
        for (name, tag) in [("ann", TAG), ("ben", OTHER_TAG)] {
            assert_ok!(change_class("//BankA", BANK_A, name, &format!("//{name}"), Person, Some(tag)));
        }
        set_limits(Person, None, Some(5_000), None);
        assert_ok!(transfer("ann", "ben", 4));
        assert_ok!(transfer("ben", "ann", 3));
        assert_ok!(change_class("//BankA", BANK_A, "ben", "//ben", Person, Some(TAG)));
        assert_eq!((info("ann").paid_today, info("ann").held), (7_000, 500_000));
        refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
        refused("//ben", tens("ben", "ann", 1), LimitsError::<Runtime>::OverDailyLimit);
    });
}

#[test]
fn the_supervisor_sets_limits_and_the_calendar() {
    run(|| {
        with_money_at_noon();
        let limits = ClassLimits::default();
        for uri in ["//Issuing//1", "//Admitting//1", "//Operating//1", "//Committee//1", "//BankA", "//ann"] {
            refused(uri, pallet_limits::Call::set_limits { class: Phone, limits }, DispatchError::BadOrigin);
            refused(uri, set_calendar(&[(0, 60)]), DispatchError::BadOrigin);
        }
        set_limits(Phone, Some(1), Some(2), Some(3));
        let expected = pallet_limits::Event::<Runtime>::LimitsSet {
            class: Phone,
            limits: ClassLimits { per_payment: Some(1), per_day: Some(2), balance: Some(3) },
        };
        assert_eq!(System::events().pop().expect("an event").event, expected.into());
    });
}

fn set_calendar(changes: &[(u64, i16)]) -> pallet_limits::Call<Runtime> {
    let changes: Vec<_> = changes
        .iter()
        .map(|(from_ms, offset_minutes)| CalendarChange { from_ms: *from_ms, offset_minutes: *offset_minutes })
        .collect();
    pallet_limits::Call::set_calendar { changes: changes.try_into().expect("few") }
}

#[test]
fn fails_a_calendar_that_is_none_or_renews_limits() {
    run(|| {
        with_money_at_noon();
        let refused = |changes: &[(u64, i16)], error| refused("//Supervising//1", set_calendar(changes), error);
        let bad: [&[(u64, i16)]; 5] = [&[], &[(NOON + 1, 0)], &[(5, 0), (5, 1)], &[(5, 0), (4, 1)], &[(0, 841)]];
        for bad in bad {
            refused(bad, LimitsError::<Runtime>::BadCalendar);
        }
        // At noon, twelve hours more would be tomorrow.
        refused(&[(0, 12 * 60)], LimitsError::<Runtime>::DayWouldChange);
        refused(&[(0, -12 * 60 - 1)], LimitsError::<Runtime>::DayWouldChange);
        assert_ok!(call("//Supervising//1", set_calendar(&[(0, 12 * 60 - 1)])));
        assert_eq!(info("ann").day_ends_ms, NOON + 60_000);
        assert_ok!(call("//Supervising//1", set_calendar(&[(0, -12 * 60)])));
        assert_eq!(info("ann").day_ends_ms, NOON + DAY_MS);
    });
}

#[test]
fn a_day_that_comes_twice_has_one_limit() {
    run(|| {
        with_money_at_noon();
        set_limits(Phone, None, Some(3_000), None);
        // Half an hour past midnight, local time goes back by an hour.
        let midnight = NOON + DAY_MS / 2;
        let half_past = midnight + 30 * 60_000;
        assert_ok!(call("//Supervising//1", set_calendar(&[(0, 0), (half_past, -60)])));
        assert_ok!(transfer("ann", "ben", 3));
        at(midnight);
        assert_ok!(transfer("ann", "ben", 3));
        for again in [half_past, half_past + 29 * 60_000, half_past + 30 * 60_000, midnight + DAY_MS] {
            at(again);
            refused("//ann", tens("ann", "ben", 1), LimitsError::<Runtime>::OverDailyLimit);
        }
        at(midnight + DAY_MS + 60 * 60_000);
        assert_ok!(transfer("ann", "ben", 3));
    });
}

#[test]
fn the_scan_finds_what_the_counters_do_not() {
    run(|| {
        two_anns();
        let broken = |alter: fn(), message: &'static str| {
            let outcome = frame_support::storage::transactional::with_transaction(|| {
                alter();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(Limits::do_try_state()))
            });
            assert_eq!(outcome, Ok(Err(DispatchError::Other(message))));
        };
        let differs = "I1: what is recorded as held differs from the holdings";
        broken(|| Usage::<Runtime>::mutate(Subject::Person(TAG), |usage| usage.held += 1), differs);
        broken(|| Usage::<Runtime>::mutate(Subject::Person(OTHER_TAG), |usage| usage.held = 1), differs);
        broken(|| pallet_ownership::Purses::<Runtime>::remove(owner("ann")), differs);
        let unrecorded = "I1: holdings of which nothing is recorded";
        broken(|| Usage::<Runtime>::remove(Subject::Person(TAG)), unrecorded);
        let own = || Usage::<Runtime>::mutate(Subject::Owner(owner("anna")), |usage| usage.paid = 1);
        broken(own, "I2: something is recorded for an owner that counts for a person");
        broken(pallet_limits::Calendar::<Runtime>::kill, "I3: no calendar is in force, or not in order");
    });
}

#[test]
fn the_id_of_a_dormant_owner_is_released_although_its_person_is_there() {
    run(|| {
        two_anns();
        let release = |name: &str| pallet_identity::Call::release { owner: owner(name) };
        let days = u64::from(pallet_identity::DormancyDays::<Runtime>::get());
        assert!(days > 1);
        // Ann pays with one of her identities.
        at(NOON + (days - 1) * DAY_MS);
        assert_ok!(transfer("ann", "ben", 1));
        refused("//BankC", release("anna"), pallet_identity::Error::<Runtime>::NotDormant);
        at(NOON + days * DAY_MS);
        refused("//BankC", release("ann"), pallet_identity::Error::<Runtime>::NotDormant);
        refused("//BankC", release("ben"), pallet_identity::Error::<Runtime>::NotDormant);
        assert_ok!(call("//BankC", release("anna")));
        // Whoever gets the number has nothing of hers.
        assert_ok!(register_as("//BankC", BankId(3), "anna", "//eve", Phone, None));
        assert_eq!((info("anna").class, info("anna").held, info("anna").paid_today), (Phone, 0, 0));
        // With money, nobody is ever released; what was received counts as being there.
        at(NOON + 3 * days * DAY_MS);
        refused("//BankC", release("ben"), pallet_ownership::Error::<Runtime>::CoinsLeft);
        refused("//BankC", release("ann"), pallet_ownership::Error::<Runtime>::CoinsLeft);
        assert_ok!(call("//BankC", release("anna")));
    });
}

#[test]
fn a_usage_fits_into_32_bytes_up_to_absurd_amounts() {
    use codec::{Encode, MaxEncodedLen};
    let usage = |paid, held| pallet_limits::DayUsage { day: u32::MAX, paid, held };
    // A trillion units each.
    assert!(usage(100_000_000_000_000, 100_000_000_000_000).encode().len() <= 32);
    let longest = usage(Balance::MAX, Balance::MAX).encode().len();
    assert_eq!(longest, pallet_limits::DayUsage::max_encoded_len());
}

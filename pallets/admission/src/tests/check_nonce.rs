//! [`CheckNonce`].

use super::*;
use codec::{Decode, Encode};

/// What the pool asks. The state it changes is thrown away.
fn validate(number: u8, nonce: Nonce) -> Result<ValidTransaction, TransactionValidityError> {
    CheckNonce::<Test>::from(nonce)
        .validate_only(signed(number), &remark(), &DispatchInfo::default(), 0, External, 0)
        .map(|(validity, _, _)| validity)
}

/// What a block does: validates, then prepares.
fn apply(number: u8, nonce: Nonce) -> Result<(), TransactionValidityError> {
    CheckNonce::<Test>::from(nonce)
        .validate_and_prepare(signed(number), &remark(), &DispatchInfo::default(), 0, 0)
        .map(|_| ())
}

fn used(number: u8) -> Option<(u32, Nonce)> {
    QuotaOf::<Test>::get(account(number)).map(|used| (used.window, used.start))
}

fn bank_used(bank: u32) -> Option<(u32, u32)> {
    BankUsed::<Test>::get(BankId(bank)).map(|used| (used.window, used.count))
}

#[test]
fn success_up_to_the_quota_and_again_in_the_next_window() {
    ExtBuilder::default().build_and_execute(|| {
        for nonce in 0..QUOTA {
            assert!(validate(ANN, nonce).is_ok());
            assert_eq!(apply(ANN, nonce), Ok(()));
            assert_eq!(used(ANN), Some((WINDOW_START, 0)));
        }
        for block in [WINDOW_START, WINDOW_START + WINDOW - 1] {
            System::set_block_number(block);
            assert_eq!(validate(ANN, QUOTA), refused(Refusal::QuotaUsed));
            assert_noop!(apply(ANN, QUOTA), TransactionValidityError::from(Refusal::QuotaUsed));
        }
        // Another owner has a quota of its own.
        assert_eq!(apply(BEN, 0), Ok(()));

        System::set_block_number(WINDOW_START + WINDOW);
        assert!(validate(ANN, QUOTA).is_ok());
        // Looking does not count.
        assert_eq!(used(ANN), Some((WINDOW_START, 0)));
        for nonce in QUOTA..2 * QUOTA {
            assert_eq!(apply(ANN, nonce), Ok(()));
            assert_eq!(used(ANN), Some((WINDOW_START + WINDOW, QUOTA)));
        }
        assert_eq!(apply(ANN, 2 * QUOTA), refused(Refusal::QuotaUsed));
    });
}

#[test]
fn fails_a_nonce_ahead_beyond_the_quota() {
    ExtBuilder::default().build_and_execute(|| {
        // In the pool the account's nonce stands still: nonces up to the quota wait, those beyond are refused.
        let waiting = validate(ANN, QUOTA - 1).unwrap();
        assert_eq!(waiting.requires, vec![(account(ANN), QUOTA - 2).encode()]);
        assert_eq!(waiting.provides, vec![(account(ANN), QUOTA - 1).encode()]);
        assert_eq!(validate(ANN, QUOTA), refused(Refusal::QuotaUsed));
        assert_eq!(validate(ANN, Nonce::MAX), refused(Refusal::QuotaUsed));

        // Used up in part, the rest counts from the window's start.
        assert_eq!(apply(ANN, 0), Ok(()));
        assert!(validate(ANN, QUOTA - 1).is_ok());
        assert_eq!(validate(ANN, QUOTA), refused(Refusal::QuotaUsed));

        // A window in which nothing was sent yet begins at the account's nonce.
        System::set_block_number(WINDOW_START + WINDOW);
        assert!(validate(ANN, QUOTA).is_ok());
        assert_eq!(validate(ANN, QUOTA + 1), refused(Refusal::QuotaUsed));
    });
}

#[test]
fn success_institutions_have_no_quota() {
    ExtBuilder::quotas(1, 1).build_and_execute(|| {
        for number in EXEMPT {
            assert!(validate(number, 1_000).is_ok());
            for nonce in 0..10 {
                assert_eq!(apply(number, nonce), Ok(()));
            }
            assert_eq!(used(number), None);
        }
        assert_eq!(bank_used(1), None);
    });
}

#[test]
fn success_without_quotas_nothing_is_counted() {
    ExtBuilder::quotas(0, 0).build_and_execute(|| {
        Window::<Test>::put(0);
        assert!(validate(ANN, 1_000).is_ok());
        for nonce in 0..10 {
            assert_eq!(apply(ANN, nonce), Ok(()));
        }
        assert_eq!((used(ANN), bank_used(1)), (None, None));
    });
}

#[test]
fn boundary_bank_quota_is_shared_by_its_owners() {
    ExtBuilder::quotas(0, 3).build_and_execute(|| {
        assert_eq!(apply(ANN, 0), Ok(()));
        assert_eq!(apply(ANN, 1), Ok(()));
        assert_eq!(bank_used(1), Some((WINDOW_START, 2)));
        assert_eq!(apply(BEN, 0), Ok(()));
        for (number, nonce) in [(ANN, 2), (BEN, 1)] {
            assert_eq!(validate(number, nonce), refused(Refusal::BankQuotaUsed));
            assert_noop!(apply(number, nonce), TransactionValidityError::from(Refusal::BankQuotaUsed));
        }
        assert_eq!(bank_used(1), Some((WINDOW_START, 3)));
        // The other bank's share is untouched.
        assert_eq!(apply(CLEO, 0), Ok(()));
        assert_eq!(bank_used(2), Some((WINDOW_START, 1)));

        System::set_block_number(WINDOW_START + WINDOW);
        assert_eq!(apply(BEN, 1), Ok(()));
        assert_eq!(bank_used(1), Some((WINDOW_START + WINDOW, 1)));
    });
}

#[test]
fn an_objection_is_not_crowded_out_by_the_bank() {
    ExtBuilder::quotas(2, 3).build_and_execute(|| {
        // Given: the bank's other owners used up its quota
        for (number, nonce) in [(ANN, 0), (ANN, 1), (BEN, 0)] {
            assert_eq!(apply(number, nonce), Ok(()));
        }
        assert_eq!(validate(BEN, 1), refused(Refusal::BankQuotaUsed));

        // Then: whoever may object still does, at no cost to the bank's quota
        assert!(validate(OBJECTOR, 0).is_ok());
        assert_eq!(apply(OBJECTOR, 0), Ok(()));
        assert_eq!(bank_used(1), Some((WINDOW_START, 3)));

        // Its own quota counts
        assert_eq!(apply(OBJECTOR, 1), Ok(()));
        assert_eq!(validate(OBJECTOR, 2), refused(Refusal::QuotaUsed));
        assert_noop!(apply(OBJECTOR, 2), TransactionValidityError::from(Refusal::QuotaUsed));
    });
}

#[test]
fn fails_prepare_when_the_banks_quota_went_between() {
    ExtBuilder::quotas(0, 1).build_and_execute(|| {
        // Given: two transactions that both passed validation
        let info = DispatchInfo::default();
        let first = CheckNonce::<Test>::from(0);
        let (_, value, origin) = first.validate_only(signed(ANN), &remark(), &info, 0, External, 0).unwrap();
        assert_eq!(apply(BEN, 0), Ok(()));

        // When the first is prepared after all
        let prepared = frame_support::storage::with_storage_layer(|| {
            first.prepare(value, &origin, &remark(), &info, 0).map(|_| ()).map_err(|_| DispatchError::Other("refused"))
        });

        // Then
        assert_eq!(prepared, Err(DispatchError::Other("refused")));
        assert_eq!(System::account_nonce(account(ANN)), 0);
    });
}

#[test]
fn fails_as_the_sdk_does() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(apply(ANN, 1), Err(InvalidTransaction::Future.into()));
        assert_eq!(used(ANN), None);
        assert_eq!(apply(ANN, 0), Ok(()));
        assert_eq!(System::account_nonce(account(ANN)), 1);
        assert_eq!(validate(ANN, 0), Err(InvalidTransaction::Stale.into()));
        assert_eq!(validate(STRANGER, 0), Err(InvalidTransaction::Payment.into()));
        // Known keys in bad standing do not pass here either.
        assert_eq!(validate(RETIRED, 0), refused(Refusal::RetiredKey));
        assert_eq!(validate(SUSPENDED, 0), refused(Refusal::OwnerSuspended));
    });
}

#[test]
fn success_what_nobody_signed() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
            let (check, info, implication) =
                (CheckNonce::<Test>::from(5), DispatchInfo::default(), TxBaseImplication(()));
            let (validity, value, origin) =
                check.validate(origin, &remark(), &info, 0, (), &implication, External).map_err(drop).unwrap();
            assert_eq!(validity, ValidTransaction::default());
            assert!(check.prepare(value, &origin, &remark(), &info, 0).is_ok());
            assert_eq!((QuotaOf::<Test>::iter().count(), BankUsed::<Test>::iter().count()), (0, 0));
        }
    });
}

#[test]
fn success_a_new_length_begins_new_windows() {
    ExtBuilder::default().build_and_execute(|| {
        System::set_block_number(WINDOW_START + 5);
        for nonce in 0..QUOTA {
            assert_eq!(apply(ANN, nonce), Ok(()));
        }
        assert_ok!(Admission::set_quota(RuntimeOrigin::root(), QUOTA, 24));
        assert_eq!(apply(ANN, QUOTA), Ok(()));
        assert_eq!(used(ANN), Some((24, QUOTA)));
    });
}

#[test]
fn boundary_a_lowered_quota_holds_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(apply(ANN, 0), Ok(()));
        assert_ok!(Admission::set_quota(RuntimeOrigin::root(), 1, WINDOW));
        assert_eq!(apply(ANN, 1), refused(Refusal::QuotaUsed));
        assert_ok!(Admission::set_quota(RuntimeOrigin::root(), 2, WINDOW));
        assert_eq!(apply(ANN, 1), Ok(()));
    });
}

#[test]
fn a_new_key_goes_on_where_the_old_one_stood() {
    ExtBuilder::default().build_and_execute(|| {
        // Given: a key with a nonce of its own, and another that sent two of three
        System::inc_account_nonce(account(BEN));
        assert_eq!(apply(ANN, 0), Ok(()));
        assert_eq!(apply(ANN, 1), Ok(()));

        // When
        Admission::key_rotated(&account(ANN), &account(BEN));

        // Then
        let use_of_ben = QuotaUse { window: WINDOW_START, start: 1, extra: 2 };
        assert_eq!((used(ANN), QuotaOf::<Test>::get(account(BEN))), (None, Some(use_of_ben)));
        assert_eq!(apply(BEN, 1), Ok(()));
        assert_eq!(validate(BEN, 2), refused(Refusal::QuotaUsed));
        assert_noop!(apply(BEN, 2), TransactionValidityError::from(Refusal::QuotaUsed));

        // What was used in an earlier window is forgotten.
        System::set_block_number(WINDOW_START + WINDOW);
        Admission::key_rotated(&account(BEN), &account(CLEO));
        assert_eq!((used(BEN), used(CLEO)), (None, None));
        assert_eq!(apply(CLEO, 0), Ok(()));
    });
}

#[test]
fn has_the_encoding_and_metadata_of_the_sdks() {
    for nonce in [0, 63, 64, 20_000, Nonce::MAX] {
        let ours = CheckNonce::<Test>::from(nonce);
        assert_eq!(ours.encode(), frame_system::CheckNonce::<Test>::from(nonce).encode());
        assert_eq!(CheckNonce::decode(&mut &ours.encode()[..]), Ok(ours));
    }
    let ours = <CheckNonce<Test> as TransactionExtension<RuntimeCall>>::metadata();
    let theirs = <frame_system::CheckNonce<Test> as TransactionExtension<RuntimeCall>>::metadata();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].identifier, theirs[0].identifier);
    assert_eq!(ours[0].identifier, <CheckNonce<Test> as TransactionExtension<RuntimeCall>>::IDENTIFIER);
    assert_eq!(ours[0].ty, theirs[0].ty);
    assert_eq!(ours[0].implicit, theirs[0].implicit);
}

#[test]
fn weighs_more_than_the_sdks() {
    let ours = CheckNonce::<Test>::from(0).weight(&remark());
    let theirs = frame_system::CheckNonce::<Test>::from(0).weight(&remark());
    assert!(ours.all_gt(theirs));
}

#[test]
fn a_heavy_call_counts_as_several() {
    let heavy = |units: u64| DispatchInfo {
        call_weight: frame_support::weights::Weight::from_parts((units - 1) * 1_000, 0),
        ..DispatchInfo::default()
    };
    let apply = |nonce, units| {
        CheckNonce::<Test>::from(nonce).validate_and_prepare(signed(ANN), &remark(), &heavy(units), 0, 0).map(|_| ())
    };
    ExtBuilder::default().build_and_execute(|| {
        // All of the quota but one at once: one light call still fits.
        let most = u64::from(QUOTA) - 1;
        assert_eq!(apply(0, most), Ok(()));
        assert_noop!(apply(1, 2), TransactionValidityError::from(Refusal::QuotaUsed));
        assert_eq!(apply(1, 1), Ok(()));
        assert_noop!(apply(2, 1), TransactionValidityError::from(Refusal::QuotaUsed));
        // A call heavier than a whole quota goes through in an unused window, and uses it up.
        System::set_block_number(WINDOW_START + WINDOW);
        assert_eq!(apply(2, 10 * most), Ok(()));
        assert_noop!(apply(3, 1), TransactionValidityError::from(Refusal::QuotaUsed));
    });
}

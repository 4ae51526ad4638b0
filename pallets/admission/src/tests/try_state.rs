//! Every check of the full scan finds what it looks for.

use super::*;

#[test]
fn finds_a_quota_without_a_window() {
    ExtBuilder::default().breaks("I1: a quota is in force without a window", || Window::<Test>::put(0));
    ExtBuilder::quotas(0, 1).breaks("I1: a quota is in force without a window", || Window::<Test>::put(0));
}

#[test]
fn finds_windows_of_the_future() {
    ExtBuilder::default().breaks("I2: a key's window begins in the future", || {
        QuotaOf::<Test>::insert(account(ANN), QuotaUse { window: WINDOW_START + 1, start: 0, extra: 0 });
    });
    ExtBuilder::default().breaks("I2: a bank's window begins in the future", || {
        BankUsed::<Test>::insert(BankId(1), BankUse { window: WINDOW_START + 1, count: 1 });
    });
}

#[test]
fn finds_a_nonce_above_the_accounts() {
    ExtBuilder::default().breaks("I3: a recorded nonce is above the account's", || {
        QuotaOf::<Test>::insert(account(ANN), QuotaUse { window: WINDOW_START, start: 1, extra: 0 });
    });
}

#[test]
fn finds_a_bank_use_of_zero() {
    ExtBuilder::default().breaks("I4: a bank's use is recorded as zero", || {
        BankUsed::<Test>::insert(BankId(1), BankUse { window: WINDOW_START, count: 0 });
    });
}

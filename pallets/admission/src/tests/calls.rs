//! `set_quota`, `set_bank_quota`, and the first block.

use super::*;

fn happened(event: Event<Test>) {
    assert_eq!(System::events().pop().unwrap().event, event.into());
}

fn settings() -> (u32, u32, u32) {
    (Quota::<Test>::get(), BankQuota::<Test>::get(), Window::<Test>::get())
}

#[test]
fn success_set_quota() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Admission::set_quota(RuntimeOrigin::root(), 7, 100));
        happened(Event::QuotaSet { quota: 7, window: 100 });
        assert_eq!(settings(), (7, 0, 100));
        assert_ok!(Admission::set_quota(RuntimeOrigin::root(), 0, 0));
        assert_eq!(settings(), (0, 0, 0));
    });
}

#[test]
fn success_set_bank_quota() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Admission::set_bank_quota(RuntimeOrigin::root(), 5_000));
        happened(Event::BankQuotaSet { quota: 5_000 });
        assert_eq!(settings(), (QUOTA, 5_000, WINDOW));
        assert_ok!(Admission::set_bank_quota(RuntimeOrigin::root(), 0));
        assert_eq!(settings(), (QUOTA, 0, WINDOW));
    });
}

#[test]
fn fails_without_root() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [RuntimeOrigin::none(), signed(INSTITUTION), signed(BANK), signed(ANN), signed(STRANGER)] {
            assert_noop!(Admission::set_quota(origin.clone(), 1, 1), DispatchError::BadOrigin);
            assert_noop!(Admission::set_bank_quota(origin, 1), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn boundary_a_quota_needs_a_window() {
    ExtBuilder::quotas(0, 0).build_and_execute(|| {
        let root = RuntimeOrigin::root;
        assert_noop!(Admission::set_quota(root(), 1, 0), Error::<Test>::NoWindow);
        assert_ok!(Admission::set_quota(root(), 0, 0));
        assert_noop!(Admission::set_bank_quota(root(), 1), Error::<Test>::NoWindow);
        assert_ok!(Admission::set_bank_quota(root(), 0));
        assert_ok!(Admission::set_quota(root(), 0, 1));
        assert_ok!(Admission::set_bank_quota(root(), 1));
        // The bank quota still needs it.
        assert_noop!(Admission::set_quota(root(), 0, 0), Error::<Test>::NoWindow);
    });
}

#[test]
fn genesis_sets_everything() {
    ExtBuilder::quotas(4, 40).build_and_execute(|| assert_eq!(settings(), (4, 40, WINDOW)));
}

#[test]
#[should_panic(expected = "a quota needs a window")]
fn genesis_refuses_a_quota_without_a_window() {
    let mut builder = ExtBuilder::default();
    builder.0.window = 0;
    builder.build();
}

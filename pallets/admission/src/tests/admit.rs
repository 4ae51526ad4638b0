//! [`Admit`].

use super::*;
use codec::{Decode, Encode};

fn admit(origin: RuntimeOrigin, call: &RuntimeCall) -> Result<(), TransactionValidityError> {
    Admit::<Test>::new().validate_only(origin, call, &DispatchInfo::default(), 0, External, 0).map(|_| ())
}

#[test]
fn success_everybody_with_a_standing() {
    ExtBuilder::default().build_and_execute(|| {
        for number in [ANN, BEN, CLEO].into_iter().chain(EXEMPT) {
            assert_eq!(admit(signed(number), &remark()), Ok(()));
        }
        assert_eq!(admit(signed(INSTITUTION), &kill()), Ok(()));
    });
}

#[test]
fn success_what_nobody_signed() {
    ExtBuilder::default().build_and_execute(|| {
        for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
            let implication = TxBaseImplication(());
            let result =
                Admit::<Test>::new().validate(origin, &kill(), &DispatchInfo::default(), 0, (), &implication, External);
            assert_eq!(result.map(|(validity, ..)| validity), Ok(ValidTransaction::default()));
        }
        let bare =
            <Admit<Test> as TransactionExtension<RuntimeCall>>::bare_validate(&kill(), &DispatchInfo::default(), 0);
        assert_eq!(bare, Ok(ValidTransaction::default()));
    });
}

#[test]
fn fails_by_the_code_of_the_reason() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(admit(signed(STRANGER), &remark()), refused(Refusal::UnknownSigner));
        assert_eq!(admit(signed(RETIRED), &remark()), refused(Refusal::RetiredKey));
        assert_eq!(admit(signed(SUSPENDED), &remark()), refused(Refusal::OwnerSuspended));
        for number in [ANN, DELEGATE, VALIDATOR, BANK] {
            assert_eq!(admit(signed(number), &kill()), refused(Refusal::CallNotAllowed));
        }
        Stopped::set(true);
        assert_eq!(admit(signed(ANN), &remark()), refused(Refusal::PaymentsStopped));
        assert_eq!(admit(signed(STRANGER), &remark()), refused(Refusal::UnknownSigner));
    });
}

#[test]
fn carries_nothing() {
    assert_eq!(Admit::<Test>::new().encode(), Vec::<u8>::new());
    assert_eq!(Admit::<Test>::decode(&mut &[][..]), Ok(Admit::default()));
    let metadata = <Admit<Test> as TransactionExtension<RuntimeCall>>::metadata();
    assert_eq!(metadata.len(), 1);
    assert_eq!(metadata[0].identifier, "Admit");
    assert_eq!(metadata[0].implicit, scale_info::meta_type::<()>());
}

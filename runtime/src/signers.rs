//! Who a signer is, and which calls are open to it: the runtime's side of admission.

use crate::{Audit, Committee, Participants, Runtime, RuntimeCall};
use codec::Encode;
use pallet_admission::{ClassifySigner, Standing};
use specie_primitives::{
    codes::Refusal,
    traits::{Banks, Institutions},
    AccountId, BankStatus, OwnerStatus,
};

/// Longest remark of anybody but an institution, encoded, in bytes.
const MAX_REMARK: usize = if cfg!(feature = "upgrade-test") { 512 } else { 256 };

/// Knows every account that may sign.
pub struct Signers;

impl ClassifySigner<AccountId, RuntimeCall> for Signers {
    fn classify(who: &AccountId) -> Result<Standing, Refusal> {
        if let Some(bank) = Participants::bank_of(who) {
            return match Participants::status(bank) {
                Some(BankStatus::Active) => Ok(Standing::Bank(bank)),
                Some(BankStatus::Suspended) => Err(Refusal::BankSuspended),
                Some(BankStatus::Closed) | None => Err(Refusal::Closed),
            };
        }
        if let Some((owner, current)) = pallet_identity::Pallet::<Runtime>::binding(who) {
            if !current {
                return Err(Refusal::RetiredKey);
            }
            return match pallet_identity::Owners::<Runtime>::get(owner).map(|record| (record.status, record.bank)) {
                Some((OwnerStatus::Active, bank)) => Ok(Standing::Owner { owner, bank }),
                Some((OwnerStatus::Suspended(_), _)) => Err(Refusal::OwnerSuspended),
                Some((OwnerStatus::Closed, _)) | None => Err(Refusal::Closed),
            };
        }
        if Participants::role(who).is_some() || Committee::is_member(who) {
            return Ok(Standing::Institution);
        }
        if pallet_participants::Nominees::<Runtime>::contains_key(who)
            || pallet_participants::Validators::<Runtime>::get().iter().any(|(account, _)| account == who)
        {
            return Ok(Standing::Validator);
        }
        if pallet_participants::Delegates::<Runtime>::contains_key(who) {
            return Ok(Standing::Delegate);
        }
        Err(Refusal::UnknownSigner)
    }

    fn allowed(_: &AccountId, standing: &Standing, call: &RuntimeCall) -> Result<(), Refusal> {
        if Audit::is_stopped() && moves_value(call) {
            return Err(Refusal::PaymentsStopped);
        }
        let allowed = match standing {
            Standing::Institution | Standing::Bank(_) => true,
            Standing::Validator => matches!(call, RuntimeCall::Session(_)) || short_remark(call),
            Standing::Delegate => {
                matches!(call, RuntimeCall::Multisig(_) | RuntimeCall::Proxy(_) | RuntimeCall::Utility(_))
                    || short_remark(call)
            },
            Standing::Owner { .. } => {
                matches!(
                    call,
                    RuntimeCall::Ownership(_)
                        | RuntimeCall::Custody(
                            pallet_custody::Call::withdraw { .. } | pallet_custody::Call::deposit { .. }
                        )
                        | RuntimeCall::Identity(pallet_identity::Call::rotate { .. })
                ) || short_remark(call)
            },
        };
        if allowed {
            Ok(())
        } else {
            Err(Refusal::CallNotAllowed)
        }
    }
}

fn moves_value(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::Issuance(_) | RuntimeCall::Vault(_) | RuntimeCall::Ownership(_) | RuntimeCall::Custody(_)
    )
}

fn short_remark(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::System(frame_system::Call::remark { .. } | frame_system::Call::remark_with_event { .. })
    ) && call.encoded_size() <= MAX_REMARK
}

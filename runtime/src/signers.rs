//! Who a signer is, and which calls are open to it: the runtime's side of admission.

use crate::{
    configs::{moves_value, CallFilter},
    Audit, Identity, Joint, Participants, Runtime, RuntimeCall,
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use frame_support::traits::Contains;
use pallet_admission::{ClassifySigner, Standing};
use pallet_participants::Capacity;
use specie_primitives::{codes::Refusal, traits::Banks, AccountId, BankStatus, Institution, OwnerId, OwnerStatus};

/// Longest remark of anybody but an institution, encoded, in bytes.
const MAX_REMARK: usize = if cfg!(feature = "upgrade-test") { 512 } else { 256 };

/// Most calls around a call, one in the other. Each works out anew what all calls in it weigh, and orders are read for that:
/// without a bound, some megabytes of them would keep a block busy for seconds that nobody is charged for.
const MAX_WRAPPERS: usize = 8;

/// Knows every account that may sign.
pub struct Signers;

impl ClassifySigner<AccountId, RuntimeCall> for Signers {
    // No account has two capacities, so the order is that of the traffic: most signers are owners, and both of our
    // extensions ask.
    fn classify(who: &AccountId) -> Result<Standing, Refusal> {
        if let Some(owner) = pallet_identity::OwnerOf::<Runtime>::get(who) {
            let record = pallet_identity::Owners::<Runtime>::get(owner).ok_or(Refusal::Closed)?;
            if record.key != *who {
                return Err(Refusal::RetiredKey);
            }
            return match record.status {
                OwnerStatus::Active => Ok(Standing::Owner { owner, bank: record.bank }),
                OwnerStatus::Suspended(_) => Ok(Standing::Suspended { owner, bank: record.bank }),
                OwnerStatus::Closed => Err(Refusal::Closed),
            };
        }
        match Participants::capacity(who).ok_or(Refusal::UnknownSigner)? {
            Capacity::Role(_) | Capacity::Committee => Ok(Standing::Institution),
            Capacity::Bank(bank) => active(Institution::Bank(bank)).map(|()| Standing::Bank(bank)),
            Capacity::Delegate(of) => active(of).map(|()| Standing::Delegate),
            Capacity::Nominee(of) => active(of).map(|()| Standing::Validator),
            Capacity::Retired(_) => Err(Refusal::RetiredKey),
        }
    }

    fn allowed(_: &AccountId, standing: &Standing, call: &RuntimeCall) -> Result<(), Refusal> {
        if let Standing::Suspended { owner, .. } = standing {
            // What would fail must not take a place in a block.
            let objects = match call {
                RuntimeCall::Identity(pallet_identity::Call::object {}) => Identity::may_object(*owner),
                // A bank that suspends a manager first does not keep it from speaking.
                RuntimeCall::Joint(pallet_joint::Call::object { account }) => Joint::may_object(*owner, *account),
                _ => false,
            };
            if objects {
                return Ok(());
            }
            // What is refused leaves no trace on the chain: the node that was asked can tell, if its operator wants.
            log::debug!(target: "specie::refused", "owner {owner} is suspended and tried to send a transaction");
            return Err(Refusal::OwnerSuspended);
        }
        if Audit::is_stopped() && moves_value(call) {
            return Err(Refusal::PaymentsStopped);
        }
        // What would be filtered in a block must not take a place in one.
        if !CallFilter::contains(call) || !is_shallow(call, MAX_WRAPPERS) {
            return Err(Refusal::CallNotAllowed);
        }
        let allowed = match standing {
            Standing::Suspended { .. } => false,
            Standing::Institution | Standing::Bank(_) => true,
            Standing::Validator => matches!(call, RuntimeCall::Session(_)) || short_remark(call),
            Standing::Delegate => {
                matches!(call, RuntimeCall::Multisig(_) | RuntimeCall::Proxy(_) | RuntimeCall::Utility(_))
                    || short_remark(call)
            },
            Standing::Owner { owner, .. } => {
                matches!(
                    call,
                    RuntimeCall::Ownership(_)
                        | RuntimeCall::Custody(
                            pallet_custody::Call::withdraw { .. }
                                | pallet_custody::Call::deposit { .. }
                                | pallet_custody::Call::transfer { .. }
                                | pallet_custody::Call::cancel_transfer { .. }
                                | pallet_custody::Call::settle {}
                        )
                        | RuntimeCall::Identity(
                            pallet_identity::Call::rotate { .. } | pallet_identity::Call::move_to { .. }
                        )
                        | RuntimeCall::Pickup(
                            pallet_pickup::Call::deposit_for { .. }
                                | pallet_pickup::Call::claim_registered { .. }
                                | pallet_pickup::Call::refund { .. }
                        )
                        | RuntimeCall::Cards(pallet_cards::Call::report_lost { .. } | pallet_cards::Call::found { .. })
                        | RuntimeCall::Orders(pallet_orders::Call::cancel { .. })
                        | RuntimeCall::Escrow(
                            pallet_escrow::Call::release { .. }
                                | pallet_escrow::Call::dispute { .. }
                                | pallet_escrow::Call::conclude { .. }
                        )
                        | RuntimeCall::Codes(
                            pallet_codes::Call::confirm { .. }
                                | pallet_codes::Call::refuse { .. }
                                | pallet_codes::Call::use_small_amounts { .. }
                        )
                        | RuntimeCall::Joint(pallet_joint::Call::object { .. })
                        | RuntimeCall::Instruments(
                            pallet_instruments::Call::transfer { .. } | pallet_instruments::Call::redeem { .. }
                        )
                ) || may_submit(*owner, call)
                    || short_remark(call)
            },
        };
        if allowed {
            Ok(())
        } else {
            Err(Refusal::CallNotAllowed)
        }
    }
}

/// Refuses whoever acts for a bank that is not active. None of them has a quota: a suspended bank's delegates could
/// fill the blocks.
fn active(institution: Institution) -> Result<(), Refusal> {
    match institution {
        Institution::Issuer => Ok(()),
        Institution::Bank(bank) => match Participants::status(bank) {
            Some(BankStatus::Active) => Ok(()),
            Some(BankStatus::Suspended) => Err(Refusal::BankSuspended),
            Some(BankStatus::Closed) | None => Err(Refusal::Closed),
        },
    }
}

/// Whether no call in a call has more than so many around it.
fn is_shallow(call: &RuntimeCall, most: usize) -> bool {
    use pallet_collective::Call as Committee;
    use pallet_multisig::Call as Multisig;
    use pallet_proxy::Call as Proxy;
    use pallet_utility::Call as Utility;

    let inner: Vec<&RuntimeCall> = match call {
        RuntimeCall::Utility(
            Utility::batch { calls } | Utility::batch_all { calls } | Utility::force_batch { calls },
        ) => calls.iter().collect(),
        RuntimeCall::Utility(Utility::if_else { main, fallback }) => vec![&**main, &**fallback],
        RuntimeCall::Utility(
            Utility::as_derivative { call, .. }
            | Utility::dispatch_as { call, .. }
            | Utility::dispatch_as_fallible { call, .. }
            | Utility::with_weight { call, .. },
        )
        | RuntimeCall::Proxy(Proxy::proxy { call, .. } | Proxy::proxy_announced { call, .. })
        | RuntimeCall::Multisig(Multisig::as_multi_threshold_1 { call, .. } | Multisig::as_multi { call, .. })
        | RuntimeCall::Committee(
            Committee::execute { proposal: call, .. } | Committee::propose { proposal: call, .. },
        )
        | RuntimeCall::Participants(pallet_participants::Call::enact { call }) => vec![&**call],
        _ => return true,
    };
    most.checked_sub(1).is_some_and(|left| inner.into_iter().all(|call| is_shallow(call, left)))
}

/// Whether a call submits one order or, for an admitted processor, several.
fn may_submit(owner: OwnerId, call: &RuntimeCall) -> bool {
    let RuntimeCall::Orders(pallet_orders::Call::submit { orders }) = call else { return false };
    match orders.len() {
        0 => false,
        1 => true,
        _ => pallet_orders::Processors::<Runtime>::contains_key(owner),
    }
}

fn short_remark(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::System(frame_system::Call::remark { .. } | frame_system::Call::remark_with_event { .. })
    ) && call.encoded_size() <= MAX_REMARK
}

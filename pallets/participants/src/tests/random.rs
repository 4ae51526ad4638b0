//! Random calls by random signers never break an invariant.

use super::*;
use frame_support::storage::with_storage_layer;

/// A small generator with a fixed seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    /// A number below `bound`.
    fn below(&mut self, bound: u8) -> u8 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u8::try_from(self.0 % u64::from(bound)).unwrap()
    }
}

fn any_call(dice: &mut Dice) -> RuntimeCall {
    let bank = BankId(dice.below(5).into());
    let other = account(dice.below(60));
    match dice.below(14) {
        0 => Call::admit_bank { bank, name: name("Bank"), account: other },
        1 => Call::suspend_bank { bank },
        2 => Call::reinstate_bank { bank },
        3 => Call::close_bank { bank },
        4 => Call::rotate_account { new: other },
        5 => Call::add_delegate { delegate: other },
        6 => Call::remove_delegate { delegate: other },
        7 => Call::nominate_validator { account: other },
        8 => Call::withdraw_nomination { account: other },
        9 => Call::admit_validator { account: other },
        10 => Call::remove_validator { account: other },
        11 => Call::replace_account { bank, new: other },
        roll => {
            let role = Role::ALL[usize::from(dice.below(5))];
            let keys = (0..dice.below(4)).map(|_| account(dice.below(60))).collect::<Vec<_>>();
            let call = Call::set_role_keys { role, keys: BoundedVec::try_from(keys).unwrap() };
            if roll == 12 {
                call
            } else {
                Call::enact { call: Box::new(call.into()) }
            }
        },
    }
    .into()
}

#[test]
fn random_calls_keep_the_invariants() {
    use sp_runtime::traits::Dispatchable;
    ExtBuilder::default().build_and_execute(|| {
        let mut dice = Dice(0x5eed_0f5b_ec1e);
        KeysSet::set((0..60).map(account).collect());
        let mut succeeded = 0;
        for step in 0..4_000 {
            // Most signers hold some office just now, the rest may be anybody.
            let call = any_call(&mut dice);
            let key = Roles::<Test>::get(Role::ALL[usize::from(dice.below(5))]).first().cloned();
            let bank = Participants::account(BankId(dice.below(5).into()));
            let origin = match dice.below(6) {
                0 => root(),
                1 => signed(ENACTOR),
                2 => signed(dice.below(60)),
                3 => bank.map_or_else(RuntimeOrigin::none, RuntimeOrigin::signed),
                _ => key.map_or_else(RuntimeOrigin::none, RuntimeOrigin::signed),
            };
            let description = format!("{call:?}");
            if with_storage_layer(|| call.dispatch(origin)).is_ok() {
                succeeded += 1;
            }
            if let Err(error) = Participants::do_try_state() {
                panic!("step {step}, {description}: {error:?}");
            }
        }
        assert!(succeeded > 100, "only {succeeded} calls did anything");
    });
}

//! Random calls by random signers never break an invariant.

use super::*;

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

fn register_at(now: BlockNumber, bank: BankId, id: OwnerId, name: &str) -> DispatchResult {
    let signature = sign(name, &registration(id, bank, name, now));
    with_storage_layer(|| Identity::register(by_bank(bank), id, key(name), OwnerClass::Phone, None, now, signature))
}

#[test]
fn random_calls_keep_the_invariants() {
    ExtBuilder::default().build_and_execute(|| {
        const NAMES: [&str; 6] = ["ann", "k1", "k2", "k3", "k4", "institution"];
        let mut dice = Dice(0x5eed_0f5b_ec1e);
        let mut succeeded = 0;
        for step in 0..1_200 {
            System::set_block_number(START + step / 4);
            let (now, id) = (System::block_number(), owner(1 + dice.below(8)));
            let (record, usual) = (Owners::<Test>::get(id), dice.below(4) > 0);
            // Mostly whoever may and what is new, or nearly everything would be refused.
            let fresh = format!("k{step}");
            let name = if usual { fresh.as_str() } else { NAMES[usize::from(dice.below(6))] };
            let other = (key(NAMES[usize::from(dice.below(6))]), BankId(1 + u32::from(dice.below(2))));
            let (signer, bank) = record.filter(|_| usual).map_or(other, |record| (record.key, record.bank));
            let either = if dice.below(3) == 0 { by_supervisor() } else { by_bank(bank) };
            let asked = Rebinds::<Test>::get(id).map_or(key(name), |rebind| rebind.key);
            let call = |call: &dyn Fn() -> DispatchResult| with_storage_layer(call);
            let result = match dice.below(16) {
                0 | 1 => register_at(now, bank, id, name),
                2 => {
                    let id = Identity::active_owner(&signer).unwrap_or(id);
                    let signature = sign(name, &rotation(id, name, now));
                    call(&|| Identity::rotate(signed(signer.clone()), key(name), now, signature))
                },
                3 => call(&|| Identity::suspend(either.clone(), id)),
                4 | 5 => call(&|| Identity::reinstate(either.clone(), id)),
                6 => call(&|| Identity::close(by_bank(bank), id)),
                7 | 8 => request(bank, id, name),
                9 => call(&|| Identity::cancel_rebind(by_bank(bank), id)),
                10 => call(&|| Identity::object(signed(signer.clone()))),
                11 => call(&|| Identity::decide_rebind(by_supervisor(), id, asked.clone(), step % 2 == 0)),
                12 => call(&|| Identity::complete_rebind(by_bank(bank), id)),
                13 => call(&|| Identity::move_to(signed(signer.clone()), BankId(3 - bank.0), now + 50)),
                14 => call(&|| Identity::accept_move(by_bank(BankId(3 - bank.0)), id)),
                _ => {
                    Today::set(Today::get() + DORMANCY / 2);
                    call(&|| Identity::release(by_bank(bank), id))
                },
            };
            succeeded += u32::from(result.is_ok());
            if let Err(error) = Identity::do_try_state() {
                panic!("step {step}: {error:?}");
            }
            // At most one key acts for an owner.
            let acting: Vec<_> = OwnerOf::<Test>::iter_keys().filter_map(|key| Identity::active_owner(&key)).collect();
            let mut owners = acting.clone();
            owners.sort();
            owners.dedup();
            assert_eq!(acting.len(), owners.len(), "step {step}: two keys act for one owner");
        }
        assert!(succeeded > 100, "only {succeeded} calls did anything");
    });
}

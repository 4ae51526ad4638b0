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
        #[rustfmt::skip]
        const NAMES: [&str; 32] = [
            "ann", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10", "k11", "k12", "k13", "k14",
            "k15", "k16", "k17", "k18", "k19", "k20", "k21", "k22", "k23", "k24", "k25", "k26", "k27", "k28",
            "k29", "k30", "institution",
        ];
        let mut dice = Dice(0x5eed_0f5b_ec1e);
        let accounts = NAMES.map(key);
        let mut succeeded = 0;
        for step in 0..1_200 {
            let (id, name) = (owner(1 + dice.below(8)), NAMES[usize::from(dice.below(32))]);
            let (bank, from) = (BankId(1 + u32::from(dice.below(2))), NAMES[usize::from(dice.below(32))]);
            let either = if dice.below(3) == 0 { by_supervisor() } else { by_bank(bank) };
            System::set_block_number(START + step / 4);
            let now = System::block_number();
            let call = |call: &dyn Fn() -> DispatchResult| with_storage_layer(call);
            let result = match dice.below(14) {
                0 => register_at(now, bank, id, name),
                1 => {
                    let id = acts_for(from).unwrap_or(id);
                    let signature = sign(name, &rotation(id, name, now));
                    call(&|| Identity::rotate(signed(key(from)), key(name), now, signature))
                },
                2 => call(&|| Identity::suspend(either.clone(), id)),
                3 => call(&|| Identity::reinstate(either.clone(), id)),
                4 => call(&|| Identity::close(by_bank(bank), id)),
                5 | 6 => request(bank, id, name),
                7 => call(&|| Identity::cancel_rebind(by_bank(bank), id)),
                8 => call(&|| Identity::object(signed(key(from)))),
                9 => call(&|| Identity::decide_rebind(by_supervisor(), id, key(name), step % 2 == 0)),
                10 => call(&|| Identity::complete_rebind(by_bank(bank), id)),
                11 => call(&|| Identity::move_to(signed(key(from)), bank, now + 5)),
                12 => call(&|| Identity::accept_move(by_bank(bank), id)),
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
            let acting: Vec<_> = accounts.iter().filter_map(Identity::active_owner).collect();
            let mut owners = acting.clone();
            owners.sort();
            owners.dedup();
            assert_eq!(acting.len(), owners.len(), "step {step}: two keys act for one owner");
        }
        assert!(succeeded > 60, "only {succeeded} calls did anything");
    });
}

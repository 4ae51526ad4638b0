//! Owners of tests, registered at bank 1, with coins.

use crate::{
    chain::{account, key, number, Call, Chain},
    dev,
    rpc::PROGRESS,
};
use anyhow::{Context, Result};
use codec::Encode;
use futures::future::try_join_all;
use specie_primitives::{Balance, BankId, BlockNumber, OwnerClass, OwnerId, RegistrationProof};
use subxt::dynamic::Value;
use subxt_signer::sr25519::Keypair;

/// Blocks for which the proof of a registration may be used.
const REGISTRATION_LIFE: BlockNumber = 1_000;
/// The bank that serves everybody in tests.
const BANK: BankId = BankId(1);
/// Face value that [`give_coins`] mints, in minor units.
pub const FACE_VALUE: u64 = 100;
/// Coins taken out at once.
const WITHDRAWN_AT_ONCE: u32 = 250;
/// Withdrawals that an owner's quota lets through at once beside other things.
const WITHDRAWALS_AT_ONCE: usize = 4;

/// An owner of a test.
#[derive(Clone, Debug)]
pub struct Person {
    /// Owner id: any will do, the chain cannot tell where it comes from.
    pub owner: OwnerId,
    /// The key.
    pub key: Keypair,
}

impl Person {
    /// A person by a name that no other person of the test has.
    pub fn named(name: &str) -> Result<Self> {
        let hash = sp_crypto_hashing::blake2_256(name.as_bytes());
        let mut id = [0; 24];
        id.copy_from_slice(&hash[..24]);
        Ok(Self { owner: OwnerId(id), key: key(&format!("//Test//{name}"))? })
    }
}

/// Mints coins, takes them through bank 1 and gives them to a person who is registered there; waits until that is final
/// and in the node's index.
pub async fn give_coins(chain: &Chain, person: &Person, count: u32) -> Result<()> {
    give_coins_to_all(chain, &[person], count).await
}

/// As [`give_coins`], so many coins to each of several people.
pub async fn give_coins_to_all(chain: &Chain, people: &[&Person], count: u32) -> Result<()> {
    let (one, two, bank) = (key("//Issuing//1")?, key("//Issuing//2")?, key(dev::bank_key(BANK))?);
    let all = count.checked_mul(u32::try_from(people.len())?).context("too many coins")?;
    let value = |count: u32| Balance::from(FACE_VALUE) * Balance::from(count);
    // Final, all of it: what another signer builds on must not come later in a block that takes a retracted one's place.
    let calls = [Call::credit_reserve(BANK, value(all)), Call::propose_mint(FACE_VALUE, all)];
    let proposed = chain.finalize_all(&one, &calls).await?.pop().context("nothing was proposed")?;
    let proposal = u32::try_from(proposed.number("Issuance", "MintProposed", "proposal")?)?;
    chain.finalize(&two, &Call::approve_mint(proposal)).await?;
    let mut calls = vec![Call::draw(&[(FACE_VALUE, all)], &[])];
    calls.extend(people.iter().map(|person| Call::credit_owner(person.owner, value(count))));
    chain.finalize_all(&bank, &calls).await?;

    let parts = parts(count);
    // One by one, many stay below the quota.
    let at_once = if parts.len() > WITHDRAWALS_AT_ONCE { 1 } else { WITHDRAWALS_AT_ONCE };
    let calls: Vec<_> = parts.into_iter().map(|part| Call::withdraw(BANK, &[(FACE_VALUE, part)], &[])).collect();
    let withdraw = async |person: &Person| {
        let mut last = 0;
        for calls in calls.chunks(at_once) {
            let done = chain.finalize_all(&person.key, calls).await?;
            last = done.iter().map(|done| done.block.number).fold(last, BlockNumber::max);
        }
        anyhow::Ok(last)
    };
    let withdrawn = try_join_all(people.iter().map(|person| withdraw(person))).await?;
    let last = withdrawn.into_iter().max().unwrap_or_default();
    chain.rpc().wait_for_index(last, PROGRESS).await?;
    Ok(())
}

/// How many coins each withdrawal takes.
fn parts(count: u32) -> Vec<u32> {
    let full = count / WITHDRAWN_AT_ONCE;
    let rest = count % WITHDRAWN_AT_ONCE;
    (0..full).map(|_| WITHDRAWN_AT_ONCE).chain((rest > 0).then_some(rest)).collect()
}

/// Registers people at bank 1.
pub async fn register_all(chain: &Chain, people: &[&Person]) -> Result<()> {
    let registrations = people.iter().map(|person| registration(chain, person));
    chain.finalize_all(&key(dev::bank_key(BANK))?, &try_join_all(registrations).await?).await?;
    Ok(())
}

/// Bank 1's call that registers a person.
async fn registration(chain: &Chain, person: &Person) -> Result<Call> {
    let genesis = chain.rpc().hash_of(0).await?.context("no first block")?;
    let expiry = chain.rpc().best().await?.number + REGISTRATION_LIFE;
    let class = OwnerClass::Phone;
    let proof = RegistrationProof::new(genesis, person.owner, BANK, account(&person.key), class, expiry);
    let fields = vec![
        Value::from_bytes(person.owner.0),
        Value::from_bytes(person.key.public_key().0),
        Value::unnamed_variant(format!("{class:?}"), []),
        Value::unnamed_variant("None", []),
        number(expiry),
        Value::from_bytes(person.key.sign(&proof.encode()).0),
    ];
    Ok(Call::new("Identity", "register", fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn withdrawals_add_up() {
        assert!(parts(0).is_empty());
        assert_eq!(parts(250), [250]);
        assert_eq!(parts(600), [250, 250, 100]);
    }
}

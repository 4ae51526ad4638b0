//! Who made a block.

use crate::rpc::{Block, Rpc, PROGRESS};
use anyhow::{bail, Context, Result};
use codec::Decode;
use specie_primitives::{BlockNumber, Hash};

/// The public key with which a validator makes blocks.
pub type AuraKey = [u8; 32];

/// What begins the digest item that a block's maker puts before everything else, as SCALE numbers it.
const BEFORE_RUNTIME: u8 = 6;

/// The key that made a block.
pub async fn author(rpc: &Rpc, hash: Hash) -> Result<AuraKey> {
    let header = rpc.header(hash).await?;
    let slot = slot(&header.digest()?).with_context(|| format!("block {hash:?} names no slot"))?;
    // Whoever made it went by the state before it.
    let keys: Vec<AuraKey> = rpc.stored("Aura", "Authorities", header.parent_hash).await?;
    of_slot(&keys, slot).context("there are no validators")
}

/// Waits for a final block above `after` that was made with a key; fails if there is none among so many blocks.
pub async fn wait_for_block_by(rpc: &Rpc, key: AuraKey, after: BlockNumber, within: BlockNumber) -> Result<Block> {
    for number in after + 1..=after + within {
        rpc.wait_for_finalized(number, PROGRESS).await?;
        let hash = rpc.hash_of(number).await?.with_context(|| format!("no block {number}"))?;
        if author(rpc, hash).await? == key {
            return Ok(Block { number, hash });
        }
    }
    bail!("none of the {within} blocks after block {after} was made with the key {}", hex::encode(key))
}

/// The slot among the items of a digest.
fn slot(digest: &[Vec<u8>]) -> Option<u64> {
    digest.iter().find_map(|item| match <(u8, [u8; 4], Vec<u8>)>::decode(&mut &item[..]) {
        Ok((BEFORE_RUNTIME, engine, slot)) if engine == *b"aura" => u64::decode(&mut &slot[..]).ok(),
        _ => None,
    })
}

/// Whose turn a slot is.
fn of_slot(keys: &[AuraKey], slot: u64) -> Option<AuraKey> {
    let turn = slot.checked_rem(u64::try_from(keys.len()).ok()?)?;
    keys.get(usize::try_from(turn).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    #[test]
    fn the_slot_is_found_among_other_items() {
        let before = |engine: &[u8; 4], slot: u64| (BEFORE_RUNTIME, *engine, slot.encode()).encode();
        let seal = (5u8, *b"aura", 7u64.encode()).encode();
        let environment = vec![8u8];
        let digest = [environment, seal.clone(), before(b"FRNK", 8), before(b"aura", 9)];
        assert_eq!(slot(&digest), Some(9));
        assert_eq!(slot(&[seal]), None);
        assert_eq!(slot(&[hex::decode("0661757261200102000000000000").unwrap()]), Some(513));
    }

    #[test]
    fn validators_take_turns() {
        let keys = [[1; 32], [2; 32], [3; 32]];
        assert_eq!(of_slot(&keys, 7), Some([2; 32]));
        assert_eq!(of_slot(&[], 7), None);
    }
}

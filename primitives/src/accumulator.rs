//! A list of hashes that only grows, under one hash: a Merkle mountain range. Whoever knows that hash can be shown that
//! something is in the list, and where, with some tens of hashes; `docs/protocol/orders.md` specifies it byte for byte.
//!
//! A list of `n` entries is as many perfect binary trees as `n` has binary ones, the largest first. The construction is
//! P. Todd's, <https://github.com/opentimestamps/opentimestamps-server/blob/master/doc/merkle-mountain-range.md>; a byte in
//! front tells kinds of hashes apart, so that none passes for another.

use crate::Hash;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// In front of an entry.
const ENTRY: u8 = 0;
/// In front of two hashes of one tree.
const NODE: u8 = 1;
/// In front of the roots of two or more trees.
const BAG: u8 = 2;
/// In front of the number of entries and the hash over all of them.
const ROOT: u8 = 3;

fn hash(parts: &[&[u8]]) -> Hash {
    blake2_256(&parts.concat()).into()
}

/// The hash of an entry.
pub fn entry(bytes: &[u8]) -> Hash {
    hash(&[&[ENTRY], bytes])
}

/// The hash over two hashes of one tree.
pub fn node(left: Hash, right: Hash) -> Hash {
    hash(&[&[NODE], left.as_bytes(), right.as_bytes()])
}

/// The hash over a list with these trees, from the largest to the smallest.
fn root(entries: u64, peaks: &[Hash]) -> Hash {
    let bag = |right: Hash, left: &Hash| hash(&[&[BAG], left.as_bytes(), right.as_bytes()]);
    let all = peaks.iter().rev().skip(1).fold(peaks.last().copied().unwrap_or_default(), bag);
    hash(&[&[ROOT], &entries.to_le_bytes(), all.as_bytes()])
}

/// The trees of a list, from the largest to the smallest: levels, and the numbers of their first entries.
fn trees(entries: u64) -> impl Iterator<Item = (u32, u64)> {
    (0..u64::BITS).rev().filter(move |level| (entries >> level) & 1 == 1).map(move |level| {
        // The larger trees come before: their entries are what the higher digits say.
        let above = level.checked_add(1).and_then(|above| entries.checked_shr(above)).unwrap_or(0);
        let first = level.checked_add(1).and_then(|next| above.checked_shl(next)).unwrap_or(0);
        (level, first)
    })
}

/// A hash inside of a list: its level, zero for an entry, its number among those of that level, and the hash.
pub type Node = (u32, u64, Hash);

/// What must be known of a list to add to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Accumulator {
    /// Number of entries.
    pub entries: u64,
    /// Roots of its trees, from the largest to the smallest.
    pub peaks: BoundedVec<Hash, ConstU32<64>>,
}

impl Accumulator {
    /// The list of these entries.
    pub fn of(entries: impl IntoIterator<Item = Hash>) -> Self {
        let mut list = Self::default();
        for entry in entries {
            list.append(entry);
        }
        list
    }

    /// Adds the hash of an entry. Gives the hashes that will never change again: its own, and those of trees that it
    /// completed.
    pub fn append(&mut self, entry: Hash) -> Vec<Node> {
        let (mut number, mut level, mut top) = (self.entries, 0u32, entry);
        let mut done = alloc::vec![(level, number, top)];
        while number & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            (number, level, top) = (number >> 1, level.saturating_add(1), node(left, top));
            done.push((level, number, top));
        }
        // 64 trees would take 2^64 entries.
        let _ = self.peaks.try_push(top);
        self.entries = self.entries.saturating_add(1);
        done
    }

    /// The hash over all of it.
    pub fn root(&self) -> Hash {
        root(self.entries, &self.peaks)
    }
}

/// What leads from an entry to the hash over the list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Path {
    /// Number of the entry, from zero.
    pub place: u64,
    /// Number of entries of the list.
    pub entries: u64,
    /// The hashes beside, from the entry to the root of its tree.
    pub beside: Vec<Hash>,
    /// Roots of the other trees, from the largest to the smallest.
    pub peaks: Vec<Hash>,
}

impl Path {
    /// The path of an entry, from hashes that [`Accumulator::append`] gave; `None` if one of them is not there.
    pub fn find(place: u64, entries: u64, mut known: impl FnMut(u32, u64) -> Option<Hash>) -> Option<Self> {
        let (mut beside, mut peaks) = (Vec::new(), Vec::new());
        let mut is_found = false;
        for (level, first) in trees(entries) {
            let (number, own) = (first.checked_shr(level)?, place.checked_shr(level)?);
            if number != own {
                peaks.push(known(level, number)?);
                continue;
            }
            is_found = true;
            for below in 0..level {
                beside.push(known(below, place.checked_shr(below)? ^ 1)?);
            }
        }
        is_found.then_some(Self { place, entries, beside, peaks })
    }

    /// The path of an entry of a list that is known as a whole.
    pub fn of(place: u64, list: &[Hash]) -> Option<Self> {
        let (mut known, mut all) = (alloc::collections::BTreeMap::new(), Accumulator::default());
        for entry in list {
            known.extend(all.append(*entry).into_iter().map(|(level, number, hash)| ((level, number), hash)));
        }
        Self::find(place, all.entries, |level, number| known.get(&(level, number)).copied())
    }

    /// The hash over the list if the entry with this hash is where the path says; `None` if there is no such path.
    pub fn root(&self, entry: Hash) -> Option<Hash> {
        let mut peaks = self.peaks.iter();
        let (mut all, mut is_found) = (Vec::new(), false);
        for (level, first) in trees(self.entries) {
            if first.checked_shr(level)? != self.place.checked_shr(level)? {
                all.push(*peaks.next()?);
                continue;
            }
            is_found = u32::try_from(self.beside.len()) == Ok(level);
            let (mut top, mut number) = (entry, self.place);
            for beside in &self.beside {
                top = if number & 1 == 1 { node(*beside, top) } else { node(top, *beside) };
                number >>= 1;
            }
            all.push(top);
        }
        (is_found && peaks.next().is_none()).then(|| root(self.entries, &all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(count: u64) -> Vec<Hash> {
        (0..count).map(|number| entry(&number.to_le_bytes())).collect()
    }

    #[test]
    fn trees_are_the_binary_ones_of_their_number() {
        let of = |entries| trees(entries).collect::<Vec<_>>();
        assert!(of(0).is_empty());
        assert_eq!(of(1), [(0, 0)]);
        assert_eq!(of(11), [(3, 0), (1, 8), (0, 10)]);
        assert_eq!(of(u64::MAX).len(), 64);
        assert_eq!(of(1 << 63), [(63, 0)]);
    }

    #[test]
    fn every_entry_of_every_list_has_a_path() {
        for count in 1..=40 {
            let entries = list(count);
            let root = Accumulator::of(entries.iter().copied()).root();
            for place in 0..count {
                let own = entries[place as usize];
                let path = Path::of(place, &entries).expect("it is there");
                assert_eq!(path.root(own), Some(root), "{place} of {count}");
                // Neither another entry, nor another place, nor another number of entries.
                assert_ne!(path.root(entry(b"another")), Some(root));
                for other in (0..=count).filter(|other| *other != place) {
                    assert_ne!(Path { place: other, ..path.clone() }.root(own), Some(root), "{other} for {place}");
                }
                for entries in (0..=count + 2).filter(|entries| *entries != count) {
                    assert_ne!(Path { entries, ..path.clone() }.root(own), Some(root), "{entries} for {count}");
                }
            }
            assert_eq!(Path::of(count, &entries), None);
        }
    }

    #[test]
    fn altered_paths_lead_nowhere() {
        let entries = list(11);
        let root = Accumulator::of(entries.iter().copied()).root();
        for place in 0..11u64 {
            let own = entries[place as usize];
            let path = Path::of(place, &entries).expect("it is there");
            let leads = |path: &Path| path.root(own) == Some(root);
            for number in 0..path.beside.len() {
                let mut altered = path.clone();
                altered.beside[number].0[0] ^= 1;
                assert!(!leads(&altered));
                altered.beside.remove(number);
                assert!(!leads(&altered));
            }
            for number in 0..path.peaks.len() {
                let mut altered = path.clone();
                altered.peaks[number].0[31] ^= 1;
                assert!(!leads(&altered));
                altered.peaks.remove(number);
                assert!(!leads(&altered));
            }
            let mut longer = path.clone();
            longer.peaks.push(Hash::zero());
            assert!(!leads(&longer));
            let mut longer = path;
            longer.beside.push(Hash::zero());
            assert!(!leads(&longer));
        }
    }

    #[test]
    fn an_inner_hash_is_no_entry() {
        // The hash of two entries, passed off as the only entry of a shorter list.
        let entries = list(2);
        let both = node(entries[0], entries[1]);
        let root = Accumulator::of(entries).root();
        let short = Path { place: 0, entries: 1, beside: Vec::new(), peaks: Vec::new() };
        assert_ne!(short.root(both), Some(root));
        assert_ne!(Path { entries: 2, ..short }.root(both), Some(root));
    }

    #[test]
    fn lists_differ_by_order_and_number() {
        let (entries, mut turned) = (list(5), list(5));
        turned.swap(1, 2);
        let root = |entries: &[Hash]| Accumulator::of(entries.iter().copied()).root();
        assert_ne!(root(&entries), root(&turned));
        assert_ne!(root(&entries), root(&entries[..4]));
        assert_ne!(Accumulator::default().root(), Hash::zero());
    }
}

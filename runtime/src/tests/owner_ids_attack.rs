//! An attacker who has the whole state, the transactions, the public key of the function behind owner ids, and ten
//! thousand telephone numbers, one of which is an owner's. It hashes the numbers with everything that is public and looks
//! for the hashes; with the secret key the same search finds the owner.

use super::{transactions::signed, *};
use codec::Encode;
use sp_io::hashing::{blake2_256, keccak_256, sha2_256};
use specie_prf::{Hardened, Key, OWNER_TAG, SALT_TAG};
use specie_primitives::{identity::owner_id, NormalisedIdentity};
use std::collections::HashSet;

const NETWORK: u32 = genesis::LOCAL_NETWORK_ID;
const NUMBERS: usize = 10_000;
/// Place of the owner's among the numbers.
const REAL: usize = 7_341;
/// Place of the number of an owner whose id is a mere hash, as it was before the function came.
const WEAK: usize = 2_108;
/// Bytes by which a hash is recognised: shorter pieces of ids would do as well.
const PIECE: usize = 16;

/// Everything that is public, in pieces.
struct Seen(HashSet<[u8; PIECE]>);

impl Seen {
    fn new(transactions: &[Vec<u8>]) -> Self {
        let mut seen = Self(HashSet::new());
        transactions.iter().for_each(|transaction| seen.add(transaction));
        let mut key = Vec::new();
        while let Some(next) = sp_io::storage::next_key(&key) {
            seen.add(&next);
            if let Some(value) = sp_io::storage::get(&next) {
                seen.add(&value);
            }
            key = next;
        }
        seen
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0.extend(bytes.windows(PIECE).map(|piece| <[u8; PIECE]>::try_from(piece).expect("as long")));
    }

    /// Whether a piece of a hash is somewhere: its beginning, its middle or its end.
    fn has(&self, bytes: &[u8]) -> bool {
        let pieces = bytes.windows(PIECE).step_by(PIECE / 2);
        pieces.map(|piece| <[u8; PIECE]>::try_from(piece).expect("as long")).any(|piece| self.0.contains(&piece))
    }

    /// Whether a hash of something secret with something public is somewhere, or an owner id that is made of it.
    fn has_hash_of(&self, secret: &[u8], salts: &[Vec<u8>]) -> bool {
        let joined =
            salts.iter().flat_map(|salt| [[salt.as_slice(), secret].concat(), [secret, salt.as_slice()].concat()]);
        let mut hashes = joined.flat_map(|joined| [blake2_256(&joined), sha2_256(&joined), keccak_256(&joined)]);
        hashes.any(|hash| self.has(&hash) || self.has(&owner_id(NETWORK, &hash).0))
    }
}

/// Every pair of what is public, each also alone, and nothing.
fn salts() -> Vec<Vec<u8>> {
    let network = NETWORK.to_le_bytes();
    let (genesis, key) = (System::block_hash(0), genesis::DEVELOPMENT_OWNER_ID_KEY);
    let parts: [&[u8]; 6] = [&[], OWNER_TAG, SALT_TAG, &network, genesis.as_bytes(), &key.0];
    let pairs: HashSet<Vec<u8>> = parts.iter().flat_map(|a| parts.iter().map(move |b| [*a, *b].concat())).collect();
    pairs.into_iter().collect()
}

/// The numbers of which something can be recognised, in any of these forms.
fn search(seen: &Seen, numbers: &[String], forms: impl Fn(&str) -> Vec<Vec<u8>>) -> Vec<String> {
    let salts = salts();
    let shows = |number: &&String| forms(number).iter().any(|form| seen.has_hash_of(form, &salts));
    numbers.iter().filter(shows).cloned().collect()
}

/// As the specification normalises numbers, and the digits alone.
fn plain(number: &str) -> Vec<Vec<u8>> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    vec![number.into(), digits.into_bytes()]
}

fn hardened(number: &str) -> Hardened {
    Hardened::new(number.as_bytes(), NETWORK).expect("32 MiB")
}

/// The function's values with keys.
fn values(number: &str, keys: &[Key]) -> Vec<Vec<u8>> {
    let input = hardened(number);
    keys.iter().map(|key| key.output(&input).expect("an element").as_bytes().to_vec()).collect()
}

/// Registers somebody under an owner id, pays it, and gives both transactions.
fn lives(id: OwnerId, key: &str) -> Vec<Vec<u8>> {
    let (class, expiry) = (OwnerClass::Phone, System::block_number() + 100);
    let proof = RegistrationProof::new(System::block_hash(0), id, BANK_A, account(key), class, expiry);
    let signature = pair(key).sign(&proof.encode());
    let register =
        pallet_identity::Call::register { owner: id, key: account(key), class, person: None, expiry, signature };
    let coins = coins_of("ann")[..1].to_vec().try_into().expect("one");
    let pay = pallet_ownership::Call::transfer { to: id, coins };
    let nonce = |uri: &str| System::account_nonce(account(uri));
    let transactions = [signed("//BankA", nonce("//BankA"), register), signed("//ann", nonce("//ann"), pay)];
    transactions
        .into_iter()
        .map(|transaction| {
            let bytes = transaction.encode();
            assert_ok!(Executive::apply_extrinsic(transaction).expect("valid"));
            bytes
        })
        .collect()
}

#[test]
fn without_the_key_nobody_finds_an_owner_among_ten_thousand_numbers() {
    run(|| {
        with_money();
        let numbers: Vec<String> =
            (0..NUMBERS).map(|number| format!("phone:+4917{:08}", 10_000_000 + number * 37)).collect();
        let (real, weak) = (&numbers[REAL], &numbers[WEAK]);
        let normalised = NormalisedIdentity::guess(real.trim_start_matches("phone:")).expect("a telephone number");
        assert_eq!(normalised.as_bytes(), real.as_bytes());

        // Given: an owner as every owner is.
        let secret = Key::development().expect("a key");
        let value = secret.output(&hardened(real)).expect("an element");
        let mut transactions = lives(owner_id(NETWORK, value.as_bytes()), "//real");
        let seen = Seen::new(&transactions);

        // Then: no number is recognised by any public hash.
        assert_eq!(search(&seen, &numbers, plain), [""; 0]);
        // Nor by way of argon2id with its public parameters. It takes a tenth of a second for a number, so that only
        // neighbours are tried as well: what others there are makes the right one no easier to find.
        let near = &numbers[REAL - 2..REAL + 3];
        assert_eq!(search(&seen, near, |number| vec![hardened(number).as_bytes().to_vec()]), [""; 0]);
        // Nor with keys that can be made of what is public.
        let public = secret.public().to_bytes();
        let made = [public, System::block_hash(0).0, blake2_256(&public)];
        let made = made.map(|seed| Key::derive(&seed, &[]).expect("a key"));
        assert_eq!(search(&seen, near, |number| values(number, &made)), [""; 0]);

        // But: the same search finds the owner with the secret key,
        let secret = [secret];
        assert_eq!(search(&seen, near, |number| values(number, &secret)), [real.as_str()]);
        // and an owner whose id is a hash of its number, without any key.
        transactions.extend(lives(owner_id(NETWORK, &blake2_256(weak.as_bytes())), "//weak"));
        let near = &numbers[WEAK - 50..WEAK + 50];
        assert_eq!(search(&Seen::new(&transactions), near, plain), [weak.as_str()]);
    });
}

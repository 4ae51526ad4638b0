//! Askers that a file lists.
//!
//! ```toml
//! [limits]                 # all of it may be left out; these are the defaults, in evaluations
//! bank = { per_minute = 600, per_day = 50000 }
//! owner = { per_minute = 10, per_day = 100 }
//! owners_of_bank = { per_minute = 600, per_day = 20000 }
//!
//! [[asker]]
//! name = "bank-a-counter"  # a-z, 0-9, '-', '_', '.'
//! bank = 1                 # counts against this bank's limit; without it the asker is nobody's but its own
//! keys = ["5Grwva…"]       # accounts, or 0x and 64 hexadecimal digits
//! # With `bank` in addition to the bank's limit, else in place of `limits.bank`, which holds for this asker alone.
//! limit = { per_minute = 60, per_day = 1000 }
//! ```

use super::{Asker, Askers, Finding, Limits};
use crate::limits::Payer;
use serde::Deserialize;
use specie_identity_client::AccountKey;
use std::collections::{BTreeMap, BTreeSet};
use subxt_utils_accountid32::AccountId32;

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What each kind of asker may spend.
    #[serde(default)]
    pub limits: Limits,
    /// Listed askers.
    #[serde(default, rename = "asker")]
    askers: Vec<Listed>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    bank: Option<u32>,
    keys: Vec<String>,
    limit: Option<crate::limits::Limit>,
}

impl Settings {
    /// Reads the text of a file. The message names the line of a mistake.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_string())
    }

    /// Its askers.
    pub fn askers(&self) -> Result<FileAskers, String> {
        let (mut keys, mut names) = (BTreeMap::new(), BTreeSet::new());
        for Listed { name, bank, keys: listed, limit } in &self.askers {
            let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "-_.".contains(sign);
            if !(1..=64).contains(&name.len()) || !name.chars().all(plain) {
                return Err(format!("asker '{name}': a name has 1 to 64 of a-z, 0-9, '-', '_' and '.'"));
            }
            if !names.insert(name) {
                return Err(format!("asker '{name}' is listed twice"));
            }
            if listed.is_empty() {
                return Err(format!("asker '{name}' has no key"));
            }
            // A payer has one limit, whichever key asks: under another one the same bucket would be refilled or cut.
            let mut charges: Vec<_> = bank.iter().map(|bank| (Payer::Bank(*bank), self.limits.bank)).collect();
            if bank.is_none() || limit.is_some() {
                charges.push((Payer::Listed(name.clone()), limit.unwrap_or(self.limits.bank)));
            }
            let asker = Asker { label: name.clone(), charges };
            for text in listed {
                let key = read_account(text).ok_or_else(|| format!("asker '{name}': '{text}' is no account"))?;
                if keys.insert(key, asker.clone()).is_some() {
                    return Err(format!("asker '{name}': the key {text} is listed twice"));
                }
            }
        }
        Ok(FileAskers { keys })
    }
}

/// The askers of a file.
#[derive(Clone, Debug, Default)]
pub struct FileAskers {
    keys: BTreeMap<AccountKey, Asker>,
}

impl FileAskers {
    /// Number of their keys.
    pub fn count(&self) -> usize {
        self.keys.len()
    }
}

impl Askers for FileAskers {
    fn find<'a>(&'a self, key: &'a AccountKey) -> Finding<'a> {
        Box::pin(std::future::ready(Ok(self.keys.get(key).cloned())))
    }
}

/// An account as people and tools write it.
pub(super) fn read_account(text: &str) -> Option<AccountKey> {
    match text.strip_prefix("0x") {
        Some(digits) => hex::decode(digits).ok()?.try_into().ok(),
        None => text.parse::<AccountId32>().ok().map(|account| account.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        limits::Limit,
        store::{Admission, Store},
    };
    use specie_identity_client::wire::SignedRequest;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    const ALICE_HEX: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

    async fn find(text: &str, key: &str) -> Option<Asker> {
        Settings::parse(text).unwrap().askers().unwrap().find(&read_account(key).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn listed_askers_are_found() {
        let own = Limit { per_minute: 6, per_day: 7 };
        let text = format!(
            "[limits]\nbank = {{ per_minute = 1, per_day = 2 }}\n[[asker]]\nname = 'a'\nbank = 3\nkeys = ['{ALICE}']\n\
             [[asker]]\nname = 'b'\nkeys = ['0x{}']\nlimit = {{ per_minute = 6, per_day = 7 }}",
            "11".repeat(32)
        );
        let limit = Limit { per_minute: 1, per_day: 2 };
        let asker = find(&text, ALICE_HEX).await;
        assert_eq!(asker, Some(Asker { label: "a".into(), charges: vec![(Payer::Bank(3), limit)] }));
        let asker = find(&text, &format!("0x{}", "11".repeat(32))).await;
        assert_eq!(asker, Some(Asker { label: "b".into(), charges: vec![(Payer::Listed("b".into()), own)] }));
        assert_eq!(find(&text, &format!("0x{}", "22".repeat(32))).await, None);
        assert_eq!(Settings::parse("").unwrap().limits, Limits::default());
    }

    #[tokio::test]
    async fn a_bank_has_one_limit_whichever_of_its_keys_asks() {
        const MINUTE: u64 = 60_000;
        let other = format!("0x{}", "11".repeat(32));
        let text = format!(
            "[limits]\nbank = {{ per_minute = 2, per_day = 10 }}\n[[asker]]\nname = 'a'\nbank = 3\nkeys = ['{ALICE}']\n\
             [[asker]]\nname = 'b'\nbank = 3\nkeys = ['{other}']\nlimit = {{ per_minute = 100, per_day = 1000 }}"
        );
        let (plain, limited) = (find(&text, ALICE).await.unwrap().charges, find(&text, &other).await.unwrap().charges);
        let (bank, own) = (Limit { per_minute: 2, per_day: 10 }, Limit { per_minute: 100, per_day: 1000 });
        assert_eq!(plain, [(Payer::Bank(3), bank)]);
        assert_eq!(limited, [(Payer::Bank(3), bank), (Payer::Listed("b".into()), own)]);

        // Both keys ask in turn, as often as they may, for a day.
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.redb")).unwrap();
        let (start, mut granted) = (1_800_000_000_000, 0);
        for minute in 0..24 * 60 / 10 {
            let now = start + minute * 10 * MINUTE;
            for (nonce, charges) in [(0, &limited), (1, &plain)] {
                let request = SignedRequest {
                    network: 1,
                    key: [0; 32],
                    asker: [1; 32],
                    time: now / 1000,
                    nonce: [nonce; 16],
                    request: Vec::new(),
                    signature: [0; 64],
                };
                granted += u32::from(store.admit(&request, charges, 1, now).unwrap() == Admission::Granted);
            }
        }
        assert!((10..=20).contains(&granted), "{granted}");
    }

    #[test]
    fn fails_files_with_mistakes() {
        let error = |text: &str| Settings::parse(text).and_then(|settings| settings.askers()).unwrap_err();
        let asker = |name: &str, keys: &str| format!("[[asker]]\nname = '{name}'\nkeys = [{keys}]\n");
        let alice = format!("'{ALICE}'");
        assert!(error("[[asker]]\nname = 'a'\nkees = []").contains("kees"));
        assert!(error("[limits]\nbanks = 1").contains("banks"));
        assert!(error(&asker("A b", &alice)).contains("a name has"));
        assert!(error(&asker("a", "")).contains("no key"));
        assert!(error(&asker("a", "'5Grw'")).contains("no account"));
        assert!(error(&(asker("a", &alice) + &asker("a", &alice))).contains("twice"));
        assert!(error(&(asker("a", &alice) + &asker("b", &format!("'{ALICE_HEX}'")))).contains("twice"));
    }
}

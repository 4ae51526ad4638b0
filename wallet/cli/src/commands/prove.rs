//! `specie owner prove`: a key's consent as a file, so that a bank's counter needs no key of its customers.

use super::owner::PROOF_LIFETIME;
use crate::{
    app::App,
    failure::{self, Failure},
};
use anyhow::{bail, Context, Result};
use clap::{Args, ValueEnum};
use serde_json::json;
use specie_primitives::{AccountId, BlockNumber, OwnerClass, OwnerId, PersonTag};
use specie_wallet::{
    key_proof::{self, MAX_LIFETIME},
    keystore::write_whole,
    KeyProof, Purpose,
};
use std::{
    fs,
    io::{self, Write},
    path::{self, Path, PathBuf},
};

/// Blocks for which a proof in a file is good unless something else is asked for: fifty minutes.
const IN_A_FILE: BlockNumber = 3_000;

/// What a key consents to.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Use {
    /// To be registered for a new owner.
    Register,
    /// To stand for an owner whose key was lost.
    Recover,
    /// To another class of an owner, with its present key.
    ChangeClass,
    /// To take the place of an owner's present key.
    Rotate,
}

/// Prove that you have a key, in a file for your bank.
#[derive(Args)]
pub struct Prove {
    /// The owner id, which your bank tells you: 48 hexadecimal digits. Of an owner with a key, its identity will do.
    owner: String,
    /// What the bank may use it for.
    #[arg(long = "for", value_name = "USE")]
    purpose: Use,
    /// Number of your bank, see `specie bank list`; not for rotate.
    #[arg(long, value_name = "NUMBER")]
    bank: Option<u32>,
    /// With --for register and change-class: the class that you agreed on, anonymous_card, phone, person or firm.
    #[arg(long, default_value = "phone")]
    class: OwnerClass,
    /// With --for change-class: the tag that your bank has for you, 64 hexadecimal digits, if it verified who you are.
    #[arg(long, value_name = "TAG")]
    person_tag: Option<PersonTag>,
    /// For how many blocks, of about a second, the proof is good.
    #[arg(long, default_value_t = IN_A_FILE, value_name = "BLOCKS")]
    valid: BlockNumber,
    /// Where the proof goes. There is nothing secret in it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Do not ask whether you have read what it is for.
    #[arg(long)]
    yes: bool,
}

impl Prove {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let out = path::absolute(&self.out)?;
        if out.exists() {
            bail!("{} exists already: choose another file", out.display());
        }
        if self.valid > MAX_LIFETIME {
            bail!("the network takes proofs for at most {MAX_LIFETIME} blocks");
        }
        let (client, key) = (app.client().await?, app.keypair(app.signer_name()?)?);
        let account = key.account();
        let (owner, purpose) = (app.owner(&self.owner).await?, self.purpose(app).await?);
        let (genesis, expiry) = (client.genesis(), client.best_number().await?.saturating_add(self.valid));
        eprintln!("{}", key_proof::words(&account, genesis, owner, purpose, expiry));
        if !self.yes {
            ensure_yes()?;
        }
        let proof = KeyProof::sign(&key, genesis, owner, purpose, expiry);
        write_whole(&out, proof.to_text()?.as_bytes(), false)
            .with_context(|| format!("cannot write {}", out.display()))?;
        app.print(&json!({ "file": out, "proof": proof }), || {
            format!("Wrote {}: give it to your bank, before block {expiry} is over", out.display())
        })
    }

    async fn purpose(&self, app: &App) -> Result<Purpose> {
        let bank = match self.bank {
            Some(number) => Some(app.bank(number).await?.bank),
            None => None,
        };
        let named = || bank.context("say which bank may use it: --bank NUMBER");
        Ok(match self.purpose {
            Use::Register => Purpose::Register { bank: named()?, class: self.class },
            Use::Recover => Purpose::Recover { bank: named()? },
            Use::ChangeClass => Purpose::ChangeClass { bank: named()?, class: self.class, person: self.person_tag },
            Use::Rotate => Purpose::Rotate,
        })
    }
}

/// Asks whether to go on.
fn ensure_yes() -> Result<()> {
    eprint!("Sign this? Type yes: ");
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("no terminal to ask: give --yes")?;
    if line.trim() != "yes" {
        return Err(
            Failure::new(failure::WALLET, "not signed, because the answer was not yes; --yes does not ask").into()
        );
    }
    Ok(())
}

/// The consent of the key that an owner is to have.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct OwnerKey {
    /// The owner's key, which must consent: name of a stored key, or //Ann on development networks.
    #[arg(long, value_name = "NAME|//URI")]
    owner_key: Option<String>,
    /// File with the key's consent instead, which the customer made with `specie owner prove`.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
}

impl OwnerKey {
    /// The consent to this.
    pub async fn consent(&self, app: &App, owner: OwnerId, purpose: Purpose) -> Result<Consent> {
        consent(app, self.owner_key.as_deref(), self.proof.as_deref(), owner, purpose).await
    }
}

/// The consent of the key that takes another's place.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct NewKey {
    /// The new key, which must consent: name of a stored key, or //Ann on development networks.
    #[arg(long, value_name = "NAME|//URI")]
    new_key: Option<String>,
    /// File with the key's consent instead, made with `specie owner prove` where the key is.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
}

impl NewKey {
    /// The consent to this.
    pub async fn consent(&self, app: &App, owner: OwnerId, purpose: Purpose) -> Result<Consent> {
        consent(app, self.new_key.as_deref(), self.proof.as_deref(), owner, purpose).await
    }
}

/// What the network gets of a key's consent.
pub struct Consent {
    /// The key.
    pub key: AccountId,
    /// Last block in which it may be used.
    pub expiry: BlockNumber,
    /// The signature.
    pub signature: [u8; 64],
}

/// From a file, or from a key that is at hand. Nothing is sent.
async fn consent(
    app: &App,
    key: Option<&str>,
    file: Option<&Path>,
    owner: OwnerId,
    purpose: Purpose,
) -> Result<Consent> {
    let client = app.client().await?;
    let (genesis, now) = (client.genesis(), client.best_number().await?);
    let proof = match (file, key) {
        (Some(file), _) => read(file)?,
        (None, key) => {
            let key = app.keypair(key.context("whose key is it?")?)?;
            KeyProof::sign(&key, genesis, owner, purpose, now.saturating_add(PROOF_LIFETIME))
        },
    };
    let signature = proof
        .signature_for(genesis, owner, purpose, now)
        .map_err(|error| Failure::new(failure::WALLET, error.to_string()))?;
    Ok(Consent { key: proof.key, expiry: proof.expiry, signature })
}

fn read(file: &Path) -> Result<KeyProof> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    KeyProof::read(&text).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use crate::Cli;
    use clap::Parser;

    #[test]
    fn consent_is_a_key_or_a_file() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        for command in [
            "bank register ann --owner-key",
            "bank change-class ann --owner-key",
            "bank recover ann --new-key",
            "owner rotate --new-key",
        ] {
            let (words, option) = command.rsplit_once(' ').unwrap();
            assert!(
                reads(&format!("specie {words} {option} a")) && reads(&format!("specie {words} --proof f")),
                "{words}"
            );
            assert!(
                !reads(&format!("specie {words}")) && !reads(&format!("specie {words} {option} a --proof f")),
                "{words}"
            );
        }
        let prove = "specie --key ann owner prove ann --out f";
        assert!(reads(&format!("{prove} --for register --bank 1")) && reads(&format!("{prove} --for rotate --yes")));
        assert!(reads(&format!("{prove} --for recover --bank 1 --valid 60")) && !reads(prove));
        assert!(reads(&format!("{prove} --for change-class --bank 1 --class person --person-tag {}", "07".repeat(32))));
        assert!(!reads(&format!("{prove} --for marriage --bank 1")));
    }
}

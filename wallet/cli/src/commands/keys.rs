//! `specie key …` and `specie owner-id`.

use super::restore::Restore;
use crate::app::App;
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use specie_wallet::{keys, parse_identity, KeystoreError, Seed, StoredKey};
use zeroize::Zeroizing;

/// Keys of the key store.
#[derive(Subcommand)]
#[command(after_help = "\
Names of keys are yours to choose and stay on this machine. A command that signs with several stored keys asks for one \
password: give those keys the same.")]
pub enum Keys {
    /// Make a key with a fresh recovery phrase, which is shown once.
    New {
        /// Name of the key.
        name: String,
        /// Identity of the key's owner, as a note to yourself; kept encrypted. - reads it from the standard input.
        #[arg(long)]
        identity: Option<String>,
    },
    /// Store a key that exists: you are asked for its recovery phrase, seed or URI.
    Import {
        /// Name of the key.
        name: String,
        /// Read the secret from the first line of this file that is not blank; - for the standard input.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<String>,
        /// Identity of the key's owner, as a note to yourself; kept encrypted. - reads it from the standard input.
        #[arg(long)]
        identity: Option<String>,
    },
    /// Bring a wallet back from its recovery phrase: its keys, also a later one, what their owners have, and what waits.
    #[command(after_help = "\
Example, which asks for the phrase and needs nothing but a node:
  specie key restore ann

What a phrase gives and what not: docs/wallet.md.")]
    Restore(Restore),
    /// Make the key that takes the place of a stored one, from the same recovery phrase, which brings it back too; then
    /// `specie owner rotate --new-key`.
    Next {
        /// Name of the stored key.
        of: String,
        /// Name of the key to be.
        name: String,
    },
    /// Names and accounts of all stored keys; needs no password.
    List,
    /// Account and identity of a key; asks for the password.
    Show {
        /// Name of the key, or a development URI.
        name: String,
    },
    /// Print the secret of a key: whoever reads it can spend everything.
    Export {
        /// Name of the key.
        name: String,
    },
}

impl Keys {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        match self {
            Self::New { name, identity } => {
                ensure_free(app, &name)?;
                let phrase = keys::generate_phrase()?;
                let header = add(app, &name, &phrase, identity)?;
                let value = json!({ "name": name, "account": header, "phrase": *phrase });
                app.print(&value, || {
                    format!(
                        "Key {name}, account {header}\nRecovery phrase, write it down, it is not shown again:\n  {}",
                        *phrase
                    )
                })
            },
            Self::Import { name, secret_file, identity } => {
                ensure_free(app, &name)?;
                let secret = read_secret(secret_file.as_deref(), "Recovery phrase, seed or URI: ", "--secret-file")?;
                let known = keys::is_development(&secret);
                let account = add(app, &name, secret.trim(), identity)?;
                let value = json!({ "name": name, "account": account, "development": known });
                app.print(&value, || {
                    let text = format!("Key {name}, account {account}");
                    if known {
                        format!("{text}\nWARNING: this is a publicly known development key: everybody can sign with it")
                    } else {
                        text
                    }
                })
            },
            Self::Restore(restore) => restore.run(app).await,
            Self::Next { of, name } => next(app, &of, &name),
            Self::List => {
                let headers = app.keystore()?.list()?;
                let value: Vec<_> =
                    headers.iter().map(|header| json!({ "name": header.name, "account": header.account })).collect();
                let rows: Vec<_> =
                    headers.iter().map(|header| vec![header.name.clone(), header.account.to_string()]).collect();
                app.print(&json!({ "keys": value }), || crate::output::table(&["name", "account"], &rows, &[]))
            },
            Self::Show { name } => {
                if name.starts_with('/') {
                    let account = app.account(&name)?;
                    return app.print(&json!({ "name": name, "account": account }), || format!("{name}  {account}"));
                }
                let (header, key) = (app.header(&name)?, app.stored(&name)?);
                let value = json!({ "name": name, "account": header.account, "identity": key.identity });
                app.print(&value, || {
                    let identity = key.identity.as_deref().unwrap_or("none");
                    format!("Key {name}\n  account  {}\n  identity {identity}", header.account)
                })
            },
            Self::Export { name } => {
                let key = app.stored(&name)?;
                app.print(&json!({ "name": name, "secret": key.secret }), || key.secret.clone())
            },
        }
    }
}

/// Fails before anything is asked for if a key cannot have this name.
pub(super) fn ensure_free(app: &App, name: &str) -> Result<()> {
    match app.keystore()?.header(name) {
        Err(KeystoreError::Unknown { .. }) => Ok(()),
        Err(error @ KeystoreError::BadName(_)) => Err(error.into()),
        _ => bail!("a key '{name}' exists already: choose another name"),
    }
}

fn add(app: &App, name: &str, secret: &str, identity: Option<String>) -> Result<specie_primitives::AccountId> {
    let identity = identity.map(|identity| app.identity(&identity)).transpose()?;
    if let Some(identity) = &identity {
        parse_identity(identity)?;
    }
    let key = StoredKey { secret: secret.into(), identity };
    key.keypair()?;
    Ok(app.keystore()?.add(name, &key, app.password(true)?)?.account)
}

/// Stores the key that follows a stored one, with the same identity.
fn next(app: &App, of: &str, name: &str) -> Result<()> {
    ensure_free(app, name)?;
    let stored = app.stored(of)?;
    let (seed, number) = Seed::of(&stored.secret);
    let number = number.checked_add(1).context("there are no more keys")?;
    let key = StoredKey { secret: seed.secret(number).to_string(), identity: stored.identity.clone() };
    let account = app.keystore()?.add(name, &key, app.password(false)?)?.account;
    app.print(&json!({ "name": name, "account": account, "number": number }), || {
        format!(
            "Key {name}, account {account}, number {number} of the recovery phrase of {of}, which brings it back\nTo sign with \
             it: specie --key {of} owner rotate --new-key {name}"
        )
    })
}

/// A secret from a file (`-`: the standard input), else typed. `option` names the file.
pub(super) fn read_secret(file: Option<&str>, prompt: &str, option: &str) -> Result<Zeroizing<String>> {
    let text = match file {
        Some("-") => std::io::read_to_string(std::io::stdin())?,
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?,
        None => rpassword::prompt_password(prompt).with_context(|| format!("no terminal: give {option}"))?,
    };
    first_line(&Zeroizing::new(text))
}

/// The first line that is not blank.
fn first_line(text: &str) -> Result<Zeroizing<String>> {
    let line = text.lines().find(|line| !line.trim().is_empty());
    Ok(Zeroizing::new(line.context("there is no secret: everything is blank")?.to_string()))
}

/// Ask for the owner id of an identity.
#[derive(Args)]
#[command(after_help = "\
Example:
  specie --key bank-a owner-id '+49 171 5550101'

The issuer's identity service answers banks and owners (--key), within limits, and does not see whom they ask about. What it
answered once is remembered for that key, encrypted, in the key store's folder.")]
pub struct OwnerIdOf {
    /// For instance +49 171 5550101, ann@example.org, org:DE123 or alias:ann; - reads it from the standard input.
    identity: String,
}

impl OwnerIdOf {
    /// Does it.
    pub async fn run(self, app: &App) -> Result<()> {
        let owner = app.owner_of_identity(&self.identity).await?;
        app.print(&json!({ "owner": owner }), || owner.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_on_the_first_line_that_is_not_blank() {
        assert_eq!(*first_line("\n  \n//Ann\n//Ben").unwrap(), "//Ann");
        assert_eq!(*first_line("letter advice cage\r\n").unwrap(), "letter advice cage");
        for blank in ["", "\n", " \n\t\n"] {
            assert!(first_line(blank).unwrap_err().to_string().contains("no secret"));
        }
    }
}

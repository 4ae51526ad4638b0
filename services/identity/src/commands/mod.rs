//! The commands.

pub mod check;
pub mod key;
pub mod serve;

use crate::{failure::Failure, Options};
use clap::Args;
use specie_identity_service::askers::{Askers, ChainAskers, FileAskers, Settings};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Who may ask.
#[derive(Args)]
pub struct AskersOptions {
    /// TOML file with limits and listed askers; see docs/protocol/owner-id.md.
    #[arg(long, env = "SPECIE_IDENTITY_ASKERS", value_name = "FILE")]
    askers: Option<PathBuf>,
    /// Node that says which banks and owners may ask, http://host:port.
    #[arg(long, env = "SPECIE_IDENTITY_NODE", value_name = "URL")]
    node: Option<String>,
}

impl AskersOptions {
    /// The file's askers and the chain's.
    fn read(&self) -> Result<(FileAskers, Option<ChainAskers>), Failure> {
        let settings = match &self.askers {
            None => Settings::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| io(path, error))?;
                Settings::parse(&text)
                    .map_err(|error| Failure::new("askers", format!("{}: {error}", path.display())))?
            },
        };
        let listed = settings.askers().map_err(|error| Failure::new("askers", error))?;
        let chain = self.node.as_ref().map(|node| ChainAskers::new(node, settings.limits));
        if listed.count() == 0 && chain.is_none() {
            return Err(Failure::new("askers", "nobody may ask: give --node URL, or --askers FILE with askers"));
        }
        Ok((listed, chain))
    }
}

/// Listed askers first, then the chain's.
fn together(listed: FileAskers, chain: Option<ChainAskers>) -> Box<dyn Askers> {
    let mut all: Vec<Box<dyn Askers>> = vec![Box::new(listed)];
    if let Some(chain) = chain {
        all.push(Box::new(chain));
    }
    Box::new(all)
}

/// A password: from a file, from a variable, or typed; `new` ones are typed twice.
fn password(file: Option<&Path>, variable: &str, prompt: &str, new: bool) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = file {
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| io(path, error))?);
        return Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_string()));
    }
    if let Ok(password) = std::env::var(variable) {
        return Ok(Zeroizing::new(password));
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| {
            Failure::new("password", format!("no terminal to ask for a password: give a password file or {variable}"))
        })
    };
    let password = ask(&format!("{prompt}: "))?;
    if new && *ask("Once more: ")? != *password {
        return Err(Failure::new("password", "the passwords differ"));
    }
    Ok(password)
}

/// The key file's password.
fn key_password(options: &Options, new: bool) -> Result<Zeroizing<String>, Failure> {
    password(options.password_file.as_deref(), "SPECIE_IDENTITY_PASSWORD", "Password of the key file", new)
}

fn io(path: &Path, error: std::io::Error) -> Failure {
    Failure::new("io", format!("{}: {error}", path.display()))
}

//! `specie-identity key …`

use super::{key_password, password};
use crate::{
    failure::{result, Failure},
    Options,
};
use clap::{Args, Subcommand};
use rand::rngs::OsRng;
use serde_json::json;
use specie_identity_service::files;
use specie_prf::{Header, Key};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The key of the function.
#[derive(Subcommand)]
#[command(after_help = "\
The public key belongs into the network definition: wallets check every answer against it. A backup has a password of \
its own, so that who keeps it need not be who runs the service.")]
pub enum KeyCommand {
    /// Make a key, once for a network.
    New {
        #[command(flatten)]
        file: KeyFile,
        /// Number of the network, as in its definition.
        #[arg(long, value_name = "NUMBER")]
        network: u32,
        /// The key of test networks, which everybody has; only for network 1.
        #[arg(long)]
        dev: bool,
    },
    /// Print network and public key; needs no password.
    Show {
        #[command(flatten)]
        file: KeyFile,
        /// Open the file as well: tells whether the password is right and the file whole.
        #[arg(long)]
        open: bool,
    },
    /// Write the key to another file, under another password.
    Backup {
        #[command(flatten)]
        file: KeyFile,
        /// The backup, which must not exist.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        #[command(flatten)]
        backup: BackupPassword,
    },
    /// Make a key file from a backup.
    Restore {
        #[command(flatten)]
        file: KeyFile,
        /// The backup.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        #[command(flatten)]
        backup: BackupPassword,
    },
    /// Change the key file's password; the key stays.
    Password {
        #[command(flatten)]
        file: KeyFile,
        /// File with the new password on its first line; otherwise SPECIE_IDENTITY_NEW_PASSWORD is used, or you are asked.
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
}

/// Which key.
#[derive(Args)]
pub struct KeyFile {
    /// The encrypted key file.
    #[arg(long, env = "SPECIE_IDENTITY_KEY", value_name = "FILE")]
    key: PathBuf,
}

/// Password of a backup.
#[derive(Args)]
pub struct BackupPassword {
    /// File with the backup's password on its first line; otherwise SPECIE_IDENTITY_BACKUP_PASSWORD is used, or you are
    /// asked.
    #[arg(long, value_name = "FILE")]
    backup_password_file: Option<PathBuf>,
}

impl BackupPassword {
    fn read(&self, new: bool) -> Result<Zeroizing<String>, Failure> {
        let file = self.backup_password_file.as_deref();
        password(file, "SPECIE_IDENTITY_BACKUP_PASSWORD", "Password of the backup", new)
    }
}

impl KeyCommand {
    /// Does it.
    pub fn run(self, options: &Options) -> Result<(), Failure> {
        match self {
            Self::New { file, network, dev } => {
                ensure_free(&file.key)?;
                let key = if dev { development(network)? } else { Key::generate(&mut OsRng) };
                let header = files::write(&file.key, &key, network, &key_password(options, true)?, false)?;
                print(options, "made", &file.key, &header);
            },
            Self::Show { file, open } => {
                let header = match open {
                    true => files::open(&file.key, &key_password(options, false)?)?.0,
                    false => files::read(&file.key)?.header().clone(),
                };
                print(options, if open { "opened" } else { "read" }, &file.key, &header);
            },
            Self::Backup { file, to, backup } => {
                ensure_free(&to)?;
                let (header, key) = files::open(&file.key, &key_password(options, false)?)?;
                let header = files::write(&to, &key, header.network, &backup.read(true)?, false)?;
                print(options, "written and opened again", &to, &header);
            },
            Self::Restore { file, from, backup } => {
                ensure_free(&file.key)?;
                let (header, key) = files::open(&from, &backup.read(false)?)?;
                let header = files::write(&file.key, &key, header.network, &key_password(options, true)?, false)?;
                print(options, "restored", &file.key, &header);
            },
            Self::Password { file, new_password_file } => {
                let (header, key) = files::open(&file.key, &key_password(options, false)?)?;
                let new = password(
                    new_password_file.as_deref(),
                    "SPECIE_IDENTITY_NEW_PASSWORD",
                    "New password of the key file",
                    true,
                )?;
                let header = files::write(&file.key, &key, header.network, &new, true)?;
                print(options, "has a new password", &file.key, &header);
            },
        }
        Ok(())
    }
}

/// The key of test networks, for them only.
pub fn development(network: u32) -> Result<Key, Failure> {
    if network != 1 {
        return Err(Failure::new("network", "the development key is for network 1 only: everybody has it"));
    }
    Key::development().map_err(|error| Failure::new("key_file", error))
}

/// Fails before anything is asked for.
fn ensure_free(path: &Path) -> Result<(), Failure> {
    match path.try_exists() {
        Ok(true) => Err(files::FileError::Exists(path.into()).into()),
        _ => Ok(()),
    }
}

fn print(options: &Options, what: &str, path: &Path, header: &Header) {
    let value = json!({ "file": path, "network": header.network, "public_key": header.public_key });
    let text = format!(
        "Key file {} {what}\n  network    {}\n  public key {}",
        path.display(),
        header.network,
        header.public_key
    );
    result(options.json, &value, &text);
}

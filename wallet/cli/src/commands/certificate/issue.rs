//! Making keys and certificates; nothing here asks a node.

use super::{certificate_key, files, genesis, key_of, key_text, milliseconds, now, public_key};
use crate::app::App;
use anyhow::{bail, Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use specie_certificates::{self as certificates, check_link, check_renewal, Body, Flags, Genesis, Kind, PublicKey};
use specie_primitives::OwnerId;
use specie_wallet::{certificates::CertificateKey, keys, StoredKey};
use std::path::{Path, PathBuf};

/// Seconds by which clocks may differ.
const SKEW: u64 = 60;
/// Seconds of a day.
const DAY: u32 = 86_400;
/// Days of a root's certificate unless it is said: 20 years.
const ROOT_DAYS: u32 = 7_300;
/// Days of any other: 4 years.
const USUAL_DAYS: u32 = 1_460;

/// The root key.
#[derive(Subcommand)]
pub enum Root {
    /// Make a key with a fresh recovery phrase, which is shown once, and store it encrypted in the key store.
    New {
        /// Name of the key.
        name: String,
    },
    /// The public key of a certificate key: what verifiers pin, and what the network's definition or the committee names.
    Show {
        /// Name of the key, or a development URI.
        name: String,
    },
    /// Have the root key describe itself: the certificate that everything else hangs on.
    Issue {
        /// Hash of the network's first block.
        #[arg(long, value_name = "HASH")]
        genesis: String,
        #[command(flatten)]
        terms: Terms,
    },
    /// Describe the root key anew, for longer.
    Renew(Renew),
}

/// Keys that sign batches.
#[derive(Subcommand)]
pub enum Issuing {
    /// Certify a key.
    Issue(Issue),
    /// Certify a key again, for longer.
    Renew(Renew),
}

/// Keys that sign digests.
#[derive(Subcommand)]
pub enum Registry {
    /// Certify a key.
    Issue(Issue),
    /// Certify a key again, for longer.
    Renew(Renew),
}

/// Banks' note keys.
#[derive(Subcommand)]
pub enum Bank {
    /// Certify a bank's note key.
    Issue {
        #[command(flatten)]
        issue: Issue,
        /// Number of the bank.
        #[arg(long)]
        bank: u32,
        /// The most changes of holder that the bank may grant to a device.
        #[arg(long, default_value_t = certificates::MAX_HOPS)]
        hops: u8,
    },
    /// Certify a bank's note key again, for longer. What the bank issued stays good.
    Renew(Renew),
}

/// Owners.
#[derive(Subcommand)]
pub enum Owner {
    /// Certify an owner's account key.
    Issue {
        #[command(flatten)]
        issue: Issue,
        /// Owner id, 48 hexadecimal digits.
        #[arg(long)]
        owner: OwnerId,
        /// Wallet class.
        #[arg(long, default_value_t = 0)]
        class: u8,
    },
    /// Certify an owner's key again, for longer.
    Renew(Renew),
}

/// Devices.
#[derive(Subcommand)]
pub enum Device {
    /// Certify a device.
    Issue {
        #[command(flatten)]
        issue: Issue,
        /// Owner id, 48 hexadecimal digits.
        #[arg(long, required_unless_present = "anonymous")]
        owner: Option<OwnerId>,
        /// An anonymous card: it belongs to nobody, and whoever has it can pay with it.
        #[arg(long, conflicts_with = "owner")]
        anonymous: bool,
        /// Wallet class.
        #[arg(long, default_value_t = 0)]
        class: u8,
        /// The most changes of holder of what the device pays with; 0 for a terminal, 1 at most for an anonymous card.
        #[arg(long, default_value_t = 1)]
        hops: u8,
        /// The device's state cannot be set back.
        #[arg(long)]
        rollback_resistant: bool,
    },
    /// Certify a device again, for longer.
    Renew(Renew),
}

/// How long a certificate is good, and where it goes.
#[derive(Args)]
pub struct Terms {
    /// Number that rises with every certificate of the key that signs; by default the time in milliseconds.
    #[arg(long)]
    serial: Option<u64>,
    /// First second in which it is valid, since 1970; by default a minute ago, since clocks differ.
    #[arg(long, value_name = "SECONDS")]
    from: Option<u32>,
    /// Days for which it is valid; by default 20 years for a root, else 4, and no longer than the certificate above.
    #[arg(long)]
    days: Option<u32>,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Certifying a key; --key is the certificate key that signs.
#[derive(Args)]
pub struct Issue {
    /// The key to certify: hexadecimal with its algorithm's tag, a stored key or //URI; an owner's is an account.
    subject: String,
    /// Certificate of the key that signs.
    #[arg(long, value_name = "FILE")]
    issuer: PathBuf,
    #[command(flatten)]
    terms: Terms,
}

/// Certifying the same key again; --key is the certificate key that signs.
#[derive(Args)]
pub struct Renew {
    /// The certificate that is renewed.
    old: PathBuf,
    /// Certificate of the key that signs; not for a root.
    #[arg(long, value_name = "FILE")]
    issuer: Option<PathBuf>,
    #[command(flatten)]
    terms: Terms,
}

impl Root {
    /// Does it.
    pub fn run(self, app: &App) -> Result<()> {
        match self {
            Self::New { name } => {
                let phrase = keys::generate_phrase()?;
                let secret = StoredKey { secret: phrase.to_string(), identity: None };
                app.keystore()?.add(&name, &secret, app.password(true)?)?;
                let key = CertificateKey::from_uri(&phrase)?.key();
                let value = json!({ "name": name, "key": key_text(&key), "phrase": *phrase });
                app.print(&value, || {
                    format!(
                        "Certificate key {name}: {}\nRecovery phrase, write it down, it is not shown again:\n  {}",
                        key_text(&key),
                        *phrase
                    )
                })
            },
            Self::Show { name } => {
                let key = certificate_key(app, &name)?.key();
                let (id, item) = (hex::encode(key.id().0), hex::encode(key.item().0));
                let value = json!({ "name": name, "key": key_text(&key), "id": id, "item": item });
                app.print(&value, || {
                    format!("Certificate key {name}\n  key   {}\n  id    {id}\n  item  {item}", key_text(&key))
                })
            },
            Self::Issue { genesis: network, terms } => {
                let key = certificate_key(app, app.signer_name()?)?;
                let body = blank(Kind::Root, genesis(&network)?, &key.key(), key.key());
                finish(app, &key, terms.apply(body, None)?, &terms.out)
            },
            Self::Renew(renew) => renew.run(app, Kind::Root),
        }
    }
}

impl Issuing {
    /// Does it.
    pub fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Issue(issue) => issue.run(app, Kind::Issuing, Ok),
            Self::Renew(renew) => renew.run(app, Kind::Issuing),
        }
    }
}

impl Registry {
    /// Does it.
    pub fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Issue(issue) => issue.run(app, Kind::Registry, Ok),
            Self::Renew(renew) => renew.run(app, Kind::Registry),
        }
    }
}

impl Bank {
    /// Does it.
    pub fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Issue { issue, bank, hops } => {
                issue.run(app, Kind::Bank, |body| Ok(Body { bank: certificates::Bank(bank), max_hops: hops, ..body }))
            },
            Self::Renew(renew) => renew.run(app, Kind::Bank),
        }
    }
}

impl Owner {
    /// Does it.
    pub fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Issue { issue, owner, class } => {
                issue.run(app, Kind::Owner, |body| Ok(Body { owner: certificates::Owner(owner.0), class, ..body }))
            },
            Self::Renew(renew) => renew.run(app, Kind::Owner),
        }
    }
}

impl Device {
    /// Does it.
    pub fn run(self, app: &App) -> Result<()> {
        match self {
            Self::Issue { issue, owner, anonymous, class, hops, rollback_resistant } => {
                issue.run(app, Kind::Device, |body| {
                    let anonymous = if anonymous { Flags::ANONYMOUS } else { Flags::NONE };
                    let resistant = if rollback_resistant { Flags::ROLLBACK_RESISTANT } else { Flags::NONE };
                    let owner = owner.map_or(certificates::Owner::NONE, |owner| certificates::Owner(owner.0));
                    Ok(Body { owner, class, max_hops: hops, flags: anonymous.with(resistant), ..body })
                })
            },
            Self::Renew(renew) => renew.run(app, Kind::Device),
        }
    }
}

impl Terms {
    /// The body with its beginning, end and serial. `parent` is the certificate above.
    fn apply(&self, body: Body, parent: Option<&Body>) -> Result<Body> {
        let not_before = match self.from {
            Some(from) => from,
            None => u32::try_from(now()?.saturating_sub(SKEW))?,
        };
        self.extend(Body { not_before, ..body }, not_before, parent)
    }

    /// The same for so many days from a time on; the beginning stays.
    fn extend(&self, body: Body, from: u32, parent: Option<&Body>) -> Result<Body> {
        let days = self.days.unwrap_or(if body.kind == Kind::Root { ROOT_DAYS } else { USUAL_DAYS });
        let end = days.checked_mul(DAY).and_then(|life| from.checked_add(life));
        let end = end.context("a certificate ends before 2106: give fewer --days")?;
        // Verifiers refuse what outlives the certificate above it.
        let most = parent.map_or(u32::MAX, |parent| parent.not_after);
        if end > most && self.days.is_some() {
            let left = most.saturating_sub(from) / DAY;
            bail!("it would outlive the certificate above it: give at most --days {left}");
        }
        let serial = match self.serial {
            Some(serial) => serial,
            None => milliseconds()?,
        };
        Ok(Body { not_after: end.min(most), serial, ..body })
    }
}

impl Issue {
    fn run(self, app: &App, kind: Kind, fill: impl FnOnce(Body) -> Result<Body>) -> Result<()> {
        let parent = files::read_certificate(&self.issuer, Some(kind.issuer()))?;
        let parent = parent.body();
        let subject = subject(app, &self.subject, kind)?;
        let mut body = blank(kind, parent.genesis, &parent.subject, subject);
        if matches!(kind, Kind::Owner | Kind::Device) {
            body.bank = parent.bank;
        }
        let body = self.terms.apply(fill(body)?, Some(parent))?;
        check_link(parent, &body)?;
        finish(app, &key_of(app, app.signer_name()?, &parent.subject)?, body, &self.terms.out)
    }
}

impl Renew {
    fn run(self, app: &App, kind: Kind) -> Result<()> {
        let old = files::read_certificate(&self.old, Some(kind))?;
        let old = old.body();
        if self.terms.from.is_some() {
            bail!("a renewal begins when the certificate before it began: leave out --from");
        }
        let from = u32::try_from(now()?)?;
        let parent = match (&self.issuer, kind) {
            (None, Kind::Root) => None,
            (Some(_), Kind::Root) => bail!("a root signs itself: leave out --issuer"),
            (Some(issuer), _) => Some(files::read_certificate(issuer, Some(kind.issuer()))?),
            (None, _) => bail!("give the certificate of the key that signs: --issuer FILE"),
        };
        let parent = parent.as_ref().map(|parent| parent.body());
        let body = self.terms.extend(*old, from, parent)?;
        if let Some(parent) = parent {
            check_link(parent, &body)?;
        }
        check_renewal(old, &body)?;
        let signer = parent.map_or(old.subject, |parent| parent.subject);
        finish(app, &key_of(app, app.signer_name()?, &signer)?, body, &self.terms.out)
    }
}

/// A body with nothing but what every kind has.
fn blank(kind: Kind, genesis: Genesis, issuer: &PublicKey, subject: PublicKey) -> Body {
    Body {
        kind,
        genesis,
        serial: 0,
        issuer: issuer.id(),
        not_before: 0,
        not_after: 0,
        flags: Flags::NONE,
        class: 0,
        max_hops: 0,
        bank: certificates::Bank(0),
        owner: certificates::Owner::NONE,
        subject,
    }
}

/// The key that is certified.
fn subject(app: &App, text: &str, kind: Kind) -> Result<PublicKey> {
    if text.starts_with("0x") {
        return public_key(text);
    }
    if kind == Kind::Owner {
        let account = app.account(text)?;
        let bytes: &[u8] = account.as_ref();
        let tag = [certificates::Algorithm::Sr25519 as u8];
        return Ok(PublicKey::decode(&[&tag[..], bytes].concat())?);
    }
    Ok(certificate_key(app, text)?.key())
}

fn finish(app: &App, key: &CertificateKey, body: Body, out: &Path) -> Result<()> {
    let bytes = key.certify(body)?.encode();
    files::write(out, &bytes)?;
    let value = json!({ "file": out, "bytes": bytes.len(), "certificate": files::body_json(&body) });
    app.print(&value, || format!("{}\n{} bytes in {}", files::body_text(&body), bytes.len(), out.display()))
}

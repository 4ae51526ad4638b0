//! From a trusted root to the key at the end.

use crate::{Bank, Body, Certificate, Fault, Flags, Genesis, Item, Kind, Owner, PublicKey, Refused};

/// Most certificates below the root.
pub const MAX_CHAIN: usize = 2;

/// Knows what is revoked: a list, a digest, or a chain's own state.
pub trait Revocations {
    /// Whether a key or a certificate is revoked.
    fn is_revoked(&self, item: &Item) -> bool;
}

/// Knows of no revocation.
pub struct NoneRevoked;

impl Revocations for NoneRevoked {
    fn is_revoked(&self, _: &Item) -> bool {
        false
    }
}

/// A root that the verifier trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root(Certificate);

impl Root {
    /// Takes a root's description of itself. That it signed itself proves nothing: network and key must be known from
    /// elsewhere, such as the wallet's installation.
    pub fn pin(certificate: Certificate, genesis: &Genesis, key: &PublicKey) -> Result<Self, Fault> {
        let body = certificate.body();
        if body.genesis != *genesis {
            return Err(Fault::WrongNetwork);
        }
        if body.kind != Kind::Root {
            return Err(Fault::WrongKind);
        }
        if body.subject != *key {
            return Err(Fault::WrongRoot);
        }
        certificate.check_signature(key)?;
        Ok(Self(certificate))
    }

    /// What it says.
    pub fn body(&self) -> &Body {
        self.0.body()
    }
}

/// What a chain proves about the key at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Kind of the last certificate.
    pub kind: Kind,
    /// The certified key.
    pub key: PublicKey,
    /// The bank, for banks, owners and devices.
    pub bank: Option<Bank>,
    /// The owner; none for institutions and anonymous cards.
    pub owner: Option<Owner>,
    /// Wallet class; 0 for institutions.
    pub class: u8,
    /// See [`Body::max_hops`].
    pub max_hops: u8,
    /// See [`Flags`].
    pub flags: Flags,
    /// Last second in which the whole chain is valid, as far as time goes.
    pub valid_until: u32,
}

/// Whether a certificate that says `child` may stand below one that says `parent`. Who signs one asks this first.
pub fn check_link(parent: &Body, child: &Body) -> Result<(), Fault> {
    if child.genesis != parent.genesis {
        return Err(Fault::WrongNetwork);
    }
    if child.kind == Kind::Root || child.kind.issuer() != parent.kind {
        return Err(Fault::WrongKind);
    }
    if child.issuer != parent.subject.id() {
        return Err(Fault::WrongIssuer);
    }
    if parent.kind == Kind::Bank {
        if child.bank != parent.bank {
            return Err(Fault::WrongBank);
        }
        if child.max_hops > parent.max_hops {
            return Err(Fault::TooManyHops);
        }
    }
    Ok(())
}

/// Checks the certificates below the root, from the top down, at `now`. For something that was signed earlier `now` is
/// the time of that signature.
///
/// For each: network, kind, issuer, bank, hops, time, signature, revocation of its key and of itself, in this order.
pub fn verify_chain(
    root: &Root,
    chain: &[Certificate],
    now: u64,
    revocations: &dyn Revocations,
) -> Result<Verified, Refused> {
    let mut parent = root.body();
    let mut valid_until = parent.not_after;
    parent.check_time(now).map_err(Refused::at(0))?;
    for (certificate, position) in chain.iter().zip(1..) {
        let at = Refused::at(position);
        if position > MAX_CHAIN {
            return Err(at(Fault::ChainTooLong));
        }
        let body = certificate.body();
        check_link(parent, body).map_err(&at)?;
        body.check_time(now).map_err(&at)?;
        certificate.check_signature(&parent.subject).map_err(&at)?;
        if revocations.is_revoked(&body.subject.item()) || revocations.is_revoked(&body.item()) {
            return Err(at(Fault::Revoked));
        }
        valid_until = valid_until.min(body.not_after);
        parent = body;
    }
    if parent.kind == Kind::Root {
        return Err(Refused::at(1)(Fault::EmptyChain));
    }
    Ok(Verified {
        kind: parent.kind,
        key: parent.subject,
        bank: matches!(parent.kind, Kind::Bank | Kind::Owner | Kind::Device).then_some(parent.bank),
        owner: (parent.owner != Owner::NONE).then_some(parent.owner),
        class: parent.class,
        max_hops: parent.max_hops,
        flags: parent.flags,
        valid_until,
    })
}

/// Whether `new` takes the place of `old`: the same key for the same holder, and newer: a higher serial of the same
/// issuer, or a later beginning under another. Both are valid until their end; who knows both uses the new one.
pub fn check_renewal(old: &Body, new: &Body) -> Result<(), Fault> {
    if new.genesis != old.genesis {
        return Err(Fault::WrongNetwork);
    }
    if new.kind != old.kind {
        return Err(Fault::WrongKind);
    }
    if new.subject != old.subject {
        return Err(Fault::OtherKey);
    }
    if (new.bank, new.owner) != (old.bank, old.owner) {
        return Err(Fault::OtherHolder);
    }
    let newer = if new.issuer == old.issuer { new.serial > old.serial } else { new.not_before > old.not_before };
    if newer {
        Ok(())
    } else {
        Err(Fault::NotNewer)
    }
}

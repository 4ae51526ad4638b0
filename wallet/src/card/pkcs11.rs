//! A card behind PKCS#11: a token with an ed25519 key that it made and never gives away. The PIN is the token's, and so is
//! the counter of wrong ones.

use super::{Card, CardError};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::{
        eddsa::{EddsaParams, EddsaSignatureScheme},
        Mechanism,
    },
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use specie_primitives::AccountId;
use std::path::PathBuf;

/// Where Debian's SoftHSM is; other tokens are named with `module-path`.
pub const USUAL_MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// Parameters of the curve: the printable string `edwards25519`, which old and new modules know.
const CURVE: &[u8] = b"\x13\x0cedwards25519";

/// Which key of which token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// The module that speaks to the token.
    pub module: PathBuf,
    /// Label of the token.
    pub token: String,
    /// Label of the key.
    pub object: String,
}

impl TokenPlace {
    /// Reads what follows `pkcs11:` in a URI (RFC 7512): `token`, `object` and, behind `?`, `module-path`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut token, mut object, mut module) = (None, None, USUAL_MODULE.to_string());
        for part in path.split(';') {
            match part.split_once('=')? {
                ("token", value) => token = Some(decoded(value)?),
                ("object", value) => object = Some(decoded(value)?),
                // The only kind of object that signs.
                ("type", "private") => {},
                _ => return None,
            }
        }
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=')? {
                ("module-path", value) => module = decoded(value)?,
                _ => return None,
            }
        }
        let named = |name: Option<String>| name.filter(|name| !name.is_empty());
        Some(Self { module: module.into(), token: named(token)?, object: named(object)? })
    }

    /// The token's slot. A module that another card of this process started runs already.
    fn slot(&self) -> Result<(Pkcs11, Slot), CardError> {
        let context = Pkcs11::new(&self.module)?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {},
            Err(error) => return Err(error.into()),
        }
        for slot in context.get_slots_with_token()? {
            if context.get_token_info(slot)?.label() == self.token {
                return Ok((context, slot));
            }
        }
        Err(CardError::Unknown(format!("token '{}'", self.token)))
    }

    fn find(&self, session: &Session, class: ObjectClass) -> Result<Option<ObjectHandle>, CardError> {
        let template = [
            Attribute::Class(class),
            Attribute::KeyType(KeyType::EC_EDWARDS),
            Attribute::Label(self.object.as_bytes().to_vec()),
        ];
        Ok(session.find_objects(&template)?.first().copied())
    }

    fn found(&self, session: &Session, class: ObjectClass) -> Result<ObjectHandle, CardError> {
        let missing = || CardError::Unknown(format!("object '{}' of token '{}'", self.object, self.token));
        self.find(session, class)?.ok_or_else(missing)
    }

    /// The public key, which everybody may read.
    fn account(&self, session: &Session) -> Result<AccountId, CardError> {
        let public = self.found(session, ObjectClass::PUBLIC_KEY)?;
        let point = session.get_attributes(public, &[AttributeType::EcPoint])?.into_iter().find_map(|one| match one {
            Attribute::EcPoint(point) => Some(point),
            _ => None,
        });
        point.as_deref().and_then(key_of_point).ok_or_else(|| {
            let reason = "its public key is no ed25519 key".into();
            CardError::Format(format!("object '{}'", self.object), reason)
        })
    }
}

/// The key in an attribute: 32 bytes, mostly as a DER octet string.
fn key_of_point(point: &[u8]) -> Option<AccountId> {
    let raw = match point {
        [4, 32, framed @ ..] if framed.len() == 32 => framed,
        bare => bare,
    };
    Some(AccountId::new(<[u8; 32]>::try_from(raw).ok()?))
}

/// A value with its percent signs read.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => *hex::decode([rest.next()?, rest.next()?]).ok()?.first()?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn log_in(session: &Session, pin: &str) -> Result<(), CardError> {
    match session.login(UserType::User, Some(&AuthPin::new(pin.into()))) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(CardError::Blocked),
        Err(Error::Pkcs11(RvError::PinIncorrect, _)) => Err(CardError::WrongPin(None)),
        Err(error) => Err(error.into()),
    }
}

/// A card behind PKCS#11, logged in.
pub struct TokenCard {
    session: Session,
    key: ObjectHandle,
    account: AccountId,
}

impl TokenCard {
    /// Has the token make a key that signs and cannot be read out. Never overwrites one.
    pub fn create(place: &TokenPlace, pin: &str) -> Result<Self, CardError> {
        let (context, slot) = place.slot()?;
        let session = context.open_rw_session(slot)?;
        log_in(&session, pin)?;
        if place.find(&session, ObjectClass::PRIVATE_KEY)?.is_some() {
            return Err(CardError::Exists(format!("object '{}' of token '{}'", place.object, place.token)));
        }
        let label = || Attribute::Label(place.object.as_bytes().to_vec());
        let public = [
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(CURVE.to_vec()),
            label(),
        ];
        let private = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            label(),
        ];
        let (_, key) = session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private)?;
        let account = place.account(&session)?;
        Ok(Self { session, key, account })
    }

    /// Opens a card with its PIN.
    pub fn open(place: &TokenPlace, pin: &str) -> Result<Self, CardError> {
        let (context, slot) = place.slot()?;
        let session = context.open_ro_session(slot)?;
        log_in(&session, pin)?;
        let key = place.found(&session, ObjectClass::PRIVATE_KEY)?;
        let account = place.account(&session)?;
        Ok(Self { session, key, account })
    }

    /// The account of a card; needs no PIN.
    pub fn account_of(place: &TokenPlace) -> Result<AccountId, CardError> {
        let (context, slot) = place.slot()?;
        place.account(&context.open_ro_session(slot)?)
    }
}

impl Card for TokenCard {
    fn account(&self) -> &AccountId {
        &self.account
    }

    fn sign(&self, payload: &[u8]) -> Result<[u8; 64], CardError> {
        let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
        let signature = self.session.sign(&mechanism, self.key, payload)?;
        let length = |_| CardError::Format("the token".into(), "its signature has not 64 bytes".into());
        signature.as_slice().try_into().map_err(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::verify;
    use std::{fs, path::Path, process::Command};

    const PIN: &str = "2718";

    /// A fresh SoftHSM token. The module reads the path of its configuration once a process.
    fn token(folder: &Path) -> TokenPlace {
        let (tokens, configuration) = (folder.join("tokens"), folder.join("softhsm2.conf"));
        fs::create_dir(&tokens).unwrap();
        fs::write(&configuration, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
        std::env::set_var("SOFTHSM2_CONF", &configuration);
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", "cards", "--pin", PIN, "--so-pin", "31415926"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        TokenPlace { module: USUAL_MODULE.into(), token: "cards".into(), object: "ann".into() }
    }

    #[test]
    fn a_token_signs_with_its_pin_and_keeps_its_key() {
        if !Path::new(USUAL_MODULE).exists() {
            eprintln!(
                "SKIPPED: no card behind PKCS#11 was tried, {USUAL_MODULE} is not there; scripts/setup installs it"
            );
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let place = token(folder.path());
        assert!(matches!(TokenCard::open(&place, PIN), Err(CardError::Unknown(_))));
        let account = TokenCard::create(&place, PIN).unwrap().account().clone();
        assert!(matches!(TokenCard::create(&place, PIN), Err(CardError::Exists(_))));
        assert_eq!(TokenCard::account_of(&place).unwrap(), account);
        assert!(matches!(TokenCard::open(&place, "0000"), Err(CardError::WrongPin(None))));
        let card = TokenCard::open(&place, PIN).unwrap();
        let signature = card.sign(b"payload").unwrap();
        assert!(verify(&signature, b"payload", &account) && !verify(&signature, b"another", &account));
        let secret = card.session.get_attributes(card.key, &[AttributeType::Value]).unwrap_or_default();
        assert!(secret.is_empty(), "the key can be read out");
        let elsewhere = TokenPlace { token: "others".into(), ..place };
        assert!(matches!(TokenCard::account_of(&elsewhere), Err(CardError::Unknown(_))));
    }

    #[test]
    fn points_are_read_with_and_without_their_frame() {
        let key = AccountId::new([7; 32]);
        assert_eq!(key_of_point(&[7; 32]), Some(key.clone()));
        assert_eq!(key_of_point(&[&[4, 32][..], &[7; 32]].concat()), Some(key));
        assert_eq!(key_of_point(&[7; 33]), None);
    }
}

//! Payment codes as people show them: written as text that fits into a small QR code, and read back. Byte for byte they are
//! specified in `docs/protocol/codes.md`.

use crate::{base32, keys::verify, Keypair};
use sp_core::sr25519::Signature;
use specie_primitives::{
    orders::Action,
    payment_codes::{code_payload, CodeSide, PendingInfo},
    AccountId, Balance, BankId, Hash, Order, OwnerId, PaymentCode, Scan,
};

/// In front of a code that is written as text.
pub const PREFIX: &str = "SPECIE-PAY:";
/// Bytes of the first block's hash that stand in front of a code, so that it is not scanned on another network.
const CHECK: usize = 4;
/// Bytes of a signature.
const SIGNATURE: usize = 64;

/// Why something is no code, or no good one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not such a text.
    #[error("this is no payment code: one begins with {PREFIX}")]
    Prefix,
    /// A sign that does not belong there.
    #[error("sign {0} of the code does not belong into one: perhaps it was not read well")]
    Sign(usize),
    /// The signs are no code.
    #[error("this is no payment code that this program knows: perhaps it was cut short, or is of a later version")]
    Unreadable,
    /// For another network.
    #[error("the code is for another network")]
    Network,
    /// Neither the code nor the scanner says how much.
    #[error("the code says no amount: say how much")]
    NoAmount,
    /// The scanner's amount is not the code's.
    #[error("the code says another amount")]
    AmountDiffers,
}

/// A code as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCode {
    /// Where the network's first block's hash begins.
    pub check: [u8; CHECK],
    /// What it says.
    pub code: PaymentCode,
    /// Its generator's signature, if it signed.
    pub signature: Option<Signature>,
}

impl ShownCode {
    /// A code that nobody signed.
    pub fn unsigned(genesis: Hash, code: PaymentCode) -> Self {
        let mut check = [0; CHECK];
        check.copy_from_slice(&genesis.as_bytes()[..CHECK]);
        Self { check, code, signature: None }
    }

    /// A code with the signature of the owner's key.
    pub fn signed(genesis: Hash, code: PaymentCode, key: &Keypair) -> Self {
        let signature = key.sign(&code_payload(genesis, &code.to_bytes()));
        Self { signature: Some(Signature::from_raw(signature)), ..Self::unsigned(genesis, code) }
    }

    /// In text: [`PREFIX`], then the bytes in base 32 without padding.
    pub fn to_text(&self) -> String {
        let signature = self.signature.map(|signature| signature.0.to_vec()).unwrap_or_default();
        let bytes = [&self.check[..], &self.code.to_bytes(), &signature].concat();
        format!("{PREFIX}{}", base32::encode(&bytes))
    }

    /// Reads a text, in which white space and the size of letters mean nothing.
    pub fn read(text: &str) -> Result<Self, CodeError> {
        let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let text = text.to_ascii_uppercase();
        let signs = text.strip_prefix(PREFIX).ok_or(CodeError::Prefix)?;
        let bytes = base32::decode(signs).map_err(|error| match error {
            base32::Error::Sign(place) => CodeError::Sign(place),
            base32::Error::Filling => CodeError::Unreadable,
        })?;
        let (check, mut rest) = bytes.split_first_chunk::<CHECK>().ok_or(CodeError::Unreadable)?;
        let code = PaymentCode::read_first(&mut rest).ok_or(CodeError::Unreadable)?;
        let signature = match rest.len() {
            0 => None,
            _ => Some(<[u8; SIGNATURE]>::try_from(rest).map_err(|_| CodeError::Unreadable)?),
        };
        Ok(Self { check: *check, code, signature: signature.map(Signature::from_raw) })
    }

    /// Fails unless it is for the network with this first block, as far as four bytes tell; the signature tells for good.
    pub fn ensure_network(&self, genesis: Hash) -> Result<(), CodeError> {
        match genesis.as_bytes().starts_with(&self.check) {
            true => Ok(()),
            false => Err(CodeError::Network),
        }
    }

    /// Whether the generator signed with this key, raw or as wallets wrap what is not a transaction; `None` if it did not
    /// sign at all.
    pub fn is_signed(&self, genesis: Hash, key: &AccountId) -> Option<bool> {
        let signature = self.signature?;
        let payload = code_payload(genesis, &self.code.to_bytes());
        let wrapped = [b"<Bytes>".as_slice(), &payload, b"</Bytes>"].concat();
        Some(verify(&signature.0, &payload, key) || verify(&signature.0, &wrapped, key))
    }

    /// What somebody who scanned it asks for.
    pub fn scan(&self, scanner: OwnerId, bank: BankId, amount: Option<Balance>) -> Result<Scan, CodeError> {
        match (self.code.amount, amount) {
            (None, None) => return Err(CodeError::NoAmount),
            (Some(shown), Some(said)) if shown != said => return Err(CodeError::AmountDiffers),
            _ => {},
        }
        let code = self.code.to_bytes().try_into().map_err(|_| CodeError::Unreadable)?;
        // What the code says need not be said again.
        let amount = amount.filter(|_| self.code.amount.is_none());
        Ok(Scan { code, signature: self.signature, scanner, bank, amount })
    }

    /// Whether its owner pays.
    pub fn is_payers(&self) -> bool {
        self.code.side == CodeSide::Payer
    }
}

/// Whether this is the payment that an order asks for. The order's name is that of all it says: who has the order need not believe
/// anybody about the payment.
pub fn asks_for(order: &Order, info: &PendingInfo) -> bool {
    let Action::Code(scan) = &order.action else { return false };
    let Some(code) = PaymentCode::read(&scan.code) else { return false };
    let (generator, scanner) = ((code.owner, code.bank), (scan.scanner, scan.bank));
    let sides = match code.side {
        CodeSide::Payer => (generator, scanner),
        CodeSide::Payee => (scanner, generator),
    };
    let told = ((info.payer, info.payer_bank), (info.payee, info.payee_bank));
    order.id() == info.payment && sides == told && code.amount.or(scan.amount) == Some(info.amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use specie_primitives::{payment_codes::code_id, BlockNumber};

    #[derive(Deserialize)]
    struct Vectors {
        codes: Vec<CodeVector>,
        refused: Vec<String>,
    }

    #[derive(Deserialize)]
    struct CodeVector {
        name: String,
        genesis: Hash,
        code: Fields,
        bytes: String,
        payload: String,
        id: String,
        key: Option<String>,
        signature: Option<String>,
        text: String,
    }

    #[derive(Deserialize)]
    struct Fields {
        side: CodeSide,
        reusable: bool,
        owner: OwnerId,
        bank: BankId,
        amount: Option<String>,
        until: Option<BlockNumber>,
        random: String,
    }

    fn of(fields: Fields) -> PaymentCode {
        let Fields { side, reusable, owner, bank, amount, until, random } = fields;
        let amount = amount.map(|amount| amount.parse().unwrap());
        PaymentCode {
            side,
            reusable,
            owner,
            bank,
            amount,
            until,
            random: hex::decode(random).unwrap().try_into().unwrap(),
        }
    }

    #[test]
    fn test_vectors() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../docs/protocol/vectors/codes.json")).unwrap();
        assert!(vectors.codes.len() > 5 && vectors.refused.len() > 3);
        for CodeVector { name, genesis, code, bytes, payload, id, key, signature, text } in vectors.codes {
            let code = of(code);
            assert_eq!(hex::encode(code.to_bytes()), bytes, "{name}");
            assert_eq!(hex::encode(code_payload(genesis, &code.to_bytes())), payload, "{name}");
            assert_eq!(hex::encode(code_id(genesis, &code.to_bytes()).0), id, "{name}");
            let read = ShownCode::read(&text).unwrap();
            assert_eq!((read.code, read.to_text()), (code, text), "{name}");
            assert_eq!(read.ensure_network(genesis), Ok(()), "{name}");
            assert_eq!(read.signature.map(|signature| hex::encode(signature.0)), signature, "{name}");
            let key = key.map(|key| AccountId::new(hex::decode(key).unwrap().try_into().unwrap()));
            assert_eq!(key.map(|key| read.is_signed(genesis, &key)), read.signature.map(|_| Some(true)), "{name}");
        }
        for text in vectors.refused {
            assert!(ShownCode::read(&text).is_err(), "{text}");
        }
    }

    fn genesis() -> Hash {
        Hash::repeat_byte(1)
    }

    fn code(amount: Option<Balance>) -> PaymentCode {
        let (owner, bank) = (OwnerId([3; 24]), BankId(2));
        PaymentCode { side: CodeSide::Payee, reusable: false, owner, bank, amount, until: Some(100), random: [9; 8] }
    }

    #[test]
    fn a_code_is_read_as_it_is_written() {
        let ann = Keypair::from_uri("//Ann").unwrap();
        for amount in [None, Some(1), Some(18_600), Some(Balance::MAX)] {
            for shown in
                [ShownCode::unsigned(genesis(), code(amount)), ShownCode::signed(genesis(), code(amount), &ann)]
            {
                let text = shown.to_text();
                assert_eq!(ShownCode::read(&text), Ok(shown.clone()));
                let broken: String = text.to_lowercase().chars().flat_map(|sign| [sign, '\n']).collect();
                assert_eq!(ShownCode::read(&broken), Ok(shown.clone()));
                // What was cut off behind the code may be the signature, without which it allows less.
                for length in 0..text.len() {
                    let cut = ShownCode::read(&text[..length]).ok();
                    assert!(cut.is_none() || cut == Some(ShownCode { signature: None, ..shown.clone() }), "{length}");
                    assert!(cut.is_none() || shown.signature.is_some(), "{length}");
                }
                assert!(ShownCode::read(&format!("{text}A")).is_err());
            }
        }
        // 110 bytes signed, 46 without a signature, and the prefix.
        let signed = ShownCode::signed(genesis(), code(Some(18_600)), &ann).to_text();
        assert_eq!((signed.len(), ShownCode::unsigned(genesis(), code(Some(18_600))).to_text().len()), (187, 85));
    }

    #[test]
    fn signatures_and_networks_are_told() {
        let (ann, ben) = (Keypair::from_uri("//Ann").unwrap(), Keypair::from_uri("//Ben").unwrap());
        let shown = ShownCode::signed(genesis(), code(Some(5)), &ann);
        assert_eq!(shown.is_signed(genesis(), &ann.account()), Some(true));
        assert_eq!(shown.is_signed(genesis(), &ben.account()), Some(false));
        let elsewhere = Hash::repeat_byte(2);
        assert_eq!(shown.is_signed(elsewhere, &ann.account()), Some(false));
        assert_eq!(
            (shown.ensure_network(genesis()), shown.ensure_network(elsewhere)),
            (Ok(()), Err(CodeError::Network))
        );
        let more = ShownCode { code: code(Some(6)), ..shown.clone() };
        assert_eq!(more.is_signed(genesis(), &ann.account()), Some(false));
        let wrapped = [b"<Bytes>".as_slice(), &code_payload(genesis(), &shown.code.to_bytes()), b"</Bytes>"].concat();
        let by_wallet = ShownCode { signature: Some(Signature::from_raw(ann.sign(&wrapped))), ..shown };
        assert_eq!(by_wallet.is_signed(genesis(), &ann.account()), Some(true));
        assert_eq!(ShownCode::unsigned(genesis(), code(None)).is_signed(genesis(), &ann.account()), None);
    }

    #[test]
    fn a_scan_says_what_the_code_does_not() {
        let (scanner, bank) = (OwnerId([4; 24]), BankId(1));
        let scan = |shown, said| ShownCode::unsigned(genesis(), code(shown)).scan(scanner, bank, said);
        assert_eq!(scan(None, None), Err(CodeError::NoAmount));
        assert_eq!(scan(Some(5), Some(6)), Err(CodeError::AmountDiffers));
        assert_eq!(scan(Some(5), Some(5)).unwrap().amount, None);
        assert_eq!(scan(Some(5), None).unwrap().amount, None);
        assert_eq!(scan(None, Some(5)).unwrap().amount, Some(5));
    }

    #[test]
    fn nobody_tells_another_payment_than_the_order_that_asks_for_it() {
        let (scanner, bank) = (OwnerId([4; 24]), BankId(1));
        for (side, shown, said) in
            [(CodeSide::Payee, Some(5), None), (CodeSide::Payee, None, Some(5)), (CodeSide::Payer, None, Some(5))]
        {
            let code = PaymentCode { side, ..code(shown) };
            let scan = ShownCode::unsigned(genesis(), code).scan(scanner, bank, said).unwrap();
            let order = Order::new(genesis(), [7; 16], (1, 9), scanner, Action::Code(scan));
            let (generator, scanner) = ((code.owner, code.bank), (scanner, bank));
            let ((payer, payer_bank), (payee, payee_bank)) =
                if side == CodeSide::Payer { (generator, scanner) } else { (scanner, generator) };
            let good = PendingInfo { payment: order.id(), payer, payer_bank, payee, payee_bank, amount: 5, until: 900 };
            assert!(asks_for(&order, &good));
            for lie in [
                PendingInfo { amount: 4, ..good },
                PendingInfo { payee: OwnerId([9; 24]), ..good },
                PendingInfo { payee_bank: BankId(9), ..good },
                PendingInfo { payer: payee, payee: payer, ..good },
                PendingInfo { payer_bank: BankId(9), ..good },
            ] {
                assert!(!asks_for(&order, &lie), "{lie:?}");
            }
            // Another order, and one that asks for nothing.
            assert!(!asks_for(&Order { random: [8; 16], ..order.clone() }, &good));
            let action = Action::Answer { payment: order.id(), confirms: true };
            let answer = Order { action, ..order };
            assert!(!asks_for(&answer, &PendingInfo { payment: answer.id(), ..good }));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_fail_otherwise(text in "\\PC{0,300}", signs in "[A-Z2-7]{0,400}") {
            let _ = ShownCode::read(&text);
            let _ = ShownCode::read(&format!("{PREFIX}{signs}"));
        }
    }
}

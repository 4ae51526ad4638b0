//! Why a transaction is refused before it costs anything: stable one-byte codes of `InvalidTransaction::Custom`.

use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

/// Reasons, each with its number on the wire. Numbers are never used again for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    /// The signer is nobody the network knows.
    UnknownSigner = 1,
    /// The signer's key was replaced by a newer one.
    RetiredKey = 2,
    /// The owner is suspended and can do nothing but be paid, and object once to a key that its bank wants to bind.
    OwnerSuspended = 3,
    /// The bank is suspended.
    BankSuspended = 4,
    /// The bank or owner is closed.
    Closed = 5,
    /// The signer may not call this.
    CallNotAllowed = 6,
    /// The signer used up its transactions for this window of blocks.
    QuotaUsed = 7,
    /// The bank that registered the signer used up its share of this window.
    BankQuotaUsed = 8,
    /// Payments stand still: the audit found the books unequal.
    PaymentsStopped = 9,
    // 10 stays unused: it was set aside for coins that moved meanwhile, and never given.
}

impl Refusal {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::UnknownSigner,
        Self::RetiredKey,
        Self::OwnerSuspended,
        Self::BankSuspended,
        Self::Closed,
        Self::CallNotAllowed,
        Self::QuotaUsed,
        Self::BankQuotaUsed,
        Self::PaymentsStopped,
    ];

    /// The reason behind a code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| *refusal as u8 == code)
    }

    /// What happened and what to do.
    pub fn explain(&self) -> &'static str {
        match self {
            Self::UnknownSigner => {
                "the signing key is not registered: a bank registers owners, the issuer admits banks"
            },
            Self::RetiredKey => "the signing key was replaced by a newer one: sign with that",
            Self::OwnerSuspended => "the owner is suspended: ask the bank that registered it",
            Self::BankSuspended => "the bank is suspended by the issuer",
            Self::Closed => "the account is closed for good",
            Self::CallNotAllowed => "this signer may not make this call: check the role it needs",
            Self::QuotaUsed => "the signer's quota of transactions is used up: wait for the next window of blocks",
            Self::BankQuotaUsed => {
                "the quota of the bank that registered the signer is used up: wait for the next window of blocks"
            },
            Self::PaymentsStopped => {
                "payments are stopped because the books do not balance: reading goes on, the committee resumes payments"
            },
        }
    }
}

impl From<Refusal> for TransactionValidityError {
    fn from(refusal: Refusal) -> Self {
        InvalidTransaction::Custom(refusal as u8).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::from_code(refusal as u8), Some(refusal));
            assert!(!refusal.explain().is_empty());
        }
        assert_eq!((Refusal::from_code(0), Refusal::from_code(10)), (None, None));
    }
}

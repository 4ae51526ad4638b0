//! Names and hashes, each a type of its own.

use core::fmt;

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $length:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                hexadecimal(&self.0, f)?;
                f.write_str(")")
            }
        }
    )*};
}

names! {
    /// Hash of a network's first block.
    Genesis: 32,
    /// Owner id; all zero where there is none.
    Owner: 24,
    /// What the printed serials of a batch are derived from.
    Seed: 32,
    /// First 8 bytes of a key's hash. Says which key signed; what it signed is checked with the key itself.
    KeyId: 8,
    /// What is revoked: the first 16 bytes of a key's hash, or of the hash of what was signed.
    Item: 16,
}

/// Number of a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bank(pub u32);

impl Owner {
    /// No owner.
    pub const NONE: Self = Self([0; 24]);
}

impl Item {
    /// First bytes of a hash.
    pub(crate) fn of(hash: [u8; 32]) -> Self {
        let mut item = [0; 16];
        item.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self(item)
    }
}

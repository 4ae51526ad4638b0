//! # Certificates: what the chain knows of the keys behind coins and offline money
//!
//! The issuer's root key, the certificates below it that everybody must find, the issuer's signature on every batch, and
//! the list of what is revoked. Each document is what wallets and devices check without a network, and it is checked here
//! by the same code (`specie-certificates`); its bytes are specified in `docs/protocol/certificates.md`.
//!
//! ## Terms
//! * **Root key**: certifies the issuer's own keys and the banks'. Its secret signs nothing on the chain.
//! * **Note key**: a bank's certified key; it signs devices and owners.
//! * **Item**: what is revoked, the hash of a key or of a certificate.
//! * **Anchor**: number and hash of a signed digest of the revocation list.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Current: first block
//!     Current --> Known: replace_root
//!     Known --> [*]: its last block has passed
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`replace_root`](Pallet::replace_root) | root, by the committee | replaces the root key; the old one stays known until a block |
//! | [`publish`](Pallet::publish) | registry key | publishes a certificate of the issuer's own keys |
//! | [`publish_bank`](Pallet::publish_bank) | a bank's account | publishes or renews the certificate of one of its note keys |
//! | [`certify_batch`](Pallet::certify_batch) | issuing key | publishes the issuer's signature on a batch |
//! | [`revoke`](Pallet::revoke) | a bank's account | revokes a certificate that the bank issued |
//! | [`revoke_item`](Pallet::revoke_item) | registry key | revokes any key or certificate |
//! | [`anchor_digest`](Pallet::anchor_digest) | registry key | announces a signed digest of the list |
//!
//! ## Invariants
//! * **I1** If there is a root key, the last one is current, and no other is. Every root key may sign, and stands once.
//! * **I2** Every published certificate is readable, of this network, of the kind and bank that it is kept under, and the
//!   only one of its key there.
//! * **I3** Every certified batch was minted with no fewer coins, and its signature holds if its key's certificate is there.
//! * **I4** Revocations are numbered from one without a gap, never change and are never taken back; nobody has more of
//!   them than allowed.
//! * **I5** Anchors ascend, and none has more entries than there are revocations.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod answers;
mod impls;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{pallet_prelude::*, traits::UnixTime};
    use frame_system::pallet_prelude::*;
    use specie_primitives::{
        certificates::{
            BatchCertificateBytes, Batches, CertificateBytes, DigestAnchor, HexBytes, KeyBytes, RevocationReason,
            RevokedItem, SignatureBytes,
        },
        AccountId, BankId, Hash, Institution,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What certificates need from others.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId, Hash = Hash, RuntimeEvent: From<Event<Self>>>
    {
        /// A key with the issuing role.
        type IssuingOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// A key with the registry role.
        type RegistryOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// The account of an active bank.
        type BankOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = BankId>;
        /// What was minted.
        type Batches: Batches;
        /// When the block was made.
        type Time: UnixTime;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Root keys, the current one last.
    #[pallet::storage]
    pub type RootKeys<T: Config> =
        StorageValue<_, BoundedVec<RootKey<BlockNumberFor<T>>, ConstU32<MAX_ROOTS>>, ValueQuery>;

    /// Certificates of the issuer's own keys. Twox64Concat: three kinds, nobody can choose where an entry lands.
    #[pallet::storage]
    pub type IssuerCertificates<T> =
        StorageMap<_, Twox64Concat, IssuerKind, BoundedVec<CertificateBytes, ConstU32<MAX_CERTIFICATES>>, ValueQuery>;

    /// Certificates of a bank's note keys. Twox64Concat: the issuer chooses the few numbers.
    #[pallet::storage]
    pub type BankCertificates<T> =
        StorageMap<_, Twox64Concat, BankId, BoundedVec<CertificateBytes, ConstU32<MAX_CERTIFICATES>>, ValueQuery>;

    /// The issuer's signatures on batches. Twox64Concat: the system numbers them.
    #[pallet::storage]
    pub type BatchSignatures<T> = StorageMap<_, Twox64Concat, u32, BatchSignature>;

    /// Everything that is revoked. Blake2_128Concat: items are chosen outside.
    #[pallet::storage]
    pub type Revocations<T: Config> = StorageMap<_, Blake2_128Concat, RevokedItem, Revocation<BlockNumberFor<T>>>;

    /// What is revoked by number, for reading the list in pages. Twox64Concat: the system numbers them.
    #[pallet::storage]
    pub type RevokedItems<T> = StorageMap<_, Twox64Concat, u32, RevokedItem>;

    /// Number of the last revocation: how many there are.
    #[pallet::storage]
    pub type LastRevocation<T> = StorageValue<_, u32, ValueQuery>;

    /// How much an institution revoked. Twox64Concat: the issuer and a few banks, all numbered by the issuer.
    #[pallet::storage]
    pub type RevokedBy<T> = StorageMap<_, Twox64Concat, Institution, u32, ValueQuery>;

    /// The digests that were announced last, ascending.
    #[pallet::storage]
    pub type Anchors<T> = StorageValue<_, BoundedVec<DigestAnchor, ConstU32<MAX_ANCHORS>>, ValueQuery>;

    /// The root key of the first block.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Algorithm tag and point; none if the committee sets it later.
        pub root_key: Option<HexBytes>,
        #[doc(hidden)]
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if let Some(key) = &self.root_key {
                let key = key.0.clone().try_into().map_err(|_| Error::<T>::BadKey.into());
                let built = key.and_then(Pallet::<T>::enter_root);
                assert!(built.is_ok(), "root key in genesis: {built:?}");
            }
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The committee replaced the root key.
        RootReplaced {
            /// The current key.
            key: KeyBytes,
            /// Last block in which the one before is known.
            known_until: BlockNumberFor<T>,
        },
        /// A certificate was published or renewed.
        Published {
            /// Whose key it certifies.
            institution: Institution,
            /// The key.
            key: KeyBytes,
            /// The certificate's serial.
            serial: u64,
        },
        /// The issuer's signature on a batch was published.
        BatchCertified {
            /// The batch.
            batch: u32,
            /// Number of coins that it covers.
            count: u32,
            /// When it was signed, in seconds since 1970.
            signed_at: u32,
        },
        /// A key or certificate was revoked.
        Revoked {
            /// Number of the revocation.
            number: u32,
            /// What is revoked.
            item: RevokedItem,
            /// Why.
            reason: RevocationReason,
            /// What was recorded below this block still counts.
            since: BlockNumberFor<T>,
            /// Who revoked it.
            by: Institution,
        },
        /// A signed digest of the revocation list was announced.
        DigestAnchored {
            /// The digest.
            anchor: DigestAnchor,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// The bytes are no such document, or it breaks a rule that stands for itself.
        Unreadable,
        /// The key is unknown, has a small or mixed order, is not canonical, or is of an algorithm that signs nothing.
        BadKey,
        /// The key is a root key already, current or replaced.
        RootKnown,
        /// Too many root keys are still known.
        TooManyRoots,
        /// The issuing root key is not known, or has not published its description of itself.
        UnknownRoot,
        /// The root's own certificate is not valid at that time.
        RootNotValid,
        /// Made for another network.
        WrongNetwork,
        /// A certificate of this kind has no place here.
        WrongKind,
        /// It names another bank.
        WrongBank,
        /// The key that should have issued it has no published certificate.
        UnknownIssuer,
        /// It grants more hops than its issuer may.
        TooManyHops,
        /// Its time has not come.
        NotYetValid,
        /// Its time is over.
        Expired,
        /// The signature does not match, or is of another algorithm, or not in its low form.
        BadSignature,
        /// The key did not sign for this certificate itself.
        BadPossession,
        /// The key, the certificate or the signature is revoked.
        RevokedBefore,
        /// The key was published for another holder.
        OtherHolder,
        /// Not newer than what is known.
        NotNewer,
        /// There are as many valid certificates as one holder may have.
        TooManyCertificates,
        /// There is no such batch.
        UnknownBatch,
        /// The batch has another face value, count or seed.
        WrongBatch,
        /// It is on the list.
        AlreadyRevoked,
        /// The institution revoked as much as it may.
        TooManyRevocations,
        /// A block that has not come.
        SinceInFuture,
        /// Convictions are the registry's to record.
        ReasonNotAllowed,
        /// No published registry key has a certificate with this serial.
        UnknownRegistry,
        /// There are not so many revocations, or the digest before had more of them.
        WrongEntries,
        /// A counter would overflow.
        CounterOutOfRange,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Replaces the root key. The one before stays known until `known_until`, that block included: a block that has
        /// passed withdraws it at once, which is for a stolen one.
        ///
        /// Origin: root, which only the committee reaches. Errors: [`Error::BadKey`], [`Error::RootKnown`],
        /// [`Error::TooManyRoots`]. Event: [`Event::RootReplaced`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::replace_root())]
        pub fn replace_root(origin: OriginFor<T>, key: KeyBytes, known_until: BlockNumberFor<T>) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_replace_root(key, known_until)
        }

        /// Publishes or renews a certificate of the issuer's own: the root's description of itself, an issuing key's or a
        /// registry key's.
        ///
        /// Origin: registry key. Errors: [`Error::Unreadable`], [`Error::WrongKind`], [`Error::UnknownRoot`],
        /// [`Error::RootNotValid`], [`Error::WrongNetwork`], [`Error::NotYetValid`], [`Error::Expired`],
        /// [`Error::BadSignature`], [`Error::RevokedBefore`], [`Error::NotNewer`], [`Error::TooManyCertificates`].
        /// Event: [`Event::Published`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::publish())]
        pub fn publish(origin: OriginFor<T>, certificate: CertificateBytes) -> DispatchResult {
            T::RegistryOrigin::ensure_origin(origin)?;
            Self::do_publish(certificate)
        }

        /// Publishes or renews the certificate of one of the bank's note keys. `possession` is that key's signature over the
        /// certificate's body.
        ///
        /// Origin: the account of an active bank. Errors: those of [`Pallet::publish`], [`Error::WrongBank`],
        /// [`Error::BadPossession`], [`Error::OtherHolder`]. Event: [`Event::Published`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::publish_bank())]
        pub fn publish_bank(
            origin: OriginFor<T>,
            certificate: CertificateBytes,
            possession: SignatureBytes,
        ) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_publish_bank(bank, certificate, &possession)
        }

        /// Publishes the issuer's signature on a batch. Another one for the same batch must have been signed later.
        ///
        /// Origin: issuing key. Errors: [`Error::Unreadable`], [`Error::UnknownBatch`], [`Error::WrongBatch`],
        /// [`Error::UnknownIssuer`], [`Error::UnknownRoot`], [`Error::RootNotValid`], [`Error::WrongNetwork`],
        /// [`Error::NotYetValid`], [`Error::Expired`], [`Error::BadSignature`], [`Error::RevokedBefore`],
        /// [`Error::NotNewer`]. Event: [`Event::BatchCertified`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::certify_batch())]
        pub fn certify_batch(origin: OriginFor<T>, certificate: BatchCertificateBytes) -> DispatchResult {
            T::IssuingOrigin::ensure_origin(origin)?;
            Self::do_certify_batch(&certificate)
        }

        /// Revokes a certificate that the bank issued to an owner or a device, from this block on. The certificate itself is
        /// handed in: its signature shows that it is the bank's.
        ///
        /// Origin: the account of an active bank. Errors: [`Error::Unreadable`], [`Error::WrongKind`],
        /// [`Error::WrongNetwork`], [`Error::WrongBank`], [`Error::UnknownIssuer`], [`Error::BadSignature`],
        /// [`Error::ReasonNotAllowed`], [`Error::AlreadyRevoked`], [`Error::TooManyRevocations`]. Event:
        /// [`Event::Revoked`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::revoke())]
        pub fn revoke(origin: OriginFor<T>, certificate: CertificateBytes, reason: RevocationReason) -> DispatchResult {
            let bank = T::BankOrigin::ensure_origin(origin)?;
            Self::do_revoke(bank, &certificate, reason)
        }

        /// Revokes any key, certificate or batch signature since a block that has come.
        ///
        /// Origin: registry key. Errors: [`Error::SinceInFuture`], [`Error::AlreadyRevoked`],
        /// [`Error::TooManyRevocations`]. Event: [`Event::Revoked`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::revoke_item())]
        pub fn revoke_item(
            origin: OriginFor<T>,
            item: RevokedItem,
            reason: RevocationReason,
            since: BlockNumberFor<T>,
        ) -> DispatchResult {
            T::RegistryOrigin::ensure_origin(origin)?;
            ensure!(since <= frame_system::Pallet::<T>::block_number(), Error::<T>::SinceInFuture);
            Self::enter_revocation(item, reason, since, Institution::Issuer)
        }

        /// Announces a signed digest of the first `entries` revocations: whoever gets a digest can see that it is the
        /// issuer's last one.
        ///
        /// Origin: registry key. `registry` is the serial of the certificate whose key signed it, `hash` the hash of the signed
        /// digest. Errors: [`Error::UnknownRegistry`], [`Error::UnknownRoot`], [`Error::RootNotValid`],
        /// [`Error::Expired`], [`Error::RevokedBefore`], [`Error::NotNewer`], [`Error::WrongEntries`]. Event:
        /// [`Event::DigestAnchored`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::anchor_digest())]
        pub fn anchor_digest(
            origin: OriginFor<T>,
            registry: u64,
            number: u32,
            hash: Hash,
            entries: u32,
        ) -> DispatchResult {
            T::RegistryOrigin::ensure_origin(origin)?;
            Self::do_anchor(registry, number, hash, entries)
        }
    }
}

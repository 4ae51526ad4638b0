//! # Participants: the institutions of the network and their keys
//!
//! Who the issuer's departments are, which banks take part, whose keys may help an institution to sign, and who
//! validates. Everything that moves money asks this pallet who a signer is.
//!
//! ## Terms
//! * **Role**: a department of the issuer, with keys of its own.
//! * **Bank**: an admitted commercial bank with one account, which holds its reserve.
//! * **Delegate**: a key that an institution lists for its multisigs and proxies.
//! * **Nominee**: an account with which an institution may set session keys; a validator is an admitted nominee.
//! * **Entry**: the provider reference that gives an institution's account a nonce. It is given once and never taken
//!   back, so that no reaped account lets an old transaction live again.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> Active: admit_bank
//!     Active --> Suspended: suspend_bank
//!     Suspended --> Active: reinstate_bank
//!     Active --> Closed: close_bank
//!     Suspended --> Closed: close_bank
//!     Closed --> [*]
//! ```
//!
//! | call | origin | does |
//! |---|---|---|
//! | [`admit_bank`](Pallet::admit_bank) | role admitting | admits a bank with its account |
//! | [`suspend_bank`](Pallet::suspend_bank), [`reinstate_bank`](Pallet::reinstate_bank) | role supervising | stops a bank, lets it go on |
//! | [`close_bank`](Pallet::close_bank) | role admitting | closes a bank that has nothing left |
//! | [`rotate_account`](Pallet::rotate_account) | a bank's account | replaces the bank's account |
//! | [`add_delegate`](Pallet::add_delegate), [`remove_delegate`](Pallet::remove_delegate) | a bank's account or a role key | lists a delegate, strikes one off |
//! | [`nominate_validator`](Pallet::nominate_validator), [`withdraw_nomination`](Pallet::withdraw_nomination) | a bank's account or role operating | names an account that may validate, takes that back |
//! | [`admit_validator`](Pallet::admit_validator), [`remove_validator`](Pallet::remove_validator) | role admitting | changes the validators from the next session but one |
//! | [`set_role_keys`](Pallet::set_role_keys) | root, through `enact` | replaces the keys of a role |
//! | [`replace_account`](Pallet::replace_account) | root, through `enact` | replaces a suspended bank's account, whose key was lost or stolen |
//! | [`enact`](Pallet::enact) | two thirds of the committee | dispatches one listed call as root |
//!
//! ## Invariants
//! * **I1** An account has one capacity: key of one role, account of one bank (now or once), delegate of one
//!   institution, nominee of one institution, or member of the committee. None of them is an owner's key.
//! * **I2** [`Roles`] and [`RoleOf`] say the same, as do [`DelegatesOf`] and [`Delegates`], and [`NomineesOf`] and
//!   [`Nominees`].
//! * **I3** The role issuing has at least two keys, once any role has keys.
//! * **I4** [`BankIds`] lists every bank ever admitted, ascending; [`BankOf`] maps each bank's account to it.
//! * **I5** Every validator is a nominee of the institution it validates for; no bank with a validator is closed.
//! * **I6** Every account in a capacity has an entry with at least one provider reference.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use origins::*;
pub use pallet::*;
pub use session::ValidatorIdOf;
pub use types::*;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod impls;
#[cfg(test)]
mod mock;
mod origins;
mod session;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::{boxed::Box, string::String, vec::Vec};
    use frame_support::{
        dispatch::{GetDispatchInfo, PostDispatchInfo},
        pallet_prelude::*,
        traits::{Contains, SortedMembers},
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::traits::Dispatchable;
    use specie_primitives::{
        bounds,
        traits::{BankLifecycle, OnStanding},
        AccountId, BankId, Institution, Role, Target,
    };

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the participants need from others.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// The runtime's calls, of which the committee may enact some.
        type RuntimeCall: Parameter
            + Dispatchable<RuntimeOrigin = Self::RuntimeOrigin, PostInfo = PostDispatchInfo>
            + GetDispatchInfo
            + From<frame_system::Call<Self>>
            + IsType<<Self as frame_system::Config>::RuntimeCall>;
        /// Who may enact: enough of the committee.
        type CommitteeOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Members of the committee; their accounts get an entry when an enacted call changes them.
        type Committee: SortedMembers<AccountId>;
        /// The exact calls that the committee may enact. No call that wraps another belongs here.
        type EnactableCalls: Contains<<Self as Config>::RuntimeCall>;
        /// Whoever keeps something for every bank.
        type Lifecycle: BankLifecycle;
        /// Accounts whose session keys are set.
        type HasSessionKeys: Contains<AccountId>;
        /// Keys that are or ever were bound to an owner.
        type IsOwnerKey: Contains<AccountId>;
        /// Whoever keeps the supervisor's reasons.
        type Supervision: OnStanding;
        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Number that enters every owner id; set in the first block for good.
    #[pallet::storage]
    pub type NetworkId<T> = StorageValue<_, u32, ValueQuery>;

    /// Length of a session in blocks.
    #[pallet::storage]
    pub type SessionLength<T> = StorageValue<_, u32, ValueQuery>;

    /// Keys of each role. Twox64Concat: a role is one of five values, nobody can choose where an entry lands.
    #[pallet::storage]
    pub type Roles<T> = StorageMap<_, Twox64Concat, Role, RoleKeys, ValueQuery>;

    /// The role of a key. Blake2_128Concat: accounts are chosen outside.
    #[pallet::storage]
    pub type RoleOf<T> = StorageMap<_, Blake2_128Concat, AccountId, Role>;

    /// Every bank ever admitted, ascending. One read gives all of them, which the audit needs in every block.
    #[pallet::storage]
    pub type BankIds<T> = StorageValue<_, BoundedVec<BankId, bounds::Banks>, ValueQuery>;

    /// What is known about a bank. Twox64Concat: the issuer chooses the few numbers.
    #[pallet::storage]
    pub type Banks<T> = StorageMap<_, Twox64Concat, BankId, BankRecord>;

    /// The bank of a current account. Blake2_128Concat: accounts are chosen outside.
    #[pallet::storage]
    pub type BankOf<T> = StorageMap<_, Blake2_128Concat, AccountId, BankId>;

    /// Accounts that a bank used before it rotated; nobody uses them again. Blake2_128Concat: chosen outside.
    #[pallet::storage]
    pub type RetiredAccounts<T> = StorageMap<_, Blake2_128Concat, AccountId, BankId>;

    /// The institution of a delegate. Blake2_128Concat: accounts are chosen outside.
    #[pallet::storage]
    pub type Delegates<T> = StorageMap<_, Blake2_128Concat, AccountId, Institution>;

    /// Delegates of an institution. Twox64Concat: the issuer and a few banks, all numbered by the issuer.
    #[pallet::storage]
    pub type DelegatesOf<T> =
        StorageMap<_, Twox64Concat, Institution, BoundedVec<AccountId, ConstU32<MAX_DELEGATES>>, ValueQuery>;

    /// The institution that nominated an account. Blake2_128Concat: accounts are chosen outside.
    #[pallet::storage]
    pub type Nominees<T> = StorageMap<_, Blake2_128Concat, AccountId, Institution>;

    /// Nominees of an institution. Twox64Concat: the issuer and a few banks, all numbered by the issuer.
    #[pallet::storage]
    pub type NomineesOf<T> =
        StorageMap<_, Twox64Concat, Institution, BoundedVec<AccountId, ConstU32<MAX_NOMINEES>>, ValueQuery>;

    /// Validators in the order of their admission, and who runs them.
    #[pallet::storage]
    pub type Validators<T> =
        StorageValue<_, BoundedVec<(AccountId, Institution), ConstU32<MAX_VALIDATORS>>, ValueQuery>;

    /// Whether [`Validators`] changed since a session was last planned.
    #[pallet::storage]
    pub type ValidatorsChanged<T> = StorageValue<_, bool, ValueQuery>;

    /// Accounts that got their entry. Blake2_128Concat: accounts are chosen outside.
    #[pallet::storage]
    pub type Entered<T> = StorageMap<_, Blake2_128Concat, AccountId, ()>;

    /// The institutions of the first block.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Number that enters every owner id.
        pub network_id: u32,
        /// Length of a session in blocks.
        pub session_length: u32,
        /// Keys of the issuer's roles: each role at most once, two or more keys for issuing.
        pub roles: Vec<(Role, Vec<AccountId>)>,
        /// Banks: number, name (1 to 64 bytes), account.
        pub banks: Vec<(BankId, String, AccountId)>,
        /// Validators and who runs them.
        pub validators: Vec<(AccountId, Institution)>,
        /// Members of the committee, who get an entry here; the collective itself lists them.
        pub committee: Vec<AccountId>,
        #[doc(hidden)]
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if let Err(error) = Pallet::<T>::build_genesis(self) {
                panic!("genesis of the participants: {error:?}");
            }
        }
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A bank was admitted.
        BankAdmitted {
            /// Its number.
            bank: BankId,
            /// Its account.
            account: AccountId,
        },
        /// A bank was suspended.
        BankSuspended {
            /// The bank.
            bank: BankId,
        },
        /// A suspended bank is active again.
        BankReinstated {
            /// The bank.
            bank: BankId,
        },
        /// A bank left for good.
        BankClosed {
            /// The bank.
            bank: BankId,
        },
        /// A bank has another account: it rotated, or the committee replaced it.
        AccountRotated {
            /// The bank.
            bank: BankId,
            /// The account that nobody uses again.
            old: AccountId,
            /// The account from now on.
            new: AccountId,
        },
        /// An institution listed a delegate.
        DelegateAdded {
            /// The institution.
            institution: Institution,
            /// The delegate.
            delegate: AccountId,
        },
        /// An institution struck a delegate off.
        DelegateRemoved {
            /// The institution.
            institution: Institution,
            /// The delegate.
            delegate: AccountId,
        },
        /// An institution named an account that may validate.
        ValidatorNominated {
            /// The institution.
            institution: Institution,
            /// The account.
            account: AccountId,
        },
        /// An institution took a nomination back.
        NominationWithdrawn {
            /// The institution.
            institution: Institution,
            /// The account.
            account: AccountId,
        },
        /// A validator takes part from the next session but one.
        ValidatorAdmitted {
            /// Who runs it.
            institution: Institution,
            /// Its account.
            account: AccountId,
        },
        /// A validator stops at the next session but one.
        ValidatorRemoved {
            /// Who runs it.
            institution: Institution,
            /// Its account.
            account: AccountId,
        },
        /// A role has new keys.
        RoleKeysSet {
            /// The role.
            role: Role,
            /// All of its keys.
            keys: RoleKeys,
        },
        /// The committee had a call dispatched as root.
        Enacted {
            /// What came of it.
            result: DispatchResult,
        },
    }

    #[pallet::error]
    #[derive(PartialEq)]
    pub enum Error<T> {
        /// There is no such bank.
        UnknownBank,
        /// The number is taken, by a closed bank too.
        BankExists,
        /// The network admits no more banks.
        TooManyBanks,
        /// A name has 1 to 64 bytes of UTF-8, without control characters.
        BadName,
        /// The bank is not active.
        BankNotActive,
        /// The bank is not suspended.
        BankNotSuspended,
        /// The bank is closed.
        BankClosed,
        /// The bank still runs a validator.
        ValidatorsLeft,
        /// The account is an institution's already: see [`Capacity`].
        AccountTaken,
        /// The account is or was the key of an owner, or stands for one.
        OwnerKey,
        /// The institution lists as many delegates as it may.
        TooManyDelegates,
        /// The account is not a delegate of this institution.
        NotDelegate,
        /// The institution nominated as many accounts as it may.
        TooManyNominees,
        /// The account is not nominated, or by another institution.
        NotNominated,
        /// The account validates already.
        AlreadyValidator,
        /// The account does not validate.
        NotValidator,
        /// The account still validates: it must be removed first.
        StillValidator,
        /// The network has as many validators as it may.
        TooManyValidators,
        /// The last validator cannot be removed.
        LastValidator,
        /// The account has set no session keys.
        KeysMissing,
        /// Issuing needs at least two keys.
        TooFewKeys,
        /// A key is named twice.
        DuplicateKey,
        /// A role has at most 16 keys.
        TooManyKeys,
        /// The committee may not enact this call.
        NotEnactable,
        /// A committee has at least three members: two thirds of fewer are all of them, or one alone.
        CommitteeTooSmall,
        /// A committee has at most 32 members.
        CommitteeTooLarge,
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
        /// Admits a bank.
        ///
        /// Origin: role admitting. Errors: [`Error::BankExists`], [`Error::TooManyBanks`], [`Error::BadName`],
        /// [`Error::AccountTaken`], [`Error::OwnerKey`]. Event: [`Event::BankAdmitted`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::admit_bank())]
        pub fn admit_bank(origin: OriginFor<T>, bank: BankId, name: BankName, account: AccountId) -> DispatchResult {
            EnsureRole::<T, Admitting>::ensure_origin(origin)?;
            Self::do_admit_bank(bank, name, account)
        }

        /// Stops a bank: it keeps what it holds and moves nothing. Its validators go on. With a reason or an end the
        /// supervisor holds the bank, see the pallet `supervision`.
        ///
        /// Origin: role supervising. Errors: [`Error::UnknownBank`], [`Error::BankNotActive`].
        /// Event: [`Event::BankSuspended`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::suspend_bank())]
        pub fn suspend_bank(origin: OriginFor<T>, bank: BankId) -> DispatchResult {
            EnsureRole::<T, Supervising>::ensure_origin(origin)?;
            Self::do_suspend_bank(bank)?;
            T::Supervision::stopped(&[(Target::Bank(bank), false)]);
            Ok(())
        }

        /// Lets a suspended bank go on.
        ///
        /// Origin: role supervising. Errors: [`Error::UnknownBank`], [`Error::BankNotSuspended`].
        /// Event: [`Event::BankReinstated`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::reinstate_bank())]
        pub fn reinstate_bank(origin: OriginFor<T>, bank: BankId) -> DispatchResult {
            EnsureRole::<T, Supervising>::ensure_origin(origin)?;
            Self::do_reinstate_bank(bank)?;
            T::Supervision::resumed(Target::Bank(bank));
            Ok(())
        }

        /// Closes a bank for good. Its delegates and nominees lose their standing; its number and account stay taken.
        ///
        /// Origin: role admitting. Errors: [`Error::UnknownBank`], [`Error::BankClosed`], [`Error::ValidatorsLeft`],
        /// and those of the pallets that still keep something for the bank. Event: [`Event::BankClosed`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::close_bank())]
        pub fn close_bank(origin: OriginFor<T>, bank: BankId) -> DispatchResult {
            EnsureRole::<T, Admitting>::ensure_origin(origin)?;
            Self::do_close_bank(bank)
        }

        /// Replaces the bank's account by one that the network has never seen; the reserve moves along.
        ///
        /// Origin: the account of an active bank. Errors: [`Error::AccountTaken`], [`Error::OwnerKey`], and those of
        /// the pallets that move what hangs on the account. Event: [`Event::AccountRotated`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::rotate_account())]
        pub fn rotate_account(origin: OriginFor<T>, new: AccountId) -> DispatchResult {
            let bank = EnsureBank::<T>::ensure_origin(origin)?;
            Self::do_rotate_account(bank, new)
        }

        /// Lists a delegate of the signer's institution.
        ///
        /// Origin: the account of an active bank, or any role key (for the issuer). Errors: [`Error::TooManyDelegates`],
        /// [`Error::AccountTaken`], [`Error::OwnerKey`]. Event: [`Event::DelegateAdded`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::add_delegate())]
        pub fn add_delegate(origin: OriginFor<T>, delegate: AccountId) -> DispatchResult {
            let institution = EnsureInstitution::<T>::ensure_origin(origin)?;
            Self::do_add_delegate(institution, delegate)
        }

        /// Strikes off a delegate of the signer's institution.
        ///
        /// Origin: the account of an active bank, or any role key (for the issuer). Errors: [`Error::NotDelegate`].
        /// Event: [`Event::DelegateRemoved`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::remove_delegate())]
        pub fn remove_delegate(origin: OriginFor<T>, delegate: AccountId) -> DispatchResult {
            let institution = EnsureInstitution::<T>::ensure_origin(origin)?;
            Self::do_remove_delegate(institution, delegate)
        }

        /// Names an account that may set session keys and then be admitted as a validator.
        ///
        /// Origin: the account of an active bank, or role operating (for the issuer).
        /// Errors: [`Error::TooManyNominees`], [`Error::AccountTaken`], [`Error::OwnerKey`].
        /// Event: [`Event::ValidatorNominated`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::nominate_validator())]
        pub fn nominate_validator(origin: OriginFor<T>, account: AccountId) -> DispatchResult {
            let institution = EnsureOperator::<T>::ensure_origin(origin)?;
            Self::do_nominate(institution, account)
        }

        /// Admits a nominated account as a validator, from the next session but one.
        ///
        /// Origin: role admitting. Errors: [`Error::NotNominated`], [`Error::BankNotActive`],
        /// [`Error::AlreadyValidator`], [`Error::KeysMissing`], [`Error::TooManyValidators`].
        /// Event: [`Event::ValidatorAdmitted`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::admit_validator())]
        pub fn admit_validator(origin: OriginFor<T>, account: AccountId) -> DispatchResult {
            EnsureRole::<T, Admitting>::ensure_origin(origin)?;
            Self::do_admit_validator(account)
        }

        /// Removes a validator, from the next session but one. Its account stays nominated.
        ///
        /// Origin: role admitting. Errors: [`Error::NotValidator`], [`Error::LastValidator`].
        /// Event: [`Event::ValidatorRemoved`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::remove_validator())]
        pub fn remove_validator(origin: OriginFor<T>, account: AccountId) -> DispatchResult {
            EnsureRole::<T, Admitting>::ensure_origin(origin)?;
            Self::do_remove_validator(account)
        }

        /// Replaces all keys of a role.
        ///
        /// Origin: root, which only [`enact`](Pallet::enact) reaches. Errors: [`Error::TooFewKeys`],
        /// [`Error::DuplicateKey`], [`Error::AccountTaken`], [`Error::OwnerKey`]. Event: [`Event::RoleKeysSet`].
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::set_role_keys(keys.len() as u32))]
        pub fn set_role_keys(origin: OriginFor<T>, role: Role, keys: RoleKeys) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_set_role_keys(role, keys)
        }

        /// Dispatches one of the listed calls as root. The call's own failure is reported in the event and leaves no
        /// other trace. New members of the committee get their entry; a committee that could not decide is a failure.
        ///
        /// Origin: two thirds of the committee. Errors: [`Error::NotEnactable`]; in the event also
        /// [`Error::CommitteeTooSmall`], [`Error::CommitteeTooLarge`], [`Error::DuplicateKey`], [`Error::AccountTaken`],
        /// [`Error::OwnerKey`]. Event: [`Event::Enacted`].
        #[pallet::call_index(11)]
        #[pallet::weight({
            let info = call.get_dispatch_info();
            (T::WeightInfo::enact().saturating_add(info.call_weight), info.class)
        })]
        pub fn enact(origin: OriginFor<T>, call: Box<<T as Config>::RuntimeCall>) -> DispatchResult {
            T::CommitteeOrigin::ensure_origin(origin)?;
            Self::do_enact(*call)
        }

        /// Takes a nomination back, so that the institution can name another account.
        ///
        /// Origin: the account of an active bank, or role operating (for the issuer). Errors: [`Error::NotNominated`],
        /// [`Error::StillValidator`]. Event: [`Event::NominationWithdrawn`].
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::withdraw_nomination())]
        pub fn withdraw_nomination(origin: OriginFor<T>, account: AccountId) -> DispatchResult {
            let institution = EnsureOperator::<T>::ensure_origin(origin)?;
            Self::do_withdraw_nomination(institution, account)
        }

        /// Replaces the account of a suspended bank whose key was lost or stolen, as the bank itself would with
        /// [`rotate_account`](Pallet::rotate_account). The bank stays suspended.
        ///
        /// Origin: root, which only [`enact`](Pallet::enact) reaches. Errors: [`Error::UnknownBank`],
        /// [`Error::BankNotSuspended`], and those of [`rotate_account`](Pallet::rotate_account).
        /// Event: [`Event::AccountRotated`].
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::replace_account())]
        pub fn replace_account(origin: OriginFor<T>, bank: BankId, new: AccountId) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_replace_account(bank, new)
        }
    }
}

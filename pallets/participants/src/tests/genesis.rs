//! The first block.

use super::*;

fn refused(message: &str, change: impl FnOnce(&mut GenesisConfig<Test>)) {
    let mut builder = ExtBuilder::default();
    change(&mut builder.0);
    let failed = sp_io::TestExternalities::default()
        .execute_with(|| Participants::build_genesis(&builder.0).expect_err("genesis is refused"));
    assert!(format!("{failed:?}").contains(message), "{failed:?}");
}

#[test]
fn genesis_fills_everything() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(NetworkId::<Test>::get(), 7);
        assert_eq!(Participants::all(), vec![BANK_1, BANK_2]);
        assert_eq!(Told::get(), vec![("admitted", BANK_2, account(OTHER_BANK)), ("admitted", BANK_1, account(BANK))]);
        assert!(!ValidatorsChanged::<Test>::get());
        let all =
            [ISSUING[0], ISSUING[1], SUPERVISING, ADMITTING, OPERATING, BANK, OTHER_BANK, VALIDATOR, BANK_VALIDATOR];
        for number in all.into_iter().chain(MEMBERS) {
            assert_eq!(System::providers(&account(number)), 1);
            assert!(Participants::is_institutional(&account(number)));
        }
        assert!(System::events().is_empty());
    });
}

#[test]
fn the_empty_genesis_is_allowed() {
    sp_io::TestExternalities::default().execute_with(|| {
        assert_ok!(Participants::build_genesis(&GenesisConfig::default()));
    });
}

#[test]
fn genesis_is_written_in_camel_case() {
    let json = serde_json::to_value(&ExtBuilder::default().0).unwrap();
    assert_eq!(json["networkId"], 7);
    assert_eq!(json["banks"][0][1], "Bank B");
    assert_eq!(json["roles"][0][0], "issuing");
    let back: GenesisConfig<Test> = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(back).unwrap(), json);
}

#[test]
fn genesis_refuses_what_the_calls_refuse() {
    refused("AccountTaken", |genesis| genesis.roles.push((Role::Registry, vec![account(ADMITTING)])));
    refused("a role is listed twice", |genesis| genesis.roles.push((Role::Admitting, vec![account(50)])));
    refused("TooFewKeys", |genesis| genesis.roles[0].1.truncate(1));
    refused("TooFewKeys", |genesis| drop(genesis.roles.remove(0)));
    refused("DuplicateKey", |genesis| genesis.roles[0].1.push(account(ISSUING[0])));
    refused("TooManyKeys", |genesis| genesis.roles[0].1 = (50..67).map(account).collect());
    refused("BankExists", |genesis| genesis.banks.push((BANK_1, "Bank C".into(), account(50))));
    refused("AccountTaken", |genesis| genesis.banks.push((BankId(3), "Bank C".into(), account(BANK))));
    refused("BadName", |genesis| genesis.banks.push((BankId(3), "x".repeat(65), account(50))));
    refused("BadName", |genesis| genesis.banks.push((BankId(3), "Bank\nC".into(), account(50))));
    refused("UnknownBank", |genesis| genesis.validators.push((account(50), Institution::Bank(BankId(3)))));
    refused("KeysMissing", |genesis| genesis.validators.push((account(50), Institution::Issuer)));
    refused("AccountTaken", |genesis| genesis.validators.push((account(VALIDATOR), Institution::Issuer)));
    refused("AccountTaken", |genesis| genesis.committee.push(account(SUPERVISING)));
    refused("OwnerKey", |genesis| genesis.committee.push(account(OWNER)));
}

#[test]
#[should_panic(expected = "genesis of the participants")]
fn a_refused_genesis_stops_the_build() {
    let mut builder = ExtBuilder::default();
    builder.0.roles.clear();
    builder.0.roles.push((Role::Issuing, vec![account(50)]));
    builder.build();
}

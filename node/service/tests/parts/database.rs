//! The database of another network.

use specie_node_service::database::other_network;
use specie_primitives::Hash;
use std::path::Path;

#[test]
fn both_first_blocks_and_the_folder_are_named() {
    let (stored, wanted) = (Hash::repeat_byte(1), Hash::repeat_byte(2));
    let text = other_network(Some(Path::new("/var/specie/db")), stored, wanted);
    for part in ["/var/specie/db", "purge-chain", &"01".repeat(32), &"02".repeat(32)] {
        assert!(text.contains(part), "{text} does not name {part}");
    }
}

//! The validator of a Specie network: see [`specie_node_service`].

use std::process::ExitCode;

fn main() -> ExitCode {
    match specie_node_service::command::run(env!("SUBSTRATE_CLI_IMPL_VERSION")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // As text: returned from `main`, it would be printed for programmers.
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        },
    }
}

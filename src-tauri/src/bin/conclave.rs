//! The headless program.

use std::process::ExitCode;

fn main() -> ExitCode {
    conclave::cli::main()
}

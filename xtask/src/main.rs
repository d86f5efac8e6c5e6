//! What a person types: `cargo xtask run`, `test`, `demo`, `soak`, `bench`, `fuzz`, `mutants`, `node`,
//! `package`, `ci`.
//!
//! Each command first looks at the machine and installs, or names, what is missing for that command alone. What Conclave
//! itself does is not here: xtask builds programs and starts them.

mod bench;
mod cargo;
mod ci;
mod fuzz;
mod machine;
mod mutants;
mod node;
mod package;
mod run;
mod steps;
mod stop;
mod test;
mod ui;
mod wasm;
mod webdriver;

use std::process::ExitCode;

use stop::Stop;

const HELP: &str = "\
cargo xtask COMMAND

  run                       open the window
  demo [ARGS]               the practice vault on the command line; needs no window and no WebKit
                            --attack list: somebody hostile instead
                            --node: on a real Bitcoin node instead of the practice chain
                            --tor: over a private Tor network on this machine
  test [--quick] [TIER..]   run the tests: domain app parties processes node tor window lockfile
                            --quick leaves out processes, node, tor, window and lockfile
  soak [--rounds N] [--seed S]
                            kill members, relay and chain at random moments while a vault pays (1000 rounds)
  fuzz [--minutes N] [TARGET..]
                            arbitrary bytes for everything that reads bytes from outside, N minutes (10) in all
  mutants [FILE..]          change the guard and the rules (or other files of the domain) in one place at a time, and
                            say which changes no test notices; needs cargo-mutants
  bench [ARGS]              measure; --only window: how soon the window can be used, and its memory
  node                      see to a Bitcoin node and an Electrum server for tests and demos (built from source once,
                            which takes a while), and say where they are
  ui                        build the window's pages into ui/dist
  package                   a Debian package of a release build, with its size and its SHA-256 (Debian and its kin)
  ci                        formatting, clippy, licences and sources, then every test
  help                      this text

What is missing on the machine is installed by apt-get where there is one (as root, or through sudo without asking),
and named where there is not. What is built goes to the target folder that cargo uses (CARGO_TARGET_DIR).

  CONCLAVE_FIXTURES  folder of test vectors from outside, passed on to the tests
  CONCLAVE_WASM      `debian`: build the pages with Debian's Rust instead of rustup's
  BITCOIND_EXE, ELECTRS_EXE
                     the Bitcoin node and the Electrum server, instead of those on the path or built here
  TOR_EXE, TOR_GENCERT_EXE
                     tor and tor-gencert, instead of those on the path
  CONCLAVE_NODE_CACHE
                     where built ones are kept (else conclave/node in XDG_CACHE_HOME or ~/.cache)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[] as &[String]),
    };
    let outcome = match command {
        "run" => run::window(rest),
        "demo" => run::demo(rest),
        "soak" => run::soak(rest),
        "bench" => bench::bench(rest),
        "test" => test::test(rest),
        "fuzz" => fuzz::fuzz(rest),
        "mutants" => mutants::mutants(rest),
        "node" => node::node(rest),
        "package" => package::package(rest),
        "ui" => run::pages(rest),
        "ci" => ci::ci(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        unknown => Err(Stop::Command { text: unknown.to_owned() }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The program that was asked for has said itself what happened: only its code is handed on.
        Err(Stop::Program { code }) => ExitCode::from(code),
        Err(stop) => {
            eprintln!("xtask: {stop}");
            ExitCode::from(1)
        }
    }
}

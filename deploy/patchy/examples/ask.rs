//! The program that asks models, without TLS: what tests give to `patchy generate --client`.

fn main() -> std::process::ExitCode {
    generate::main()
}

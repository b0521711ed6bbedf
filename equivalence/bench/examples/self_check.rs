//! The bench on the reference, three times under other names: a benchmark, and a check of the
//! reference against its oracles.

fn main() -> std::process::ExitCode {
    let mut registry = bench::Registry::default();
    ["again", "once_more"].into_iter().for_each(|name| registry.again(name));
    bench::main(&registry)
}

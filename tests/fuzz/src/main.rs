//! The program that tries inputs, guided by coverage: one target, named by the environment.
#![no_main]

use std::sync::LazyLock;

use romp_fuzz::Target;

/// Which target; `cargo xtask fuzz` sets it.
const TARGET: &str = "ROMP_FUZZ_TARGET";

static CHOSEN: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var(TARGET).unwrap_or_default();
    romp_fuzz::target(&name).unwrap_or_else(|| panic!("{TARGET} names no target: “{name}”"))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    (CHOSEN.run)(data);
});

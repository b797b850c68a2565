//! Text → what `zoneseal run` is to do: see [`rules::configuration`].
#![no_main]

#[path = "../rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rules::configuration(data);
});

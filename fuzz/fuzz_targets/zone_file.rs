//! Text → zone → signed zone → text: see [`rules::zone_file`].
#![no_main]

#[path = "../rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rules::zone_file(data);
});

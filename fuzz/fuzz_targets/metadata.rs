//! Text → metadata of a key, and times → text: see [`rules::metadata`].
#![no_main]

#[path = "../rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rules::metadata(data);
});

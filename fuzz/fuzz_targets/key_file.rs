//! Octets → keys in PEM, or a key pair of BIND: see [`rules::key_file`].
#![no_main]

#[path = "../rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rules::key_file(data);
});

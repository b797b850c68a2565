//! A type and octets → text → octets: see [`rules::rdata`].
#![no_main]

#[path = "../rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rules::rdata(data);
});

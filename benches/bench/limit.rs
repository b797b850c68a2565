//! The limit: how long ring alone takes for so many P-256 signatures, every core busy. No signer that uses
//! ring can be faster.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// About what an RRset of addresses has to sign.
const MESSAGE: [u8; 100] = [7; 100];
/// Signatures that a thread fetches at a time.
const BATCH: usize = 64;

/// Seconds on the clock for `signatures` signatures.
pub(crate) fn seconds(signatures: usize) -> Result<f64, String> {
    let random = SystemRandom::new();
    let scheme = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let wrong = |_| "ring makes no P-256 key".to_owned();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(scheme, &random).map_err(wrong)?;
    let key = EcdsaKeyPair::from_pkcs8(scheme, pkcs8.as_ref(), &random).map_err(|error| error.to_string())?;
    let threads = thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let taken = AtomicUsize::new(0);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let first = taken.fetch_add(BATCH, Ordering::Relaxed);
                    if first >= signatures {
                        return;
                    }
                    for _ in first..signatures.min(first + BATCH) {
                        black_box(key.sign(&random, black_box(&MESSAGE)).expect("ring signs"));
                    }
                }
            });
        }
    });
    Ok(start.elapsed().as_secs_f64())
}

//! The limit: how long ring alone takes to make or to verify so many signatures, every core busy. No program
//! that uses ring can be faster.

use nix::time::{ClockId, clock_gettime};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What so many signatures take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Seconds of processor time: those that do not depend on what else the machine has to do.
    pub(crate) cpu: f64,
}

/// About what an RRset of addresses has to sign.
const MESSAGE: [u8; 100] = [7; 100];
/// Signatures that a thread fetches at a time.
const BATCH: usize = 64;

/// What it takes to make so many P-256 signatures.
pub(crate) fn signing(signatures: usize) -> Result<Limit, String> {
    let random = SystemRandom::new();
    let key = p256(&random)?;
    Ok(limit(signatures, || {
        black_box(key.sign(&random, black_box(&MESSAGE)).expect("ring signs"));
    }))
}

/// What it takes to verify so many P-256 signatures.
pub(crate) fn verifying_p256(signatures: usize) -> Result<Limit, String> {
    let random = SystemRandom::new();
    let pair = p256(&random)?;
    let signature = pair.sign(&random, &MESSAGE).map_err(|_| "ring does not sign")?;
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
    Ok(limit(signatures, || {
        key.verify(black_box(&MESSAGE), signature.as_ref()).expect("ring verifies");
    }))
}

/// What it takes to verify so many RSA/SHA-256 signatures by the key in a PEM file: ring makes none.
pub(crate) fn verifying_rsa(pem: &Path, signatures: usize) -> Result<Limit, String> {
    let wrong = |what: &dyn std::fmt::Display| format!("{}: {what}", pem.display());
    let text = std::fs::read(pem).map_err(|error| wrong(&error))?;
    let key = pem::parse(text).map_err(|error| wrong(&error))?;
    let pair = RsaKeyPair::from_pkcs8(key.contents()).map_err(|error| wrong(&error))?;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &MESSAGE, &mut signature)
        .map_err(|_| wrong(&"ring does not sign"))?;
    let key: PublicKeyComponents<Vec<u8>> = pair.public().into();
    Ok(limit(signatures, || {
        key.verify(&RSA_PKCS1_2048_8192_SHA256, black_box(&MESSAGE), &signature).expect("ring verifies");
    }))
}

fn p256(random: &SystemRandom) -> Result<EcdsaKeyPair, String> {
    let scheme = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(scheme, random).map_err(|_| "ring makes no P-256 key")?;
    EcdsaKeyPair::from_pkcs8(scheme, pkcs8.as_ref(), random).map_err(|error| error.to_string())
}

/// What it takes to do `work` so many times, on all cores.
fn limit(times: usize, work: impl Fn() + Sync) -> Limit {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let taken = AtomicUsize::new(0);
    let (start, before) = (Instant::now(), processor_time());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let first = taken.fetch_add(BATCH, Ordering::Relaxed);
                    if first >= times {
                        return;
                    }
                    (first..times.min(first + BATCH)).for_each(|_| work());
                }
            });
        }
    });
    Limit { wall: start.elapsed().as_secs_f64(), cpu: processor_time() - before }
}

/// Seconds of this process so far, all threads.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("Linux has this clock");
    Duration::from(time).as_secs_f64()
}

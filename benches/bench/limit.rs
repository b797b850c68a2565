//! The limit: how long ring alone takes to make or to verify so many signatures, every core busy. No program
//! that uses ring can be faster. And how long a disk takes to hold files for good.

use nix::time::{ClockId, clock_gettime};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Write};
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

/// Seconds for the files of so many small zones: for each a zone of so many octets and the text of its DS, written
/// under another name, flushed and renamed, and the folder flushed; as many at once as `zoneseal run` has at work.
pub(crate) fn publishing(zones: usize, octets: usize, folder: &Path) -> Result<f64, String> {
    const AT_ONCE: usize = 16;
    let publish = |name: &str, octets: usize| {
        let new = folder.join(format!(".{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(&vec![b'x'; octets])?;
        file.sync_all()?;
        fs::rename(&new, folder.join(name))?;
        File::open(folder)?.sync_all()
    };
    let taken = AtomicUsize::new(0);
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    fs::create_dir(folder).map_err(failed)?;
    let start = Instant::now();
    thread::scope(|scope| {
        let work = || -> io::Result<()> {
            loop {
                let number = taken.fetch_add(1, Ordering::Relaxed);
                if number >= zones {
                    return Ok(());
                }
                publish(&format!("{number}.zone"), octets)?;
                publish(&format!("{number}.ds"), 130)?;
            }
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no thread panics"))
    })
    .map_err(failed)?;
    Ok(start.elapsed().as_secs_f64())
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

//! Keys and `openssl`: every kind of key file it writes is read or refused with the right reason, and it
//! reads every key file of ours. Skipped where `openssl` is not on the path.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use zoneseal::dns::NameBuf;
use zoneseal::dns::time::Time;
use zoneseal::error::{Fault, Faults};
use zoneseal::keys::{self, Algorithm, Key, KeySet, Loaded, Options, PublicKey, Role, Use, Verdict};

const NOW: Time = Time(1_800_000_000);

fn zone() -> NameBuf {
    NameBuf::from_text("example.org.").unwrap()
}

/// Runs `openssl` in `dir`; `None` if there is no such program or it does not know the arguments.
fn openssl(dir: &Path, arguments: &str) -> Option<Vec<u8>> {
    let run = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output();
    match run {
        Ok(output) if output.status.success() => Some(output.stdout),
        other => {
            eprintln!("skipped: openssl {arguments}: {other:?}");
            None
        }
    }
}

fn private(path: PathBuf) -> PathBuf {
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn load(path: &Path) -> Result<Loaded, Faults> {
    keys::load_file(path, &zone(), Some(Role::Csk), NOW)
}

fn first(faults: Faults) -> Fault {
    faults.into_iter().next().expect("at least one fault")
}

fn check_signs(key: &Key) {
    let public = PublicKey::from_rdata(key.rdata()).unwrap();
    let mut signature = Vec::new();
    key.sign(b"message", &mut signature).unwrap();
    assert_eq!(signature.len(), key.signature_len());
    assert_eq!(public.tag(), key.tag());
    assert_eq!(public.verify(b"message", &signature), Verdict::Good);
    assert_eq!(public.verify(b"massage", &signature), Verdict::Bad);
}

/// Whether `debug` holds a run of twelve characters of the file's base64.
fn leaks(debug: &str, file: &str) -> bool {
    let body = file.lines().filter(|line| !line.contains([':', '-']));
    body.flat_map(|line| line.as_bytes().chunks(12))
        .any(|run| run.len() == 12 && debug.as_bytes().windows(12).any(|window| window == run))
}

#[test]
fn every_kind_of_key_that_openssl_writes() {
    let dir = TempDir::new().unwrap();
    for (arguments, algorithm) in [
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", Algorithm::EcdsaP256Sha256),
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384", Algorithm::EcdsaP384Sha384),
        ("ecparam -genkey -name prime256v1", Algorithm::EcdsaP256Sha256),
        ("ecparam -genkey -noout -name secp384r1", Algorithm::EcdsaP384Sha384),
        ("genpkey -algorithm ED25519", Algorithm::Ed25519),
        ("genrsa 2048", Algorithm::RsaSha256),
        ("genrsa -traditional 2048", Algorithm::RsaSha256),
        ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072", Algorithm::RsaSha256),
    ] {
        let Some(pem) = openssl(dir.path(), arguments) else { continue };
        let path = dir.path().join("key.pem");
        fs::write(&path, &pem).unwrap();
        let loaded = load(&private(path)).unwrap_or_else(|faults| panic!("{arguments}: {}", first(faults)));
        assert!(loaded.warnings.is_empty(), "{arguments}: {:?}", loaded.warnings);
        let [key] = &loaded.keys[..] else { panic!("{arguments}: one key") };
        assert_eq!(key.algorithm(), algorithm, "{arguments}");
        assert!(!leaks(&format!("{loaded:?}"), std::str::from_utf8(&pem).unwrap()), "{arguments}");
        check_signs(key);
    }
}

#[test]
fn the_public_half_may_be_missing_or_compressed() {
    let dir = TempDir::new().unwrap();
    for curve in ["P-256", "P-384"] {
        let made = format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out whole.pem");
        if openssl(dir.path(), &made).is_none() {
            return;
        }
        let whole = load(&private(dir.path().join("whole.pem"))).unwrap();
        for (index, change) in [
            "ec -in whole.pem -no_public",
            "ec -in whole.pem -conv_form compressed",
            "pkey -in whole.pem -ec_conv_form compressed",
            "pkey -in whole.pem -traditional",
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("{curve}-{index}.pem");
            if openssl(dir.path(), &format!("{change} -out {name}")).is_some() {
                let changed = load(&private(dir.path().join(name)))
                    .unwrap_or_else(|f| panic!("{change}: {}", first(f)));
                assert_eq!(changed.keys[0].rdata(), whole.keys[0].rdata(), "{change}");
            }
        }
        // PKCS#8 without the public key, as `-no_public` leaves it
        if openssl(dir.path(), "ec -in whole.pem -no_public -out bare.pem").is_some()
            && openssl(dir.path(), "pkcs8 -topk8 -nocrypt -in bare.pem -out bare8.pem").is_some()
        {
            let bare = load(&private(dir.path().join("bare8.pem"))).unwrap();
            assert_eq!(bare.keys[0].rdata(), whole.keys[0].rdata());
        }
    }
}

#[test]
fn keys_that_cannot_sign_are_refused_by_name() {
    let dir = TempDir::new().unwrap();
    for (arguments, message) in [
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521", "curve P-521"),
        ("ecparam -genkey -name secp521r1", "curve P-521"),
        ("ecparam -genkey -name secp256k1", "curve secp256k1"),
        ("ecparam -genkey -name prime256v1 -param_enc explicit", "does not name its curve"),
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
            "does not name its curve",
        ),
        ("genpkey -algorithm ED448", "type Ed448"),
        ("genpkey -algorithm X25519", "type X25519"),
        ("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "type RSA-PSS"),
        ("genrsa 1024", "RSA key of 1024 bits"),
        ("genrsa 2560", "RSA key of 2560 bits"),
        ("genrsa -3 2048", "public exponent 3 "),
        ("genpkey -algorithm RSA -aes-128-cbc -pass pass:secret", "encrypted"),
        ("genrsa -traditional -aes128 -passout pass:secret 2048", "encrypted"),
        ("ecparam -name prime256v1", "no private key: the file holds the parameters of a curve"),
    ] {
        let Some(pem) = openssl(dir.path(), arguments) else { continue };
        let path = dir.path().join("key.pem");
        fs::write(&path, &pem).unwrap();
        let fault = first(load(&private(path)).expect_err(arguments));
        assert!(fault.message().contains(message), "{arguments}: {fault}");
        assert!(fault.advice().is_some(), "{arguments}: {fault}");
        assert!(fault.place().unwrap().line > 0, "{arguments}: {fault}");
        assert!(!leaks(&fault.to_string(), std::str::from_utf8(&pem).unwrap()), "{arguments}: {fault}");
    }
}

#[test]
fn a_key_file_cut_anywhere_is_an_error_and_no_secret() {
    let dir = TempDir::new().unwrap();
    let Some(pem) = openssl(dir.path(), "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256") else {
        return;
    };
    let text = std::str::from_utf8(&pem).unwrap();
    for end in 0..pem.trim_ascii().len() {
        let path = dir.path().join("key.pem");
        fs::write(&path, &pem[..end]).unwrap();
        let fault = first(load(&private(path)).expect_err(&end.to_string()));
        assert!(!leaks(&fault.to_string(), text), "{end}: {fault}");
    }
}

#[test]
fn several_keys_in_one_file_make_a_set() {
    let dir = TempDir::new().unwrap();
    let Some(ksk) = openssl(dir.path(), "ecparam -genkey -name prime256v1") else { return };
    let zsk = openssl(dir.path(), "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256").unwrap();
    let path = dir.path().join("both.pem");
    fs::write(&path, [b"Role: ksk\n", &ksk[..], b"Role: zsk\n", &zsk].concat()).unwrap();
    let loaded = keys::load_file(&private(path.clone()), &zone(), None, NOW).unwrap();
    let set = KeySet::new(loaded.keys, Options::default()).unwrap();
    assert_eq!(set.keys().iter().map(Key::role).collect::<Vec<_>>(), [Role::Ksk, Role::Zsk]);
    let fault = first(keys::load_file(&path, &zone(), Some(Role::Zsk), NOW).unwrap_err());
    assert!(fault.message().contains("its Role line says ksk"), "{fault}");
}

#[test]
fn openssl_and_this_program_read_the_keys_made_here() {
    let dir = TempDir::new().unwrap();
    for algorithm in Algorithm::ALL {
        for role in [Role::Ksk, Role::Zsk] {
            let new = keys::generate(&zone(), role, algorithm, None, &[], NOW).unwrap();
            let path = keys::write_new(dir.path(), &new).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("Zone: example.org.\nRole: "), "{text}");
            assert!(!leaks(&format!("{new:?}"), &text));
            openssl(dir.path(), &format!("pkey -noout -check -in {}", path.display()))
                .or_else(|| openssl(dir.path(), &format!("pkey -noout -in {}", path.display())))
                .or_else(|| openssl(dir.path(), "version").map(|_| panic!("openssl refuses {algorithm}")));
            let again = keys::write_new(dir.path(), &new).unwrap_err();
            assert!(again.message().contains("never overwritten"), "{again}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
    let loaded = keys::load_dir(dir.path(), &zone(), NOW).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(loaded.keys.len(), 10);
    loaded.keys.iter().for_each(check_signs);
    assert!(loaded.keys.iter().all(|key| key.usage() == Use::Signs));
    let set = KeySet::new(loaded.keys, Options { allow_tag_collision: true, ..Options::default() }).unwrap();
    assert_eq!(set.algorithms().collect::<Vec<_>>(), Algorithm::ALL);
}

#[test]
fn rsa_signatures_of_others_verify_down_to_1024_bits_and_sha1() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("message"), b"message").unwrap();
    for (make, exponent) in [("genrsa -out k.pem 1024", &[1, 0, 1][..]), ("genrsa -3 -out k.pem 2048", &[3])]
    {
        if openssl(dir.path(), make).is_none() {
            return;
        }
        let modulus = openssl(dir.path(), "rsa -in k.pem -noout -modulus").unwrap();
        let hex = modulus.trim_ascii().strip_prefix(b"Modulus=").unwrap();
        let modulus = data_encoding::HEXUPPER.decode(hex).unwrap();
        let length = u8::try_from(exponent.len()).unwrap();
        let short = [&[length][..], exponent, &modulus].concat();
        // the long form of the length, and zeros in front of both numbers
        let long = [&[0, 0, length + 1, 0][..], exponent, &[0], &modulus].concat();
        for (digest, algorithms) in [("sha1", &[5, 7][..]), ("sha256", &[8]), ("sha512", &[10])] {
            let Some(signature) = openssl(dir.path(), &format!("dgst -{digest} -sign k.pem message")) else {
                continue;
            };
            for algorithm in [5, 7, 8, 10] {
                let expected = if algorithms.contains(&algorithm) { Verdict::Good } else { Verdict::Bad };
                for key in [&short, &long] {
                    let verdict = keys::verify(algorithm, key, b"message", &signature);
                    assert_eq!(verdict, expected, "{make}, {digest}, {algorithm}");
                }
            }
        }
    }
}

/// Keys and the DNSKEYs that Knot DNS made of them, in the corpus.
#[test]
fn keys_of_the_corpus_have_the_dnskeys_that_knot_made() {
    let Some(corpus) = common::corpus() else { return };
    let files = fs::read_dir(corpus.join("vectors/keys-pem")).unwrap();
    let dir = TempDir::new().unwrap();
    for file in files.map(|file| file.unwrap().path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if file.extension().is_none_or(|extension| extension != "pem") {
            continue;
        }
        let path = dir.path().join("key.pem");
        let hash = if name.contains("sha512") { "Algorithm: RSASHA512\n" } else { "" };
        fs::write(&path, [hash.as_bytes(), &fs::read(&file).unwrap()].concat()).unwrap();
        let loaded = load(&private(path));
        if ["ed448", "rsa1024", "mldsa", "pdns-rsa"].iter().any(|kind| name.contains(kind)) {
            assert!(first(loaded.expect_err(&name)).advice().is_some(), "{name}");
            continue;
        }
        let key = loaded.unwrap_or_else(|faults| panic!("{name}: {}", first(faults))).keys.remove(0);
        check_signs(&key);
        if let Ok(text) = fs::read_to_string(file.with_extension("dnskey-and-ds")) {
            let line = text.lines().find(|line| line.contains("DNSKEY")).unwrap();
            let words: Vec<&str> = line.split_whitespace().skip_while(|word| *word != "DNSKEY").collect();
            assert_eq!(words[3].parse(), Ok(key.algorithm().number()), "{name}");
            let public = data_encoding::BASE64.decode(words[4..].concat().as_bytes()).unwrap();
            assert_eq!(public, key.public_key(), "{name}");
        }
    }
}

//! Key pairs of BIND and ldns without BIND and ldns: crafted ones of every kind, damaged ones, and the way
//! from PEM to a pair and back. What the programs themselves say is in `judges/keypairs.rs`.

mod common;

use data_encoding::BASE64;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zoneseal::dns::NameBuf;
use zoneseal::dns::time::Time;
use zoneseal::error::{Fault, Faults};
use zoneseal::keys::{self, Algorithm, Key, Loaded, Metadata, PublicKey, Role, Use, Verdict};

const NOW: Time = Time(1_800_000_000);

fn zone() -> NameBuf {
    NameBuf::from_text("example.org.").unwrap()
}

fn first(faults: Faults) -> Fault {
    faults.into_iter().next().expect("at least one fault")
}

fn load(path: &Path, role: Option<Role>) -> Result<Loaded, Faults> {
    keys::load_file(path, &zone(), role, NOW)
}

/// Writes a private file, as its owner would have it.
fn secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn check_signs(key: &Key) {
    let public = PublicKey::from_rdata(key.rdata()).unwrap();
    let mut signature = Vec::new();
    key.sign(b"message", &mut signature).unwrap();
    assert_eq!(public.tag(), key.tag());
    assert_eq!(public.verify(b"message", &signature), Verdict::Good);
}

/// A pair as ldns writes it, in `dir`: numbers without leading zeros, no times. Returns its base.
fn ldns_pair(dir: &Path, flags: u16, algorithm: u8, number: &[u8], public: &[u8]) -> PathBuf {
    let rdata = [&flags.to_be_bytes()[..], &[3, algorithm], public].concat();
    let base = dir.join(format!("Kexample.org.+{algorithm:03}+{:05}", keys::key_tag(&rdata)));
    let digits = &number[number.iter().take_while(|&&octet| octet == 0).count()..];
    let file = |ending: &str| PathBuf::from(format!("{}.{ending}", base.display()));
    let head = format!("Private-key-format: v1.2\nAlgorithm: {algorithm} (X)\n");
    secret(&file("private"), &format!("{head}PrivateKey: {}\n", BASE64.encode(digits)));
    let line = format!(
        "example.org.\t3600\tIN\tDNSKEY\t{flags} 3 {algorithm} {} ;{{id = 0}}\n",
        BASE64.encode(public)
    );
    fs::write(file("key"), line).unwrap();
    base
}

/// Scalars of every length, as they come once in 256, 65536 … keys of ldns.
#[test]
fn short_numbers_are_filled_up() {
    let dir = TempDir::new().unwrap();
    let mut tried = 0;
    for missing in 0..32 {
        for round in 0..4_u8 {
            let mut scalar = [0; 48];
            for (place, octet) in scalar.iter_mut().enumerate() {
                *octet =
                    round.wrapping_mul(59).wrapping_add(u8::try_from(place).unwrap().wrapping_mul(7)) | 1;
            }
            scalar[..missing].fill(0);
            let p256 = p256::SecretKey::from_slice(&scalar[..32]);
            let p384 = p384::SecretKey::from_slice(&scalar);
            let points = [
                (13, 32, p256.ok().map(|key| key.public_key().to_sec1_bytes())),
                (14, 48, p384.ok().map(|key| key.public_key().to_sec1_bytes())),
            ];
            for (algorithm, length, point) in points {
                // a scalar may be too large for the curve, never too short
                let Some(point) = point else { continue };
                let base = ldns_pair(dir.path(), 257, algorithm, &scalar[..length], &point[1..]);
                let loaded =
                    load(&base, None).unwrap_or_else(|faults| panic!("{missing}: {}", first(faults)));
                assert_eq!(loaded.keys[0].public_key(), &point[1..], "{missing} octets missing");
                check_signs(&loaded.keys[0]);
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

/// RFC 8080, section 6.1, and a seed that begins with a zero octet.
#[test]
fn ed25519_seeds() {
    let dir = TempDir::new().unwrap();
    let seed = BASE64.decode(b"ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=").unwrap();
    let public = BASE64.decode(b"l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=").unwrap();
    let base = ldns_pair(dir.path(), 257, 15, &seed, &public);
    assert!(base.ends_with("Kexample.org.+015+03613"));
    assert_eq!(load(&base, None).unwrap().keys[0].public_key(), public);
    let mut seed = [7; 32];
    seed[0] = 0;
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let public = ring::signature::KeyPair::public_key(&pair).as_ref().to_vec();
    let base = ldns_pair(dir.path(), 256, 15, &seed, &public);
    check_signs(&load(&base, None).unwrap().keys[0]);
    fs::remove_file(format!("{}.key", base.display())).unwrap();
    let fault = first(load(&base, Some(Role::Zsk)).unwrap_err());
    assert!(fault.message().contains("shorter than 32 octets"), "{fault}");
}

/// A key of ours with times, exported: its pair's base, and the PEM file.
fn exported(dir: &Path, role: Role, algorithm: Algorithm) -> (PathBuf, PathBuf) {
    let new = keys::generate(&zone(), role, algorithm, None, &[], Time(NOW.0 - 1000)).unwrap();
    let pem = keys::write_new(&dir.join("keys"), &new).unwrap();
    (keys::write_pair(dir, &new).unwrap(), pem)
}

fn file(base: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", base.display()))
}

#[test]
fn from_pem_to_a_pair_and_back_nothing_changes() {
    let dir = TempDir::new().unwrap();
    for algorithm in Algorithm::ALL {
        for role in [Role::Ksk, Role::Zsk, Role::Csk] {
            let mut new = keys::generate(&zone(), role, algorithm, None, &[], NOW).unwrap();
            let m = &mut new.metadata;
            (m.retire, m.remove) = (Some(Time(NOW.0 + 86_400)), Some(Time(NOW.0 + 2 * 86_400)));
            (m.ds_published, m.ds_withdrawn) = (Some(Time(NOW.0 + 60)), Some(Time(NOW.0 + 120)));
            m.revoke = role.signs_keys().then_some(Time(NOW.0 + 3600));
            m.sample = role == Role::Csk;
            for (name, value) in [
                ("Predecessor", "12345"),
                ("MaxTTL", "86400"),
                ("SyncPublish", "20270101000000"),
                ("SyncDelete", "20270201000000"),
                ("BIND-TTL", "7200"),
            ] {
                m.unknown.push((name.to_owned(), value.to_owned()));
            }
            let text = new.text();
            let base = keys::write_pair(dir.path(), &new).unwrap();
            for named in [base.clone(), file(&base, "key"), file(&base, "private"), file(&base, "")] {
                let back = keys::copy_file(&named, None, None, NOW).unwrap();
                assert!(back.warnings.is_empty(), "{:?}", back.warnings);
                assert_eq!(*back.keys[0].text(), *text, "{algorithm} {role}");
                assert_eq!(back.keys[0].rdata(), new.rdata());
            }
            let mode = |ending| fs::metadata(file(&base, ending)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode("private"), 0o600);
            assert_eq!(mode("key") & 0o111, 0);
            let fault = keys::write_pair(dir.path(), &new).unwrap_err();
            assert!(fault.message().contains("never overwritten"), "{fault}");
            let public = fs::read_to_string(file(&base, "key")).unwrap();
            assert!(public.contains(&format!("example.org. 7200 IN DNSKEY {} 3 ", role.flags())), "{public}");
        }
    }
}

#[test]
fn names_that_no_file_should_have() {
    let dir = TempDir::new().unwrap();
    for (name, base) in [
        (".", "K.+015+"),
        ("0/25.2.0.192.in-addr.arpa.", "K0%2F25.2.0.192.in-addr.arpa.+015+"),
        ("a\\.b.\\000.example.", "Ka%2Eb.%00.example.+015+"),
    ] {
        let zone = NameBuf::from_text(name).unwrap();
        let new = keys::generate(&zone, Role::Ksk, Algorithm::Ed25519, None, &[], NOW).unwrap();
        let path = keys::write_pair(dir.path(), &new).unwrap();
        assert!(path.file_name().unwrap().to_str().unwrap().starts_with(base), "{}", path.display());
        assert_eq!(*keys::copy_file(&path, None, None, NOW).unwrap().keys[0].zone(), zone);
        fs::remove_file(file(&path, "key")).unwrap();
        let alone = keys::copy_file(&path, None, Some(Role::Ksk), NOW).unwrap();
        assert_eq!((alone.keys[0].zone(), alone.keys[0].rdata()), (&zone, new.rdata()));
    }
}

/// Whether a text holds twelve characters in a row of the secret.
fn leaks(text: &str, private: &str) -> bool {
    let secret = private.lines().find_map(|line| line.strip_prefix("PrivateKey: ")).unwrap();
    secret.as_bytes().windows(12).any(|run| text.as_bytes().windows(12).any(|window| window == run))
}

#[test]
fn a_pair_changed_in_any_octet_is_refused_or_the_same_key() {
    let dir = TempDir::new().unwrap();
    let (base, _) = exported(dir.path(), Role::Ksk, Algorithm::EcdsaP256Sha256);
    let rdata = load(&base, None).unwrap().keys[0].rdata().to_vec();
    let private = fs::read_to_string(file(&base, "private")).unwrap();
    for ending in ["private", "key"] {
        let path = file(&base, ending);
        let text = fs::read(&path).unwrap();
        for at in 0..text.len() {
            for octet in [b'A', b'\n', b':', b'=', b' ', 0xFF, text[at] ^ 1] {
                let mut changed = text.clone();
                changed[at] = octet;
                fs::write(&path, &changed).unwrap();
                match load(&base, None) {
                    Ok(loaded) => {
                        // the comment may have become another role
                        assert_eq!(loaded.keys[0].rdata()[2..], rdata[2..], "{ending} {at} {octet}");
                        assert!(!leaks(&format!("{loaded:?}"), &private));
                    }
                    Err(faults) => {
                        let told: String = faults.iter().map(ToString::to_string).collect();
                        assert!(!leaks(&told, &private), "{ending} {at} {octet}: {told}");
                    }
                }
            }
        }
        for end in 0..text.len() {
            fs::write(&path, &text[..end]).unwrap();
            if let Err(faults) = load(&base, None) {
                assert!(!leaks(&faults.iter().map(ToString::to_string).collect::<String>(), &private));
            }
        }
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(load(&base, None).unwrap().keys[0].rdata(), rdata);
}

#[test]
fn halves_that_do_not_belong_together() {
    let dir = TempDir::new().unwrap();
    let folder = |name: &str| {
        let path = dir.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let told = |path: &Path, role| first(load(path, role).unwrap_err()).to_string();
    for algorithm in Algorithm::ALL {
        let (here, there) = (folder(&format!("{algorithm}-1")), folder(&format!("{algorithm}-2")));
        let (one, _) = exported(&here, Role::Zsk, algorithm);
        let (other, _) = exported(&there, Role::Zsk, algorithm);
        fs::copy(file(&other, "private"), file(&one, "private")).unwrap();
        let text = told(&one, None);
        assert!(text.contains("does not belong to this private key") && text.contains("hint: "), "{text}");
    }
    let (base, _) = exported(dir.path(), Role::Ksk, Algorithm::Ed25519);
    let text = told(&base, Some(Role::Zsk));
    assert!(text.contains("named as a zsk, but its DNSKEY has flags 257: it is a ksk or a csk"), "{text}");
    assert_eq!(load(&base, Some(Role::Csk)).unwrap().keys[0].role(), Role::Csk);

    let renamed = |name: &str| {
        let target = dir.path().join(name);
        for ending in ["key", "private"] {
            fs::copy(file(&base, ending), file(&target, ending)).unwrap();
        }
        target
    };
    assert!(told(&renamed("Kexample.org.+015+00001"), None).contains("the file's name says key tag 1,"));
    let tag = &base.to_str().unwrap()[base.to_str().unwrap().len() - 5..];
    assert!(
        told(&renamed(&format!("Kexample.org.+013+{tag}")), None)
            .contains("the file's name says algorithm 13")
    );
    let text = told(&renamed(&format!("Kexample.com.+015+{tag}")), None);
    assert!(text.contains("says zone example.com., but the DNSKEY is one of example.org."), "{text}");
    // any other name says nothing
    assert_eq!(load(&renamed("my-key"), None).unwrap().keys.len(), 1);
    let other = NameBuf::from_text("example.net").unwrap();
    let fault = first(keys::load_file(&base, &other, None, NOW).unwrap_err());
    assert!(fault.message().contains("a key of zone example.org., not of example.net."), "{fault}");

    fs::remove_file(file(&base, "key")).unwrap();
    let text = told(&base, None);
    assert!(text.contains("its .key file is missing") && text.contains("--ksk, --zsk or --csk"), "{text}");
    assert!(told(&base, Some(Role::Zsk)).contains("the key's tag as a zsk is"));
    assert_eq!(load(&base, Some(Role::Ksk)).unwrap().keys[0].zone().to_string(), "example.org.");
    fs::copy(dir.path().join("my-key.key"), dir.path().join("alone.key")).unwrap();
    assert!(told(&dir.path().join("alone.key"), None).contains("the private half of the pair is missing"));
}

#[test]
fn a_revoked_pair_stays_revoked() {
    let dir = TempDir::new().unwrap();
    let (base, _) = exported(dir.path(), Role::Ksk, Algorithm::EcdsaP256Sha256);
    let plain = load(&base, None).unwrap().keys.remove(0);
    let public = fs::read_to_string(file(&base, "key")).unwrap().replace("DNSKEY 257", "DNSKEY 385");
    let revoked = dir.path().join(format!("Kexample.org.+013+{:05}", plain.revoked_tag()));
    fs::write(file(&revoked, "key"), public).unwrap();
    fs::copy(file(&base, "private"), file(&revoked, "private")).unwrap();
    for public_half in [true, false] {
        if !public_half {
            fs::remove_file(file(&revoked, "key")).unwrap();
        }
        let loaded = load(&revoked, Some(Role::Ksk)).unwrap();
        let key = &loaded.keys[0];
        assert_eq!((key.flags(), key.tag(), key.usage()), (385, plain.revoked_tag(), Use::Signs));
        let copy = keys::copy_file(&revoked, None, Some(Role::Ksk), NOW).unwrap().keys.remove(0);
        assert_eq!((copy.metadata.revoke, copy.metadata.key_tag), (Some(NOW), Some(plain.tag())));
    }
}

/// The state file of a `dnssec-policy`: there alone it says that a key is a CSK.
#[test]
fn a_state_file_says_the_role_and_when_the_ds_was_seen() {
    let dir = TempDir::new().unwrap();
    let (base, _) = exported(dir.path(), Role::Ksk, Algorithm::EcdsaP256Sha256);
    let state = "; This is the state of key 1, for example.org.\nAlgorithm: 13\nKSK: yes\nZSK: yes\n\
                 DSPublish: 20260101000000 (Thu)\nDSRemoved: 20260201000000\nGoalState: omnipresent\n";
    fs::write(file(&base, "state"), state).unwrap();
    let key = keys::copy_file(&base, None, None, NOW).unwrap().keys.remove(0);
    assert_eq!(key.role(), Role::Csk);
    assert_eq!(key.metadata.ds_published, Time::from_digits(b"20260101000000"));
    assert_eq!(key.metadata.ds_withdrawn, Time::from_digits(b"20260201000000"));
    fs::write(file(&base, "state"), state.replace("ZSK: yes", "ZSK: no")).unwrap();
    assert_eq!(keys::copy_file(&base, None, None, NOW).unwrap().keys[0].role(), Role::Ksk);
}

/// The text of a private file with these lines after the head.
fn private_text(algorithm: &str, rest: &str) -> String {
    format!("Private-key-format: v1.3\nAlgorithm: {algorithm}\n{rest}")
}

#[test]
fn private_files_that_are_refused() {
    let dir = TempDir::new().unwrap();
    let key = "PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=\n";
    let ed = |rest: &str| private_text("15 (ED25519)", &format!("{key}{rest}"));
    for (text, line, message) in [
        (String::new(), 0, "the file is empty"),
        ("Hello: world\n".to_owned(), 1, "no private key of BIND or ldns"),
        (
            "Private-key-format: v1.1\nAlgorithm: 15\n".to_owned(),
            1,
            "expected private key format v1.2 or v1.3",
        ),
        ("Private-key-format: v2.0\nAlgorithm: 15\n".to_owned(), 1, "found \"v2.0\""),
        ("Private-key-format: v1.3\n".to_owned(), 0, "no Algorithm line"),
        (private_text("5 (RSASHA1)", ""), 2, "algorithm 5 (RSASHA1) cannot sign: RFC 9905"),
        (private_text("7 (RSASHA1_NSEC3)", ""), 2, "algorithm 7 (RSASHA1-NSEC3-SHA1) cannot sign: RFC 9905"),
        (private_text("1 (RSA)", ""), 2, "RFC 9904"),
        (private_text("3 (DSA)", ""), 2, "RFC 9904"),
        (private_text("12 (ECCGOST)", ""), 2, "RFC 9906"),
        (private_text("16 (ED448)", key), 2, "algorithm 16 (ED448) cannot sign: ring"),
        (private_text("157 (HMAC_MD5)", key), 2, "unknown algorithm \"157\""),
        (private_text("13 (ECDSAP256SHA256)", ""), 0, "it has no PrivateKey line"),
        (private_text("13 (ECDSAP256SHA256)", "Engine: cGtjczEx\nLabel: cGtjczEx\n"), 3, "PKCS#11"),
        (private_text("13 (ECDSAP256SHA256)", "Label: cGtjczEx\n"), 3, "PKCS#11"),
        (private_text("8 (RSASHA256)", "External:\n"), 3, "PKCS#11"),
        (private_text("8 (RSASHA256)", "Modulus: AQAB\n"), 0, "it has no PublicExponent line"),
        (private_text("13 (X)", "PrivateKey: AAAA\n"), 0, "out of range for the curve"),
        (private_text("13 (X)", &format!("PrivateKey: {}\n", BASE64.encode(&[255; 32]))), 0, "out of range"),
        (private_text("15 (X)", &format!("PrivateKey: {}\n", BASE64.encode(&[1; 33]))), 0, "longer than 32"),
        (private_text("15 (X)", "PrivateKey: !!!!\n"), 3, "its PrivateKey is not base64"),
        (private_text("15 (X)", "PrivateKey\n"), 3, "not of the form"),
        (ed(key), 4, "\"PrivateKey\" is given twice"),
        (ed("Publish: tomorrow\n"), 4, "Publish: expected a time, found \"tomorrow\""),
        (ed("Inactive: 20261301000000\n"), 4, "Inactive: expected a time"),
    ] {
        let path = dir.path().join("k.private");
        secret(&path, &text);
        let fault = first(load(&path, Some(Role::Ksk)).expect_err(message));
        assert!(fault.message().contains(message), "{text}: {fault}");
        assert_eq!(fault.place().unwrap().line, line, "{fault}");
        assert!(fault.advice().is_some() || text.is_empty(), "{fault}");
        assert!(!fault.to_string().contains("ODIyNjAz"), "{fault}");
    }
    secret(&dir.path().join("k.private"), &ed("Created: 20260101000000 (Thu Jan  1)\r\nFuture: x\r\n"));
    assert_eq!(load(&dir.path().join("k"), Some(Role::Ksk)).unwrap().keys.len(), 1);
}

#[test]
fn public_files_that_are_refused() {
    let dir = TempDir::new().unwrap();
    let private = "PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=\n";
    secret(&dir.path().join("k.private"), &private_text("15 (ED25519)", private));
    let key = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
    let put = |text: &str| fs::write(dir.path().join("k.key"), text).unwrap();
    for (text, line, message) in [
        (String::new(), 0, "expected a DNSKEY record, found none"),
        ("; only a comment\n".to_owned(), 0, "expected a DNSKEY record, found none"),
        (format!("example.org. CH DNSKEY 257 3 15 {key}"), 1, "class IN, found \"CH\""),
        (format!("example.org. IN KEY 257 3 15 {key}"), 1, "expected a DNSKEY"),
        (format!("\n\nexample..org. DNSKEY 257 3 15 {key}"), 3, "without empty labels"),
        (format!("example.org. 99999999999 DNSKEY 257 3 15 {key}"), 1, "expected a TTL"),
        (format!("example.org. DNSKEY 1 3 15 {key}"), 1, "flags of a zone's key"),
        (format!("example.org. DNSKEY 513 3 15 {key}"), 1, "found \"513\""),
        (format!("example.org. DNSKEY 257 2 15 {key}"), 1, "protocol 3"),
        (format!("example.org. DNSKEY 257 3 5 {key}"), 1, "RFC 9905"),
        (format!("example.org. DNSKEY 257 3 13 {key}"), 0, "algorithm 15, the public half for 13"),
        ("example.org. DNSKEY 257 3 15 !".to_owned(), 1, "a public key in base64"),
        ("example.org. DNSKEY 257 3 15".to_owned(), 1, "a public key in base64"),
        (format!("e. DNSKEY 257 3 15 {key}\ne. DNSKEY 256 3 15 {key}\n"), 2, "more than one record"),
        (format!("$TTL 3600\ne. DNSKEY 257 3 15 {key}\n"), 1, "found a directive"),
    ] {
        put(&text);
        let fault = first(load(&dir.path().join("k"), None).expect_err(message));
        assert!(fault.message().contains(message), "{text}: {fault}");
        assert_eq!(fault.place().unwrap().line, line, "{fault}");
    }
    for text in [
        format!("Example.ORG 1h in dnskey 257 3 ED25519 {key}"),
        format!(
            "; Role: csk\nexample.org. IN 60 DNSKEY ( 257 3 15 ; flags\n {} ; one\n {} )\n\n",
            &key[..20],
            &key[20..]
        ),
    ] {
        put(&text);
        let loaded = load(&dir.path().join("k"), None).unwrap_or_else(|f| panic!("{text}: {}", first(f)));
        assert_eq!(loaded.keys[0].tag(), 3613, "RFC 8080, section 6.1");
    }
}

#[test]
fn pem_files_with_the_names_of_pairs_are_pem_files() {
    let dir = TempDir::new().unwrap();
    let new = keys::generate(&zone(), Role::Csk, Algorithm::Ed25519, None, &[], NOW).unwrap();
    for name in ["server.key", "server.private"] {
        secret(&dir.path().join(name), &new.text());
        assert_eq!(load(&dir.path().join(name), None).unwrap().keys[0].rdata(), new.rdata());
    }
}

#[test]
fn pairs_in_the_folder_of_keys_are_pointed_out() {
    let dir = TempDir::new().unwrap();
    for folder in [dir.path().to_owned(), dir.path().join("example.org")] {
        fs::create_dir_all(&folder).unwrap();
        let (base, pem) = exported(&folder, Role::Csk, Algorithm::Ed25519);
        fs::remove_file(pem).unwrap();
        let fault = first(keys::load_dir(dir.path(), &zone(), NOW).unwrap_err());
        assert!(fault.message().contains("but a key pair of BIND or ldns"), "{fault}");
        assert!(fault.advice().unwrap().contains("zoneseal key import --keys "), "{fault}");
        let other = NameBuf::from_text("example.net").unwrap();
        assert!(keys::load_dir(dir.path(), &other, NOW).unwrap().keys.is_empty());
        fs::remove_file(file(&base, "private")).unwrap();
    }
    let (_, pem) = exported(&dir.path().join("example.org"), Role::Csk, Algorithm::Ed25519);
    fs::rename(&pem, dir.path().join("example.org").join(pem.file_name().unwrap())).unwrap();
    assert_eq!(keys::load_dir(dir.path(), &zone(), NOW).unwrap().keys.len(), 1);
}

#[test]
fn who_else_can_read_a_pair_is_told() {
    let dir = TempDir::new().unwrap();
    let (base, _) = exported(dir.path(), Role::Ksk, Algorithm::Ed25519);
    assert!(load(&base, None).unwrap().warnings.is_empty());
    fs::set_permissions(file(&base, "private"), fs::Permissions::from_mode(0o644)).unwrap();
    let warnings = load(&base, None).unwrap().warnings;
    assert!(
        warnings[0].to_string().contains(".private: warning: the private key is open to others"),
        "{warnings:?}"
    );
}

#[test]
fn times_are_set_and_the_rest_of_the_file_stays() {
    use zoneseal::keys::edit::set_times;
    let dir = TempDir::new().unwrap();
    let new = keys::generate(&zone(), Role::Ksk, Algorithm::Ed25519, None, &[], NOW).unwrap();
    let armour = new.text().split_once("-----BEGIN").map(|(_, key)| format!("-----BEGIN{key}")).unwrap();
    let path = dir.path().join("k.pem");
    let later = Time(NOW.0 + 86_400);
    for end in ["\n", "\r\n"] {
        let before = format!(
            "# mine{end}zone : example.org{end}  Role: ksk{end}Publish: {NOW}{end}Owner: me{end}{armour}tail{end}"
        );
        secret(&path, &before);
        let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap());
        let old = inode(&path);
        let metadata =
            set_times(&path, &[("Activate", Some(NOW)), ("Retire", Some(later)), ("Publish", Some(NOW))])
                .unwrap();
        assert_eq!(
            (metadata.publish, metadata.activate, metadata.retire),
            (Some(NOW), Some(NOW), Some(later))
        );
        let publish = format!("Publish: {NOW}{end}");
        let after = before.replace(&publish, &format!("{publish}Activate: {NOW}{end}Retire: {later}{end}"));
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
        assert_ne!(inode(&path), old, "a new file in place of the old one");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        set_times(&path, &[("Activate", None), ("Retire", None), ("Remove", None)]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        let old = inode(&path);
        set_times(&path, &[("Remove", None)]).unwrap();
        assert_eq!(inode(&path), old, "nothing to change, nothing written");
    }
    // a bare key gets its first line
    secret(&path, &armour);
    set_times(&path, &[("Retire", Some(later))]).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("Retire: {later}\n{armour}"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no other file is left");

    std::os::unix::fs::symlink(&path, dir.path().join("link.pem")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    set_times(&dir.path().join("link.pem"), &[("Retire", None)]).unwrap();
    assert!(dir.path().join("link.pem").is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), armour);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn times_that_cannot_be_are_refused_and_the_file_stays() {
    use zoneseal::keys::edit::set_times;
    let dir = TempDir::new().unwrap();
    let new = keys::generate(&zone(), Role::Zsk, Algorithm::Ed25519, None, &[], NOW).unwrap();
    let path = keys::write_new(dir.path(), &new).unwrap();
    let (early, late) = (Some(Time(NOW.0 - 1)), Some(Time(NOW.0 + 1)));
    let before = fs::read(&path).unwrap();
    for (changes, message) in [
        (&[("Activate", early)][..], "the Activate time"),
        (&[("Retire", early)], "the Retire time"),
        (&[("Retire", late), ("Remove", Some(NOW))], "the Remove time"),
        (&[("Activate", None), ("Retire", None), ("Remove", early)], "before the Publish time"),
        (&[("DS-Published", late), ("DS-Withdrawn", Some(NOW))], "the DS-Withdrawn time"),
        (&[("Revoke", late)], "a zsk cannot be revoked"),
    ] {
        let fault = set_times(&path, changes).unwrap_err();
        assert!(fault.message().contains(message), "{fault}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    let both = dir.path().join("both.pem");
    secret(&both, &format!("{0}{0}", *new.text()));
    assert!(set_times(&both, &[("Retire", late)]).unwrap_err().message().contains("holds 2 keys"));
    let base = keys::write_pair(dir.path(), &new).unwrap();
    assert!(set_times(&base, &[("Retire", late)]).unwrap_err().advice().unwrap().contains("dnssec-settime"));
    // another process holds the lock
    let handle = fs::File::open(&path).unwrap();
    handle.lock().unwrap();
    assert!(set_times(&path, &[("Retire", late)]).unwrap_err().message().contains("another process"));
    drop(handle);
    set_times(&path, &[("Retire", late)]).unwrap();
}

/// Pairs that BIND, ldns and the examples of RFC 8080 made, in the corpus.
#[test]
fn pairs_of_the_corpus() {
    let Some(corpus) = common::corpus() else { return };
    let folder = corpus.join("vectors/keys-bind");
    let (mut good, mut refused) = (0, 0);
    for entry in walkdir::WalkDir::new(&folder).into_iter().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "private") {
            continue;
        }
        let public = fs::read_to_string(path.with_extension("key")).unwrap();
        let record = public.lines().find(|line| line.contains("DNSKEY")).unwrap();
        let words: Vec<&str> = record.split(';').next().unwrap().split_whitespace().collect();
        let at = words.iter().position(|word| *word == "DNSKEY").unwrap();
        let name = path.display();
        match keys::copy_file(path, None, None, NOW) {
            Ok(copies) => {
                let key = &copies.keys[0];
                let public = BASE64.decode(words[at + 4..].concat().as_bytes()).unwrap();
                assert_eq!(key.rdata()[4..], public, "{name}");
                assert_eq!(words[at + 1], key.role().flags().to_string(), "{name}");
                good += 1;
            }
            Err(faults) => {
                let fault = first(faults);
                let known =
                    ["5", "7", "16"].contains(&words[at + 3]) || fault.message().contains("bits cannot sign");
                assert!(known && fault.advice().is_some(), "{name}: {fault}");
                refused += 1;
            }
        }
    }
    assert!(good >= 8 && refused >= 8, "{good} read, {refused} refused");
}

#[test]
fn a_metadata_line_with_a_secret_stays_in_the_pem_file() {
    let dir = TempDir::new().unwrap();
    let mut new = keys::generate(&zone(), Role::Ksk, Algorithm::Ed25519, None, &[], NOW).unwrap();
    new.metadata = Metadata::parse("priv: 00:11:22:33\n    44:55:66:77\nOwner: me\n", "k").unwrap();
    assert_eq!(keys::bind::without_place(&new.metadata), 3);
    let base = keys::write_pair(dir.path(), &new).unwrap();
    for ending in ["key", "private"] {
        let text = fs::read_to_string(file(&base, ending)).unwrap();
        assert!(!text.contains("22:33") && !text.contains("66:77") && !text.contains("Owner"), "{text}");
    }
}

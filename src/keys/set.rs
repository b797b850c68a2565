//! The keys of a zone together: who signs what.
//!
//! In: the zone's [`Key`]s. Out: a [`KeySet`] of which RFC 4035, section 2.2, can be fulfilled: "There MUST be
//! an RRSIG for each `RRset` using at least one DNSKEY of each algorithm in the zone apex DNSKEY `RRset`."

use super::algorithm::Algorithm;
use super::key::{Key, Use};
use super::role::Role;
use crate::dns::{NameBuf, Rtype};
use crate::error::{Fault, Faults};

/// What of the rules for key sets is waived, and how its keys sign.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line, independent of the others"
)]
pub struct Options {
    /// Two keys of one algorithm may have the same key tag.
    pub allow_tag_collision: bool,
    /// An algorithm may lack a role; then all its keys that sign do the work of that role.
    pub allow_missing_role: bool,
    /// An algorithm may have published keys only, none that signs.
    pub allow_incomplete: bool,
    /// DNSKEY, CDS and CDNSKEY are signed with every key.
    pub sign_keys_with_all: bool,
    /// ECDSA signatures are made without random numbers: see [`Key::deterministic`].
    pub deterministic: bool,
}

/// The keys of one zone, in a fixed order: by algorithm, then KSK, CSK, ZSK, then key tag.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
    /// Indices of the keys that sign DNSKEY.
    dnskey: Vec<usize>,
    /// Of those that sign CDS and CDNSKEY: the same without the revoked ones.
    cds: Vec<usize>,
    /// Of those that sign everything else.
    data: Vec<usize>,
    warnings: Vec<Fault>,
}

impl KeySet {
    /// Puts keys of one zone together. A key that is given twice is kept once, with a warning.
    ///
    /// # Errors
    /// No keys; keys of two zones; the same key in two roles; an algorithm without a key that signs the keys
    /// or without one that signs the data; two keys of one algorithm with equal tags, now or once revoked.
    /// [`Options`] waives some of these.
    pub fn new(mut keys: Vec<Key>, options: Options) -> Result<Self, Faults> {
        let (mut faults, mut warnings) = (Faults::new(), Vec::new());
        keys.sort_by(|a, b| {
            let order = |key: &Key| (key.algorithm(), key.role(), key.tag());
            order(a).cmp(&order(b)).then_with(|| a.rdata().cmp(b.rdata()))
        });
        let Some(zone) = keys.first().map(|key| key.zone().clone()) else {
            return Err(Fault::error("there is no key to sign with")
                .hint("`zoneseal keygen ZONE` makes a pair of keys")
                .into());
        };
        if let Some(other) = keys.iter().find(|key| *key.zone() != zone) {
            let fault = Fault::error(format!("keys of two zones: {zone} and {}", other.zone()));
            return Err(fault.in_file(other.file()).into());
        }
        keys.dedup_by(|later, kept| {
            let same = later.rdata() == kept.rdata();
            if same {
                let told =
                    Fault::warning(format!("key {} is given twice: also in {}", kept.tag(), kept.file()));
                warnings.push(told.in_file(later.file()));
                // whichever of the two signs is the one to keep
                if later.usage() == Use::Signs && kept.usage() == Use::Published {
                    std::mem::swap(later, kept);
                }
            }
            same
        });
        if options.deterministic {
            keys.iter_mut().for_each(Key::deterministic);
        }
        check_pairs(&keys, options, &mut faults);
        for algorithm in algorithms(&keys) {
            check_algorithm(algorithm, &keys, options, &mut faults);
            if algorithm.not_recommended() {
                warnings.push(
                    Fault::warning(format!("signing with {algorithm} is not recommended (RFC 9904)"))
                        .hint("algorithm 13, ECDSAP256SHA256, is the usual choice"),
                );
            }
        }
        if faults.errors() > 0 {
            return Err(faults);
        }
        let signers = |wanted: &dyn Fn(&Key) -> bool| -> Vec<usize> {
            (0..keys.len())
                .filter(|&index| keys[index].usage() == Use::Signs && wanted(&keys[index]))
                .collect()
        };
        // the fallback is that of `allow_missing_role`: without it, check_algorithm has seen to every role
        let none = |of: &Key, does: fn(Role) -> bool| !has(&keys, of.algorithm(), does);
        let signs_keys =
            |key: &Key| key.role().signs_keys() || options.sign_keys_with_all || none(key, Role::signs_keys);
        let dnskey = signers(&signs_keys);
        let cds = signers(&|key| signs_keys(key) && !key.is_revoked());
        let data =
            signers(&|key| !key.is_revoked() && (key.role().signs_data() || none(key, Role::signs_data)));
        Ok(Self { keys, dnskey, cds, data, warnings })
    }

    /// All keys that are in the zone, signing or not.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The keys that sign records of this type: DNSKEY, CDS and CDNSKEY the KSKs and CSKs (RFC 7344, section
    /// 4.1, for the latter two), all else the ZSKs and CSKs. A revoked key signs DNSKEY alone.
    pub fn signers(&self, rtype: Rtype) -> impl Iterator<Item = &Key> {
        let list = match rtype {
            Rtype::DNSKEY => &self.dnskey,
            Rtype::CDS | Rtype::CDNSKEY => &self.cds,
            _ => &self.data,
        };
        list.iter().map(|&index| &self.keys[index])
    }

    /// The algorithms of the keys, by number.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        algorithms(&self.keys).into_iter()
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &NameBuf {
        self.keys[0].zone()
    }

    /// What is worth saying about the set.
    #[must_use]
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }
}

/// The algorithms of sorted keys, each once.
fn algorithms(keys: &[Key]) -> Vec<Algorithm> {
    let mut list: Vec<Algorithm> = keys.iter().map(Key::algorithm).collect();
    list.dedup();
    list
}

/// Whether a key of this algorithm, not revoked, signs what `does` tells of.
fn has(keys: &[Key], algorithm: Algorithm, does: fn(Role) -> bool) -> bool {
    keys.iter().any(|key| {
        key.algorithm() == algorithm && key.usage() == Use::Signs && !key.is_revoked() && does(key.role())
    })
}

fn check_algorithm(algorithm: Algorithm, keys: &[Key], options: Options, faults: &mut Faults) {
    let missing = match (has(keys, algorithm, Role::signs_keys), has(keys, algorithm, Role::signs_data)) {
        (true, true) => return,
        (false, false) if options.allow_incomplete => return,
        (false, false) => "no key that signs",
        _ if options.allow_missing_role => return,
        (false, true) => "no ksk that signs",
        (true, false) => "no zsk that signs",
    };
    let role = match missing {
        "no ksk that signs" => " --role ksk",
        "no zsk that signs" => " --role zsk",
        _ => "",
    };
    let number = algorithm.number();
    faults.push(
        Fault::error(format!(
            "{algorithm} has {missing}: every algorithm of the DNSKEY RRset must sign all of the zone (RFC 4035, \
             section 2.2)"
        ))
        .hint(format!(
            "`zoneseal keygen -a {number}{role} ZONE` makes one; a single key signs everything with --csk or \
             `Role: csk`, and with -U the keys of each algorithm do all its work; where a key is there, look at its Activate, Retire and Revoke times"
        )),
    );
}

/// Pairs that cannot be in one zone: the same key twice, and keys that a key tag does not tell apart.
fn check_pairs(keys: &[Key], options: Options, faults: &mut Faults) {
    for (index, one) in keys.iter().enumerate() {
        if faults.full() {
            return;
        }
        for other in keys[..index].iter().filter(|other| other.algorithm() == one.algorithm()) {
            if one.public_key() == other.public_key() {
                let fault = Fault::error(format!(
                    "the same key twice: as {} {} here, as {} {} in {}",
                    one.role(),
                    one.tag(),
                    other.role(),
                    other.tag(),
                    other.file()
                ));
                faults.push(fault.in_file(one.file()).hint("one key that signs everything is a csk"));
            } else if !options.allow_tag_collision
                && let Some(tag) = tags(one).find(|tag| tags(other).any(|theirs| theirs == *tag))
            {
                let fault = Fault::error(format!(
                    "two {} keys share the key tag {tag}, now or once revoked: the other is in {}",
                    one.algorithm(),
                    other.file()
                ));
                faults.push(
                    fault
                        .in_file(one.file())
                        .hint("make another key in place of one of them, or say --allow-tag-collision"),
                );
            }
        }
    }
}

/// The tags a key has or may come to have: a ZSK is never revoked.
fn tags(key: &Key) -> impl Iterator<Item = u16> {
    std::iter::once(key.tag()).chain(key.role().signs_keys().then(|| key.revoked_tag()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::time::Time;
    use crate::keys::generate::{NewKey, generate};
    use crate::keys::{Stage, pem};

    const NOW: Time = Time(1_000_000_000);

    fn new(role: Role, algorithm: Algorithm) -> NewKey {
        let mut new = generate(&NameBuf::root(), role, algorithm, None, &[], NOW).unwrap();
        (new.metadata.publish, new.metadata.activate) = (None, None);
        new
    }

    /// The key that a file with this text and name holds, as its times have it.
    fn key(new: &NewKey, file: &str) -> Key {
        let pem = pem::parse(new.text().as_bytes(), file).unwrap().remove(0);
        let role = pem.metadata.role.unwrap();
        Key::new(pem, &NameBuf::root(), role, file).unwrap().at(NOW).unwrap().unwrap()
    }

    fn fault(keys: Vec<Key>, options: Options) -> Fault {
        KeySet::new(keys, options).unwrap_err().into_iter().next().unwrap()
    }

    const P256: Algorithm = Algorithm::EcdsaP256Sha256;
    const ED: Algorithm = Algorithm::Ed25519;

    #[test]
    fn each_role_signs_its_own_and_the_order_is_fixed() {
        let (ksk, zsk, csk) = (new(Role::Ksk, P256), new(Role::Zsk, P256), new(Role::Csk, ED));
        let keys = || vec![key(&csk, "c"), key(&zsk, "z"), key(&ksk, "k")];
        for rotate in 0..3 {
            let mut keys = keys();
            keys.rotate_left(rotate);
            let set = KeySet::new(keys, Options::default()).unwrap();
            let signers = |rtype| set.signers(rtype).map(Key::file).collect::<Vec<_>>();
            assert_eq!(set.keys().iter().map(Key::file).collect::<Vec<_>>(), ["k", "z", "c"]);
            assert_eq!(signers(Rtype::DNSKEY), ["k", "c"]);
            assert_eq!(signers(Rtype::CDS), ["k", "c"]);
            assert_eq!(signers(Rtype::SOA), ["z", "c"]);
            assert_eq!(set.algorithms().collect::<Vec<_>>(), [P256, ED]);
            assert!(set.warnings().is_empty() && set.zone().as_name().is_root());
        }
        let all = KeySet::new(keys(), Options { sign_keys_with_all: true, ..Options::default() }).unwrap();
        assert_eq!(all.signers(Rtype::CDNSKEY).count(), 3);
        assert_eq!(all.signers(Rtype::NS).count(), 2);
    }

    #[test]
    fn a_missing_role_is_refused_or_filled_in() {
        let keys = || vec![key(&new(Role::Csk, ED), "c"), key(&new(Role::Zsk, P256), "z")];
        let told = fault(keys(), Options::default());
        assert!(told.message().contains("ECDSAP256SHA256 has no ksk that signs"), "{told}");
        assert!(told.advice().unwrap().contains("-a 13 --role ksk"), "{told}");
        let set = KeySet::new(keys(), Options { allow_missing_role: true, ..Options::default() }).unwrap();
        assert_eq!(set.signers(Rtype::DNSKEY).map(Key::file).collect::<Vec<_>>(), ["z", "c"]);
        assert!(fault(vec![], Options::default()).message().contains("no key"));
    }

    #[test]
    fn published_and_revoked_keys_do_not_count() {
        let mut early = new(Role::Csk, P256);
        early.metadata.activate = Some(Time(NOW.0 + 1));
        let keys = || vec![key(&new(Role::Csk, ED), "c"), key(&early, "e")];
        assert!(fault(keys(), Options::default()).message().contains("no key that signs"));
        let set = KeySet::new(keys(), Options { allow_incomplete: true, ..Options::default() }).unwrap();
        assert_eq!((set.keys().len(), set.signers(Rtype::DNSKEY).count()), (2, 1));

        let mut revoked = new(Role::Csk, ED);
        revoked.metadata.revoke = Some(NOW);
        assert_eq!(revoked.metadata.stage(NOW), Stage::Revoked);
        assert!(fault(vec![key(&revoked, "r")], Options::default()).message().contains("no key that signs"));
        let keys = vec![key(&revoked, "r"), key(&new(Role::Csk, ED), "c")];
        let set = KeySet::new(keys, Options { allow_tag_collision: true, ..Options::default() }).unwrap();
        let signers = |rtype| set.signers(rtype).filter(|key| key.is_revoked()).count();
        assert_eq!([Rtype::DNSKEY, Rtype::CDS, Rtype::CDNSKEY, Rtype::SOA].map(signers), [1, 0, 0, 0]);
    }

    #[test]
    fn the_same_key_twice() {
        let csk = new(Role::Csk, ED);
        let set = KeySet::new(vec![key(&csk, "a"), key(&csk, "b")], Options::default()).unwrap();
        assert_eq!((set.keys().len(), set.warnings().len()), (1, 1));
        let mut pem = pem::parse(csk.text().as_bytes(), "z").unwrap().remove(0);
        (pem.metadata.role, pem.metadata.key_tag) = (Some(Role::Zsk), None);
        let as_zsk = Key::new(pem, &NameBuf::root(), Role::Zsk, "z").unwrap();
        let told = fault(vec![key(&csk, "a"), as_zsk], Options::default());
        assert!(told.message().contains("the same key twice"), "{told}");
    }

    #[test]
    fn equal_tags_are_refused() {
        // the birthday paradox: among a few hundred keys two share one of 65536 tags
        let mut made: Vec<NewKey> = Vec::new();
        let (one, other) = loop {
            let next = new(Role::Csk, ED);
            if let Some(found) =
                made.iter().position(|key| [key.tag(), key.revoked_tag()].contains(&next.tag()))
            {
                break (made.swap_remove(found), next);
            }
            made.push(next);
        };
        let keys = || vec![key(&one, "a"), key(&other, "b")];
        let told = fault(keys(), Options::default());
        assert!(told.message().contains("share the key tag"), "{told}");
        assert!(KeySet::new(keys(), Options { allow_tag_collision: true, ..Options::default() }).is_ok());
        // and a new key keeps clear of the tags of others
        let taken: Vec<u16> = (0..=u16::MAX).filter(|tag| tag % 4 != 0).collect();
        let clear = generate(&NameBuf::root(), Role::Ksk, ED, None, &taken, NOW);
        assert!(clear.is_ok_and(|key| key.tag() % 4 == 0 && key.revoked_tag() % 4 == 0));
        let all: Vec<u16> = (0..=u16::MAX).collect();
        assert!(generate(&NameBuf::root(), Role::Ksk, ED, None, &all, NOW).is_err());
    }

    #[test]
    fn deterministic_keys_sign_a_message_in_one_way() {
        let csk = new(Role::Csk, P256);
        let sign = |options: Options| {
            let set = KeySet::new(vec![key(&csk, "c")], options).unwrap();
            let mut signature = Vec::new();
            set.keys()[0].sign(b"message", &mut signature).unwrap();
            signature
        };
        let fixed = || sign(Options { deterministic: true, ..Options::default() });
        assert_eq!(fixed(), fixed());
        assert_ne!(sign(Options::default()), fixed());
    }

    #[test]
    fn what_is_not_recommended_is_said() {
        let rsa = new(Role::Csk, Algorithm::RsaSha512);
        let set = KeySet::new(vec![key(&rsa, "r")], Options::default()).unwrap();
        assert!(set.warnings()[0].message().contains("RSASHA512 is not recommended"));
    }
}

//! The zones that are measured: made anew wherever they are needed, the same octets every time.
//!
//! | name | what | text |
//! |---|---|---|
//! | `hosts` | one zone of 100 000 hosts, as people write them: relative names, owners left out | 8 MB |
//! | `tld` | one zone of 1 000 000 delegations, as registries dump them: full names, owner, TTL and class on every line | 127 MB |
//! | `many` | 2 000 zones of some 15 records each | 1 MB |
//!
//! A scale makes all of them larger or smaller.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The files made: each zone's name and where it is.
#[derive(Debug)]
pub(crate) struct Zones {
    /// The zone `hosts.test`.
    pub(crate) hosts: PathBuf,
    /// The zone `tld`.
    pub(crate) tld: PathBuf,
    /// The zones `zN.many.test`, each in the file of its name.
    pub(crate) many: Vec<PathBuf>,
}

/// Makes all zones in `dir`; at scale 1 they have the sizes above.
pub(crate) fn make(dir: &Path, scale: f64) -> io::Result<Zones> {
    let many = dir.join("many");
    fs::create_dir_all(&many)?;
    let zones = Zones {
        hosts: dir.join("hosts.test.zone"),
        tld: dir.join("tld.zone"),
        many: (0..scaled(2_000, scale)).map(|n| many.join(format!("z{n}.many.test.zone"))).collect(),
    };
    write(&zones.hosts, |out| hosts(scaled(100_000, scale), out))?;
    make_tld(&zones.tld, scale)?;
    for (seed, path) in (0..).zip(&zones.many) {
        write(path, |out| small(seed, out))?;
    }
    Ok(zones)
}

/// Makes the zone `tld` alone.
pub(crate) fn make_tld(path: &Path, scale: f64) -> io::Result<()> {
    write(path, |out| tld(scaled(1_000_000, scale), out))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are small and positive")]
fn scaled(size: u32, scale: f64) -> u64 {
    (f64::from(size) * scale).ceil().max(1.0) as u64
}

fn write(path: &Path, zone: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    zone(&mut out)?;
    out.flush()
}

/// Hosts with A and AAAA; every tenth has a TXT of two strings, every twentieth an MX, and every fiftieth
/// a service at a name of its own: 2.17 records a host.
fn hosts(count: u64, out: &mut impl Write) -> io::Result<()> {
    let mut random = Random(1);
    out.write_all(b"$ORIGIN hosts.test.\n$TTL 3600\n")?;
    out.write_all(b"@\tIN\tSOA\tns1 hostmaster ( 2026010100 7200 900 1209600 3600 )\n")?;
    out.write_all(b"\tIN\tNS\tns1\n\tIN\tNS\tns2\nns1\tIN\tA\t192.0.2.1\nns2\tIN\tA\t192.0.2.2\n")?;
    for n in 0..count {
        let name = random.word(4, 9);
        writeln!(out, "{name}-{n}\tIN\tA\t10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255)?;
        writeln!(out, "\tIN\tAAAA\t2001:db8:{:x}::{:x}", random.below(65536), random.below(65536))?;
        if n % 10 == 0 {
            writeln!(out, "\tIN\tTXT\t\"v=spf1 ip4:10.0.0.0/8 -all\" \"host {name}\"")?;
        }
        if n % 20 == 0 {
            writeln!(out, "\tIN\tMX\t10 mail{}.hosts.test.", random.below(100))?;
        }
        if n % 50 == 0 {
            writeln!(out, "_sip._tcp.{name}-{n}\tIN\tSRV\t0 5 5060 {name}-{n}")?;
        }
    }
    Ok(())
}

/// Delegations with two NS each; three in ten have both servers' addresses in the zone, A at the one and
/// AAAA at the other; every tenth has a DS.
fn tld(count: u64, out: &mut impl Write) -> io::Result<()> {
    let mut random = Random(2);
    out.write_all(b"tld.\t3600\tIN\tSOA\ta.nic.tld. dns.nic.tld. 2026010100 1800 900 604800 86400\n")?;
    out.write_all(b"tld.\t3600\tIN\tNS\ta.nic.tld.\na.nic.tld.\t3600\tIN\tA\t192.0.2.1\n")?;
    for n in 0..count {
        let name = format!("{}{}", random.word(3, 8), base36(n));
        let glue = n % 10 < 3;
        let hoster = random.below(5_000);
        for server in 1..=2 {
            if glue {
                writeln!(out, "{name}.tld.\t3600\tIN\tNS\tns{server}.{name}.tld.")?;
            } else {
                writeln!(out, "{name}.tld.\t3600\tIN\tNS\tns{server}.host{hoster}.net.")?;
            }
        }
        if n % 10 == 5 {
            let digest = [random.next(), random.next(), random.next(), random.next()];
            write!(out, "{name}.tld.\t3600\tIN\tDS\t{} 13 2 ", random.below(65536))?;
            digest.iter().try_for_each(|part| write!(out, "{part:016X}"))?;
            out.write_all(b"\n")?;
        }
        if glue {
            let (a, b) = (random.below(256), random.below(65536));
            writeln!(out, "ns1.{name}.tld.\t3600\tIN\tA\t198.51.{}.{a}", b & 255)?;
            writeln!(out, "ns2.{name}.tld.\t3600\tIN\tAAAA\t2001:db8:{b:x}::{a:x}")?;
        }
    }
    Ok(())
}

/// What a small web site has.
fn small(seed: u64, out: &mut impl Write) -> io::Result<()> {
    let mut random = Random(1_000 + seed);
    writeln!(out, "$ORIGIN z{seed}.many.test.\n$TTL 1h")?;
    out.write_all(b"@ IN SOA ns1.provider.test. hostmaster ( 2026010100 4h 1h 2w 1h )\n")?;
    out.write_all(b"@ IN NS ns1.provider.test.\n@ IN NS ns2.provider.test.\n")?;
    let web = format!("203.0.113.{}", random.below(256));
    writeln!(out, "@ IN A {web}\n@ IN AAAA 2001:db8::{:x}", random.below(65536))?;
    out.write_all(b"@ IN MX 10 mx1.provider.test.\n@ IN MX 20 mx2.provider.test.\n")?;
    out.write_all(b"@ IN TXT \"v=spf1 mx -all\"\n@ IN CAA 0 issue \"ca.example\"\n")?;
    writeln!(out, "www IN A {web}\nftp IN CNAME www\n_dmarc IN TXT \"v=DMARC1; p=reject\"")?;
    for _ in 0..random.below(6) {
        writeln!(out, "{}{} IN A {web}", random.word(3, 8), random.below(1000))?;
    }
    Ok(())
}

/// Four digits, which tell names apart.
fn base36(number: u64) -> String {
    let digit = |power| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number / power % 36) as usize]);
    [46_656, 1_296, 36, 1].into_iter().map(digit).collect()
}

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A word of `min` to `max` letters.
    fn word(&mut self, min: u64, max: u64) -> String {
        let length = min + self.below(max - min + 1);
        (0..length).map(|_| char::from(b'a' + self.below(26).to_le_bytes()[0])).collect()
    }
}

//! Two years of cron over one zone that changes now and then, while its ZSK is rolled by pre-publication, and its KSK by
//! double signatures (RFC 7583, sections 3.2.1 and 3.3.2; RFC 6781, section 4.1), all by key times that were set long
//! before. The parent has the new DS on time, 30 days late, or never.
//!
//! By default it runs once a day, and every hour for a week around each key event; with `ZONESEAL_SOAK=1` every hour all
//! the time. What the journeys have in common is travelled once: [`until_the_swap`] all three, [`without_the_swap`] two.
//! The keys are RSA: what takes most of the time is that everything is verified so often, and RSA is fastest at that.

use crate::common::random::Random;
use crate::journey::{Journey, key_of};
use crate::judges::Judges;
use crate::resolver::DS_TTL;
use crate::site::{DAY, HOUR, START, Site, after};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use zoneseal::dns::time::Time;

const ZONE: &str = "travel.example";
const HOSTS: usize = 255;
const ALGORITHM: &str = "8";
/// When the parent that never swaps does so.
const FAR: Time = Time(1 << 40);
/// Days from the start.
const YEARS: i64 = 730;
const ZSK_MADE: i64 = 130;
const ZSK_PUBLISHED: i64 = 140;
const ZSK_ACTIVE: i64 = 143;
const ZSK_REMOVED: i64 = 146;
const KSK_MADE: i64 = 390;
const KSK_ACTIVE: i64 = 400;
/// From here on one journey is another than the two others.
const PARTING: i64 = 411;
const SWAP_ON_TIME: i64 = 415;
const KSK_RETIRED: i64 = 430;
const KSK_REMOVED: i64 = 433;
/// From here on these two differ.
const LAST_PARTING: i64 = 456;
const SWAP_LATE: i64 = KSK_RETIRED + 30;

/// A part of a journey: its first day, the one after its last, and the days of key events in it. Around these, `run` is
/// called every hour for a week.
type Part = (i64, i64, &'static [i64]);
const FIRST: Part = (0, PARTING, &[0, ZSK_PUBLISHED, ZSK_ACTIVE, ZSK_REMOVED, KSK_ACTIVE]);
const ON_TIME: Part = (PARTING, YEARS, &[SWAP_ON_TIME, KSK_RETIRED, KSK_REMOVED]);
const UNSWAPPED: Part = (PARTING, LAST_PARTING, &[KSK_RETIRED, KSK_REMOVED]);
const LATE: Part = (LAST_PARTING, YEARS, &[SWAP_LATE]);
const NEVER: Part = (LAST_PARTING, YEARS, &[]);

/// The largest TTL of the zone.
const TTL: u32 = 86_400;
/// A quarter of the validity; the SOA's expire of 5 days, the largest TTL and an hour are less.
const REFRESH: i64 = VALIDITY / 4;
/// How long new signatures hold: the default of `run`.
const VALIDITY: i64 = 28 * DAY;

/// So many steps are given to the outside judges, of those of all three journeys together, beside the key events: about a
/// hundred of each.
const JUDGED: usize = 300;

/// The moments at which `run` is called in a part of a journey.
fn moments((from, to, events): Part) -> Vec<Time> {
    let soak = std::env::var_os("ZONESEAL_SOAK").is_some();
    let near = |hour: i64| events.iter().any(|event| (hour - event * 24).abs() <= 84);
    let hours = (from * 24..to * 24).filter(|&hour| soak || hour % 24 == 0 || near(hour));
    hours.map(|hour| after(START, hour * HOUR)).collect()
}

fn day(number: i64) -> Time {
    after(START, number * DAY)
}

/// The zone's content, which changes now and then.
#[derive(Clone)]
struct Content {
    hosts: BTreeMap<usize, usize>,
    serial: u32,
    edits: usize,
}

impl Content {
    fn text(&self) -> String {
        let (serial, edits) = (self.serial, self.edits);
        let mut text = format!(
            "; edit {edits}\n$TTL 1h\n@ SOA ns1 hostmaster {serial} 6h 1h 5d 1h\n@ NS ns1\n@ 1d MX 10 mail\nns1 A 192.0.2.1\nmail 1d A 192.0.2.2\n"
        );
        for (host, address) in &self.hosts {
            writeln!(text, "h{host} A 192.0.2.{address}").expect("a String can be written");
        }
        text
    }

    /// One edit of its owner; some of them change words alone.
    fn edit(&mut self, random: &mut Random) {
        self.edits += 1;
        let host = random.below(HOSTS + 40);
        match random.below(6) {
            0 => {}
            1 => self.serial += 3,
            2 => drop(self.hosts.remove(&host)),
            _ => drop(self.hosts.insert(host, random.below(256))),
        }
    }
}

/// A journey, and all that its steps need.
struct Trip {
    journey: Journey,
    content: Content,
    random: u64,
    last: Time,
    judged: usize,
    ksk: PathBuf,
    zsk: PathBuf,
    new_ksk: Option<PathBuf>,
    new_zsk: Option<PathBuf>,
}

impl Trip {
    /// Goes on through a part. The parent has the new DS at `swapped`.
    fn go(&mut self, part: Part, swapped: Time) {
        // an hour until it is seen at all servers of the parent, and then the caches
        let free = after(swapped, HOUR + DS_TTL);
        let judges = Judges::here();
        let mut random = Random(self.random);
        for now in moments(part) {
            // an edit every 20 days or so
            let hours = usize::try_from((now.0 - self.last.0) / HOUR).expect("time goes on");
            self.last = now;
            if random.below(480) < hours {
                self.content.edit(&mut random);
                self.journey.site.zone(ZONE, &self.content.text());
            }
            self.look(now, free);
            self.make_keys(now);
            self.tell_parent(now, swapped);
            let refused = now >= day(KSK_RETIRED) && now < free;
            let outcome = self.journey.step(now, i32::from(refused));
            assert_eq!(outcome.stderr.contains("goes on: "), refused, "{}", outcome.describe());
            if part.2.iter().any(|&event| now == day(event)) || chosen(now) {
                let signed = self.journey.site.signed(ZONE);
                judges.accept(self.journey.site.folder(), &signed, ZONE, now);
                self.judged += 1;
            }
        }
        self.random = random.0;
    }

    /// What the last step has left.
    fn look(&self, now: Time, free: Time) {
        let served = self.journey.served();
        let old = [&self.ksk, &self.zsk].map(|key| key_of(key));
        if now > START {
            let signs = served.dnskey_signers.contains_key(&old[0]);
            assert_eq!(signs, now <= day(KSK_RETIRED).max(free), "the old KSK at {now}");
            let signs = served.data_signers().contains(&old[1]);
            assert_eq!(signs, now <= day(ZSK_ACTIVE), "the old ZSK at {now}");
            assert_eq!(served.dnskeys.contains_key(&old[1]), now <= day(ZSK_REMOVED), "the old ZSK at {now}");
        }
    }

    /// The owner of the zone makes new keys long before they are needed, and sets the times of the old ones.
    fn make_keys(&mut self, now: Time) {
        let site = &self.journey.site;
        let made = |role: &str, publish: i64, activate: i64, retire: i64, remove: i64, old: &PathBuf| {
            let [publish, activate, retire, remove] =
                [publish, activate, retire, remove].map(|at| day(at).to_string());
            let times = ["--publish", &publish, "--activate", &activate];
            let key = site.keygen(now, &[&["-a", ALGORITHM, "--role", role], &times[..], &[ZONE]].concat());
            site.set(now, old, &["--retire", &retire, "--remove", &remove]);
            key.into_iter().next()
        };
        if now == day(ZSK_MADE) {
            self.new_zsk = made("zsk", ZSK_PUBLISHED, ZSK_ACTIVE, ZSK_ACTIVE, ZSK_REMOVED, &self.zsk);
        }
        if now == day(KSK_MADE) {
            self.new_ksk = made("ksk", KSK_ACTIVE, KSK_ACTIVE, KSK_RETIRED, KSK_REMOVED, &self.ksk);
        }
    }

    /// The parent gets the first DS as soon as the file for it has one, and the new one in the place of the old one.
    fn tell_parent(&mut self, now: Time, swapped: Time) {
        let (journey, ksk) = (&mut self.journey, &self.ksk);
        if journey.resolvers.parent().is_empty() && !journey.wanted().is_empty() {
            journey.swap(now, &[key_of(ksk)], &[ksk], &[]);
        }
        if now == swapped {
            let new = self.new_ksk.as_ref().expect("it was made");
            journey.swap(now, &[key_of(new)], &[new], &[ksk]);
        }
    }

    fn fork(&self) -> Self {
        Self {
            journey: self.journey.fork(),
            content: self.content.clone(),
            ksk: self.ksk.clone(),
            zsk: self.zsk.clone(),
            new_ksk: self.new_ksk.clone(),
            new_zsk: self.new_zsk.clone(),
            ..*self
        }
    }
}

/// Whether the outside judges are asked at this step: so many of all, chosen by a hash.
fn chosen(now: Time) -> bool {
    static ALL: OnceLock<usize> = OnceLock::new();
    let parts = [FIRST, ON_TIME, UNSWAPPED, LATE, NEVER];
    let all = *ALL.get_or_init(|| parts.iter().map(|&part| moments(part).len()).sum());
    let mut random = Random(now.0.cast_unsigned());
    for _ in 0..8 {
        random.below(1);
    }
    random.below(all) < JUDGED
}

/// A copy of what is travelled once for several journeys.
fn shared(trip: &OnceLock<Mutex<Trip>>, first: impl FnOnce() -> Trip) -> Trip {
    let trip = trip.get_or_init(|| Mutex::new(first()));
    trip.lock().unwrap_or_else(PoisonError::into_inner).fork()
}

/// The first DS, the roll of the ZSK, the new KSK.
fn until_the_swap() -> Trip {
    static TRIP: OnceLock<Mutex<Trip>> = OnceLock::new();
    shared(&TRIP, || {
        let site = Site::new();
        let content = Content { hosts: (0..HOSTS).map(|host| (host, 3)).collect(), serial: 1, edits: 0 };
        site.zone(ZONE, &content.text());
        let mut keys = site.keygen(START, &["-a", ALGORITHM, ZONE]).into_iter();
        let mut key = || keys.next().expect("a pair of keys");
        let (ksk, zsk) = (key(), key());
        let journey = Journey::new(site, ZONE, TTL);
        let (new_ksk, new_zsk) = (None, None);
        let mut trip =
            Trip { journey, content, random: 77, last: START, judged: 0, ksk, zsk, new_ksk, new_zsk };
        trip.go(FIRST, FAR);
        trip
    })
}

/// The old KSK is to retire, and the parent has not got the new one.
fn without_the_swap() -> Trip {
    static TRIP: OnceLock<Mutex<Trip>> = OnceLock::new();
    shared(&TRIP, || {
        let mut trip = until_the_swap();
        trip.go(UNSWAPPED, FAR);
        trip
    })
}

/// Goes on to the end, where these keys are left, and tells the numbers.
fn travel(name: &str, mut trip: Trip, part: Part, swapped: Time) {
    trip.go(part, swapped);
    let [ksk, zsk] = [&trip.new_ksk, &trip.new_zsk].map(|key| key_of(key.as_ref().expect("it was made")));
    let mut entries = vec![ksk];
    entries.extend((swapped == FAR).then(|| key_of(&trip.ksk)));
    entries.sort_unstable();
    let served = trip.journey.served();
    assert!(served.dnskey_signers.keys().eq(&entries), "{:?}", served.dnskey_signers);
    assert_eq!(served.data_signers(), [zsk].into());
    assert_eq!(served.dnskeys.len(), entries.len() + 1);
    report(name, &trip);
}

/// The numbers, and the bounds that they must keep.
fn report(name: &str, trip: &Trip) {
    let counts = trip.journey.counts;
    let number = |count: usize| f64::from(u32::try_from(count).expect("a small number"));
    let days = |seconds: i64| f64::from(i32::try_from(seconds).expect("not 68 years")) / 86_400.0;
    let signatures = counts.weight / 86_400.0 / days(YEARS * DAY);
    let bound = 1.1 * signatures / days(VALIDITY - REFRESH);
    let a_day = number(counts.made) / days(YEARS * DAY);
    println!(
        "{name}: {} steps, {} of them refused, {} versions; {signatures:.0} signatures that hold for {} days and are made anew {} \
         days before they end; {a_day:.2} made a day, at most {bound:.2}; at most {:.1} % end in one hour; {} pairs of sets in \
         caches; outside judges at {} steps",
        counts.steps,
        counts.refused,
        counts.versions,
        days(VALIDITY),
        days(REFRESH),
        counts.crowd * 100.0,
        trip.journey.resolvers.looked_at,
        trip.judged,
    );
    assert!(signatures > 500.0, "the zone is large enough: {signatures}");
    assert!(a_day <= bound, "{a_day} signatures a day, and at most {bound}");
    assert!(counts.crowd < 0.1, "expirations are spread: {} % in one hour", counts.crowd * 100.0);
}

#[test]
fn the_parent_swaps_on_time() {
    travel("on time", until_the_swap(), ON_TIME, day(SWAP_ON_TIME));
}

#[test]
fn the_parent_swaps_a_month_late() {
    travel("late", without_the_swap(), LATE, day(SWAP_LATE));
}

#[test]
fn the_parent_never_swaps() {
    travel("never", without_the_swap(), NEVER, FAR);
}

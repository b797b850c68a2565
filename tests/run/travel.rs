//! Two years of cron over one zone that changes now and then, while its ZSK is rolled by pre-publication, and its KSK by
//! double signatures (RFC 7583, sections 3.2.1 and 3.3.2; RFC 6781, section 4.1), all by key times that were set long
//! before. The parent has the new DS on time, 30 days late, or never.
//!
//! By default it runs once a day, and every hour around each key event; with `ZONESEAL_SOAK=1` every hour all the time.
//! The three journeys are one until the new KSK comes: that part is travelled once.

use crate::common::random::Random;
use crate::journey::{Counts, Journey, key_of};
use crate::judges::Judges;
use crate::resolver::DS_TTL;
use crate::site::{DAY, HOUR, START, Site, after};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use zoneseal::dns::time::Time;

const ZONE: &str = "travel.example";
const HOSTS: usize = 255;
/// Days from the start.
const YEARS: i64 = 730;
const ZSK_MADE: i64 = 130;
const ZSK_PUBLISHED: i64 = 140;
const ZSK_ACTIVE: i64 = 143;
const ZSK_REMOVED: i64 = 146;
/// From here on the journeys are three.
const PARTING: i64 = 390;
const KSK_ACTIVE: i64 = 400;
const SWAP_ON_TIME: i64 = 415;
const KSK_RETIRED: i64 = 430;
const KSK_REMOVED: i64 = 433;
const SWAP_LATE: i64 = KSK_RETIRED + 30;
/// Around these, `run` is called every hour for a week.
const EVENTS: [i64; 9] = [
    0,
    ZSK_PUBLISHED,
    ZSK_ACTIVE,
    ZSK_REMOVED,
    KSK_ACTIVE,
    SWAP_ON_TIME,
    KSK_RETIRED,
    KSK_REMOVED,
    SWAP_LATE,
];

/// The largest TTL of the zone.
const TTL: u32 = 86_400;
/// A quarter of the validity; the SOA's expire of 5 days, the largest TTL and an hour are less.
const REFRESH: i64 = VALIDITY / 4;
/// How long new signatures hold: the default of `run`.
const VALIDITY: i64 = 28 * DAY;

/// So many steps are given to the outside judges, of those of all journeys together, beside the key events.
const JUDGED: usize = 100;

/// When the parent has the new DS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parent {
    OnTime,
    Late,
    Never,
}

/// The moments at which `run` is called, from one day up to another.
fn moments(from: i64, to: i64) -> Vec<Time> {
    let soak = std::env::var_os("ZONESEAL_SOAK").is_some();
    let near = |hour: i64| EVENTS.iter().any(|event| (hour - event * 24).abs() <= 84);
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
    ksk: PathBuf,
    zsk: PathBuf,
    new_zsk: Option<PathBuf>,
    judged: usize,
}

impl Trip {
    /// Goes on up to a day. `refuses` tells at which moments `run` must say no; `meet` does what is to be done before
    /// a step.
    fn go(&mut self, steps: &[Time], refuses: impl Fn(Time) -> bool, mut meet: impl FnMut(&mut Self, Time)) {
        let judges = Judges::here();
        let mut random = Random(self.random);
        let mut last = steps[0];
        for &now in steps {
            // an edit every 10 days or so
            let hours = usize::try_from((now.0 - last.0) / HOUR).expect("time goes on");
            last = now;
            if random.below(240) < hours {
                self.content.edit(&mut random);
                self.journey.site.zone(ZONE, &self.content.text());
            }
            meet(self, now);
            let outcome = self.journey.step(now, i32::from(refuses(now)));
            if refuses(now) {
                assert!(outcome.stderr.contains("goes on: "), "{}", outcome.describe());
            }
            let event = EVENTS.iter().any(|&event| now == day(event));
            if event || chosen(now) {
                let signed = self.journey.site.signed(ZONE);
                judges.accept(self.journey.site.folder(), &signed, ZONE, now);
                self.judged += 1;
            }
        }
        self.random = random.0;
    }

    fn fork(&self) -> Self {
        Self {
            journey: self.journey.fork(),
            content: self.content.clone(),
            ksk: self.ksk.clone(),
            zsk: self.zsk.clone(),
            new_zsk: self.new_zsk.clone(),
            ..*self
        }
    }
}

/// Whether the outside judges are asked at this step: so many of all, chosen by a hash, so that it depends on nothing.
fn chosen(now: Time) -> bool {
    static ALL: OnceLock<usize> = OnceLock::new();
    let all = *ALL.get_or_init(|| moments(0, PARTING).len() + 3 * moments(PARTING, YEARS).len());
    let mut random = Random(now.0.cast_unsigned());
    for _ in 0..8 {
        random.below(1);
    }
    random.below(all) < JUDGED
}

/// Until the new KSK is made: the first DS, the roll of the ZSK.
fn first_part() -> MutexGuard<'static, Trip> {
    static TRIP: OnceLock<Mutex<Trip>> = OnceLock::new();
    let trip = TRIP.get_or_init(|| {
        let site = Site::new();
        let content = Content { hosts: (0..HOSTS).map(|host| (host, 3)).collect(), serial: 1, edits: 0 };
        site.zone(ZONE, &content.text());
        let keys = site.keygen(START, &[ZONE]);
        let (ksk, zsk) = (keys[0].clone(), keys[1].clone());
        let journey = Journey::new(site, ZONE, TTL);
        let mut trip = Trip { journey, content, random: 77, ksk, zsk, new_zsk: None, judged: 0 };
        trip.go(&moments(0, PARTING), |_| false, |trip, now| {
            let journey = &mut trip.journey;
            if journey.resolvers.parent().is_empty() && !journey.wanted().is_empty() {
                let key = journey.key(&trip.ksk);
                journey.swap(now, &[key], &[&trip.ksk], &[]);
            }
            if now == day(ZSK_MADE) {
                let [publish, activate] = [ZSK_PUBLISHED, ZSK_ACTIVE].map(|at| day(at).to_string());
                let arguments = ["--role", "zsk", "--publish", &publish, "--activate", &activate, ZONE];
                trip.new_zsk = journey.site.keygen(now, &arguments).pop();
                let remove = day(ZSK_REMOVED).to_string();
                journey.site.set(now, &trip.zsk, &["--retire", &activate, "--remove", &remove]);
            }
            let served = journey.served();
            if let Some(new) = trip.new_zsk.as_ref().filter(|_| now > day(ZSK_REMOVED)) {
                assert_eq!(served.data_signers(), [key_of(new)].into());
                assert_eq!(served.dnskeys.len(), 2);
            }
        });
        let new = trip.new_zsk.as_ref().expect("a new ZSK was made");
        assert_eq!(trip.journey.served().data_signers(), [key_of(new)].into());
        Mutex::new(trip)
    });
    trip.lock().unwrap_or_else(PoisonError::into_inner)
}

fn travel(parent: Parent) {
    let mut trip = first_part().fork();
    let (before, judged) = (trip.journey.counts, trip.judged);
    let [activate, retire, remove] = [KSK_ACTIVE, KSK_RETIRED, KSK_REMOVED].map(|at| day(at).to_string());
    let site = &trip.journey.site;
    let arguments = ["--role", "ksk", "--publish", &activate, "--activate", &activate, ZONE];
    let new = site.keygen(day(PARTING), &arguments).pop().expect("a key");
    site.set(day(PARTING), &trip.ksk, &["--retire", &retire, "--remove", &remove]);
    let swapped = match parent {
        Parent::OnTime => day(SWAP_ON_TIME),
        Parent::Late => day(SWAP_LATE),
        Parent::Never => Time(i64::MAX / 2),
    };
    // an hour until it is seen at all servers of the parent, and then the caches
    let free = after(swapped, HOUR + DS_TTL);
    let refuses = |now: Time| now >= day(KSK_RETIRED) && now < free;
    let old = trip.ksk.clone();
    trip.go(&moments(PARTING, YEARS), refuses, |trip, now| {
        let journey = &mut trip.journey;
        if now == swapped {
            journey.swap(now, &[key_of(&new)], &[&new], &[&old]);
        }
        let signs = journey.served().dnskey_signers.contains_key(&key_of(&old));
        // what is served is what the last step left
        assert_eq!(signs, now <= day(KSK_RETIRED).max(free), "the old KSK at {now}");
    });
    let served = trip.journey.served();
    let left: Vec<_> = served.dnskey_signers.keys().copied().collect();
    let mut expected = vec![key_of(&new)];
    expected.extend((parent == Parent::Never).then(|| key_of(&old)));
    expected.sort_unstable();
    assert_eq!(left, expected);
    report(parent, before, trip.judged - judged, &trip.journey);
}

/// The numbers, and the bounds that they must keep.
fn report(parent: Parent, before: Counts, judged: usize, journey: &Journey) {
    let counts = journey.counts;
    let days = f64::from(i32::try_from(YEARS).expect("two years"));
    let number = |count: usize| f64::from(u32::try_from(count).expect("a small number"));
    let seconds = |seconds: i64| f64::from(i32::try_from(seconds).expect("less than 68 years"));
    let signatures = counts.weight / seconds(YEARS * DAY);
    let bound = 1.1 * signatures / (seconds(VALIDITY - REFRESH) / seconds(DAY));
    let a_day = number(counts.made) / days;
    println!(
        "{parent:?}: {} steps ({} of them shared by all), {} refused, {} versions; {signatures:.0} signatures of {} days, refreshed {} days \
         before they end; {a_day:.2} made a day, at most {bound:.2}; at most {:.1} % end in one hour; {judged} steps judged, {} in the \
         shared part; {} pairs of cached sets looked at",
        counts.steps,
        before.steps,
        counts.refused,
        counts.versions,
        VALIDITY / DAY,
        REFRESH / DAY,
        counts.crowd * 100.0,
        first_part().judged,
        journey.resolvers.looked_at,
    );
    assert!(signatures > 500.0, "the zone is large enough: {signatures}");
    assert!(a_day <= bound, "{a_day} signatures a day, and at most {bound}");
    assert!(counts.crowd < 0.1, "expirations are spread: {} % in one hour", counts.crowd * 100.0);
}

#[test]
fn the_parent_swaps_on_time() {
    travel(Parent::OnTime);
}

#[test]
fn the_parent_swaps_a_month_late() {
    travel(Parent::Late);
}

#[test]
fn the_parent_never_swaps() {
    travel(Parent::Never);
}

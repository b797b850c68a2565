//! The SOA record and the TTLs, which it bounds.

use super::lookup::Host;
use super::{Lint, Placed, rule};
use crate::dns::soa::Soa;
use crate::dns::time::Time;
use crate::dns::{Class, Name, Record};

/// A day, in seconds.
const DAY: u32 = 86_400;
/// What resolvers cap TTLs at, or less (RFC 8767, section 4).
const LONGEST_TTL: u32 = 7 * DAY;

impl<'z> Lint<'z> {
    pub(super) fn soa(&mut self, placed: &Placed<'z>) {
        let rdata = placed.0.rdata;
        let Some((primary, length)) = Name::prefix_of(rdata) else { return };
        let Some((mailbox, _)) = Name::prefix_of(&rdata[length..]) else { return };
        let Some(soa) = Soa::from_rdata(rdata) else { return };
        self.primary(placed, primary);
        self.mailbox(placed, mailbox);
        self.serial(placed, soa.serial);
        let Soa { refresh, retry, expire, minimum, .. } = soa;
        if retry >= refresh {
            self.report(const { rule("soa-timers") }, placed, || {
                format!("retry {retry} is not less than refresh {refresh}")
            });
        }
        if u64::from(expire) <= u64::from(refresh) + u64::from(retry) {
            self.report(const { rule("soa-timers") }, placed, || {
                format!("expire {expire} is not more than refresh {refresh} and retry {retry} together")
            });
        }
        if minimum > DAY {
            self.report(const { rule("soa-minimum") }, placed, || {
                format!("minimum {minimum} is more than a day")
            });
        }
    }

    /// The primary server may well be hidden, but not nowhere.
    fn primary(&mut self, placed: &Placed<'z>, primary: Name<'_>) {
        let what = match self.lookup.host(primary) {
            _ if self.zone.class() != Class::IN => return,
            Host::Fine | Host::WithoutGlue(_) => return,
            Host::Missing => "is not in the zone",
            Host::WithoutAddress => "has no A or AAAA record",
            Host::Alias | Host::Renamed(_) => "is an alias",
        };
        self.report(const { rule("soa-mname") }, placed, || format!("the primary server {primary} {what}"));
    }

    fn serial(&mut self, placed: &Placed<'z>, serial: u32) {
        if serial == 0 {
            self.report(const { rule("serial-zero") }, placed, || "the serial is 0".into());
        }
        // the day may have begun elsewhere
        let tomorrow = Time(self.now.0 + i64::from(DAY)).date_number();
        let date = serial / 100;
        let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
        let is_date = (1990..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        if is_date && date > tomorrow {
            self.report(const { rule("serial-in-future") }, placed, || {
                format!("the serial {serial} looks like a day to come, {year}-{month:02}-{day:02}")
            });
        }
    }

    /// A mailbox as a name (RFC 1035, section 8): the first label is what stands before the @.
    pub(super) fn mailbox(&mut self, placed: &Placed<'z>, mailbox: Name<'_>) {
        let at = mailbox.labels().any(|label| label.contains(&b'@'));
        if at {
            let Record { owner, rtype, .. } = placed.0;
            self.report(const { rule("bad-mailbox") }, placed, || {
                format!("{owner} {rtype}: there is an @ in {mailbox}")
            });
        }
    }

    /// The TTL of an `RRset`.
    pub(super) fn ttl(&mut self, set: &[Placed<'z>]) {
        let Record { owner, rtype, ttl, .. } = set[0].0;
        if ttl == 0 {
            self.report(const { rule("ttl-zero") }, &set[0], || format!("{owner} {rtype} has TTL 0"));
        }
        if ttl > LONGEST_TTL {
            self.report(const { rule("ttl-too-long") }, &set[0], || {
                format!("{owner} {rtype} has TTL {ttl}, more than a week")
            });
        }
        if let Some(expire) = self.expire.filter(|&expire| ttl > expire) {
            self.report(const { rule("ttl-beyond-expire") }, &set[0], || {
                format!("{owner} {rtype} has TTL {ttl}, and the zone expires after {expire}")
            });
        }
    }
}

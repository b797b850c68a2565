//! Metrics in the text format that Prometheus reads, for `node_exporter`'s textfile collector.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>: each metric has its HELP and TYPE line, and all
//! its samples stand together.

use super::{Standing, Status};
use crate::dns::NameBuf;
use std::fmt::Write;

/// A metric: name, what it is.
type Metric = (&'static str, &'static str);

/// Samples by metric, in the order of the metrics' first samples. All of them are gauges.
#[derive(Debug, Default)]
pub struct Metrics {
    families: Vec<(Metric, String)>,
}

impl Metrics {
    /// Adds a sample.
    pub fn add(&mut self, metric: Metric, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let known = self.families.iter().position(|(known, _)| known.0 == metric.0);
        let at = known.unwrap_or(self.families.len());
        if known.is_none() {
            self.families.push((metric, String::new()));
        }
        let family = &mut self.families[at].1;
        family.push_str(metric.0);
        if !labels.is_empty() {
            let labels: Vec<String> =
                labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
            // writing to a String cannot fail
            let _ = write!(family, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(family, " {value}");
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for ((name, help), samples) in &self.families {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{samples}");
        }
        text
    }
}

/// A label's value: backslash, quote and newline are escaped.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Adds what both `status` and `run` know of a zone.
pub fn add_zone(metrics: &mut Metrics, zone: &NameBuf, standing: &Standing) {
    let Standing { soa, expires, renew, ttl } = standing;
    let name = zone.to_string();
    let labels = [("zone", name.as_str())];
    metrics.add(("zoneseal_zone_serial", "Serial of the signed zone."), &labels, soa.serial);
    if let Some(expires) = expires {
        let metric = (
            "zoneseal_zone_expiration_timestamp_seconds",
            "When the first signatures of the zone end, in Unix time.",
        );
        metrics.add(metric, &labels, expires.0);
    }
    if let Some(renew) = renew {
        let metric =
            ("zoneseal_zone_due_timestamp_seconds", "When signatures have to be made anew, in Unix time.");
        metrics.add(metric, &labels, renew.0);
    }
    let metric =
        ("zoneseal_zone_soa_expire_seconds", "How long a secondary serves the zone without its primary.");
    metrics.add(metric, &labels, soa.expire);
    let metric = ("zoneseal_zone_largest_ttl_seconds", "How long resolvers may keep records of the zone.");
    metrics.add(metric, &labels, ttl);
}

/// Adds all that is known of a zone that was read.
pub fn add_status(metrics: &mut Metrics, status: &Status) {
    add_zone(metrics, &status.zone, &status.standing());
    let name = status.zone.to_string();
    let labels = [("zone", name.as_str())];
    if let Some((_, last)) = status.ends {
        let metric = (
            "zoneseal_zone_last_expiration_timestamp_seconds",
            "When the last signatures of the zone end, in Unix time.",
        );
        metrics.add(metric, &labels, last.0);
    }
    metrics.add(("zoneseal_zone_records", "Records of the signed zone."), &labels, status.records);
    metrics.add(("zoneseal_zone_signatures", "Signatures in the zone."), &labels, status.signatures);
    metrics.add(("zoneseal_zone_chain_names", "Names in the NSEC or NSEC3 chain."), &labels, status.chain);
    let labels = [("zone", name.as_str()), ("denial", status.denial.word())];
    metrics.add(("zoneseal_zone_info", "How the zone denies names that do not exist."), &labels, 1);
    for key in &status.keys {
        let (tag, algorithm) = (key.tag.to_string(), key.algorithm.to_string());
        let labels = [
            ("zone", name.as_str()),
            ("tag", &tag),
            ("algorithm", &algorithm),
            ("role", key.role()),
            ("state", key.state()),
        ];
        metrics.add(("zoneseal_zone_key_info", "A DNSKEY of the zone."), &labels, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_metric_stand_together_and_labels_are_escaped() {
        let mut metrics = Metrics::default();
        metrics.add(("a", "First."), &[("zone", "x\\.\"y\n")], 1);
        metrics.add(("b", "Second."), &[], 2.5);
        metrics.add(("a", "First."), &[("zone", "z"), ("k", "v")], 3);
        assert_eq!(
            metrics.text(),
            "# HELP a First.\n# TYPE a gauge\na{zone=\"x\\\\.\\\"y\\n\"} 1\na{zone=\"z\",k=\"v\"} 3\n\
             # HELP b Second.\n# TYPE b gauge\nb 2.5\n"
        );
    }
}

//! What monitoring and init systems are given: the Prometheus client's parser reads the metrics, every metric that
//! alerts and dashboard name is one that the program writes, and systemd finds nothing wrong with the units.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common;
use crate::zones::{ORIGIN, PLAIN};

fn guide(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide").join(name)
}

/// Metrics of `run` and of `status` on a zone, as two texts.
fn metrics() -> [String; 2] {
    let folder = common::folder();
    let folder = folder.path();
    fs::create_dir(folder.join("zones")).unwrap();
    common::write(folder, &format!("zones/{}.zone", ORIGIN.trim_end_matches('.')), PLAIN.text);
    common::write(folder, "zones/broken.example.zone", "nothing of the kind\n");
    common::keygen(folder, 15, ORIGIN);
    let outcome = common::run(folder, ["run", "--metrics", "metrics.prom", "--shard", "0/1"]);
    assert_eq!(outcome.code, Some(1), "one zone is broken: {}", outcome.describe());
    let signed = format!("signed/{}.zone", ORIGIN.trim_end_matches('.'));
    let status = common::run(folder, ["status", "--format", "prometheus", &signed]).expect_ok("status");
    [common::read(&folder.join("metrics.prom")), status.stdout]
}

/// The rules that promtool checks: names, a HELP and a TYPE before the samples, no sample twice.
#[test]
fn the_prometheus_client_reads_the_metrics() {
    let Some(_) = common::judge("python3") else { return };
    // the interpreter that Debian's module is for
    let program = if Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
    let python = |script: &str, file: &Path| {
        common::run_limited(Command::new(program).arg("-c").arg(script).arg(file), common::LIMIT)
    };
    if !python("import prometheus_client", Path::new("")).ok() {
        return common::skip(
            "prometheus_client",
            "ZONESEAL_JUDGES",
            "Python's prometheus_client is not installed",
        );
    }
    let script = "import re, sys\n\
        from prometheus_client.parser import text_string_to_metric_families as parse\n\
        seen = set()\n\
        for family in parse(open(sys.argv[1]).read()):\n    \
            assert re.fullmatch('[a-z][a-z0-9_]*', family.name), family.name\n    \
            assert family.documentation.endswith('.') and family.type == 'gauge', family\n    \
            assert family.samples, family\n    \
            for sample in family.samples:\n        \
                key = (sample.name, tuple(sorted(sample.labels.items())))\n        \
                assert key not in seen, key\n        \
                seen.add(key)\n\
        assert len(seen) >= 6, seen\n";
    let folder = common::folder();
    for text in metrics() {
        let file = common::write(folder.path(), "metrics.prom", &text);
        python(script, &file).expect_ok(&text);
    }
}

#[test]
fn alerts_and_dashboard_name_metrics_that_exist() {
    let texts = metrics();
    let written: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    for name in ["watch/alerts.yaml", "watch/dashboard.json", "watch.md"] {
        let text = common::read(&guide(name));
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named: BTreeSet<&str> = words
            .filter(|word| word.starts_with("zoneseal_zone_") || word.starts_with("zoneseal_run_"))
            .collect();
        assert!(named.len() > 4, "{name} names metrics");
        let unknown: Vec<_> = named.difference(&written).collect();
        assert!(unknown.is_empty(), "{name} names {unknown:?}; there are {written:?}");
    }
    let dashboard: serde_json::Value =
        serde_json::from_str(&common::read(&guide("watch/dashboard.json"))).unwrap();
    assert!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() >= 6));
}

/// Each alert has its answer: a heading of the page, which its description names.
#[test]
fn each_alert_has_an_answer() {
    let (alerts, page) = (common::read(&guide("watch/alerts.yaml")), common::read(&guide("watch.md")));
    let headings: BTreeSet<String> =
        page.lines().filter_map(|line| Some(line.strip_prefix("## ")?.to_lowercase())).collect();
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let answers: Vec<&str> =
        alerts.lines().filter_map(|line| line.split_once(" See: ")?.1.strip_suffix(".\"")).collect();
    assert!(names.len() >= 5 && names.len() == answers.len());
    for (name, answer) in names.iter().zip(answers) {
        assert!(page.contains(&format!("`{name}`")), "{name} is on the page");
        assert!(headings.contains(answer), "\"{answer}\" is a heading of the page: {headings:?}");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let Some(judge) = common::judge("systemd-analyze") else { return };
    let folder = common::folder();
    let program = std::env::var("ZONESEAL_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_zoneseal").into());
    let units = ["zoneseal.service", "zoneseal-offline.service", "zoneseal.timer"];
    for unit in units {
        let text = common::read(&guide(&format!("systemd/{unit}")));
        common::write(folder.path(), unit, &text.replace("/usr/local/bin/zoneseal", &program));
    }
    for unit in units {
        let outcome = judge.run(folder.path(), ["verify", "--man=no", unit]);
        assert!(outcome.ok() && outcome.stderr.trim().is_empty(), "{}", outcome.describe());
    }
    // 10 is a service that may do anything
    for (unit, limit) in [("zoneseal.service", 2.0), ("zoneseal-offline.service", 1.0)] {
        let outcome = judge.run(folder.path(), ["security", "--offline=true", unit]).expect_ok("security");
        let exposure =
            outcome.stdout.lines().find_map(|line| line.split_once(&format!("for {unit}: "))).unwrap().1;
        let exposure: f64 = exposure.split(' ').next().unwrap().parse().unwrap();
        assert!(exposure <= limit, "exposure of {unit} is {exposure}");
    }
}

/// The scripts for many machines take each zone once: with stand-ins for what starts them.
#[test]
fn shards_of_the_examples_take_each_zone_once() {
    let folder = common::folder();
    let folder = folder.path();
    fs::create_dir(folder.join("zones")).unwrap();
    let zones: Vec<String> = (0..12).map(|number| format!("shard{number}.example")).collect();
    for zone in &zones {
        common::write(
            folder,
            &format!("zones/{zone}.zone"),
            &PLAIN.text.replace(ORIGIN.trim_end_matches('.'), zone),
        );
        common::keygen(folder, 15, zone);
    }
    let program = std::env::var("ZONESEAL_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_zoneseal").into());
    let mut signed = 0;
    for task in 0..8 {
        let mut script = Command::new("sh");
        script.arg(guide("batch/slurm.sh")).current_dir(folder);
        script.env("SLURM_ARRAY_TASK_ID", task.to_string()).env("ZONESEAL", &program);
        common::run_limited(&mut script, common::LIMIT).expect_ok("slurm.sh");
        let now = fs::read_dir(folder.join("signed")).map_or(0, |entries| {
            entries
                .flatten()
                .filter(|entry| entry.path().extension().is_some_and(|kind| kind == "zone"))
                .count()
        });
        assert!(now >= signed, "no part undoes another's work");
        signed = now;
    }
    assert_eq!(signed, zones.len());
}

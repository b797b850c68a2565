//! What a record costs as zones grow: the same kind of zone, a tenth as large, as large, and ten times as large.

use crate::compare::count;
use crate::process::{self, Build, Usage};
use crate::signers::{Denial, Zone, by_zoneseal};
use crate::table::{Table, median};
use crate::zones;
use std::fs::{self, File};
use std::path::Path;
use std::time::Instant;

/// The zones' sizes, as scales of the zone `tld`.
const SIZES: [f64; 3] = [0.1, 1.0, 10.0];
/// That of a zone just large enough to have all threads and buffers at work: what it takes is start-up.
const START: f64 = 0.01;

/// Signs a zone of each size with opt-out, `rounds` times, and prints what a record of the input took.
pub(crate) fn measure(dir: &Path, scale: f64, rounds: usize) -> Result<(), String> {
    println!("\nzoneseal sign, delegations, {}, whole processes, medians\n", Denial::OptOut.name());
    let dir = dir.join("growth");
    fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let start = sign(&dir, START * scale, rounds)?;
    let headings = [
        "records",
        "wall s",
        "cpu s",
        "peak MB",
        "fsync s",
        "wall µs/record",
        "cpu µs/record",
        "octets/record",
    ];
    let mut table = Table::new(&headings);
    for size in SIZES {
        let cost = sign(&dir, size * scale, rounds)?;
        #[allow(clippy::cast_precision_loss, reason = "there are fewer than 2^52 records")]
        let more = (cost.records - start.records) as f64;
        let each = |cost: f64, start: f64| (cost - start) / more * 1e6;
        table.row(vec![
            cost.records.to_string(),
            format!("{:.2}", cost.usage.wall),
            format!("{:.2}", cost.usage.cpu),
            format!("{:.0}", cost.usage.memory),
            format!("{:.2}", cost.flush),
            format!("{:.2}", each(cost.usage.wall - cost.flush, start.usage.wall - start.flush)),
            format!("{:.2}", each(cost.usage.cpu, start.usage.cpu)),
            format!("{:.1}", each(cost.usage.memory, start.usage.memory)),
        ]);
    }
    table.print();
    println!(
        "\na record: of those that the zone has more than one of {} records, which takes {:.2} s and {:.0} MB; \
         without the flush, as a file of that size takes it",
        start.records, start.usage.wall, start.usage.memory
    );
    Ok(())
}

struct Cost {
    records: usize,
    usage: Usage,
    /// Seconds that flushing a copy of the signed zone takes.
    flush: f64,
}

/// Makes a zone of this size, and keys, signs it, and removes all.
fn sign(dir: &Path, size: f64, rounds: usize) -> Result<Cost, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", dir.display());
    let dir = &dir.join(size.to_string());
    fs::create_dir_all(dir).map_err(wrong)?;
    let (file, out) = (dir.join("tld.zone"), dir.join("tld.signed"));
    zones::make_tld(&file, size).map_err(wrong)?;
    let command = by_zoneseal(
        Build::Plain,
        &Zone { name: "tld", file: &file, denial: Denial::OptOut },
        "ECDSAP256SHA256",
        dir,
        &out,
    )?;
    let (mut usages, mut flushes) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        usages.push(process::run(&command)?);
        flushes.push(flush(&out, &dir.join("copy")).map_err(wrong)?);
    }
    let records = count(&file, |_| true).map_err(|_| format!("{}: cannot be read", file.display()))?;
    let of = |part: fn(&Usage) -> f64| median(usages.iter().map(part).collect());
    let usage =
        Usage { wall: of(|usage| usage.wall), cpu: of(|usage| usage.cpu), memory: of(|usage| usage.memory) };
    fs::remove_dir_all(dir).map_err(wrong)?;
    Ok(Cost { records, usage, flush: median(flushes) })
}

/// Copies a file, and returns how long flushing the copy took.
fn flush(file: &Path, copy: &Path) -> std::io::Result<f64> {
    fs::copy(file, copy)?;
    let copied = File::open(copy)?;
    let start = Instant::now();
    copied.sync_all()?;
    let taken = start.elapsed().as_secs_f64();
    fs::remove_file(copy)?;
    Ok(taken)
}

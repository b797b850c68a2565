//! `zoneseal run` as cron calls it: many small zones at once, nothing to do, little to do. No peer does this with
//! plain files, so it runs against the limit alone.

use crate::compare::signatures;
use crate::limit;
use crate::process::{self, Build, Usage};
use crate::table::{Table, median};
use crate::zones::Zones;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder in which `zoneseal run` is called.
struct Site {
    build: Build,
    folder: PathBuf,
}

impl Site {
    fn folder(build: Build, dir: &Path, name: &str) -> PathBuf {
        dir.join("run").join(build.name()).join(name)
    }

    /// An empty one, with a configuration.
    fn new(build: Build, dir: &Path, name: &str, config: &str) -> Result<Self, String> {
        let folder = Self::folder(build, dir, name);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => {}
        }
        let made = fs::create_dir_all(folder.join("zones"));
        made.and_then(|()| fs::write(folder.join("zoneseal.toml"), config)).map_err(|e| e.to_string())?;
        Ok(Self { build, folder })
    }

    fn zoneseal(&self) -> Command {
        let mut command = self.build.command();
        command.current_dir(&self.folder);
        command
    }

    /// Adds a zone, and makes keys for it.
    fn add(&self, zone: &str, file: &Path) -> Result<(), String> {
        let goal = self.folder.join("zones").join(format!("{zone}.zone"));
        fs::copy(file, goal).map_err(|error| error.to_string())?;
        process::run(self.zoneseal().args(["keygen", "-q", zone])).map(drop)
    }

    fn run(&self) -> Result<Usage, String> {
        process::run(self.zoneseal().args(["run", "-q"]))
    }

    /// How many signatures all signed zones hold.
    fn signatures(&self) -> Result<usize, String> {
        let files = fs::read_dir(self.folder.join("signed")).map_err(|error| error.to_string())?;
        let paths = files.filter_map(|file| Some(file.ok()?.path()));
        let zones = paths.filter(|path| path.extension().is_some_and(|kind| kind == "zone"));
        zones.map(|path| signatures(&path).map_err(|_| path.display().to_string())).sum()
    }
}

/// Measures each build, `rounds` times, and prints what it took.
pub(crate) fn measure(zones: &Zones, dir: &Path, rounds: usize) -> Result<(), String> {
    Build::all().try_for_each(|build| measure_build(build, zones, dir, rounds))?;
    // kept until the end: after many files were deleted, a file system may take much longer to make new ones
    Build::all().try_for_each(|build| {
        fs::remove_dir_all(Site::folder(build, dir, "many")).map_err(|error| error.to_string())
    })
}

fn measure_build(build: Build, zones: &Zones, dir: &Path, rounds: usize) -> Result<(), String> {
    println!("\n{}, run, whole processes, medians\n", build.name());
    let headings = ["what", "wall s", "cpu s", "peak MB", "signatures", "limit s", "× limit", "the limit is"];
    let mut table = Table::new(&headings);
    many(build, zones, dir, rounds, &mut table)?;
    tld(build, zones, dir, rounds, &mut table)?;
    table.print();
    Ok(())
}

fn row(table: &mut Table, what: &str, usages: &[Usage], signatures: usize, limit: Option<(f64, &str)>) {
    let of = |part: fn(&Usage) -> f64| median(usages.iter().map(part).collect());
    let wall = of(|usage| usage.wall);
    let (seconds, ratio, of_what) = match limit {
        Some((limit, of)) => (format!("{limit:.2}"), format!("{:.2}", wall / limit), of),
        None => (String::new(), String::new(), ""),
    };
    table.row(vec![
        what.into(),
        format!("{wall:.2}"),
        format!("{:.2}", of(|usage| usage.cpu)),
        format!("{:.0}", of(|usage| usage.memory)),
        signatures.to_string(),
        seconds,
        ratio,
        of_what.into(),
    ]);
}

/// Small zones: all of them new, then none of them due.
fn many(build: Build, zones: &Zones, dir: &Path, rounds: usize, table: &mut Table) -> Result<(), String> {
    let site = Site::new(build, dir, "many", "")?;
    for file in &zones.many {
        let name = file.file_stem().map(|name| name.to_string_lossy()).unwrap_or_default();
        site.add(&name, file)?;
    }
    let (mut new, mut kept, mut limits, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let mut flushes = Vec::new();
    for round in 0..rounds {
        new.push(site.run()?);
        kept.push(site.run()?);
        count = site.signatures()?;
        limits.push(limit::signing(count)?.wall + limit::verifying_p256(count)?.wall);
        let text = 5000;
        flushes.push(limit::publishing(
            zones.many.len(),
            text,
            &site.folder.join(format!("flushed-{round}")),
        )?);
        let signed = |name: &str| site.folder.join(name);
        fs::rename(signed("signed"), signed(&format!("signed-{round}")))
            .map_err(|error| error.to_string())?;
    }
    println!("making and flushing two files a zone, all else left out: {:.2} s\n", median(flushes.clone()));
    let limits = limits.iter().zip(&flushes).map(|(ring, flushes)| ring + flushes).collect();
    let of = "ring signs and verifies, all cores, plus that";
    row(table, &format!("{} zones, new", zones.many.len()), &new, count, Some((median(limits), of)));
    row(table, &format!("{} zones, nothing due", zones.many.len()), &kept, 0, None);
    Ok(())
}

/// One large zone with opt-out: nothing due, then one name in a thousand changed.
fn tld(build: Build, zones: &Zones, dir: &Path, rounds: usize, table: &mut Table) -> Result<(), String> {
    let site = Site::new(build, dir, "tld", "[policy.default]\ndenial = \"opt-out\"\n")?;
    site.add("tld", &zones.tld)?;
    let file = site.folder.join("zones/tld.zone");
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    site.run()?;
    let count = site.signatures()?;
    let (mut kept, mut changed) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        kept.push(site.run()?);
        fs::write(&file, edited(&text, round + 1)).map_err(|error| error.to_string())?;
        changed.push(site.run()?);
    }
    row(table, "tld, opt-out, nothing due", &kept, 0, None);
    row(table, "tld, opt-out, 0.1 % changed", &changed, count, None);
    Ok(())
}

/// The zone with another digest in one DS of a hundred: a tenth of the names have one.
fn edited(text: &str, round: usize) -> String {
    let mut seen = 0;
    let mut edit = |line: &str| {
        let is_ds = line.contains("\tDS\t");
        seen += usize::from(is_ds);
        let digits = line.trim_end().len().saturating_sub(2);
        if is_ds && seen % 100 == 1 {
            format!("{}{:02X}\n", &line[..digits], round % 256)
        } else {
            line.to_owned()
        }
    };
    text.split_inclusive('\n').map(&mut edit).collect()
}

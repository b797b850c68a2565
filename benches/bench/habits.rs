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

/// Measures each build, `rounds` times in turn, and prints what it took.
pub(crate) fn measure(zones: &Zones, dir: &Path, rounds: usize) -> Result<(), String> {
    println!("\nzoneseal run, whole processes, medians\n");
    let headings = ["what", "wall s", "cpu s", "peak MB", "signatures", "limit s", "× limit", "program"];
    let mut table = Table::new(&headings);
    many(zones, dir, rounds, &mut table)?;
    tld(zones, dir, rounds, &mut table)?;
    table.print();
    // kept until the end: after many files were deleted, a file system may take much longer to make new ones
    Build::all().try_for_each(|build| {
        fs::remove_dir_all(Site::folder(build, dir, "many")).map_err(|error| error.to_string())
    })
}

/// What a build took, round after round.
struct Runs {
    site: Site,
    /// With work to do.
    busy: Vec<Usage>,
    /// With none.
    idle: Vec<Usage>,
}

impl Runs {
    /// For each build, in a folder of its own.
    fn of_all(dir: &Path, name: &str, config: &str) -> Result<Vec<Self>, String> {
        let site = |build| Site::new(build, dir, name, config);
        Build::all()
            .map(|build| Ok(Self { site: site(build)?, busy: Vec::new(), idle: Vec::new() }))
            .collect()
    }
}

/// A row for each build, of what `usages` picks from its runs.
fn rows(
    table: &mut Table,
    what: &str,
    all: &[Runs],
    usages: fn(&Runs) -> &[Usage],
    signatures: usize,
    limit: Option<f64>,
) {
    for runs in all {
        let of = |part: fn(&Usage) -> f64| median(usages(runs).iter().map(part).collect());
        let wall = of(|usage| usage.wall);
        table.row(vec![
            what.into(),
            format!("{wall:.2}"),
            format!("{:.2}", of(|usage| usage.cpu)),
            format!("{:.0}", of(|usage| usage.memory)),
            signatures.to_string(),
            limit.map_or_else(String::new, |limit| format!("{limit:.2}")),
            limit.map_or_else(String::new, |limit| format!("{:.2}", wall / limit)),
            runs.site.build.name().into(),
        ]);
    }
}

/// Small zones: all of them new, then none of them due.
fn many(zones: &Zones, dir: &Path, rounds: usize, table: &mut Table) -> Result<(), String> {
    /// Octets of a signed zone, about.
    const SIGNED: usize = 6000;
    let mut all = Runs::of_all(dir, "many", "")?;
    for runs in &all {
        for file in &zones.many {
            let name = file.file_stem().map(|name| name.to_string_lossy()).unwrap_or_default();
            runs.site.add(&name, file)?;
        }
    }
    let number = zones.many.len();
    let (mut ring, mut flushes, mut count) = (Vec::new(), Vec::new(), 0);
    for round in 0..rounds {
        for runs in &mut all {
            runs.busy.push(runs.site.run()?);
            runs.idle.push(runs.site.run()?);
            count = runs.site.signatures()?;
            let signed = |name: &str| runs.site.folder.join(name);
            fs::rename(signed("signed"), signed(&format!("signed-{round}"))).map_err(|e| e.to_string())?;
        }
        ring.push(limit::signing(count)?.wall + limit::verifying_p256(count)?.wall);
        let folder = all[0].site.folder.join(format!("flushed-{round}"));
        flushes.push(limit::publishing(number, SIGNED, &folder)?);
        // the next round begins with the build that came second
        all.rotate_left(1);
    }
    all.sort_by_key(|runs| runs.site.build != Build::Plain);
    let (ring, flushes) = (median(ring), median(flushes));
    println!(
        "{number} zones, new: the limit is {ring:.2} s for ring, which signs and verifies on all cores, and {flushes:.2} s \
         for making and flushing two files a zone, all else left out\n"
    );
    rows(table, &format!("{number} zones, new"), &all, |runs| &runs.busy, count, Some(ring + flushes));
    rows(table, &format!("{number} zones, nothing due"), &all, |runs| &runs.idle, 0, None);
    Ok(())
}

/// One large zone with opt-out: nothing due, then one name in a thousand changed.
fn tld(zones: &Zones, dir: &Path, rounds: usize, table: &mut Table) -> Result<(), String> {
    let mut all = Runs::of_all(dir, "tld", "[policy.default]\ndenial = \"opt-out\"\n")?;
    let text = fs::read_to_string(&zones.tld).map_err(|error| error.to_string())?;
    let mut count = 0;
    for runs in &all {
        runs.site.add("tld", &zones.tld)?;
        runs.site.run()?;
        count = runs.site.signatures()?;
    }
    for round in 0..rounds {
        let edited = edited(&text, round + 1);
        for runs in &mut all {
            runs.idle.push(runs.site.run()?);
            fs::write(runs.site.folder.join("zones/tld.zone"), &edited).map_err(|error| error.to_string())?;
            runs.busy.push(runs.site.run()?);
        }
        all.rotate_left(1);
    }
    all.sort_by_key(|runs| runs.site.build != Build::Plain);
    rows(table, "tld, opt-out, nothing due", &all, |runs| &runs.idle, 0, None);
    rows(table, "tld, opt-out, 0.1 % changed", &all, |runs| &runs.busy, count, None);
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

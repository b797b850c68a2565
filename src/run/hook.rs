//! What is called when a zone was put in place: any program, no shell.

use crate::error::{Fault, Result};
use crate::files::signals;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What the program is told, by the words ZONE, SIGNED and SERIAL among its arguments, which are replaced, and by
/// its environment (ZONE, SIGNED, SERIAL, CHANGED).
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The zone, without the final dot, as `rndc` and `nsd-control` want it.
    pub zone: &'a str,
    /// The signed file.
    pub signed: &'a Path,
    /// Its serial.
    pub serial: u32,
    /// What changed: `content`, or `signatures` alone.
    pub changed: &'a str,
}

/// As much of what a failing program wrote is shown.
const SHOWN: u64 = 2000;

/// Runs the program, and waits until it ends, but no longer than `limit`.
///
/// # Errors
/// It cannot be started, it failed, or it took too long: with what it wrote.
pub fn call(argv: &[String], call: Call<'_>, limit: Duration) -> Result<()> {
    let Some((program, arguments)) = argv.split_first() else { return Ok(()) };
    let failed = |what: String| {
        Fault::error(format!("hook {program}: {what}"))
            .hint("the signed zone is in place; the next run calls the hook again")
    };
    let serial = call.serial.to_string();
    let signed = call.signed.display().to_string();
    let fill = |word: &String| match word.as_str() {
        "ZONE" => call.zone.to_owned(),
        "SIGNED" => signed.clone(),
        "SERIAL" => serial.clone(),
        _ => word.clone(),
    };
    let mut child = Command::new(program)
        .args(arguments.iter().map(fill))
        .env("ZONE", call.zone)
        .env("SIGNED", call.signed)
        .env("SERIAL", &serial)
        .env("CHANGED", call.changed)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // what it starts can be stopped with it
        .process_group(0)
        .spawn()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    // both are drained, or the program would wait for its pipe; what it says matters only if it fails
    let streams = [
        child.stdout.take().map(|stream| drain(Box::new(stream))),
        child.stderr.take().map(|stream| drain(Box::new(stream))),
    ];
    let ended = wait(&mut child, limit).map_err(|error| failed(error.to_string()))?;
    let Some(status) = ended else {
        return Err(failed(format!("did not end within {} s, and was stopped", limit.as_secs())));
    };
    if status.success() {
        return Ok(());
    }
    let said: Vec<u8> = streams.into_iter().flatten().flat_map(|said| heard(&said)).collect();
    let said = String::from_utf8_lossy(&said);
    let said = said.trim().replace('\n', "; ");
    Err(failed(if said.is_empty() { status.to_string() } else { format!("{status}: {said}") }))
}

/// Reads all that comes, and sends the beginning: when it is full, or all was said.
fn drain(mut stream: Box<dyn Read + Send>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let _ = Read::by_ref(&mut stream).take(SHOWN).read_to_end(&mut kept);
        // nobody may be listening any more
        let _ = sender.send(kept);
        let _ = io::copy(&mut stream, &mut io::sink());
    });
    receiver
}

/// What was said. Something that the program left behind may hold the stream open: it is not waited for.
fn heard(said: &mpsc::Receiver<Vec<u8>>) -> Vec<u8> {
    said.recv_timeout(Duration::from_millis(500)).unwrap_or_default()
}

/// Waits for the program; `None`: it took too long, or we are told to end, and it was stopped.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let signals = signals::listen()?;
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit || signals.interrupted() {
            // it may have ended just now
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, limit: u64) -> Result<()> {
        let argv = ["sh", "-c", script, "sh", "ZONE", "SERIAL"].map(str::to_owned);
        let told =
            Call { zone: "example", signed: Path::new("signed/example.zone"), serial: 7, changed: "content" };
        call(&argv, told, Duration::from_secs(limit))
    }

    #[test]
    fn it_is_told_what_happened() {
        run("test \"$1 $2 $ZONE $SIGNED $SERIAL $CHANGED\" = \"example 7 example signed/example.zone 7 content\"", 10)
            .unwrap();
        call(&[], Call { zone: "", signed: Path::new(""), serial: 0, changed: "" }, Duration::ZERO).unwrap();
    }

    #[test]
    fn a_failure_is_told_with_its_words() {
        let told = run("echo no server >&2; exit 3", 10).unwrap_err();
        assert!(told.message().contains("exit status: 3: no server"), "{told}");
        let start = Instant::now();
        assert!(run("sleep 60 & exit 1", 10).unwrap_err().message().contains("exit status: 1"));
        assert!(start.elapsed() < Duration::from_secs(10), "what it leaves behind is not waited for");
        let told = run("sleep 60", 0).unwrap_err();
        assert!(told.message().contains("did not end within 0 s"), "{told}");
        // more than a pipe holds
        let told = run("head -c 1000000 /dev/zero | tr '\\0' x; exit 1", 10).unwrap_err();
        assert!(told.message().len() < 3000);
        let missing = call(
            &["/no/such/program".to_owned()],
            Call { zone: "", signed: Path::new(""), serial: 0, changed: "" },
            Duration::ZERO,
        );
        assert!(missing.unwrap_err().message().contains("cannot be started"));
    }
}

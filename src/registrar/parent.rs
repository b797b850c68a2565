//! The DS set that a parent has, from text: zone-file lines, `dig DS`, or the bare RDATA of `dig +short DS`.

use crate::dns::{NameBuf, Rtype};
use crate::dnssec::ds::Ds;
use crate::error::{Fault, Faults};
use crate::zonefile::reader::Reader;

/// The DS records of `owner` in `text`, in its order; `name` is for messages. Records of others are passed over: the
/// whole of a parent's zone file will do. No text at all says that there is no DS.
///
/// # Errors
/// What cannot be read; dig's word that it had no answer; text about other zones alone.
pub fn read(text: &[u8], name: &str, owner: &NameBuf) -> std::result::Result<Vec<Ds>, Faults> {
    let text = whole_lines(text, owner);
    refuse_failure(&text, name)?;
    let mut reader = Reader::of_text(text, name, Some(NameBuf::root())).default_ttl(0).without_includes();
    let (mut found, mut others, mut faults) = (Vec::new(), None, Faults::new());
    while !faults.full() {
        match reader.next() {
            Ok(None) => break,
            Ok(Some(entry)) if entry.record.rtype != Rtype::DS => {}
            Ok(Some(entry)) if entry.record.owner != owner.as_name() => {
                others = Some(entry.record.owner.to_buf());
            }
            Ok(Some(entry)) => found.extend(Ds::from_rdata(entry.record.rdata)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.errors() > 0 {
        return Err(faults);
    }
    if let (Some(other), true) = (others, found.is_empty()) {
        let fault = Fault::error(format!("this is about {other}, not about {owner}")).in_file(name);
        return Err(fault.hint(format!("ask for the DS of the zone itself: dig +short DS {owner}")).into());
    }
    Ok(found)
}

/// Whether the text is an answer: `dig +short` prints nothing both where there is no DS and where no server
/// answered; all that `dig` prints without `+short` tells the two apart.
#[must_use]
pub fn is_answer(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    text.lines()
        .any(|line| line.starts_with(";; ->>HEADER<<-") || !line.trim().is_empty() && !line.starts_with(';'))
}

/// The text of `dig +short` with an owner and a type in front of each line, so that all are records, and each stays the
/// line it was; any other text as it is.
fn whole_lines(text: &[u8], owner: &NameBuf) -> Vec<u8> {
    let lines = || text.split_inclusive(|&octet| octet == b'\n');
    let is_data = |line: &&[u8]| !line.trim_ascii().is_empty() && line[0] != b';';
    if !lines().filter(is_data).all(is_bare) {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    for line in lines() {
        if is_data(&line) {
            out.extend_from_slice(format!("{owner} IN DS ").as_bytes());
        }
        out.extend_from_slice(line);
    }
    out
}

/// Whether a line begins as bare RDATA does: with three numbers. Behind an owner and a TTL, zone files have a class or a
/// type.
fn is_bare(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    (0..3).all(|_| words.next().is_some_and(|word| word.iter().all(u8::is_ascii_digit)))
}

/// Refuses what dig prints where it had no answer: that is not an answer without DS.
fn refuse_failure(text: &[u8], name: &str) -> std::result::Result<(), Fault> {
    let text = String::from_utf8_lossy(text);
    let status = text.lines().find_map(|line| {
        line.strip_prefix(";; ->>HEADER<<-")?.split("status: ").nth(1)?.split(',').next().map(str::to_owned)
    });
    let hint = "ask again: dig +short DS ZONE";
    if let Some(status) = status.filter(|status| status != "NOERROR") {
        return Err(Fault::error(format!("dig got no answer: {status}")).in_file(name).hint(hint));
    }
    let sorry = [";; connection timed out", ";; no servers could be reached", ";; communications error"];
    let records = text.lines().any(|line| !line.trim().is_empty() && !line.starts_with(';'));
    let line = text.lines().find(|line| sorry.iter().any(|sorry| line.starts_with(sorry)));
    match line {
        // it may have found another server
        Some(line) if !records => {
            Err(Fault::error(format!("dig got no answer: {}", line.trim_start_matches(";; ")))
                .in_file(name)
                .hint(hint))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<u16> {
        let owner = NameBuf::from_text("example.org").unwrap();
        read(text.as_bytes(), "f", &owner).unwrap().iter().map(|ds| ds.key_tag).collect()
    }

    fn fault(text: &str) -> String {
        let owner = NameBuf::from_text("example.org").unwrap();
        let faults = read(text.as_bytes(), "f", &owner).unwrap_err();
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_forms() {
        assert_eq!(tags("1 13 7 00\n2 13 7 00 FF\r\n"), [1, 2]);
        assert_eq!(tags("Example.ORG. 300 IN DS 1 13 7 00\n\tDS 2 13 7 00\n"), [1, 2]);
        assert_eq!(tags("$ORIGIN org.\nexample DS 1 13 7 (\n 00 )\nother DS 3 13 7 00\n"), [1]);
        assert_eq!(
            tags("; <<>> DiG 9.18 <<>> DS\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n"),
            [0; 0]
        );
        assert_eq!(tags(";; communications error to ::1#53: timed out\n1 13 7 00\n"), [1]);
        assert_eq!(tags("org. 1 SOA a. b. (\n1 2 3 4 5\n)\nexample.org. 1 DS 1 13 7 00\n"), [1]);
        assert_eq!(tags(""), [0; 0]);
    }

    #[test]
    fn no_answer_is_not_an_answer() {
        for text in [
            ";; connection timed out; no servers could be reached\n",
            ";; communications error to 127.0.0.1#53: connection refused\n",
            ";; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 4711\n",
        ] {
            assert!(fault(text).contains("dig got no answer"), "{text}");
        }
        assert!(fault("example.com. DS 1 13 7 00\n").contains("not about example.org."));
        assert!(fault("1 13 7 00\n1 13 7 XY\n").starts_with("f:2:"));
    }
}

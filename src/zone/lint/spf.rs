//! SPF in TXT records (RFC 7208), and what looks like it.

use super::{Lint, Placed, rule};
use crate::dns::Rtype;

/// How a term of an SPF record starts.
const TERMS: [&str; 10] =
    ["include:", "ip4:", "ip6:", "exists:", "redirect=", "exp=", "a:", "mx:", "ptr:", "all"];

impl Lint<'_> {
    /// A TXT `RRset`.
    pub(super) fn spf(&mut self, set: &[Placed<'_>]) {
        let mut first: Option<(Vec<u8>, u32)> = None;
        for placed in set {
            let owner = placed.0.owner;
            let text = joined(placed.0.rdata);
            if !is_spf(&text) {
                if looks_like_spf(&text) {
                    self.report(const { rule("spf-misspelt") }, placed, || {
                        let start = &text[..text.len().min(24)];
                        format!(
                            "{owner} TXT \"{}\" is no SPF record, and looks like one",
                            start.escape_ascii()
                        )
                    });
                }
                continue;
            }
            if let Some((before, after)) = run_together(placed.0.rdata) {
                self.report(const { rule("spf-joined") }, placed, || {
                    format!("{owner} TXT: the strings run together as \"{before}{after}\"")
                });
            }
            match &first {
                None => first = Some((text, placed.1.line)),
                // equal records are one
                Some((other, _)) if *other == text => {}
                Some((_, line)) => {
                    let line = *line;
                    self.report(const { rule("spf-several") }, placed, || {
                        format!("{owner} has another SPF record; the first is on line {line}")
                    });
                }
            }
        }
    }

    /// An `RRset` of type SPF; `rows` are all records of its name.
    pub(super) fn spf_type(&mut self, set: &[Placed<'_>], rows: &[Placed<'_>]) {
        let txt = rows.iter().filter(|(record, _)| record.rtype == Rtype::TXT);
        let in_txt = txt.map(|(record, _)| joined(record.rdata)).any(|text| is_spf(&text));
        if !in_txt {
            self.report(const { rule("spf-type-alone") }, &set[0], || {
                format!("{} has a record of type SPF, and no SPF record of type TXT", set[0].0.owner)
            });
        }
    }
}

/// The character-strings of RDATA.
fn strings(rdata: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = rdata;
    std::iter::from_fn(move || {
        let (&length, tail) = rest.split_first()?;
        let (string, tail) = tail.split_at_checked(usize::from(length))?;
        rest = tail;
        Some(string)
    })
}

/// The text of RDATA: its strings, put together without blanks (RFC 7208, section 3.3).
fn joined(rdata: &[u8]) -> Vec<u8> {
    strings(rdata).collect::<Vec<_>>().concat()
}

/// Whether a text is an SPF record (RFC 7208, section 4.5): the version, and a blank or the end.
fn is_spf(text: &[u8]) -> bool {
    text.split_at_checked(6).is_some_and(|(version, rest)| {
        version.eq_ignore_ascii_case(b"v=spf1") && rest.first().is_none_or(|&octet| octet == b' ')
    })
}

/// Whether a text that is no SPF record was meant to be one.
fn looks_like_spf(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let start: String =
        text.chars().filter(|c| !c.is_whitespace() && !"\"'=:-".contains(*c)).take(6).collect();
    let version = ["vspf", "vsfp1", "vfsp1", "vsp1"].iter().any(|wrong| start.starts_with(wrong));
    // without its version it is told by what follows
    let headless = start.starts_with("spf1") && TERMS.iter().any(|term| text.contains(term));
    version || headless
}

/// Where a string ends and the next begins a term with no blank between them: the two words.
fn run_together(rdata: &[u8]) -> Option<(String, String)> {
    let strings: Vec<String> =
        strings(rdata).map(|string| String::from_utf8_lossy(string).into_owned()).collect();
    strings.windows(2).find_map(|pair| {
        let before = pair[0].rsplit(' ').next().filter(|word| !word.is_empty())?;
        let after = pair[1].split(' ').next().filter(|word| !word.is_empty())?;
        let term = after.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase();
        let starts = TERMS.iter().any(|start| match *start {
            "all" => term == "all",
            start => term.starts_with(start),
        });
        // a qualifier that was cut off, or a value that goes on, is whole again when joined
        let whole = before.ends_with(['+', '-', '~', '?', ':', '=', '.', '/']);
        (starts && !whole).then(|| (before.to_owned(), after.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spf_and_its_lookalikes() {
        for text in ["v=spf1 -all", "V=SPF1", "v=spf1 "] {
            assert!(is_spf(text.as_bytes()), "{text}");
        }
        for text in [
            " v=spf1 -all",
            "v=spf1;-all",
            "v=spf2 -all",
            "\"v=spf1 mx",
            "v:spf1 a",
            "spf1 include:a.example -all",
        ] {
            assert!(!is_spf(text.as_bytes()) && looks_like_spf(text.as_bytes()), "{text}");
        }
        for text in ["spf2.0/pra -all", "spf1", "v=DKIM1; p=", "v=DMARC1; p=none", "", "spam", "v=STSv1"] {
            assert!(!is_spf(text.as_bytes()) && !looks_like_spf(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn strings_that_run_together() {
        let rdata = |strings: &[&str]| {
            let octets = |string: &&str| [&[string.len().to_le_bytes()[0]], string.as_bytes()].concat();
            strings.iter().flat_map(octets).collect::<Vec<u8>>()
        };
        let run = |strings: &[&str]| run_together(&rdata(strings)).is_some();
        assert!(run(&["v=spf1 include:a.example", "include:b.example -all"]));
        assert!(run(&["v=spf1 mx", "-all"]));
        assert!(!run(&["v=spf1 mx ", "-all"]) && !run(&["v=spf1 mx", " -all"]));
        assert!(!run(&["v=spf1 include:a.exa", "mple -all"]) && !run(&["v=spf1 mx ~", "all"]));
        assert!(!run(&["v=spf1 mx -all"]));
        assert_eq!(joined(&rdata(&["a", "", "b"])), b"ab");
    }
}

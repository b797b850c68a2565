//! The value of SVCB's "dohpath" (RFC 9461, section 5): a relative URI template (RFC 6570) that has the
//! variable `dns`.

/// Whether the octets are UTF-8, start with a slash, and are a URI template with the variable `dns`.
pub(super) fn is_template(octets: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    let mut rest = text;
    let mut has_dns = false;
    while let Some((literal, tail)) = rest.split_once('{') {
        let Some((expression, tail)) = tail.split_once('}') else { return false };
        // the operators of RFC 6570, section 2.2, without those it reserves
        let variables = expression.strip_prefix(['+', '#', '.', '/', ';', '?', '&']).unwrap_or(expression);
        if !variables.split(',').all(|variable| is_variable(variable, &mut has_dns)) || !is_escaped(literal) {
            return false;
        }
        rest = tail;
    }
    text.starts_with('/') && has_dns && is_escaped(rest)
}

/// Whether this is a variable's name with its modifier, if it has one (RFC 6570, sections 2.3 and 2.4).
fn is_variable(text: &str, is_dns: &mut bool) -> bool {
    let name = match text.split_once(':') {
        Some((name, length)) if is_max_length(length) => name,
        Some(_) => return false,
        None => text.strip_suffix('*').unwrap_or(text),
    };
    *is_dns |= name == "dns";
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"_%".contains(&octet))
    };
    name.split('.').all(is_part) && is_escaped(name)
}

/// The prefix modifier is a number from 1 to 9999.
fn is_max_length(digits: &str) -> bool {
    matches!(digits.len(), 1..=4) && !digits.starts_with('0') && digits.bytes().all(|d| d.is_ascii_digit())
}

/// Whether each percent sign has two hexadecimal digits behind it.
fn is_escaped(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::is_template;

    #[test]
    fn templates() {
        for good in [
            "/dns-query{?dns}",
            "/{dns}",
            "/q{?a,dns}",
            "/%41{+dns:9999}/x",
            "/{?dns*}",
            "/é{?x}{&dns}",
            "/{a%41_,dns}",
            "/{a.b,dns}",
            "/x}{dns}",
        ] {
            assert!(is_template(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "/",
            "/q",
            "q{?dns}",
            "{dns}",
            "/{dns",
            "/{?}{dns}",
            "/{dns}{",
            "/{=dns}",
            "/{DNS}",
            "/{dns,}",
            "/{??dns}",
            "/{dns:0}",
            "/{dns:10000}",
            "/{dns:}",
            "/{dns**}",
            "/%4{dns}",
            "/{dns}%",
            "/{a-b,dns}",
            "/{a%4,dns}",
            "/{dns:1*}",
            "/{a..b,dns}",
            "/{dn s}",
        ] {
            assert!(!is_template(bad.as_bytes()), "{bad}");
        }
        assert!(!is_template(b"/\xff{dns}"));
    }
}

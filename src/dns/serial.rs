//! Serial number arithmetic (RFC 1982) with 32 bits: SOA serials and RRSIG times.

/// Whether `a` is greater than `b`. Where the two are 2^31 apart, neither is (RFC 1982, section 3.2).
#[must_use]
pub fn greater(a: u32, b: u32) -> bool {
    a != b && a.wrapping_sub(b) < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_1982_order_wraps_at_2_to_the_32() {
        assert!(greater(1, 0));
        assert!(greater(0, u32::MAX));
        assert!(greater(44, u32::MAX - 2_000_000_000));
        assert!(!greater(0, 1) && !greater(7, 7));
        assert!(!greater(1 << 31, 0) && !greater(0, 1 << 31));
    }
}

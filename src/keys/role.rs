//! What a key is for: key-signing, zone-signing, or both (RFC 6781, section 3.1).
//!
//! In: a role's word, as options, metadata and file names hold it. Out: what the key signs and the flags
//! of its DNSKEY (RFC 4034, section 2.1.1).

use super::secret::quoted;
use crate::error::{Fault, Result};
use std::fmt;

/// The DNSKEY flag of a key that signs zones (RFC 4034, section 2.1.1).
pub const ZONE_KEY: u16 = 0x0100;
/// The DNSKEY flag of a key a DS may point to (RFC 4034, section 2.1.1).
pub const SEP: u16 = 0x0001;
/// The DNSKEY flag of a revoked key (RFC 5011, section 2.1).
pub const REVOKE: u16 = 0x0080;

/// What a key signs. KSK orders before CSK, CSK before ZSK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Key-signing key: signs DNSKEY, CDS and CDNSKEY; the parent's DS points to it.
    Ksk,
    /// Combined signing key: signs everything; the parent's DS points to it.
    Csk,
    /// Zone-signing key: signs all the zone's data but DNSKEY, CDS and CDNSKEY.
    Zsk,
}

impl Role {
    /// Whether it signs DNSKEY, CDS and CDNSKEY.
    #[must_use]
    pub fn signs_keys(self) -> bool {
        self != Self::Zsk
    }

    /// Whether it signs the zone's other data.
    #[must_use]
    pub fn signs_data(self) -> bool {
        self != Self::Ksk
    }

    /// The flags of its DNSKEY: 257 for KSK and CSK, 256 for ZSK.
    #[must_use]
    pub fn flags(self) -> u16 {
        if self.signs_keys() { ZONE_KEY | SEP } else { ZONE_KEY }
    }

    /// Reads `ksk`, `zsk` or `csk` in either case.
    ///
    /// # Errors
    /// Any other word.
    pub fn from_text(text: &str) -> Result<Self> {
        [Self::Ksk, Self::Csk, Self::Zsk]
            .into_iter()
            .find(|role| text.eq_ignore_ascii_case(role.word()))
            .ok_or_else(|| {
                Fault::error(format!("unknown role \"{}\"", quoted(text)))
                    .hint("a role is ksk (signs the keys), zsk (signs the data) or csk (signs both)")
            })
    }

    /// The role that a file's name begins with, as in `ksk-013-12345.pem`.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        Self::from_text(name.split_once('-')?.0).ok()
    }

    /// `ksk`, `csk` or `zsk`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ksk => "ksk",
            Self::Csk => "csk",
            Self::Zsk => "zsk",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_flags_and_file_names() {
        assert_eq!([Role::Ksk, Role::Csk, Role::Zsk].map(Role::flags), [257, 257, 256]);
        assert_eq!(Role::from_text("KSK").unwrap(), Role::Ksk);
        assert!(Role::from_text("key").unwrap_err().to_string().contains("hint"));
        assert_eq!(Role::from_file_name("zsk-013-00017.pem"), Some(Role::Zsk));
        assert_eq!(Role::from_file_name("zsk.pem"), None);
        assert_eq!(Role::from_file_name("my-ksk-1.pem"), None);
    }
}

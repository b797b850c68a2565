//! Odd fields (being written).
use super::token::{Tokens, Wrong};
use crate::dns::{Name, schema::Kind};
/// Reads one odd field.
pub fn parse(_: Kind, words: &mut Tokens<'_>, _: Option<Name<'_>>, _: &mut Vec<u8>) -> Result<(), Wrong> { Err(words.wrong("?")) }
/// Writes one odd field.
pub fn format(_: Kind, _: &[u8], _: &mut Vec<u8>) -> Option<()> { None }

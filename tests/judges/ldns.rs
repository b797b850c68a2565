//! ldns-verify-zone must find every signature good and the chain whole.

use crate::common;
use crate::matrix::{self, ALGORITHMS, CHAINS, NSEC};
use crate::zones::COMMON;

#[test]
fn ldns_verifies_every_algorithm() {
    let Some(judge) = common::judge("ldns-verify-zone") else { return };
    matrix::each(&COMMON, &ALGORITHMS, &CHAINS, |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        matrix::accepted(&judge.run(folder, [&case.signed]))
    });
}

/// A signature spoilt in one bit must be refused: otherwise the test above would prove nothing.
#[test]
fn ldns_refuses_a_spoilt_signature() {
    let Some(judge) = common::judge("ldns-verify-zone") else { return };
    let mut refused = 0;
    matrix::each(&COMMON, &[15], &NSEC, |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        let text = crate::bindkeys::spoil(&common::read(&case.signed), "ns1.seal.example.", "A")
            .ok_or("no such signature in the signed zone")?;
        let spoilt = common::write(folder, "spoilt", &text);
        let outcome = judge.run(folder, [&spoilt]);
        refused += 1;
        if outcome.ok() { Err(outcome.describe()) } else { Ok(()) }
    });
    assert_eq!(refused, 3, "three zones were spoilt");
}

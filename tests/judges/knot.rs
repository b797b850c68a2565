//! kzonecheck of Knot DNS must accept what is signed, its DNSSEC rules included.

use crate::common;
use crate::matrix::{self, ALGORITHMS, CHAINS};
use crate::zones::{COMMON, ORIGIN};

#[test]
fn knot_accepts_every_algorithm() {
    let Some(judge) = common::judge("kzonecheck") else { return };
    matrix::each(&COMMON, &ALGORITHMS, &CHAINS, |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        let signed = case.signed.to_str().expect("the paths of the test are UTF-8");
        matrix::accepted(&judge.run(folder, ["-o", ORIGIN, "-d", "on", signed]))
    });
}

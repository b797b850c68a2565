//! validns must accept what is signed with RSA: it knows no younger algorithm than those of 2016. It refuses names
//! such as `**.wild`, which are ordinary ones (RFC 4592, section 2.1.1), so it does not get the zone that has them.

use crate::common;
use crate::matrix;
use crate::zones::{APEX, DELEGATIONS, DNAME, ORIGIN};

#[test]
fn validns_accepts_rsa() {
    let Some(judge) = common::judge("validns") else { return };
    matrix::each(&[8, 10], &[APEX, DELEGATIONS, DNAME], |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        let signed = case.signed.to_str().expect("the paths of the test are UTF-8");
        matrix::accepted(&judge.run(folder, ["-z", ORIGIN, signed]))
    });
}

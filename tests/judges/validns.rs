//! validns must accept what is signed with RSA and an NSEC chain: it knows no younger algorithm than those of 2016,
//! and it crashes on some NSEC3 zones. The zone `plain` is not for it: it reads neither CAA nor a name like `a.*`.

use crate::common;
use crate::matrix::{self, NSEC};
use crate::zones::{self, ORIGIN};

#[test]
fn validns_accepts_rsa() {
    let Some(judge) = common::judge("validns") else { return };
    matrix::each(&[zones::APEX, zones::DELEGATIONS, zones::DNAME], &[8, 10], &NSEC, |case| {
        let folder = case.signed.parent().expect("a file has a folder");
        let signed = case.signed.to_str().expect("the paths of the test are UTF-8");
        matrix::accepted(&judge.run(folder, ["-z", ORIGIN, signed]))
    });
}

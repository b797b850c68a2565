//! What depends on the system's clock, and so cannot be a golden case.

use std::process::Command;

fn sign(arguments: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(env!("CARGO_BIN_EXE_zoneseal"))
        .current_dir(root)
        .arg("sign")
        .args(arguments)
        .args(["-f", folder.path().join("signed").to_str().unwrap(), "zones/first.example.zone"])
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn signatures_that_are_not_valid_now_are_warned_of() {
    for arguments in [&["-i", "20200101", "-e", "20200201"][..], &["-i", "+1d", "-e", "+2d"]] {
        let (done, said) = sign(arguments);
        assert!(done, "{said}");
        assert_eq!(said.matches("warning: the signatures are valid from").count(), 1, "{said}");
        assert!(!said.contains("expired on"), "{said}");
    }
}

#[test]
fn signatures_that_are_valid_now_are_not() {
    let (done, said) = sign(&[]);
    assert!(done && !said.contains("warning: the signatures are valid from"), "{said}");
}

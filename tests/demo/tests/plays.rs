//! The demo asserts what it shows; here it has to reach its end.

use std::process::Command;

#[test]
fn the_demo_reaches_its_end() {
    let ran = Command::new(env!("CARGO_BIN_EXE_demo")).output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}\n{errors}");
    assert!(said.ends_with("The whole round trip and a rotation worked.\n"), "{said}\n{errors}");
}

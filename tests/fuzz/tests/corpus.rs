//! The committed inputs, in every test run.

use std::fs;
use std::path::PathBuf;

use romp_fuzz::TARGETS;

fn corpus(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target)
}

#[test]
fn row_73_every_input_that_was_ever_worth_keeping_is_read_or_refused() {
    for target in TARGETS {
        let folder = corpus(target.name);
        let (mut read, mut refused) = (0, 0);
        for entry in fs::read_dir(&folder).expect(target.name) {
            let data = fs::read(entry.expect("an entry").path()).expect("an input can be read");
            if (target.run)(&data) {
                read += 1;
            } else {
                refused += 1;
            }
        }
        assert!(
            read > 0,
            "{}: no input gets to the end of the decoder",
            target.name
        );
        assert!(refused > 0, "{}: no input is refused", target.name);
    }
}

#[test]
fn every_folder_of_inputs_has_its_target() {
    for entry in fs::read_dir(corpus("")).expect("the corpus") {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a name");
        assert!(romp_fuzz::target(&name).is_some(), "{name}");
    }
}

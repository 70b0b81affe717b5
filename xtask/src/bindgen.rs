//! From the compiler's wasm to the two files a page loads: one script, and wasm made small.
//!
//! The glue maker is a library of this xtask, pinned by Cargo.lock to the version the user interface links, so
//! that there is no tool to install and no version to match by hand.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::{Outcome, npm, place, steps, unused};

/// What the tested web views run. Never `--all-features`: WebKit refuses its result.
const WASM_OPT: &[&str] = &[
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    // Copies of generic code beside each other: gzip finds them there.
    "--reorder-functions-by-name",
    // Addresses below 1024 are the far end of the stack.
    "--low-memory-unused",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
    "--strip-debug",
    "--strip-producers",
];

/// What starts the page.
const BOOT: &str = include_str!("../../ui/boot.js");

/// Makes the files out of `input`, in a folder that it returns. Does nothing when they are already made of it.
pub(crate) fn make(input: &Path, optimise: bool) -> Outcome<PathBuf> {
    let staged = place::target().join("wasm/staged");
    let stamp_file = place::target().join("wasm/staged.stamp");
    let bytes = fs::read(input).map_err(|error| format!("{} cannot be read: {error}", input.display()))?;
    let stamp = stamp(&bytes, optimise);
    if fs::read_to_string(&stamp_file).is_ok_and(|text| text == stamp) {
        println!("The wasm is the same as last time.");
        return Ok(staged);
    }
    if staged.exists() {
        fs::remove_dir_all(&staged)
            .map_err(|error| format!("{} cannot be removed: {error}", staged.display()))?;
    }
    glue(unused::without(&bytes)?, &staged)?;
    if optimise {
        println!("Making it small (binaryen) …");
        npm::install()?;
        let wasm = staged.join("romp_ui_bg.wasm");
        let small = staged.join("small.wasm");
        steps::run(npm::wasm_opt().args(WASM_OPT).arg(&wasm).arg("-o").arg(&small))?;
        fs::rename(&small, &wasm)
            .map_err(|error| format!("{} cannot be replaced: {error}", wasm.display()))?;
        bundle(&staged)?;
    }
    fs::write(&stamp_file, stamp)
        .map_err(|error| format!("{} cannot be written: {error}", stamp_file.display()))?;
    Ok(staged)
}

fn glue(wasm: Vec<u8>, out: &Path) -> Outcome {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes("romp_ui", wasm)
        .out_name("romp_ui")
        .typescript(false)
        .omit_default_module_path(false)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out))
        .map_err(|error| format!("wasm-bindgen cannot use the compiled wasm: {error:#}"))
}

/// Makes one small script of the glue, what it loads, and the page's own.
fn bundle(staged: &Path) -> Outcome {
    let problem = |error| format!("{} cannot be bundled: {error}", staged.display());
    fs::write(staged.join("boot.js"), BOOT).map_err(problem)?;
    steps::run(npm::esbuild().current_dir(staged).args([
        "boot.js",
        "--bundle",
        "--format=esm",
        "--minify",
        "--allow-overwrite",
        "--log-level=warning",
        "--outfile=boot.js",
    ]))?;
    fs::remove_file(staged.join("romp_ui.js")).map_err(problem)?;
    fs::remove_dir_all(staged.join("snippets")).map_err(problem)
}

/// Of all that the result depends on: the input, this file with its options, and the locked tools.
fn stamp(wasm: &[u8], optimise: bool) -> String {
    let recipe = [
        BOOT,
        include_str!("bindgen.rs"),
        include_str!("unused.rs"),
        include_str!("../npm/package-lock.json"),
    ];
    let mut hasher = DefaultHasher::new();
    (wasm, optimise, recipe).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

//! The binary that becomes wasm. Everything is in the library, so that its pure parts are tested on the host.

fn main() {
    romp_ui::start();
}

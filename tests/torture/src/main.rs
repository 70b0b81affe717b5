fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("device") {
        romp_torture::kills::client::run(std::path::Path::new(&arguments.next().unwrap())).unwrap();
    }
}

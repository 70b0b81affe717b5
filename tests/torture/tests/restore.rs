//! A server that goes back to a copy of its database: devices give it back what it has forgotten.

use romp_domain::wire::Epoch;
use romp_faulty_disk::Disk;
use romp_server::db::sqlite;
use romp_torture::home::{Device, Env, admit, open_server};
use romp_torture::inspect::Look;
use romp_torture::server::{consequences, holds};
use romp_torture::work::{Edit, Held};

#[test]
fn a_restored_server_gets_back_what_was_acknowledged_after_the_copy() {
    let (env, disk) = (Env::start(), Disk::new());
    let (database, copy) = (disk.path("server.db"), disk.path("copy.db"));
    let mut devices = [1, 2].map(|number| Device::new(number, env.clone()));
    let server = open_server(&database, &env).unwrap();
    for device in &mut devices {
        device.settle().unwrap();
        admit(&server, &device.family).unwrap();
        device.exchange(&server).unwrap();
    }
    sqlite::backup(&database, &copy).unwrap();
    for n in 0..40 {
        let other = devices[(n + 1) % 2].family.clone();
        let device = &mut devices[n % 2];
        env.is_at(n);
        let edit = Edit::nth(n, &device.family, &device.rows, &[other]);
        if edit.store(device.store()).unwrap() {
            device.rows.note(&edit);
        }
        device.exchange(&server).unwrap();
    }
    drop(server);
    sqlite::restore(&database, &copy, Epoch(77)).unwrap();

    let look = Look::into_sound(&database).unwrap();
    let all = devices[0].rows.mutations.len();
    assert!(
        holds(&look, &devices[0], all, &mut Held::default()).is_err(),
        "it has forgotten"
    );
    let server = open_server(&database, &env).unwrap();
    for device in devices.iter().chain(&devices) {
        device.exchange(&server).unwrap();
    }
    let look = Look::into_sound(&database).unwrap();
    for device in &devices {
        let all = device.rows.mutations.len();
        assert_eq!(device.acknowledged().unwrap(), all);
        assert_eq!(holds(&look, device, all, &mut Held::default()), Ok(()));
    }
    assert_eq!(consequences(&look), Ok(()));
}

//! Jobs: all or nothing, durable when answered, reading one snapshot.

use romp_domain::{ErrorCode, Problem, UtcMs};

use super::{DbExt, Fault, Open, house, with_households};

pub(super) fn all(open: Open<'_>) {
    a_refused_job_leaves_nothing(open);
    a_job_sees_what_it_wrote_and_the_next_one_what_the_last_wrote(open);
    a_failed_statement_leaves_nothing_of_its_job(open);
}

fn a_refused_job_leaves_nothing(open: Open<'_>) {
    let db = with_households(open, 1);
    let result = db.write(|tx| -> Result<(), Fault> {
        tx.next_seq(house(1))?;
        tx.insert_household(house(2), UtcMs(1))?;
        Err(Problem::new(ErrorCode::Stale).into())
    });
    assert!(matches!(result, Err(Fault::Refused(problem)) if problem.code == ErrorCode::Stale));
    assert_eq!(db.read(|tx| tx.household(house(2))).unwrap(), None);
    assert_eq!(db.read(|tx| tx.household(house(1))).unwrap().unwrap().head_seq, 0);
}

fn a_job_sees_what_it_wrote_and_the_next_one_what_the_last_wrote(open: Open<'_>) {
    let db = open();
    let seen = db
        .write(|tx| {
            tx.insert_household(house(1), UtcMs(1))?;
            tx.household(house(1))
        })
        .unwrap();
    assert!(seen.is_some());
    assert_eq!(db.read(|tx| tx.household(house(1))).unwrap(), seen);
}

fn a_failed_statement_leaves_nothing_of_its_job(open: Open<'_>) {
    let db = with_households(open, 1);
    let result = db.write(|tx| {
        tx.insert_household(house(2), UtcMs(1))?;
        tx.insert_household(house(1), UtcMs(1))
    });
    assert!(
        matches!(result, Err(Fault::Backend(_))),
        "a household cannot be made twice"
    );
    assert_eq!(db.read(|tx| tx.household(house(2))).unwrap(), None);
}

//! Who may try how often, and who is kept out by whom.

use super::*;

const START: UtcMs = UtcMs(1_790_000_000_000);

fn at(address: &str) -> Guesser {
    guesser(address.parse().unwrap(), "ann@example.org")
}

#[test]
fn the_eleventh_try_waits_until_the_window_has_passed() {
    let throttle = Throttle::default();
    for _ in 0..MAX_TRIES {
        throttle.count(at("192.0.2.1"), START).unwrap();
    }
    let later = START.plus_ms(MINUTE_MS);
    let refused = throttle.count(at("192.0.2.1"), later).unwrap_err();
    assert_eq!(
        (refused.code, refused.retry_after_s),
        (ErrorCode::TooMany, Some(14 * 60 + 1))
    );
    throttle.count(at("192.0.2.2"), later).unwrap();
    throttle.count(at("192.0.2.1"), START.plus_ms(WINDOW_MS)).unwrap();
}

#[test]
fn row_20_a_clock_that_was_set_back_locks_nobody_out() {
    let throttle = Throttle::default();
    let ahead = START.plus_ms(30 * WINDOW_MS);
    while throttle.count(at("192.0.2.1"), ahead).is_ok() {}
    throttle.count(at("192.0.2.1"), START).unwrap();
}

#[test]
fn right_tries_are_given_back_and_wrong_ones_are_not() {
    let throttle = Throttle::default();
    for _ in 0..100 {
        throttle.count(at("192.0.2.1"), START).unwrap();
        throttle.give_back(&at("192.0.2.1"));
    }
    for _ in 0..MAX_TRIES {
        throttle.count(at("192.0.2.1"), START).unwrap();
    }
    assert!(throttle.count(at("192.0.2.1"), START).is_err());
}

#[test]
fn a_subscriber_cannot_count_as_many() {
    assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
    assert_ne!(at("2001:db8::1").who, at("2001:db8:0:1::1").who);
    assert_eq!(at("2001:db8::1").site, at("2001:db8:0:1::1").site);
    assert_ne!(at("2001:db8::1").site, at("2001:db8:1::1").site);
    assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
}

#[test]
fn memory_is_bounded() {
    let throttle = Throttle::default();
    for n in 0..MAX_GUESSERS + 50 {
        let subject = n.to_string();
        throttle
            .count(guesser([192, 0, 2, 1].into(), &subject), START.plus_ms(n as i64))
            .unwrap();
    }
    assert_eq!(throttle.guessers.lock().unwrap().own.len(), MAX_GUESSERS);
}

#[test]
fn nobody_can_make_the_server_forget_tries_that_are_used_up() {
    let throttle = Throttle::default();
    for _ in 0..MAX_TRIES {
        throttle.count(at("192.0.2.1"), START).unwrap();
    }
    assert!(throttle.count(at("192.0.2.1"), START).is_err());
    for n in 0..MAX_GUESSERS {
        let subject = format!("nobody{n}@example.org");
        throttle
            .count(guesser([192, 0, 2, 1].into(), &subject), START.plus_ms(1))
            .unwrap();
    }
    assert!(throttle.count(at("192.0.2.1"), START.plus_ms(2)).is_err());
    throttle.count(at("192.0.2.1"), START.plus_ms(WINDOW_MS)).unwrap();
}

#[test]
fn row_20_where_all_have_used_their_tries_up_newcomers_share_windows_and_nothing_grows() {
    let throttle = Throttle::default();
    let who = |n: usize| guesser([192, 0, 2, 1].into(), &n.to_string());
    for n in 0..MAX_GUESSERS {
        for _ in 0..MAX_TRIES {
            throttle.count(who(n), START).unwrap();
        }
    }
    let soon = START.plus_ms(1);
    let newcomer = who(MAX_GUESSERS);
    for _ in 0..100 {
        throttle.count(newcomer, soon).unwrap();
        throttle.give_back(&newcomer);
    }
    for _ in 0..MAX_TRIES {
        throttle.count(newcomer, soon).unwrap();
    }
    let refused = throttle.count(newcomer, soon).unwrap_err();
    assert_eq!(refused.code, ErrorCode::TooMany);
    let let_in = (MAX_GUESSERS + 1..3 * MAX_GUESSERS)
        .filter(|n| throttle.count(who(*n), soon).is_ok())
        .count();
    assert!(
        (1..=SHARED as usize * MAX_TRIES as usize).contains(&let_in),
        "{let_in}"
    );
    let windows = throttle.guessers.lock().unwrap();
    assert!(windows.own.len() <= MAX_GUESSERS && windows.shared.len() <= SHARED as usize);
    drop(windows);
    assert!(throttle.count(who(0), soon).is_err(), "nothing was forgotten");
    throttle.count(newcomer, soon.plus_ms(WINDOW_MS)).unwrap();
}

#[test]
fn row_20_one_site_uses_up_a_few_windows_and_keeps_only_itself_out() {
    let throttle = Throttle::of_places();
    let from = |n: usize| place(format!("2001:db8:0:{n:x}::1").parse().unwrap());
    let tries = (0..60_000)
        .filter(|n| throttle.count(from(*n), START).is_ok())
        .count();
    assert_eq!(tries, (MAX_TRIES_OF_A_PLACE * NETWORKS_OF_A_SITE) as usize);
    assert_eq!(throttle.guessers.lock().unwrap().own.len(), tries);
    for elsewhere in ["2001:db8:1::1", "192.0.2.1"] {
        throttle.count(place(elsewhere.parse().unwrap()), START).unwrap();
    }
}

#[test]
fn one_network_that_goes_on_keeps_no_other_of_its_site_out() {
    let throttle = Throttle::default();
    for _ in 0..1_000 {
        let _ = throttle.count(at("2001:db8::1"), START);
    }
    throttle.count(at("2001:db8:0:1::1"), START).unwrap();
}

#[test]
fn row_36_a_try_that_the_server_could_not_judge_costs_nothing_and_one_that_was_wrong_does() {
    let throttle = Throttle::default();
    let who = guesser([192, 0, 2, 7].into(), "ann@example.org");
    let try_it = |code: ErrorCode| {
        let judged = throttle.judged(who, START, || Err::<(), _>(Problem::new(code)));
        judged.unwrap_err().code
    };
    for code in [ErrorCode::Unavailable, ErrorCode::Internal] {
        for _ in 0..50 {
            assert_eq!(try_it(code), code);
        }
    }
    for _ in 0..MAX_TRIES {
        assert_eq!(try_it(ErrorCode::WrongCredentials), ErrorCode::WrongCredentials);
    }
    assert_eq!(try_it(ErrorCode::WrongCredentials), ErrorCode::TooMany);
}

//! How many tokens can be signed and verified.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use dsql_connect::verify::{Expected, verify};
use dsql_connect::{Action, Credentials, DEFAULT_TOKEN_DURATION, sign};

use crate::measure::{Effort, median};
use crate::table::Row;

const HOST: &str = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws";
const REGION: &str = "us-east-1";

pub fn measure(effort: Effort) -> [Row; 2] {
    let credentials = Credentials::new(
        "AKIABENCH",
        "a secret for this bench only",
        None,
        None,
        "bench",
    );
    let now = SystemTime::now();
    let token = || {
        sign(
            HOST,
            REGION,
            Action::DbConnectAdmin,
            black_box(&credentials),
            DEFAULT_TOKEN_DURATION,
            now,
        )
    };
    let one = token();
    let secret_for = |_: &str| Some(credentials.clone());
    let expected = Expected {
        user: "admin",
        hosts: &[HOST],
        region: REGION,
        now,
        secret_for: &secret_for,
    };
    [
        Row::at_least(
            "tokens signed",
            "/s",
            rate(effort, || drop(black_box(token()))),
            100_000.0,
        ),
        Row::at_least(
            "tokens verified",
            "/s",
            rate(effort, || {
                assert!(verify(black_box(one.expose()), &expected).is_ok())
            }),
            100_000.0,
        ),
    ]
}

/// The median of some rounds' times a second, on one core.
fn rate(effort: Effort, mut work: impl FnMut()) -> f64 {
    median((0..effort.rounds()).map(|_| {
        let began = Instant::now();
        let mut count = 0_u32;
        while began.elapsed() < effort.round() / 4 {
            for _ in 0..50 {
                work();
            }
            count += 50;
        }
        f64::from(count) / began.elapsed().max(Duration::from_nanos(1)).as_secs_f64()
    }))
}

//! How a rate and a ratio are measured.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How long to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Long enough for figures to repeat.
    Whole,
    /// Just long enough to see that everything runs.
    Quick,
}

impl Effort {
    /// How many rounds each side gets.
    pub fn rounds(self) -> usize {
        match self {
            Effort::Whole => 15,
            Effort::Quick => 2,
        }
    }

    /// The same where a round is long.
    pub fn long_rounds(self) -> usize {
        match self {
            Effort::Whole => 5,
            Effort::Quick => 1,
        }
    }

    /// How many seconds a long round is.
    pub fn seconds(self) -> u32 {
        match self {
            Effort::Whole => 2,
            Effort::Quick => 1,
        }
    }

    /// How long a round is.
    pub fn round(self) -> Duration {
        Duration::from_millis(match self {
            Effort::Whole => 400,
            Effort::Quick => 60,
        })
    }
}

/// What two sides reached.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The median of our rounds.
    pub ours: f64,
    /// The median of theirs.
    pub theirs: f64,
    /// The median of the ratios of neighbouring rounds.
    pub ratio: f64,
}

/// Measures two sides in turn: ours, theirs, theirs, ours, and so on, after a round of each that does not count.
pub async fn compare(
    effort: Effort,
    ours: impl AsyncFnMut() -> Result<f64>,
    theirs: impl AsyncFnMut() -> Result<f64>,
) -> Result<Comparison> {
    compare_in(effort.rounds(), ours, theirs).await
}

/// The same in so many rounds.
pub async fn compare_in(
    count: usize,
    mut ours: impl AsyncFnMut() -> Result<f64>,
    mut theirs: impl AsyncFnMut() -> Result<f64>,
) -> Result<Comparison> {
    ours().await?;
    theirs().await?;
    let mut rounds = Vec::new();
    for round in 0..count {
        rounds.push(if round % 2 == 0 {
            let ours = ours().await?;
            (ours, theirs().await?)
        } else {
            let theirs = theirs().await?;
            (ours().await?, theirs)
        });
    }
    Ok(Comparison {
        ours: median(rounds.iter().map(|(ours, _)| *ours)),
        theirs: median(rounds.iter().map(|(_, theirs)| *theirs)),
        ratio: median(rounds.iter().map(|(ours, theirs)| ours / theirs)),
    })
}

/// How often a second something can be done, one after the other.
pub async fn rate(length: Duration, mut work: impl AsyncFnMut() -> Result<()>) -> Result<f64> {
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < length {
        work().await?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

/// The number that so many of a hundred are not above; not a number when there are none.
pub fn percentile(numbers: &mut [f64], of_hundred: usize) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let place = (numbers.len() * of_hundred / 100).min(numbers.len().saturating_sub(1));
    numbers.get(place).copied().unwrap_or(f64::NAN)
}

/// The middle one of some numbers; not a number when there are none.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => numbers[middle],
        _ => f64::midpoint(numbers[middle - 1], numbers[middle]),
    }
}

//! A run as a person sees it: a line a step, and on a terminal a bar under them.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use dsql_sql::Plan;
use dsql_sqlx::{Progress, StepNumber, StepReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// How often batches are told where there is no bar.
const BATCHES_EVERY: Duration = Duration::from_secs(5);

/// Shows what a run does, on standard error.
#[derive(Debug)]
pub(crate) struct View {
    /// Only on a terminal.
    bar: Option<ProgressBar>,
    begun: Instant,
    now: Mutex<Now>,
}

/// The step under way.
#[derive(Debug)]
struct Now {
    /// Of the plan under way.
    steps: usize,
    statement: String,
    told: Instant,
}

impl View {
    /// Of a plan that is at hand.
    pub(crate) fn of(plan: &Plan) -> Self {
        Self::new(plan.steps.len(), !plan.steps.is_empty())
    }

    /// Of plans that come one after the other.
    pub(crate) fn of_several() -> Self {
        Self::new(0, true)
    }

    fn new(steps: usize, has_bar: bool) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_terminal = std::io::stderr().is_terminal() && !is_dumb;
        Self {
            bar: (is_terminal && has_bar).then(|| bar(steps)),
            begun: Instant::now(),
            now: Mutex::new(Now {
                steps,
                statement: String::new(),
                told: Instant::now(),
            }),
        }
    }

    pub(crate) fn show(&self, progress: &Progress<'_>) {
        match progress {
            Progress::Locked { holder, .. } => {
                self.say(&format!("waiting for another run: {holder}"));
                self.message("waiting for another run");
            }
            Progress::Work { name, .. } => self.say(name),
            Progress::Resumed {
                done,
                steps,
                started_at,
                ..
            } => {
                self.say(&format!(
                    "going on with the run of {started_at} UTC: {done} of {steps} steps are done"
                ));
                self.at(*done);
            }
            Progress::Started {
                step,
                steps,
                statement,
                ..
            } => {
                self.now(|now| now.steps = *steps);
                if let Some(bar) = &self.bar {
                    bar.set_length(*steps as u64);
                }
                let statement = first_line(statement);
                if self.bar.is_none() {
                    self.line(*step, &statement);
                }
                self.at(step.step.saturating_sub(1));
                self.message(&statement);
                if let Some(bar) = &self.bar {
                    bar.reset_elapsed();
                }
                self.now(|now| now.statement = statement);
            }
            Progress::Planned {
                step,
                sub_steps,
                notes,
                ..
            } => {
                self.line(*step, &format!("becomes {sub_steps} steps"));
                for note in *notes {
                    self.line(*step, &format!("note: {note}"));
                }
            }
            Progress::Waiting { step, job_id, .. } => {
                if self.bar.is_none() {
                    self.line(*step, &format!("waiting for job {job_id}"));
                }
                self.with_statement(&format!("job {job_id}"));
            }
            Progress::Batch { step, rows, .. } => {
                self.with_statement(&format!("{rows} rows"));
                let is_due = self.now(|now| {
                    let is_due = now.told.elapsed() > BATCHES_EVERY;
                    if is_due {
                        now.told = Instant::now();
                    }
                    is_due
                });
                if self.bar.is_none() && is_due {
                    self.line(*step, &format!("{rows} rows so far"));
                }
            }
            Progress::Retried { step, error, .. } => {
                self.line(*step, &format!("once more, after: {error}"));
            }
            Progress::Finished { step, report, .. } => self.finished(*step, report),
            _ => {}
        }
    }

    fn finished(&self, step: StepNumber, report: &StepReport) {
        let mut done = Vec::new();
        if report.rows > 0 {
            let rows = if report.rows == 1 { "row" } else { "rows" };
            done.push(format!("{} {rows}", report.rows));
        }
        if report.job_id.is_some() || report.elapsed > Duration::from_secs(1) {
            done.push(seconds(report.elapsed));
        }
        let done = done.join(", ");
        if self.bar.is_some() {
            let statement = first_line(&report.statement);
            let gap = if done.is_empty() { "" } else { "  " };
            self.line(step, &format!("{statement}{gap}{done}"));
        } else if !done.is_empty() {
            self.line(step, &format!("done: {done}"));
        }
        if step.sub_step.is_none() {
            self.at(step.step);
        }
    }

    /// Writes a line above the bar.
    pub(crate) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| output::error(text)),
            None => output::error(text),
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    pub(crate) fn elapsed(&self) -> String {
        seconds(self.begun.elapsed())
    }

    fn line(&self, step: StepNumber, text: &str) {
        let steps = self.now(|now| now.steps);
        self.say(&format!("{step}/{steps} {text}"));
    }

    fn at(&self, done: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        }
    }

    fn message(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
        }
    }

    /// What the step is at, before its statement, whose end may not fit.
    fn with_statement(&self, text: &str) {
        if self.bar.is_some() {
            let statement = self.now(|now| now.statement.clone());
            self.message(&format!("{text}: {statement}"));
        }
    }

    fn now<T>(&self, look: impl FnOnce(&mut Now) -> T) -> T {
        look(
            &mut self
                .now
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

fn bar(steps: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("[{bar:20}] {pos}/{len} {elapsed} {wide_msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The first words of a statement.
fn first_line(statement: &str) -> String {
    let mut text = statement.trim_start();
    loop {
        let rest = if text.starts_with("--") {
            text.split_once('\n').map(|(_, rest)| rest)
        } else if text.starts_with("/*") {
            text.split_once("*/").map(|(_, rest)| rest)
        } else {
            None
        };
        match rest {
            Some(rest) => text = rest.trim_start(),
            None => break,
        }
    }
    let mut words = text.split_whitespace();
    let mut line = String::new();
    for word in words.by_ref() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > 100 {
            break;
        }
    }
    if words.next().is_some() {
        line.push_str(" …");
    }
    line
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f32()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_shown_by_its_first_words_without_comments_before_them() {
        assert_eq!(
            first_line("-- pets\n/* and\nvets */ SELECT  1,\n 2"),
            "SELECT 1, 2"
        );
        let long = first_line(&format!("SELECT {}", "a, ".repeat(500)));
        assert!(long.ends_with(" …") && long.len() < 120, "{long}");
        let one_word = first_line(&"é".repeat(50_000));
        assert!(!one_word.is_empty());
    }

    #[test]
    fn time_is_told_in_what_fits_it() {
        assert_eq!(seconds(Duration::from_millis(1_234)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(75)), "1 min 15 s");
    }
}

//! What the migrations of one run share: which of them is at work, and its record.

use dsql_sqlx::{Progress, Recorder, Recording};
use sea_orm::DbErr;
use tokio::sync::{Mutex, MutexGuard};

use crate::Dsql;
use crate::ddl::plan_err;

pub(super) struct Session {
    pub(super) db: Dsql,
    recorder: Option<Recorder>,
    recording: Mutex<Option<Recording>>,
}

#[derive(Clone, Copy)]
pub(super) enum Direction {
    Up,
    Down,
}

const UP: &str = "up ";
const DOWN: &str = "down ";

impl Direction {
    /// How the record names a migration.
    pub(super) fn work(self, migration: &str) -> String {
        let direction = match self {
            Self::Up => UP,
            Self::Down => DOWN,
        };
        format!("{direction}{migration}")
    }

    fn other(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

impl Session {
    pub(super) fn new(db: Dsql, recorder: Recorder) -> Self {
        Self {
            db,
            recorder: Some(recorder),
            recording: Mutex::default(),
        }
    }

    /// For what only looks.
    pub(super) fn unrecorded(db: Dsql) -> Self {
        Self {
            db,
            recorder: None,
            recording: Mutex::default(),
        }
    }

    /// A migration begins, or goes on.
    pub(super) async fn begin(&self, direction: Direction, name: &str) -> Result<(), DbErr> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        // What was recorded the other way round is over.
        self.forget(&[direction.other().work(name)]).await?;
        let work = direction.work(name);
        let recording = recorder.begin(&work).await.map_err(plan_err)?;
        self.db.tell(&Progress::work(&work, recording.recorded()));
        *self.recording.lock().await = Some(recording);
        Ok(())
    }

    pub(super) async fn end(&self) {
        *self.recording.lock().await = None;
    }

    /// The record of the migration at work. Statements that a migration sends
    /// at the same time wait for each other.
    pub(super) async fn recording(&self) -> MutexGuard<'_, Option<Recording>> {
        self.recording.lock().await
    }

    pub(super) async fn forget(&self, works: &[String]) -> Result<(), DbErr> {
        match &self.recorder {
            Some(recorder) => recorder.forget(works).await.map_err(plan_err),
            None => Ok(()),
        }
    }

    pub(super) async fn forget_all(&self) -> Result<(), DbErr> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        let mut works = recorder.works().await.map_err(plan_err)?;
        works.retain(|work| work.starts_with(UP) || work.starts_with(DOWN));
        self.forget(&works).await
    }
}

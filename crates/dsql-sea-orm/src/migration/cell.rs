//! Values of a row in a form that can be kept, and given to SeaORM.

use dsql_sqlx::sqlx::{
    self, Column as _, Decode, Postgres, Row as _, Type, TypeInfo as _, postgres::PgRow,
};
use sea_orm::prelude::{
    ChronoDate, ChronoDateTime, ChronoDateTimeUtc, ChronoTime, Decimal, Json, Uuid,
};
use sea_orm::sea_query::Value;
use serde::{Deserialize, Serialize};

/// The columns of a row.
pub(super) type Row = Vec<(String, Cell)>;

/// A value of a type that migrations can read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Cell {
    Bool(Option<bool>),
    SmallInt(Option<i16>),
    Int(Option<i32>),
    BigInt(Option<i64>),
    /// Its bits, since JSON knows no NaN.
    Float(Option<u32>),
    /// Its bits.
    Double(Option<u64>),
    String(Option<String>),
    Bytes(Option<Vec<u8>>),
    Decimal(Option<Decimal>),
    Json(Option<Json>),
    Uuid(Option<Uuid>),
    Date(Option<ChronoDate>),
    Time(Option<ChronoTime>),
    Timestamp(Option<ChronoDateTime>),
    Timestamptz(Option<ChronoDateTimeUtc>),
}

pub(super) fn row(row: &PgRow) -> Result<Row, sqlx::Error> {
    let cells = row.columns().iter().map(|column| {
        let (at, name) = (column.ordinal(), column.name());
        let cell = match column.type_info().name() {
            "BOOL" => Cell::Bool(value(row, at)?),
            "INT2" => Cell::SmallInt(value(row, at)?),
            "INT4" => Cell::Int(value(row, at)?),
            "INT8" => Cell::BigInt(value(row, at)?),
            "FLOAT4" => Cell::Float(value(row, at)?.map(f32::to_bits)),
            "FLOAT8" => Cell::Double(value(row, at)?.map(f64::to_bits)),
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" => Cell::String(value(row, at)?),
            "BYTEA" => Cell::Bytes(value(row, at)?),
            "NUMERIC" => Cell::Decimal(value(row, at)?),
            "JSON" | "JSONB" => Cell::Json(value(row, at)?),
            "UUID" => Cell::Uuid(value(row, at)?),
            "DATE" => Cell::Date(value(row, at)?),
            "TIME" => Cell::Time(value(row, at)?),
            "TIMESTAMP" => Cell::Timestamp(value(row, at)?),
            "TIMESTAMPTZ" => Cell::Timestamptz(value(row, at)?),
            other => {
                return Err(sqlx::Error::Decode(
                    format!(
                        "a migration cannot read column \"{name}\" of type {other}: cast it to text in the query"
                    )
                    .into(),
                ));
            }
        };
        Ok((name.to_owned(), cell))
    });
    cells.collect()
}

fn value<T>(row: &PgRow, at: usize) -> Result<Option<T>, sqlx::Error>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres>,
{
    row.try_get(at)
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Bool(value) => Self::Bool(value),
            Cell::SmallInt(value) => Self::SmallInt(value),
            Cell::Int(value) => Self::Int(value),
            Cell::BigInt(value) => Self::BigInt(value),
            Cell::Float(bits) => Self::Float(bits.map(f32::from_bits)),
            Cell::Double(bits) => Self::Double(bits.map(f64::from_bits)),
            Cell::String(value) => Self::String(value),
            Cell::Bytes(value) => Self::Bytes(value),
            Cell::Decimal(value) => Self::Decimal(value),
            Cell::Json(value) => Self::Json(value.map(Box::new)),
            Cell::Uuid(value) => Self::Uuid(value),
            Cell::Date(value) => Self::ChronoDate(value),
            Cell::Time(value) => Self::ChronoTime(value),
            Cell::Timestamp(value) => Self::ChronoDateTime(value),
            Cell::Timestamptz(value) => Self::ChronoDateTimeUtc(value),
        }
    }
}

//! How to translate, as said on the command line.

use clap::ValueEnum;
use dsql_sql::ForeignKeys;

/// Options that the linter and the translator share.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What becomes of foreign keys.
    #[arg(
        long,
        value_name = "native|omit",
        default_value = "native",
        hide_possible_values = true
    )]
    foreign_keys: Keys,

    /// CACHE of identity columns and sequences that name none: 1 for numbers near in order, 65536 or more for
    /// throughput.
    #[arg(long, visible_alias = "identity-cache", value_name = "N",
          default_value_t = dsql_sql::Options::default().identity_cache)]
    cache: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Keys {
    Native,
    Omit,
}

impl Options {
    pub(crate) fn to_sql(&self) -> dsql_sql::Options {
        dsql_sql::Options {
            foreign_keys: match self.foreign_keys {
                Keys::Native => ForeignKeys::Native,
                Keys::Omit => ForeignKeys::Omit,
            },
            identity_cache: self.cache,
            ..dsql_sql::Options::default()
        }
    }
}

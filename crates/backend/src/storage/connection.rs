//! Connections with access to the database's keys.

use std::ops::{Deref, DerefMut};

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use sqlx::any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, Either, Execute, Executor, SqlStr, Transaction};

use super::{DataKeys, StorageError};

/// A connection to the database. Queries run on it as on one of sqlx.
#[derive(Debug)]
pub(crate) struct Connection {
    held: Held,
    keys: DataKeys,
}

#[derive(Debug)]
enum Held {
    Reading(PoolConnection<Any>),
    Writing(Transaction<'static, Any>),
}

/// A transaction that writes; rolled back unless it is committed.
#[derive(Debug)]
pub(crate) struct Writing(Connection);

impl Connection {
    pub(super) const fn reading(connection: PoolConnection<Any>, keys: DataKeys) -> Self {
        Self {
            held: Held::Reading(connection),
            keys,
        }
    }

    /// The keys of the sealed data in this database. Cheap to call.
    pub(super) fn keys(&self) -> DataKeys {
        self.keys.clone()
    }
}

impl Writing {
    pub(super) const fn begun(transaction: Transaction<'static, Any>, keys: DataKeys) -> Self {
        Self(Connection {
            held: Held::Writing(transaction),
            keys,
        })
    }

    /// Commits the transaction.
    pub(crate) async fn commit(self) -> Result<(), StorageError> {
        match self.0.held {
            Held::Writing(transaction) => Ok(transaction.commit().await?),
            // Never constructed this way; a reader has nothing to commit.
            Held::Reading(_) => Ok(()),
        }
    }
}

impl Deref for Connection {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match &self.held {
            Held::Reading(connection) => connection,
            Held::Writing(transaction) => transaction,
        }
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match &mut self.held {
            Held::Reading(connection) => connection,
            Held::Writing(transaction) => transaction,
        }
    }
}

impl Deref for Writing {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        (**self).fetch_many(query)
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        (**self).fetch_optional(query)
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        (**self).prepare_with(sql, parameters)
    }
}

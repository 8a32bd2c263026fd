//! Routing decisions, each with its order.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::ids::OrderId;
use domain::market::RoutingView;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sqlx::Row;

use super::{Connection, StorageError, from_json, signed, to_json, unreadable};

/// Stores an order's decision, replacing an earlier one.
pub(crate) async fn put(
    connection: &mut Connection,
    order: OrderId,
    summary: &RoutingView,
    document: &str,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO decisions (order_id, at, summary, document) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (order_id) DO UPDATE SET at = excluded.at, summary = excluded.summary, \
         document = excluded.document",
    )
    .bind(order.to_string())
    .bind(signed(summary.made_at.0))
    .bind(to_json(summary))
    .bind(packed(document))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the outcome of an order's decision; `None` if there is none.
pub(crate) async fn summary(
    connection: &mut Connection,
    order: OrderId,
) -> Result<Option<RoutingView>, StorageError> {
    let row = sqlx::query("SELECT summary FROM decisions WHERE order_id = $1")
        .bind(order.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| from_json("summary", row.try_get("summary")?))
        .transpose()
}

/// Returns the decision document of an order, as it was hashed.
pub(crate) async fn document(
    connection: &mut Connection,
    order: OrderId,
) -> Result<Option<String>, StorageError> {
    let row = sqlx::query("SELECT document FROM decisions WHERE order_id = $1")
        .bind(order.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(|row| unpacked(row.try_get("document")?))
        .transpose()
}

/// Compresses a document. It names all offers, and shrinks to a tenth.
fn packed(document: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let bytes = encoder
        .write_all(document.as_bytes())
        .and_then(|()| encoder.finish());
    STANDARD_NO_PAD.encode(bytes.expect("writing into memory does not fail"))
}

fn unpacked(text: &str) -> Result<String, StorageError> {
    let bytes = STANDARD_NO_PAD
        .decode(text)
        .map_err(|error| unreadable("document", error))?;
    let mut document = String::new();
    DeflateDecoder::new(bytes.as_slice())
        .read_to_string(&mut document)
        .map_err(|error| unreadable("document", error))?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::{packed, unpacked};

    #[test]
    fn a_document_comes_back_as_it_was() {
        let document = r#"{"offers":["H100","H100","H100"],"who":"größer"}"#.repeat(50);
        let packed = packed(&document);
        assert!(packed.len() < document.len() / 5);
        assert_eq!(unpacked(&packed).unwrap(), document);
        assert!(unpacked("§").is_err());
    }
}

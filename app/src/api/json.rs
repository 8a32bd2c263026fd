//! The JSON codec of the server functions.

use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// JSON, parsed from text. The framework's own codec parses from bytes while resources parse from text, which
/// compiles every type's deserialiser twice; the first visit has a size budget.
#[derive(Debug)]
pub struct TextJson;

/// Arguments or results as JSON in the body of a `POST`.
pub type Json = Post<TextJson>;

/// Error for bytes that are not the expected JSON.
#[derive(Debug, Error)]
pub enum JsonError {
    /// The bytes are not UTF-8.
    #[error("it is not text")]
    NotText(#[from] std::str::Utf8Error),
    /// The text is not JSON, or JSON of another shape.
    #[error(transparent)]
    NotAsExpected(#[from] serde_json::Error),
}

impl ContentType for TextJson {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for TextJson {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for TextJson {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for TextJson {
    type Error = JsonError;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        Ok(serde_json::from_str(std::str::from_utf8(&bytes)?)?)
    }
}

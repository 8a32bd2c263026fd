//! Creates an order from words, a form or a file.

use domain::auto_sign::Origin;
use domain::requirements::Wish;
use domain::time::Seconds;
use leptos::prelude::*;
use leptos::server_fn::codec::{StreamingText, TextStream};
use serde::{Deserialize, Serialize};

use super::ApiError;
use super::json::Json;
use crate::wish_fields::WishFields;

/// The three kinds of requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ask {
    /// A request in words.
    Words {
        /// Text as the buyer typed it.
        text: String,
        /// Origin of the words; auto-sign never pays for the words of a link.
        #[serde(default)]
        origin: Origin,
    },
    /// A request by form.
    Form {
        /// Wish that the form's fields describe.
        wish: Box<Wish>,
    },
    /// The buyer's own SDL.
    Sdl {
        /// SDL as YAML.
        text: String,
        /// Duration to price; `None` for the default.
        duration: Option<Seconds>,
    },
}

/// Starts an order and streams the interpretation, as one JSON `RequestLine` per line.
///
/// # Errors
/// When the input is empty or too long.
#[server(endpoint = "describe", input = Json, output = StreamingText)]
pub async fn describe(ask: Ask) -> Result<TextStream<ApiError>, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    use futures::StreamExt;
    let origin = ask.origin();
    let lines = backend::usecases::describe_from(&backend()?, &visitor()?, ask.into(), origin)
        .await
        .map_err(refuse)?;
    Ok(TextStream::new(lines.map(|line| {
        serde_json::to_string(&line)
            .map(|json| json + "\n")
            .map_err(|error| ApiError::new(500, error.to_string()))
    })))
}

/// The same from a plain form, before or without WASM: waits for the whole answer and redirects to the
/// order's page. A sentence takes precedence over an SDL, an SDL over the form's fields.
///
/// # Errors
/// When a field cannot be parsed, or no order came of the request.
#[server(endpoint = "describe_plain", output = Json)]
pub async fn describe_plain(
    #[server(default)] sentence: String,
    #[server(default)] sdl: String,
    #[server(default)] fields: WishFields,
) -> Result<(), ApiError> {
    use super::ssr::{backend, invalid, refuse, visitor};
    let ask = ssr::from_form(sentence, sdl, &fields).map_err(invalid)?;
    let (backend, visitor) = (backend()?, visitor()?);
    let lines = backend::usecases::describe_from(&backend, &visitor, ask.into(), Origin::PlainForm)
        .await
        .map_err(refuse)?;
    let order = order_of(lines).await.map_err(invalid)?;
    leptos_axum::redirect(&format!("/?order={order}"));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) use ssr::order_of;

#[cfg(feature = "ssr")]
mod ssr {
    use backend::usecases::Request;
    use domain::ids::OrderId;
    use domain::journey::RequestLine;
    use futures::{Stream, StreamExt, pin_mut};

    use super::{Ask, Origin, WishFields};

    impl Ask {
        pub(super) const fn origin(&self) -> Origin {
            match self {
                Self::Words { origin, .. } => *origin,
                Self::Form { .. } | Self::Sdl { .. } => Origin::Page,
            }
        }
    }

    impl From<Ask> for Request {
        fn from(ask: Ask) -> Self {
            match ask {
                Ask::Words { text, .. } => Self::Words(text),
                Ask::Form { wish } => Self::Form(*wish),
                Ask::Sdl { text, duration } => Self::Sdl { text, duration },
            }
        }
    }

    pub(super) fn from_form(
        sentence: String,
        sdl: String,
        fields: &WishFields,
    ) -> Result<Ask, crate::wish_fields::FieldError> {
        if !sentence.trim().is_empty() {
            return Ok(Ask::Words {
                text: sentence,
                origin: Origin::PlainForm,
            });
        }
        let wish = fields.parse()?;
        if !sdl.trim().is_empty() {
            return Ok(Ask::Sdl {
                text: sdl,
                duration: wish.duration,
            });
        }
        Ok(Ask::Form {
            wish: Box::new(wish),
        })
    }

    /// Waits for the end of the stream; returns the order, or the reason why there is none.
    pub(in crate::api) async fn order_of(
        lines: impl Stream<Item = RequestLine>,
    ) -> Result<OrderId, String> {
        pin_mut!(lines);
        let mut order = None;
        let mut refused = None;
        while let Some(line) = lines.next().await {
            match line {
                RequestLine::Order { id } => order = Some(id),
                RequestLine::Refused { message } => refused = Some(message),
                RequestLine::Step(_) | RequestLine::Done => {}
            }
        }
        order.ok_or_else(|| refused.unwrap_or_else(|| "Say what to run.".to_owned()))
    }
}

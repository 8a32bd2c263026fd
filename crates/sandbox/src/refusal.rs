//! Refusals in the Console's own words and format.

use serde_json::{Value, json};

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// Name of the error class.
    pub(crate) error: &'static str,
    pub(crate) code: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) data: Option<Value>,
}

impl Refusal {
    fn client(
        status: u16,
        error: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error,
            code,
            kind: "client_error",
            message: message.into(),
            data: None,
        }
    }

    /// 400 with one sentence.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::client(400, "BadRequestError", "bad_request", message)
    }

    /// 400 with a list of issues.
    pub(crate) fn validation(issues: Value) -> Self {
        Self {
            kind: "validation_error",
            data: Some(issues),
            ..Self::client(
                400,
                "BadRequestError",
                "validation_error",
                "Validation error",
            )
        }
    }

    /// 400 for one field of the body.
    pub(crate) fn field(path: &[&str], message: &str) -> Self {
        Self::validation(json!([{ "code": "custom", "path": path, "message": message }]))
    }

    /// 401, for any kind of wrong key.
    pub(crate) fn unauthorized() -> Self {
        Self::client(401, "UnauthorizedError", "unauthorized", "Invalid API key")
    }

    /// 402, for which the Console has no code of its own.
    pub(crate) fn payment(message: &str) -> Self {
        Self::client(402, "PaymentRequiredError", "unknown_error", message)
    }

    /// 404 with a sentence that names what was not found.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::client(404, "NotFoundError", "not_found", message)
    }

    /// 409, while the wallet is being set up.
    pub(crate) fn wallet_provisioning() -> Self {
        Self::client(
            409,
            "ConflictError",
            "wallet_provisioning",
            "Wallet is still being provisioned, please retry shortly",
        )
    }

    /// 422 with one sentence.
    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::client(422, "UnprocessableEntityError", "unknown_error", message)
    }

    /// 422: the lease exists, but its provider has no manifest.
    pub(crate) fn manifest_not_delivered(dseq: u64, provider: &str, reason: &str) -> Self {
        let message = format!(
            "The lease for deployment {dseq} exists, but provider {provider} did not receive its manifest. \
             Send this request again to retry, or close the deployment to stop paying for it."
        );
        Self {
            data: Some(json!({ "dseq": dseq.to_string(), "provider": provider, "reason": reason })),
            ..Self::client(
                422,
                "UnprocessableEntityError",
                "manifest_not_delivered",
                message,
            )
        }
    }

    /// 429 with a fixed sentence.
    pub(crate) fn rate_limited() -> Self {
        Self::client(
            429,
            "TooManyRequestsError",
            "rate_limited",
            "Too many requests, please slow down",
        )
    }

    /// 500, which hides its reason.
    pub(crate) fn internal() -> Self {
        Self {
            kind: "server_error",
            ..Self::client(
                500,
                "InternalServerError",
                "internal_server_error",
                "Internal server error",
            )
        }
    }

    /// 502, because of the database.
    pub(crate) fn database_timeout() -> Self {
        Self {
            kind: "service_unavailable",
            ..Self::client(
                502,
                "BadGatewayError",
                "database_timeout",
                "Database is temporarily unavailable",
            )
        }
    }

    /// 503 with one sentence.
    pub(crate) fn unavailable(message: &str) -> Self {
        Self {
            kind: "server_error",
            ..Self::client(
                503,
                "ServiceUnavailableError",
                "service_unavailable",
                message,
            )
        }
    }

    /// JSON body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({
            "error": self.error,
            "message": self.message,
            "code": self.code,
            "type": self.kind,
        });
        if let Some(data) = &self.data {
            body["data"] = data.clone();
        }
        body
    }
}

/// The account cannot cover a deposit.
pub(crate) const NO_BALANCE: &str = "Not enough balance to cover the deployment deposit. Add credits or turn on auto recharge to continue.";
/// The account cannot cover a deposit yet: a top-up is pending.
pub(crate) const TOP_UP_ON_ITS_WAY: &str = "Not enough balance to cover the deployment deposit. A top up from your saved payment method is on the way, so try again in a moment.";
/// The account cannot cover the fee.
pub(crate) const NO_FEES: &str = "Not enough funds to cover the transaction fee";
/// The bid is no longer open.
pub(crate) const BID_GONE: &str = "Cannot create lease: The selected bid is no longer open. Please refresh and select an available bid.";
/// The order is no longer open.
pub(crate) const ORDER_GONE: &str = "Cannot create lease: The associated order has already been matched or closed. Re-create the deployment to generate a new order and try again.";
/// The provider cannot be reached.
pub(crate) const PROVIDER_DOWN: &str = "Provider service is temporarily unavailable";

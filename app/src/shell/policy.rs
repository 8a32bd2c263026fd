//! The content security policy of pages.

use http::{HeaderName, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::facts::ShellFacts;

/// Path to which browsers report violations of the policy.
pub const REPORTS: &str = "/csp-reports";

/// Sets the policy of a page. Responses without a page get a stricter one from the server's outer layer,
/// which leaves this one alone.
pub(super) fn send(facts: &ShellFacts, nonce: Option<&str>) {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), nonce) else {
        return;
    };
    let policy = HeaderValue::from_str(&policy(facts, nonce))
        .expect("an origin that was parsed as an address and a base64 nonce are visible ASCII");
    let endpoint = HeaderValue::from_str(&format!("csp=\"{REPORTS}\""))
        .expect("a constant path is visible ASCII");
    response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    response.insert_header(HeaderName::from_static("reporting-endpoints"), endpoint);
}

/// Denies everything except: scripts with the page's nonce and what they load, WASM, our own styles and
/// fonts, icons of wallets (`data:`), and connections to this server. Trusted Types make sure that
/// text enters the page as text.
fn policy(facts: &ShellFacts, nonce: &str) -> String {
    let sandbox = facts
        .simulated
        .as_ref()
        .map(|simulated| format!(" {}", simulated.sandbox_origin))
        .unwrap_or_default();
    [
        "default-src 'none'".to_owned(),
        format!("script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'"),
        format!("style-src 'self' 'nonce-{nonce}'"),
        "img-src 'self' data:".to_owned(),
        "font-src 'self'".to_owned(),
        "manifest-src 'self'".to_owned(),
        format!("connect-src 'self'{sandbox}"),
        "form-action 'self'".to_owned(),
        "base-uri 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
        "require-trusted-types-for 'script'".to_owned(),
        "trusted-types default".to_owned(),
        format!("report-uri {REPORTS}"),
        "report-to csp".to_owned(),
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::policy;
    use crate::facts::ShellFacts;

    #[test]
    fn scripts_run_by_the_nonce_alone() {
        let policy = policy(&ShellFacts::default(), "abc");
        let scripts = policy
            .split("; ")
            .find(|part| part.starts_with("script-src"));
        assert_eq!(
            scripts,
            Some("script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'")
        );
        for part in [
            "default-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.split("; ").any(|one| one == part), "{part}");
        }
    }
}

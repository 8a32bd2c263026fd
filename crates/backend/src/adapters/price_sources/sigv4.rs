//! AWS's signature of a request (Signature Version 4), for a GET without a body.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::escaped;

/// Who asks. The secret signs and is never sent.
#[derive(Debug, Clone)]
pub struct AwsCredentials {
    /// The access key's id.
    pub key_id: String,
    /// The secret that belongs to it.
    pub secret: SecretString,
    /// The token of a session, for keys that are lent.
    pub session_token: Option<SecretString>,
}

/// What is asked, of whom, and when.
#[derive(Debug)]
pub(super) struct Unsigned<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) host: &'a str,
    /// Names and values, not escaped.
    pub(super) query: BTreeMap<String, String>,
    /// `20150830T123600Z`.
    pub(super) at: &'a str,
}

impl Unsigned<'_> {
    /// The query as it is signed and must be sent.
    pub(super) fn query(&self) -> String {
        let pairs = self.query.iter();
        pairs
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect::<Vec<_>>()
            .join("&")
    }

    /// The headers that make it a signed request, `host` aside.
    pub(super) fn headers(&self, credentials: &AwsCredentials) -> Vec<(&'static str, String)> {
        let mut headers = vec![("x-amz-date", self.at.to_owned())];
        if let Some(token) = &credentials.session_token {
            headers.push(("x-amz-security-token", token.expose_secret().to_owned()));
        }
        let signed = std::iter::once(("host", self.host))
            .chain(headers.iter().map(|(name, value)| (*name, value.as_str())));
        let (lines, names): (Vec<String>, Vec<&str>) = signed
            .map(|(name, value)| (format!("{name}:{value}\n"), name))
            .unzip();
        let names = names.join(";");
        let canonical = format!(
            "GET\n/\n{}\n{}\n{names}\n{}",
            self.query(),
            lines.concat(),
            hex::encode(Sha256::digest(""))
        );
        let day = self.at.get(..8).unwrap_or(self.at);
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
            self.at,
            hex::encode(Sha256::digest(canonical))
        );
        let first = format!("AWS4{}", credentials.secret.expose_secret());
        let key = [day, self.region, self.service, "aws4_request"]
            .into_iter()
            .fold(first.into_bytes(), |key, text| keyed(&key, text));
        let signature = hex::encode(keyed(&key, &to_sign));
        headers.push((
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
                credentials.key_id
            ),
        ));
        headers
    }
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::{AwsCredentials, Unsigned};

    /// The key of AWS's published test suite: public, and opens nothing.
    fn credentials() -> AwsCredentials {
        AwsCredentials {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        }
    }

    fn authorization(query: &[(&str, &str)]) -> String {
        let pairs = query.iter();
        let unsigned = Unsigned {
            region: "us-east-1",
            service: "service",
            host: "example.amazonaws.com",
            query: pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            at: "20150830T123600Z",
        };
        let headers = unsigned.headers(&credentials());
        let found = headers
            .into_iter()
            .find(|(name, _)| *name == "authorization");
        found.unwrap().1
    }

    #[test]
    fn the_published_vectors_come_out() {
        let before = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=";
        // get-vanilla
        assert_eq!(
            authorization(&[]),
            format!("{before}5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        );
        // get-vanilla-query-order-key-case
        assert_eq!(
            authorization(&[("Param2", "value2"), ("Param1", "value1")]),
            format!("{before}b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")
        );
        // get-vanilla-empty-query-key
        assert_eq!(
            authorization(&[("Param1", "value1")]),
            format!("{before}a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")
        );
    }

    #[test]
    fn a_session_s_token_is_signed_too_and_the_secret_is_nowhere() {
        let lent = AwsCredentials {
            session_token: Some("token".into()),
            ..credentials()
        };
        let unsigned = Unsigned {
            region: "us-east-1",
            service: "ec2",
            host: "ec2.us-east-1.amazonaws.com",
            query: [].into(),
            at: "20150830T123600Z",
        };
        let headers = unsigned.headers(&lent);
        let text = format!("{headers:?} {lent:?}");
        assert!(text.contains("SignedHeaders=host;x-amz-date;x-amz-security-token"));
        assert!(!text.contains("wJalr"), "{text}");
    }
}

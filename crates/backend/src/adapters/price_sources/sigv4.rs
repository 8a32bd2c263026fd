//! AWS request signatures (Signature Version 4), for a GET without a body.

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::payload::escaped;

/// Credentials of the caller. The secret signs and is never sent.
#[derive(Debug, Clone)]
pub struct AwsCredentials {
    /// Id of the access key.
    pub key_id: String,
    /// Secret of the access key.
    pub secret: SecretString,
    /// Session token, for temporary keys.
    pub session_token: Option<SecretString>,
}

/// A request to be signed, with its host and time.
#[derive(Debug)]
pub(super) struct Unsigned<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) host: &'a str,
    /// Names and values, unescaped, in any order; a name may occur twice.
    pub(super) query: Vec<(String, String)>,
    /// Time of the request in UTC, in the form `20150830T123600Z`.
    pub(super) at: &'a str,
}

impl Unsigned<'_> {
    /// Returns the query as it is signed and must be sent: ordered by escaped names, then by
    /// escaped values, which differs from the order of the unescaped characters.
    pub(super) fn query(&self) -> String {
        let pairs = self.query.iter();
        let mut pairs: Vec<(String, String)> = pairs
            .map(|(name, value)| (escaped(name), escaped(value)))
            .collect();
        pairs.sort_unstable();
        let pairs: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }

    /// Returns the headers that sign the request, except `host`.
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

    /// The key in AWS's published test suite: public, and without access to anything.
    fn credentials() -> AwsCredentials {
        AwsCredentials {
            key_id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        }
    }

    fn authorization(query: &[(&str, &str)], credentials: &AwsCredentials) -> String {
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
        let headers = unsigned.headers(credentials);
        let found = headers
            .into_iter()
            .find(|(name, _)| *name == "authorization");
        found.unwrap().1
    }

    /// The characters that are never escaped.
    const UNRESERVED: &str = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// A case of the suite: name, query and signature.
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    );

    /// The suite's cases of a GET of `/` with two headers, which is the only kind of request made
    /// to EC2. Its other cases are about paths, bodies and further headers, which do not occur
    /// here.
    #[rustfmt::skip]
    const SUITE: [Case; 8] = [
        ("get-vanilla", &[], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("get-vanilla-empty-query-key", &[("Param1", "value1")], "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        ("get-vanilla-query-order-key-case", &[("Param2", "value2"), ("Param1", "value1")], "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        ("get-vanilla-query-order-key", &[("Param1", "value2"), ("Param1", "Value1")], "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
        ("get-vanilla-query-order-value", &[("Param1", "value2"), ("Param1", "value1")], "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
        ("get-vanilla-query-order-encoded", &[("Param-3", "Value3"), ("Param", "Value2"), ("\u{1234}", "Value1")], "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
        ("get-vanilla-query-unreserved", &[(UNRESERVED, UNRESERVED)], "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        ("get-vanilla-utf8-query", &[("\u{1234}", "bar")], "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
    ];

    #[test]
    fn the_published_suite_s_signatures_come_out() {
        let scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
        for (name, query, signature) in SUITE {
            assert_eq!(
                authorization(query, &credentials()),
                format!(
                    "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={signature}"
                ),
                "{name}"
            );
        }
        // get-vanilla-with-session-token
        let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        let lent = AwsCredentials {
            session_token: Some(token.into()),
            ..credentials()
        };
        assert_eq!(
            authorization(&[], &lent),
            format!(
                "AWS4-HMAC-SHA256 Credential={scope}, \
                 SignedHeaders=host;x-amz-date;x-amz-security-token, \
                 Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
            )
        );
    }

    #[test]
    fn what_ec2_is_asked_is_escaped_and_ordered_as_it_is_signed() {
        let pairs = [
            ("StartTime", "2026-11-21T14:00:00Z"),
            ("ProductDescription.1", "Linux/UNIX"),
            ("InstanceType.2", "p5.48xlarge"),
            ("InstanceType.10", "p4d.24xlarge"),
            ("NextToken", "a+b/c=="),
            ("Action", "DescribeSpotPriceHistory"),
        ];
        let unsigned = Unsigned {
            region: "us-west-2",
            service: "ec2",
            host: "ec2.us-west-2.amazonaws.com",
            query: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            at: "20261121T140000Z",
        };
        assert_eq!(
            unsigned.query(),
            "Action=DescribeSpotPriceHistory&InstanceType.10=p4d.24xlarge\
             &InstanceType.2=p5.48xlarge&NextToken=a%2Bb%2Fc%3D%3D\
             &ProductDescription.1=Linux%2FUNIX&StartTime=2026-11-21T14%3A00%3A00Z"
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
            query: Vec::new(),
            at: "20150830T123600Z",
        };
        let headers = unsigned.headers(&lent);
        let text = format!("{headers:?} {lent:?}");
        assert!(text.contains("SignedHeaders=host;x-amz-date;x-amz-security-token"));
        assert!(!text.contains("wJalr"), "{text}");
    }
}

//! Typical names of secrets.

use std::ops::Range;

/// Words that make a variable a secret.
const WORDS: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pass",
    "pwd",
    "pw",
    "token",
    "authtoken",
    "secret",
    "secrets",
    "apikey",
    "secretkey",
    "privatekey",
    "accesskey",
    "credential",
    "credentials",
];

/// Words that make a following “key” a secret.
const KEYS: [&str; 14] = [
    "access",
    "account",
    "admin",
    "api",
    "app",
    "auth",
    "encryption",
    "jwt",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "signing",
];

/// Last words of names that describe a secret but do not hold one.
const ABOUT: [&str; 34] = [
    "age",
    "algorithm",
    "allowed",
    "count",
    "disabled",
    "duration",
    "enabled",
    "endpoint",
    "expire",
    "expires",
    "expiration",
    "expiry",
    "file",
    "hash",
    "header",
    "id",
    "issuer",
    "length",
    "lifetime",
    "limit",
    "max",
    "min",
    "name",
    "path",
    "policy",
    "prefix",
    "required",
    "size",
    "symbol",
    "ttl",
    "type",
    "url",
    "user",
    "username",
];

/// First words of names that are only switches.
const SWITCHES: [&str; 8] = [
    "allow", "disable", "enable", "force", "max", "min", "require", "use",
];

/// First words of variables whose keys a third party issues: none can be generated here.
const ISSUERS: [&str; 48] = [
    "alchemy",
    "anthropic",
    "aws",
    "azure",
    "bot",
    "cf",
    "cloudflare",
    "cohere",
    "datadog",
    "dd",
    "deepseek",
    "digitalocean",
    "discord",
    "do",
    "docker",
    "gcp",
    "gemini",
    "gh",
    "ghcr",
    "git",
    "github",
    "gitlab",
    "google",
    "groq",
    "hf",
    "hugging",
    "huggingface",
    "infura",
    "mailgun",
    "mapbox",
    "mistral",
    "ngrok",
    "openai",
    "openrouter",
    "pinecone",
    "replicate",
    "sendgrid",
    "sentry",
    "slack",
    "stripe",
    "tailscale",
    "telegram",
    "together",
    "ts",
    "tunnel",
    "twilio",
    "vercel",
    "wandb",
];

/// Variables of well-known images that are secrets but match no pattern, each with the character
/// that precedes the secret in its value.
const OF_IMAGES: [(&str, &str, Option<char>); 5] = [
    ("neo4j", "NEO4J_AUTH", Some('/')),
    ("rabbitmq", "RABBITMQ_ERLANG_COOKIE", None),
    ("wordpress", "WORDPRESS_AUTH_SALT", None),
    ("umami", "HASH_SALT", None),
    ("strapi", "API_TOKEN_SALT", None),
];

/// Whether a variable of this name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    let is_about = ABOUT.contains(&last.as_str()) || last.chars().all(|c| c.is_ascii_digit());
    let is_switch = words.len() > 1 && SWITCHES.contains(&first.as_str());
    // A switch may also ask for a random root password.
    let is_random = words.iter().any(|word| word == "random" || word == "empty");
    if is_about || is_switch || is_random {
        return false;
    }
    let has_word = words.iter().any(|word| WORDS.contains(&word.as_str()));
    let has_key = words
        .windows(2)
        .any(|pair| pair[1] == "key" && KEYS.contains(&pair[0].as_str()));
    // “PUBLIC_KEY”, “PUBLIC_TOKEN”: meant to be known.
    (has_word || has_key) && !words.iter().any(|word| word == "public")
}

/// Whether a secret of this name can be generated.
pub(crate) fn can_be_generated(name: &str) -> bool {
    let words = words(name);
    !words
        .first()
        .is_some_and(|first| ISSUERS.contains(&first.as_str()))
        && !words.iter().any(|word| word == "license")
}

/// Whether a value only switches something on or off.
pub(super) fn is_switch(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    matches!(
        value.as_str(),
        "0" | "1" | "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null"
    )
}

/// The secret in a variable of a well-known image.
pub(super) fn of_image(image: &str, name: &str, value: &str) -> Option<Range<usize>> {
    let last = image.rsplit('/').next().unwrap_or(image);
    let image = last.split([':', '@']).next().unwrap_or(last);
    let (_, _, before) = OF_IMAGES
        .iter()
        .find(|(known, variable, _)| image.contains(known) && *variable == name)?;
    let from = match before {
        Some(mark) => value.find(*mark)? + mark.len_utf8(),
        None => 0,
    };
    Some(from..value.len())
}

/// The passwords of addresses (`scheme://user:password@host`) in a value.
pub(super) fn passwords_in_addresses(value: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(scheme) = value[at..].find("://") {
        let from = at + scheme + 3;
        let rest = &value[from..];
        let ends = rest
            .find(|c: char| c == '/' || c == '?' || c == ',' || c.is_whitespace())
            .unwrap_or(rest.len());
        let authority = &rest[..ends];
        if let Some(host) = authority.rfind('@')
            && let Some(user) = authority[..host].find(':')
        {
            found.push(from + user + 1..from + host);
        }
        at = from;
    }
    found
}

/// The words of a name, in lower case: `dbPassword`, `DB_PASSWORD` and `db-password` are two each.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{can_be_generated, is_secret_name, passwords_in_addresses};

    #[test]
    fn secrets_are_known_by_their_names_and_talk_about_secrets_is_not() {
        for name in [
            "POSTGRES_PASSWORD",
            "JUPYTER_TOKEN",
            "dbPassword",
            "SECRET",
            "NEXTAUTH_SECRET",
            "MINIO_SECRET_KEY",
            "API_KEY",
            "PRIVATE_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "VNC_PW",
            "n8n_encryption_key",
            "REDIS_PASS",
            "HF_TOKEN",
            "admin-password",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "MYSQL_USER",
            "PASSWORD_FILE",
            "TOKENIZERS_PARALLELISM",
            "MAX_TOKENS",
            "TOKEN_TTL",
            "ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
            "SSH_PUBLIC_KEY",
            "KEYBOARD",
            "SECRET_NAME",
            "AWS_ACCESS_KEY_ID",
            "PASSENGER_PORT",
            "TOKEN_SYMBOL",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn keys_that_somebody_else_gives_out_are_never_generated() {
        assert!(!can_be_generated("OPENAI_API_KEY"));
        assert!(!can_be_generated("HF_TOKEN"));
        assert!(can_be_generated("POSTGRES_PASSWORD"));
    }

    #[test]
    fn an_address_gives_its_password_away() {
        let check = |value: &str, expected: &[&str]| {
            let found: Vec<&str> = passwords_in_addresses(value)
                .into_iter()
                .map(|part| &value[part])
                .collect();
            assert_eq!(found, expected, "{value}");
        };
        check("postgres://app:s3cret@db:5432/app", &["s3cret"]);
        check("amqp://a:x@one,amqp://b:y@two", &["x", "y"]);
        check("redis://:p@ss@cache", &["p@ss"]);
        check("https://example.org/a:b@c", &[]);
        check("http://host:80/", &[]);
        check("postgres://app@db", &[]);
    }
}

//! Guessable values, and the form of those that cannot be guessed.

/// Reason why a secret gives no protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// The secret is empty.
    Empty,
    /// The secret is a placeholder that was never filled in.
    Placeholder,
    /// The secret is among the first that an attacker tries.
    WellKnown,
}

/// Values that every attacker tries first. Compared without case, punctuation and trailing digits.
const WELL_KNOWN: [&str; 58] = [
    "abc",
    "admin",
    "administrator",
    "akash",
    "changeit",
    "changeme",
    "changethis",
    "default",
    "demo",
    "dev",
    "development",
    "dragon",
    "example",
    "foobar",
    "grafana",
    "guest",
    "hello",
    "hunter",
    "insecure",
    "letmein",
    "login",
    "mariadb",
    "master",
    "minio",
    "minioadmin",
    "mongo",
    "mongodb",
    "mypassword",
    "mysecret",
    "mysecretpassword",
    "mysecretpw",
    "mysql",
    "mytoken",
    "notsecure",
    "pass",
    "passw0rd",
    "passwd",
    "password",
    "pgpassword",
    "postgres",
    "postgresql",
    "private",
    "public",
    "qwerty",
    "redis",
    "root",
    "rootpassword",
    "sa",
    "sample",
    "secret",
    "secretpassword",
    "strongpassword",
    "supersecret",
    "test",
    "testing",
    "token",
    "user",
    "welcome",
];

/// Words that a value to be filled in begins or ends with.
const STANDS_FOR: [&str; 13] = [
    "your",
    "replace",
    "insert",
    "enter",
    "put",
    "add",
    "todo",
    "fixme",
    "change",
    "placeholder",
    "tobe",
    "generate",
    "xxx",
];

/// Length below which a secret can be tried exhaustively in no time.
const SHORTEST: usize = 4;

/// The weakness of a secret in a variable; `None` if none is found.
pub(crate) fn weakness(name: &str, secret: &str) -> Option<Weakness> {
    let secret = secret.trim();
    if secret.is_empty() {
        return Some(Weakness::Empty);
    }
    if is_placeholder(secret) {
        return Some(Weakness::Placeholder);
    }
    let bare = letters(secret);
    let trunk = bare.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_known = |text: &str| WELL_KNOWN.binary_search(&text).is_ok();
    let well_known = secret.chars().count() < SHORTEST
        || is_known(&bare)
        || is_known(trunk)
        || bare == letters(name)
        || is_a_row(secret);
    well_known.then_some(Weakness::WellKnown)
}

/// An unguessable secret made from random bytes: it begins with a capital letter and ends with a
/// digit, because some programs require both, and nothing in it has to be quoted or escaped.
#[must_use]
pub fn strong(bytes: &[u8; 32]) -> String {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let sign = |byte: &u8| char::from(SIGNS[usize::from(byte & 31)]);
    let mut text: String = bytes.iter().map(sign).collect();
    let first = char::from(b'A' + bytes[0] % 24);
    let last = char::from(b'2' + bytes[31] % 8);
    text.replace_range(..1, first.encode_utf8(&mut [0; 4]));
    text.replace_range(31.., last.encode_utf8(&mut [0; 4]));
    text
}

fn is_placeholder(secret: &str) -> bool {
    let wrapped = [('<', '>'), ('[', ']'), ('{', '}'), ('%', '%')];
    let is_wrapped = wrapped
        .iter()
        .any(|(from, to)| secret.starts_with(*from) && secret.ends_with(*to));
    // A shell variable: no tool substitutes its value.
    let is_variable = secret.starts_with("${") && secret.ends_with('}');
    let first = secret.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let first = first.unwrap_or_default().to_ascii_lowercase();
    let stands_for = STANDS_FOR.contains(&first.as_str()) && first.len() < secret.len();
    let same = secret
        .chars()
        .all(|c| matches!(c, 'x' | 'X' | '*' | '.' | '-' | '_'));
    is_wrapped || is_variable || stands_for || same
}

/// Whether the secret is a repeated character or a keyboard row: `111111`, `123456`, `abcd`.
fn is_a_row(secret: &str) -> bool {
    const ROWS: [&str; 3] = [
        "01234567890123",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
    ];
    let lower = secret.to_ascii_lowercase();
    let first = lower.chars().next();
    lower.chars().all(|c| Some(c) == first) || ROWS.iter().any(|row| row.contains(&lower))
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{WELL_KNOWN, Weakness, strong, weakness};

    #[test]
    fn what_anyone_tries_first_is_weak() {
        assert!(WELL_KNOWN.is_sorted(), "looked up by halves");
        let check = |secret: &str, expected: Option<Weakness>| {
            assert_eq!(weakness("DB_PASSWORD", secret), expected, "{secret}");
        };
        for known in [
            "change-me1",
            "Password",
            "password123",
            "P-A-S-S",
            "admin",
            "123456",
            "1111",
            "abcd",
            "qwerty",
            "db_password",
            "DB_PASSWORD",
            "abc",
            "my-secret-pw",
            "postgres",
        ] {
            assert!(weakness("DB_PASSWORD", known).is_some(), "{known}");
        }
        check("", Some(Weakness::Empty));
        check("  ", Some(Weakness::Empty));
        for stands_for in [
            "<YOUR_PASSWORD>",
            "[password]",
            "{{ password }}",
            "your-password-here",
            "replace_me",
            "${DB_PASSWORD}",
            "xxxxxxxx",
            "*****",
            "change-me",
            "<generated>",
            "CHANGE_THIS",
        ] {
            check(stands_for, Some(Weakness::Placeholder));
        }
        check("changeme", Some(Weakness::WellKnown));
        for strong in [
            "correct horse battery staple",
            "k3Vq9s",
            "Xhn7m2pq",
            "passenger-8x2",
        ] {
            check(strong, None);
        }
    }

    #[test]
    fn a_generated_secret_is_strong_for_every_program() {
        for byte in 0..=255 {
            let made = strong(&[byte; 32]);
            assert_eq!(made.len(), 32);
            assert!(made.starts_with(|c: char| c.is_ascii_uppercase()));
            assert!(made.ends_with(|c: char| c.is_ascii_digit()));
            assert!(made.chars().all(|c| c.is_ascii_alphanumeric()));
        }
        let bytes = std::array::from_fn(|at| u8::try_from(at * 7 % 256).unwrap());
        assert_eq!(weakness("DB_PASSWORD", &strong(&bytes)), None);
        assert_ne!(strong(&bytes), strong(&[3; 32]));
    }
}

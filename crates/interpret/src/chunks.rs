//! Recognises parts of a text by their spelling instead of their words: `KEY=value` pairs,
//! container images, providers' addresses and web addresses.

use domain::akash::ProviderAddress;

use crate::reading::Reading;
use crate::span::Span;

/// A chunk of the raw text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chunk {
    Env {
        key: String,
        value: String,
    },
    Image(String),
    /// A provider on Akash, the only one with which it may run.
    Provider(ProviderAddress),
    /// A web address: nothing inside it is part of a wish.
    Address,
}

/// A chunk and its bytes.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) chunk: Chunk,
    pub(crate) span: Span,
}

/// Finds all chunks and takes their tokens.
pub(crate) fn find(reading: &mut Reading<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let source = reading.source;
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let skipped = rest.len() - rest.trim_start().len();
        at += skipped;
        let end = chunk_end(source, at);
        if at == end {
            break;
        }
        let mut from = at;
        for part in split_pairs(&source[at..end]) {
            if let Some((chunk, span)) = classify(reading, part, from) {
                reading.take_span(span.from, span.to);
                found.push(Found { chunk, span });
            }
            from += part.len();
        }
        at = end;
    }
    found
}

/// Characters within which a quoted value must end.
#[rustfmt::skip]
const LONGEST_QUOTE: usize = 500;

/// The end of the run of non-space characters at `from`; a quoted value may hold spaces.
fn chunk_end(source: &str, from: usize) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (index, c) in source[from..].char_indices() {
        match quote {
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') && before == '=' => {
                // An opening quote without its partner is only a character.
                let rest = &source[from + index + 1..];
                if rest.chars().take(LONGEST_QUOTE).any(|other| other == c) {
                    quote = Some(c);
                }
            }
            None if c.is_whitespace() => return from + index,
            None => {}
        }
        before = c;
    }
    source.len()
}

/// `A=1,B=2` are two pairs; a comma inside a value is not a separator otherwise.
fn split_pairs(chunk: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (index, c) in chunk.char_indices() {
        let next = &chunk[index + c.len_utf8()..];
        let separates = matches!(c, ',' | ';') && starts_pair(next) && index > from;
        if separates {
            parts.push(&chunk[from..=index]);
            from = index + 1;
        }
    }
    parts.push(&chunk[from..]);
    parts
}

fn starts_pair(text: &str) -> bool {
    let key_len = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(0);
    key_len > 0 && text[key_len..].starts_with('=')
}

fn classify(reading: &Reading<'_>, part: &str, at: usize) -> Option<(Chunk, Span)> {
    let bare =
        part.trim_matches(|c| matches!(c, '"' | '\'' | '`' | '(' | ')' | '[' | ']' | ',' | ';'));
    let bare = bare.trim_end_matches(['.', '!', '?', ':', ',']);
    if bare.is_empty() {
        return None;
    }
    let from = at + part.find(bare)?;
    let whole = Span {
        from,
        to: from + bare.len(),
    };
    if let Some((chunk, len)) = env_pair(part, part.find(bare)?) {
        let span = Span {
            from,
            to: from + len,
        };
        return Some((chunk, span));
    }
    if let Some(name) = bare
        .strip_prefix("image=")
        .filter(|name| is_image(name, true) || is_name(name))
    {
        return Some((Chunk::Image(name.to_owned()), whole));
    }
    if let Some(provider) = provider(bare) {
        let i = reading.token_at(from);
        let unwanted =
            (1..=NOT_THERE_WINDOW).any(|back| NOT_THERE.contains(&reading.word_before(i, back)));
        let chunk = if unwanted {
            Chunk::Address
        } else {
            Chunk::Provider(provider)
        };
        return Some((chunk, whole));
    }
    if bare.contains("://") || bare.starts_with("www.") || is_code_host(bare) {
        return Some((Chunk::Address, whole));
    }
    let introduced = is_introduced(reading, reading.token_at(from));
    is_image(bare, introduced).then(|| (Chunk::Image(bare.to_owned()), whole))
}

/// Number of words before a provider that may rule it out.
const NOT_THERE_WINDOW: usize = 3;

/// Words before an address that rule it out.
const NOT_THERE: &[&str] = &[
    "not", "dont", "never", "without", "except", "avoid", "no", "nicht", "ohne", "kein", "sin",
];

/// An account's address has 38 letters after its prefix; anything shorter is a word.
fn provider(text: &str) -> Option<ProviderAddress> {
    (text.len() == 44).then(|| text.parse().ok()).flatten()
}

fn is_code_host(text: &str) -> bool {
    [
        "github.com/",
        "gitlab.com/",
        "bitbucket.org/",
        "huggingface.co/",
    ]
    .iter()
    .any(|host| text.starts_with(host))
}

/// Field names that read `memory=8GB` as a size, not as an environment variable.
const FIELDS: &[&str] = &[
    "cpu",
    "cpus",
    "vcpu",
    "vcpus",
    "cores",
    "core",
    "memory",
    "mem",
    "ram",
    "vram",
    "storage",
    "disk",
    "ssd",
    "gpu",
    "gpus",
    "replicas",
    "replica",
    "instances",
    "count",
    "port",
    "ports",
    "region",
    "location",
    "duration",
    "hours",
    "days",
    "budget",
    "max",
    "price",
    "priority",
    "template",
    "image",
    "interface",
    "model",
    "persistent",
    "time",
    "runtime",
    "cap",
    "spot",
];

fn env_pair(part: &str, from: usize) -> Option<(Chunk, usize)> {
    let text = &part[from..];
    let (key, rest) = text.split_once('=')?;
    let mut letters = key.chars();
    let starts_well = letters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let is_key = starts_well && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_key || FIELDS.contains(&key) || rest.starts_with(['=', '>']) {
        return None;
    }
    let (value, len) = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => match rest[1..].split_once(quote) {
            Some((inside, _)) => (inside, inside.len() + 2),
            None => plain_value(rest),
        },
        _ => plain_value(rest),
    };
    let chunk = Chunk::Env {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    Some((chunk, key.len() + 1 + len))
}

fn plain_value(rest: &str) -> (&str, usize) {
    let value = rest.trim_end_matches([',', ';', '.', ')', '!', '?', '"', '\'', '`']);
    (value, value.len())
}

/// Whether the preceding words say that an image follows.
fn is_introduced(reading: &Reading<'_>, i: usize) -> bool {
    let near = |back: usize| i.checked_sub(back).map_or("", |at| reading.seen(at));
    let first = if matches!(near(1), ":" | "=" | "\"" | "`" | "'" | "(") {
        2
    } else {
        1
    };
    let introduces = |word: &str| {
        matches!(
            word,
            "image" | "container" | "docker" | "pull" | "imagen" | "contenedor" | "images"
        )
    };
    introduces(near(first))
        || (matches!(
            near(first),
            "from" | "called" | "named" | "is" | "run" | "deploy" | "of"
        ) && introduces(near(first + 1)))
}

#[rustfmt::skip]
const IMAGE_NAMES: &[&str] = &[
    "postgres", "redis", "nginx", "node", "python", "ubuntu", "debian", "alpine", "mysql",
    "mariadb", "mongo", "memcached", "rabbitmq", "httpd", "caddy", "golang", "rust", "ruby",
    "php", "openjdk", "busybox", "traefik", "haproxy", "ghost", "wordpress", "valkey",
    "elasticsearch", "grafana", "prometheus", "registry", "fedora", "centos", "bun", "deno",
    "vault", "consul", "nats", "kafka", "minio", "n8n", "eclipse-temurin", "tomcat", "influxdb",
    "neo4j", "cassandra",
];

/// Owners on model hubs: `meta-llama/llama-3` is a model, not a container.
#[rustfmt::skip]
const MODEL_OWNERS: &[&str] = &[
    "meta-llama", "mistralai", "qwen", "deepseek-ai", "stabilityai", "black-forest-labs",
    "google", "microsoft", "tiiuae", "bigscience", "runwayml", "openai", "eleutherai",
    "huggingfaceh4",
];

/// Whether a text is a repository without owner and tag, such as `redis`: an image only if it is
/// called one.
fn is_name(text: &str) -> bool {
    IMAGE_NAMES.contains(&text)
}

fn is_image(text: &str, introduced: bool) -> bool {
    let (name, digest) = text.split_once('@').unwrap_or((text, ""));
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match name[slash..].split_once(':') {
        Some((base, tag)) => (&name[..slash + base.len()], tag),
        None => (name, ""),
    };
    let segments: Vec<&str> = path.split('/').collect();
    let host = segments[0];
    let has_host = segments.len() > 1 && (host.contains('.') || host.contains(':'));
    let repository = if has_host {
        &segments[1..]
    } else {
        &segments[..]
    };
    let well_formed = repository.iter().all(|part| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-')
            })
    }) && tag
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && (digest.is_empty() || digest.starts_with("sha256:"))
        && host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_'))
        && path.contains(|c: char| c.is_ascii_alphabetic());
    if !well_formed || name[slash..].ends_with(':') {
        return false;
    }
    let is_field = repository.iter().any(|part| FIELDS.contains(part));
    let is_tagged = !tag.is_empty() || !digest.is_empty();
    if has_host {
        // A host needs a real suffix: `1.5/h` is a price.
        return host.contains(|c: char| c.is_ascii_alphabetic())
            && (is_tagged || repository.iter().all(|part| part.len() > 1));
    }
    match repository {
        [single] if is_tagged => {
            !is_field && (introduced || IMAGE_NAMES.contains(single)) && !tag.is_empty()
        }
        [single] => introduced && single.contains('-') && !is_field,
        [owner, ..] => {
            let known = MODEL_OWNERS.contains(owner);
            !is_field && !known && (is_tagged || introduced) && owner.len() > 1
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunk, find};
    use crate::reading::Reading;

    fn chunks(text: &str) -> Vec<Chunk> {
        let found = find(&mut Reading::new(text));
        found.into_iter().map(|found| found.chunk).collect()
    }

    fn image(text: &str) -> Chunk {
        Chunk::Image(text.to_owned())
    }

    fn env(key: &str, value: &str) -> Chunk {
        Chunk::Env {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn images_are_told_from_prices_models_and_fractions() {
        assert_eq!(
            chunks("run ghcr.io/acme/api:1.4.2."),
            [image("ghcr.io/acme/api:1.4.2")]
        );
        assert_eq!(chunks("postgres:16-alpine"), [image("postgres:16-alpine")]);
        assert_eq!(
            chunks("localhost:5000/x/app:Dev_1"),
            [image("localhost:5000/x/app:Dev_1")]
        );
        assert_eq!(chunks("image acme/api"), [image("acme/api")]);
        assert_eq!(chunks("the `docker.io/library/redis@sha256:abc`").len(), 1);
        for text in [
            "$0.5/h",
            "1.5/hr",
            "24/7",
            "and/or",
            "port:8080",
            "cpu/ram",
            "16:9",
            "memory:8gb",
            "meta-llama/llama-3:8b",
            "GB/s",
            "2/3",
            "w/o",
            "a:b",
            "us/eu",
        ] {
            assert_eq!(chunks(text), [], "{text}");
        }
    }

    #[test]
    fn pairs_keep_their_case_and_quotes_hold_spaces() {
        assert_eq!(
            chunks("NODE_ENV=production, 3"),
            [env("NODE_ENV", "production")]
        );
        assert_eq!(chunks("A=1,B=two"), [env("A", "1"), env("B", "two")]);
        assert_eq!(
            chunks("MSG=\"hello big world\" x"),
            [env("MSG", "hello big world")]
        );
        assert_eq!(
            chunks("DB=redis://u:p@h/0?a=b"),
            [env("DB", "redis://u:p@h/0?a=b")]
        );
        assert_eq!(chunks("https://a.example/?x=1"), [Chunk::Address]);
        assert_eq!(chunks("memory=8GB cpu=4"), []);
    }
}

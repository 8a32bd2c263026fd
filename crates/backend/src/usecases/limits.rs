//! Limits on a buyer's input: input longer than anything real is refused before it is stored.

use std::ops::RangeInclusive;

use domain::requirements::Wish;
use domain::time::Seconds;

use crate::UsecaseError;
use crate::storage::storable;

/// Longer requests in words are rejected unread.
const LONGEST_WORDS: usize = 2000;
/// Longer documents are rejected unread.
const LONGEST_SDL: usize = 256 * 1024;
/// Registries allow 255 characters for a name, and a tag or digest follows.
const LONGEST_IMAGE: usize = 512;
const MOST_VARIABLES: usize = 100;
const LONGEST_VARIABLE: usize = 4096;
const MOST_PORTS: usize = 50;
const MOST_PROVIDERS: usize = 20;
/// The range that [`Wish::complete`] accepts as well.
const DURATIONS: RangeInclusive<Seconds> = Seconds::minutes(5)..=Seconds::days(366);

/// Returns the words if they are neither empty nor overlong.
///
/// # Errors
/// One sentence, for empty and for overlong words.
pub(super) fn readable_words(words: String) -> Result<String, UsecaseError> {
    let length = words.chars().count();
    if words.trim().is_empty() {
        return refused(
            "Say what you want to run, for example “a redis cache with 2 GB for a day”.",
        );
    }
    if length > LONGEST_WORDS {
        return refused(format!(
            "That is too long to read: {length} characters, and at most {LONGEST_WORDS} fit. Say it \
             shorter, or paste an SDL instead."
        ));
    }
    Ok(storable(&words))
}

/// Returns the document if it is neither empty nor overlong.
///
/// # Errors
/// One sentence, for an empty and for an overlong document.
pub(super) fn readable_sdl(text: String) -> Result<String, UsecaseError> {
    if text.trim().is_empty() {
        return refused("The SDL is empty. Paste a document, or describe what to run in words.");
    }
    storable_draft(text)
}

/// Returns a document that is still being written and may be empty.
///
/// # Errors
/// One sentence, for an overlong document.
pub(super) fn storable_draft(text: String) -> Result<String, UsecaseError> {
    if text.len() > LONGEST_SDL {
        return refused(format!(
            "The SDL is too large: {} KiB, and at most {} KiB are taken.",
            text.len().div_ceil(1024),
            LONGEST_SDL / 1024
        ));
    }
    Ok(storable(&text))
}

/// Characters of a name that are shown: enough to identify it.
const SHOWN_OF_A_NAME: usize = 60;

/// Checks that something can be bought for this duration; `None` is assumed later.
///
/// # Errors
/// One sentence with the range.
pub(super) fn duration_fits(duration: Option<Seconds>) -> Result<(), UsecaseError> {
    match duration {
        Some(asked) if !DURATIONS.contains(&asked) => refused(format!(
            "Duration must be between 5 minutes and 366 days; you asked for {}.",
            asked.in_words()
        )),
        _ => Ok(()),
    }
}

/// Checks that a wish is no larger than a person could have filled in.
///
/// # Errors
/// One sentence that names the part that is too large.
pub(super) fn wish_fits(wish: &Wish) -> Result<(), UsecaseError> {
    if wish
        .image
        .as_ref()
        .is_some_and(|image| image.len() > LONGEST_IMAGE)
    {
        return refused(format!(
            "The image's name is too long: at most {LONGEST_IMAGE} characters are taken."
        ));
    }
    if wish.env.len() > MOST_VARIABLES {
        return refused(format!(
            "There are too many environment variables: at most {MOST_VARIABLES} are taken."
        ));
    }
    if let Some(name) = wish.env.keys().find(|name| !sdl::is_variable_name(name)) {
        let shown: String = name.chars().take(SHOWN_OF_A_NAME).collect();
        return refused(format!(
            "“{shown}” is no name for a variable: use letters, digits, _ - and . only, and begin with no digit."
        ));
    }
    let too_long = |(name, value): (&String, &String)| name.len() + value.len() > LONGEST_VARIABLE;
    if wish.env.iter().any(too_long) {
        return refused(format!(
            "An environment variable is too long: at most {LONGEST_VARIABLE} characters are taken."
        ));
    }
    if wish.ports.len() > MOST_PORTS {
        return refused(format!(
            "There are too many ports: at most {MOST_PORTS} are taken."
        ));
    }
    if wish.providers.len() > MOST_PROVIDERS {
        return refused(format!(
            "There are too many providers: at most {MOST_PROVIDERS} are taken."
        ));
    }
    Ok(())
}

fn refused<T>(sentence: impl Into<String>) -> Result<T, UsecaseError> {
    Err(UsecaseError::Invalid(sentence.into()))
}

#[cfg(test)]
mod tests {
    use domain::requirements::Wish;

    use super::wish_fits;

    #[test]
    fn a_wish_larger_than_any_real_one_is_refused_by_its_part() {
        let variable = |value: String| [("NAME".to_owned(), value)].into_iter().collect();
        let cases = [
            (
                Wish {
                    image: Some("a".repeat(513)),
                    ..Wish::default()
                },
                "The image's name is too long: at most 512 characters are taken.",
            ),
            (
                Wish {
                    env: (0..101).map(|n| (format!("N{n}"), String::new())).collect(),
                    ..Wish::default()
                },
                "There are too many environment variables: at most 100 are taken.",
            ),
            (
                Wish {
                    env: variable("v".repeat(4093)),
                    ..Wish::default()
                },
                "An environment variable is too long: at most 4096 characters are taken.",
            ),
            (
                Wish {
                    env: [("1 <b>".to_owned(), String::new())].into(),
                    ..Wish::default()
                },
                "“1 <b>” is no name for a variable: use letters, digits, _ - and . only, and begin with no digit.",
            ),
            (
                Wish {
                    ports: vec![80; 51],
                    ..Wish::default()
                },
                "There are too many ports: at most 50 are taken.",
            ),
        ];
        for (wish, sentence) in cases {
            assert_eq!(wish_fits(&wish).unwrap_err().to_string(), sentence);
        }
        let largest = Wish {
            image: Some("a".repeat(512)),
            env: variable("v".repeat(4092)),
            ports: vec![80; 50],
            ..Wish::default()
        };
        assert!(wish_fits(&largest).is_ok());
    }
}

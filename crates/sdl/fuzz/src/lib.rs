//! Invariants that hold for every text.

use sdl::edit::{self, Change};
use sdl::{Dialect, assist};

/// Nothing panics, places lie in the text, and verdict and derivation agree.
///
/// # Panics
/// When one of these does not hold.
pub fn check(text: &str) {
    let report = sdl::check(text);
    for found in &report.diagnostics {
        assert!(found.span.from <= found.span.to && found.span.to <= text.len());
        assert!(found.line >= 1 && found.column >= 1 && !found.message.is_empty());
        for edit in found.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.from..edit.to).is_some());
        }
    }
    for dialect in Dialect::ALL {
        let derived = sdl::derive(text, dialect);
        assert_eq!(derived.is_ok(), report.is_deployable(dialect));
        // What both dialects read the same way is read once there, and once per dialect here.
        let (_, groups) = sdl::check_and_groups(text, dialect);
        assert_eq!(derived.as_ref().ok().map(|it| &it.groups), groups.as_ref());
        if let Ok(derived) = derived {
            assert_eq!(derived.manifest.hash_hex().len(), 64);
            std::hint::black_box(derived.groups_json());
        }
    }
    std::hint::black_box(sdl::services(text));
}

/// Form changes change what they say, and formatting does not change the meaning.
///
/// # Panics
/// When one of these does not hold.
pub fn edit(text: &str) {
    let Some(form) = edit::form(text) else {
        return;
    };
    if let Ok(formatted) = sdl::format(text) {
        for dialect in Dialect::ALL {
            assert_eq!(
                sdl::derive(text, dialect).ok(),
                sdl::derive(&formatted, dialect).ok()
            );
        }
    }
    let Some(service) = form.services.first() else {
        return;
    };
    let image = "example.com/changed:1".to_owned();
    let change = Change::Image {
        service: service.name.clone(),
        image: image.clone(),
    };
    let Ok(edits) = edit::edits(text, &change) else {
        return;
    };
    let after = edit::apply(text, &edits);
    if sdl::check(text).is_deployable(Dialect::Console) {
        let form = edit::form(&after).expect("an edited document can be read");
        assert_eq!(form.services[0].image, image);
        assert!(sdl::check(&after).is_deployable(Dialect::Console));
    }
}

/// Help works at every position of every text.
///
/// # Panics
/// When a span lies outside the text.
pub fn assist(text: &str) {
    let live = assist::Live::default();
    let step = text.len() / 64 + 1;
    for offset in (0..=text.len()).step_by(step) {
        let completions = assist::complete(text, offset, &live);
        let span = completions.span;
        assert!(text.get(span.from..span.to).is_some());
        if let Some(hover) = assist::hover(text, offset) {
            assert!(text.get(hover.span.from..hover.span.to).is_some());
        }
    }
}

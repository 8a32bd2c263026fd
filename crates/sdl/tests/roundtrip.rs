//! For any file: change one field, print, parse. What is read is the old document with that one
//! change, in both dialects, and every other line is the same to the byte.

use std::fs;
use std::path::PathBuf;

use domain::money::UactPerBlock;
use sdl::edit::{self, CannotEdit, Change, Form};
use sdl::{Derived, Dialect};

const FIXTURES: [&str; 6] = [
    include_str!("fixtures/web.yaml"),
    include_str!("fixtures/gpu.yaml"),
    include_str!("fixtures/services.yaml"),
    include_str!("fixtures/address.yaml"),
    include_str!("fixtures/anchors.yaml"),
    include_str!("../fuzz/corpus/check/merge.yaml"),
];

#[test]
fn one_changed_field_changes_nothing_else() {
    let mut texts: Vec<String> = FIXTURES.map(ToOwned::to_owned).to_vec();
    texts.extend(given());
    let mut made = 0;
    for text in texts.iter().flat_map(|text| variants(text)) {
        let Some(form) = edit::form(&text) else {
            continue;
        };
        if !sdl::check(&text).is_deployable(Dialect::Console) {
            continue;
        }
        for change in changes(&form) {
            made += usize::from(is_made_alone(&text, &form, &change));
        }
    }
    println!("{made} changes in {} files", texts.len());
    assert!(made > 60, "{made} changes");
}

/// The files supplied from outside the repository.
fn given() -> Vec<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its optional vectors through the environment"
    )]
    let shared = std::env::var("NECTO_SHARED").unwrap_or_default();
    let folder = PathBuf::from(shared).join("sdl/corpus");
    if !folder.is_dir() {
        println!("skipped: NECTO_SHARED names no folder with SDL files");
        return Vec::new();
    }
    let mut texts = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                // Files that are not text are not edited.
                texts.extend(fs::read_to_string(path).ok());
            }
        }
    }
    texts
}

/// A text as it is, with Windows line endings, and without a final one.
fn variants(text: &str) -> Vec<String> {
    let mut variants = vec![
        text.to_owned(),
        text.trim_end_matches(['\n', '\r']).to_owned(),
    ];
    if !text.contains('\r') {
        variants.push(text.replace('\n', "\r\n"));
    }
    variants
}

/// One change of each kind that replaces a value, for the first service.
fn changes(form: &Form) -> Vec<Change> {
    let Some(first) = form.services.first() else {
        return Vec::new();
    };
    let (service, profile, placement) = (&first.name, &first.profile, &first.placement);
    let mut changes = vec![
        Change::Image {
            service: service.clone(),
            image: "example.com/changed:7.1".to_owned(),
        },
        Change::Cpu {
            profile: profile.clone(),
            milli: 1_750,
        },
        Change::Memory {
            profile: profile.clone(),
            bytes: 3 << 29,
        },
        Change::Replicas {
            service: service.clone(),
            placement: placement.clone(),
            count: 3,
        },
        Change::Price {
            placement: placement.clone(),
            profile: profile.clone(),
            amount: UactPerBlock::from_whole(4_321),
        },
    ];
    if let Some((name, _)) = first.env.first() {
        changes.push(Change::Variable {
            service: service.clone(),
            name: name.clone(),
            value: Some("changed: \"quoted\" # and 'more'".to_owned()),
        });
    }
    changes
}

/// The form with a change.
fn changed(mut form: Form, change: &Change) -> Form {
    for it in &mut form.services {
        match change {
            Change::Image { service, image } if it.name == *service => it.image.clone_from(image),
            Change::Cpu { profile, milli } if it.profile == *profile => it.cpu_milli = Some(*milli),
            Change::Memory { profile, bytes } if it.profile == *profile => {
                it.memory_bytes = Some(*bytes);
            }
            Change::Replicas {
                service,
                placement,
                count,
            } if it.name == *service && it.placement == *placement => it.count = *count,
            Change::Price {
                placement, profile, ..
            } if it.placement == *placement && it.profile == *profile => {
                it.price = Some("4321".to_owned());
            }
            Change::Variable {
                service,
                name,
                value: Some(value),
            } if it.name == *service => {
                let variable = it.env.iter_mut().find(|(known, _)| known == name);
                variable
                    .expect("the form has the variable")
                    .1
                    .clone_from(value);
            }
            _ => {}
        }
    }
    form
}

/// Makes a change and compares the outcome with what was meant; false where the text says that it
/// cannot be changed there.
fn is_made_alone(text: &str, form: &Form, change: &Change) -> bool {
    let edits = match edit::edits(text, change) {
        Ok(edits) => edits,
        // A duplicate variable, or a value that an alias shares.
        Err(CannotEdit::Unreadable) => panic!("{change:?} of a readable text\n{text}"),
        Err(_) => return false,
    };
    let after = edit::apply(text, &edits);
    assert_eq!(
        edit::form(&after).expect("an edited text can be read"),
        changed(form.clone(), change),
        "{change:?}\n{text}\n---\n{after}"
    );
    let old: Vec<&str> = text.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - start;
    let ends = old.iter().rev().zip(new.iter().rev()).take(most);
    let end = ends.take_while(|(a, b)| a == b).count();
    // A value takes one line, unless it was written on several or was missing.
    let touched = old.len() - start - end;
    let written: usize = edits
        .iter()
        .map(|edit| text[edit.from..edit.to].lines().count())
        .sum();
    assert!(
        touched <= written.max(1),
        "{change:?}\n{text}\n---\n{after}"
    );
    for dialect in Dialect::ALL {
        if let (Ok(was), Ok(is)) = (sdl::derive(text, dialect), sdl::derive(&after, dialect)) {
            assert_eq!(
                others(was, change),
                others(is, change),
                "{dialect:?} {change:?}\n{text}"
            );
        }
    }
    true
}

/// What is derived, without the subject of a change.
fn others(mut derived: Derived, change: &Change) -> Derived {
    let services = derived.manifest.groups.iter_mut();
    for service in services.flat_map(|group| &mut group.services) {
        match change {
            Change::Image { .. } => service.image.clear(),
            Change::Variable { .. } => service.env = None,
            Change::Cpu { .. } => service.resources.cpu_milli = 0,
            Change::Memory { .. } => service.resources.memory_bytes = 0,
            Change::Replicas { .. } => service.count = 0,
            _ => {}
        }
    }
    let units = derived.groups.iter_mut();
    for unit in units.flat_map(|group| &mut group.resources) {
        match change {
            Change::Cpu { .. } => unit.resources.cpu_milli = 0,
            Change::Memory { .. } => unit.resources.memory_bytes = 0,
            Change::Replicas { .. } => unit.count = 0,
            Change::Price { .. } => {
                unit.price.amount.clear();
                unit.price.atto = 0;
            }
            _ => {}
        }
    }
    derived
}

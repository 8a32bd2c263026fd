//! Imports between files: which names each file takes from which other file, with paths resolved to definitions.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Module, Modules};

/// For each file, the files that it imports from, each with the names.
pub(super) type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Length of the longest chain of re-exports that is followed. A name imported from itself would have no end.
const MAX_RE_EXPORTS: usize = 8;

/// Returns the imports between the files of one crate, except those between a module and one inside it.
pub(super) fn imports(modules: &Modules) -> Imports {
    let mut imports = Imports::new();
    for module in modules.all() {
        let named = module.paths.iter().filter_map(|path| {
            match resolve(modules, module, path, MAX_RE_EXPORTS)? {
                Target::Item(owner, name) => Some((owner, name)),
                // A module that is only named counts for nothing: what is taken from it appears in another path.
                Target::Module(_) => None,
            }
        });
        let everything = module.globs.iter().filter_map(|path| {
            match resolve(modules, module, path, MAX_RE_EXPORTS)? {
                Target::Item(owner, name) => Some((owner, name)),
                Target::Module(owner) => Some((owner, "*".to_owned())),
            }
        });
        for (owner, name) in named.chain(everything) {
            if counts(modules, module, owner) {
                let files = imports.entry(module.file.clone()).or_default();
                files.entry(owner.file.clone()).or_default().insert(name);
            }
        }
    }
    imports
}

/// Whether an import between these modules counts: not within a file, and not if one file's module is inside the
/// other's.
fn counts(modules: &Modules, from: &Module, to: &Module) -> bool {
    match (
        modules.path_of_file(&from.file),
        modules.path_of_file(&to.file),
    ) {
        (Some(from), Some(to)) => !from.starts_with(to) && !to.starts_with(from),
        _ => false,
    }
}

/// The target of a path.
enum Target<'a> {
    Module(&'a Module),
    /// A name, and the module that defines it.
    Item(&'a Module, String),
}

/// Resolves a path that appears in a module. `None` if it leads out of the crate.
fn resolve<'a>(
    modules: &'a Modules,
    module: &'a Module,
    path: &[String],
    re_exports: usize,
) -> Option<Target<'a>> {
    let first = path.first()?;
    let is_from_here = ["crate", "self", "super"].contains(&first.as_str())
        || member(modules, module, first, re_exports).is_some();
    if !is_from_here {
        return None;
    }
    let mut here = module;
    for name in path {
        here = match name.as_str() {
            "crate" => modules.at(&[])?,
            "self" => here,
            "super" => modules.at(here.path.split_last()?.1)?,
            name => match member(modules, here, name, re_exports) {
                Some(Target::Module(inner)) => inner,
                Some(item) => return Some(item),
                // A name whose definition is not visible comes from a macro in that module.
                None => return Some(Target::Item(here, name.to_owned())),
            },
        };
    }
    Some(Target::Module(here))
}

/// Resolves a name in a module to what it defines or imports. `None` if it does not have the name.
fn member<'a>(
    modules: &'a Modules,
    module: &'a Module,
    name: &str,
    re_exports: usize,
) -> Option<Target<'a>> {
    let mut path = module.path.clone();
    path.push(name.to_owned());
    if let Some(inner) = modules.at(&path) {
        return Some(Target::Module(inner));
    }
    let own = || Some(Target::Item(module, name.to_owned()));
    if module.items.contains(name) {
        return own();
    }
    let left = re_exports.checked_sub(1)?;
    if let Some(path) = module.imports.get(name) {
        // Names from another crate belong to the module through which they are imported.
        return resolve(modules, module, path, left).or_else(own);
    }
    module
        .globs
        .iter()
        .find_map(|path| match resolve(modules, module, path, left)? {
            Target::Module(from) => member(modules, from, name, left),
            Target::Item(..) => None,
        })
}

//! The built pages: where they are, and whether they match this program.
//!
//! What the program needs to know about its own build is compiled in, so it starts from any folder. A missing
//! site, or one of another build, would produce pages that look right but do nothing; so it is detected
//! before anything is served.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use leptos::config::LeptosOptions;
use leptos_config::get_config_from_str;

/// The settings of the build.
const SETTINGS: &str = include_str!("../../Leptos.toml");

/// Locations of the site relative to the program's folder: beside the program, or beside its folder, as
/// builds leave it.
const BESIDE: [&str; 3] = ["site", "../site", "../site-release"];

/// The built pages of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    root: PathBuf,
    /// `true` if file names contain hashes, as those of a release do.
    hashed: bool,
}

impl Site {
    /// Finds the site in `root`, or else beside the program or where `Leptos.toml` says.
    ///
    /// # Errors
    /// A sentence for the operator who starts the server.
    pub(crate) fn find(root: Option<&Path>) -> Result<Self, String> {
        let program = std::env::current_exe()
            .map_err(|error| format!("It cannot be told where this program is: {error}."))?;
        let build = build()?;
        let root = match root {
            Some(root) => root.to_path_buf(),
            None => usual_root(&program, &build)?,
        };
        Self::check(root, &program, &build)
    }

    fn check(root: PathBuf, program: &Path, build: &LeptosOptions) -> Result<Self, String> {
        let package = root.join(&*build.site_pkg_dir);
        if !package.is_dir() {
            return Err(format!(
                "There is no site in {}: build one (`cargo xtask build` does), or name its folder in NECTO_SITE_ROOT.",
                root.display()
            ));
        }
        let name = &*build.output_name;
        let plain = [format!("{name}.js"), format!("{name}_bg.wasm")];
        if plain.iter().all(|file| package.join(file).is_file()) {
            let hashed = false;
            return Ok(Self { root, hashed });
        }
        let hashes = program.with_file_name(&*build.hash_file);
        let hashes = fs::read_to_string(&hashes).map_err(|error| {
            let (root, hashes) = (root.display(), hashes.display());
            format!("The site in {root} has no {name}.js, and the names of a release's files are not known: {hashes}: {error}. Put that file and the site of one build beside each other.")
        })?;
        let named = hashed_names(name, &hashes).ok_or_else(|| {
            let file = program.with_file_name(&*build.hash_file);
            format!("{} does not name the files of a site.", file.display())
        })?;
        match named.iter().find(|file| !package.join(file).is_file()) {
            None => Ok(Self { root, hashed: true }),
            Some(missing) => Err(format!(
                "The site in {} is of another build than this program: it has no {missing}. Build both, or name the right folder in NECTO_SITE_ROOT.",
                root.display()
            )),
        }
    }
}

/// The rendering options: the build's own settings, and the location of `site`.
///
/// # Errors
/// When the compiled-in settings cannot be parsed.
pub(crate) fn leptos_options(site: Option<&Site>) -> Result<LeptosOptions, String> {
    let mut options = build()?;
    if let Some(site) = site {
        options.site_root = site.root.to_string_lossy().into_owned().into();
        options.hash_files = site.hashed;
    }
    Ok(options)
}

fn build() -> Result<LeptosOptions, String> {
    let unread =
        |error: &dyn Display| format!("The settings of this build cannot be read: {error}.");
    let options = get_config_from_str(SETTINGS).map_err(|error| unread(&error))?;
    Ok(options)
}

fn usual_root(program: &Path, build: &LeptosOptions) -> Result<PathBuf, String> {
    let folder = program.parent().unwrap_or(program);
    let beside = BESIDE.map(|name| folder.join(name));
    let of_checkout = Path::new(&*build.site_root).to_path_buf();
    let all = beside.into_iter().chain([of_checkout]);
    let places: Vec<PathBuf> = all.collect();
    let is_site = |place: &&PathBuf| place.join(&*build.site_pkg_dir).is_dir();
    places.iter().find(is_site).cloned().ok_or_else(|| {
        let shown: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
        format!(
            "There is no site in any of {}: build one (`cargo xtask build` does), or name its folder in NECTO_SITE_ROOT.",
            shown.join(", ")
        )
    })
}

/// Names of script, module and stylesheet, from the hashes that the build recorded.
fn hashed_names(name: &str, hashes: &str) -> Option<Vec<String>> {
    let hash = |part: &str| {
        let mut pairs = hashes.lines().filter_map(|line| line.split_once(':'));
        pairs.find_map(|(known, hash)| (known.trim() == part).then(|| hash.trim()))
    };
    let parts = ["js", "wasm", "css"].into_iter();
    parts
        .map(|part| Some(format!("{name}.{}.{part}", hash(part)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{Site, build, leptos_options, usual_root};

    /// Creates a folder with a program in `bin` and these files of a site's package.
    fn folder(hashes: Option<&str>, files: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("site/pkg");
        fs::create_dir_all(&package).unwrap();
        fs::create_dir_all(folder.path().join("bin")).unwrap();
        for file in files {
            fs::write(package.join(file), "").unwrap();
        }
        if let Some(hashes) = hashes {
            fs::write(folder.path().join("bin/hash.txt"), hashes).unwrap();
        }
        folder
    }

    fn checked(folder: &Path) -> Result<Site, String> {
        let program = folder.join("bin/necto");
        Site::check(folder.join("site"), &program, &build().unwrap())
    }

    const HASHES: &str = "js: aa\nwasm: aa\nsplit: aa\ncss: bb\n";
    const RELEASE: [&str; 3] = ["necto.aa.js", "necto.aa.wasm", "necto.bb.css"];

    #[test]
    fn the_name_of_the_scripts_is_known_wherever_the_program_starts() {
        // Tests run in the crate's folder, which has no Leptos.toml.
        assert!(!Path::new("Leptos.toml").exists());
        assert_eq!(&*leptos_options(None).unwrap().output_name, "necto");
    }

    #[test]
    fn names_with_and_without_hashes_are_told_apart() {
        let dev = folder(None, &["necto.js", "necto_bg.wasm", "necto.css"]);
        let site = checked(dev.path()).unwrap();
        assert!(!leptos_options(Some(&site)).unwrap().hash_files);
        let release = folder(Some(HASHES), &RELEASE);
        let site = checked(release.path()).unwrap();
        let options = leptos_options(Some(&site)).unwrap();
        assert!(options.hash_files);
        assert_eq!(Path::new(&*options.site_root), release.path().join("site"));
    }

    #[test]
    fn a_site_of_another_build_is_a_problem() {
        let problem = |folder: &TempDir| checked(folder.path()).unwrap_err();
        let empty = tempfile::tempdir().unwrap();
        assert!(problem(&empty).contains("There is no site in"));
        let nameless = problem(&folder(None, &RELEASE));
        assert!(
            nameless.contains("hash.txt") && nameless.contains("has no necto.js"),
            "{nameless}"
        );
        let other = problem(&folder(Some("js: cc\nwasm: cc\ncss: bb\n"), &RELEASE));
        assert!(other.contains("it has no necto.cc.js"), "{other}");
        let without_module = problem(&folder(Some(HASHES), &RELEASE[..1]));
        assert!(
            without_module.contains("it has no necto.aa.wasm"),
            "{without_module}"
        );
        let unread = problem(&folder(Some("nothing"), &RELEASE));
        assert!(unread.contains("does not name the files"), "{unread}");
    }

    #[test]
    fn a_site_beside_the_program_or_its_folder_is_found() {
        let folder = folder(Some(HASHES), &RELEASE);
        let build = build().unwrap();
        let found = usual_root(&folder.path().join("bin/necto"), &build).unwrap();
        assert_eq!(
            found.canonicalize().unwrap(),
            folder.path().join("site").canonicalize().unwrap()
        );
        let beside = usual_root(&folder.path().join("necto"), &build).unwrap();
        assert_eq!(beside, folder.path().join("site"));
        let nowhere = tempfile::tempdir().unwrap();
        let problem = usual_root(&nowhere.path().join("a/necto"), &build).unwrap_err();
        assert!(problem.contains("NECTO_SITE_ROOT"), "{problem}");
    }
}

//! Names to files: what a job may read lies under a configured root, wherever its links lead.
//!
//! A name is relative to a root, the first that has it counts. Links are followed, and what they lead to must lie under
//! the same root. Whether anything lies elsewhere is not told. Who may write under a root may change it between the
//! look and the reading: roots are for folders whose writers are trusted with what the daemon may read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::limits::{JOB_FOLDERS_DEEP_MAX, JOB_INPUT_NAME_MAX_BYTES, JOB_INPUTS_MAX};

/// The folders under which inputs may lie, as they are without links.
#[derive(Clone, Debug)]
pub struct Roots(Vec<PathBuf>);

impl Roots {
    /// Takes the folders that there are.
    ///
    /// # Errors
    /// When one is not there, or is no folder.
    pub fn open(roots: &[PathBuf]) -> Result<Self, String> {
        let open = |root: &PathBuf| match root.canonicalize() {
            Ok(real) if real.is_dir() => Ok(real),
            Ok(_) => Err(format!("{}: is not a folder; jobs read what lies under folders", root.display())),
            Err(error) => Err(format!("{}: {error}; make the folder, or name another", root.display())),
        };
        roots.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files that a name means: itself, or all below it where it is a folder, by name.
    ///
    /// # Errors
    /// Why the name is not taken.
    pub fn resolve(&self, name: &str) -> Result<Vec<PathBuf>, String> {
        check(name)?;
        let there = |root: &&PathBuf| root.join(name).symlink_metadata().is_ok();
        let Some(root) = self.0.iter().find(there) else {
            let globs = name.contains(['*', '?', '[']);
            let hint = if globs { "; patterns are not expanded: name files or a folder" } else { "" };
            return Err(format!("is not there{hint}"));
        };
        let real = inside(root, &root.join(name))?;
        if !real.is_dir() {
            return plain_file(&real).map(|()| vec![real]);
        }
        let mut found = Found { root, files: BTreeSet::new(), folders: BTreeSet::new() };
        found.look_into(&real, 0)?;
        if found.files.is_empty() {
            return Err("is a folder without files".into());
        }
        Ok(found.files.into_iter().collect())
    }

    /// A text about files as its asker knows them: without the roots.
    #[must_use]
    pub fn without_roots(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, root| text.replace(&format!("{}/", root.display()), ""))
    }
}

fn check(name: &str) -> Result<(), String> {
    let path = Path::new(name);
    if name.is_empty() || name.len() > JOB_INPUT_NAME_MAX_BYTES {
        return Err(format!("has {} bytes, not 1 to {JOB_INPUT_NAME_MAX_BYTES}", name.len()));
    }
    if name.chars().any(char::is_control) {
        return Err("holds a control character".into());
    }
    if name.contains("://") || name.starts_with("file:") {
        return Err("is an address; inputs are names of files under the daemon's roots".into());
    }
    if path.is_absolute() {
        return Err("begins with '/'; inputs are named relative to the daemon's roots".into());
    }
    if path.components().any(|part| part == Component::ParentDir) {
        return Err("holds '..'; inputs are named from a root downwards".into());
    }
    Ok(())
}

/// Where a path really is, if that is under the root.
fn inside(root: &Path, path: &Path) -> Result<PathBuf, String> {
    let real = path.canonicalize().ok().filter(|real| real.starts_with(root));
    // One message for a link that leads out and for one that leads nowhere: what lies outside is not told.
    real.ok_or_else(|| "is a link that leads to nothing under its root".to_owned())
}

/// A pipe or a device would hold its reader, or worse.
fn plain_file(path: &Path) -> Result<(), String> {
    if path.is_file() { Ok(()) } else { Err("is neither a file nor a folder".into()) }
}

/// Files below a folder.
struct Found<'a> {
    root: &'a Path,
    files: BTreeSet<PathBuf>,
    /// Where the walk has been: links may lead back.
    folders: BTreeSet<PathBuf>,
}

impl Found<'_> {
    fn look_into(&mut self, folder: &Path, depth: usize) -> Result<(), String> {
        if depth > JOB_FOLDERS_DEEP_MAX {
            return Err(format!(
                "holds folders more than {JOB_FOLDERS_DEEP_MAX} deep; name one further down"
            ));
        }
        if !self.folders.insert(folder.to_owned()) {
            return Ok(());
        }
        let entries = fs::read_dir(folder).map_err(|error| format!("cannot be listed ({})", error.kind()))?;
        for entry in entries {
            let entry = entry.map_err(|error| format!("cannot be listed ({})", error.kind()))?;
            // Hidden files are none of a tape: marks of a copy under way, of editors, of version control.
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let told = |what: String| format!("holds {}, which {what}", entry.file_name().to_string_lossy());
            let real = inside(self.root, &entry.path()).map_err(told)?;
            if real.is_dir() {
                self.look_into(&real, depth + 1)?;
                continue;
            }
            plain_file(&real).map_err(told)?;
            self.files.insert(real);
            if self.files.len() > JOB_INPUTS_MAX {
                return Err(format!("holds more than {JOB_INPUTS_MAX} files; name a part of it"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with a root in it, and a secret beside.
    fn house() -> (tempfile::TempDir, Roots) {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("root/day/deep")).expect("folders");
        for name in ["secret", "root/a.csv", "root/day/b.csv", "root/day/deep/c.csv", "root/day/.hidden"] {
            fs::write(at(name), "x").expect("written");
        }
        let roots = Roots::open(&[at("root")]).expect("a root");
        (folder, roots)
    }

    fn names(found: &[PathBuf]) -> Vec<String> {
        found.iter().map(|p| p.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn files_and_folders_under_a_root_are_found() {
        let (_house, roots) = house();
        assert_eq!(names(&roots.resolve("a.csv").expect("found")), ["a.csv"]);
        assert_eq!(names(&roots.resolve("./day//b.csv").expect("found")), ["b.csv"]);
        assert_eq!(names(&roots.resolve("day").expect("found")), ["b.csv", "c.csv"]);
    }

    #[test]
    fn nothing_leads_out_of_a_root() {
        let (house, roots) = house();
        let at = |name: &str| house.path().join(name);
        symlink(at("secret"), at("root/out")).expect("a link");
        symlink("../secret", at("root/relative")).expect("a link");
        symlink(house.path(), at("root/up")).expect("a link");
        symlink(at("nowhere"), at("root/gone")).expect("a link");
        let secret = at("secret").display().to_string();
        for (name, words) in [
            ("", "has 0 bytes"),
            ("../secret", "holds '..'"),
            ("day/../../secret", "holds '..'"),
            (secret.as_str(), "begins with '/'"),
            ("/etc/passwd", "begins with '/'"),
            ("out", "leads to nothing under its root"),
            ("relative", "leads to nothing under its root"),
            ("up/secret", "leads to nothing under its root"),
            ("up", "leads to nothing under its root"),
            ("gone", "leads to nothing under its root"),
            ("file:///etc/passwd", "is an address"),
            ("http://127.0.0.1/a.csv", "is an address"),
            ("a.csv\0.gz", "control character"),
            ("*.csv", "patterns are not expanded"),
            ("none.csv", "is not there"),
            (&"x".repeat(5_000), "has 5000 bytes"),
        ] {
            let told = roots.resolve(name).expect_err(name);
            assert!(told.contains(words), "{name}: {told}");
            assert!(!told.contains(&secret), "{told}");
        }
        let told = roots.resolve(".").expect_err("links in it lead out");
        assert!(told.contains("which is a link that leads to nothing"), "{told}");
    }

    #[test]
    fn links_within_a_root_are_followed_and_loops_end() {
        let (house, roots) = house();
        symlink("a.csv", house.path().join("root/same")).expect("a link");
        symlink("..", house.path().join("root/day/loop")).expect("a link");
        assert_eq!(names(&roots.resolve("same").expect("found")), ["a.csv"]);
        assert_eq!(names(&roots.resolve("day").expect("found")), ["a.csv", "b.csv", "c.csv"]);
    }

    #[test]
    fn pipes_are_no_inputs() {
        let (house, roots) = house();
        let pipe = house.path().join("root/pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        assert_eq!(roots.resolve("pipe").expect_err("refused"), "is neither a file nor a folder");
    }
}

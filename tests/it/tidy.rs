//! The house keeps its own rules: what a stage may know, how large a file may grow, what may stand where.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order in which a datum travels; each may use itself, what stands before it, and limits.
const RIVER: [&str; 15] = [
    "limits",
    "numeric",
    "tape",
    "book",
    "ingest",
    "clean",
    "sign",
    "flow",
    "liquidity",
    "impact",
    "estimators",
    "forecast",
    "study",
    "cost",
    "fraud",
];

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("readable")
}

/// The part of a file before its tests.
fn code(path: &Path) -> String {
    let whole = text(path);
    whole.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("inside src");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn a_stage_knows_only_what_lies_upstream() {
    for path in sources("src") {
        let module = module_of(&path);
        let Some(place) = RIVER.iter().position(|m| *m == module) else { continue };
        for line in code(&path).lines().filter(|l| l.contains("crate::")) {
            for used in line.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let upstream = RIVER[..=place].contains(&name.as_str());
                assert!(upstream, "{} uses {name}: {line}", path.display());
            }
        }
    }
}

#[test]
fn stages_do_no_io_read_no_clock_and_take_no_lock() {
    let barred = [
        "std::fs",
        "std::net",
        "Instant::now",
        "SystemTime",
        "Mutex",
        "RwLock",
        "println!",
        "tokio",
        "polars",
    ];
    for path in sources("src") {
        if ![
            "numeric",
            "tape",
            "book",
            "clean",
            "sign",
            "flow",
            "liquidity",
            "impact",
            "estimators",
            "forecast",
            "study",
            "cost",
            "fraud",
            "pipeline",
        ]
        .contains(&module_of(&path).as_str())
        {
            continue;
        }
        for word in barred {
            assert!(!code(&path).contains(word), "{} mentions {word}", path.display());
        }
    }
}

#[test]
fn the_time_of_day_is_read_in_one_place() {
    for path in sources("src") {
        let at = path.display().to_string();
        // The doctor holds the clock itself against the times of files.
        let may = at.ends_with("src/clock.rs") || at.contains("src/cli/doctor/");
        assert!(may || !code(&path).contains("SystemTime::now"), "{at} reads the clock; crate::clock does");
    }
}

#[test]
fn each_heavy_library_lives_in_its_room() {
    let rooms: [(&str, &[&str]); 13] = [
        ("linfa", &["src/impact/ols.rs", "src/impact/elastic_net.rs", "src/impact/principal.rs"]),
        ("smartcore", &["src/forecast/trees.rs"]),
        (
            "polars::",
            &[
                "src/ingest/parquet.rs",
                "src/store",
                "src/batch/analyse.rs",
                "src/batch/analyse_flow.rs",
                "src/live/rows.rs",
                "src/live/wire/arrow.rs",
                "src/http",
                "src/panel/series.rs",
                "src/panel/frames.rs",
                "src/panel/venues.rs",
                "src/simulate",
                "src/cli",
            ],
        ),
        ("ort::", &["src/scoring"]),
        ("axum::", &["src/http"]),
        (
            "flate2::",
            &[
                "src/ingest/source.rs",
                "src/ingest/binance_vision/tests.rs",
                "src/simulate",
                "src/http/inference/compression.rs",
                "src/http/unpack.rs",
            ],
        ),
        ("rusqlite::", &["src/store/ledger"]),
        ("async_nats::", &["src/live/nats"]),
        ("ureq::", &["src/cli/client.rs"]),
        ("tokio_rustls::", &["src/http/tls.rs"]),
        ("governor::", &["src/access/rates.rs"]),
        ("dbn::", &["src/ingest/databento", "src/simulate/to_dbn.rs"]),
        ("sd_notify::", &["src/cli/supervisor.rs"]),
    ];
    for path in sources("src") {
        for (library, allowed) in rooms {
            let at = path.display().to_string();
            // Not as the end of a longer word, as `ort::` is of `report::`.
            let starts = |l: &str, at: usize| !l[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let names = |l: &str| l.match_indices(library).any(|(at, _)| starts(l, at));
            let uses = code(&path).lines().any(|l| !l.trim_start().starts_with("//") && names(l));
            assert!(!uses || allowed.iter().any(|room| at.contains(room)), "{at} uses {library}");
        }
    }
}

#[test]
fn nothing_imports_the_rim() {
    for path in sources("src") {
        let module = module_of(&path);
        if ["cli", "http", "main", "lib"].contains(&module.as_str()) {
            continue;
        }
        let code = code(&path);
        assert!(!code.contains("crate::http") && !code.contains("crate::cli"), "{}", path.display());
    }
}

#[test]
fn files_and_lines_stay_small() {
    for path in sources("src").into_iter().chain(sources("tests/it")) {
        let is_code = |l: &&str| !l.trim().is_empty() && !l.trim_start().starts_with("//");
        let lines = code(&path).lines().filter(is_code).count();
        assert!(lines <= 350, "{} has {lines} lines of code", path.display());
        for (number, line) in text(&path).lines().enumerate() {
            let width = line.chars().count();
            assert!(width <= 120, "{}:{} is {width} wide", path.display(), number + 1);
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for path in sources("src").into_iter().chain(sources("tests/it")) {
        assert!(text(&path).starts_with("//!"), "{} has no header", path.display());
    }
}

/// ARCHITECTURE.md names tests by `module::name`, shortened with an ellipsis or a star: each must be there.
#[test]
fn the_map_names_tests_that_exist() {
    let map = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"));
    let tests: String = sources("tests/it").iter().map(|path| text(path)).collect();
    for cited in map.split('`').filter(|word| word.contains("::") && !word.contains(' ')) {
        let name = cited.rsplit("::").next().unwrap_or_default().trim_end_matches(['…', '*']);
        let module = cited.split("::").next().unwrap_or_default();
        let known = tests.contains(&format!("fn {name}")) || name.is_empty();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/{module}.rs"));
        assert!(known && file.exists(), "{cited} is no test");
    }
}

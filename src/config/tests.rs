//! Who outdoes whom, and what is refused.

use std::fs;
use std::path::Path;

use super::*;

fn variables(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.toml");
    fs::write(&path, text).expect("written");
    (folder, path)
}

fn refusal(text: &str) -> String {
    let (_folder, path) = written(text);
    let refused = layers(Some(&path), Vec::new(), &[]).and_then(|layers| Config::of(&layers).map(drop));
    refused.expect_err("refused").to_string()
}

#[test]
fn a_flag_outdoes_the_environment_which_outdoes_a_file_which_outdoes_the_default() {
    let (_folder, path) = written("[server]\nlisten = \"127.0.0.1:1\"\nlog = \"warn\"\ndata = \"there\"\n");
    let variables = variables(&[
        ("IMPACTD__SERVER__LISTEN", "127.0.0.1:2"),
        ("IMPACTD__SERVER__LOG", "debug"),
        ("IMPACTD_ONNXRUNTIME", "is of another kind"),
    ]);
    let flags = [("server.listen", "localhost:3".to_owned())];
    let layers = layers(Some(&path), variables, &flags).expect("sound");
    let config = Config::of(&layers).expect("typed");
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(layers.origin("server.listen"), Origin::Flag);
    assert_eq!(config.server.log, "debug");
    assert_eq!(layers.origin("server.log").to_string(), "IMPACTD__SERVER__LOG");
    assert_eq!(config.server.data, Path::new("there"));
    assert_eq!(layers.origin("server.data"), Origin::File(path, 4));
    assert_eq!((config.live.lateness, layers.origin("live.lateness")), (2_000_000_000, Origin::Default));
    assert_eq!(config.live.journal_max_bytes, 16 << 30);
}

#[test]
fn every_kind_is_read_from_a_file_and_from_text() {
    let text = "[live]\nenabled = false\nlateness = \"500ms\"\nkeep_sessions = 3\njournal_max = \"2MiB\"\n\
                clean = \"none\"\n[jobs]\nroots = [\"/a\", \"b c\"]\n";
    let (_folder, path) = written(text);
    let by_file = Config::of(&layers(Some(&path), Vec::new(), &[]).expect("sound")).expect("typed");
    let flags = [
        ("live.enabled", "false"),
        ("live.lateness", "500ms"),
        ("live.keep_sessions", "3"),
        ("live.journal_max", "2MiB"),
        ("live.clean", "none"),
        ("jobs.roots", "/a,b c"),
    ]
    .map(|(key, text)| (key, text.to_owned()));
    let by_text = Config::of(&layers(None, Vec::new(), &flags).expect("sound")).expect("typed");
    assert_eq!(format!("{:?}", by_file.live), format!("{:?}", by_text.live));
    assert_eq!(by_file.jobs.roots, by_text.jobs.roots);
    assert_eq!(by_file.live.journal_max_bytes, 2 << 20);
}

#[test]
fn what_is_not_understood_is_refused_where_it_stands() {
    for (text, words) in [
        ("[server]\n\nlistn = \"x\"\n", "config.toml:3: 'server.listn' is not known; 'server.listen' is"),
        (
            "[nonsense]\nx = 1\n",
            "config.toml:2: 'nonsense.x' is not known; `impactd config show` lists every key",
        ),
        ("[live]\nlateness = 2\n", "config.toml:2: live.lateness: 2 is not a duration such as"),
        ("[live]\nkeep_sessions = 0\n", "'0' is not a whole number from 1 on"),
        ("[live]\nclean = \"bnhls\"\n", "'bnhls' is not one of none, holden-jacobsen"),
        ("listen = \"x\"\n", "config.toml:1: 'listen' stands outside of a section"),
        ("[server\n", "config.toml: line 1: "),
        ("[server]\nlisten = \"nowhere\"\n", "config.toml:2: server.listen: 'nowhere' is not an address"),
        ("[server]\ntls_key = \"k.pem\"\n", "server.tls_certificate and server.tls_key go together"),
        ("[nats]\nurl = \"nats://x\"\n", "nats.stream must name its stream"),
    ] {
        let told = refusal(text);
        assert!(told.contains(words), "{text}: {told}");
    }
    let unknown = layers(None, variables(&[("IMPACTD__LIVE__LATNESS", "1s")]), &[]).expect_err("refused");
    let words = "IMPACTD__LIVE__LATNESS: 'live.latness' is not known; 'live.lateness' is";
    assert_eq!(unknown.to_string(), words);
    let absent = layers(Some(Path::new("/nowhere.toml")), Vec::new(), &[]).expect_err("refused");
    assert!(absent.to_string().starts_with("/nowhere.toml: cannot be read"), "{absent}");
}

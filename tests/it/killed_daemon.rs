//! A daemon killed while it records orders: what it acknowledged is there, and nothing is half-written.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::post_trade::order;

/// The status of a posted order; `None` when the daemon died on it.
fn post(daemon: &Daemon, order: &Value) -> Option<u16> {
    let json = "Content-Type: application/json\r\n";
    Some(daemon.ask("POST", "/v1/executions", json, order.to_string().as_bytes())?.status)
}

#[test]
fn a_killed_daemon_keeps_what_it_acknowledged_and_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut order = order("");
    order["end_mid"] = json!(50);
    let named = |id: usize| {
        let mut order = order.clone();
        order["order_id"] = json!(format!("o{id}"));
        order
    };
    let (next, mut acknowledged) = (AtomicUsize::new(0), BTreeSet::new());
    for cycle in 0..4_u64 {
        let mut daemon = Daemon::start(data);
        std::thread::scope(|scope| {
            let work = || {
                let mut kept = Vec::new();
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    match post(&daemon, &named(id)) {
                        Some(201) => kept.push(id),
                        None => return kept,
                        Some(other) => panic!("status {other}"),
                    }
                }
            };
            let workers: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
            std::thread::sleep(Duration::from_millis(60 + 45 * cycle));
            daemon.signal("-9");
            acknowledged.extend(workers.into_iter().flat_map(|worker| worker.join().expect("a worker")));
        });
        daemon.child.wait().expect("reaped");
    }
    assert!(!acknowledged.is_empty());
    let executions = impactd::store::Executions::new(data);
    for id in &acknowledged {
        let record = executions.find(&format!("o{id}")).expect("whole");
        assert!(record.is_some(), "o{id} was acknowledged");
    }
    for date in executions.dates().expect("dates") {
        for hash in executions.hashes(date).expect("hashes") {
            executions.read(&impactd::store::Place { date, hash }).expect("whole").expect("there");
        }
    }
    // All of them again: the daemon finishes what was cut short, and knows the rest.
    let daemon = Daemon::start(data);
    for id in 0..next.load(Ordering::Relaxed) {
        let status = post(&daemon, &named(id)).expect("an answer");
        assert!(status == 200 || (status == 201 && !acknowledged.contains(&id)), "o{id}: {status}");
    }
    daemon.kill();
    let date = executions.dates().expect("dates")[0];
    assert_eq!(executions.hashes(date).expect("hashes").len(), next.load(Ordering::Relaxed));
}

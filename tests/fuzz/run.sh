#!/usr/bin/env bash
# Readers under libFuzzer, each for so many CPU minutes: tests/fuzz/run.sh MINUTES [READER..]; all of them by default.
# Starts from the kept corpus (tests/fuzz/corpus/READER.zip) and packs it anew, smallest inputs first. A crash stays in
# out/fuzz/READER-crash-*. Needs a C++ compiler.
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=${1:?how many CPU minutes each?}
shift
readers=("$@")
[ ${#readers[@]} -gt 0 ] || readers=($(basename -s .zip tests/fuzz/corpus/*.zip))

export RUSTC_WORKSPACE_WRAPPER=$PWD/tests/fuzz/rustc.sh
cargo build --locked --package impactd-fuzz
fuzz=$PWD/target/debug/fuzz

# Sets `spent` to the CPU seconds of the children that have ended; in a $(subshell) there would be none.
spent() {
    times >"$work/times"
    spent=$(awk 'END { split($1, u, /[ms]/); split($2, s, /[ms]/); print int(60 * (u[1] + s[1]) + u[2] + s[2]) }' "$work/times")
}

for reader in "${readers[@]}"; do
    export IMPACTD_FUZZ=$reader
    work=out/fuzz/$reader
    rm -rf "$work" && mkdir -p "$work/all" "$work/few"
    python3 -m zipfile -e "tests/fuzz/corpus/$reader.zip" "$work/all"
    options=(-rss_limit_mb=2048 -timeout=10 -artifact_prefix="out/fuzz/$reader-")
    spent && began=$spent
    while spent && ((spent - began < 60 * minutes)); do
        "$fuzz" "${options[@]}" -max_total_time=60 "$work/all" 2>"$work/log" || { tail -30 "$work/log"; exit 1; }
        spent && echo "$reader: $((spent - began)) CPU seconds, $(grep -a '^Done' "$work/log"), $(ls "$work/all" | wc -l) inputs"
    done
    "$fuzz" "${options[@]}" -merge=1 "$work/few" "$work/all" 2>"$work/merge"
    # Inputs with names of their own are faults of the past: they stay, whatever they reach.
    find "$work/all" -type f -regextype egrep -not -regex '.*/[0-9a-f]{40}' -exec cp {} "$work/few" ';'
    (cd "$work/few" && rm -f ../kept.zip && python3 -m zipfile -c ../kept.zip *)
    mv "$work/kept.zip" "tests/fuzz/corpus/$reader.zip"
done

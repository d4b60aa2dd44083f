#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run - fuzz every target for so many seconds each, two at a time. `./dev fuzz` calls it.
#
# What a fuzzer finds is left in the build folder; the smallest input that shows a bug belongs into
# corpus/TARGET/ with the fix, and is replayed by every test run from then on.

set -eu
build=$1
seconds=$2
here=$(cd "$(dirname "$0")" && pwd)
failed=0
running=

wait_all() {
    for pair in $running; do
        wait "${pair%%:*}" || {
            failed=1
            echo "fuzz: ${pair#*:} found something: see $build/${pair#*:}.log" >&2
        }
    done
    running=
}

count=0
for target in "$build"/tests/fuzz/*_fuzz "$build"/plugins/*/*_fuzz; do
    name=$(basename "$target" _fuzz)
    # A plugin's fuzzer begins with its sample mails, if it has any.
    seeds=$here/corpus/$name
    [ -d "$seeds" ] || seeds=$here/../../plugins/${name#plugin_}/samples
    [ -d "$seeds" ] || seeds=
    mkdir -p "$build/found/$name"
    "$target" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=4096 \
        -artifact_prefix="$build/found/$name-" "$build/found/$name" ${seeds:+"$seeds"} \
        >"$build/$name.log" 2>&1 &
    running="$running $!:$name"
    count=$((count + 1))
    [ $((count % 2)) -ne 0 ] || wait_all
done
wait_all
tail -n 1 "$build"/*.log
exit "$failed"

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# baseline.sh [check | write MINOR] - the plugin ABI against what was released.
#
# check   compiles probe.c as each minor that has a baseline here (plugin-1.MINOR.abi) and compares the two
#         with abidiff: any difference is a break. No suppression file: abidiff's "inserted at the end" also
#         silences what was inserted in the middle.
# write   writes the baseline of a minor, once, when it is released.
#
# Exit status 77: abidiff, abidw or gcc is not there, or this is no x86-64.
here=$(cd "$(dirname "$0")" && pwd)
sdk=$here/../../plugins/sdk
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

for tool in abidiff abidw gcc; do
    command -v $tool >/dev/null || { echo "$tool is not there: skipped"; exit 77; }
done
[ "$(uname -m)" = x86_64 ] || { echo "not an x86-64: skipped"; exit 77; }

# The probe as minor $1, in $tmp/probe.so. Relative names, so that no baseline says where it was made.
compile() {
    (cd "$here" && gcc -std=c11 -g -O0 -shared -fPIC -fvisibility=hidden "-ffile-prefix-map=$here=." \
        "-DPM_ABI_MINOR=$1" -I../../plugins/sdk -o "$tmp/probe.so" probe.c)
}

case $1 in
check)
    status=0
    for baseline in "$here"/plugin-1.*.abi; do
        minor=${baseline##*/plugin-1.}
        minor=${minor%.abi}
        compile "$minor" || exit 2
        if ! abidiff --no-show-locs "$baseline" "$tmp/probe.so"; then
            echo "plugin ABI 1.$minor is broken: see above, and $sdk/patchmark/plugin.h"
            status=1
        fi
    done
    exit $status
    ;;
write)
    compile "$2" || exit 2
    [ ! -e "$here/plugin-1.$2.abi" ] || { echo "plugin-1.$2.abi is there already"; exit 2; }
    abidw --no-comp-dir-path --no-corpus-path --no-show-locs "$tmp/probe.so" > "$here/plugin-1.$2.abi"
    ;;
*)
    echo "baseline.sh check | write MINOR"
    exit 2
    ;;
esac

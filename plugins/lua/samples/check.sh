#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh PATCHMARK FOLDER - through the whole of patchmark: a script that hangs costs its own facts,
# and a broken one is an error with file and line. FOLDER has the configurations.
patchmark=$1
folder=$2
samples=$(dirname "$0")
wrong=0

expect() { # WHAT WANTED TEXT
    case $3 in
    *"$2"*) ;;
    *)
        echo "$1: \"$2\" expected in: $3"
        wrong=1
        ;;
    esac
}

said=$("$patchmark" classify -c "$folder/samples.conf" --json "$samples/letter.eml" 2>"$folder/log")
expect "the mail goes on, and both rules see" '"tags":["failed","heard"]' "$said"
expect "the log names the line" 'hang.lua:6: it took more than 102400 instructions' \
    "$(cat "$folder/log")"

said=$("$patchmark" check -c "$folder/broken.conf" 2>&1) && wrong=1
expect "where the configuration names it" 'broken.conf:5:' "$said"
expect "where the mistake is" "samples/broken.lua:3: ')' expected near '1'" "$said"
exit $wrong

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh PATCHMARK PLUGINS - do the rules in the manual do what it says of them, on the sample mails?
patchmark=$1
plugins=$2
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

{
    echo "plugin-directory \"$plugins\""
    awk '/^```$/ { on = !on; next } on' "$here/../syzbot.md"
} > "$tmp/patchmark.conf"
"$patchmark" check -c "$tmp/patchmark.conf" >/dev/null || exit 1

wrong=0
expect() {
    found=$("$patchmark" classify -c "$tmp/patchmark.conf" --json "$here/$1")
    case $found in
    *"$2"*) ;;
    *)
        echo "$1: $2 expected in $found"
        wrong=1
        ;;
    esac
}
expect fix.eml '"tags":["syzbot","syzbot-fix"]'
expect fix.eml '["Patchmark-Syzbot-Bug","'
expect report.eml '"tags":["bot","syzbot"]'
expect command.eml '["Patchmark-Syzbot-Bug","'
expect unrelated.eml '"tags":[]'
exit $wrong

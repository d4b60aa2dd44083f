#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# verify - what systemd itself says of the unit, the user and the folder.
#
# usage: verify.sh UNIT SYSUSERS TMPFILES

set -eu

if ! command -v systemd-analyze >/dev/null; then
    echo "skipped: systemd-analyze (package systemd) is not installed"
    exit 77
fi
if [ ! -d /run/systemd ] && [ "$(id -u)" != 0 ]; then
    echo "skipped: where systemd does not run, only root may have it verify a unit"
    exit 77
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# As it will be installed, but for what is not installed while it is tested.
sed -e 's#^\(Exec[A-Za-z]*\)=/[^ ]*#\1=/bin/true#' -e '/^Documentation=/d' "$1" \
    >"$folder/patchmark.service"

echo "unit:"
SYSTEMD_LOG_LEVEL=warning systemd-analyze verify "$folder/patchmark.service"
# 0 is nothing exposed, 10 everything; 2.0 has room for what sites add.
systemd-analyze security --offline=yes --threshold=20 "$folder/patchmark.service" >"$folder/exposed" || {
    cat "$folder/exposed"
    exit 1
}
tail -n 1 "$folder/exposed"

echo "user:"
mkdir -p "$folder/root/etc" "$folder/root/usr/lib/sysusers.d"
cp "$2" "$folder/root/usr/lib/sysusers.d/patchmark.conf"
systemd-sysusers --root="$folder/root" patchmark.conf
grep '^patchmark:' "$folder/root/etc/passwd"

echo "folder:"
mkdir -p "$folder/root/usr/lib/tmpfiles.d"
cp "$3" "$folder/root/usr/lib/tmpfiles.d/patchmark.conf"
# By our own numbers: only root could give the folder to somebody else.
sed -i "s/^patchmark:x:[0-9]*:/patchmark:x:$(id -u):/" "$folder/root/etc/passwd"
echo "postfix:x:$(id -g):" >>"$folder/root/etc/group"
systemd-tmpfiles --root="$folder/root" --create patchmark.conf
[ "$(stat -c %a "$folder/root/var/spool/postfix/patchmark")" = 2750 ]

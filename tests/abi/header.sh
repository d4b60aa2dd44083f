#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# header.sh FOLDER CC - plugin.h is strict C11 and C++17, alone and twice, as every minor. Exit status 77
# when there is no C++ compiler.
folder=$1
cc=$2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
strict="-Wall -Wextra -pedantic -Wconversion -Wundef -Wshadow -Werror -fsyntax-only -I$folder"

cat > "$tmp/c.c" <<'C'
#include <patchmark/plugin.h>
#include <patchmark/plugin.h>
PM_PLUGIN_ENTRY(x) { return NULL; }
extern int has(const pm_host *host);
int has(const pm_host *host) { return PM_HOST_HAS(host, problem); }
C
cp "$tmp/c.c" "$tmp/cxx.cc"

for minor in 0 1; do
    "$cc" -std=c11 -Wstrict-prototypes $strict -DPM_ABI_MINOR=$minor "$tmp/c.c" || exit 1
    "$cc" -std=c11 $strict -DPM_ABI_MINOR=$minor -DPM_PLUGIN_STATIC "$tmp/c.c" || exit 1
done
command -v c++ >/dev/null || { echo "no C++ compiler: skipped"; exit 77; }
for standard in c++11 c++17; do
    c++ -std=$standard $strict "$tmp/cxx.cc" || exit 1
done

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# readme.sh SDK CC - the plugin in the SDK's README compiles as it says there, and its test passes.
sdk=$1
cc=$2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

# The nth block of C in it.
block() {
    awk -v want="$1" '/^```c$/ { n++; if (n == want) { on = 1; next } } /^```$/ { on = 0 } on' \
        "$sdk/README.md"
}
block 1 > "$tmp/shout.c"
block 2 > "$tmp/shout_test.c"

cd "$tmp" || exit 2
strict="-std=c11 -Wall -Wextra -Werror -I$sdk"
"$cc" $strict -shared -fPIC -fvisibility=hidden -Wl,-z,defs -o shout.so shout.c || exit 1
"$sdk/symbols.sh" "$tmp/shout.so" || exit 1
"$cc" $strict -D_GNU_SOURCE -DPM_PLUGIN_STATIC -o shout_test shout.c shout_test.c "$sdk/harness.c" \
    -lcmocka -lpthread || exit 1
./shout_test

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# symbols.sh MODULE... - a plugin exports pm_plugin_entry and nothing else.
status=0
for module in "$@"; do
    exported=$(nm -D --defined-only "$module" | sed 's/^[^ ]* *[^ ]* //')
    if [ "$exported" != pm_plugin_entry ]; then
        echo "$module exports:" $exported
        status=1
    fi
done
exit $status

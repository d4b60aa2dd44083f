#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# demo - what patchmark does, seen through a Postfix of its own. `./dev demo` builds first.
#
# usage: demo.sh BUILD

exec python3 -B "$(dirname "$0")/demo.py" "$@"

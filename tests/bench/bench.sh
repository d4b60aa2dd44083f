#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bench - measures speed, each figure beside its yardstick in the same run. `./dev bench` builds first.
#
# usage: bench.sh BUILD [NAME...] [--mbox FILE]

exec python3 -B "$(dirname "$0")/bench.py" "$@"

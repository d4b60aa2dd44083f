#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# score - how well this build answers on real mail, and no worse than the figures below.
#
# The mail is other people's and stays outside the project; without it the test says it was skipped.

set -eu
patchmark=$1
shared=$2

if [ ! -e "$shared/tools/score.py" ]; then
    echo "skipped: no real mail beside the checkout ($shared)"
    exit 77
fi

figures=$(python3 "$shared/tools/score.py" --patchmark "$patchmark" seeds letters chains sections)
printf '%s\n' "$figures"

# figure, least value in per cent
printf '%s\n' "$figures" | awk '
    function least(name, value) { wanted[name] = value }
    BEGIN {
        least("seeds whole", 100)
        least("messages answered", 100)
        least("kind cover: recall", 99.5)
        least("kind cover: precision", 99.8)
        least("kind patch: recall", 99.5)
        least("kind reply: recall", 99.9)
        least("kind pull: recall", 100)
        least("part", 99.95)
        least("total", 99.95)
        least("rfc", 99.95)
        # What is missing here are answers that say v1 of RFCv2 and of "title v9", and no resend of
        # REPOST and RESENT: the subjects say otherwise.
        least("revision", 99.68)
        least("resend", 99.86)
        least("chains plain: recall", 99)
        least("chains plain: precision", 99.7)
        least("chains plain: never backwards", 100)
        least("chains masked: recall", 97)
        least("chains masked: precision", 99.5)
        least("chains masked: renamed, recall", 75)
        least("chains masked: never backwards", 100)
        least("sections, as a set", 100)
        least("sections, in order", 100)
    }
    {
        name = substr($0, 1, 34)
        sub(/ +$/, "", name)
        value = substr($0, 35) + 0
        if (name in wanted) {
            seen[name] = 1
            if (value < wanted[name]) {
                printf "score: %s is %.3f %%, should be at least %s %%\n", name, value, wanted[name]
                failed = 1
            }
        }
    }
    END {
        for (name in wanted)
            if (!(name in seen)) {
                printf "score: no figure for %s\n", name
                failed = 1
            }
        exit failed
    }'

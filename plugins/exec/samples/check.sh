#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh PATCHMARK CONF - do the rules' examples hold, and has every sample mail the tags that
# `expected` names?
patchmark=$1
conf=$2
folder=$(dirname "$0")
wrong=0

"$patchmark" check -c "$conf" || wrong=1
while read -r mail tags; do
    found=$("$patchmark" classify -c "$conf" --json "$folder/$mail" |
        sed -n 's/.*"tags":\[\([^]]*\)\].*/\1/p' | tr -d '"' | tr , '\n' | sort | xargs)
    if [ "$found" != "$tags" ]; then
        echo "$mail: tags \"$tags\" expected, not \"$found\""
        wrong=1
    fi
done < "$folder/expected"
exit $wrong

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh PATCHMARK CONF - does every sample mail reach the inbox that `expected` names?
patchmark=$1
conf=$2
folder=$(dirname "$0")
wrong=0

while read -r mail inbox; do
    found=$("$patchmark" classify -c "$conf" --json "$folder/$mail" |
        sed -n 's/.*"inbox":"\([^"]*\)".*/\1/p')
    if [ "$found" != "$inbox" ]; then
        echo "$mail: $inbox expected, not \"$found\""
        wrong=1
    fi
done < "$folder/expected"
exit $wrong

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh PATCHMARK CONF - has every sample mail the revision, part and total that `expected` names?
patchmark=$1
conf=$2
folder=$(dirname "$0")
wrong=0

while read -r mail numbers; do
    found=$("$patchmark" classify -c "$conf" --json "$folder/$mail" |
        sed -n 's/.*"revision":\([^,]*\),"part":\([^,]*\),"total":\([^,]*\),.*/\1 \2 \3/p')
    if [ "$found" != "$numbers" ]; then
        echo "$mail: $numbers expected, not \"$found\""
        wrong=1
    fi
done < "$folder/expected"
exit $wrong

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh PATCHMARK CONF - is every sample mail taken for the project that `expected` names?
patchmark=$1
conf=$2
folder=$(dirname "$0")
wrong=0

while read -r mail project; do
    found=$("$patchmark" classify -c "$conf" --json "$folder/$mail" |
        sed -n 's/.*"project":"\{0,1\}\([^",]*\).*/\1/p')
    if [ "$found" != "$project" ]; then
        echo "$mail: $project expected, not \"$found\""
        wrong=1
    fi
done < "$folder/expected"
exit $wrong

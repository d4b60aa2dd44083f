#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh PATCHMARK FOLDER - does the script find in every sample mail what `expected` says, does a
# rule act upon it, and is a misspelt fact an error? FOLDER has the configurations.
patchmark=$1
folder=$2
samples=$(dirname "$0")
wrong=0

# The facts backport.NAME=VALUE of a mail, in the order they were reported; "nothing" for none.
facts() {
    found=$("$patchmark" explain -c "$folder/samples.conf" --json "$1" |
        grep -o '{"name":"backport\.[a-z]*","value":"[^"]*"' |
        sed 's/{"name":"backport\.\([a-z]*\)","value":"\([^"]*\)"/\1=\2/' | tr '\n' ' ')
    echo "${found:-nothing }"
}

while read -r mail expected; do
    found=$(facts "$samples/$mail")
    if [ "$found" != "$expected " ]; then
        echo "$mail: \"$expected\" expected, not \"${found% }\""
        wrong=1
    fi
done < "$samples/expected"

if ! "$patchmark" check -c "$folder/samples.conf" >/dev/null; then
    echo "the configuration of the samples is not fine"
    wrong=1
fi
if ! "$patchmark" classify -c "$folder/samples.conf" --json "$samples/one-branch.eml" |
    grep -q '"inbox":"stable-queue"'; then
    echo "no rule acted upon the fact"
    wrong=1
fi
said=$("$patchmark" check -c "$folder/misspelt.conf" 2>&1)
case $said in
*'"backport.brunch" (did you mean "backport.branch"?)'*) ;;
*)
    echo "a misspelt fact is no error: $said"
    wrong=1
    ;;
esac
exit $wrong

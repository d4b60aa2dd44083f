#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# first_word - a program for patchmark's plugin exec in ten lines of shell: the first word of the
# title, so that rules can compare it. It shows that the protocol needs no library.
#
# Values have %XX for bytes that would not fit into a line. None is in the words wanted here, so
# that there is nothing to undo.

cat <<'END'
patchmark-exec 1
field title
fact title.first-word text the first word of the title, without a colon behind it
ready
END

title=
while IFS= read -r line; do
    case $line in
    "field title "*) title=${line#field title } ;;
    "end "*)
        id=${line#end }
        word=${title%%[ :]*}
        title=
        [ -z "$word" ] || echo "fact $id title.first-word 1 $word"
        echo "done $id"
        ;;
    esac
done

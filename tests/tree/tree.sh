#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tree - what must hold of the source tree itself: who may include what, and how a file begins.
#
# The compiler enforces the layers; this covers what it cannot see, libraries confined to one file.

set -u
failed=0

fail() {
    echo "tree: $1" >&2
    failed=1
}

# only HEADER ALLOWED...: no source but the allowed ones includes the header.
only() {
    header=$1
    shift
    for file in $(grep -rlE "#include <$header" milter plugins 2>/dev/null); do
        case " $* " in
        *" $file "*) ;;
        *) fail "$file includes <$header>, which only $* may" ;;
        esac
    done
}

only gmime/ milter/message/mime.c
only glib milter/message/mime.c
only libmilter/ milter/front/daemon/session.c milter/front/daemon/patchmarkd.c
only sqlite3 milter/store/sqlite.c
only libpq milter/store/postgres.c
only jansson $(find milter/front -name '*json.[ch]')

# A table that says it is sorted is: a word out of its place would not be found, and nobody told.
for file in $(grep -rlE '(/\*|\*|\.) Sorted\.' milter plugins --include='*.c'); do
    tables=$(awk '
        / Sorted\./ { waits = 1 }
        waits && /\] = \{/ { waits = 0; inside = 1; count++ }
        inside {
            line = $0
            while (match(line, /PM_LIT\("[^"]*"\)/)) {
                print count, substr(line, RSTART + 8, RLENGTH - 10)
                line = substr(line, RSTART + RLENGTH)
            }
        }
        inside && /\};/ { inside = 0 }' "$file")
    [ -n "$tables" ] || fail "$file says that something is sorted, but no table is found"
    unsorted=$(printf '%s\n' "$tables" | LC_ALL=C awk '
        $1 == table && $2 <= before { print $2; exit }
        { table = $1; before = $2 }')
    [ -z "$unsorted" ] || fail "$file: \"$unsorted\" is not in its place in a sorted table"
done

# What something is inside is known to the files beside it that bear its name.
for header in $(find milter plugins -name '*_inside.h'); do
    for file in $(grep -rlF "#include \"$(basename "$header")\"" milter plugins tests); do
        case $file in
        "${header%_inside.h}"*) ;;
        *) fail "$file includes $(basename "$header"), which only ${header%_inside.h}*.c may" ;;
        esac
    done
done

# A plugin sees the SDK and its own folder.
for file in $(find plugins -name '*.c' -o -name '*.h' | grep -v -e '_test\.c$' -e '^plugins/sdk/'); do
    grep -hoE '#include "[^"]+"' "$file" | sed 's/.*"\(.*\)"/\1/' | while read -r header; do
        [ -e "$(dirname "$file")/$header" ] || echo "$file includes \"$header\""
    done
done | while read -r line; do
    echo "tree: $line, which is not in its own folder" >&2
    exit 1
done || failed=1

# Every source file names its licence and says what it is for.
for file in $(find milter plugins tests -name '*.c' -o -name '*.h'); do
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
        fail "$file does not begin with its SPDX line"
    sed -n 2p "$file" | grep -qE '^/\*' || fail "$file does not say what it is for on line 2"
done

# A file that is named is there: it may have moved since. CHANGES.md tells of what was, tests of what never was.
for name in $(grep -rhoE '\b(milter|plugins|tests)/[a-z0-9_/-]+\.(c|h|md|py|sh)\b' \
    --include='*.[ch]' --include='*.md' --include='*.txt' --exclude='*_test.c' \
    milter plugins tests README.md CONTRIBUTING.md | sort -u); do
    [ -e "$name" ] || fail "$name is named somewhere and is not there"
done

# What lives at the top by custom, and nothing else: of what is committed, for whoever tries patchmark here
# may have a mine.conf and mail beside it. The checkout may be another user's than root, who tests.
for entry in $(git -c safe.directory='*' ls-files 2>/dev/null | cut -d/ -f1 | sort -u); do
    case $entry in
    CMakeLists.txt | milter | plugins | rules | tests | systemd) ;;
    README.md | CHANGES.md | CONTRIBUTING.md | LICENSE | CMakePresets.json | dev) ;;
    .clang-format | .clang-tidy | .gitignore | .ci) ;;
    *) fail "$entry does not belong at the top of the tree" ;;
    esac
done

exit "$failed"

#!/bin/sh
# Compiles task-init into the file named by the first argument, unless it is newer than its sources already.
set -eu
out=$1
folder=$(dirname "$0")
if [ -e "$out" ] && [ -z "$(find "$folder" -name '*.[ch]' -newer "$out")" ]; then exit 0; fi
cc=$(command -v "${CC:-cc}" || command -v gcc || command -v clang) || {
  echo "agent-shim: no C compiler found for $folder; install gcc or set CC" >&2
  exit 1
}
mkdir -p "$(dirname "$out")"
# Static: it runs in any root filesystem, also in one without a C library.
"$cc" -static -Os -Wall -Wextra -Werror -s -o "$out" "$folder/task-init.c" "$folder/session.c"

#!/bin/sh
# Compiles task-init into the file named by the first argument, unless it is newer than its source already.
set -eu
out=$1
source=$(dirname "$0")/task-init.c
[ "$out" -nt "$source" ] && exit 0
cc=$(command -v "${CC:-cc}" || command -v gcc || command -v clang) || {
  echo "agent-shim: no C compiler found for $source; install gcc or set CC" >&2
  exit 1
}
mkdir -p "$(dirname "$out")"
# Static: it runs in any root filesystem, also in one without a C library.
"$cc" -static -Os -Wall -Wextra -Werror -s -o "$out" "$source"

#!/bin/bash
# Builds the oracle: a real Apache Mesos 1.11.0 out of libmesos, which the Python package mesos.scheduler carries whole.
#
#   setup.sh [OUT_DIR]
#
# OUT_DIR (${OFFERPLANE_CACHE:-~/.cache/offerplane}/oracle) gets: py27/ (virtualenv with the driver) and lib/ (stub libraries,
# link to libmesos). Run it again at will: what is there is kept.
#
# Environment: PYTHON27  a Python 2.7 interpreter (else: on PATH, among pyenv's versions, or built from its sources)
#              PYTHON3   a Python 3.7 to 3.11     (else: python3 or one of pyenv's; only runs virtualenv)
set -euo pipefail

out=$(realpath -m "${1:-${OFFERPLANE_CACHE:-$HOME/.cache/offerplane}/oracle}")

say() { echo "oracle: $*"; }
die() { echo "oracle: $*" >&2; exit 1; }

# A pyenv shim exists for every version but runs only the selected ones, so candidates are tried, not just looked up.
first_python() { # condition on sys.version_info, then candidates
  local condition=$1 candidate
  shift
  for candidate in "$@"; do
    if [ -n "$candidate" ] && "$candidate" -c "import sys; v = sys.version_info[:2]; sys.exit(not ($condition))" 2>/dev/null; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return 0
    fi
  done
  return 1
}

pyenv_versions=${PYENV_ROOT:-$HOME/.pyenv}/versions

find_python27() {
  first_python 'v == (2, 7)' "${PYTHON27:-}" python2.7 "$pyenv_versions"/2.7*/bin/python2.7 "$out/python27/bin/python2.7"
}

find_python3() {
  first_python '(3, 7) <= v <= (3, 11)' "${PYTHON3:-}" python3 python3.11 python3.10 python3.9 python3.8 python3.7 \
    "$pyenv_versions"/3.{11,10,9,8,7}.*/bin/python3
}

# The last release of Python 2, for machines whose distribution no longer has one.
build_python27() {
  local source=Python-2.7.18 build
  local sum=da3080e3b488f648a3d7a4560ddee895284c3380b11d6de75edb986526b9a814
  say "no Python 2.7 found: building one from source (some minutes)"
  build=$(mktemp -d)
  curl -fsSL -o "$build/$source.tgz" "https://www.python.org/ftp/python/2.7.18/$source.tgz" \
    || die "no Python 2.7 found and its source not reachable: set PYTHON27 to an interpreter"
  echo "$sum  $build/$source.tgz" | sha256sum -c --quiet - || die "the Python source is not what it should be"
  tar -xzf "$build/$source.tgz" -C "$build"
  (cd "$build/$source" && ./configure -q --prefix="$out/python27" --with-ensurepip=no >/dev/null \
    && make -s -j"$(nproc)" >"$build/log" 2>&1 && make -s install >>"$build/log" 2>&1) || { tail -5 "$build/log" >&2; die "Python 2.7 does not build"; }
  rm -rf "$build"
}

make_virtualenv() {
  local python27 python3
  python27=$(find_python27) || { build_python27; python27=$(find_python27) || die "no Python 2.7: set PYTHON27 to one"; }
  python3=$(find_python3) || die "no Python 3.7 to 3.11 found: set PYTHON3 to one"
  say "virtualenv for $python27"
  # 20.15.1 is the last virtualenv whose seeds cover Python 2.7 well; it runs under Python 3.
  "$python3" -m venv "$out/tools"
  "$out/tools/bin/pip" install -q --disable-pip-version-check virtualenv==20.15.1
  "$out/tools/bin/virtualenv" -q -p "$python27" "$out/py27"
}

install_driver() {
  say "installing mesos.scheduler 1.11.0 (60 MB)"
  # protobuf and google-common first: setuptools would pick versions that are for Python 3 only.
  "$out/py27/bin/python" -m pip install -q --disable-pip-version-check --no-python-version-warning \
    protobuf==3.17.3 google-common==0.0.1 kazoo==2.8.0
  # The driver is published as an egg, which pip does not know.
  "$out/py27/bin/easy_install" -q mesos.scheduler==1.11.0 2>&1 | { grep -v 'easy_install command is deprecated' || true; }
}

# libmesos wants OpenSSL 1.0 and an old libcurl. Neither is called without TLS and without fetching inside the process,
# so libraries that only define the names are enough. The names come from libmesos itself.
make_stubs() {
  local lib=$out/lib symbols
  say "stub libraries for OpenSSL 1.0 and libcurl"
  symbols=$(nm -D --undefined-only "$lib/_scheduler.so" | awk '{print $2}')

  grep -o '^curl_[a-z_]*' <<<"$symbols" | sort -u | stub_functions >"$lib/curl.c"
  echo 'CURL_OPENSSL_3 { global: *; };' >"$lib/curl.map"
  link_stub libcurl.so.4 curl

  grep '@OPENSSL' <<<"$symbols" | sed 's/@.*//' | sort -u | stub_functions >"$lib/openssl.c"
  local version previous=''
  for version in 1.0.0 1.0.1 1.0.2; do
    echo "OPENSSL_$version { global:"
    grep "@OPENSSL_$version\$" <<<"$symbols" | sed 's/@.*//; s/$/;/' | sort -u
    echo "} $previous;"
    previous=OPENSSL_$version
  done >"$lib/openssl.map"
  link_stub libssl.so.1.0.0 openssl
  link_stub libcrypto.so.1.0.0 openssl
}

# Every stub answers 0, except those whose 0 would mean "done": a transfer must be seen to fail.
stub_functions() {
  awk '/^curl_easy_(perform|getinfo)$/ {print "long " $1 "(void) { return 2; }"; next}
       /^curl_easy_strerror$/          {print "const char* " $1 "(void) { return \"no curl in this process\"; }"; next}
                                       {print "long " $1 "(void) { return 0; }"}'
}

link_stub() { # soname source
  gcc -w -fno-builtin -shared -fPIC -Wl,-soname,"$1" -Wl,--version-script="$out/lib/$2.map" \
    -o "$out/lib/$1" "$out/lib/$2.c"
}

missing_libraries() {
  LD_LIBRARY_PATH=$out/lib ldd "$out/lib/_scheduler.so" 2>&1 | grep -E 'not found' || true
}

install_libraries() {
  local missing elevate=''
  missing=$(missing_libraries)
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || elevate=sudo
  if command -v apt-get >/dev/null; then
    say "installing libsvn1 libapr1 libsasl2-2"
    $elevate apt-get install -y -q libsvn1 libapr1 libsasl2-2 >"$out/apt.log" 2>&1 \
      || { $elevate apt-get update -q >>"$out/apt.log" 2>&1 && $elevate apt-get install -y -q libsvn1 libapr1 libsasl2-2 >>"$out/apt.log" 2>&1; } \
      || die "apt-get could not install libsvn1 libapr1 libsasl2-2: see $out/apt.log"
  fi
  missing=$(missing_libraries)
  [ -z "$missing" ] || die "libmesos still lacks libraries (Debian: libsvn1 libapr1 libsasl2-2):"$'\n'"$missing"
}

[ "$(uname -sm)" = 'Linux x86_64' ] || die "libmesos is published for Linux x86_64 only; this is $(uname -sm)"
for tool in gcc nm ldd awk curl; do command -v "$tool" >/dev/null || die "$tool is needed"; done
mkdir -p "$out/lib"
# Two set-ups at a time would trip over one another.
exec 9>"$out/lock"
flock 9

[ -x "$out/py27/bin/python" ] || make_virtualenv
"$out/py27/bin/python" -c 'import kazoo, pkg_resources; pkg_resources.require("mesos.scheduler==1.11.0")' 2>/dev/null \
  || install_driver
libmesos=$(find "$out/py27" -path '*/mesos/scheduler/_scheduler.so' | head -1)
[ -n "$libmesos" ] || die "the egg holds no _scheduler.so"
ln -sf "$libmesos" "$out/lib/_scheduler.so"
[ -f "$out/lib/libcrypto.so.1.0.0" ] || make_stubs
install_libraries

LD_LIBRARY_PATH=$out/lib "$out/py27/bin/python" -c 'import mesos.scheduler' || die "the driver does not load"
say "ready in $out"

#!/bin/bash
# examples/quickstart.sh builds `audit` and runs it against servers of its own: telnetd, sshd and nginx on loopback
# addresses, and an address where nothing listens, in a network namespace that ends with it. Installs what is missing
# (apt, with sudo where this is not root), can be run again, and writes only to build/ of this clone.
# Exit 0: all went as it should, the open Telnet was found included.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n '2,5s/^# //p' "$0"
  exit 0
fi

say() { printf '\n== %s\n' "$*"; }

say "1/4 packages: what tests/packages.txt names for building and for the servers, where it is missing"
tests/setup.sh build quickstart

say "2/4 build: the preset \"release\", into build/release"
export CCACHE_DIR=${CCACHE_DIR:-$PWD/build/ccache} PYTHONDONTWRITEBYTECODE=1
fresh=()
[[ -f build/release/CMakeCache.txt ]] || fresh=(-DAUDIT_TESTS=OFF)
cmake --preset release "${fresh[@]}" >/dev/null
cmake --build --preset release --target audit

say "3/4 servers: Telnet on 127.0.0.11, SSH on 127.0.0.12, a web site on 127.0.0.13, nothing on 127.0.0.14"
echo "They live in a network namespace of their own: this machine's ports are neither used nor needed."
say "4/4 audit examples/quickstart.toml"
mkdir -p build/quickstart
rm -f build/quickstart/report.html build/quickstart/report.json
status=0
tests/lab/enter.sh python3 tests/lab/servers.py telnetd=127.0.0.11 sshd=127.0.0.12 nginx=127.0.0.13 -- \
  build/release/audit examples/quickstart.toml \
  --report html=build/quickstart/report.html --report json=build/quickstart/report.json || status=$?

if [[ $status -eq 77 ]]; then
  echo "quickstart: a namespace is needed for the servers; the program itself needs none: build/release/audit --help" >&2
  exit 1
elif [[ $status -ne 1 ]]; then
  echo "quickstart: expected audit to exit 1, for the open Telnet; it was $status" >&2
  exit 1
fi
say "audit exited 1, as it should: Telnet is open on 127.0.0.11"
echo "The whole report: $PWD/build/quickstart/report.html"

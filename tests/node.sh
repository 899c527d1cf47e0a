#!/bin/bash
# tests/node.sh installs the packages of tests/node.json in build/node, for the tests that hand reports to validators that
# others wrote (tests/lab/node_tools.py); nothing where they are there. Run before the lab, which reaches no network.
# Exit 77: this machine has no npm, or npm gets nothing (why, on standard error): those tests are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=build/node

if [[ -d $folder/node_modules ]] && cmp -s tests/node.json "$folder/package.json"; then
  exit 0
fi
for program in node npm; do
  command -v "$program" >/dev/null || {
    echo "node: there is no $program" >&2
    exit 77
  }
done
rm -rf "$folder"
mkdir -p "$folder"
cp tests/node.json "$folder/package.json"
if ! npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error </dev/null; then
  rm -rf "$folder"
  echo "node: npm could not install the packages of tests/node.json" >&2
  exit 77
fi

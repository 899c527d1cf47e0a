#!/bin/sh
# Fuzzes the codecs and parsers: tests/fuzz/run.sh [SECONDS per target, 300] [NAME…]
# Builds the preset `fuzz` and leaves findings in build/fuzz/findings; the corpus in the clone is not written to.
# Needs Debian's clang and libclang-rt-14-dev. FUZZ_JOBS sets how many compile and run at once (default: the processors).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=300
case "${1:-}" in
  -h | --help) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
  [0-9]*) seconds=$1; shift ;;
esac

names="$*"
if [ -z "$names" ]; then
  for source in "$here"/*_fuzz.cpp; do
    name=$(basename "$source" _fuzz.cpp)
    names="$names $name"
  done
fi
for name in $names; do
  if [ ! -f "$here/${name}_fuzz.cpp" ]; then
    echo "tests/fuzz/run.sh: there is no ${name}_fuzz.cpp" >&2
    exit 64
  fi
done

cd "$root"
cmake --preset fuzz >/dev/null
targets=
for name in $names; do targets="$targets fuzz_$name"; done
# shellcheck disable=SC2086 # a list of targets
cmake --build build/fuzz -j "${FUZZ_JOBS:-$(nproc)}" --target $targets

# clang's UBSan only prints, unless it is told to stop.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
findings=$root/build/fuzz/findings
mkdir -p "$findings"
: >"$work/failed"

# One target: its line at once, its log where it fails, and its name in a list of those that do.
fuzz_one() {
  name=$1
  mkdir -p "$work/$name"
  if ! cp "$here/corpus/$name"/* "$work/$name/"; then
    echo "$name" >>"$work/failed"
    echo "$name: FAILED, tests/fuzz/corpus/$name has no seeds"
    return
  fi
  log=$work/$name.log
  if "build/fuzz/tests/fuzz/fuzz_$name" "$work/$name" -max_total_time="$seconds" -max_len=70000 -rss_limit_mb=1024 \
    -timeout=5 -artifact_prefix="$findings/$name-" -print_final_stats=1 >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$name: passed, ${runs:-0} runs in $seconds s"
  else
    echo "$name" >>"$work/failed"
    { echo "$name: FAILED, the input is in build/fuzz/findings"; tail -n 40 "$log"; } >"$log.end"
    cat "$log.end"
  fi
}

# As many at once as compile at once: by their place in the list, so that each of the lines of work has as much to do.
jobs=${FUZZ_JOBS:-$(nproc)}
workers=
turn=0
while [ "$turn" -lt "$jobs" ]; do
  (
    place=0
    for name in $names; do
      if [ $((place % jobs)) -eq "$turn" ]; then fuzz_one "$name"; fi
      place=$((place + 1))
    done
  ) &
  workers="$workers $!"
  turn=$((turn + 1))
done
fallen=0
for worker in $workers; do wait "$worker" || fallen=$((fallen + 1)); done

all=$(echo "$names" | wc -w)
failed=$(($(wc -l <"$work/failed") + fallen))
echo "$((all - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]

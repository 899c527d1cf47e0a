#!/bin/bash
# tests/run.sh [--quick] [FILTER] builds and runs every test.
#   --quick   only the release build and the tests that need no server and no privilege
#   FILTER    a part (packages release unit headers lab quickstart asan tsan fuzz), or a piece of a test's name
# Installs the packages of tests/packages.txt that are missing. Everything it writes is in build/ of this clone; nothing
# that it started outlives it. Ends with the line "N passed, N failed, N skipped", and fails where anything failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 73
root=$PWD

quick=no
filter=
for word in "$@"; do
  case $word in
    --quick) quick=yes ;;
    -h | --help)
      sed -n '2,6s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    -*)
      echo "tests/run.sh: no option $word; it takes --quick and one FILTER" >&2
      exit 64
      ;;
    *)
      [[ -z $filter ]] || {
        echo "tests/run.sh: one FILTER, not two: $filter, $word" >&2
        exit 64
      }
      filter=$word
      ;;
  esac
done

parts=(packages release unit headers lab quickstart asan tsan fuzz)
[[ $quick == no ]] || parts=(packages release unit)
name_filter=
if [[ -n $filter ]]; then
  case " ${parts[*]} " in
    *" $filter "*)
      case $filter in
        unit | headers | lab | quickstart) parts=(packages release "$filter") ;;
        *) parts=(packages "$filter") ;;
      esac
      ;;
    *)
      name_filter=$filter
      parts=(packages release unit)
      [[ $quick == yes ]] || parts+=(lab)
      ;;
  esac
fi

mkdir -p build/logs build/lab || exit 73
export TMPDIR PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
# The compiler's cache stays in the clone too, but for a CI machine, whose every clone is a fresh one.
[[ -n ${CI:-} ]] || export CCACHE_DIR=${CCACHE_DIR:-$root/build/ccache}
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
TMPDIR=$(mktemp -d "$root/build/tmp.XXXXXX") || exit 73
passed=0 failed=0 skipped=0
reasons=()
fallen=() # the parts of which a test failed: what they say is said last, where a log that was cut off still has it
child=

end() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null
    local until=$((SECONDS + 5))
    while kill -0 -- "-$child" 2>/dev/null && ((SECONDS < until)); do sleep 0.1; done
    kill -KILL -- "-$child" 2>/dev/null
  fi
  rm -rf "$TMPDIR"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# run LOG SECONDS COMMAND… in a session of its own, so that all of it can be ended.
run() {
  local log=$1 longest=$2
  shift 2
  setsid timeout --kill-after=10 "$longest" "$@" >"build/logs/$log.log" 2>&1 </dev/null &
  child=$!
  wait "$child"
  local status=$?
  child=
  return "$status"
}

say() { # part, result, since, more
  printf '%-11s %-7s %4d s  %s\n' "$1" "$2" $((SECONDS - $3)) "${4:-}"
}

skip() { # part, why
  skipped=$((skipped + 1))
  reasons+=("$1: $2")
  say "$1" skipped "$SECONDS" "$2"
}

show() { # part: what its log says of its failures, or else what it ends with
  local log=build/logs/$1.log
  echo "---- $log:"
  python3 tests/failures.py "$log" >"$TMPDIR/failures"
  if [[ -s $TMPDIR/failures ]]; then tail -n 400 "$TMPDIR/failures"; else tail -n 60 "$log"; fi
}

# step PART SECONDS COMMAND…: a part that counts as one.
step() {
  local part=$1 since=$SECONDS
  if run "$@"; then
    passed=$((passed + 1))
    say "$part" ok "$since"
  else
    failed=$((failed + 1))
    say "$part" FAILED "$since"
    fallen+=("$part")
    return 1
  fi
}

# add PART SINCE STATUS TALLY: a part that counts its tests.
add() {
  local part=$1 since=$2 status=$3 tally=$4 good=0 bad=0 left=0 reason
  if [[ -s $tally ]]; then
    read -r good bad left <"$tally"
    while read -r reason; do reasons+=("$reason"); done < <(tail -n +2 "$tally")
  fi
  [[ $status -eq 0 || $bad -gt 0 ]] || bad=1 # it fell without a word
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
  local result=ok
  [[ $bad -eq 0 ]] || result=FAILED
  say "$part" "$result" "$since" "$good passed, $bad failed, $left skipped"
  [[ $bad -eq 0 ]] || fallen+=("$part")
}

build() { # preset, part, more arguments of cmake; the compiler's cache tells locales apart: the usual one, as by hand
  local preset=$1 part=$2
  shift 2
  step "$part" 3600 env -u LC_ALL LANG=C.UTF-8 bash -c 'cmake --preset "$1" -DAUDIT_TESTS=ON "${@:2}" && cmake --build --preset "$1"' build "$preset" "$@"
}

# ThreadSanitizer of g++ 12 does not know the address layout of newer kernels.
fixed_addresses=()
if setarch "$(uname -m)" -R true 2>/dev/null; then
  fixed_addresses=(setarch "$(uname -m)" -R)
fi

unit() { # preset, part, prefix of the command…
  local preset=$1 part=$2 since=$SECONDS status=0
  shift 2
  if [[ -n $name_filter ]]; then
    # The names of Catch2's cases: each program is asked for those that hold the filter.
    run "$part" 900 "$@" bash -c '
      status=0 number=0
      for program in build/"$1"/tests/*/test_*; do
        [[ -x $program && ! -d $program ]] || continue
        number=$((number + 1))
        "$program" "*$2*" | sed "s/^/$number: /"
        outcome=Passed
        [[ ${PIPESTATUS[0]} -eq 0 ]] || { outcome=Failed; status=1; }
        echo "$number/$number Test #$number: ${program##*/} $outcome"
      done
      exit $status' unit "$preset" "$name_filter" || status=$?
    # A program that holds no such case is not a test that passed.
    sed -i '/: No test cases matched/,/Passed$/d' "build/logs/$part.log"
  else
    local only=()
    [[ $quick == no ]] || only=(-L quick)
    run "$part" 1800 "$@" ctest --test-dir "build/$preset" --verbose --parallel "$(nproc)" --no-tests=error --timeout 600 "${only[@]}" || status=$?
  fi
  python3 tests/tally.py "build/logs/$part.log" >"$TMPDIR/tally"
  add "$part" "$since" "$status" "$TMPDIR/tally"
}

lab() { # preset, part, patience, prefix of the command…
  local preset=$1 part=$2 patience=$3 since=$SECONDS status=0 why
  shift 3
  if ! why=$(tests/lab/enter.sh true 2>&1); then
    why=${why%%$'\n'*}
    run "$part" 60 python3 tests/lab/run.py --tally "$TMPDIR/tally" --skip "${why#lab: }" "$name_filter" || status=$?
  else
    AUDIT=$root/build/$preset/audit AUDIT_LAB_PATIENCE=$patience \
      run "$part" 1800 "$@" tests/lab/side_by_side.py --tally "$TMPDIR/tally" "$name_filter" || status=$?
  fi
  add "$part" "$since" "$status" "$TMPDIR/tally"
  rm -f "$TMPDIR/tally"
}

# Seconds until all should have ended, where CI runs it; its machine is taken away after 90 minutes. By hand there is no end.
limit=${AUDIT_TESTS_LIMIT:-${CI:+3000}}
left() { echo $((${limit:-1000000} - SECONDS)); }

# in_time PART SECONDS: is there still so much time? What is not is skipped, and says so.
in_time() {
  (($(left) >= $2)) && return
  skip "$1" "it takes about $(($2 / 60)) minutes, and $(($(left) / 60)) of the $((limit / 60)) that CI has are left: tests/run.sh ${1%%-*} does it"
  return 1
}

# A build that time cuts off is no failure: the compiler's cache keeps what was built, and the next run goes on there.
build_in_time() { # preset, seconds that its tests take
  local preset=$1 since=$SECONDS status=0
  in_time "$preset" $(($2 + 60)) || return
  run "$preset" $(($(left) - $2)) env -u LC_ALL LANG=C.UTF-8 bash -c \
    'cmake --preset "$1" -DAUDIT_TESTS=ON && cmake --build --preset "$1"' build "$preset" || status=$?
  case $status in
    0) passed=$((passed + 1)) && say "$preset" ok "$since" ;;
    124 | 137) skip "$preset" "$(tail -n 1 "build/logs/$preset.log" | cut -c1-20) when its time was over: tests/run.sh $preset does the rest" ;;
    *) failed=$((failed + 1)) && say "$preset" FAILED "$since" && fallen+=("$preset") ;;
  esac
  return "$status"
}

sanitized() { # preset, patience, prefix of the command…
  local preset=$1 patience=$2
  shift 2
  if build_in_time "$preset" 900; then
    unit "$preset" "$preset-unit" "$@"
    in_time "$preset-lab" 600 && lab "$preset" "$preset-lab" "$patience" "$@"
  else
    skip "$preset-unit" "$preset did not build"
    skip "$preset-lab" "$preset did not build"
  fi
}

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1

built=no
for part in "${parts[@]}"; do
  case $part in
    packages)
      groups=(build test)
      [[ $quick == no && $filter != unit ]] || groups=(build unit)
      if ! step packages 1500 tests/setup.sh "${groups[@]}"; then
        echo "going on with what is there"
      fi
      [[ $quick == yes ]] || run node 300 tests/node.sh || tail -n 1 build/logs/node.log
      ;;
    release) build release release && built=yes ;;
    unit | headers | lab | quickstart)
      if [[ $built == no ]]; then
        skip "$part" "release did not build"
        continue
      fi
      case $part in
        unit) unit release unit ;;
        headers) step headers 1800 cmake --build --preset release --target headers ;;
        lab) lab release lab 1 ;;
        quickstart) step quickstart 900 examples/quickstart.sh ;;
      esac
      ;;
    asan) sanitized asan 4 ;;
    tsan) sanitized tsan 8 "${fixed_addresses[@]}" ;;
    fuzz)
      in_time fuzz 900 && step fuzz 2700 tests/fuzz/run.sh 10
      ;;
  esac
done

if [[ -n $name_filter && $((passed + skipped - 2)) -le 0 && $failed -eq 0 ]]; then
  echo "no test has \"$name_filter\" in its name" >&2
  failed=1
fi
if [[ ${#reasons[@]} -gt 0 ]]; then
  echo "skipped:"
  printf '  %s\n' "${reasons[@]}"
fi
for part in "${fallen[@]}"; do show "$part"; done
for part in "${fallen[@]}"; do
  echo "failed: $part"
  python3 tests/failures.py --names "build/logs/$part.log" | sed 's/^/  /'
done
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]

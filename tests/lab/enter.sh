#!/bin/bash
# tests/lab/enter.sh COMMAND… runs a command in network, process and mount namespaces of its own: only a loopback
# device, all ports free, and every process that is started there ends with the command. Needs no root.
# Exit 77: this machine does not allow it (why, on standard error). TMPDIR is inside build/, and removed at the end.
set -uo pipefail
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LC_ALL=C.UTF-8

if [[ ${1:-} == --inside ]]; then
  shift
  ip link set lo up || exit 77
  # Servers started as root want directories in /run: these go when the namespace goes. Those that leave root have to come
  # to theirs, which they could not where the clone is in somebody's own folder, such as /root.
  if [[ $(id -u) -eq 0 ]] && mount -t tmpfs -o mode=755 lab /run; then
    mkdir /run/sshd /run/lab
    if mount --bind "$TMPDIR" /run/lab; then export TMPDIR=/run/lab; fi
  fi
  # As process 1: outlive a terminal's interrupt, which the command gets too, and collect what it leaves.
  trap : INT TERM
  env --default-signal=INT,QUIT "$@" <&3 3<&- &
  child=$!
  while :; do
    wait "$child"
    status=$?
    kill -0 "$child" 2>/dev/null || exit "$status"
  done
fi

if [[ $# -eq 0 ]]; then
  echo "usage: tests/lab/enter.sh COMMAND…" >&2
  exit 64
fi

isolate=(unshare --net --mount --pid --fork --kill-child=SIGKILL)
if [[ $(id -u) -ne 0 ]]; then
  isolate+=(--user --map-current-user --keep-caps)
fi
if "${isolate[@]}" --mount-proc true 2>/dev/null; then
  isolate+=(--mount-proc)
elif ! reason=$("${isolate[@]}" ip link set lo up 2>&1); then
  echo "lab: no namespace of our own here: ${reason:-unshare failed}" >&2
  echo "lab: needs root, or unprivileged user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone," \
    "kernel.apparmor_restrict_unprivileged_userns, or the container's seccomp profile)" >&2
  exit 77
fi

mkdir -p "$lab/../../build/lab" || exit 73
TMPDIR=$(mktemp -d "$(cd "$lab/../../build/lab" && pwd)/tmp.XXXXXX") || exit 73
export TMPDIR AUDIT_LAB=inside PYTHONDONTWRITEBYTECODE=1
exec 3<&0 # a job in the background would read /dev/null
env --default-signal=INT,QUIT setpriv --pdeathsig KILL "${isolate[@]}" "$lab/enter.sh" --inside "$@" &
inside=$!
end() {
  trap '' INT TERM HUP # asked more than once: the directory has to go all the same
  # Killing process 1 ends all of the namespace, and unshare waits until that is done: nobody writes to TMPDIR any more.
  local first=
  read -r first _ 2>/dev/null <"/proc/$inside/task/$inside/children"
  kill -KILL "${first:-$inside}" 2>/dev/null
  wait "$inside" 2>/dev/null
  rm -rf "$TMPDIR"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
wait "$inside"
status=$?
exit "$status"

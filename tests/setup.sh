#!/bin/bash
# tests/setup.sh GROUP… installs those Debian packages of tests/packages.txt that are missing, and nothing where none is.
# --list prints the names instead. Daemons that come with a package are neither started nor enabled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "setup: $*"; }

packages_of() {
  local groups=" $* " name wanted group
  while read -r name wanted; do
    for group in $wanted; do
      if [[ $groups == *" $group "* ]]; then
        echo "$name"
        break
      fi
    done
  done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' tests/packages.txt)
}

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

installed_names() { dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u; }

# Packages enable their daemon, and start it unless policy-rc.d says no. A machine that only wanted to test must not
# serve SSH from now on: deny the start for the time of the installation, disable the services that are new.
install_quietly() {
  local before after policy=/usr/sbin/policy-rc.d made_policy=no status=0
  before=$(installed_names)
  if [[ ! -e $policy ]] || grep -q 'made by audit' "$policy"; then
    printf '#!/bin/sh\n# made by audit, tests/setup.sh, for the time of one installation\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
    made_policy=yes
  fi
  # shellcheck disable=SC2064
  [[ $made_policy == no ]] || trap "${root[*]} rm -f $policy" EXIT
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    install --no-install-recommends "$@" </dev/null || status=$?
  if [[ $made_policy == yes ]]; then
    "${root[@]}" rm -f "$policy"
    trap - EXIT
  fi
  after=$(installed_names)
  local package script
  for package in $(comm -13 <(echo "$before") <(echo "$after")); do
    for script in $(dpkg-query -L "$package" 2>/dev/null | sed -n 's#^/etc/init.d/\([^/]*\)$#\1#p'); do
      case $script in
        ssh | nginx | vsftpd | named | cron | prometheus | *-inetd | xinetd | *-syslogd) ;;
        *) continue ;;
      esac
      say "$package brought the service $script: disabled, so that it does not start with the machine"
      "${root[@]}" update-rc.d "$script" disable >/dev/null 2>&1 || true
    done
  done
  return "$status"
}

main() {
  local list_only=no
  if [[ ${1:-} == --list ]]; then
    list_only=yes
    shift
  fi
  if [[ $# -eq 0 ]]; then
    echo "usage: tests/setup.sh [--list] GROUP…, groups: build unit quickstart test check" >&2
    return 64
  fi
  local -a wanted missing=()
  mapfile -t wanted < <(packages_of "$@")
  if [[ $list_only == yes ]]; then
    printf '%s\n' "${wanted[@]}"
    return
  fi
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian: install the like of these yourself: ${wanted[*]}" >&2
    return 0
  fi
  local package
  for package in "${wanted[@]}"; do
    installed "$package" || missing+=("$package")
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    say "all ${#wanted[@]} packages are there"
    return
  fi
  root=()
  if [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
      say "missing: ${missing[*]}" >&2
      say "this user may not install them; as root: apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    root=(sudo)
  fi
  say "installing ${missing[*]}"
  "${root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update </dev/null ||
    say "apt-get update failed; trying with the lists that are there" >&2
  install_quietly "${missing[@]}" || true
  local -a still=()
  for package in "${missing[@]}"; do
    installed "$package" || still+=("$package")
  done
  if [[ ${#still[@]} -gt 0 ]]; then
    say "could not be installed: ${still[*]}" >&2
    return 1
  fi
}

main "$@"

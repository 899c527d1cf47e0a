# bash completion for audit. Needs nothing of bash-completion.
_audit() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' probe='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -*) ;;
      run | plan | probe) [[ -n $command ]] || command=${COMP_WORDS[i]} ;;
      port | banner | ping | tcp | udp | dns | http)
        [[ $command != probe || -n $probe ]] || probe=${COMP_WORDS[i]}
        ;;
    esac
  done
  COMPREPLY=()

  local files='' words=''
  case $before in
    --report)
      words='text json html text= json= html='
      [[ $word != *=* ]] || files=any
      ;;
    --fail-on) words='critical high medium low info never' ;;
    --rules) files=any ;;
    --target | --select | --seed | --max-runtime | --send | --expect | --timeout | --attempts | --rate | --count | --interval | --size | --server | -x) return ;;
    *)
      case $command in
        probe)
          if [[ -z $probe ]]; then
            words='port banner ping tcp udp dns http --help'
          else
            words='--json --timeout --help'
            case $probe in port | banner) words+=' --attempts --rate' ;; esac
            case $probe in ping) words+=' --count --interval --size --rate' ;; esac
            case $probe in tcp | udp) words+=' --send --expect' ;; esac
            case $probe in udp) words+=' --attempts' ;; dns) words+=' -x --server' ;; esac
          fi
          ;;
        plan)
          words='--target --rules --select --seed --help'
          files=inventory
          ;;
        *)
          words='--target --rules --select --report --fail-on --seed --quiet --max-runtime --help'
          files=inventory
          ((COMP_CWORD > 1)) || words+=' run plan probe --version'
          ;;
      esac
      ;;
  esac

  local found
  while read -r found; do COMPREPLY+=("$found"); done < <(compgen -W "$words" -- "$word")
  if [[ $files == inventory && $word != -* ]]; then
    while read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -X '!*.toml' -- "$word"; compgen -d -S / -- "$word")
  elif [[ $files == any ]]; then
    while read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "${word#*=}")
  fi
}
complete -o filenames -F _audit audit

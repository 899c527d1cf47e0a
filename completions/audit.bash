# bash completion for audit. Needs nothing of bash-completion.
_audit() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' probe='' rules='' schedule='' history='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -*) ;;
      run | plan | inventory | baseline | diff | history | notify | probe | report | rules | schedule | shell | verify | watch) [[ -n $command ]] || command=${COMP_WORDS[i]} ;;
      list | show | check | frameworks | new | test | install | remove | pin | unpin | prune | touched)
        [[ $command != rules || -n $rules ]] || rules=${COMP_WORDS[i]}
        [[ $command != schedule || -n $schedule ]] || schedule=${COMP_WORDS[i]}
        [[ $command != history || -n $history ]] || history=${COMP_WORDS[i]}
        ;;
      port | banner | ping | tcp | udp | dns | tls | tls_accepts | http | ssh)
        [[ $command != probe || -n $probe ]] || probe=${COMP_WORDS[i]}
        ;;
    esac
  done
  COMPREPLY=()

  local files='' words=''
  case $before in
    --report)
      words='text json jsonl html csv junit sarif markdown prometheus hdf dot oscal text= json= jsonl= html= csv= junit= sarif= markdown= prometheus= hdf= dot= oscal='
      [[ $word != *=* ]] || files=any
      ;;
    --fail-on) words='critical high medium low info never new:critical new:high new:medium new:low' ;;
    --report-mode) words='0600 0640 0644 0660 0664' ;;
    --on-overlap) words='fail skip wait' ;;
    --rules | --trust | --dir | --record | --replay | --junit | --inventory | --state | --root | --baseline | --textfile | --bundle | --sign | --key) files=any ;;
    --starttls) words='smtp imap pop3 ftp ldap postgres mysql xmpp xmpp-server none' ;;
    --engine) words='auto systemd cron' ;;
    --target | --daily | --weekly | --on-calendar | --jitter | --every | --confirm | --rounds | --runs | --age | --at | --select | --limit | --coverage | --sweep | --udp | --seed | --max-runtime | --send | --expect | --timeout | --attempts | --rate | --count | --interval | --size | --server | --server-name | --alpn | -x | --method | --header | --data | --follow | --max-body | --execute | -e | --explain) return ;;
    --format)
      case $command in
        diff) words='text json markdown html' ;;
        inventory) words='text json dot' ;;
        *) words='text json jsonl html csv junit sarif markdown prometheus hdf dot oscal' ;;
      esac
      ;;
    *)
      case $command in
        probe)
          if [[ -z $probe ]]; then
            words='port banner ping tcp udp dns tls tls_accepts http ssh --help'
          else
            words='--json --timeout --trace --help'
            case $probe in port | banner | ssh | tls | tls_accepts) words+=' --attempts --rate' ;; esac
            case $probe in ping) words+=' --count --interval --size --rate' ;; esac
            case $probe in tcp | udp) words+=' --send --expect' ;; esac
            case $probe in http) words+=' --method --header --data --follow --max-body' ;; esac
            case $probe in udp) words+=' --attempts' ;; dns) words+=' -x --server --dnssec --tcp' ;; esac
            case $probe in tls | tls_accepts) words+=' --server-name --starttls' ;; esac
            case $probe in tls) words+=' --alpn --trust' ;; esac
          fi
          ;;
        rules)
          words='list show check frameworks new test --help'
          case $rules in
            list) words='--rules --select --json --help' ;;
            check)
              words='--rules --strict --json --help'
              files=any
              ;;
            frameworks)
              words="--rules --json --help $(audit rules frameworks --json 2>/dev/null | sed -n 's/.*"framework":"\([^"]*\)".*/\1/p' | sort -u)"
              ;;
            new) words='--dir --help' ;;
            test)
              words='--rules --junit --coverage --watch --json --help'
              files=any
              ;;
            show) words="--rules --json --help $(audit rules list 2>/dev/null | cut -d ' ' -f 1)" ;;
          esac
          ;;
        schedule)
          words='install show remove --help'
          case $schedule in
            install)
              words='--hourly --daily --weekly --on-calendar --jitter --report --state --engine --user --root --print --help'
              files=inventory
              ;;
            show)
              words='--root --json --help'
              files=inventory
              ;;
            remove)
              words='--user --root --help'
              files=inventory
              ;;
          esac
          ;;
        shell) words='--execute --inventory --allow-commands --no-history --trace --help' ;;
        plan)
          words='--target --rules --select --limit --allow-empty --allow-commands --seed --resolve --help'
          files=inventory
          ;;
        inventory)
          words='--target --allow-commands --explain --graph --format --help'
          files=inventory
          ;;
        history)
          words='list show pin unpin prune check touched --state --json --help'
          case $history in
            prune) words='--runs --age --size --dry-run --help' ;;
            touched) words='--at --help' ;;
            ?*) words='--help' ;;
          esac
          ;;
        report) words='--report --format --report-mode --baseline --bundle --sign --rules --state --help' ;;
        verify)
          words='--key --help'
          files=any
          ;;
        diff)
          words='last --observations --state --format --help'
          files=any
          ;;
        notify)
          words='test --allow-commands --help'
          files=inventory
          ;;
        baseline)
          words='--sweep --udp --max-runtime --targets-only --allow-commands --quiet --help'
          files=inventory
          ;;
        watch)
          words='--target --rules --select --limit --allow-empty --allow-commands --seed --every --jitter --confirm --rounds --fail-on --textfile --json --no-notify --quiet --help'
          files=inventory
          ;;
        *)
          words='--target --rules --select --limit --allow-empty --allow-commands --report --format --report-mode --fail-on --baseline --state --resume --on-overlap --seed --record --replay --no-notify --quiet --trace --max-runtime --help'
          files=inventory
          ((COMP_CWORD > 1)) || words+=' run plan inventory baseline diff history notify probe report rules schedule shell verify watch --version'
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

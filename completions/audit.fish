# fish completion for audit.
complete -c audit -f

set -l commands run plan probe
set -l probes port banner ping tcp udp dns http

complete -c audit -n "not __fish_seen_subcommand_from $commands" -a run -d 'Ask every target, write the reports'
complete -c audit -n "not __fish_seen_subcommand_from $commands" -a plan -d 'What would be asked; sends nothing'
complete -c audit -n "not __fish_seen_subcommand_from $commands" -a probe -d 'One question by hand'
complete -c audit -n "not __fish_seen_subcommand_from $commands" -l version -d 'Say which version this is'
complete -c audit -l help -d 'Say what there is'

complete -c audit -n "not __fish_seen_subcommand_from probe" -k -a "(__fish_complete_suffix .toml)"
complete -c audit -n "not __fish_seen_subcommand_from probe" -l target -x -d 'Ask these, without an inventory'
complete -c audit -n "not __fish_seen_subcommand_from probe" -l rules -r -F -d 'Rules in place of the shipped ones; +PATH: beside them'
complete -c audit -n "not __fish_seen_subcommand_from probe" -l select -x -d 'Which rules: ids, globs, tags, severities'
complete -c audit -n "not __fish_seen_subcommand_from probe" -l seed -x -d 'The order in which targets are asked'
complete -c audit -n "not __fish_seen_subcommand_from plan probe" -l report -x -a 'text json html text= json= html=' -d 'Write a report'
complete -c audit -n "not __fish_seen_subcommand_from plan probe" -l fail-on -x -a 'critical high medium low info never' -d 'Least severity for exit code 1'
complete -c audit -n "not __fish_seen_subcommand_from plan probe" -l max-runtime -x -d 'End the run after this long'
complete -c audit -n "not __fish_seen_subcommand_from plan probe" -l quiet -d 'No progress and no notices'

complete -c audit -n "__fish_seen_subcommand_from probe; and not __fish_seen_subcommand_from $probes" -a 'port' -d 'Open, closed or filtered'
complete -c audit -n "__fish_seen_subcommand_from probe; and not __fish_seen_subcommand_from $probes" -a 'banner' -d 'What a service says first'
complete -c audit -n "__fish_seen_subcommand_from probe; and not __fish_seen_subcommand_from $probes" -a 'ping' -d 'Does a host answer, how quickly'
complete -c audit -n "__fish_seen_subcommand_from probe; and not __fish_seen_subcommand_from $probes" -a 'tcp' -d 'Say something, read the answer'
complete -c audit -n "__fish_seen_subcommand_from probe; and not __fish_seen_subcommand_from $probes" -a 'udp' -d 'Send a datagram, read the replies'
complete -c audit -n "__fish_seen_subcommand_from probe; and not __fish_seen_subcommand_from $probes" -a 'dns' -d 'Ask for a name or an address'
complete -c audit -n "__fish_seen_subcommand_from probe; and not __fish_seen_subcommand_from $probes" -a 'http' -d 'Ask for a page'
complete -c audit -n "__fish_seen_subcommand_from probe" -l json -d 'One JSON object a line'
complete -c audit -n "__fish_seen_subcommand_from probe" -l timeout -x -d 'Seconds for one attempt'
complete -c audit -n "__fish_seen_subcommand_from port banner udp" -l attempts -x -d 'Where there is no answer'
complete -c audit -n "__fish_seen_subcommand_from port banner ping" -l rate -x -d 'Probes a second'
complete -c audit -n "__fish_seen_subcommand_from tcp udp" -l send -x -d 'Text, or hex:…'
complete -c audit -n "__fish_seen_subcommand_from tcp udp" -l expect -x -d 'What the answer has to hold'
complete -c audit -n "__fish_seen_subcommand_from dns" -s x -x -d 'The name of an address'
complete -c audit -n "__fish_seen_subcommand_from dns" -l server -x -d 'Ask this server'
complete -c audit -n "__fish_seen_subcommand_from ping" -l count -x -d 'Requests to each host'
complete -c audit -n "__fish_seen_subcommand_from ping" -l interval -x -d 'Seconds between two requests'
complete -c audit -n "__fish_seen_subcommand_from ping" -l size -x -d 'Bytes of payload'

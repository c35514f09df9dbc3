# SPDX-License-Identifier: GPL-2.0
# bash completion for drvioctl(8): commands, options, devices, columns.

# Names of DR devices.  "@" ends a word for readline, which sees what is behind it.
_drvio_devices()
{
	local devices
	devices=$(cd /sys/class/drvio 2>/dev/null && printf '%s ' *@0x*)
	mapfile -t COMPREPLY < <(compgen -W "$devices" -- "$cur")
	[[ $cur != *@* ]] || COMPREPLY=("${COMPREPLY[@]#"${cur%@*}@"}")
}

_drvioctl()
{
	local cur prev words cword split
	_init_completion -s -n @ || return

	local options='--json --columns --sort --timeout --force --for --cookie --count --all --live --config --root --helper --link --help --version'
	local commands='list show types links history monitor check hold release configure unconfigure status diff set ack export compat'
	local command='' n=0 i

	# The first word that is neither an option nor its argument; how many follow.
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-c | --columns | -s | --sort | -t | --timeout | -d | --for | -k | --cookie | -n | --count | --root | --helper | --link)
			((i++)) ;;
		-*) ;;
		*)
			if [[ $command ]]; then ((n++)); else command=${words[i]}; fi ;;
		esac
	done

	case $prev in
	--root)
		_filedir -d
		return ;;
	--helper | --link)
		_filedir
		return ;;
	-c | --columns | -s | --sort)
		# An unknown column is answered with those that there are.
		local columns
		columns=$(drvioctl "${command:-list}" --columns '?' 2>&1 | sed -n 's/.*, but \(.*\); see.*/\1/p')
		mapfile -t COMPREPLY < <(compgen -W "${columns//,/ }" -- "$cur")
		return ;;
	-t | --timeout | -d | --for | -k | --cookie | -n | --count)
		return ;;
	esac
	$split && return

	if [[ $cur == -* || -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options ${command:+ }$([[ $command ]] || echo "$commands")" -- "$cur")
		return
	fi
	case $command:$n in
	show:* | status:* | history:0 | diff:0 | set:0 | check:0 | hold:0 | release:0 | configure:0 | unconfigure:0 | ack:0)
		_drvio_devices ;;
	set:1)
		compopt -o nospace
		mapfile -t COMPREPLY < <(compgen -W "hold= mtu= link= mount= swap=" -- "$cur") ;;
	ack:1)
		mapfile -t COMPREPLY < <(compgen -W 'ok blocked failed progress' -- "$cur") ;;
	compat:*)
		_filedir ;;
	esac
} && complete -F _drvioctl drvioctl

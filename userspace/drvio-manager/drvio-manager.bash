# SPDX-License-Identifier: GPL-2.0
# bash completion for drvio-manager(8): commands, options, files.

_drvio_manager()
{
	local cur prev words cword split
	_init_completion -s || return

	local options='--run --link --qmp --timeout --json --quiet --help --version'
	local commands='status configure unconfigure attach detach'
	local command='' what='' i

	# The first word that is neither an option nor its argument.
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-r | --run | -l | --link | -Q | --qmp | -t | --timeout)
			((i++)) ;;
		-*) ;;
		*)
			command=${words[i]}
			what=${words[i + 1]-}
			break ;;
		esac
	done

	case $prev in
	-r | --run)
		_filedir -d
		return ;;
	-l | --link | -Q | --qmp | --file)
		_filedir
		return ;;
	-t | --timeout | --slot | --mac | --serial)
		return ;;
	--netdev)
		mapfile -t COMPREPLY < <(compgen -W 'user tap bridge vhost-user vhost-vdpa socket' -- "$cur")
		return ;;
	--format)
		mapfile -t COMPREPLY < <(compgen -W 'raw qcow2' -- "$cur")
		return ;;
	esac
	$split && return

	case $command in
	'')
		mapfile -t COMPREPLY < <(compgen -W "$options $commands" -- "$cur") ;;
	unconfigure | detach)
		mapfile -t COMPREPLY < <(compgen -W '--force' -- "$cur") ;;
	attach)
		case $what in
		net)
			mapfile -t COMPREPLY < <(compgen -W '--slot --mac --netdev' -- "$cur") ;;
		blk)
			mapfile -t COMPREPLY < <(compgen -W '--slot --file --format --serial --read-only' -- "$cur") ;;
		*)
			mapfile -t COMPREPLY < <(compgen -W 'net blk' -- "$cur") ;;
		esac ;;
	esac
} && complete -F _drvio_manager drvio-manager

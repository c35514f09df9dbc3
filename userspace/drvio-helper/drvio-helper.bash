# SPDX-License-Identifier: GPL-2.0
# bash completion for drvio-helper(8).

# Names of DR devices.  "@" ends a word for readline, which sees what is behind it.
_drvio_devices()
{
	local devices
	devices=$(cd /sys/class/drvio 2>/dev/null && printf '%s ' *@0x*)
	mapfile -t COMPREPLY < <(compgen -W "$devices" -- "$cur")
	[[ $cur != *@* ]] || COMPREPLY=("${COMPREPLY[@]#"${cur%@*}@"}")
}

_drvio_helper()
{
	# shellcheck disable=SC2034 # _init_completion sets them
	local cur prev words cword split
	_init_completion -s -n @ || return

	case $prev in
	--config | --fstab)
		_filedir
		return ;;
	--run | --sysfs | --proc | --dev)
		_filedir -d
		return ;;
	--instance)
		return ;;
	request | undo | done | lost | look | boot | policy)
		_drvio_devices
		return ;;
	esac
	$split && return
	mapfile -t COMPREPLY < <(compgen -W 'register request undo done lost look boot policy
		--instance --detach --config --fstab --run --sysfs --proc --dev --verbose --version --help' -- "$cur")
} && complete -F _drvio_helper drvio-helper /usr/lib/drvio/drvio-helper

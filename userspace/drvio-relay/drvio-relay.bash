# SPDX-License-Identifier: GPL-2.0
# bash completion for drvio-relay(8).

_drvio_relay()
{
	# shellcheck disable=SC2034 # _init_completion sets them
	local cur prev words cword
	_init_completion || return

	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--detach --help --version' -- "$cur")
	else
		_filedir
	fi
} && complete -F _drvio_relay drvio-relay /usr/lib/drvio/drvio-relay

// SPDX-License-Identifier: GPL-2.0
/* Exit codes in words. */
#include "exit_code.h"

const char *exit_code_text(enum exit_code code)
{
	switch (code) {
	case EXIT_CODE_OK:
		return "success";
	case EXIT_CODE_FAILED:
		return "failed";
	case EXIT_CODE_USAGE:
		return "wrong command line";
	case EXIT_CODE_BLOCKED:
		return "blocked: the device is in use";
	case EXIT_CODE_NOT_PRESENT:
		return "no such device";
	case EXIT_CODE_NO_ANSWER:
		return "no answer in time";
	case EXIT_CODE_NOT_LISTENING:
		return "nobody is listening";
	case EXIT_CODE_PERMISSION:
		return "permission denied";
	case EXIT_CODE_STALE:
		return "the request is over";
	case EXIT_CODE_INTERNAL:
		return "internal error";
	case EXIT_CODE_QEMU:
		return "QEMU refused";
	case EXIT_CODE_PROTOCOL:
		return "the guest broke the protocol";
	case EXIT_CODE_INCOMPATIBLE:
		return "incompatible";
	case EXIT_CODE_PARTLY:
		return "done in part";
	}
	return "unknown exit code";
}

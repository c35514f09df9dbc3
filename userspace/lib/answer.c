// SPDX-License-Identifier: GPL-2.0
/* What is made of a guest's answer. */
#include "answer.h"

enum exit_code answer_code(enum drvio_verb verb, const struct session_answer *a)
{
	switch (a->result) {
	case DRVIO_OK:
		if (verb == DRVIO_STATUS && a->status == DRVIO_NOT_PRESENT)
			return EXIT_CODE_NOT_PRESENT;
		return EXIT_CODE_OK;
	case DRVIO_BLOCKED:
		return EXIT_CODE_BLOCKED;
	case DRVIO_NOT_IN_MD:
		return EXIT_CODE_NOT_PRESENT;
	case DRVIO_FAILURE:
		break;
	}
	return EXIT_CODE_FAILED;
}

bool answer_contradicts(enum drvio_verb verb, const struct session_answer *a)
{
	if (a->result != DRVIO_OK || verb == DRVIO_STATUS)
		return false;
	return (verb == DRVIO_CONFIGURE) != (a->status == DRVIO_CONFIGURED);
}

enum exit_code answer_missing(enum session_error error, const char **hint)
{
	*hint = "";
	switch (error) {
	case SESSION_GARBAGE:
		return EXIT_CODE_PROTOCOL;
	case SESSION_SYSTEM:
		return EXIT_CODE_INTERNAL;
	default:
		*hint = "; it is not known what the guest does about it; ask with status";
		return EXIT_CODE_NO_ANSWER;
	}
}

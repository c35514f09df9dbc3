/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exit codes of all programs of drvio.  They are documented in the man pages
 * and do not change their meaning.
 */
#ifndef DRVIO_EXIT_CODE_H
#define DRVIO_EXIT_CODE_H

/**
 * enum exit_code - how a program ended
 * @EXIT_CODE_OK: it did what was asked
 * @EXIT_CODE_FAILED: it failed; the guest's answer FAILURE
 * @EXIT_CODE_USAGE: wrong command line
 * @EXIT_CODE_BLOCKED: the device is in use; forcing it may succeed
 * @EXIT_CODE_NOT_PRESENT: there is no such device
 * @EXIT_CODE_NO_ANSWER: no answer came in time
 * @EXIT_CODE_NOT_LISTENING: nobody serves the other end of the link
 * @EXIT_CODE_PERMISSION: not allowed, mostly: not root
 * @EXIT_CODE_STALE: the request is over, there was nothing left to do
 * @EXIT_CODE_INTERNAL: out of memory and the like
 * @EXIT_CODE_QEMU: QEMU refused, or cannot be reached
 * @EXIT_CODE_PROTOCOL: the guest said what the protocol does not allow
 * @EXIT_CODE_INCOMPATIBLE: the target cannot take the devices of the source
 * @EXIT_CODE_PARTLY: it did a part of what was asked, and says which
 */
enum exit_code {
	EXIT_CODE_OK		= 0,
	EXIT_CODE_FAILED	= 1,
	EXIT_CODE_USAGE		= 2,
	EXIT_CODE_BLOCKED	= 3,
	EXIT_CODE_NOT_PRESENT	= 4,
	EXIT_CODE_NO_ANSWER	= 5,
	EXIT_CODE_NOT_LISTENING	= 6,
	EXIT_CODE_PERMISSION	= 7,
	EXIT_CODE_STALE		= 8,
	EXIT_CODE_INTERNAL	= 9,
	EXIT_CODE_QEMU		= 10,
	EXIT_CODE_PROTOCOL	= 11,
	EXIT_CODE_INCOMPATIBLE	= 12,
	EXIT_CODE_PARTLY	= 13,
};

/**
 * exit_code_text() - an exit code in words
 * @code: the code
 *
 * Return: a static string, for unknown codes too.
 */
const char *exit_code_text(enum exit_code code);

#endif /* DRVIO_EXIT_CODE_H */

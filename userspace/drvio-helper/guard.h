/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps that the kernel may never come back from: an unmount, or a look at what
 * is on a disk, waits for ever where a disk does not answer. They are done in a
 * process of their own, which is left behind when it does not end.
 */
#ifndef DRVIO_HELPER_GUARD_H
#define DRVIO_HELPER_GUARD_H

#include "job.h"

/* Room for what a step has to say: it goes through a pipe in one piece. */
#define GUARD_TEXT	2048

/* How long steps on a device may stall; NULL: no policy, the default holds. */
void guard_policy(const struct policy *policy, const char *dev);

/**
 * guard() - do a step in a process of its own
 * @job: the run, whose deadline is extended meanwhile; NULL: an undo
 * @what: the step, in words
 * @fn: does it: returns 0 or an errno, and may leave a text
 * @data: for @fn; what @fn changes here is not seen by the caller
 * @text: gets the text of @fn; where there is none, what its errno means
 *
 * The step may take as long as it likes while the device's disks transfer anything,
 * or do not count what they do (queue/iostats), and is given up when they have not
 * for stall_timeout_ms, or when the request is over. An undo, which does not know
 * them, goes on while any disk of the guest transfers something. Then the process is
 * killed, but may live on in the kernel, and end its step later.
 *
 * Return: what @fn has returned; ETIME when the step was given up; the errno of a
 * fork that failed.
 */
int guard(struct job *job, const char *what, int (*fn)(void *data, char text[GUARD_TEXT]),
	  void *data, char text[GUARD_TEXT]);

/* The same for who only looks: given up after ten seconds. */
int guard_look(const char *what, int (*fn)(void *data, char text[GUARD_TEXT]), void *data,
	       char text[GUARD_TEXT]);

#endif /* DRVIO_HELPER_GUARD_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The line on a terminal that says what is waited for, once that takes longer
 * than a second.
 */
#ifndef DRVIO_MANAGER_PROGRESS_H
#define DRVIO_MANAGER_PROGRESS_H

/* From now on we wait for this. */
void progress_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Shows the line: the tick of a deadline. */
void progress_tick(void *arg, unsigned int seconds);

/* Wipes the line, if there is one, so that something else can be printed. */
void progress_clear(void);

#endif

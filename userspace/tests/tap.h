/* SPDX-License-Identifier: GPL-2.0 */
/* TAP for unit tests: a case a check, and a plan at the end. */
#ifndef DRVIO_TESTS_TAP_H
#define DRVIO_TESTS_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_cases, tap_failures;

static inline bool tap_check(bool ok, const char *what, int line)
{
	printf("%sok %d %s\n", ok ? "" : "not ", ++tap_cases, what);
	if (!ok) {
		printf("# line %d\n", line);
		tap_failures++;
	}
	return ok;
}

#define ok(condition, what)	tap_check(condition, what, __LINE__)

/* Two texts are the same. */
#define is(got, want, what) do {					\
	const char *got_ = (got), *want_ = (want);			\
	if (!tap_check(!strcmp(got_, want_), what, __LINE__))		\
		printf("# got:\n%s\n# not:\n%s\n", got_, want_);	\
} while (0)

/* Return: the exit status of the test. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_cases);
	return tap_failures != 0;
}

#endif /* DRVIO_TESTS_TAP_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes for the tests to hand to the codec: placed so that the sanitizers see
 * a read or write one byte too far, and an access that wants alignment.
 */
#ifndef _EXACT_H
#define _EXACT_H

#include <stdlib.h>
#include <string.h>

/* Two initialisers or arguments: a literal with embedded NULs, its length. */
#define BYTES(literal) literal, sizeof(literal) - 1

/* A header of DS: type and payload length, both below 256. */
#define HDR(type, len) "\0\0\0" type "\0\0\0" len

/*
 * @len bytes at an odd address with nothing allocated behind them.  Never
 * freed: kselftest runs each case in a process of its own.
 */
static inline void *exact_space(size_t len)
{
	char *p = malloc(len + 1);

	if (!p)
		abort();
	memset(p, 0xa5, len + 1);
	return p + 1;
}

static inline void *exact(const void *bytes, size_t len)
{
	void *p = exact_space(len);

	if (len)
		memcpy(p, bytes, len);
	return p;
}

#endif /* _EXACT_H */

// SPDX-License-Identifier: GPL-2.0
/* Deadlines on the monotonic clock. */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "deadline.h"

#define TICK_MS	1000

uint64_t deadline_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct deadline deadline_in_ms(uint64_t ms)
{
	uint64_t now = deadline_now_ms();

	return (struct deadline) { .start_ms = now, .end_ms = now + ms };
}

struct deadline deadline_sooner(const struct deadline *d, uint64_t ms)
{
	uint64_t end = deadline_now_ms() + ms;
	struct deadline sooner = *d;

	if (end < d->end_ms)
		sooner.end_ms = end;
	return sooner;
}

uint64_t deadline_left_ms(const struct deadline *d)
{
	uint64_t now = deadline_now_ms();

	return now < d->end_ms ? d->end_ms - now : 0;
}

int deadline_poll(const struct deadline *d, int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t left, elapsed, slice;
	int n;

	for (;;) {
		left = deadline_left_ms(d);
		slice = left;
		if (d->tick) {
			elapsed = deadline_now_ms() - d->start_ms;
			if (slice > TICK_MS - elapsed % TICK_MS)
				slice = TICK_MS - elapsed % TICK_MS;
		}
		if (slice > INT32_MAX)
			slice = INT32_MAX;
		n = poll(&p, 1, (int)slice);
		if (n > 0)
			return 1;
		if (n < 0 && errno != EINTR)
			return -1;
		if (!left)
			return 0;
		if (!n && d->tick) {
			elapsed = deadline_now_ms() - d->start_ms;
			if (elapsed >= TICK_MS)
				d->tick(d->arg, (unsigned int)(elapsed / TICK_MS));
		}
	}
}

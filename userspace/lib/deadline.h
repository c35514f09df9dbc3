/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deadlines: every wait for another program has one.
 */
#ifndef DRVIO_DEADLINE_H
#define DRVIO_DEADLINE_H

#include <stdint.h>

/**
 * struct deadline - until when something may take
 * @start_ms: when it began, on the monotonic clock
 * @end_ms: when it must have ended
 * @tick: called about once a second during a wait, NULL: not
 * @arg: handed to @tick
 */
struct deadline {
	uint64_t start_ms;
	uint64_t end_ms;
	void (*tick)(void *arg, unsigned int seconds);
	void *arg;
};

/* Milliseconds of the monotonic clock. */
uint64_t deadline_now_ms(void);

/* A deadline @ms from now, without a tick. */
struct deadline deadline_in_ms(uint64_t ms);

/* @d, or @ms from now where that is earlier; ticks like @d. */
struct deadline deadline_sooner(const struct deadline *d, uint64_t ms);

/* Milliseconds left; 0 once it has passed. */
uint64_t deadline_left_ms(const struct deadline *d);

/**
 * deadline_poll() - wait for a file descriptor
 * @d: until when at the most
 * @fd: the file descriptor; -1: only sleep
 * @events: POLLIN, POLLOUT
 *
 * Return: 1 when @fd is ready or broken; 0 when the deadline has passed; -1
 * with errno.
 */
int deadline_poll(const struct deadline *d, int fd, short events);

#endif /* DRVIO_DEADLINE_H */

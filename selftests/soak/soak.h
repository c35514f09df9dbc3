/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The soak: devices are configured and unconfigured in parallel, with troubles
 * on the way.  What its files share.
 *
 *	4 links, a thread each	2 simulated devices each, requests pipelined
 *	1 thread		hears the uevents of all of them
 *	8 threads		play drvio-helper, one a device
 *
 * What happens to a device is drawn from a generator of its own, so that a seed
 * gives the same troubles again, whatever the scheduler makes of their order.
 */
#ifndef SELFTESTS_SOAK_H
#define SELFTESTS_SOAK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim.h"

#define SOAK_LINKS	4
#define SOAK_PER_LINK	2
#define SOAK_DEVICES	(SOAK_LINKS * SOAK_PER_LINK)

/* The first device's id; the others follow. */
#define SOAK_DEV_ID	0x50a0

/*
 * Limits of the service while it is soaked: short enough for many to be met, and
 * so long that a guest that is short of time does not meet them by itself.
 */
#define SOAK_ACK_MS	3000
#define SOAK_APPEAR_MS	200
#define SOAK_BIND_MS	2000

struct trouble;

/**
 * struct soak_device - a simulated device and what happens to it
 * @dr: its name and id
 * @index: which of them
 * @targets: how many it has
 * @random: state of its generator
 * @trouble: of the request under way; protected by @lock, as is all below
 * @value: number that goes with it: an errno, milliseconds
 * @cookie: of a request that has not been acked yet; "" when there is none
 * @ending: no more requests will come
 * @number: of the request under way
 * @asked: it has no answer yet
 */
struct soak_device {
	struct dr_device dr;
	int index;
	unsigned int targets;
	uint64_t random;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const struct trouble *trouble;
	unsigned int value;
	char cookie[32];
	bool ending;
	uint64_t number;
	bool asked;
};

/**
 * struct soak - what is added up, and how far it is
 * @devices: all of them
 * @seed: what the generators began with
 * @until: when no more cycles begin
 * @want: how many cycles are to be done; 0: as many as there is time for
 * @cycles: how many were begun; the rest by who does it: atomic
 * @sent: requests
 * @received: answers
 * @drops: links that were dropped
 * @troubles: requests that met one
 * @again: requests that were asked again, since the device was busy
 * @failures: what went wrong
 */
struct soak {
	struct soak_device devices[SOAK_DEVICES];
	uint64_t seed;
	struct deadline until;
	unsigned int want;
	unsigned int cycles;
	unsigned int sent;
	unsigned int received;
	unsigned int drops;
	unsigned int troubles;
	unsigned int again;
	unsigned int failures;
};

extern struct soak soak;

#define soak_count(what)	__atomic_add_fetch(&soak.what, 1, __ATOMIC_RELAXED)

/* Something is wrong: says what, on which device, during what. */
void soak_fail(struct soak_device *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* --- The generators ---------------------------------------------------------- */

/* Return: a number below @limit. */
unsigned int soak_random(uint64_t *state, unsigned int limit);

/* --- Troubles: trouble.c ------------------------------------------------------ */

/* What userspace does about a request. */
enum soak_ack {
	ACK_OK,
	ACK_LATE,
	ACK_BLOCKED,
	ACK_FAILED,
	ACK_SILENT,
	ACK_PROGRESS,
	ACK_STALE,
	ACK_MALFORMED,
	ACK_RACE,
};

/* What somebody else does meanwhile, and when it is the time for that. */
enum soak_deed {
	DEED_NONE,
	DEED_RELEASE,
	DEED_REMOVE,
	DEED_UNBIND,
};

/* Results that are right, as a set. */
#define RESULT(r)	(1U << (r))

/**
 * struct trouble - what goes wrong with a request
 * @name: for people
 * @file: its switch in debugfs, NULL: none
 * @word: what is written there; NULL: the number drawn
 * @values: how many numbers there are to draw from
 * @least: the smallest of them
 * @ack: what userspace does
 * @deed: what happens @value milliseconds after the request was sent
 * @results: what is right for CONFIGURE, UNCONFIGURE, FORCE; 0: not for that verb
 * @weight: how often it is drawn
 */
struct trouble {
	const char *name;
	const char *file;
	const char *word;
	unsigned int values;
	unsigned int least;
	enum soak_ack ack;
	enum soak_deed deed;
	unsigned int results[3];
	unsigned int weight;
};

/* Index of a verb in @results. */
int trouble_verb(enum drvio_verb verb);

/* No trouble at all: what is asked for is done. */
extern const struct trouble no_trouble;

/* Draws one for a request, and sets its switches. */
void trouble_begin(struct soak_device *d, enum drvio_verb verb);

/* Puts the switches back.  A device that was to go is gone then. */
void trouble_end(struct soak_device *d);

/* --- Links: link.c ------------------------------------------------------------ */

/* A thread's life: cycles over one link, @arg is its number. */
void *link_thread(void *arg);

/* --- Userspace: userspace.c --------------------------------------------------- */

bool userspace_start(void);
void userspace_stop(void);

#endif /* SELFTESTS_SOAK_H */

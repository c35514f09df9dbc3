// SPDX-License-Identifier: GPL-2.0
/*
 * What can go wrong with a request, and what is right then.
 */
#include <stdio.h>
#include <string.h>

#include "attr.h"
#include "soak.h"

#define OK	RESULT(DRVIO_OK)
#define FAILURE	RESULT(DRVIO_FAILURE)
#define BLOCKED	RESULT(DRVIO_BLOCKED)
/* A device that goes: before, during or after its request. */
#define LEFT	(OK | FAILURE | RESULT(DRVIO_NOT_IN_MD))

const struct trouble no_trouble = {
	.name = "no trouble",
	.results = { OK, OK, OK },
};

/* Numbers that are errnos stop short of ENODEV and above: EIO to EAGAIN, ENOMEM. */
static const struct trouble troubles[] = {
	{ "fail_bind", "fail_bind", NULL, 8, 5, ACK_OK, DEED_NONE,
	  { FAILURE, 0, 0 }, 10 },
	{ "fail_unbind", "fail_unbind", NULL, 8, 5, ACK_OK, DEED_NONE,
	  { 0, FAILURE, FAILURE }, 10 },
	{ "fail_park", "fail_park", NULL, 5, 5, ACK_OK, DEED_NONE,
	  { 0, FAILURE, FAILURE }, 10 },
	{ "fail_park while a CONFIGURE is undone", "fail_park", NULL, 5, 5, ACK_BLOCKED,
	  DEED_NONE, { BLOCKED, 0, 0 }, 5 },
	{ "delay_bind_ms", "delay_bind_ms", NULL, 40, 1, ACK_OK, DEED_NONE,
	  { OK, OK, OK }, 10 },
	{ "delay_unbind_ms", "delay_unbind_ms", NULL, 40, 1, ACK_OK, DEED_NONE,
	  { OK, OK, OK }, 10 },
	{ "hang_bind", "hang_bind", "1", 50, 0, ACK_OK, DEED_RELEASE,
	  { OK, 0, 0 }, 8 },
	{ "hang_unbind", "hang_unbind", "1", 50, 0, ACK_OK, DEED_RELEASE,
	  { 0, OK, OK }, 8 },
	{ "stuck bind", "hang_bind", "1", 300, SOAK_BIND_MS - 100, ACK_OK, DEED_RELEASE,
	  { OK | FAILURE, 0, 0 }, 1 },
	{ "stuck unbind", "hang_unbind", "1", 300, SOAK_BIND_MS - 100, ACK_OK, DEED_RELEASE,
	  { 0, OK | FAILURE, OK | FAILURE }, 1 },
	{ "busy", "busy", "the soak uses it", 1, 0, ACK_OK, DEED_NONE,
	  { 0, BLOCKED, OK }, 10 },
	{ "vanish at bind", "vanish_at", "bind", 1, 0, ACK_OK, DEED_NONE,
	  { LEFT, 0, 0 }, 4 },
	{ "vanish at probe", "vanish_at", "probe", 1, 0, ACK_OK, DEED_NONE,
	  { LEFT, 0, 0 }, 4 },
	{ "vanish at bound", "vanish_at", "bound", 1, 0, ACK_OK, DEED_NONE,
	  { LEFT, 0, 0 }, 4 },
	{ "vanish at claim", "vanish_at", "claim", 1, 0, ACK_OK, DEED_NONE,
	  { 0, LEFT, LEFT }, 4 },
	{ "vanish at unbind", "vanish_at", "unbind", 1, 0, ACK_OK, DEED_NONE,
	  { 0, LEFT, LEFT }, 4 },
	{ "vanish at remove", "vanish_at", "remove", 1, 0, ACK_OK, DEED_NONE,
	  { 0, LEFT, LEFT }, 4 },
	{ "userspace is late", NULL, NULL, 60, 1, ACK_LATE, DEED_NONE,
	  { OK, OK, OK }, 10 },
	{ "userspace blocks", NULL, NULL, 1, 0, ACK_BLOCKED, DEED_NONE,
	  { BLOCKED, BLOCKED, OK }, 10 },
	{ "userspace fails", NULL, NULL, 1, 0, ACK_FAILED, DEED_NONE,
	  { FAILURE, FAILURE, FAILURE }, 10 },
	{ "userspace is silent", NULL, NULL, 1, 0, ACK_SILENT, DEED_NONE,
	  { FAILURE, FAILURE, OK }, 1 },
	{ "userspace reports progress", NULL, NULL, 30, 1, ACK_PROGRESS, DEED_NONE,
	  { OK, OK, OK }, 10 },
	{ "stale cookie", NULL, NULL, 1, 0, ACK_STALE, DEED_NONE,
	  { OK, OK, OK }, 5 },
	{ "malformed ack", NULL, NULL, 1, 0, ACK_MALFORMED, DEED_NONE,
	  { OK, OK, OK }, 5 },
	{ "two acks", NULL, NULL, 1, 0, ACK_RACE, DEED_NONE,
	  { OK | BLOCKED, OK | BLOCKED, OK }, 10 },
	{ "surprise removal", NULL, NULL, 60, 0, ACK_OK, DEED_REMOVE,
	  { LEFT, LEFT, LEFT }, 15 },
	{ "surprise removal, userspace is late", NULL, NULL, 60, 0, ACK_LATE, DEED_REMOVE,
	  { LEFT, LEFT, LEFT }, 10 },
	{ "somebody unbinds", NULL, NULL, 30, 0, ACK_LATE, DEED_UNBIND,
	  { OK | FAILURE, OK | FAILURE, OK | FAILURE }, 10 },
};

#define NTROUBLES	(sizeof(troubles) / sizeof(*troubles))

/* Of a hundred requests so many meet none. */
#define CLEAN_PERCENT	50

int trouble_verb(enum drvio_verb verb)
{
	return verb == DRVIO_CONFIGURE ? 0 : verb == DRVIO_UNCONFIGURE ? 1 : 2;
}

static const struct trouble *draw(uint64_t *random, enum drvio_verb verb)
{
	unsigned int all = 0, n;
	size_t i;

	if (soak_random(random, 100) < CLEAN_PERCENT)
		return &no_trouble;
	for (i = 0; i < NTROUBLES; i++)
		if (troubles[i].results[trouble_verb(verb)])
			all += troubles[i].weight;
	n = soak_random(random, all);
	for (i = 0; ; i++) {
		if (!troubles[i].results[trouble_verb(verb)])
			continue;
		if (n < troubles[i].weight)
			return &troubles[i];
		n -= troubles[i].weight;
	}
}

void trouble_begin(struct soak_device *d, enum drvio_verb verb)
{
	const struct trouble *t = draw(&d->random, verb);
	unsigned int value = t->least + (t->values ? soak_random(&d->random, t->values) : 0);
	/* On any of its targets, but on one at least. */
	unsigned int targets = 1 + soak_random(&d->random, (1U << d->targets) - 1);
	char text[16];

	pthread_mutex_lock(&d->lock);
	d->trouble = t;
	d->value = value;
	pthread_mutex_unlock(&d->lock);
	if (t != &no_trouble)
		soak_count(troubles);
	if (!t->file)
		return;
	snprintf(text, sizeof(text), "0x%x", targets);
	if (sim_set(&d->dr, "fail_targets", text))
		soak_fail(d, "fail_targets cannot be set");
	snprintf(text, sizeof(text), "%u", value);
	if (sim_set(&d->dr, t->file, t->word ?: text))
		soak_fail(d, "the switch %s cannot be set", t->file);
}

void trouble_end(struct soak_device *d)
{
	const struct trouble *t = d->trouble;

	/* A device that has gone has taken its switches along. */
	if (t->file)
		sim_set(&d->dr, t->file, !strcmp(t->file, "busy") ? "" :
			!strcmp(t->file, "vanish_at") ? "never" : "0");
	if ((t->results[0] | t->results[1]) & RESULT(DRVIO_NOT_IN_MD)) {
		sim_remove(&d->dr);
		if (!sim_wait_gone(&d->dr))
			soak_fail(d, "it does not go");
	}
	pthread_mutex_lock(&d->lock);
	d->trouble = &no_trouble;
	pthread_mutex_unlock(&d->lock);
}

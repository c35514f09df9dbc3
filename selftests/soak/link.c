// SPDX-License-Identifier: GPL-2.0
/*
 * A link of the soak: sends requests for its devices, has the troubles happen,
 * takes the answers, and sees to it that afterwards the same succeeds.
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attr.h"
#include "soak.h"

/* Of a hundred rounds so many lose their link, this soon after the requests. */
#define DROP_PERCENT	5
#define DROP_MS		40

/* Of a hundred requests so many are followed by a STATUS. */
#define STATUS_PERCENT	10

/*
 * How long a request whose link has gone is waited for until it shows, and how
 * long until a device that is busy with one is asked again.
 */
#define ORPHAN_MS	1500
#define AGAIN_MS	20
#define POLL_US		3000

/* A request that has no answer yet. */
struct pending {
	struct soak_device *d;
	enum drvio_verb verb;
	uint64_t number;
};

/* Something that is to happen during a round. */
struct deed {
	unsigned int at_ms;
	enum soak_deed what;
	struct soak_device *d;
	bool drop;
};

/* A link, one thread's. */
struct link {
	struct session s;
	bool open;
	struct soak_device *devices;
	uint64_t random;
	struct pending pending[2 * SOAK_PER_LINK];
	int npending;
	struct deed deeds[SOAK_PER_LINK + 1];
	int ndeeds;
};

static void link_open(struct link *l)
{
	l->open = ctl_open(&l->s);
	if (!l->open)
		soak_fail(&l->devices[0], "the link cannot be opened: %s", l->s.why);
}

/* Whatever has no answer by now gets none.  Half of the times by garbage. */
static void link_drop(struct link *l)
{
	static const char garbage[DRVIO_DS_HDR_LEN] = { 0, 0, 0, 9, 0x7f };
	struct deadline d = deadline_in_ms(CTL_WAIT_MS);

	if (!l->open)
		return;
	if (soak_random(&l->random, 2))
		session_send_bytes(&l->s, garbage, sizeof(garbage), &d);
	session_close(&l->s);
	l->open = false;
	soak_count(drops);
	l->npending = 0;
}

static void send(struct link *l, struct soak_device *d, enum drvio_verb verb)
{
	struct deadline until = deadline_in_ms(CTL_WAIT_MS);
	struct pending *p = &l->pending[l->npending];

	if (!l->open)
		return;
	if (session_request(&l->s, verb, d->dr.name, d->dr.dev_id, &until, &p->number)) {
		soak_fail(d, "a request cannot be sent: %s", l->s.why);
		link_drop(l);
		return;
	}
	soak_count(sent);
	p->d = d;
	p->verb = verb;
	l->npending++;
	if (verb != DRVIO_STATUS) {
		d->number = p->number;
		d->asked = true;
	}
}

static bool has_driver(struct soak_device *d, enum drvio_verb verb)
{
	return sim_driver_is(&d->dr, verb == DRVIO_CONFIGURE ? "sim" : "sim-park");
}

/* "sim-park sim none": the drivers of a device's targets. */
static const char *drivers(struct soak_device *d, char *text, size_t size)
{
	char path[PATH_MAX], to[PATH_MAX];
	size_t len = 0;
	ssize_t n;
	int i;

	*text = '\0';
	for (i = 0; i < d->targets; i++) {
		snprintf(path, sizeof(path), CLASS_DIR "/%s/target%d", d->dr.node, i);
		if (!access(path, F_OK)) {
			strcat(path, "/driver");
			n = readlink(path, to, sizeof(to) - 1);
			to[n < 0 ? 0 : n] = '\0';
			snprintf(text + len, size - len, " %s", n < 0 ? "none" : basename(to));
		} else {
			snprintf(text + len, size - len, " gone");
		}
		len += strlen(text + len);
	}
	return text;
}

/* Whether an answer is one of those that are right. */
static void check_answer(struct soak_device *d, enum drvio_verb verb,
			 const struct session_answer *a)
{
	static const char * const words[] = { "ok", "failure", "blocked", "not in md" };
	uint32_t done = verb == DRVIO_CONFIGURE ? DRVIO_CONFIGURED : DRVIO_UNCONFIGURED;
	char text[128];

	if (!(d->trouble->results[trouble_verb(verb)] & RESULT(a->result)))
		soak_fail(d, "%s: %s: %s", drvio_verb_name(verb), words[a->result], a->reason);
	else if ((a->result == DRVIO_OK) != !*a->reason)
		soak_fail(d, "%s: %s with the reason \"%s\"", drvio_verb_name(verb),
			  words[a->result], a->reason);
	else if (d->trouble == &no_trouble && a->status != done)
		soak_fail(d, "%s: the status is %u", drvio_verb_name(verb), a->status);
	else if (d->trouble == &no_trouble && !has_driver(d, verb))
		soak_fail(d, "%s: it has another driver:%s", drvio_verb_name(verb),
			  drivers(d, text, sizeof(text)));
}

/* Takes the next answer.  Return: false when none came before the deadline. */
static bool receive(struct link *l, const struct deadline *until)
{
	struct pending *p = &l->pending[0];
	struct session_answer a;
	enum session_error error;

	error = session_answer(&l->s, &a, until);
	if (error == SESSION_TIMEOUT)
		return false;
	if (error) {
		soak_fail(p->d, "no answer: %s", l->s.why);
		link_drop(l);
		return true;
	}
	soak_count(received);
	if (a.number != p->number)
		soak_fail(p->d, "an answer to request %llu, not to %llu, which is next",
			  (unsigned long long)a.number, (unsigned long long)p->number);
	else if (p->verb != DRVIO_STATUS)
		check_answer(p->d, p->verb, &a);
	if (p->verb != DRVIO_STATUS)
		p->d->asked = false;
	memmove(p, p + 1, --l->npending * sizeof(*p));
	return true;
}

static void do_deed(struct link *l, const struct deed *deed)
{
	struct soak_device *d = deed->d;
	char target[80];

	if (deed->drop) {
		link_drop(l);
		return;
	}
	switch (deed->what) {
	case DEED_RELEASE:
		sim_set(&d->dr, d->trouble->file, "0");
		break;
	case DEED_REMOVE:
		/* Or it has gone already, as a trouble wanted it. */
		sim_remove(&d->dr);
		break;
	case DEED_UNBIND:
		snprintf(target, sizeof(target), "%s\n", d->dr.target);
		attr_write(target, "/sys/bus/drvio-sim/drivers/sim/unbind");
		break;
	case DEED_NONE:
		break;
	}
}

static int by_time(const void *a, const void *b)
{
	const struct deed *x = a, *y = b;

	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* Until each request has its answer, or none is to come, and all has happened. */
static void play(struct link *l)
{
	uint64_t begun = deadline_now_ms();
	struct deadline last = deadline_in_ms(CTL_WAIT_MS);
	int next = 0;

	qsort(l->deeds, l->ndeeds, sizeof(*l->deeds), by_time);
	while (l->npending || next < l->ndeeds) {
		uint64_t passed = deadline_now_ms() - begun;
		struct deadline until = last;

		if (next < l->ndeeds && passed >= l->deeds[next].at_ms) {
			do_deed(l, &l->deeds[next++]);
			continue;
		}
		if (next < l->ndeeds)
			until = deadline_in_ms(l->deeds[next].at_ms - passed);
		if (!l->npending) {
			usleep((l->deeds[next].at_ms - passed) * 1000);
		} else if (!receive(l, &until) && !deadline_left_ms(&last)) {
			soak_fail(l->pending[0].d, "no answer within %d ms", CTL_WAIT_MS);
			link_drop(l);
		}
	}
}

/* Waits for the end of a request whose answer has nowhere to go. */
static void wait_for_orphan(struct soak_device *d, enum drvio_verb verb)
{
	struct deadline until = deadline_in_ms(ORPHAN_MS);
	char number[32], phase[32];

	while (deadline_left_ms(&until)) {
		if (attr_read(number, sizeof(number), CLASS_DIR "/%s/request/number", d->dr.node) ||
		    attr_read(phase, sizeof(phase), CLASS_DIR "/%s/request/phase", d->dr.node)) {
			/* It has gone; a CONFIGURE may be waiting for it to come back. */
			if (verb == DRVIO_CONFIGURE)
				usleep(2 * SOAK_APPEAR_MS * 1000);
			break;
		}
		if (strtoull(number, NULL, 10) == d->number && !strcmp(phase, "done"))
			break;
		/* It has begun: then it ends, too. */
		if (strtoull(number, NULL, 10) == d->number)
			until = deadline_in_ms(CTL_WAIT_MS);
		usleep(POLL_US);
	}
	d->asked = false;
}

/* A device that has gone comes back; one that is just going is waited for. */
static void be_there(struct soak_device *d)
{
	struct deadline until = deadline_in_ms(CTL_WAIT_MS);

	while (attr_mode(CLASS_DIR "/%s", d->dr.node) < 0 &&
	       sim_add(&d->dr, d->targets)) {
		if (!deadline_left_ms(&until)) {
			soak_fail(d, "it does not come back");
			return;
		}
		usleep(POLL_US);
	}
}

/*
 * The trouble is over: the same request succeeds.  While an earlier request, or
 * the driver that hung in it, is not at its end yet, the answer says so.
 */
static void ask_again(struct link *l, struct soak_device *d, enum drvio_verb verb)
{
	struct deadline until = deadline_in_ms(CTL_WAIT_MS);
	struct session_answer a;

	while (l->open) {
		be_there(d);
		send(l, d, verb);
		l->npending = 0;
		if (!l->open)
			return;
		if (session_answer(&l->s, &a, &until)) {
			soak_fail(d, "asked again: no answer: %s", l->s.why);
			link_drop(l);
			return;
		}
		if (a.number != d->number)
			soak_fail(d, "asked again: an answer to request %llu, not to %llu",
				  (unsigned long long)a.number, (unsigned long long)d->number);
		soak_count(received);
		d->asked = false;
		if (a.result != DRVIO_FAILURE || !deadline_left_ms(&until) ||
		    (!strstr(a.reason, "is busy with request") &&
		     !strstr(a.reason, "has not come back") &&
		     !strstr(a.reason, "vanished")))
			break;
		soak_count(again);
		usleep(AGAIN_MS * 1000);
	}
	if (l->open)
		check_answer(d, verb, &a);
}

/* Requests for all of the link's devices, and what happens to them. */
static void round_of(struct link *l, enum drvio_verb *verbs)
{
	bool troubled[SOAK_PER_LINK];

	l->ndeeds = 0;
	for (int i = 0; i < SOAK_PER_LINK; i++) {
		struct soak_device *d = &l->devices[i];

		trouble_begin(d, verbs[i]);
		troubled[i] = d->trouble != &no_trouble;
		if (d->trouble->deed)
			l->deeds[l->ndeeds++] = (struct deed){
				.at_ms = d->value, .what = d->trouble->deed, .d = d,
			};
	}
	if (soak_random(&l->random, 100) < DROP_PERCENT)
		l->deeds[l->ndeeds++] = (struct deed){
			.at_ms = soak_random(&l->random, DROP_MS), .drop = true,
		};
	for (int i = 0; i < SOAK_PER_LINK; i++) {
		send(l, &l->devices[i], verbs[i]);
		if (soak_random(&l->random, 100) < STATUS_PERCENT)
			send(l, &l->devices[i], DRVIO_STATUS);
	}
	play(l);

	for (int i = 0; i < SOAK_PER_LINK; i++)
		trouble_end(&l->devices[i]);
	if (!l->open)
		link_open(l);
	for (int i = 0; i < SOAK_PER_LINK; i++) {
		bool orphan = l->devices[i].asked;

		if (orphan)
			wait_for_orphan(&l->devices[i], verbs[i]);
		if (orphan || troubled[i])
			ask_again(l, &l->devices[i], verbs[i]);
	}
}

void *link_thread(void *arg)
{
	int index = (intptr_t)arg;
	struct link l = {
		.devices = &soak.devices[index * SOAK_PER_LINK],
		.random = soak.seed + 1000 + index,
	};
	enum drvio_verb verbs[SOAK_PER_LINK];

	link_open(&l);
	/* A device that has just come is bound already. */
	for (int i = 0; i < SOAK_PER_LINK; i++)
		ask_again(&l, &l.devices[i], DRVIO_UNCONFIGURE);
	while (l.open && deadline_left_ms(&soak.until)) {
		unsigned int done = __atomic_add_fetch(&soak.cycles, SOAK_PER_LINK,
						       __ATOMIC_RELAXED);

		if (soak.want && done > soak.want) {
			__atomic_sub_fetch(&soak.cycles, SOAK_PER_LINK, __ATOMIC_RELAXED);
			break;
		}
		for (int i = 0; i < SOAK_PER_LINK; i++)
			verbs[i] = DRVIO_CONFIGURE;
		round_of(&l, verbs);
		for (int i = 0; i < SOAK_PER_LINK; i++)
			verbs[i] = soak_random(&l.devices[i].random, 4) ? DRVIO_UNCONFIGURE :
									  DRVIO_FORCE_UNCONFIG;
		round_of(&l, verbs);
	}
	session_close(&l.s);
	return NULL;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The soak in the place of drvio-helper: hears what is asked, and acks as the
 * device's trouble wants it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attr.h"
#include "helper.h"
#include "soak.h"
#include "uevent.h"

static pthread_t listener, helpers[SOAK_DEVICES];
static int events;
static bool stopping;

/* How long the listener waits before it looks whether it is to end. */
#define LISTEN_MS	200

static int write_ack(struct soak_device *d, const char *cookie, const char *words)
{
	char line[128];

	snprintf(line, sizeof(line), "%s %s\n", cookie, words);
	return helper_write(&d->dr, line);
}

struct racer {
	pthread_t thread;
	struct soak_device *d;
	const char *cookie;
	const char *words;
	int err;
};

static void *race(void *arg)
{
	struct racer *r = arg;

	r->err = write_ack(r->d, r->cookie, r->words);
	return NULL;
}

/* Nobody waits for it any more: the request has ended, or another one is under way. */
static bool too_late(int err)
{
	return err == -ENOENT || err == -ESTALE || err == -ENODEV;
}

/* Two at the same time: one counts, the other is told that it came too late. */
static void ack_race(struct soak_device *d, const char *cookie)
{
	struct racer a = { .d = d, .cookie = cookie, .words = "ok" };
	struct racer b = { .d = d, .cookie = cookie, .words = "blocked by the soak" };

	pthread_create(&a.thread, NULL, race, &a);
	race(&b);
	pthread_join(a.thread, NULL);
	if (!a.err == !b.err || !too_late(a.err + b.err))
		soak_fail(d, "two acks got %d and %d", a.err, b.err);
}

/* Acks that must be refused, and leave the request as it is. */
static void ack_refused(struct soak_device *d, const char *cookie, const char *words, int err)
{
	int got = write_ack(d, cookie, words);

	if (got != err)
		soak_fail(d, "ack \"%s %s\" got %d, not %d", cookie, words, got, err);
}

static void answer(struct soak_device *d, const struct trouble *t, unsigned int value,
		   const char *cookie)
{
	int err = 0;

	switch (t->ack) {
	case ACK_OK:
		err = write_ack(d, cookie, "ok");
		break;
	case ACK_LATE:
		usleep(value * 1000);
		err = write_ack(d, cookie, "ok at last");
		break;
	case ACK_BLOCKED:
		err = write_ack(d, cookie, "blocked by the soak");
		break;
	case ACK_FAILED:
		err = write_ack(d, cookie, "failed in the soak");
		break;
	case ACK_SILENT:
		break;
	case ACK_PROGRESS:
		err = write_ack(d, cookie, "progress one moment");
		usleep(value * 1000);
		err = err ?: write_ack(d, cookie, "ok");
		break;
	case ACK_STALE:
		ack_refused(d, "5", "ok", -ESTALE);
		err = write_ack(d, cookie, "ok");
		break;
	case ACK_MALFORMED:
		ack_refused(d, cookie, "fine", -EINVAL);
		ack_refused(d, "", "ok", -EINVAL);
		err = write_ack(d, cookie, "ok");
		break;
	case ACK_RACE:
		ack_race(d, cookie);
		break;
	}
	/* Whether it counted is seen in the answer. */
	if (err && !too_late(err))
		soak_fail(d, "an ack got %d", err);
}

static void *helper_thread(void *arg)
{
	struct soak_device *d = arg;

	pthread_mutex_lock(&d->lock);
	while (!d->ending) {
		const struct trouble *t;
		unsigned int value;
		char cookie[32];

		if (!*d->cookie) {
			pthread_cond_wait(&d->changed, &d->lock);
			continue;
		}
		strcpy(cookie, d->cookie);
		*d->cookie = '\0';
		t = d->trouble;
		value = d->value;
		pthread_mutex_unlock(&d->lock);
		answer(d, t, value, cookie);
		pthread_mutex_lock(&d->lock);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

static struct soak_device *device_of(const struct uevent *event)
{
	const char *node = uevent_get(event, "DEVPATH");

	node = node ? strrchr(node, '/') : NULL;
	for (int i = 0; node && i < SOAK_DEVICES; i++)
		if (!strcmp(node + 1, soak.devices[i].dr.node))
			return &soak.devices[i];
	return NULL;
}

static void *listen_thread(void *arg)
{
	struct pollfd p = { .fd = events, .events = POLLIN };
	const char *what, *cookie;
	struct uevent event;

	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
		struct soak_device *d;
		ssize_t len;

		if (poll(&p, 1, LISTEN_MS) <= 0)
			continue;
		len = recv(events, event.text, sizeof(event.text) - 1, 0);
		if (len <= 0) {
			soak_fail(NULL, "uevents are lost: %s", strerror(errno));
			continue;
		}
		event.text[len] = '\0';
		event.len = len;
		what = uevent_get(&event, "DRVIO_EVENT");
		cookie = uevent_get(&event, "DRVIO_COOKIE");
		d = device_of(&event);
		if (!d || !what || strcmp(what, "request") || !cookie)
			continue;
		pthread_mutex_lock(&d->lock);
		snprintf(d->cookie, sizeof(d->cookie), "%s", cookie);
		pthread_cond_signal(&d->changed);
		pthread_mutex_unlock(&d->lock);
	}
	return NULL;
}

bool userspace_start(void)
{
	events = uevent_open();
	if (events < 0)
		return false;
	stopping = false;
	pthread_create(&listener, NULL, listen_thread, NULL);
	for (int i = 0; i < SOAK_DEVICES; i++) {
		soak.devices[i].ending = false;
		pthread_create(&helpers[i], NULL, helper_thread, &soak.devices[i]);
	}
	return true;
}

void userspace_stop(void)
{
	__atomic_store_n(&stopping, true, __ATOMIC_RELAXED);
	pthread_join(listener, NULL);
	for (int i = 0; i < SOAK_DEVICES; i++) {
		struct soak_device *d = &soak.devices[i];

		pthread_mutex_lock(&d->lock);
		d->ending = true;
		pthread_cond_signal(&d->changed);
		pthread_mutex_unlock(&d->lock);
		pthread_join(helpers[i], NULL);
	}
	close(events);
}

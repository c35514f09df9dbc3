// SPDX-License-Identifier: GPL-2.0
/*
 * scale ROUNDS PASSES: what things cost with 1, 10, 100 and 250 simulated devices,
 * a line each, in microseconds, and how much memory a DR device takes:
 *
 *	devices N request R status S read A
 *	memory BYTES sysfs BYTES refused BYTES
 *
 * A request is an UNCONFIGURE or a CONFIGURE that a helper acks who is there
 * already; a read is open, read and close of an attribute.  Each pass measures all
 * of it, with one device, then with more, so that what else the machine does meets
 * all alike; a figure is the tenth percentile of all passes: what it costs when
 * nothing gets in between.  udevd must not run.
 *
 * "refused" is what is kept of a request that was refused, for a reason of
 * REASON_LEN bytes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attr.h"
#include "helper.h"
#include "sim.h"
#include "slab.h"
#include "uevent.h"

#define DEVICES_MAX	250
#define DEV_ID		0x5ca1e0
/* Of what is cheap more is done. */
#define STATUS_ROUNDS	10
#define READ_ROUNDS	40
#define WARM_UP		5
#define REASON_LEN	100

static struct dr_device devices[DEVICES_MAX];
static struct session s;
static atomic_bool refuse;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "scale: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Acks whatever is asked, and refuses when it is to. */
static void *play_helper(void *arg)
{
	int fd = *(int *)arg;
	struct uevent event;

	for (;;) {
		const char *what, *cookie, *path;
		char line[64 + REASON_LEN];

		if (!uevent_next(fd, NULL, &event, 1000))
			continue;
		what = uevent_get(&event, "DRVIO_EVENT");
		cookie = uevent_get(&event, "DRVIO_COOKIE");
		path = uevent_get(&event, "DEVPATH");
		if (!what || strcmp(what, "request") || !cookie || !path)
			continue;
		if (refuse)
			snprintf(line, sizeof(line), "%s blocked %0*d\n", cookie,
				 REASON_LEN, 0);
		else
			snprintf(line, sizeof(line), "%s ok\n", cookie);
		if (attr_write(line, "/sys%s/ack", path))
			die("ack");
	}
	return NULL;
}

static void ask(const struct dr_device *dev, enum drvio_verb verb)
{
	struct session_answer answer;

	if (!ctl_call(&s, verb, dev, &answer))
		die("no answer");
	if (answer.result != (refuse ? DRVIO_BLOCKED : DRVIO_OK)) {
		fprintf(stderr, "scale: not the answer that was expected: %s\n", answer.reason);
		exit(1);
	}
}

static void do_request(const struct dr_device *dev, int round)
{
	ask(dev, round % 2 ? DRVIO_CONFIGURE : DRVIO_UNCONFIGURE);
}

static void do_status(const struct dr_device *dev, int round)
{
	ask(dev, DRVIO_STATUS);
}

static void do_read(const struct dr_device *dev, int round)
{
	char state[32];

	if (attr_read(state, sizeof(state), CLASS_DIR "/%s/state", dev->node))
		die(dev->node);
}

static const struct kind {
	const char *name;
	int rounds;		/* as many for one of a request */
	void (*what)(const struct dr_device *dev, int round);
} kinds[] = {
	{ "request", 1, do_request },
	{ "status", STATUS_ROUNDS, do_status },
	{ "read", READ_ROUNDS, do_read },
};

#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

static const int counts[] = { 1, 10, 100, DEVICES_MAX };

#define NCOUNTS	(sizeof(counts) / sizeof(counts[0]))

/* What each has taken. */
static struct samples {
	double *us;
	int n;
} samples[NCOUNTS][NKINDS];

/* Twice on one device, then on another: all over those that are there. */
static void measure(struct samples *to, const struct kind *kind, int n, int rounds)
{
	rounds *= kind->rounds;
	to->us = reallocarray(to->us, to->n + rounds, sizeof(*to->us));
	if (!to->us)
		die("memory");
	for (int i = -2 * WARM_UP; i < rounds; i++) {
		const struct dr_device *dev = &devices[(i + 2 * WARM_UP) / 2 * 7 % n];
		double begun = now_us();

		kind->what(dev, i + 2 * WARM_UP);
		if (i >= 0)
			to->us[to->n++] = now_us() - begun;
	}
}

static double tenth(struct samples *from)
{
	qsort(from->us, from->n, sizeof(*from->us), by_value);
	return from->us[from->n / 10];
}

static void create(int first, int end)
{
	for (int i = first; i < end; i++)
		if (sim_create(&devices[i], DEV_ID + i, 1))
			die("sim_create");
}

static void pass(int rounds)
{
	int have = 0;

	for (size_t i = 0; i < NCOUNTS; i++) {
		create(have, counts[i]);
		have = counts[i];
		for (size_t k = 0; k < NKINDS; k++)
			measure(&samples[i][k], &kinds[k], have, rounds);
	}
	if (!sim_remove_all())
		die("remove");
}

/* Bytes that are kept of the last request, by device. */
static long bytes_refused(void)
{
	struct slab before, after;

	create(0, DEVICES_MAX);
	if (!slab_count(&before))
		die("/proc/slabinfo");
	refuse = true;
	for (int i = 0; i < DEVICES_MAX; i++)
		ask(&devices[i], DRVIO_UNCONFIGURE);
	refuse = false;
	slab_count(&after);
	if (!sim_remove_all())
		die("remove");
	return (slab_bytes(&after, "kmalloc") - slab_bytes(&before, "kmalloc")) / DEVICES_MAX;
}

static void run(const char *command)
{
	if (system(command)) {
		fprintf(stderr, "scale: failed: %s\n", command);
		exit(1);
	}
}

/* What drvio-virtio allocates when it finds as many devices, and sysfs for it. */
static void bytes_with(int n, long *own, long *nodes)
{
	struct slab before, after;
	char command[64];

	snprintf(command, sizeof(command), "modprobe fake_virtio more=%d", n);
	run("rmmod drvio-virtio");
	run(command);
	if (!slab_count(&before))
		die("/proc/slabinfo");
	run("modprobe drvio-virtio");
	slab_count(&after);
	run("rmmod fake_virtio");
	*own = slab_bytes(&after, "kmalloc") - slab_bytes(&before, "kmalloc");
	*nodes = slab_bytes(&after, "kernfs") - slab_bytes(&before, "kernfs");
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? 2 * atoi(argv[1]) : 0;
	int passes = argc == 3 ? atoi(argv[2]) : 0;
	pthread_t helper;
	long few[2], many[2], refused;
	int fd;

	if (rounds <= 0 || passes <= 0) {
		fprintf(stderr, "usage: scale ROUNDS PASSES\n");
		return 2;
	}
	fd = uevent_open();
	if (!sim_load() || !sim_remove_all())
		die("drvio-sim");
	if (fd < 0 || pthread_create(&helper, NULL, play_helper, &fd))
		die("helper");
	if (helper_register("bench") || !ctl_open(&s))
		die("/dev/drvio");
	while (passes--)
		pass(rounds);
	for (size_t i = 0; i < NCOUNTS; i++) {
		printf("devices %d", counts[i]);
		for (size_t k = 0; k < NKINDS; k++)
			printf(" %s %.2f", kinds[k].name, tenth(&samples[i][k]));
		putchar('\n');
	}
	refused = bytes_refused();
	session_close(&s);

	bytes_with(10, &few[0], &few[1]);
	bytes_with(DEVICES_MAX, &many[0], &many[1]);
	printf("memory %ld sysfs %ld refused %ld\n",
	       (many[0] - few[0]) / (DEVICES_MAX - 10),
	       (many[1] - few[1]) / (DEVICES_MAX - 10), refused);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * scale ROUNDS: what things cost with 1, 10, 100 and 250 simulated devices, a line
 * each, medians in microseconds, and how much memory a DR device takes:
 *
 *	devices N request R status S read A
 *	memory BYTES sysfs BYTES
 *
 * A request is an UNCONFIGURE or a CONFIGURE that a helper acks who is there
 * already; a read is open, read and close of an attribute.  udevd must not run.
 */
#include <errno.h>
#include <pthread.h>
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

static struct dr_device devices[DEVICES_MAX];
static struct session s;

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

/* Acks whatever is asked. */
static void *play_helper(void *arg)
{
	int fd = *(int *)arg;
	struct uevent event;

	for (;;) {
		const char *what, *cookie, *path;
		char line[64];

		if (!uevent_next(fd, NULL, &event, 1000))
			continue;
		what = uevent_get(&event, "DRVIO_EVENT");
		cookie = uevent_get(&event, "DRVIO_COOKIE");
		path = uevent_get(&event, "DEVPATH");
		if (!what || strcmp(what, "request") || !cookie || !path)
			continue;
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
	if (answer.result != DRVIO_OK) {
		fprintf(stderr, "scale: refused: %s\n", answer.reason);
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

/* Twice on one device, then on another: all over those that are there. */
static double measure(int n, int rounds, void (*what)(const struct dr_device *, int))
{
	double *took = calloc(rounds, sizeof(*took)), middle;

	if (!took)
		die("memory");
	for (int i = -2 * WARM_UP; i < rounds; i++) {
		const struct dr_device *dev = &devices[(i + 2 * WARM_UP) / 2 * 7 % n];
		double begun = now_us();

		what(dev, i + 2 * WARM_UP);
		if (i >= 0)
			took[i] = now_us() - begun;
	}
	qsort(took, rounds, sizeof(*took), by_value);
	middle = took[rounds / 2];
	free(took);
	return middle;
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
	static const int counts[] = { 1, 10, 100, DEVICES_MAX };
	int rounds = argc == 2 ? 2 * atoi(argv[1]) : 0;
	int have = 0, fd;
	pthread_t helper;
	long few[2], many[2];

	if (rounds <= 0) {
		fprintf(stderr, "usage: scale ROUNDS\n");
		return 2;
	}
	fd = uevent_open();
	if (!sim_load() || !sim_remove_all())
		die("drvio-sim");
	if (fd < 0 || pthread_create(&helper, NULL, play_helper, &fd))
		die("helper");
	if (helper_register("bench") || !ctl_open(&s))
		die("/dev/drvio");
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		for (; have < counts[i]; have++)
			if (sim_create(&devices[have], DEV_ID + have, 1))
				die("sim_create");
		printf("devices %d request %.1f status %.1f read %.2f\n", have,
		       measure(have, rounds, do_request),
		       measure(have, rounds * STATUS_ROUNDS, do_status),
		       measure(have, rounds * READ_ROUNDS, do_read));
	}
	session_close(&s);
	if (!sim_remove_all())
		die("remove");

	bytes_with(10, &few[0], &few[1]);
	bytes_with(DEVICES_MAX, &many[0], &many[1]);
	printf("memory %ld sysfs %ld\n", (many[0] - few[0]) / (DEVICES_MAX - 10),
	       (many[1] - few[1]) / (DEVICES_MAX - 10));
	return 0;
}

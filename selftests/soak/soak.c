// SPDX-License-Identifier: GPL-2.0
/*
 * soak [-s SEED] [-t SECONDS] [-c CYCLES]: configures and unconfigures eight
 * devices in parallel, with troubles, for so long; with CYCLES until so many are
 * done, which must fit into the time.  Then everything has to add up.
 *
 * Nobody else may talk to the service meanwhile, nor may udevd run: soak.sh.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "attr.h"
#include "helper.h"
#include "slab.h"
#include "soak.h"

struct soak soak;

/* After so many failures there is no more to learn. */
#define FAILURES_MAX	20

/*
 * Objects of the kernel that come and go by themselves: up to 226 were seen. A leak
 * of one a cycle is thousands, one a link that drops about 450.
 */
#define OBJECTS_NOISE	350
#define GROWTH_MS	15000

static int cases, failed_cases;

/* What the service tells of itself, and how much of it is printed of a failure. */
#define TRACING		"/sys/kernel/debug/tracing"
#define TRACE_LINES	60
#define TRACE_LINE_MAX	256

static void trace_start(void)
{
	if (attr_write("1", TRACING "/events/drvio/enable"))
		printf("# no trace of the service\n");
}

/* What has happened to a device up to now. */
static void trace_print(struct soak_device *d)
{
	static char last[TRACE_LINES][TRACE_LINE_MAX];
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	char line[TRACE_LINE_MAX];
	unsigned int n = 0, i;
	FILE *f;

	f = fopen(TRACING "/trace", "re");
	if (!f)
		return;
	pthread_mutex_lock(&lock);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, strchr(d->dr.node, '@') + 1))
			strcpy(last[n++ % TRACE_LINES], line);
	for (i = n > TRACE_LINES ? n - TRACE_LINES : 0; i < n; i++)
		printf("#   %s", last[i % TRACE_LINES]);
	pthread_mutex_unlock(&lock);
	fclose(f);
}

void soak_fail(struct soak_device *d, const char *fmt, ...)
{
	unsigned int n = soak_count(failures);
	char text[1200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n <= FAILURES_MAX)
		printf("# %s, %s %u: %s\n", d ? d->dr.node : "soak",
		       d ? d->trouble->name : "", d ? d->value : 0, text);
	if (n <= FAILURES_MAX && d)
		trace_print(d);
	if (n == FAILURES_MAX)
		soak.until = deadline_in_ms(0);
	fflush(stdout);
}

/* splitmix64 */
unsigned int soak_random(uint64_t *state, unsigned int limit)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) % limit;
}

static void check(bool ok, const char *fmt, ...)
{
	va_list args;

	printf("%sok %d ", ok ? "" : "not ", ++cases);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	failed_cases += !ok;
}

static unsigned long statistic(const char *name)
{
	char text[32];

	if (attr_read(text, sizeof(text), SERVICE_DIR "/statistics/%s", name))
		return 0;
	return strtoul(text, NULL, 10);
}

struct statistics {
	unsigned long requests, answers, dropped;
};

static struct statistics statistics(void)
{
	return (struct statistics){
		.requests = statistic("requests"),
		.answers = statistic("answers"),
		.dropped = statistic("dropped"),
	};
}

/* Return: whether no cache has grown. */
static bool same_size(const struct slab *before, const struct slab *now, bool print)
{
	bool same = before->n == now->n;

	for (int i = 0; before->n == now->n && i < now->n; i++) {
		long more = now->cache[i].active - before->cache[i].active;

		if (more && print)
			printf("# %s: %+ld objects\n", now->cache[i].name, more);
		if (more > OBJECTS_NOISE)
			same = false;
	}
	return same;
}

/* What RCU frees in batches may take its time. */
static bool no_growth(const struct slab *before)
{
	struct deadline until = deadline_in_ms(GROWTH_MS);
	struct slab now;

	do {
		if (!slab_count(&now))
			return false;
	} while (!same_size(before, &now, false) && deadline_left_ms(&until));
	return same_size(before, &now, true);
}

static void make_devices(void)
{
	for (int i = 0; i < SOAK_DEVICES; i++) {
		struct soak_device *d = &soak.devices[i];

		d->index = i;
		d->targets = 1 + i % 3;
		d->random = soak.seed + i;
		d->trouble = &no_trouble;
		pthread_mutex_init(&d->lock, NULL);
		pthread_cond_init(&d->changed, NULL);
		sim_name(&d->dr, SOAK_DEV_ID + i);
		if (sim_add(&d->dr, d->targets))
			soak_fail(d, "it cannot be made");
	}
}

static void run(unsigned int seconds, unsigned int cycles)
{
	pthread_t threads[SOAK_LINKS];

	make_devices();
	soak.until = deadline_in_ms(seconds * 1000);
	soak.want = cycles;
	soak.cycles = 0;
	if (!userspace_start()) {
		soak_fail(NULL, "uevents cannot be heard");
		return;
	}
	for (intptr_t i = 0; i < SOAK_LINKS; i++)
		pthread_create(&threads[i], NULL, link_thread, (void *)i);
	for (int i = 0; i < SOAK_LINKS; i++)
		pthread_join(threads[i], NULL);
	userspace_stop();
}

/* Whether a module goes; it is still busy for a moment after its last request. */
static int unload(const char *module)
{
	struct deadline until = deadline_in_ms(CTL_WAIT_MS);

	while (syscall(SYS_delete_module, module, O_NONBLOCK)) {
		if (errno != EAGAIN || !deadline_left_ms(&until))
			return -errno;
		usleep(20 * 1000);
	}
	return 0;
}

/* Whatever is named so in a folder. */
static int leftovers(const char *folder, const char *begin)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += !strncmp(entry->d_name, begin, strlen(begin));
	if (dir)
		closedir(dir);
	return n;
}

static void set_timeout(const char *which, unsigned int ms)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", ms);
	if (attr_write(text, SERVICE_DIR "/%s_timeout_ms", which))
		soak_fail(NULL, "%s_timeout_ms cannot be set", which);
}

static void check_counters(const struct statistics *before)
{
	struct deadline until = deadline_in_ms(CTL_WAIT_MS);
	struct statistics s;

	do {
		s = statistics();
		s.requests -= before->requests;
		s.answers -= before->answers;
		s.dropped -= before->dropped;
	} while (s.requests != s.answers + s.dropped && deadline_left_ms(&until) &&
		 !usleep(20 * 1000));
	printf("# %lu requests, %lu answers, %lu dropped with their link\n", s.requests,
	       s.answers, s.dropped);
	printf("# %u sent, %u received, %u met trouble, %u links dropped, %u asked again while busy\n",
	       soak.sent, soak.received, soak.troubles, soak.drops, soak.again);
	check(s.requests == s.answers + s.dropped && s.requests == soak.sent &&
	      s.answers >= soak.received, "the counters add up");
	check(soak.troubles && soak.drops, "there was trouble, and links were dropped");
}

int main(int argc, char **argv)
{
	unsigned int seconds = 120, cycles = 0, done;
	uint64_t seed = time(NULL), begun;
	struct statistics before;
	struct slab slab;
	bool counted;
	int option;

	while ((option = getopt(argc, argv, "s:t:c:")) >= 0) {
		if (option == 's') {
			seed = strtoull(optarg, NULL, 0);
		} else if (option == 't') {
			seconds = strtoul(optarg, NULL, 0);
		} else if (option == 'c') {
			cycles = strtoul(optarg, NULL, 0);
		} else {
			fprintf(stderr, "usage: soak [-s SEED] [-t SECONDS] [-c CYCLES]\n");
			return 2;
		}
	}
	printf("TAP version 13\n# seed %llu: repeat it with SEED=%llu\n",
	       (unsigned long long)seed, (unsigned long long)seed);
	if (!sim_load() || !sim_remove_all() || helper_register("soak")) {
		printf("Bail out! no drvio-sim\n");
		return 1;
	}
	trace_start();
	set_timeout("ack", SOAK_ACK_MS);
	set_timeout("appear", SOAK_APPEAR_MS);
	set_timeout("bind", SOAK_BIND_MS);
	before = statistics();

	/* What is allocated once and kept is no leak: caches, workers. */
	soak.seed = ~seed;
	run(seconds, 4 * SOAK_DEVICES);
	check(sim_remove_all(), "the devices leave after the first cycles");
	counted = slab_count(&slab);

	soak.seed = seed;
	begun = deadline_now_ms();
	run(seconds, cycles);
	done = soak.cycles;
	printf("# %u cycles in %llu s\n", done,
	       (unsigned long long)(deadline_now_ms() - begun) / 1000);
	check(cycles ? done == cycles : done > 0, "%u cycles", done);
	check(!soak.failures, "each request had its one answer, in order, and the right one");
	check_counters(&before);

	check(sim_remove_all(), "the devices leave");
	if (counted)
		check(no_growth(&slab), "no memory is lost");
	else
		check(true, "no memory is lost # SKIP not exact on this kernel; kmemleak looks");
	check(!leftovers(CLASS_DIR, "sim@") && !leftovers(CLASS_DIR, "link") &&
	      !leftovers("/sys/bus/drvio-sim/devices", "sim"), "no device and no link is left");
	attr_write("0", TRACING "/events/drvio/enable");
	set_timeout("ack", 30000);
	set_timeout("appear", 2000);
	set_timeout("bind", 60000);
	check(!unload("drvio_sim"), "drvio-sim unloads");
	check(!unload("drvio_virtio") && !unload("drvio"), "so does the rest");
	check(!system("modprobe drvio-virtio"), "and comes back");
	printf("1..%d\n", cases);
	return failed_cases ? 1 : 0;
}

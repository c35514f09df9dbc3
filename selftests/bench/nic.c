// SPDX-License-Identifier: GPL-2.0
/*
 * nic hand|played|helper ROUNDS: what unconfigure and configure of the guest's
 * NIC take, median in microseconds, "unconfigure U configure C".
 *
 *   hand    the work alone: link down, unbind; bind, link up
 *   played  through the service, with that work done by a helper that is here
 *           already: the rest is the service's
 *   helper  through the service and drvio-helper, which udev starts
 *
 * nic run ROUNDS PROGRAM: what the program itself takes, which is run as
 * "PROGRAM EVENT DEVICE COOKIE" for each event, and acks: from its start to its
 * end, for the event "request".
 *
 * nic time ROUNDS PROGRAM [ARGUMENT]...: what a program takes, median in microseconds.
 *
 * nic crowd N: N processes that wait, after the line "crowded", until it is killed.
 *
 * nic watch: a line "add" for each interface that comes, after "watching".
 */
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attr.h"
#include "ctl.h"
#include "helper.h"
#include "uevent.h"

#define DRIVER	"/sys/bus/virtio/drivers/virtio_net"
#define WARM_UP	3

static struct dr_device nic;

/* "nic run": the program, and what it took for the last request. */
static char *program;
static double program_us;
static sem_t program_ended;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "nic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* Sets the interface of the NIC up or down. */
static void set_link(bool up)
{
	char path[256], state[32] = "";
	struct ifreq ifr = { 0 };
	struct dirent *entry;
	DIR *dir;
	int fd, tries;

	snprintf(path, sizeof(path), "/sys/bus/virtio/devices/%s/net", nic.target);
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(ifr.ifr_name, IFNAMSIZ, "%s", entry->d_name);
	closedir(dir);

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr))
		die(ifr.ifr_name);
	ifr.ifr_flags = up ? ifr.ifr_flags | IFF_UP : ifr.ifr_flags & ~IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		die(ifr.ifr_name);
	close(fd);
	/* The driver reports the carrier from a work item, a moment later. */
	for (tries = 0; up; tries++) {
		if (attr_read(state, sizeof(state), "/sys/class/net/%s/carrier",
			      ifr.ifr_name))
			die("carrier");
		if (!strcmp(state, "1"))
			break;
		if (tries == 1000) {
			fprintf(stderr, "nic: %s has no carrier: not a NIC to measure with\n",
				ifr.ifr_name);
			exit(1);
		}
		usleep(1000);
	}
}

static void hand(bool configure)
{
	if (configure) {
		if (attr_write(nic.target, DRIVER "/bind"))
			die(DRIVER "/bind");
		set_link(true);
	} else {
		set_link(false);
		if (attr_write(nic.target, DRIVER "/unbind"))
			die(DRIVER "/unbind");
	}
}

static void run_program(const char *event, const char *cookie)
{
	char *argv[] = { program, (char *)event, nic.node, (char *)cookie, NULL };
	double begun = now_us();
	int status;
	pid_t pid;

	pid = vfork();
	if (!pid) {
		execv(program, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "nic: %s %s: status %#x\n", program, event, status);
		exit(1);
	}
	if (strcmp(event, "request"))
		return;
	program_us = now_us() - begun;
	sem_post(&program_ended);
}

/* The helper that is there already: does the work and acks, for each request. */
static void *play_helper(void *arg)
{
	int fd = *(int *)arg;
	struct uevent event;

	for (;;) {
		const char *verb, *cookie, *what;
		char line[64];

		if (!uevent_next(fd, nic.node, &event, 1000))
			continue;
		what = uevent_get(&event, "DRVIO_EVENT");
		verb = uevent_get(&event, "DRVIO_VERB");
		cookie = uevent_get(&event, "DRVIO_COOKIE");
		if (what && cookie && program)
			run_program(what, cookie);
		if (!what || strcmp(what, "request") || !verb || !cookie || program)
			continue;
		set_link(!strcmp(verb, "configure"));
		snprintf(line, sizeof(line), "%s ok\n", cookie);
		if (helper_write(&nic, line))
			die("ack");
	}
	return NULL;
}

static void ask(struct session *s, bool configure)
{
	struct session_answer answer;

	if (!ctl_call(s, configure ? DRVIO_CONFIGURE : DRVIO_UNCONFIGURE, &nic, &answer))
		die("no answer");
	if (answer.result != DRVIO_OK) {
		fprintf(stderr, "nic: refused: %s\n", answer.reason);
		exit(1);
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

static int time_program(int rounds, char **argv)
{
	double *took = calloc(rounds, sizeof(double));
	int status;
	pid_t pid;

	if (!took)
		die("memory");
	for (int i = -WARM_UP; i < rounds; i++) {
		double begun = now_us();

		pid = vfork();
		if (!pid) {
			execv(argv[0], argv);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			die(argv[0]);
		if (i >= 0)
			took[i] = now_us() - begun;
	}
	printf("%.0f\n", median(took, rounds));
	return 0;
}

static int crowd(int n)
{
	while (n--) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	puts("crowded");
	fflush(stdout);
	for (;;)
		pause();
}

static int watch(void)
{
	struct uevent event;
	int fd = uevent_open();

	if (fd < 0)
		die("uevents");
	puts("watching");
	fflush(stdout);
	for (;;) {
		const char *subsystem, *action;
		ssize_t len = recv(fd, event.text, sizeof(event.text) - 1, 0);

		if (len <= 0)
			continue;
		event.text[len] = '\0';
		event.len = len;
		subsystem = uevent_get(&event, "SUBSYSTEM");
		action = uevent_get(&event, "ACTION");
		if (subsystem && !strcmp(subsystem, "net") && action && !strcmp(action, "add")) {
			puts("add");
			fflush(stdout);
		}
	}
}

int main(int argc, char **argv)
{
	double *took[2];
	struct session s;
	pthread_t helper;
	int rounds, fd;
	bool by_hand;

	if (argc == 2 && !strcmp(argv[1], "watch"))
		return watch();
	if (argc >= 4 && !strcmp(argv[1], "time") && atoi(argv[2]) > 0)
		return time_program(atoi(argv[2]), argv + 3);
	if (argc == 3 && !strcmp(argv[1], "crowd"))
		return crowd(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "run"))
		program = argv[3];
	rounds = argc == 3 || program ? atoi(argv[2]) : 0;
	if (rounds <= 0 || (strcmp(argv[1], "hand") && strcmp(argv[1], "played") &&
			    strcmp(argv[1], "helper") && !program)) {
		fprintf(stderr, "usage: nic hand|played|helper ROUNDS; nic run ROUNDS PROGRAM; nic time ROUNDS PROGRAM...; nic crowd N; nic watch\n");
		return 2;
	}
	if (!dr_device_find(&nic, "virtio-net", 0))
		die("no virtio-net");
	by_hand = !strcmp(argv[1], "hand");
	if (!by_hand && !ctl_open(&s))
		die("/dev/drvio");
	if (!strcmp(argv[1], "played") || program) {
		sem_init(&program_ended, 0, 0);
		fd = uevent_open();
		if (fd < 0 || pthread_create(&helper, NULL, play_helper, &fd))
			die("helper");
	}
	took[0] = calloc(rounds, sizeof(double));
	took[1] = calloc(rounds, sizeof(double));
	if (!took[0] || !took[1])
		die("memory");

	for (int i = -WARM_UP; i < rounds; i++) {
		for (int configure = 0; configure < 2; configure++) {
			double begun = now_us();

			if (by_hand)
				hand(configure);
			else
				ask(&s, configure);
			/* It ends after its ack, which is what the answer waits for. */
			if (program)
				sem_wait(&program_ended);
			if (i >= 0)
				took[configure][i] = program ? program_us :
							       now_us() - begun;
			/* What udev does about it is not to disturb the next. */
			if (system("udevadm settle"))
				die("udevadm settle");
		}
	}
	printf("unconfigure %.0f configure %.0f\n", median(took[0], rounds),
	       median(took[1], rounds));
	return 0;
}

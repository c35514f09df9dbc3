// SPDX-License-Identifier: GPL-2.0
/*
 * host status|echo|bare|service RUN ROUNDS [MANAGER]: what the control domain
 * sees of a guest in RUN.
 *
 *   status   round trips of STATUS on one session: "N per_second"
 *   echo     of as many bytes to port_echo in the guest: "N per_second"
 *   bare     QMP alone: device_add until the guest has an interface, device_del
 *            until DEVICE_DELETED: "attach A detach D", medians in microseconds
 *   service  drvio-manager attach and detach of the same: likewise
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "qmp.h"
#include "session.h"
#include "stream.h"

#define WAIT_MS		60000
#define WARM_UP		2
#define SLOT		"slot8"

static const char *run;

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "host: %s: %s\n", what, why);
	exit(1);
}

static const char *in_run(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", run, name);
	return path;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return v[n / 2];
}

static int open_stream(const char *name)
{
	struct deadline d = deadline_in_ms(WAIT_MS);
	int fd = stream_connect(in_run(name), &d);

	if (fd < 0)
		die(name, strerror(errno));
	return fd;
}

/* --- Round trips -------------------------------------------------------------- */

static void status(int rounds)
{
	struct deadline d = deadline_in_ms(WAIT_MS);
	struct session_answer answer;
	struct session s;
	double begun = 0;

	if (session_open(&s, in_run("link.sock"), &d) || session_establish(&s, &d))
		die("link.sock", s.why);
	for (int i = -WARM_UP; i < rounds; i++) {
		if (!i)
			begun = now_us();
		d = deadline_in_ms(WAIT_MS);
		if (session_call(&s, DRVIO_STATUS, "virtio-net", 0, &answer, &d))
			die("status", s.why);
	}
	printf("%.0f per_second\n", rounds * 1e6 / (now_us() - begun));
	session_close(&s);
}

/* As long as a STATUS of virtio-net and its answer are. */
#define ECHO_BYTES	(sizeof(struct drvio_ds_hdr) + sizeof(struct drvio_ds_handle) + \
			 sizeof(struct drvio_msg_req) + sizeof("virtio-net"))

static void echo(int rounds)
{
	struct deadline d = deadline_in_ms(WAIT_MS);
	char out[ECHO_BYTES], in[ECHO_BYTES];
	int fd = open_stream("link.sock");
	double begun = 0;

	memset(out, 'e', sizeof(out));
	for (int i = -WARM_UP; i < rounds; i++) {
		size_t got = 0;

		if (!i)
			begun = now_us();
		d = deadline_in_ms(WAIT_MS);
		if (stream_send(fd, out, sizeof(out), &d))
			die("echo", strerror(errno));
		while (got < sizeof(in)) {
			ssize_t n = stream_receive(fd, in + got, sizeof(in) - got, &d);

			if (n <= 0)
				die("echo", n ? strerror(errno) : "the guest has closed the port");
			got += (size_t)n;
		}
		if (memcmp(in, out, sizeof(in)))
			die("echo", "something else came back");
	}
	printf("%.0f per_second\n", rounds * 1e6 / (now_us() - begun));
	close(fd);
}

/* --- A device comes and goes --------------------------------------------------- */

static struct json_object *arguments(const char *const *pairs)
{
	struct json_object *o = json_object_new_object();

	for (; *pairs; pairs += 2)
		json_object_object_add(o, pairs[0], json_object_new_string(pairs[1]));
	return o;
}
#define ARGUMENTS(...)	arguments((const char *const []){ __VA_ARGS__, NULL })

static void call(struct qmp *q, const char *command, struct json_object *args)
{
	struct deadline d = deadline_in_ms(WAIT_MS);
	struct json_object *answer = qmp_call(q, command, args, &d);

	if (!answer)
		die(command, qmp_why(q));
	json_object_put(answer);
}

/* Reads the guest's shell until a line says @word. */
static void wait_word(int fd, const char *word)
{
	struct deadline d = deadline_in_ms(WAIT_MS);
	char line[256];
	size_t len = 0;

	for (;;) {
		if (stream_receive(fd, line + len, 1, &d) <= 0)
			die("shell.sock", "the guest does not say what is waited for");
		if (line[len] != '\n') {
			len = (len + 1) % (sizeof(line) - 1);
			continue;
		}
		line[len] = '\0';
		if (!strcmp(line, word))
			return;
		len = 0;
	}
}

static void bare(int rounds, double *attach, double *detach)
{
	static const char command[] = "/root/bench/nic watch\n";
	struct deadline d = deadline_in_ms(WAIT_MS);
	char why[256];
	struct qmp *q = qmp_open(in_run("qmp.sock"), &d, why, sizeof(why));
	int shell = open_stream("shell.sock");

	if (!q)
		die("qmp.sock", why);
	if (stream_send(shell, command, sizeof(command) - 1, &d))
		die("shell.sock", strerror(errno));
	wait_word(shell, "watching");
	for (int i = -WARM_UP; i < rounds; i++) {
		double begun = now_us();

		call(q, "netdev_add", ARGUMENTS("type", "user", "id", "bench-net"));
		call(q, "device_add", ARGUMENTS("driver", "virtio-net-pci", "id", "bench",
						"bus", SLOT, "netdev", "bench-net"));
		wait_word(shell, "add");
		if (i >= 0)
			attach[i] = now_us() - begun;
		/* For both: let udev finish with what came. */
		usleep(700 * 1000);

		begun = now_us();
		qmp_watch_unplug(q, "bench");
		call(q, "device_del", ARGUMENTS("id", "bench"));
		d = deadline_in_ms(WAIT_MS);
		if (qmp_wait_unplug(q, &d) != QMP_UNPLUG_DONE)
			die("device_del", qmp_why(q));
		call(q, "netdev_del", ARGUMENTS("id", "bench-net"));
		if (i >= 0)
			detach[i] = now_us() - begun;
		usleep(300 * 1000);
	}
	/* ^C: the shell is for others again. */
	stream_send(shell, "\003", 1, &d);
	qmp_close(q);
	close(shell);
}

static void manager(const char *path, char *const argv[])
{
	int how;
	pid_t pid = fork();

	if (!pid) {
		execv(path, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &how, 0) != pid || how)
		die(path, "it has failed; see above");
}

static void service(const char *path, int rounds, double *attach, double *detach)
{
	for (int i = -WARM_UP; i < rounds; i++) {
		double begun = now_us();

		manager(path, (char *[]){ "drvio-manager", "-q", "-r", (char *)run, "attach",
					  "net", "bench", "--slot", SLOT,
					  "--netdev", "user,ipv6=off", NULL });
		if (i >= 0)
			attach[i] = now_us() - begun;
		usleep(700 * 1000);

		begun = now_us();
		manager(path, (char *[]){ "drvio-manager", "-q", "-r", (char *)run, "detach",
					  "bench", NULL });
		if (i >= 0)
			detach[i] = now_us() - begun;
		usleep(300 * 1000);
	}
}

int main(int argc, char **argv)
{
	int rounds = argc >= 4 ? atoi(argv[3]) : 0;
	double *attach, *detach;

	if (rounds <= 0) {
		fprintf(stderr, "usage: host status|echo|bare|service RUN ROUNDS [MANAGER]\n");
		return 2;
	}
	run = argv[2];
	attach = calloc((size_t)rounds, sizeof(*attach));
	detach = calloc((size_t)rounds, sizeof(*detach));
	if (!attach || !detach)
		die("memory", strerror(errno));

	if (!strcmp(argv[1], "status")) {
		status(rounds);
	} else if (!strcmp(argv[1], "echo")) {
		echo(rounds);
	} else if (!strcmp(argv[1], "bare") || (!strcmp(argv[1], "service") && argc == 5)) {
		if (argc == 5)
			service(argv[4], rounds, attach, detach);
		else
			bare(rounds, attach, detach);
		printf("attach %.0f detach %.0f\n", median(attach, rounds),
		       median(detach, rounds));
	} else {
		die(argv[1], "status, echo, bare, or service with MANAGER");
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* What the end-to-end tests share. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pci.h"
#include "qmp.h"
#include "stage.h"

#define WORDS_MAX	24

char stage_output[32768];

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	if (value)
		return value;
	fprintf(stderr, "%s is not set: run these tests through e2e.sh\n", name);
	exit(1);
}

const char *stage_path(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", environment("DRVIO_RUN"), name);
	return path;
}

struct deadline stage_soon(void)
{
	return deadline_in_ms(STAGE_MS);
}

/* Runs a program, collects what it prints.  Return: its exit status. */
static int run(char *const argv[])
{
	size_t fill = 0;
	int out[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(out))
		return -1;
	pid = fork();
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		execv(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	close(out[1]);
	while (fill < sizeof(stage_output) - 1) {
		n = read(out[0], stage_output + fill, sizeof(stage_output) - 1 - fill);
		if (n <= 0 && (!n || errno != EINTR))
			break;
		if (n > 0)
			fill += (size_t)n;
	}
	stage_output[fill] = '\0';
	close(out[0]);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* For commands: waits until a condition holds, 20 seconds at the most. */
#define WAIT_FOR \
	"wait_for() { n=0; until eval \"$1\"; do [ $n -lt 400 ] || return 1; n=$((n+1)); sleep 0.05; done; }\n"

int guest(const char *fmt, ...)
{
	char command[4096], guest_run[PATH_MAX];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = (size_t)sprintf(command, "%s", WAIT_FOR);
	vsnprintf(command + n, sizeof(command) - n, fmt, ap);
	va_end(ap);
	snprintf(guest_run, sizeof(guest_run), "%s/guest-run.sh", environment("DRVIO_QEMU"));
	return run((char *[]) { guest_run, (char *)environment("DRVIO_RUN"), command, NULL });
}

int manager(const char *arguments, ...)
{
	char path[PATH_MAX], *argv[WORDS_MAX];
	const char *word;
	va_list ap;
	int n = 0;

	snprintf(path, sizeof(path), "%s/drvio-manager", environment("DRVIO_BUILD"));
	argv[n++] = path;
	argv[n++] = (char *)"--run";
	argv[n++] = (char *)environment("DRVIO_RUN");
	va_start(ap, arguments);
	for (word = arguments; word && n < WORDS_MAX - 1; word = va_arg(ap, const char *))
		argv[n++] = (char *)word;
	va_end(ap);
	argv[n] = NULL;
	return run(argv);
}

static struct qmp *open_qmp(const struct deadline *d)
{
	char why[512];
	struct qmp *q = qmp_open(stage_path("qmp.sock"), d, why, sizeof(why));

	if (!q)
		fprintf(stderr, "# %s\n", why);
	return q;
}

bool qmp(const char *command, const char *key, const char *value)
{
	struct json_object *arguments = NULL, *returned;
	struct deadline d = stage_soon();
	struct qmp *q = open_qmp(&d);
	bool ok;

	if (!q)
		return false;
	if (key) {
		arguments = json_object_new_object();
		json_object_object_add(arguments, key, json_object_new_string(value));
	}
	returned = qmp_call(q, command, arguments, &d);
	ok = returned != NULL;
	if (!ok)
		fprintf(stderr, "# %s\n", qmp_why(q));
	json_object_put(returned);
	qmp_close(q);
	return ok;
}

static bool look(const struct pci_device *dev, void *arg)
{
	struct target *t = arg;

	if (strcmp(dev->id, t->id))
		return false;
	t->dev_id = pci_dev_id(&dev->place);
	return pci_virtio_name(dev->vendor, dev->device, t->name, sizeof(t->name));
}

bool target_find(struct target *t, const char *id)
{
	struct deadline d = stage_soon();
	struct qmp *q = open_qmp(&d);
	struct json_object *buses;
	bool found;

	if (!q)
		return false;
	memset(t, 0, sizeof(*t));
	snprintf(t->id, sizeof(t->id), "%s", id);
	buses = qmp_call(q, "query-pci", NULL, &d);
	found = buses && pci_walk(buses, look, t);
	snprintf(t->node, sizeof(t->node), "%s@" DRVIO_DEV_ID_FMT, t->name,
		 (unsigned long long)t->dev_id);
	json_object_put(buses);
	qmp_close(q);
	return found;
}

/* Says why a call on a session failed.  Return: whether it did not. */
static bool went_well(struct session *s, enum session_error error)
{
	if (!error)
		return true;
	fprintf(stderr, "# link: %s\n", s->why);
	return false;
}

bool over_ldc(void)
{
	return !strcmp(environment("E2E_LINK"), "ldc");
}

bool link_up(struct session *s)
{
	struct deadline d = stage_soon();

	return went_well(s, session_open(s, stage_path("link.sock"), &d)) &&
	       went_well(s, session_establish(s, &d));
}

void link_down(struct session *s)
{
	struct deadline pause = deadline_in_ms(500);

	session_close(s);
	if (over_ldc())
		deadline_poll(&pause, -1, 0);
}

bool ask(struct session *s, enum drvio_verb verb, const struct target *t,
	 struct session_answer *answer)
{
	struct deadline d = stage_soon();

	return went_well(s, session_call(s, verb, t->name, t->dev_id, answer, &d));
}

bool send_data(struct session *s, const void *data, size_t len)
{
	struct deadline d = stage_soon();

	return went_well(s, session_send(s, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_DATA,
		.handle = s->handle,
		.data = data,
		.data_len = len,
	}, &d));
}

bool hear(struct session *s, struct session_answer *answer)
{
	struct deadline d = stage_soon();

	return went_well(s, session_answer(s, answer, &d));
}

bool guest_is_well(const struct target *t)
{
	struct session_answer answer;
	struct session s;
	bool well;

	well = link_up(&s) && ask(&s, DRVIO_STATUS, t, &answer) &&
	       answer.result == DRVIO_OK;
	session_close(&s);
	return well;
}

bool helper_off(void)
{
	return !guest(": > /etc/udev/rules.d/60-drvio.rules && udevadm control --reload");
}

bool helper_on(void)
{
	return !guest("rm -f /etc/udev/rules.d/60-drvio.rules && udevadm control --reload");
}

bool phase_is(const struct target *t, const char *phase)
{
	return !guest("wait_for '[ \"$(cat /sys/class/drvio/%s/request/phase)\" = %s ]'",
		      t->node, phase);
}

bool played_ack(const struct target *t, const char *words)
{
	if (phase_is(t, "userspace") &&
	    !guest("cd /sys/class/drvio/%s && printf '%%s %%s\\n' \"$(cat request/cookie)\" '%s' > ack",
		   t->node, words))
		return true;
	fprintf(stderr, "# ack of %s: %s\n", t->node, stage_output);
	return false;
}

bool restore(const struct target *t)
{
	struct session_answer answer;
	struct session s;
	bool ok;

	if (guest("rm -f /etc/udev/rules.d/60-drvio.rules /etc/modprobe.d/e2e.conf; udevadm control --reload; "
		  "umount -q /usr/lib/drvio/drvio-helper; umount -q /mnt; "
		  "cd /sys/class/drvio/service && echo 30000 > ack_timeout_ms && "
		  "/usr/lib/drvio/drvio-helper register && cd ../%s && echo > hold && "
		  "if [ \"$(cat request/phase)\" = userspace ]; then echo \"$(cat request/cookie) failed\" > ack; fi",
		  t->node))
		fprintf(stderr, "# restore: %s\n", stage_output);
	ok = link_up(&s) && ask(&s, DRVIO_CONFIGURE, t, &answer) &&
	     answer.status == DRVIO_CONFIGURED;
	session_close(&s);
	return ok;
}

// SPDX-License-Identifier: GPL-2.0
/* Who manages an interface, and having it set up and let go of. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "blockdev.h"
#include "deadline.h"
#include "log.h"
#include "netmanager.h"
#include "run.h"
#include "sysfs.h"

#define NETWORKD_LINK	"/run/systemd/netif/links/%d"
#define NM_PID		"/run/NetworkManager/NetworkManager.pid"
#define IFSTATE		"/run/network/ifstate"
#define INTERFACES	"/etc/network/interfaces"

/* How often is looked whether a manager is done. */
#define LOOK_EVERY_MS	50

/*
 * A new interface is unmanaged, then disconnected for a moment, before
 * NetworkManager decides what becomes of it.
 */
#define NM_DECIDES_MS	1500

/* Its numbers for that. */
enum {
	NM_UNMANAGED = 10,
	NM_DISCONNECTED = 30,
	NM_CONNECTED = 100,
	NM_FAILED = 120,
};

static const char * const names[] = {
	[NETMANAGER_NONE] = "none",
	[NETMANAGER_NETWORKD] = "networkd",
	[NETMANAGER_NM] = "NetworkManager",
	[NETMANAGER_IFUPDOWN] = "ifupdown",
};

const char *netmanager_name(enum netmanager manager)
{
	return names[manager];
}

/* --- Commands --------------------------------------------------------------- */

/* Runs a command.  Return: its exit status or -1; see run_program(). */
static int command(const char *const *argv, unsigned int timeout_ms, char **output,
		   char **why)
{
	struct run run = { .argv = argv, .timeout_ms = timeout_ms };
	int status = run_program(&run);

	if (output)
		*output = xstrdup(run.output ? run.output : "");
	if (why)
		*why = xstrdup(run.why ? run.why : "");
	run_free(&run);
	return status;
}

/* The first line of what "nmcli -g FIELD device show NAME" says; to be freed. */
static char *nm_field(const char *field, const char *name, unsigned int timeout_ms)
{
	const char *argv[] = { "nmcli", "-g", field, "device", "show", name, NULL };
	char *output;

	command(argv, timeout_ms, &output, NULL);
	output[strcspn(output, "\n")] = '\0';
	return output;
}

/* --- Who it is --------------------------------------------------------------- */

/* systemd keeps this link as long as a unit runs. */
static bool unit_runs(const char *unit)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "/run/systemd/units/invocation:%s.service", unit);
	return !lstat(path, &st);
}

/* networkd's word for how far it is with an interface; "" when it has none yet. */
static void networkd_state(int ifindex, char *buf, size_t size)
{
	char *text = sysfs_read_file(NETWORKD_LINK, ifindex), *p;

	p = text ? strstr(text, "ADMIN_STATE=") : NULL;
	buf[0] = '\0';
	if (p) {
		p += strlen("ADMIN_STATE=");
		snprintf(buf, size, "%.*s", (int)strcspn(p, "\n"), p);
	}
	free(text);
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	while (text && *text) {
		if (!strncmp(text, word, len) && (!text[len] || strchr(" \n=", text[len])))
			return true;
		text = strpbrk(text, " \n");
		if (text)
			text++;
	}
	return false;
}

/* Whether ifupdown brings an interface up by itself: "auto" or "allow-hotplug". */
static bool ifupdown_lists(const char *name, unsigned int timeout_ms)
{
	static const char * const lists[] = { "--allow=auto", "--allow=hotplug" };
	bool listed = false;
	char *output;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && !listed; i++) {
		const char *argv[] = { "ifquery", "--list", lists[i], name, NULL };

		if (!command(argv, timeout_ms, &output, NULL))
			listed = has_word(output, name);
		free(output);
	}
	return listed;
}

/* Whether ifupdown has brought it up. */
static bool ifupdown_has(const char *name)
{
	char *text = sysfs_read_file(IFSTATE);
	bool has = has_word(text, name);

	free(text);
	return has;
}

static bool nm_runs(void)
{
	return unit_runs("NetworkManager") || !access(NM_PID, F_OK);
}

/* NetworkManager's number for how far it is; 0: it does not know the interface. */
static int nm_state(const char *name, unsigned int timeout_ms)
{
	char *text = nm_field("GENERAL.STATE", name, timeout_ms);
	int state = atoi(text);

	free(text);
	return state;
}

static bool may_be(const struct job *job, enum netmanager manager)
{
	return job_is(job, POLICY_NETWORK_MANAGER, "auto") ||
	       job_is(job, POLICY_NETWORK_MANAGER, names[manager]);
}

/* --- Up ---------------------------------------------------------------------- */

static void pause_ms(unsigned int ms)
{
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

/* Return: whether networkd manages it. */
static bool networkd_up(struct job *job, const struct node *node, char **state)
{
	struct deadline deadline = deadline_in_ms(job_number(job, POLICY_ADDRESS_TIMEOUT));
	char word[64];

	/* A new interface is matched with networkd's files a moment after udev. */
	for (;;) {
		networkd_state(node->ifindex, word, sizeof(word));
		if (!strcmp(word, "unmanaged"))
			return false;
		if (!strcmp(word, "configured") || !strcmp(word, "failed") ||
		    !deadline_left_ms(&deadline))
			break;
		pause_ms(LOOK_EVERY_MS);
	}
	*state = xstrdup(*word ? word : "not known to it yet");
	return true;
}

static bool nm_up(struct job *job, const struct node *node, char **state)
{
	struct deadline deadline = deadline_in_ms(job_number(job, POLICY_ADDRESS_TIMEOUT));
	unsigned int timeout = job_number(job, POLICY_COMMAND_TIMEOUT);
	struct deadline decides = deadline_in_ms(NM_DECIDES_MS);
	int number, last = 0;

	for (;;) {
		number = nm_state(node->name, timeout);
		if (number != last)
			decides = deadline_in_ms(NM_DECIDES_MS);
		last = number;
		if (number == NM_CONNECTED || number == NM_FAILED || !deadline_left_ms(&deadline))
			break;
		if ((number == NM_UNMANAGED || number == NM_DISCONNECTED) &&
		    !deadline_left_ms(&decides))
			break;
		pause_ms(4 * LOOK_EVERY_MS);
	}
	if (number == NM_UNMANAGED)
		return false;
	*state = nm_field("GENERAL.STATE", node->name, timeout);
	return true;
}

static int ifup(struct job *job, const struct node *node, char **state)
{
	const char *argv[] = { "ifup", node->name, NULL };
	json_object *step = netdev_step("manager", node->name, node->ifindex);
	char *why;

	json_object_object_add(step, "undo", json_object_new_string("ifdown"));
	if (journal_step(job->journal, step))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				node->name);
	if (command(argv, job_number(job, POLICY_COMMAND_TIMEOUT), NULL, &why))
		*state = xasprintf("ifup: %s", why);
	free(why);
	return NETMANAGER_IFUPDOWN;
}

int netmanager_up(struct job *job, const struct node *node, char **state)
{
	unsigned int timeout = job_number(job, POLICY_COMMAND_TIMEOUT);
	int manager = NETMANAGER_NONE;

	*state = NULL;
	request_progress_begin(&job->req, "waiting for who manages the network");
	if (may_be(job, NETMANAGER_NETWORKD) && unit_runs("systemd-networkd") &&
	    networkd_up(job, node, state))
		manager = NETMANAGER_NETWORKD;
	else if (may_be(job, NETMANAGER_NM) && nm_runs() && nm_up(job, node, state))
		manager = NETMANAGER_NM;
	else if (may_be(job, NETMANAGER_IFUPDOWN) && !access(INTERFACES, F_OK) &&
		 ifupdown_lists(node->name, timeout))
		manager = ifup(job, node, state);
	request_progress_end();
	return manager;
}

/* --- Down -------------------------------------------------------------------- */

static json_object *new_step(const struct link *link, const char *undo,
			     const char *connection)
{
	json_object *step = netdev_step("manager", link->name, link->ifindex);

	json_object_object_add(step, "undo", json_object_new_string(undo));
	json_object_object_add(step, "connection", json_object_new_string(connection));
	return step;
}

static int let_go(struct job *job, const struct link *link, json_object *step,
		  const char *const *argv)
{
	char *why;
	int err;

	if (journal_step(job->journal, step))
		return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
				link->name);
	request_progress_begin(&job->req, argv[0]);
	err = command(argv, job_number(job, POLICY_COMMAND_TIMEOUT), NULL, &why);
	request_progress_end();
	if (err && job->force)
		log_warn("%s: %s %s: %s", job->req.dev, argv[0], link->name, why);
	else if (err)
		job_fail(job, "%s: %s: %s", link->name, argv[0], why);
	else
		log_info("%s: %s has let go of %s", job->req.dev, argv[0], link->name);
	free(why);
	return err && !job->force ? -1 : 0;
}

/*
 * networkd has no word for letting go: it takes its addresses away by itself
 * when the link goes down, and gives them back when it has a carrier again.
 *
 * NetworkManager is not told to disconnect: the connection would not come up by
 * itself any more, not on the interface that comes back either.
 */
int netmanager_down(struct job *job, const struct link *link)
{
	const char *nmcli[] = { "nmcli", "device", "set", link->name, "managed", "no", NULL };
	const char *ifdown[] = { "ifdown", link->name, NULL };
	unsigned int timeout = job_number(job, POLICY_COMMAND_TIMEOUT);
	bool managed = false;
	char *connection;
	int err = 0;

	if (may_be(job, NETMANAGER_NM) && nm_runs()) {
		connection = nm_field("GENERAL.CON-UUID", link->name, timeout);
		managed = *connection;
		if (managed)
			err = let_go(job, link, new_step(link, "nmcli", connection),
				     nmcli);
		free(connection);
	}
	/* NetworkManager leaves what is in ifupdown's file to ifupdown. */
	if (!managed && may_be(job, NETMANAGER_IFUPDOWN) && ifupdown_has(link->name))
		err = let_go(job, link, new_step(link, "ifup", ""), ifdown);
	return err;
}

/*
 * It takes a moment until an interface that is managed again can be connected, and
 * NetworkManager may do that by itself.
 */
static int nm_undo(const char *name, const char *connection, unsigned int timeout, char **text)
{
	const char *manage[] = { "nmcli", "device", "set", name, "managed", "yes", NULL };
	const char *up[] = {
		"nmcli", "connection", "up", "uuid", connection, "ifname", name, NULL
	};
	struct deadline deadline = deadline_in_ms(timeout);
	int err = command(manage, timeout, NULL, text);

	while (!err) {
		char *active = nm_field("GENERAL.CON-UUID", name, timeout);
		bool done = !strcmp(active, connection);

		free(active);
		if (done)
			break;
		free(*text);
		err = command(up, timeout, NULL, text);
		if (!err || !deadline_left_ms(&deadline))
			break;
		pause_ms(4 * LOOK_EVERY_MS);
		err = 0;
	}
	return err;
}

int netmanager_undo(json_object *step, char **why)
{
	unsigned int timeout = policy_number(NULL, NULL, POLICY_COMMAND_TIMEOUT);
	const char *undo = step_string(step, "undo");
	const char *name = step_string(step, "name");
	const char *argv[] = { undo, name, NULL };
	bool nm = !strcmp(undo, "nmcli");
	char *text;
	int err;

	if (!nm && strcmp(undo, "ifup") && strcmp(undo, "ifdown"))
		return 0;
	/* What has gone is only to be taken out of ifupdown's books. */
	if (!step_ifindex(step) && strcmp(undo, "ifdown"))
		return 0;
	err = nm ? nm_undo(name, step_string(step, "connection"), timeout, &text) :
		   command(argv, timeout, NULL, &text);
	if (err)
		*why = xasprintf("%s: %s: %s", name, undo, text);
	free(text);
	return err ? -1 : 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The runs of drvio-helper, from the event to the ack. What is done to which
 * kind of device is in the files of the kinds; the order is here:
 *
 *	configure	wait for udev, bring up, ack; on a failure put back first
 *	unconfigure	look at everything, refuse or take down, ack; the journal
 *			stays until the kernel says "done" or "undo", to this run
 *			or, through udev, to another one
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/drvio.h>

#include "config.h"
#include "escape.h"
#include "fs.h"
#include "guard.h"
#include "hooks.h"
#include "job.h"
#include "layer.h"
#include "log.h"
#include "persist.h"
#include "netdev.h"
#include "outcome.h"
#include "scsi.h"
#include "swap.h"
#include "sysfs.h"
#include "udev.h"

/*
 * udev and others open a new disk for moments to look what is on it: users
 * that may be gone in a moment are looked at so many times.
 */
#define LOOK_TRIES	10
#define LOOK_PAUSE_NS	(50 * 1000 * 1000)

static const struct kind * const kinds[] = {
	&netdev_kind, &disk_kind, &chardev_kind, &share_kind, &service_kind,
	&driver_kind,
};

#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

static const struct step_ops steps[] = {
	{ "bcache-stop", bcache_undo },
	{ "crypt-close", crypt_undo },
	{ "crypt-open", crypt_activate_undo },
	{ "dm-remove", dm_undo },
	{ "hook", hooks_undo },
	{ "leave-master", port_leave_undo },
	{ "link-down", linkstate_down_undo },
	{ "link-up", netdev_up_undo },
	{ "loop-detach", loop_undo },
	{ "lvm-activate", lvm_activate_undo },
	{ "lvm-deactivate", lvm_undo },
	{ "manager", netmanager_undo },
	{ "md-leg", md_leg_undo },
	{ "md-stop", md_undo },
	{ "mount", fs_mount_undo },
	{ "multipath-leg", multipath_leg_undo },
	{ "swapoff", swap_off_undo },
	{ "swapon", swap_on_undo },
	{ "umount", fs_unmount_undo },
	{ NULL, NULL },
};

/*
 * Types of which every user can be seen: what is not here may have users
 * inside the kernel that nothing shows.
 */
static const char * const known_types[] = {
	"virtio-net", "virtio-blk", "virtio-scsi", "virtio-console",
	"virtio-rng", "virtio-balloon", "virtio-fs", "virtio-9p",
	"virtio-input", "virtio-sound", "virtio-gpu", "virtio-pmem",
	"virtio-mem", "virtio-crypto", "virtio-vsock", "vdpa-net", "vdpa-blk",
	"vdpa-mgmtdev", "network", "disk",
};

int job_fail(struct job *job, const char *fmt, ...)
{
	va_list ap;

	free(job->why);
	va_start(ap, fmt);
	job->why = xvasprintf(fmt, ap);
	va_end(ap);
	return -1;
}

int job_forgive(struct job *job, const char *since)
{
	log_warn("%s: %s: %s", job->req.dev, since, job->why);
	free(job->why);
	job->why = NULL;
	return 0;
}

bool job_may(const struct job *job, enum policy_id id)
{
	return policy_yes(job->policy, job->req.dev, id);
}

unsigned int job_number(const struct job *job, enum policy_id id)
{
	return policy_number(job->policy, job->req.dev, id);
}

bool job_is(const struct job *job, enum policy_id id, const char *word)
{
	return policy_is(job->policy, job->req.dev, id, word);
}

struct table *job_last(struct job *job, enum policy_id id)
{
	if (job_is(job, id, "allow"))
		return NULL;
	return job_is(job, id, "refuse") ? &job->vetoes : &job->blockers;
}

void job_end(struct job *job)
{
	policy_free(job->policy);
	journal_end(job->journal);
	table_clear(&job->blockers);
	table_clear(&job->vetoes);
	devtree_free(&job->tree);
	request_free(&job->req);
	free(job->why);
}

static void look_at_type(struct job *job)
{
	for (size_t i = 0; i < sizeof(known_types) / sizeof(known_types[0]); i++)
		if (!strcmp(job->req.type, known_types[i]))
			return;
	table_add(&job->blockers, job->req.dev,
		  "drvio-helper does not know what may use a device of the type %s: make sure that it is idle, then force",
		  job->req.type);
}

/* Fills the tables.  Return: whether there is anything in them. */
static bool look_once(struct job *job)
{
	table_clear(&job->blockers);
	table_clear(&job->vetoes);
	job->momentary = 0;
	look_at_type(job);
	for (size_t i = 0; i < NKINDS; i++)
		if (kinds[i]->look)
			kinds[i]->look(job);
	return job->blockers.n || job->vetoes.n;
}

static void look(struct job *job)
{
	struct timespec pause = { .tv_nsec = LOOK_PAUSE_NS };

	for (int try = 0; try < LOOK_TRIES && look_once(job); try++) {
		if (job->vetoes.n || job->blockers.n > job->momentary)
			break;
		nanosleep(&pause, NULL);
	}
	hooks_query(job);
}

static int put_back(struct job *job)
{
	char *left;
	int err;

	journal_end(job->journal);
	job->journal = NULL;
	err = journal_undo(job->req.dev, job->req.cookie, steps, &left);
	if (err && job->why) {
		char *why = xasprintf("%s; and what was changed could not all be put back: %s",
				      job->why, left);

		free(job->why);
		job->why = why;
	}
	free(left);
	return err;
}

static enum exit_code refuse(struct job *job, const char *word, const char *text,
			     enum exit_code code)
{
	char *line = escape(text, DRVIO_REASON_MAX - 1);

	log_info("%s: %s: %s: %s", job->req.dev, verb_name(job->req.verb), word,
		 line);
	free(line);
	return request_ack(&job->req, word, text) ? EXIT_CODE_STALE : code;
}

static enum exit_code refuse_table(struct job *job, const char *word,
				   const struct table *table, enum exit_code code)
{
	char *text = table_format(table, DRVIO_REASON_MAX - 1);

	code = refuse(job, word, text, code);
	free(text);
	return code;
}

/* What was done is undone before the ack: the kernel goes on at once then. */
static enum exit_code fail(struct job *job)
{
	put_back(job);
	/* A hook that says no can be talked to. */
	if (job->blockers.n && !job->vetoes.n)
		return refuse(job, DRVIO_ACK_BLOCKED, job->why, EXIT_CODE_BLOCKED);
	return refuse(job, DRVIO_ACK_FAILED, job->why ? job->why : "unknown error",
		      EXIT_CODE_FAILED);
}

static enum exit_code configure(struct job *job)
{
	scsi_wait(job);
	if (udev_wait(job))
		return fail(job);
	for (size_t i = 0; i < NKINDS; i++)
		if (kinds[i]->up && kinds[i]->up(job))
			return fail(job);
	if (hooks_post_add(job))
		return fail(job);
	persist_hold(job);
	if (request_ack(&job->req, DRVIO_ACK_OK, "")) {
		put_back(job);
		return EXIT_CODE_STALE;
	}
	/* Nothing comes after this: the kernel has answered. */
	journal_drop(job->req.dev, job->req.cookie);
	return EXIT_CODE_OK;
}

/* "blocked" would not stop a forced one: where the policy forbids force, it failed. */
static enum exit_code refuse_blocked(struct job *job)
{
	if (job->req.verb != VERB_FORCE)
		return refuse_table(job, DRVIO_ACK_BLOCKED, &job->blockers,
				    EXIT_CODE_BLOCKED);
	table_add(&job->blockers, job->req.dev,
		  "force is forbidden for it: force = no in %s", config.policy);
	return refuse_table(job, DRVIO_ACK_FAILED, &job->blockers, EXIT_CODE_FAILED);
}

/* What a forced unconfigure goes over is told before, to both sides. */
static void report_losses(struct job *job)
{
	char *text = table_format(&job->blockers, DRVIO_REASON_MAX - 1);

	for (size_t i = 0; i < job->blockers.n; i++)
		log_warn("%s: by force: %s: %s", job->req.dev,
			 job->blockers.rows[i].resource,
			 job->blockers.rows[i].information);
	request_ack(&job->req, DRVIO_ACK_PROGRESS, text);
	free(text);
}

/*
 * The kernel has the ack, and has the last word. Nobody else works on the device
 * meanwhile, and the runs that udev starts find that it was done.
 */
static void await_outcome(struct job *job, struct outcome *outcome)
{
	const char *event = outcome_wait(outcome, &job->req);

	if (event && !strcmp(event, DRVIO_EVENT_UNDO))
		put_back(job);
	else if (event)
		journal_drop(job->req.dev, job->req.cookie);
}

static enum exit_code unconfigure(struct job *job)
{
	struct outcome *outcome;

	look(job);
	if (job->vetoes.n)
		return refuse_table(job, DRVIO_ACK_FAILED, &job->vetoes,
				    EXIT_CODE_FAILED);
	if (job->blockers.n && !job->force)
		return refuse_blocked(job);
	if (job->blockers.n)
		report_losses(job);
	if (!request_waits(&job->req)) {
		log_info("%s: request %s is over", job->req.dev, job->req.cookie);
		return EXIT_CODE_STALE;
	}
	if (hooks_pre_remove(job)) {
		if (!job->blockers.n || job->vetoes.n)
			return fail(job);
		put_back(job);
		return refuse_blocked(job);
	}
	for (size_t i = 0; i < NKINDS; i++) {
		if (!kinds[i]->down || !kinds[i]->down(job))
			continue;
		put_back(job);
		/* Most likely a user came just now: then it can be named. */
		if (!job->force && look_once(job) && !job->vetoes.n)
			return refuse_blocked(job);
		return refuse(job, DRVIO_ACK_FAILED, job->why, EXIT_CODE_FAILED);
	}
	outcome = outcome_watch();
	if (!request_ack(&job->req, DRVIO_ACK_OK, "")) {
		await_outcome(job, outcome);
		return EXIT_CODE_OK;
	}
	outcome_free(outcome);
	/* A forced one goes on without the ack, and ends with an event of its own. */
	if (!job->force)
		put_back(job);
	return EXIT_CODE_STALE;
}

/* Reads the device and becomes the only run that works on it. */
/* Messages can be found by these in the journal. */
static void log_about(const char *dev)
{
	static const char * const fields[][2] = {
		{ "DRVIO_VERB", "verb" },
		{ "DRVIO_COOKIE", "cookie" },
		{ "DRVIO_REQ_NUM", "number" },
	};
	char text[64];

	log_field("DRVIO_DEVICE", dev);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (sysfs_read(text, sizeof(text), "%s/class/drvio/%s/request/%s",
			       config.sysfs, dev, fields[i][1]) > 0)
			log_field(fields[i][0], text);
}

static enum exit_code begin(struct job *job, const char *dev)
{
	log_about(dev);
	memset(job, 0, sizeof(*job));
	if (request_read(&job->req, dev))
		return EXIT_CODE_NOT_PRESENT;
	return journal_lock(dev) ? EXIT_CODE_INTERNAL : EXIT_CODE_OK;
}

enum exit_code job_request(const char *dev, const char *cookie)
{
	enum exit_code code;
	struct job job;
	char *left;

	code = begin(&job, dev);
	if (code != EXIT_CODE_OK)
		goto out;
	if ((cookie && strcmp(cookie, job.req.cookie)) || !request_waits(&job.req)) {
		log_info("%s: request %s is over: nothing to do", dev,
			 cookie ? cookie : job.req.cookie);
		code = EXIT_CODE_STALE;
		goto out;
	}
	job.policy = policy_read(config.policy, &job.why);
	guard_policy(job.policy, dev);
	/* A run that was killed has left its journal: nothing builds on that. */
	request_progress_begin(&job.req, "putting back what a run before has left");
	journal_undo(dev, NULL, steps, &left);
	request_progress_end();
	free(left);
	if (!job.policy) {
		code = refuse(&job, DRVIO_ACK_FAILED, job.why, EXIT_CODE_FAILED);
		goto out;
	}
	devtree_read(&job.tree, &job.req.targets);
	job.force = job.req.verb == VERB_FORCE && job_may(&job, POLICY_FORCE);
	job.journal = journal_begin(&job.req);
	if (!job.journal) {
		code = refuse(&job, DRVIO_ACK_FAILED,
			      "the journal could not be written: see the log of drvio-helper in the guest",
			      EXIT_CODE_INTERNAL);
		goto out;
	}
	switch (job.req.verb) {
	case VERB_CONFIGURE:
		code = configure(&job);
		break;
	case VERB_UNCONFIGURE:
	case VERB_FORCE:
		code = unconfigure(&job);
		break;
	case VERB_NONE:
		code = refuse(&job, DRVIO_ACK_FAILED,
			      "drvio-helper does not know this verb: it is older than the kernel module",
			      EXIT_CODE_INTERNAL);
		break;
	}
	/* Where nothing was put back, nothing was begun. */
	if (job.journal && code != EXIT_CODE_OK && !(code == EXIT_CODE_STALE && job.force))
		put_back(&job);
out:
	job_end(&job);
	return code;
}

static enum exit_code undo(const char *dev, const char *cookie)
{
	struct policy *policy;
	char *left;
	int err;

	if (journal_lock(dev))
		return EXIT_CODE_INTERNAL;
	/* One that is wrong changes nothing here. */
	policy = policy_read(config.policy, &left);
	free(left);
	guard_policy(policy, dev);
	policy_free(policy);
	err = journal_undo(dev, cookie, steps, &left);
	free(left);
	return err ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

enum exit_code job_undo(const char *dev, const char *cookie)
{
	log_about(dev);
	return undo(dev, cookie);
}

enum exit_code job_done(const char *dev, const char *cookie)
{
	log_about(dev);
	if (journal_lock(dev))
		return EXIT_CODE_INTERNAL;
	journal_drop(dev, cookie);
	hooks_post_remove(dev);
	return EXIT_CODE_OK;
}

/*
 * What the device took with it cannot be put back, and is left out; the rest
 * of an unfinished request is.
 */
enum exit_code job_lost(const char *dev, const char *cookie)
{
	enum exit_code code;

	log_about(dev);
	log_warn("%s: the device has vanished while it was configured", dev);
	code = undo(dev, cookie);
	hooks_post_remove(dev);
	return code;
}

/*
 * A run that was killed, or a guest that lost power, and an event that nobody
 * got: what is over without an answer that it stays is put back.
 */
static enum exit_code recover(const char *dev)
{
	enum exit_code code;
	struct request req;
	char text[64];

	if (sysfs_exists("%s/class/drvio/%s", config.sysfs, dev) &&
	    !request_read(&req, dev)) {
		request_free(&req);
		sysfs_read(text, sizeof(text), "%s/class/drvio/%s/request/phase",
			   config.sysfs, dev);
		/* Who works on it, or is to be told, puts right what there is. */
		if (*text && strcmp(text, "done"))
			return EXIT_CODE_OK;
		sysfs_read(text, sizeof(text), "%s/class/drvio/%s/request/result",
			   config.sysfs, dev);
		if (!strcmp(text, "ok") && *req.cookie && journal_is_of(dev, req.cookie))
			return job_done(dev, req.cookie);
	}
	code = undo(dev, NULL);
	journal_unlock(dev);
	return code;
}

enum exit_code job_recover(const char *dev, const char *unused)
{
	enum exit_code code = EXIT_CODE_OK;
	struct strv devs = { 0 };

	(void)unused;
	journal_devices(&devs);
	for (size_t i = 0; i < devs.n; i++)
		if ((!strcmp(dev, "all") || !strcmp(dev, devs.s[i])) &&
		    recover(devs.s[i]) != EXIT_CODE_OK)
			code = EXIT_CODE_FAILED;
	strv_free(&devs);
	return code;
}

enum exit_code job_look(const char *dev)
{
	enum exit_code code = EXIT_CODE_OK;
	struct table *table;
	struct job job;
	char *text;

	memset(&job, 0, sizeof(job));
	if (request_read(&job.req, dev)) {
		request_free(&job.req);
		return EXIT_CODE_NOT_PRESENT;
	}
	job.policy = policy_read(config.policy, &job.why);
	if (!job.policy) {
		log_err("%s", job.why);
		job_end(&job);
		return EXIT_CODE_USAGE;
	}
	guard_policy(job.policy, dev);
	devtree_read(&job.tree, &job.req.targets);
	look(&job);
	table = job.vetoes.n ? &job.vetoes : &job.blockers;
	if (table->n) {
		text = table_format(table, SIZE_MAX);
		puts(text);
		free(text);
		code = job.vetoes.n ? EXIT_CODE_FAILED : EXIT_CODE_BLOCKED;
	}
	job_end(&job);
	return code;
}

enum exit_code job_policy(const char *dev)
{
	struct policy *policy;
	char *why;

	policy = policy_read(config.policy, &why);
	if (!policy) {
		log_err("%s", why);
		free(why);
		return EXIT_CODE_USAGE;
	}
	for (enum policy_id id = 0; id < POLICY_NKEYS; id++) {
		const char *where = policy_where(policy, dev, id);
		char *allowed = policy_allowed(id);

		printf("%s# %s\n# %s; %s%s%s\n%s = %s\n", id ? "\n" : "",
		       policy_keys[id].help, allowed, where ? "from [" : "",
		       where ? where : "the default", where ? "]" : "",
		       policy_keys[id].name, policy_text(policy, dev, id));
		free(allowed);
	}
	policy_free(policy);
	return EXIT_CODE_OK;
}

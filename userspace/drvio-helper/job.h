/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run on one device: what it has found and what it has done so far.
 */
#ifndef DRVIO_HELPER_JOB_H
#define DRVIO_HELPER_JOB_H

#include <stdbool.h>

#include "devtree.h"
#include "exit_code.h"
#include "journal.h"
#include "policy.h"
#include "request.h"
#include "table.h"

/**
 * struct job - a run
 * @req: the request
 * @policy: what the administrator allows
 * @tree: the nodes below its targets
 * @journal: what was changed; NULL while only looking
 * @blockers: users of the device; a forced unconfigure goes over them
 * @vetoes: users that nothing goes over, as the root filesystem
 * @momentary: so many of the blockers may be gone in a moment
 * @force: the verb is force-unconfigure
 * @why: why a step failed; to be freed
 */
struct job {
	struct request req;
	struct policy *policy;
	struct devtree tree;
	struct journal *journal;
	struct table blockers;
	struct table vetoes;
	size_t momentary;
	bool force;
	char *why;
};

/**
 * struct kind - what can be done with one kind of node below a target
 * @name: the kind, for debug messages
 * @up: finish nodes that the driver has just made; -1 with @why set
 * @look: add a row for each user of nodes of this kind; changes nothing
 * @down: release what look found idle, and with force what it found busy;
 *	each step goes into the journal before it is done; -1 with @why set
 *
 * NULL where a kind has nothing to do.
 */
struct kind {
	const char *name;
	int (*up)(struct job *job);
	void (*look)(struct job *job);
	int (*down)(struct job *job);
};

extern const struct kind netdev_kind, disk_kind, chardev_kind, share_kind, service_kind,
	driver_kind;

/* Sets why a step failed.  Return: -1. */
int job_fail(struct job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What failed is only logged, with why it does not matter. Return: 0. */
int job_forgive(struct job *job, const char *since);

/* Frees what a run has read. */
void job_end(struct job *job);

/* What the policy says for the device of a run; see policy.h. */
bool job_may(const struct job *job, enum policy_id id);
unsigned int job_number(const struct job *job, enum policy_id id);
bool job_is(const struct job *job, enum policy_id id, const char *word);

/**
 * job_last() - what the last path of something in use means
 * @job: the run
 * @id: the rule: POLICY_LAST_LEG, POLICY_LAST_DEFAULT_ROUTE
 *
 * Return: the table to which it is to be added; NULL where it is allowed.
 */
struct table *job_last(struct job *job, enum policy_id id);

/* The runs, by their event; see drvio-helper(8). */
enum exit_code job_request(const char *dev, const char *cookie);
enum exit_code job_undo(const char *dev, const char *cookie);
enum exit_code job_done(const char *dev, const char *cookie);
enum exit_code job_lost(const char *dev, const char *cookie);
enum exit_code job_recover(const char *dev, const char *unused);
enum exit_code job_look(const char *dev);

/**
 * job_policy() - print each key of the policy with the value that holds
 * @dev: the DR device, which need not be there; NULL: any
 *
 * Return: EXIT_CODE_USAGE when the policy is wrong.
 */
enum exit_code job_policy(const char *dev);

#endif /* DRVIO_HELPER_JOB_H */

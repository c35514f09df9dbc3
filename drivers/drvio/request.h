/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A request of the control domain, from its arrival to its one answer.
 */
#ifndef _DRVIO_REQUEST_H
#define _DRVIO_REQUEST_H

#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/wait.h>

#include "core.h"
#include "wire.h"

struct drvio_device;
struct drvio_link;

/**
 * enum drvio_phase - where a request is
 * @DRVIO_PHASE_QUEUED: an earlier request of its link is for the same device
 * @DRVIO_PHASE_APPEAR: waits for the device to appear
 * @DRVIO_PHASE_BIND: its driver binds
 * @DRVIO_PHASE_USERSPACE: waits for the ack; the only phase that takes one
 * @DRVIO_PHASE_ACKED: userspace has answered, or will not any more
 * @DRVIO_PHASE_UNBIND: last look, unbind, park
 * @DRVIO_PHASE_UNDO: a CONFIGURE that failed is unbound and parked
 * @DRVIO_PHASE_DONE: answered
 */
enum drvio_phase {
	DRVIO_PHASE_QUEUED,
	DRVIO_PHASE_APPEAR,
	DRVIO_PHASE_BIND,
	DRVIO_PHASE_USERSPACE,
	DRVIO_PHASE_ACKED,
	DRVIO_PHASE_UNBIND,
	DRVIO_PHASE_UNDO,
	DRVIO_PHASE_DONE,
};

/* What userspace said, or why nothing more is to be expected of it. */
enum drvio_ack {
	DRVIO_ACK_NONE,
	DRVIO_ACK_SAID_OK,
	DRVIO_ACK_SAID_BLOCKED,
	DRVIO_ACK_SAID_FAILED,
	DRVIO_ACK_TIMED_OUT,
	DRVIO_ACK_LOST,
};

/**
 * struct drvio_request - a request
 * @ref: held by the link's list, the worker, and, while it runs, the device
 * @node: in the link's list, oldest first; empty once it left it
 * @link: where the answer goes; NULL once that link has gone
 * @work: runs it
 * @wire: what was asked
 * @phase: where it is
 * @started: it was handed to the worker, or answered at once
 * @refused: it did not get into the queue; does not count against its limit
 * @ack: what ended the wait for userspace; set once
 * @events: counts what a waiter has to look at
 * @wait: the worker waits here for userspace
 * @cookie: names this request in an ack; 0 before userspace was asked
 * @begun: when it arrived
 * @deadline: jiffies, valid in DRVIO_PHASE_USERSPACE
 * @latest: jiffies beyond which no progress extends @deadline
 * @duration_us: from its arrival to its answer
 * @result: enum drvio_result, once done
 * @status: enum drvio_status, once done
 * @why: the reason; before that, the text of the last "progress"
 *
 * All is protected by drvio_lock.
 */
struct drvio_request {
	struct kref ref;
	struct list_head node;
	struct drvio_link *link;
	struct work_struct work;
	struct drvio_req wire;
	enum drvio_phase phase;
	bool started;
	bool refused;
	enum drvio_ack ack;
	unsigned int events;
	wait_queue_head_t wait;
	u64 cookie;
	ktime_t begun;
	unsigned long deadline;
	unsigned long latest;
	s64 duration_us;
	u32 result;
	u32 status;
	struct drvio_reason why;
};

/**
 * struct drvio_record - what is told of a request while it runs, and is kept of
 *	the last one: how it ended
 * @number: as the control domain counts
 * @verb: enum drvio_verb; 0: there was none yet
 * @phase: where it is
 * @cookie: names it in an ack; 0 before userspace was asked
 * @deadline_ms: left for userspace; 0 when it is not waited for
 * @duration_us: since its arrival, or until its answer
 * @result: enum drvio_result, once done
 * @status: enum drvio_status, once done
 * @why: the reason or what is under way; empty: none
 */
struct drvio_record {
	u64 number;
	u32 verb;
	enum drvio_phase phase;
	u64 cookie;
	unsigned int deadline_ms;
	s64 duration_us;
	u32 result;
	u32 status;
	const char *why;
};

/**
 * drvio_request_record() - the request of a device that runs, or the last one
 * @ddev: the device
 *
 * Caller holds drvio_lock; @why is valid as long.
 *
 * Return: the record.
 */
struct drvio_record drvio_request_record(struct drvio_device *ddev);

/* Frees what a record of the last request has kept. */
void drvio_record_clear(struct drvio_record *record);

/* Return: a request, or NULL. */
struct drvio_request *drvio_request_alloc(void);
void drvio_request_put(struct drvio_request *req);

/**
 * drvio_request_start() - begin to work on a request
 * @req: in the list of its link
 *
 * STATUS is answered before this returns.  Caller holds drvio_lock.
 */
void drvio_request_start(struct drvio_request *req);

/**
 * drvio_request_refuse() - answer a request that is not worked on
 * @req: in the list of its link; its why is set
 * @result: enum drvio_result
 *
 * Caller holds drvio_lock.
 */
void drvio_request_refuse(struct drvio_request *req, u32 result);

/**
 * drvio_request_ack() - userspace answers
 * @ddev: the device whose request it is
 * @line: "<cookie> ok|blocked|failed|progress [text]", NUL-terminated, changed
 *
 * Return: 0, -EINVAL for a malformed line, -ENOENT when no request waits,
 * -ESTALE when another one does.
 */
int drvio_request_ack(struct drvio_device *ddev, char *line);

/* Has a waiting request look again.  Caller holds drvio_lock. */
void drvio_request_wake(struct drvio_request *req);

/* The word of a phase in sysfs. */
const char *drvio_phase_name(enum drvio_phase phase);

#endif /* _DRVIO_REQUEST_H */

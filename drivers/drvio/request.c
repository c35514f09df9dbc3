// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a request, read from drvio_request_work() down: find the device,
 * become its only request, do what the verb asks, answer.
 *
 * A worker runs each request from its beginning to its end and sleeps where it
 * has to wait.  What ends the wait for userspace (ack, deadline, loss of the
 * device) is decided in wait_for_ack() under drvio_lock, by whoever comes
 * first; request_finish() is the only place that answers.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>

#include "bus.h"
#include "device.h"
#include "link.h"
#include "op.h"
#include "request.h"
#include "service.h"
#include "stats.h"
#include "trace.h"
#include "uevent.h"

static void request_set_phase_locked(struct drvio_request *req,
				     enum drvio_phase phase)
{
	lockdep_assert_held(&drvio_lock);
	req->phase = phase;
	trace_drvio_phase(&req->wire, drvio_phase_name(phase));
}

static void request_set_phase(struct drvio_request *req, enum drvio_phase phase)
{
	mutex_lock(&drvio_lock);
	request_set_phase_locked(req, phase);
	mutex_unlock(&drvio_lock);
}

static void request_set_state(struct drvio_device *ddev, enum drvio_state state)
{
	mutex_lock(&drvio_lock);
	drvio_device_set_state(ddev, state);
	mutex_unlock(&drvio_lock);
}

/*
 * Asks userspace and waits for what it says.  Only between the two places
 * marked here does an ack count; so there is one winner, and it is known under
 * the lock.
 */
static enum drvio_ack wait_for_ack(struct drvio_request *req,
				   struct drvio_device *ddev)
{
	unsigned int events;
	long left;

	mutex_lock(&drvio_lock);
	req->cookie = get_random_u64() | 1;
	req->deadline = jiffies + msecs_to_jiffies(drvio_ack_timeout_ms());
	req->latest = jiffies + msecs_to_jiffies(DRVIO_ACK_TIMEOUT_MAX_MS);
	/* acks count from here */
	request_set_phase_locked(req, DRVIO_PHASE_USERSPACE);
	mutex_unlock(&drvio_lock);

	if (drvio_uevent(ddev, DRVIO_EVENT_REQUEST)) {
		mutex_lock(&drvio_lock);
		if (req->ack == DRVIO_ACK_NONE) {
			drvio_reason_set(&req->why,
					 "%s: userspace could not be notified: out of memory in the guest; try again",
					 dev_name(&ddev->dev));
			req->ack = ddev->gone ? DRVIO_ACK_LOST : DRVIO_ACK_SAID_FAILED;
		}
		goto out;
	}

	mutex_lock(&drvio_lock);
	while (req->ack == DRVIO_ACK_NONE) {
		left = req->deadline - jiffies;
		if (ddev->gone) {
			req->ack = DRVIO_ACK_LOST;
		} else if (left <= 0) {
			req->ack = DRVIO_ACK_TIMED_OUT;
			drvio_reason_set(&req->why,
					 "%s: the guest's drvio-helper did not answer in time; see its log in the guest",
					 dev_name(&ddev->dev));
		} else {
			events = req->events;
			mutex_unlock(&drvio_lock);
			/* Idle: for minutes, which is no hung task. */
			wait_event_idle_timeout(req->wait,
						READ_ONCE(req->events) != events,
						left);
			mutex_lock(&drvio_lock);
		}
	}
out:
	/* and up to here */
	request_set_phase_locked(req, DRVIO_PHASE_ACKED);
	mutex_unlock(&drvio_lock);
	return req->ack;
}

/* Undo of a CONFIGURE: whatever can be unbound is parked again. */
static void undo_configure(struct drvio_request *req, struct drvio_device *ddev,
			   struct drvio_op **op, bool told)
{
	struct drvio_reason why;
	size_t len;

	request_set_phase(req, DRVIO_PHASE_UNDO);
	if (told)
		drvio_uevent(ddev, DRVIO_EVENT_UNDO);
	if (drvio_op_run(op, ddev, DRVIO_OP_UNDO_BIND, &why) == DRVIO_OP_DONE)
		return;

	mutex_lock(&drvio_lock);
	len = strlen(req->why.text);
	scnprintf(req->why.text + len, sizeof(req->why.text) - len,
		  "%sit is not parked again: %s", len ? "\n" : "", why.text);
	mutex_unlock(&drvio_lock);
}

static u32 run_configure(struct drvio_request *req, struct drvio_device *ddev,
			 struct drvio_op **op)
{
	enum drvio_ack ack;

	request_set_state(ddev, DRVIO_CONFIGURING);
	request_set_phase(req, DRVIO_PHASE_BIND);
	switch (drvio_op_run(op, ddev, DRVIO_OP_BIND, &req->why)) {
	case DRVIO_OP_DONE:
		break;
	case DRVIO_OP_STUCK:
		return DRVIO_FAILURE;
	default:
		undo_configure(req, ddev, op, false);
		return DRVIO_FAILURE;
	}

	ack = wait_for_ack(req, ddev);
	if (ack == DRVIO_ACK_SAID_OK) {
		mutex_lock(&drvio_lock);
		ddev->finished = true;
		mutex_unlock(&drvio_lock);
		return DRVIO_OK;
	}
	undo_configure(req, ddev, op, true);
	return ack == DRVIO_ACK_SAID_BLOCKED ? DRVIO_BLOCKED : DRVIO_FAILURE;
}

/* What the ack means for an unconfigure.  Return: whether it goes on. */
static bool may_go_on(enum drvio_ack ack, bool force)
{
	switch (ack) {
	case DRVIO_ACK_SAID_OK:
		return true;
	case DRVIO_ACK_SAID_BLOCKED:
	case DRVIO_ACK_TIMED_OUT:
		return force;
	default:
		return false;
	}
}

static u32 run_unconfigure(struct drvio_request *req, struct drvio_device *ddev,
			   struct drvio_op **op)
{
	bool force = req->wire.verb == DRVIO_FORCE_UNCONFIG;
	bool ask, stuck = false;
	enum drvio_ack ack = DRVIO_ACK_NONE;
	u32 result = DRVIO_FAILURE;
	enum drvio_op_end end;

	mutex_lock(&drvio_lock);
	ask = drvio_device_bound(ddev);
	drvio_device_set_state(ddev, DRVIO_UNCONFIGURING);
	mutex_unlock(&drvio_lock);

	/* Without a driver there is nothing to quiesce: it is only parked. */
	if (ask) {
		ack = wait_for_ack(req, ddev);
		if (!may_go_on(ack, force)) {
			if (ack == DRVIO_ACK_SAID_BLOCKED)
				result = DRVIO_BLOCKED;
			goto undo;
		}
	}

	request_set_phase(req, DRVIO_PHASE_UNBIND);
	end = drvio_op_run(op, ddev,
			   force ? DRVIO_OP_FORCE_UNBIND : DRVIO_OP_UNBIND,
			   &req->why);
	if (end == DRVIO_OP_DONE) {
		/* Userspace, told "done", reads the state that it is told of. */
		mutex_lock(&drvio_lock);
		drvio_device_settle(ddev);
		mutex_unlock(&drvio_lock);
		drvio_uevent(ddev, DRVIO_EVENT_DONE);
		return DRVIO_OK;
	}
	if (end == DRVIO_OP_BUSY)
		result = DRVIO_BLOCKED;
	stuck = end == DRVIO_OP_STUCK;
undo:
	/* While the unbind is stuck there is nothing to go back to. */
	if (ask && !stuck && ack != DRVIO_ACK_LOST)
		drvio_uevent(ddev, DRVIO_EVENT_UNDO);
	return result;
}

/*
 * One line a request.  Names and reasons come from elsewhere: escaped.  STATUS has
 * a limit of its own, so that who asks all the time pushes no other line out.
 */
static struct ratelimit_state request_limit =
	RATELIMIT_STATE_INIT(request_limit, 5 * HZ, 10);
static struct ratelimit_state status_limit =
	RATELIMIT_STATE_INIT_FLAGS(status_limit, 60 * HZ, 10, RATELIMIT_MSG_ON_RELEASE);

static void request_log(struct drvio_request *req)
{
	const char *verb = drvio_verb_name(req->wire.verb) ?: "bad request";
	const char *link = req->link ? dev_name(drvio_link_dev(req->link)) : "no link";

	if (!__ratelimit(req->wire.verb == DRVIO_STATUS ? &status_limit : &request_limit))
		return;
	pr_info("%s: request %llu: %s %*pE@" DRVIO_DEV_ID_FMT ": %s, %s in %lld ms%s%*pE\n",
		link, req->wire.number, verb, (int)strlen(req->wire.name), req->wire.name,
		req->wire.dev_id, drvio_result_name(req->result),
		drvio_status_name(req->status),
		div_s64(req->duration_us, USEC_PER_MSEC), req->why.text[0] ? ": " : "",
		(int)strlen(req->why.text), req->why.text);
}

/* What is told of the last request where there was no memory for its reason. */
static const char why_lost[] =
	"the reason could not be kept: out of memory in the guest; see its kernel log";

static struct drvio_record request_record(struct drvio_request *req)
{
	bool done = req->phase == DRVIO_PHASE_DONE;
	long left = req->deadline - jiffies;

	return (struct drvio_record) {
		.number = req->wire.number,
		.verb = req->wire.verb,
		.phase = req->phase,
		.cookie = req->cookie,
		.deadline_ms = req->phase == DRVIO_PHASE_USERSPACE && left > 0 ?
			jiffies_to_msecs(left) : 0,
		.duration_us = done ? req->duration_us :
			ktime_us_delta(ktime_get(), req->begun),
		.result = req->result,
		.status = req->status,
		.why = req->why.text,
	};
}

struct drvio_record drvio_request_record(struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_lock);
	return ddev->req ? request_record(ddev->req) : ddev->last;
}

void drvio_record_clear(struct drvio_record *record)
{
	if (record->why != why_lost)
		kfree(record->why);
	memset(record, 0, sizeof(*record));
}

/* Of a request, which is big, only how it ended is kept. */
static void request_leave(struct drvio_request *req, struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_lock);

	drvio_record_clear(&ddev->last);
	ddev->last = request_record(req);
	/* Does not wait for memory: this lock keeps all others waiting. */
	ddev->last.why = kstrdup(req->why.text, GFP_NOWAIT | __GFP_NOWARN) ?: why_lost;
	ddev->req = NULL;
	drvio_request_put(req);
}

/* The one answer. */
static void request_finish(struct drvio_request *req, struct drvio_device *ddev,
			   u32 result)
{
	lockdep_assert_held(&drvio_lock);

	if (WARN_ON_ONCE(req->phase == DRVIO_PHASE_DONE))
		return;
	request_set_phase_locked(req, DRVIO_PHASE_DONE);
	req->result = result;
	req->status = drvio_device_status(ddev);
	req->duration_us = ktime_us_delta(ktime_get(), req->begun);
	trace_drvio_answer(&req->wire, result, req->status, req->duration_us);
	drvio_count_result(req);
	request_log(req);
	if (ddev && ddev->req == req)
		request_leave(req, ddev);
	drvio_link_answered(req);
}

/* What an administrator is told of a device on which nothing can be done now. */
static bool device_is_busy(struct drvio_device *ddev, struct drvio_reason *why)
{
	lockdep_assert_held(&drvio_lock);

	if (ddev->op) {
		drvio_reason_set(why,
				 "%s is %s: its driver has not come back from an earlier request; see the guest's kernel log",
				 dev_name(&ddev->dev), drvio_state_name(ddev->state));
		return true;
	}
	if (ddev->req) {
		drvio_reason_set(why,
				 "%s is busy with request %llu (%s) of another link; try again when that is answered",
				 dev_name(&ddev->dev), ddev->req->wire.number,
				 drvio_verb_name(ddev->req->wire.verb));
		return true;
	}
	return false;
}

/* No such device: what the verbs say about that.  Return: the result. */
static u32 answer_absent(struct drvio_request *req)
{
	lockdep_assert_held(&drvio_lock);

	if (!drvio_any_bus()) {
		drvio_reason_set(&req->why,
				 "no bus of the guest is known to drvio: load drvio-virtio or another module that serves a bus");
		return DRVIO_FAILURE;
	}
	if (req->wire.verb != DRVIO_CONFIGURE)
		return DRVIO_OK;
	drvio_reason_set(&req->why,
			 "%s@" DRVIO_DEV_ID_FMT
			 " is on no bus of the guest and did not appear within %u ms: add the device first",
			 req->wire.name, req->wire.dev_id,
			 drvio_appear_timeout_ms());
	return DRVIO_NOT_IN_MD;
}

/*
 * Answers that need no work, and refusals.
 *
 * Return: false when @req has to be worked on; the bus's module is pinned then.
 */
static bool request_answer_early(struct drvio_request *req,
				 struct drvio_device *ddev, u32 *result)
{
	bool configure = req->wire.verb == DRVIO_CONFIGURE;
	bool force = req->wire.verb == DRVIO_FORCE_UNCONFIG;
	struct drvio_target *target;

	lockdep_assert_held(&drvio_lock);

	if (ddev->gone) {
		*result = answer_absent(req);
		return true;
	}
	*result = DRVIO_FAILURE;
	if (device_is_busy(ddev, &req->why))
		return true;
	*result = DRVIO_OK;
	if (configure && ddev->state == DRVIO_CONFIGURED_STATE && ddev->finished)
		return true;
	if (!configure && drvio_device_parked(ddev))
		return true;

	if (!configure) {
		list_for_each_entry(target, &ddev->targets, node) {
			if (drvio_link_carries(target->dev, &ddev->dev, &req->why)) {
				*result = DRVIO_FAILURE;
				return true;
			}
		}
	}
	if (!configure && !force && drvio_device_hold(ddev)) {
		drvio_reason_set(&req->why,
				 "%s is held by the guest's administrator: %s; release it (drvioctl release %s, or an empty line to its attribute hold)",
				 dev_name(&ddev->dev), ddev->hold, dev_name(&ddev->dev));
		*result = DRVIO_BLOCKED;
		return true;
	}
	if (!drvio_helper_registered() && (configure || drvio_device_bound(ddev))) {
		drvio_reason_set(&req->why,
				 "%s: no drvio-helper is registered in the guest: install the drvio userspace tools, or run 'drvio-helper register'",
				 dev_name(&ddev->dev));
		*result = DRVIO_FAILURE;
		return true;
	}
	if (!try_module_get(ddev->bus->owner)) {
		drvio_reason_set(&req->why, "%s: the module of its bus is being unloaded",
				 dev_name(&ddev->dev));
		*result = DRVIO_FAILURE;
		return true;
	}
	return false;
}

static void request_run(struct drvio_request *req, struct drvio_device *ddev)
{
	struct module *owner;
	struct drvio_op *op;
	bool answered;
	u32 result;

	op = drvio_op_alloc();

	mutex_lock(&drvio_lock);
	answered = request_answer_early(req, ddev, &result);
	if (!answered && !op) {
		module_put(ddev->bus->owner);
		drvio_reason_set(&req->why, "%s: out of memory in the guest; try again",
				 dev_name(&ddev->dev));
		result = DRVIO_FAILURE;
		answered = true;
	}
	if (answered) {
		request_finish(req, ddev, result);
		mutex_unlock(&drvio_lock);
		drvio_op_free(op);
		return;
	}
	owner = ddev->bus->owner;
	ddev->req = req;
	kref_get(&req->ref);
	ddev->late_ms = 0;
	mutex_unlock(&drvio_lock);

	if (req->wire.verb == DRVIO_CONFIGURE)
		result = run_configure(req, ddev, &op);
	else
		result = run_unconfigure(req, ddev, &op);

	mutex_lock(&drvio_lock);
	if (!ddev->op)
		drvio_device_settle(ddev);
	/* To have unconfigured what has gone since is fine. */
	if (ddev->gone &&
	    (result != DRVIO_OK || req->wire.verb == DRVIO_CONFIGURE)) {
		drvio_reason_set(&req->why, "%s vanished during the request",
				 dev_name(&ddev->dev));
		result = DRVIO_FAILURE;
	}
	request_finish(req, ddev, result);
	mutex_unlock(&drvio_lock);

	drvio_op_free(op);
	module_put(owner);
}

static void drvio_request_work(struct work_struct *work)
{
	struct drvio_request *req = container_of(work, struct drvio_request, work);
	bool configure = req->wire.verb == DRVIO_CONFIGURE;
	struct drvio_device *ddev;

	if (configure)
		request_set_phase(req, DRVIO_PHASE_APPEAR);
	ddev = drvio_device_wait(req->wire.name, req->wire.dev_id,
				 configure ? drvio_appear_timeout_ms() : 0);
	if (ddev) {
		request_run(req, ddev);
		put_device(&ddev->dev);
	} else {
		bool known = configure && drvio_buses_know(req->wire.name, req->wire.dev_id,
							   &req->why);

		mutex_lock(&drvio_lock);
		request_finish(req, NULL, known ? DRVIO_FAILURE : answer_absent(req));
		mutex_unlock(&drvio_lock);
	}
	drvio_request_put(req);
}

/* STATUS: what is under way, or how the last request ended where it did not end well. */
static void request_describe(struct drvio_device *ddev, struct drvio_reason *why)
{
	struct drvio_record record = drvio_request_record(ddev);

	if (ddev->req)
		drvio_reason_set(why,
				 "%s: request %llu (%s) is under way since %lld ms, phase %s%s%s",
				 drvio_state_name(ddev->state), record.number,
				 drvio_verb_name(record.verb),
				 div_s64(record.duration_us, USEC_PER_MSEC),
				 drvio_phase_name(record.phase),
				 record.why[0] ? ": " : "", record.why);
	else if (ddev->late_ms)
		drvio_reason_set(why,
				 "%s: request %llu (%s) had failed: the driver took %u ms to come back",
				 drvio_state_name(ddev->state), record.number,
				 drvio_verb_name(record.verb), ddev->late_ms);
	else if (record.verb && record.result != DRVIO_OK)
		drvio_reason_set(why, "%s: request %llu (%s) ended with %s: %s",
				 drvio_state_name(ddev->state), record.number,
				 drvio_verb_name(record.verb),
				 drvio_result_name(record.result), record.why);
	else if (drvio_device_hold(ddev))
		drvio_reason_set(why, "%s, held: %s",
				 drvio_state_name(ddev->state), ddev->hold);
}

void drvio_request_start(struct drvio_request *req)
{
	struct drvio_device *ddev;

	lockdep_assert_held(&drvio_lock);

	req->started = true;
	if (req->wire.verb != DRVIO_STATUS) {
		kref_get(&req->ref);
		queue_work(drvio_request_wq, &req->work);
		return;
	}
	ddev = drvio_device_get(req->wire.name, req->wire.dev_id);
	if (ddev) {
		request_describe(ddev, &req->why);
		request_finish(req, ddev, DRVIO_OK);
		put_device(&ddev->dev);
	} else {
		request_finish(req, NULL, answer_absent(req));
	}
}

void drvio_request_refuse(struct drvio_request *req, u32 result)
{
	struct drvio_device *ddev;

	lockdep_assert_held(&drvio_lock);

	req->started = true;
	ddev = drvio_device_get(req->wire.name, req->wire.dev_id);
	request_finish(req, ddev, result);
	if (ddev)
		put_device(&ddev->dev);
}

void drvio_request_wake(struct drvio_request *req)
{
	lockdep_assert_held(&drvio_lock);
	WRITE_ONCE(req->events, req->events + 1);
	wake_up(&req->wait);
}

/* Decodes the text of an ack in place: \n, \\, and nothing unprintable. */
static void ack_unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] == 'n') {
			*out++ = '\n';
			text++;
		} else if (text[0] == '\\' && text[1] == '\\') {
			*out++ = '\\';
			text++;
		} else {
			*out++ = isascii(*text) && isprint(*text) ? *text : '?';
		}
	}
	*out = '\0';
}

static int ack_parse(char *line, u64 *cookie, const char **word, char **text)
{
	size_t len = strlen(line);
	char *p;

	if (len && line[len - 1] == '\n')
		line[--len] = '\0';
	if (strchr(line, '\n'))
		return -EINVAL;
	p = strsep(&line, " ");
	if (!line || kstrtou64(p, 16, cookie))
		return -EINVAL;
	*word = strsep(&line, " ");
	*text = line ?: "";
	return 0;
}

int drvio_request_ack(struct drvio_device *ddev, char *line)
{
	struct drvio_request *req;
	enum drvio_ack ack;
	const char *word;
	u64 cookie;
	char *text;
	int err;

	err = ack_parse(line, &cookie, &word, &text);
	if (err)
		return err;
	if (!strcmp(word, DRVIO_ACK_OK))
		ack = DRVIO_ACK_SAID_OK;
	else if (!strcmp(word, DRVIO_ACK_BLOCKED))
		ack = DRVIO_ACK_SAID_BLOCKED;
	else if (!strcmp(word, DRVIO_ACK_FAILED))
		ack = DRVIO_ACK_SAID_FAILED;
	else if (!strcmp(word, DRVIO_ACK_PROGRESS))
		ack = DRVIO_ACK_NONE;
	else
		return -EINVAL;
	if (*text)
		ack_unescape(text);

	mutex_lock(&drvio_lock);
	req = ddev->req;
	if (!req || req->phase != DRVIO_PHASE_USERSPACE ||
	    req->ack != DRVIO_ACK_NONE) {
		err = -ENOENT;
	} else if (req->cookie != cookie) {
		err = -ESTALE;
	} else {
		strscpy(req->why.text, text, sizeof(req->why.text));
		if (ack == DRVIO_ACK_NONE) {
			req->deadline = jiffies +
				msecs_to_jiffies(drvio_ack_timeout_ms());
			if (time_after(req->deadline, req->latest))
				req->deadline = req->latest;
		}
		req->ack = ack;
		drvio_request_wake(req);
	}
	trace_drvio_ack(dev_name(&ddev->dev), word, err);
	mutex_unlock(&drvio_lock);
	return err;
}

static const char * const phase_names[] = {
	[DRVIO_PHASE_QUEUED] = "queued",
	[DRVIO_PHASE_APPEAR] = "appear",
	[DRVIO_PHASE_BIND] = "bind",
	[DRVIO_PHASE_USERSPACE] = "userspace",
	[DRVIO_PHASE_ACKED] = "acked",
	[DRVIO_PHASE_UNBIND] = "unbind",
	[DRVIO_PHASE_UNDO] = "undo",
	[DRVIO_PHASE_DONE] = "done",
};

const char *drvio_phase_name(enum drvio_phase phase)
{
	return phase_names[phase];
}

struct drvio_request *drvio_request_alloc(void)
{
	struct drvio_request *req = kzalloc(sizeof(*req), GFP_KERNEL);

	if (!req)
		return NULL;
	kref_init(&req->ref);
	INIT_LIST_HEAD(&req->node);
	INIT_WORK(&req->work, drvio_request_work);
	init_waitqueue_head(&req->wait);
	return req;
}

static void request_release(struct kref *ref)
{
	kfree(container_of(ref, struct drvio_request, ref));
}

void drvio_request_put(struct drvio_request *req)
{
	kref_put(&req->ref, request_release);
}

void drvio_reason_set(struct drvio_reason *why, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	vscnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);

	/* Names of devices and types come from elsewhere. */
	for (p = why->text; *p; p++)
		if (*p != '\n' && !(isascii(*p) && isprint(*p)))
			*p = '?';
}
EXPORT_SYMBOL_GPL(drvio_reason_set);

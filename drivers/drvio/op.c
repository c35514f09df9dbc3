// SPDX-License-Identifier: GPL-2.0
/*
 * Binding and unbinding all targets of a DR device under a time limit.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "bus.h"
#include "device.h"
#include "op.h"
#include "service.h"
#include "uevent.h"

/**
 * struct drvio_op - an operation
 * @work: runs it
 * @wait: who waits for @done
 * @ddev: the device; referenced while it runs
 * @bus: the device's bus, its module pinned while it runs
 * @kind: what is done
 * @begun: jiffies when it began
 * @done: it has ended; drvio_lock
 * @abandoned: nobody waits any more, the worker frees it; drvio_lock
 * @end: how it ended
 * @why: reason of a failure
 * @ntargets: how many
 * @target: the targets that the device had when it began; referenced
 */
struct drvio_op {
	struct work_struct work;
	wait_queue_head_t wait;
	struct drvio_device *ddev;
	struct drvio_bus *bus;
	enum drvio_op_kind kind;
	unsigned long begun;
	bool done;
	bool abandoned;
	enum drvio_op_end end;
	struct drvio_reason why;
	unsigned int ntargets;
	struct drvio_target *target[DRVIO_TARGETS];
};

/*
 * A target that has just appeared may not have been probed yet.  One that is just
 * being removed looks alike, until it is gone or its device is.
 */
static int op_bind_one(struct drvio_op *op, unsigned int i, unsigned long end,
		       struct drvio_reason *why)
{
	int err;

	while ((err = op->bus->ops->bind(op->target[i], why)) == -EAGAIN &&
	       !READ_ONCE(op->ddev->gone) && time_before(jiffies, end))
		msleep(DRVIO_BIND_RETRY_MS);
	return err;
}

static unsigned long op_bind_end(void)
{
	return jiffies + msecs_to_jiffies(drvio_appear_timeout_ms());
}

static enum drvio_op_end op_bind(struct drvio_op *op)
{
	unsigned long end = op_bind_end();
	unsigned int i;

	for (i = 0; i < op->ntargets; i++)
		if (op_bind_one(op, i, end, &op->why))
			return DRVIO_OP_FAILED;
	return DRVIO_OP_DONE;
}

static void op_unclaim(struct drvio_op *op, unsigned int n)
{
	while (n--)
		op->bus->ops->unclaim(op->target[n]);
}

static enum drvio_claim_how op_claim_how(enum drvio_op_kind kind)
{
	switch (kind) {
	case DRVIO_OP_FORCE_UNBIND:
		return DRVIO_CLAIM_FORCE;
	case DRVIO_OP_UNDO_BIND:
		return DRVIO_CLAIM_UNDO;
	default:
		return DRVIO_CLAIM_ASK;
	}
}

/* All targets or none. */
static int op_claim(struct drvio_op *op)
{
	enum drvio_claim_how how = op_claim_how(op->kind);
	unsigned int i;
	int err;

	op->why.text[0] = '\0';
	for (i = 0; i < op->ntargets; i++) {
		/* A link may have come since the request was looked at. */
		err = drvio_carrier_look(op->target[i]->dev, &op->ddev->dev, &op->why);
		if (!err)
			err = op->bus->ops->claim(op->target[i], how, &op->why);
		if (err) {
			op_unclaim(op, i);
			/* Who is in use has said so. */
			if (!op->why.text[0])
				drvio_reason_set(&op->why, "%s: cannot be claimed: %pe; try again",
						 dev_name(op->target[i]->dev), ERR_PTR(err));
			return err;
		}
	}
	return 0;
}

static enum drvio_op_end op_unbind(struct drvio_op *op)
{
	unsigned long end = jiffies + msecs_to_jiffies(DRVIO_UNDO_WAIT_MS);
	bool undo = op->kind == DRVIO_OP_UNDO_BIND;
	struct drvio_reason ignored;
	bool failed = false;
	unsigned int i;
	int err;

	while ((err = op_claim(op)) == -EBUSY && undo && time_before(jiffies, end))
		msleep(DRVIO_UNDO_RETRY_MS);
	if (err)
		return err == -EBUSY ? DRVIO_OP_BUSY : DRVIO_OP_FAILED;

	/* An undo does not stop at the first that stays: better one than all. */
	for (i = 0; i < op->ntargets && (!failed || undo); i++) {
		err = op->bus->ops->unbind(op->target[i], failed ? &ignored : &op->why);
		failed |= err;
	}
	op_unclaim(op, op->ntargets);

	/*
	 * Half a device is of no use to anybody: put back what was taken, and
	 * the one that failed, which may have lost its driver all the same.
	 */
	if (failed && !undo)
		for (end = op_bind_end(); i--; )
			op_bind_one(op, i, end, &ignored);
	return failed ? DRVIO_OP_FAILED : DRVIO_OP_DONE;
}

/* The driver came back after the request had been answered with a timeout. */
static void op_late(struct drvio_op *op)
{
	struct drvio_device *ddev = op->ddev;
	unsigned int ms = jiffies_to_msecs(jiffies - op->begun);
	struct drvio_record record;
	bool undone = op->end != DRVIO_OP_DONE;

	if (op->kind == DRVIO_OP_BIND) {
		/* The control domain was told that it had failed: make it so. */
		op->kind = DRVIO_OP_UNDO_BIND;
		op->end = op_unbind(op);
		undone = true;
	}
	dev_info(&ddev->dev, "the driver came back after %u ms, %s\n", ms,
		 op->end == DRVIO_OP_DONE ? "the device is parked" :
					    "the device stays bound");

	mutex_lock(&drvio_lock);
	ddev->op = NULL;
	ddev->late_ms = max(ms, 1U);
	drvio_device_settle(ddev);
	record = drvio_request_record(ddev);
	mutex_unlock(&drvio_lock);

	/* The next request may have begun: the event is not about that. */
	drvio_uevent_of(ddev, undone ? DRVIO_EVENT_UNDO : DRVIO_EVENT_DONE, &record);
}

static void op_release(struct drvio_op *op)
{
	while (op->ntargets)
		drvio_target_put(op->target[--op->ntargets]);
	module_put(op->bus->owner);
	put_device(&op->ddev->dev);
}

static void op_work(struct work_struct *work)
{
	struct drvio_op *op = container_of(work, struct drvio_op, work);
	bool abandoned;

	op->end = op->kind == DRVIO_OP_BIND ? op_bind(op) : op_unbind(op);

	mutex_lock(&drvio_lock);
	abandoned = op->abandoned;
	if (!abandoned) {
		op->ddev->op = NULL;
		WRITE_ONCE(op->done, true);
		wake_up(&op->wait);
	}
	mutex_unlock(&drvio_lock);

	/* Otherwise it is the waiter's again. */
	if (abandoned) {
		op_late(op);
		op_release(op);
		kfree(op);
	}
}

struct drvio_op *drvio_op_alloc(void)
{
	struct drvio_op *op = kzalloc(sizeof(*op), GFP_KERNEL);

	if (op) {
		INIT_WORK(&op->work, op_work);
		init_waitqueue_head(&op->wait);
	}
	return op;
}

void drvio_op_free(struct drvio_op *op)
{
	kfree(op);
}

enum drvio_op_end drvio_op_run(struct drvio_op **opp, struct drvio_device *ddev,
			       enum drvio_op_kind kind, struct drvio_reason *why)
{
	unsigned int timeout_ms = drvio_bind_timeout_ms();
	struct drvio_target *target;
	struct drvio_op *op = *opp;
	bool abandoned;

	mutex_lock(&drvio_lock);
	if (ddev->gone) {
		mutex_unlock(&drvio_lock);
		drvio_reason_set(why, "%s has vanished", dev_name(&ddev->dev));
		return DRVIO_OP_FAILED;
	}
	/* The request has pinned the module, so this cannot fail. */
	__module_get(ddev->bus->owner);
	op->bus = ddev->bus;
	op->ddev = ddev;
	get_device(&ddev->dev);
	op->ntargets = 0;
	list_for_each_entry(target, &ddev->targets, node) {
		drvio_target_get(target);
		op->target[op->ntargets++] = target;
	}
	op->kind = kind;
	op->done = false;
	op->why.text[0] = '\0';
	op->begun = jiffies;
	ddev->op = op;
	mutex_unlock(&drvio_lock);

	queue_work(drvio_op_wq, &op->work);
	/* Idle: the driver that hangs is the hung task, not who waits for it. */
	wait_event_idle_timeout(op->wait, READ_ONCE(op->done),
				msecs_to_jiffies(timeout_ms));

	mutex_lock(&drvio_lock);
	op->abandoned = !op->done;
	abandoned = op->abandoned;
	mutex_unlock(&drvio_lock);
	if (abandoned) {
		*opp = NULL;
		drvio_reason_set(why,
				 "%s: its driver did not come back from %s within %u ms; see the guest's kernel log",
				 dev_name(&ddev->dev),
				 kind == DRVIO_OP_BIND ? "probe" : "remove",
				 timeout_ms);
		return DRVIO_OP_STUCK;
	}
	if (op->end != DRVIO_OP_DONE)
		*why = op->why;
	op_release(op);
	return op->end;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An operation: the bind or the unbind of all targets of a DR device, in a
 * worker of its own, since a driver may never come back from it.
 */
#ifndef _DRVIO_OP_H
#define _DRVIO_OP_H

#include "core.h"

struct drvio_device;
struct drvio_op;

/**
 * enum drvio_op_kind - what to do with the targets
 * @DRVIO_OP_BIND: unpark and bind all
 * @DRVIO_OP_UNBIND: last look, then unbind and park all; all or nothing
 * @DRVIO_OP_FORCE_UNBIND: the same without the last look's veto
 * @DRVIO_OP_UNDO_BIND: as UNBIND, but patient with users that are just leaving
 */
enum drvio_op_kind {
	DRVIO_OP_BIND,
	DRVIO_OP_UNBIND,
	DRVIO_OP_FORCE_UNBIND,
	DRVIO_OP_UNDO_BIND,
};

/**
 * enum drvio_op_end - how an operation ended
 *
 * Not an errno: drivers return any of these for reasons of their own.
 *
 * @DRVIO_OP_DONE: all targets are as they should be
 * @DRVIO_OP_BUSY: the last look found a user; nothing was touched
 * @DRVIO_OP_FAILED: what was touched was put back, as far as possible
 * @DRVIO_OP_STUCK: a driver has not come back in time
 */
enum drvio_op_end {
	DRVIO_OP_DONE,
	DRVIO_OP_BUSY,
	DRVIO_OP_FAILED,
	DRVIO_OP_STUCK,
};

/**
 * drvio_op_alloc() - memory for the operations of one request
 *
 * Allocated before anything is touched, so that no undo fails for want of it.
 *
 * Return: an op, or NULL.
 */
struct drvio_op *drvio_op_alloc(void);

/* Frees an op that drvio_op_run() left to the caller; NULL is fine. */
void drvio_op_free(struct drvio_op *op);

/**
 * drvio_op_run() - do it, and wait for its end
 * @op: set to NULL when it is stuck: it then belongs to the worker, which frees it
 * @ddev: the device; no other op is under way on it
 * @kind: what to do
 * @why: the reason, unless it is done
 *
 * When it is stuck the device keeps its state until the driver comes back; then
 * the worker settles it, parks it if it was a bind, and sends a uevent.
 *
 * Return: how it ended.
 */
enum drvio_op_end drvio_op_run(struct drvio_op **op, struct drvio_device *ddev,
			       enum drvio_op_kind kind, struct drvio_reason *why);

#endif /* _DRVIO_OP_H */

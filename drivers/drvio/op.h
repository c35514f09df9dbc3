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
 * @op: set to NULL on a timeout: it then belongs to the worker, which frees it
 * @ddev: the device; no other op is under way on it
 * @kind: what to do
 * @why: the reason of a failure
 *
 * After a timeout the device keeps its state until the driver comes back; then
 * the worker settles it, parks it if it was a bind, and sends a uevent.
 *
 * Return: 0; -EBUSY when the last look found a user; -ETIMEDOUT; else the
 * error of the bus or its driver.
 */
int drvio_op_run(struct drvio_op **op, struct drvio_device *ddev,
		 enum drvio_op_kind kind, struct drvio_reason *why);

#endif /* _DRVIO_OP_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last look before an unbind: whether the block devices of a target are in
 * use, and a claim on them that keeps it so.
 */
#ifndef _DRVIO_CLAIM_H
#define _DRVIO_CLAIM_H

#include <linux/types.h>

struct device;
struct drvio_claim;
struct drvio_reason;

/**
 * drvio_claim_take() - claim every disk below a device
 * @dev: the device; its disks are found at any depth (a SCSI host's too)
 * @force: claim what can be claimed, and leave out the rest
 * @why: which disk or partition is in use, and how
 *
 * A disk is in use when it or a partition of it is open, or claimed by a mount,
 * swap or another device.  It is looked at again for half a second before that
 * is believed, since udev opens devices for moments.
 *
 * Until the claim is released nobody can open a disk of it exclusively: a mount
 * that comes waits, and then finds the device gone, or as it was.  Opens that
 * are not exclusive cannot be kept out; nor can disks that appear later.
 *
 * Sleeps; call with no locks held.
 *
 * Return: the claim, of no disks when there are none below @dev, or an ERR_PTR:
 * -EBUSY when a disk is in use (all or nothing; never with @force), -ENOMEM.
 */
struct drvio_claim *drvio_claim_take(struct device *dev, bool force,
				     struct drvio_reason *why);

/**
 * drvio_claim_release() - end a claim
 * @claim: as taken; its disks may be gone by now
 */
void drvio_claim_release(struct drvio_claim *claim);

#endif /* _DRVIO_CLAIM_H */

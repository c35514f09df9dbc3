// SPDX-License-Identifier: GPL-2.0
/*
 * The last look before an unbind, safe against a mount that races with it.
 *
 * Each disk is claimed first (exclusive opens then wait in the block layer, for
 * this is how they begin too), and looked at afterwards: whoever came before
 * the claim is seen, whoever comes after it waits.
 *
 * Locks: none are held from one call to the next but the claims themselves, in
 * the order in which the disks were found; the block layer's own are taken
 * inside.
 */
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "claim.h"
#include "compat.h"
#include "drvio.h"
#include "limits.h"

/**
 * struct drvio_claim - disks that are claimed, or about to be
 * @disks: struct claim_disk
 *
 * Its address is the holder of the claims.
 */
struct drvio_claim {
	struct list_head disks;
};

/**
 * struct claim_disk - one disk of a claim
 * @node: in the claim
 * @disk: the disk; referenced, and so is the module of its driver, whose code
 *	runs when the last reference goes
 * @claimed: whether it is claimed now
 */
struct claim_disk {
	struct list_head node;
	struct gendisk *disk;
	bool claimed;
};

/* block_class and disk_type are not exported. */
static bool is_disk(const struct device *dev)
{
	return dev->class && !strcmp(dev->class->name, "block") &&
	       dev->type && !strcmp(dev->type->name, "disk");
}

static int collect(struct device *dev, void *data)
{
	struct drvio_claim *claim = data;
	struct claim_disk *entry;
	struct gendisk *disk;

	if (!is_disk(dev))
		return device_for_each_child(dev, claim, collect);

	disk = dev_to_disk(dev);
	/* A driver whose module goes away takes its disks along. */
	if (!try_module_get(disk->fops->owner))
		return 0;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry) {
		module_put(disk->fops->owner);
		return -ENOMEM;
	}
	get_device(dev);
	entry->disk = disk;
	list_add_tail(&entry->node, &claim->disks);
	return 0;
}

static void unclaim_disk(struct drvio_claim *claim, struct claim_disk *entry)
{
	if (entry->claimed)
		bd_abort_claiming(entry->disk->part0, claim);
	entry->claimed = false;
}

void drvio_claim_release(struct drvio_claim *claim)
{
	struct claim_disk *entry, *next;

	list_for_each_entry_safe(entry, next, &claim->disks, node) {
		struct module *owner = entry->disk->fops->owner;

		unclaim_disk(claim, entry);
		put_device(disk_to_dev(entry->disk));
		module_put(owner);
		kfree(entry);
	}
	kfree(claim);
}
EXPORT_SYMBOL_GPL(drvio_claim_release);

/* Whether nobody but us has the disk, which stays claimed when so. */
static bool claim_disk(struct drvio_claim *claim, struct claim_disk *entry)
{
	struct gendisk *disk = entry->disk;

	if (!entry->claimed) {
		if (bd_prepare_to_claim(disk->part0, claim, NULL))
			return false;
		entry->claimed = true;
	}
	return !disk_openers(disk);
}

/*
 * Who uses a disk: a partition where it is one.  A claimed partition shows as a
 * claim of the disk too, and an open one as an open.  Caller is an RCU reader.
 */
static struct block_device *disk_user(struct gendisk *disk, bool *claimed)
{
	struct block_device *part;
	unsigned long idx;

	*claimed = true;
	xa_for_each(&disk->part_tbl, idx, part) {
		if (part != disk->part0 && READ_ONCE(part->bd_holder))
			return part;
	}
	if (READ_ONCE(disk->part0->bd_holder))
		return disk->part0;

	*claimed = false;
	xa_for_each(&disk->part_tbl, idx, part) {
		if (part != disk->part0 && atomic_read(&part->bd_openers))
			return part;
	}
	return disk->part0;
}

static void reason_busy(struct device *dev, struct gendisk *disk,
			struct drvio_reason *why)
{
	struct block_device *user;
	bool claimed;

	rcu_read_lock();
	user = disk_user(disk, &claimed);
	if (claimed)
		drvio_reason_set(why,
				 "%s: %pg is claimed: mounted, used as swap, or part of another device; release it in the guest first",
				 dev_name(dev), user);
	else
		drvio_reason_set(why,
				 "%s: %pg is open; close it in the guest first",
				 dev_name(dev), user);
	rcu_read_unlock();
}

/* Waiting for one disk may last as long as waiting for all of them. */
static int claim_all(struct drvio_claim *claim, struct device *dev, bool force,
		     struct drvio_reason *why)
{
	struct claim_disk *entry;
	int looks = 0;

	list_for_each_entry(entry, &claim->disks, node) {
		while (!claim_disk(claim, entry) && !force) {
			if (++looks == DRVIO_CLAIM_LOOKS) {
				reason_busy(dev, entry->disk, why);
				return -EBUSY;
			}
			msleep(DRVIO_CLAIM_LOOK_MS);
		}
	}
	/* An open that is not exclusive may have come while others were claimed. */
	list_for_each_entry(entry, &claim->disks, node) {
		if (disk_openers(entry->disk) && !force) {
			reason_busy(dev, entry->disk, why);
			return -EBUSY;
		}
	}
	return 0;
}

struct drvio_claim *drvio_claim_take(struct device *dev, bool force,
				     struct drvio_reason *why)
{
	struct drvio_claim *claim = kzalloc(sizeof(*claim), GFP_KERNEL);
	int err;

	if (!claim)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&claim->disks);

	err = device_for_each_child(dev, claim, collect);
	if (!err)
		err = claim_all(claim, dev, force, why);
	if (err) {
		drvio_claim_release(claim);
		return ERR_PTR(err);
	}
	return claim;
}
EXPORT_SYMBOL_GPL(drvio_claim_take);

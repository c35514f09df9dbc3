// SPDX-License-Identifier: GPL-2.0
/*
 * Simulated devices as they come and go.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/moduleparam.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "sim.h"

static unsigned int max_devices = 4096;
module_param(max_devices, uint, 0444);
MODULE_PARM_DESC(max_devices, "how many devices there may be at once");

static DEFINE_MUTEX(sim_lock);
static LIST_HEAD(sim_devices);
static unsigned int sim_count;
/* Whether devices can be made: not before the init's end, nor in exit. */
static bool sim_open;

/* Below it are all targets in /sys/devices. */
static struct device *sim_root;
static struct workqueue_struct *sim_vanish_wq;

/* One for the module, one for each device: its release is the module's code. */
static refcount_t sim_living;
static DECLARE_COMPLETION(sim_deserted);

static void living_put(void)
{
	if (refcount_dec_and_test(&sim_living))
		complete(&sim_deserted);
}

static void sim_release(struct kref *ref)
{
	kfree(container_of(ref, struct sim_device, ref));
	living_put();
}

static void sim_put(struct sim_device *sdev)
{
	kref_put(&sdev->ref, sim_release);
}

static void target_release(struct device *dev)
{
	sim_put(to_sim_target(dev)->sdev);
}

static int target_add(struct sim_device *sdev, unsigned int index)
{
	struct sim_target *target = &sdev->target[index];
	struct device *dev = &target->dev;
	int err;

	target->sdev = sdev;
	target->index = index;
	kref_get(&sdev->ref);
	device_initialize(dev);
	dev->bus = &sim_bus_type;
	dev->parent = sim_root;
	dev->release = target_release;
	err = dev_set_name(dev, SIM_TYPE "%llx.%u", sdev->dev_id, index);
	if (!err)
		err = device_add(dev);
	if (err)
		put_device(dev);
	return err;
}

/* The last that came goes first. */
static void targets_remove(struct sim_device *sdev)
{
	lockdep_assert_held(&sdev->life);
	while (sdev->registered)
		device_unregister(&sdev->target[--sdev->registered].dev);
}

static int targets_add(struct sim_device *sdev)
{
	int err;

	lockdep_assert_held(&sdev->life);
	while (sdev->registered < sdev->ntargets) {
		err = target_add(sdev, sdev->registered);
		if (err) {
			targets_remove(sdev);
			return err;
		}
		sdev->registered++;
	}
	return 0;
}

static void sim_unlist(struct sim_device *sdev)
{
	mutex_lock(&sim_lock);
	list_del(&sdev->node);
	sim_count--;
	mutex_unlock(&sim_lock);
	sim_put(sdev);
}

unsigned int sim_device_room(void)
{
	unsigned int room;

	mutex_lock(&sim_lock);
	room = sim_count < max_devices ? max_devices - sim_count : 0;
	mutex_unlock(&sim_lock);
	return room;
}

static struct sim_device *sim_find(u64 dev_id)
{
	struct sim_device *sdev;

	lockdep_assert_held(&sim_lock);
	list_for_each_entry(sdev, &sim_devices, node)
		if (sdev->dev_id == dev_id)
			return sdev;
	return NULL;
}

/* Whether it fell to the caller to remove the device. */
static bool sim_begin_removal(struct sim_device *sdev)
{
	lockdep_assert_held(&sim_lock);
	if (sdev->leaving)
		return false;
	sdev->leaving = true;
	return true;
}

/*
 * Its id is free again when nothing is left of it; its switches go last, so
 * that a driver that hangs meanwhile can be released.
 */
static void sim_end_removal(struct sim_device *sdev)
{
	mutex_lock(&sdev->life);
	targets_remove(sdev);
	sim_fault_remove(sdev);
	mutex_unlock(&sdev->life);
	sim_unlist(sdev);
}

void sim_device_remove(struct sim_device *sdev)
{
	bool ours;

	mutex_lock(&sim_lock);
	ours = sim_begin_removal(sdev);
	mutex_unlock(&sim_lock);
	if (ours)
		sim_end_removal(sdev);
}

int sim_device_remove_id(u64 dev_id)
{
	struct sim_device *sdev;
	int err = -ENODEV;

	mutex_lock(&sim_lock);
	sdev = sim_find(dev_id);
	if (sdev && sim_begin_removal(sdev))
		err = 0;
	mutex_unlock(&sim_lock);
	if (!err)
		sim_end_removal(sdev);
	return err;
}

static void sim_vanish_work(struct work_struct *work)
{
	struct sim_device *sdev = container_of(work, struct sim_device, vanish);

	sim_device_remove(sdev);
	sim_put(sdev);
}

void sim_device_remove_async(struct sim_device *sdev)
{
	kref_get(&sdev->ref);
	if (!queue_work(sim_vanish_wq, &sdev->vanish))
		sim_put(sdev);
}

static struct sim_device *sim_alloc(u64 dev_id, unsigned int ntargets)
{
	struct sim_device *sdev;
	unsigned int i;

	sdev = kzalloc(struct_size(sdev, target, ntargets), GFP_KERNEL);
	if (!sdev)
		return NULL;
	kref_init(&sdev->ref);
	mutex_init(&sdev->life);
	mutex_init(&sdev->text_lock);
	init_waitqueue_head(&sdev->released);
	INIT_WORK(&sdev->vanish, sim_vanish_work);
	for (i = 0; i < SIM_NUMBERS; i++)
		sdev->number[i].sdev = sdev;
	sdev->fail_targets = U64_MAX;
	sdev->dev_id = dev_id;
	sdev->ntargets = ntargets;
	refcount_inc(&sim_living);
	return sdev;
}

int sim_device_create(u64 dev_id, unsigned int ntargets)
{
	struct sim_device *sdev;
	int err = 0;

	if (!ntargets || ntargets > DRVIO_TARGETS) {
		pr_err("a device has 1 to %d targets, not %u\n", DRVIO_TARGETS,
		       ntargets);
		return -EINVAL;
	}
	mutex_lock(&sim_lock);
	if (!sim_open)
		err = -ENODEV;
	else if (sim_find(dev_id))
		err = -EEXIST;
	else if (sim_count >= max_devices)
		err = -ENOSPC;
	sdev = err ? NULL : sim_alloc(dev_id, ntargets);
	if (sdev) {
		/* Whoever finds it to remove it waits until it is all there. */
		mutex_lock(&sdev->life);
		list_add_tail(&sdev->node, &sim_devices);
		sim_count++;
	}
	mutex_unlock(&sim_lock);
	if (!sdev)
		return err ?: -ENOMEM;

	sim_fault_add(sdev);
	err = targets_add(sdev);
	mutex_unlock(&sdev->life);
	if (err)
		sim_device_remove(sdev);
	return err;
}

int sim_device_init(void)
{
	sim_vanish_wq = alloc_workqueue("drvio_sim", WQ_UNBOUND, 0);
	if (!sim_vanish_wq)
		return -ENOMEM;
	sim_root = root_device_register("drvio-sim");
	if (IS_ERR(sim_root)) {
		destroy_workqueue(sim_vanish_wq);
		return PTR_ERR(sim_root);
	}
	refcount_set(&sim_living, 1);
	mutex_lock(&sim_lock);
	sim_open = true;
	mutex_unlock(&sim_lock);
	return 0;
}

void sim_device_exit(void)
{
	struct sim_device *sdev;

	mutex_lock(&sim_lock);
	sim_open = false;
	while ((sdev = list_first_entry_or_null(&sim_devices, struct sim_device,
						node))) {
		kref_get(&sdev->ref);
		mutex_unlock(&sim_lock);
		sim_device_remove(sdev);
		/* One that removes itself is waited for here. */
		flush_work(&sdev->vanish);
		sim_put(sdev);
		mutex_lock(&sim_lock);
	}
	mutex_unlock(&sim_lock);

	destroy_workqueue(sim_vanish_wq);
	root_device_unregister(sim_root);
	living_put();
	wait_for_completion(&sim_deserted);
}

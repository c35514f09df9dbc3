// SPDX-License-Identifier: GPL-2.0
/*
 * The serial number of a virtio disk, by way of the attribute "serial" that the
 * driver has given its disk, since the driver offers it to nobody else.
 */
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "limits.h"
#include "virtio_serial.h"

/**
 * struct serial_read - a request to a disk
 * @node: in serial_reads, until it has its answer; serial_lock
 * @ref: readers and the worker
 * @work: asks
 * @done: the answer is there
 * @disk: who is asked; referenced while @node is in the list, and so is the
 *	module of its driver
 * @show: the attribute
 * @err: 0, or why there is no answer
 * @text: the answer
 */
struct serial_read {
	struct list_head node;
	struct kref ref;
	struct work_struct work;
	struct completion done;
	struct gendisk *disk;
	struct device_attribute *show;
	int err;
	char text[VIRTIO_SERIAL_MAX];
};

static struct workqueue_struct *serial_wq;
static LIST_HEAD(serial_reads);
/* Protects serial_reads; taken inside of device_locks. */
static DEFINE_MUTEX(serial_lock);

static void serial_release(struct kref *ref)
{
	kfree(container_of(ref, struct serial_read, ref));
}

static void serial_ask(struct serial_read *read)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	ssize_t len;

	if (!page) {
		read->err = -ENOMEM;
		return;
	}
	len = read->show->show(disk_to_dev(read->disk), read->show, page);
	if (len < 0) {
		read->err = len;
	} else {
		strscpy(read->text, page, sizeof(read->text));
		strreplace(read->text, '\n', '\0');
	}
	free_page((unsigned long)page);
}

static void serial_work(struct work_struct *work)
{
	struct serial_read *read = container_of(work, struct serial_read, work);
	struct module *driver = read->disk->fops->owner;

	serial_ask(read);

	mutex_lock(&serial_lock);
	list_del(&read->node);
	mutex_unlock(&serial_lock);
	put_device(disk_to_dev(read->disk));
	module_put(driver);
	complete_all(&read->done);
	kref_put(&read->ref, serial_release);
	/* The exit waits for the workqueue, so this returns into code that is there. */
	module_put(THIS_MODULE);
}

static struct device_attribute *find_show(struct gendisk *disk)
{
	const struct attribute_group **group;
	struct attribute **attr;

	for (group = disk_to_dev(disk)->groups; group && *group; group++)
		for (attr = (*group)->attrs; attr && *attr; attr++)
			if (!strcmp((*attr)->name, "serial"))
				return container_of(*attr, struct device_attribute, attr);
	return NULL;
}

static struct serial_read *serial_begin(struct gendisk *disk,
					struct device_attribute *show)
{
	struct serial_read *read;

	lockdep_assert_held(&serial_lock);
	list_for_each_entry(read, &serial_reads, node) {
		if (read->disk == disk) {
			kref_get(&read->ref);
			return read;
		}
	}
	read = kzalloc(sizeof(*read), GFP_KERNEL);
	if (!read)
		return ERR_PTR(-ENOMEM);
	if (!try_module_get(THIS_MODULE))
		goto err_free;
	if (!try_module_get(disk->fops->owner))
		goto err_put;
	kref_init(&read->ref);
	kref_get(&read->ref);
	INIT_WORK(&read->work, serial_work);
	init_completion(&read->done);
	read->disk = disk;
	get_device(disk_to_dev(disk));
	read->show = show;
	list_add(&read->node, &serial_reads);
	queue_work(serial_wq, &read->work);
	return read;

err_put:
	module_put(THIS_MODULE);
err_free:
	kfree(read);
	return ERR_PTR(-ENODEV);
}

int virtio_serial_read(struct gendisk *disk, char text[VIRTIO_SERIAL_MAX])
{
	struct device_attribute *show = find_show(disk);
	struct serial_read *read;
	long left;
	int err;

	text[0] = '\0';
	if (!show)
		return 0;

	mutex_lock(&serial_lock);
	read = serial_begin(disk, show);
	mutex_unlock(&serial_lock);
	if (IS_ERR(read))
		return PTR_ERR(read);

	left = wait_for_completion_killable_timeout(&read->done,
						    msecs_to_jiffies(DRVIO_ATTR_WAIT_MS));
	if (left > 0) {
		err = read->err;
		strscpy(text, read->text, VIRTIO_SERIAL_MAX);
	} else {
		err = left ? -EINTR : -ETIMEDOUT;
	}
	kref_put(&read->ref, serial_release);
	return err;
}

int virtio_serial_init(void)
{
	serial_wq = alloc_workqueue("drvio_serial", WQ_UNBOUND, 0);
	return serial_wq ? 0 : -ENOMEM;
}

void virtio_serial_exit(void)
{
	destroy_workqueue(serial_wq);
}

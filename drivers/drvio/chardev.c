// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/drvio: each open is one link over the bytes written and read.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/pagemap.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "core.h"

/**
 * struct drvio_file - an open /dev/drvio
 * @link: its link
 * @wait: readers and writers wait here
 */
struct drvio_file {
	struct drvio_link *link;
	wait_queue_head_t wait;
};

static void chardev_wake(void *priv)
{
	struct drvio_file *df = priv;

	wake_up_all(&df->wait);
}

static const struct drvio_link_ops chardev_link_ops = {
	.transport = "chardev",
	.wake = chardev_wake,
};

static int chardev_open(struct inode *inode, struct file *file)
{
	char peer[DRVIO_PEER_MAX];
	struct drvio_file *df;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	df = kzalloc(sizeof(*df), GFP_KERNEL);
	if (!df)
		return -ENOMEM;
	init_waitqueue_head(&df->wait);
	snprintf(peer, sizeof(peer), "pid:%d", task_tgid_nr(current));
	df->link = drvio_link_open(&chardev_link_ops, df, peer);
	if (IS_ERR(df->link)) {
		err = PTR_ERR(df->link);
		kfree(df);
		return err;
	}
	file->private_data = df;
	return stream_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct drvio_file *df = file->private_data;

	drvio_link_close(df->link);
	kfree(df);
	return 0;
}

static ssize_t chardev_read(struct file *file, char __user *to, size_t count,
			    loff_t *ppos)
{
	struct drvio_file *df = file->private_data;
	size_t size = min_t(size_t, count, DRVIO_DS_MSG_MAX);
	ssize_t n;
	void *buf;
	int err;

	if (!count)
		return 0;
	/* Look before bytes are taken that could not be delivered. */
	size -= fault_in_writeable(to, size);
	if (!size)
		return -EFAULT;
	buf = kmalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	while ((n = drvio_link_pull(df->link, buf, size)) == -EAGAIN) {
		if (file->f_flags & O_NONBLOCK)
			break;
		err = wait_event_interruptible(df->wait,
					       drvio_link_can_pull(df->link));
		if (err) {
			n = err;
			break;
		}
	}
	if (n > 0 && copy_to_user(to, buf, n))
		n = -EFAULT;
	kfree(buf);
	return n;
}

static ssize_t chardev_write(struct file *file, const char __user *from,
			     size_t count, loff_t *ppos)
{
	struct drvio_file *df = file->private_data;
	size_t size = min_t(size_t, count, DRVIO_DS_MSG_MAX);
	ssize_t n;
	void *buf;
	int err;

	if (!count)
		return 0;
	buf = memdup_user(from, size);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	while ((n = drvio_link_push(df->link, buf, size)) == -EAGAIN) {
		if (file->f_flags & O_NONBLOCK)
			break;
		err = wait_event_interruptible(df->wait,
					       drvio_link_can_push(df->link));
		if (err) {
			n = err;
			break;
		}
	}
	kfree(buf);
	return n;
}

static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct drvio_file *df = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &df->wait, wait);
	if (drvio_link_can_pull(df->link))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (drvio_link_can_push(df->link))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

static long chardev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct drvio_file *df = file->private_data;
	struct drvio_carrier carrier;

	if (cmd != DRVIO_IOC_SET_CARRIER)
		return -ENOTTY;
	if (copy_from_user(&carrier, (void __user *)arg, sizeof(carrier)))
		return -EFAULT;
	if (strnlen(carrier.name, sizeof(carrier.name)) == sizeof(carrier.name))
		return -EINVAL;
	return drvio_link_set_carrier(df->link, carrier.name, carrier.name);
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.read = chardev_read,
	.write = chardev_write,
	.poll = chardev_poll,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "drvio",
	.mode = 0600,
	.fops = &chardev_fops,
};

/* Return: 0 or what misc_register() returns. */
int drvio_chardev_init(void)
{
	return misc_register(&chardev);
}

void drvio_chardev_exit(void)
{
	misc_deregister(&chardev);
}

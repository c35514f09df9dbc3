// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/sun4v-peer: the control domain's end of the channel, as a stream of bytes.
 * An open connects the channel, and the close resets it; one at a time.
 */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <asm/ldc.h>

#include "stage.h"

#define PEER_MTU	4096

static atomic_t peer_open_count;
static struct ldc_channel *peer;
static DECLARE_WAIT_QUEUE_HEAD(peer_wait);
static bool peer_up, peer_down, peer_data;

static void peer_event(void *arg, int event)
{
	switch (event) {
	case LDC_EVENT_UP:
		WRITE_ONCE(peer_up, true);
		break;
	case LDC_EVENT_RESET:
		WRITE_ONCE(peer_down, true);
		break;
	case LDC_EVENT_DATA_READY:
		WRITE_ONCE(peer_data, true);
		break;
	}
	wake_up(&peer_wait);
}

static int peer_connect(void)
{
	struct ldc_channel_config cfg = {
		.event = peer_event,
		.mtu = PEER_MTU,
		.mode = LDC_MODE_STREAM,
		.tx_irq = STAGE_TX_IRQ(STAGE_PEER),
		.rx_irq = STAGE_RX_IRQ(STAGE_PEER),
	};
	long left;
	int err;

	peer_up = false;
	peer_down = false;
	peer_data = false;
	peer = ldc_alloc(STAGE_PEER, &cfg, &peer_wait, "peer");
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = ldc_bind(peer);
	if (!err)
		err = ldc_connect(peer);
	if (err)
		goto err_free;
	left = wait_event_interruptible_timeout(peer_wait, READ_ONCE(peer_up), 5 * HZ);
	if (left > 0)
		return 0;
	err = left ?: -ETIMEDOUT;
err_free:
	ldc_free(peer);
	return err;
}

static int peer_open(struct inode *inode, struct file *file)
{
	int err;

	if (atomic_cmpxchg(&peer_open_count, 0, 1))
		return -EBUSY;
	err = peer_connect();
	if (err) {
		atomic_set(&peer_open_count, 0);
		return err;
	}
	return stream_open(inode, file);
}

static int peer_release(struct inode *inode, struct file *file)
{
	ldc_free(peer);
	atomic_set(&peer_open_count, 0);
	return 0;
}

/* What there is, without waiting: a read of nothing tells the channel's state. */
static ssize_t peer_take(void *buf, size_t len)
{
	int n;

	if (READ_ONCE(peer_down))
		return -EPIPE;
	WRITE_ONCE(peer_data, false);
	/* A packet of the handshake is read as nothing, with data behind it. */
	n = ldc_read(peer, buf, len);
	if (n == 0 || n == -EAGAIN)
		n = ldc_read(peer, buf, len);
	if (n > 0)
		WRITE_ONCE(peer_data, true);
	return n ?: -EAGAIN;
}

static ssize_t peer_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	void *buf;
	ssize_t n;

	len = min_t(size_t, len, PEER_MTU);
	buf = kmalloc(len, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	for (;;) {
		n = peer_take(buf, len);
		if (n != -EAGAIN || (file->f_flags & O_NONBLOCK))
			break;
		n = wait_event_interruptible(peer_wait, READ_ONCE(peer_data) ||
					     READ_ONCE(peer_down));
		if (n)
			break;
	}
	if (n > 0 && copy_to_user(to, buf, n))
		n = -EFAULT;
	if (n == -EPIPE || n == -ECONNRESET)
		n = 0;
	kfree(buf);
	return n;
}

static ssize_t peer_write(struct file *file, const char __user *from, size_t len,
			  loff_t *pos)
{
	int n, tries;
	void *buf;

	len = min_t(size_t, len, PEER_MTU);
	buf = memdup_user(from, len);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	/* Acknowledgements make room; they come with what is read. */
	for (tries = 0; tries < 1000; tries++) {
		n = READ_ONCE(peer_down) ? -EPIPE : ldc_write(peer, buf, len);
		if (n != -EAGAIN)
			break;
		if (file->f_flags & O_NONBLOCK)
			break;
		schedule_timeout_interruptible(1);
	}
	kfree(buf);
	return n;
}

static __poll_t peer_poll(struct file *file, poll_table *wait)
{
	poll_wait(file, &peer_wait, wait);
	if (READ_ONCE(peer_down))
		return EPOLLIN | EPOLLHUP;
	return EPOLLOUT | (READ_ONCE(peer_data) ? EPOLLIN : 0);
}

static const struct file_operations peer_fops = {
	.owner = THIS_MODULE,
	.open = peer_open,
	.release = peer_release,
	.read = peer_read,
	.write = peer_write,
	.poll = peer_poll,
	.llseek = no_llseek,
};

static struct miscdevice peer_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "sun4v-peer",
	.mode = 0600,
	.fops = &peer_fops,
};

int stage_peer_init(void)
{
	return misc_register(&peer_misc);
}

void stage_peer_exit(void)
{
	misc_deregister(&peer_misc);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The vsock link: a listener in the kernel, and a link a connection.
 *
 * One thread serves all of it.  It never waits in a socket call: it goes round
 * listener and connections until nothing moves any more, and sleeps until a
 * socket or a link says that something may.  Bytes wait in one buffer for each
 * direction of a connection; while a link takes no input the socket is not
 * read, so that vsock's credit holds the peer back, and while the peer does not
 * read nothing is pulled from the link.
 *
 * Locks: none of its own.  Connections belong to the thread.  The wakeups come
 * with the wait queue's lock of a socket (any context) or with locks of drvio
 * held, and take the lock of the thread's wait queue inside.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": vsock: " fmt

#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/virtio.h>
#include <linux/virtio_ids.h>
#include <linux/vm_sockets.h>
#include <linux/wait.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "drvio.h"
#include "limits.h"
#include "virtio_bind.h"
#include "virtio_park.h"
#include "vsock.h"

static unsigned int vsock_port = DRVIO_VSOCK_PORT;
module_param(vsock_port, uint, 0444);
MODULE_PARM_DESC(vsock_port, "vsock port that the control domain connects to; 0: none (default "
		 __stringify(DRVIO_VSOCK_PORT) ")");

static unsigned int vsock_peer_cid;
module_param(vsock_peer_cid, uint, 0444);
MODULE_PARM_DESC(vsock_peer_cid, "a CID that may connect beside the host, which is CID 2; 1: this guest itself; 0: none (default)");

/**
 * struct vsock_buf - bytes on their way
 * @data: the bytes
 * @pos: the first that is not handed on yet
 * @len: the end; @pos == @len: empty
 */
struct vsock_buf {
	u8 data[DRVIO_VSOCK_BUF];
	size_t pos;
	size_t len;
};

/**
 * struct vsock_conn - a connection, which is a link
 * @node: in vsock.conns
 * @sock: the connection
 * @wait: hears of what happens to @sock
 * @link: the link
 * @in: from @sock to @link
 * @out: from @link to @sock
 */
struct vsock_conn {
	struct list_head node;
	struct socket *sock;
	struct wait_queue_entry wait;
	struct drvio_link *link;
	struct vsock_buf in;
	struct vsock_buf out;
};

/*
 * The listener and its thread.
 *
 * @sock: listens; NULL: there is none
 * @wait: hears of what happens to @sock
 * @thread: serves everything
 * @wq: where @thread waits
 * @event: something has happened since @thread went round
 * @conns: struct vsock_conn
 */
static struct {
	struct socket *sock;
	struct wait_queue_entry wait;
	struct task_struct *thread;
	wait_queue_head_t wq;
	atomic_t event;
	struct list_head conns;
} vsock;

static void vsock_wake(void *unused)
{
	atomic_set_release(&vsock.event, 1);
	wake_up(&vsock.wq);
}

static const struct drvio_link_ops vsock_link_ops = {
	.transport = "vsock",
	.wake = vsock_wake,
};

/*
 * Hooking into the wait queue of the socket rather than replacing its callbacks
 * leaves nothing behind in a socket that outlives this module.
 */
static int vsock_event(struct wait_queue_entry *wait, unsigned int mode, int sync,
		       void *key)
{
	vsock_wake(NULL);
	return 0;
}

static void vsock_watch(struct socket *sock, struct wait_queue_entry *wait)
{
	init_waitqueue_func_entry(wait, vsock_event);
	add_wait_queue(sk_sleep(sock->sk), wait);
}

static void vsock_release(struct socket *sock, struct wait_queue_entry *wait)
{
	remove_wait_queue(sk_sleep(sock->sk), wait);
	sock_release(sock);
}

static void vsock_conn_close(struct vsock_conn *conn)
{
	list_del(&conn->node);
	drvio_link_close(conn->link);
	vsock_release(conn->sock, &conn->wait);
	kfree(conn);
}

/* Only one device at a time has a driver, which is the transport to the host. */
static int is_transport(struct device *dev, const void *unused)
{
	return dev_to_virtio(dev)->id.device == VIRTIO_ID_VSOCK && virtio_bound(dev);
}

/*
 * A connection from this guest itself has CID 1 at the other end and stays in
 * the kernel; one from a guest of this guest has CID 2, the host, at this end and
 * comes through vhost.  What is left comes from the host, or through it.
 */
static void vsock_set_carrier(struct vsock_conn *conn, const struct sockaddr_vm *peer)
{
	struct sockaddr_vm local;
	struct device *dev;

	if (peer->svm_cid == VMADDR_CID_LOCAL ||
	    kernel_getsockname(conn->sock, (struct sockaddr *)&local) < 0 ||
	    local.svm_cid == VMADDR_CID_HOST)
		return;
	/* None: another hypervisor has a transport that is not virtio. */
	dev = bus_find_device(virtio_park_driver.driver.bus, NULL, NULL, is_transport);
	if (!dev)
		return;
	drvio_link_set_carrier(conn->link, dev_name(dev), NULL);
	put_device(dev);
}

static int vsock_conn_open(struct socket *sock, const struct sockaddr_vm *peer)
{
	struct vsock_conn *conn;
	char name[24];

	conn = kzalloc(sizeof(*conn), GFP_KERNEL);
	if (!conn)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%u:%u", peer->svm_cid, peer->svm_port);
	conn->link = drvio_link_open(&vsock_link_ops, conn, name);
	if (IS_ERR(conn->link)) {
		int err = PTR_ERR(conn->link);

		kfree(conn);
		return err;
	}
	conn->sock = sock;
	vsock_set_carrier(conn, peer);
	vsock_watch(sock, &conn->wait);
	list_add_tail(&conn->node, &vsock.conns);
	return 0;
}

static bool vsock_peer_allowed(u32 cid)
{
	return cid == VMADDR_CID_HOST || (vsock_peer_cid && cid == vsock_peer_cid);
}

/* Returns whether there was a connection to take. */
static bool vsock_accept(void)
{
	struct sockaddr_vm peer;
	struct socket *sock;
	int err;

	if (kernel_accept(vsock.sock, &sock, O_NONBLOCK))
		return false;

	err = kernel_getpeername(sock, (struct sockaddr *)&peer);
	if (err < 0) {
		/* It has gone already. */
		sock_release(sock);
		return true;
	}
	if (!vsock_peer_allowed(peer.svm_cid)) {
		pr_warn_ratelimited("refused CID %u: only the host (CID 2) may connect, and who the parameter vsock_peer_cid names\n",
				    peer.svm_cid);
		sock_release(sock);
		return true;
	}
	err = vsock_conn_open(sock, &peer);
	if (err) {
		pr_warn_ratelimited("refused %u:%u: %s (%d)\n", peer.svm_cid, peer.svm_port,
				    err == -EUSERS ? "too many links are open" : "no link",
				    err);
		sock_release(sock);
	}
	return true;
}

/* Both return how many bytes went on, 0 when the socket is at its end. */
static int vsock_recv(struct vsock_conn *conn)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct kvec vec = { conn->in.data, sizeof(conn->in.data) };

	return kernel_recvmsg(conn->sock, &msg, &vec, 1, vec.iov_len, MSG_DONTWAIT);
}

static int vsock_send(struct vsock_conn *conn)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = { conn->out.data + conn->out.pos,
			    conn->out.len - conn->out.pos };

	return kernel_sendmsg(conn->sock, &msg, &vec, 1, vec.iov_len);
}

/*
 * Moves bytes a step further in one direction.  Returns how far: 1 for
 * something, 0 for nothing now, a negative errno when the connection has ended.
 */
static int vsock_conn_in(struct vsock_conn *conn)
{
	struct vsock_buf *in = &conn->in;
	ssize_t n;

	if (in->pos == in->len) {
		n = vsock_recv(conn);
		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n ?: -ECONNRESET;
		in->pos = 0;
		in->len = n;
	}
	n = drvio_link_push(conn->link, in->data + in->pos, in->len - in->pos);
	if (n == -EAGAIN)
		return 0;
	if (n < 0)
		return n;
	in->pos += n;
	return 1;
}

static int vsock_conn_out(struct vsock_conn *conn)
{
	struct vsock_buf *out = &conn->out;
	ssize_t n;

	if (out->pos == out->len) {
		n = drvio_link_pull(conn->link, out->data, sizeof(out->data));
		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n ?: -EPIPE;
		out->pos = 0;
		out->len = n;
	}
	n = vsock_send(conn);
	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return n ?: -ECONNRESET;
	out->pos += n;
	return 1;
}

/* Returns whether anything has moved; the connection may be gone then. */
static bool vsock_conn_serve(struct vsock_conn *conn)
{
	int in, out;

	in = vsock_conn_in(conn);
	out = vsock_conn_out(conn);
	if (in >= 0 && out >= 0)
		return in || out;
	vsock_conn_close(conn);
	return true;
}

static int vsock_thread(void *unused)
{
	struct vsock_conn *conn, *next;
	bool moved;

	while (!kthread_should_stop()) {
		wait_event_idle(vsock.wq, atomic_xchg(&vsock.event, 0) ||
				kthread_should_stop());
		do {
			moved = vsock_accept();
			list_for_each_entry_safe(conn, next, &vsock.conns, node)
				moved |= vsock_conn_serve(conn);
			cond_resched();
		} while (moved && !kthread_should_stop());
	}
	list_for_each_entry_safe(conn, next, &vsock.conns, node)
		vsock_conn_close(conn);
	return 0;
}

static int vsock_listen(struct socket *sock)
{
	struct sockaddr_vm addr = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = vsock_port,
	};
	int err;

	err = kernel_bind(sock, (struct sockaddr *)&addr, sizeof(addr));
	return err ?: kernel_listen(sock, DRVIO_LINKS);
}

int drvio_vsock_init(void)
{
	struct task_struct *thread;
	int err;

	if (!vsock_port)
		return 0;

	init_waitqueue_head(&vsock.wq);
	INIT_LIST_HEAD(&vsock.conns);

	/* Loads vsock.ko where there is one. */
	err = sock_create_kern(&init_net, AF_VSOCK, SOCK_STREAM, 0, &vsock.sock);
	if (err) {
		pr_info("not available (%d): the control domain must use another link\n", err);
		vsock.sock = NULL;
		return 0;
	}
	err = vsock_listen(vsock.sock);
	if (err) {
		pr_warn("cannot listen on port %u (%d): choose another with the parameter vsock_port\n",
			vsock_port, err);
		sock_release(vsock.sock);
		vsock.sock = NULL;
		return 0;
	}
	vsock_watch(vsock.sock, &vsock.wait);

	thread = kthread_run(vsock_thread, NULL, "drvio-vsock");
	if (IS_ERR(thread)) {
		vsock_release(vsock.sock, &vsock.wait);
		vsock.sock = NULL;
		return PTR_ERR(thread);
	}
	vsock.thread = thread;
	return 0;
}

void drvio_vsock_exit(void)
{
	if (!vsock.sock)
		return;
	kthread_stop(vsock.thread);
	vsock_release(vsock.sock, &vsock.wait);
	vsock.sock = NULL;
}

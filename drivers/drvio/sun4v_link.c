// SPDX-License-Identifier: GPL-2.0
/*
 * The link to the control domain.
 *
 * The kernel's Domain Services driver speaks the protocol below; it tells us
 * when dr-vio is registered, and hands us service data.  It does so from the one
 * thread that serves all domain services, md-update among them, which a
 * CONFIGURE may be waiting for: so its callbacks only note what has happened,
 * under a spinlock, and a worker of the port does the rest.
 *
 * Locks: the device_lock of a port and the rwsem of the bus notifier, which come with
 * it; ports_lock, the list of ports; a port's lock, innermost.  The port's
 * link belongs to its worker, which calls drvio without a lock of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/ds.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <asm/vio.h>

#include "drvio.h"
#include "limits.h"
#include "sun4v_link.h"
#include "sun4v_park.h"

/* The handle by which the kernel knows a port's domain, where it is not its id. */
static unsigned long long ds_domain = ~0ULL;
module_param(ds_domain, ullong, 0444);
MODULE_PARM_DESC(ds_domain, "domain handle to register dr-vio with; default: the id of each Domain Services port");

/**
 * struct sun4v_msg - service data that has arrived
 * @node: in the port's list
 * @len: its length in bytes
 * @data: it
 */
struct sun4v_msg {
	struct list_head node;
	size_t len;
	u8 data[];
};

/**
 * struct sun4v_port - a Domain Services port
 * @node: in ports
 * @dev: the port on the vio bus; referenced
 * @ops: what the kernel calls
 * @hdl: of our registration as a provider; valid while @provided
 * @provided: dr-vio is provided there; the worker's, and its creator's
 * @leaving: the worker shall not do anything any more
 * @work: the worker
 * @link: the link; NULL: there is none.  The worker's
 * @out_len: bytes in @out that the channel had no room for.  The worker's
 * @out: a message for the peer
 * @lock: protects what follows
 * @registered: the peer has registered dr-vio
 * @minor: in this minor version
 * @session: counts registrations, so that no change is missed
 * @linked: of which of them @link is
 * @broken: something was lost: begin anew
 * @msgs: struct sun4v_msg
 * @nmsgs: how many
 */
struct sun4v_port {
	struct list_head node;
	struct device *dev;
	struct ds_ops ops;
	u64 hdl;
	bool provided;
	bool leaving;
	struct delayed_work work;
	struct drvio_link *link;
	size_t out_len;
	u8 out[DRVIO_DS_MSG_MAX];
	spinlock_t lock; /* innermost */
	bool registered;
	u16 minor;
	unsigned int session;
	unsigned int linked;
	bool broken;
	struct list_head msgs;
	unsigned int nmsgs;
};

static LIST_HEAD(ports);
static DEFINE_MUTEX(ports_lock);
static struct workqueue_struct *link_wq;

static void port_wake(struct sun4v_port *port)
{
	mod_delayed_work(link_wq, &port->work, 0);
}

static void drop_msgs(struct sun4v_port *port)
{
	struct sun4v_msg *msg, *next;

	lockdep_assert_held(&port->lock);
	list_for_each_entry_safe(msg, next, &port->msgs, node)
		kfree(msg);
	INIT_LIST_HEAD(&port->msgs);
	port->nmsgs = 0;
}

/* Callbacks of Domain Services: see above. */

static void port_registered(void *arg, u64 hdl, struct ds_ver *ver)
{
	struct sun4v_port *port = arg;

	spin_lock(&port->lock);
	port->registered = true;
	port->minor = ver->minor;
	port->session++;
	drop_msgs(port);
	spin_unlock(&port->lock);
	port_wake(port);
}

static void port_unregistered(void *arg, u64 hdl)
{
	struct sun4v_port *port = arg;

	spin_lock(&port->lock);
	port->registered = false;
	drop_msgs(port);
	spin_unlock(&port->lock);
	port_wake(port);
}

static void port_data(void *arg, u64 hdl, void *buf, size_t len)
{
	struct sun4v_port *port = arg;
	struct sun4v_msg *msg = NULL;

	spin_lock(&port->lock);
	if (port->nmsgs < DRVIO_LINK_BACKLOG)
		msg = kmalloc(struct_size(msg, data, len), GFP_NOWAIT);
	if (msg) {
		msg->len = len;
		memcpy(msg->data, buf, len);
		list_add_tail(&msg->node, &port->msgs);
		port->nmsgs++;
	} else {
		port->broken = true;
	}
	spin_unlock(&port->lock);
	port_wake(port);
}

static void link_wake(void *priv)
{
	port_wake(priv);
}

static const struct drvio_link_ops link_ops = {
	.transport = "ldc",
	.wake = link_wake,
};

static char svc_id[] = DRVIO_SVC_ID;

static int port_provide(struct sun4v_port *port)
{
	struct ds_capability cap = {
		.svc_id = svc_id,
		.vers = { .major = DRVIO_MAJOR, .minor = DRVIO_MINOR },
	};
	u64 domain = ds_domain == ~0ULL ? to_vio_dev(port->dev)->dev_no : ds_domain;
	int err;

	/* Ahead of the call: callbacks come before it returns. */
	port->provided = true;
	err = ds_cap_init(&cap, &port->ops, DS_CAP_IS_PROVIDER | DS_TARGET_IS_DOMAIN,
			  domain, &port->hdl);
	port->provided = !err;
	if (err)
		dev_err(port->dev, "drvio: domain %llu does not let %s be provided: %pe\n",
			domain, DRVIO_SVC_ID, ERR_PTR(err));
	return err;
}

static void port_close_link(struct sun4v_port *port)
{
	if (port->link)
		drvio_link_close(port->link);
	port->link = NULL;
	port->out_len = 0;
}

/* A request was lost: the peer shall know that none of its requests counts. */
static void port_begin_anew(struct sun4v_port *port)
{
	dev_warn_ratelimited(port->dev, "drvio: more requests than can be kept, or out of memory: registering anew\n");
	port_close_link(port);
	if (port->provided)
		ds_cap_fini(port->hdl);

	spin_lock(&port->lock);
	port->registered = false;
	port->broken = false;
	drop_msgs(port);
	spin_unlock(&port->lock);
	if (port_provide(port)) {
		/* No callback comes: try again. */
		spin_lock(&port->lock);
		port->broken = true;
		spin_unlock(&port->lock);
		queue_delayed_work(link_wq, &port->work, HZ);
	}
}

/* Makes the link what the registration is.  Return: whether there is one. */
static bool port_follow(struct sun4v_port *port)
{
	bool registered, changed;
	unsigned int session;
	u16 minor;

	spin_lock(&port->lock);
	registered = port->registered;
	session = port->session;
	changed = port->linked != session;
	minor = port->minor;
	spin_unlock(&port->lock);

	if (!registered || changed)
		port_close_link(port);
	if (!registered)
		return false;
	if (port->link)
		return true;

	port->link = drvio_link_open_registered(&link_ops, port, dev_name(port->dev), minor);
	if (IS_ERR(port->link)) {
		dev_warn_ratelimited(port->dev, "drvio: no link for the control domain: %pe\n",
				     port->link);
		port->link = NULL;
		queue_delayed_work(link_wq, &port->work, HZ);
		return false;
	}
	spin_lock(&port->lock);
	port->linked = session;
	spin_unlock(&port->lock);
	return true;
}

/* Both return whether a message has moved. */

static bool port_push(struct sun4v_port *port)
{
	struct sun4v_msg *msg;
	int err;

	spin_lock(&port->lock);
	msg = port->registered && port->linked == port->session ?
	      list_first_entry_or_null(&port->msgs, struct sun4v_msg, node) : NULL;
	if (msg) {
		list_del(&msg->node);
		port->nmsgs--;
	}
	spin_unlock(&port->lock);
	if (!msg)
		return false;

	err = drvio_link_push_data(port->link, msg->data, msg->len);
	if (!err) {
		kfree(msg);
		return true;
	}
	/* Back to where it was: nobody else takes from the list but to empty it. */
	spin_lock(&port->lock);
	if (port->registered && port->linked == port->session) {
		list_add(&msg->node, &port->msgs);
		port->nmsgs++;
		msg = NULL;
	}
	spin_unlock(&port->lock);
	kfree(msg);
	if (err != -EAGAIN)
		queue_delayed_work(link_wq, &port->work, msecs_to_jiffies(DRVIO_LDC_RETRY_MS));
	return false;
}

static bool port_pull(struct sun4v_port *port)
{
	ssize_t n;
	int err;

	if (!port->out_len) {
		n = drvio_link_pull_data(port->link, port->out, sizeof(port->out));
		if (n <= 0)
			return false;
		port->out_len = n;
	}
	err = ds_cap_send(port->hdl, port->out, port->out_len);
	if (err && err != -ENODEV && err != -ENOTCONN && err != -EMSGSIZE) {
		queue_delayed_work(link_wq, &port->work, msecs_to_jiffies(DRVIO_LDC_RETRY_MS));
		return false;
	}
	/* Without a registration nobody waits for it; the end of the link follows. */
	port->out_len = 0;
	return true;
}

static void port_work(struct work_struct *work)
{
	struct sun4v_port *port = container_of(to_delayed_work(work), struct sun4v_port, work);
	bool moved;

	if (READ_ONCE(port->leaving))
		return;
	if (READ_ONCE(port->broken))
		port_begin_anew(port);
	do {
		if (!port_follow(port))
			return;
		moved = port_push(port);
		moved |= port_pull(port);
		cond_resched();
	} while (moved);
}

static struct sun4v_port *find_port(struct device *dev)
{
	struct sun4v_port *port;

	lockdep_assert_held(&ports_lock);
	list_for_each_entry(port, &ports, node)
		if (port->dev == dev)
			return port;
	return NULL;
}

static void port_free(struct sun4v_port *port)
{
	WRITE_ONCE(port->leaving, true);
	cancel_delayed_work_sync(&port->work);
	if (port->provided)
		ds_cap_fini(port->hdl);
	/* The last callback has run; the link may still wake. */
	port_close_link(port);
	cancel_delayed_work_sync(&port->work);
	spin_lock(&port->lock);
	drop_msgs(port);
	spin_unlock(&port->lock);
	put_device(port->dev);
	kfree(port);
}

static void link_add(struct device *dev)
{
	struct sun4v_port *port;

	mutex_lock(&ports_lock);
	if (find_port(dev))
		goto out;
	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port) {
		dev_err(dev, "drvio: no link for the control domain: out of memory\n");
		goto out;
	}
	port->dev = get_device(dev);
	INIT_DELAYED_WORK(&port->work, port_work);
	spin_lock_init(&port->lock);
	INIT_LIST_HEAD(&port->msgs);
	port->ops = (struct ds_ops) {
		.ds_reg_cb = port_registered,
		.ds_unreg_cb = port_unregistered,
		.ds_data_cb = port_data,
		.cb_arg = port,
	};
	if (port_provide(port)) {
		put_device(dev);
		kfree(port);
		goto out;
	}
	list_add_tail(&port->node, &ports);
out:
	mutex_unlock(&ports_lock);
}

static void link_remove(struct device *dev)
{
	struct sun4v_port *port;

	mutex_lock(&ports_lock);
	port = find_port(dev);
	if (port)
		list_del(&port->node);
	mutex_unlock(&ports_lock);
	if (port)
		port_free(port);
}

static bool is_ds_port(struct device *dev)
{
	return !strcmp(to_vio_dev(dev)->type, "domain-services-port");
}

/* A port is of use from when its driver has bound it until just before it lets go. */
static int links_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct device *dev = data;

	if (!is_ds_port(dev))
		return NOTIFY_DONE;
	if (event == BUS_NOTIFY_BOUND_DRIVER)
		link_add(dev);
	else if (event == BUS_NOTIFY_UNBIND_DRIVER)
		link_remove(dev);
	return NOTIFY_OK;
}

static struct notifier_block links_nb = {
	.notifier_call = links_notify,
};

static int add_booted(struct device *dev, void *unused)
{
	if (!is_ds_port(dev))
		return 0;
	device_lock(dev);
	if (dev->driver)
		link_add(dev);
	device_unlock(dev);
	return 0;
}

int sun4v_links_init(void)
{
	int err;

	link_wq = alloc_workqueue("drvio_ldc", WQ_UNBOUND, 0);
	if (!link_wq)
		return -ENOMEM;
	err = bus_register_notifier(sun4v_park_driver.driver.bus, &links_nb);
	if (err) {
		destroy_workqueue(link_wq);
		return err;
	}
	bus_for_each_dev(sun4v_park_driver.driver.bus, NULL, NULL, add_booted);
	return 0;
}

void sun4v_links_exit(void)
{
	struct sun4v_port *port, *next;

	bus_unregister_notifier(sun4v_park_driver.driver.bus, &links_nb);
	list_for_each_entry_safe(port, next, &ports, node) {
		list_del(&port->node);
		port_free(port);
	}
	destroy_workqueue(link_wq);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Links: bytes in and out, requests in order, answers in the same order.
 *
 * A request starts when no earlier one of its link is for the same device, so
 * independent devices overlap; answers leave from the head of the list.
 *
 * Nothing is allocated between the arrival of a message and its answer: the
 * next request is allocated before the bytes are looked at, the answers go
 * into a buffer of the link, and input is held back while either is missing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/idr.h>
#include <linux/kfifo.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "core.h"
#include "ds.h"
#include "link.h"
#include "request.h"
#include "stats.h"
#include "trace.h"

/**
 * struct drvio_link - a link
 * @dev: its node, /sys/class/drvio/link<id>
 * @node: in the list of open links
 * @ops: the transport; NULL once closed
 * @priv: the transport's own
 * @transport: its name
 * @id: N of linkN
 * @peer: who is at the other end, for people
 * @carrier: the bus device that carries the bytes; "" when unknown
 * @ds: the session
 * @requests: without an answer on its way, oldest first
 * @backlog: how many; read without the lock, as a hint
 * @queued: how many of them count against DRVIO_LINK_QUEUE
 * @spare: for the next request
 * @tx: bytes for the peer
 * @pumping: link_pump() is at work
 * @nrequests: requests that came
 * @nanswers: answers that were given to the stream
 * @ndropped: requests whose answer nobody was there for
 * @nerrors: malformed requests, messages that were refused or out of place
 *
 * Protected by drvio_lock.
 */
struct drvio_link {
	struct device dev;
	struct list_head node;
	const struct drvio_link_ops *ops;
	void *priv;
	const char *transport;
	int id;
	char peer[DRVIO_PEER_MAX];
	char carrier[DRVIO_CARRIER_MAX];
	struct drvio_ds ds;
	struct list_head requests;
	unsigned int backlog;
	unsigned int queued;
	struct drvio_request *spare;
	struct kfifo tx;
	bool pumping;
	unsigned long nrequests;
	unsigned long nanswers;
	unsigned long ndropped;
	unsigned long nerrors;
};

#define to_drvio_link(_dev) container_of(_dev, struct drvio_link, dev)

/* Room for an answer, and for what one message of the peer makes us say. */
#define LINK_TX_ROOM	(DRVIO_RESP_WIRE_MAX + 64)

static LIST_HEAD(links);
static DEFINE_IDA(link_ida);

struct device *drvio_link_dev(struct drvio_link *link)
{
	return &link->dev;
}

bool drvio_link_carries(struct device *carrier, struct device *dev,
			struct drvio_reason *why)
{
	struct drvio_link *link;

	lockdep_assert_held(&drvio_lock);
	list_for_each_entry(link, &links, node) {
		if (strcmp(link->carrier, dev_name(carrier)))
			continue;
		drvio_reason_set(why,
				 "%s: %s carries %s, over which the control domain talks to this guest: it cannot be unconfigured while that link is open",
				 dev_name(dev), dev_name(carrier), dev_name(&link->dev));
		return true;
	}
	return false;
}

int drvio_carrier_look(struct device *carrier, struct device *dev,
		       struct drvio_reason *why)
{
	int err;

	mutex_lock(&drvio_lock);
	err = drvio_link_carries(carrier, dev, why) ? -EPERM : 0;
	mutex_unlock(&drvio_lock);
	return err;
}
EXPORT_SYMBOL_GPL(drvio_carrier_look);

static void link_wake(struct drvio_link *link)
{
	if (link->ops)
		link->ops->wake(link->priv);
}

static void link_remove_request(struct drvio_link *link, struct drvio_request *req)
{
	list_del_init(&req->node);
	WRITE_ONCE(link->backlog, link->backlog - 1);
	if (!req->refused)
		link->queued--;
	req->link = NULL;
}

/* Nobody waits for these answers any more; the requests themselves go on. */
static void link_drop_requests(struct drvio_link *link)
{
	struct drvio_request *req, *next;

	lockdep_assert_held(&drvio_lock);

	list_for_each_entry_safe(req, next, &link->requests, node) {
		link_remove_request(link, req);
		link->ndropped++;
		drvio_count(DRVIO_COUNT_DROPPED);
		drvio_request_put(req);
	}
}

/* Nobody may tell that requests overlap: same device, same link, in order. */
static bool link_must_wait(struct drvio_link *link, struct drvio_request *req)
{
	struct drvio_request *earlier;

	list_for_each_entry(earlier, &link->requests, node) {
		if (earlier == req)
			return false;
		if (earlier->phase != DRVIO_PHASE_DONE &&
		    earlier->wire.dev_id == req->wire.dev_id &&
		    !strcmp(earlier->wire.name, req->wire.name))
			return true;
	}
	return false;
}

static void link_start_requests(struct drvio_link *link)
{
	struct drvio_request *req;

	list_for_each_entry(req, &link->requests, node)
		if (!req->started && !link_must_wait(link, req))
			drvio_request_start(req);
}

/* Sends the answer of the oldest request.  Return: whether there was one. */
static bool link_send_answer(struct drvio_link *link)
{
	struct drvio_request *req;
	u8 buf[DRVIO_RESP_WIRE_MAX];
	size_t len;

	req = list_first_entry_or_null(&link->requests, struct drvio_request, node);
	if (!req || req->phase != DRVIO_PHASE_DONE ||
	    link->ds.state != DRVIO_DS_REGISTERED ||
	    kfifo_avail(&link->tx) < LINK_TX_ROOM)
		return false;

	len = drvio_resp_encode(buf, sizeof(buf), &(struct drvio_resp) {
		.number = req->wire.number,
		.result = req->result,
		.status = req->status,
		/* Success needs no reason, but for what STATUS has to say. */
		.reason = req->result == DRVIO_OK &&
			  req->wire.verb != DRVIO_STATUS ? "" : req->why.text,
	});
	drvio_ds_send_data(&link->ds, buf, len);
	link_remove_request(link, req);
	link->nanswers++;
	drvio_count(DRVIO_COUNT_ANSWERS);
	drvio_request_put(req);
	return true;
}

/*
 * Starts what may start and sends what may be sent.  A STATUS is done as soon
 * as it is started, and calls back here: hence the flag, not a recursion.
 */
static void link_pump(struct drvio_link *link)
{
	lockdep_assert_held(&drvio_lock);

	if (link->pumping)
		return;
	link->pumping = true;
	link_start_requests(link);
	while (link_send_answer(link))
		;
	link->pumping = false;
	link_wake(link);
}

void drvio_link_answered(struct drvio_request *req)
{
	lockdep_assert_held(&drvio_lock);
	if (req->link)
		link_pump(req->link);
}

/* Callbacks of the DS engine; drvio_lock is held, since it is in each of ours. */

static void link_ds_send(void *ctx, const void *msg, size_t len)
{
	struct drvio_link *link = ctx;

	/* drvio_link_push() looks for room before each message. */
	if (WARN_ON_ONCE(kfifo_in(&link->tx, msg, len) != len))
		link->nerrors++;
}

static void link_ds_data(void *ctx, const void *data, size_t len)
{
	struct drvio_link *link = ctx;
	struct drvio_request *req = link->spare;
	const char *error;

	link->spare = NULL;
	error = drvio_req_decode(&req->wire, data, len);
	req->begun = ktime_get();
	req->link = link;
	req->refused = error || link->queued >= DRVIO_LINK_QUEUE;
	if (!req->refused)
		link->queued++;
	list_add_tail(&req->node, &link->requests);
	WRITE_ONCE(link->backlog, link->backlog + 1);
	link->nrequests++;
	drvio_count(DRVIO_COUNT_REQUESTS);
	trace_drvio_request(dev_name(&link->dev), &req->wire);

	if (error) {
		link->nerrors++;
		/* What cannot be read addresses no device. */
		req->wire.name[0] = '\0';
		drvio_reason_set(&req->why, "%s", error);
		drvio_request_refuse(req, DRVIO_FAILURE);
	} else if (req->refused) {
		drvio_reason_set(&req->why,
				 "%d requests of this link are queued already; wait for their answers and try again",
				 DRVIO_LINK_QUEUE);
		drvio_request_refuse(req, DRVIO_BLOCKED);
	} else {
		link_pump(link);
	}
}

static void link_ds_registered(void *ctx)
{
	struct drvio_link *link = ctx;

	trace_drvio_link(dev_name(&link->dev), "registered");
	dev_info(&link->dev, "%s %d.%u registered with %s\n", DRVIO_SVC_ID,
		 DRVIO_MAJOR, link->ds.minor, link->peer);
	link_pump(link);
}

static void link_ds_restart(void *ctx)
{
	struct drvio_link *link = ctx;

	trace_drvio_link(dev_name(&link->dev), "restarted");
	dev_info(&link->dev, "%s began a new session\n", link->peer);
	link_drop_requests(link);
}

static const struct drvio_ds_ops link_ds_ops = {
	.send = link_ds_send,
	.data = link_ds_data,
	.registered = link_ds_registered,
	.restart = link_ds_restart,
};

bool drvio_link_can_push(struct drvio_link *link)
{
	return READ_ONCE(link->ds.state) == DRVIO_DS_CLOSED ||
	       (READ_ONCE(link->backlog) < DRVIO_LINK_BACKLOG &&
		kfifo_avail(&link->tx) >= LINK_TX_ROOM);
}
EXPORT_SYMBOL_GPL(drvio_link_can_push);

bool drvio_link_can_pull(struct drvio_link *link)
{
	return READ_ONCE(link->ds.state) == DRVIO_DS_CLOSED ||
	       !kfifo_is_empty(&link->tx);
}
EXPORT_SYMBOL_GPL(drvio_link_can_pull);

/* The next request: there is one, or there is no memory. */
static bool link_has_spare(struct drvio_link *link)
{
	if (!link->spare)
		link->spare = drvio_request_alloc();
	return link->spare;
}

ssize_t drvio_link_push(struct drvio_link *link, const void *buf, size_t len)
{
	ssize_t taken = 0;
	size_t n;

	mutex_lock(&drvio_lock);
	while (taken < len && link->ds.state != DRVIO_DS_CLOSED) {
		if (!drvio_link_can_push(link))
			break;
		if (!link_has_spare(link)) {
			taken = taken ?: -ENOMEM;
			goto out;
		}
		n = drvio_ds_input(&link->ds, buf + taken, len - taken);
		taken += n;
	}
	if (link->ds.state == DRVIO_DS_CLOSED) {
		if (link->ds.error) {
			trace_drvio_link(dev_name(&link->dev), link->ds.error);
			dev_notice_ratelimited(&link->dev,
					       "closed: %s from %s; open the stream again for a new session\n",
					       link->ds.error, link->peer);
			link->ds.error = NULL;
			link->nerrors++;
			link_drop_requests(link);
		}
		taken = -EPIPE;
	} else if (!taken) {
		taken = -EAGAIN;
	}
	link_wake(link);
out:
	mutex_unlock(&drvio_lock);
	return taken;
}
EXPORT_SYMBOL_GPL(drvio_link_push);

ssize_t drvio_link_pull(struct drvio_link *link, void *buf, size_t len)
{
	ssize_t n;

	mutex_lock(&drvio_lock);
	n = kfifo_out(&link->tx, buf, len);
	if (n)
		link_pump(link);
	else if (link->ds.state != DRVIO_DS_CLOSED)
		n = -EAGAIN;
	mutex_unlock(&drvio_lock);
	return n;
}
EXPORT_SYMBOL_GPL(drvio_link_pull);

int drvio_link_push_data(struct drvio_link *link, const void *data, size_t len)
{
	int err = 0;

	mutex_lock(&drvio_lock);
	if (!drvio_link_can_push(link))
		err = -EAGAIN;
	else if (!link_has_spare(link))
		err = -ENOMEM;
	else
		link_ds_data(link, data, len);
	mutex_unlock(&drvio_lock);
	return err;
}
EXPORT_SYMBOL_GPL(drvio_link_push_data);

ssize_t drvio_link_pull_data(struct drvio_link *link, void *data, size_t size)
{
	const size_t head = sizeof(struct drvio_ds_hdr) + sizeof(struct drvio_ds_handle);
	u8 hdr[sizeof(struct drvio_ds_hdr) + sizeof(struct drvio_ds_handle)];
	ssize_t n = -EAGAIN;

	mutex_lock(&drvio_lock);
	if (kfifo_out(&link->tx, hdr, head) == head) {
		n = drvio_ds_msg_len(hdr) - head;
		if (WARN_ON_ONCE(n > size || kfifo_out(&link->tx, data, n) != n))
			n = -EAGAIN;
		link_pump(link);
	}
	mutex_unlock(&drvio_lock);
	return n;
}
EXPORT_SYMBOL_GPL(drvio_link_pull_data);

static bool printable_word(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!isascii(*s) || !isgraph(*s))
			return false;
	return true;
}

int drvio_link_set_carrier(struct drvio_link *link, const char *name,
			   const char *peer)
{
	if (strlen(name) >= sizeof(link->carrier) || !printable_word(name))
		return -EINVAL;
	mutex_lock(&drvio_lock);
	strscpy(link->carrier, name, sizeof(link->carrier));
	if (peer)
		strscpy(link->peer, peer, sizeof(link->peer));
	mutex_unlock(&drvio_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(drvio_link_set_carrier);

/* sysfs */

static ssize_t transport_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%s\n", to_drvio_link(dev)->transport);
}
static DEVICE_ATTR_RO(transport);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct drvio_link *link = to_drvio_link(dev);
	const char *word;

	switch (READ_ONCE(link->ds.state)) {
	case DRVIO_DS_CLOSED:
		word = "down";
		break;
	case DRVIO_DS_REGISTERED:
		word = "registered";
		break;
	default:
		word = "negotiating";
		break;
	}
	return sysfs_emit(buf, "%s\n", word);
}
static DEVICE_ATTR_RO(state);

/* The agreed version; empty until there is one. */
static ssize_t version_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct drvio_link *link = to_drvio_link(dev);
	ssize_t len;

	mutex_lock(&drvio_lock);
	if (link->ds.state == DRVIO_DS_REGISTERED)
		len = sysfs_emit(buf, "%d.%u\n", DRVIO_MAJOR, link->ds.minor);
	else
		len = sysfs_emit(buf, "\n");
	mutex_unlock(&drvio_lock);
	return len;
}
static DEVICE_ATTR_RO(version);

static ssize_t peer_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct drvio_link *link = to_drvio_link(dev);
	ssize_t len;

	mutex_lock(&drvio_lock);
	len = sysfs_emit(buf, "%s\n", link->peer);
	mutex_unlock(&drvio_lock);
	return len;
}
static DEVICE_ATTR_RO(peer);

static struct attribute *link_attrs[] = {
	&dev_attr_transport.attr,
	&dev_attr_state.attr,
	&dev_attr_version.attr,
	&dev_attr_peer.attr,
	NULL
};

static const struct attribute_group link_group = {
	.attrs = link_attrs,
};

#define DRVIO_LINK_STAT(_name, _value)						\
static ssize_t _name##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)		\
{										\
	struct drvio_link *link = to_drvio_link(dev);				\
	unsigned long value;							\
										\
	mutex_lock(&drvio_lock);						\
	value = _value;								\
	mutex_unlock(&drvio_lock);						\
	return sysfs_emit(buf, "%lu\n", value);					\
}										\
static DEVICE_ATTR_RO(_name)

DRVIO_LINK_STAT(requests, link->nrequests);
DRVIO_LINK_STAT(answers, link->nanswers);
DRVIO_LINK_STAT(dropped, link->ndropped);
DRVIO_LINK_STAT(errors, link->nerrors + link->ds.errors);

static struct attribute *link_stat_attrs[] = {
	&dev_attr_requests.attr,
	&dev_attr_answers.attr,
	&dev_attr_dropped.attr,
	&dev_attr_errors.attr,
	NULL
};

static const struct attribute_group link_stat_group = {
	.name = "statistics",
	.attrs = link_stat_attrs,
};

static const struct attribute_group *link_groups[] = {
	&link_group,
	&link_stat_group,
	NULL
};

static const struct device_type link_type = {
	.name = "drvio_link",
	.groups = link_groups,
};

static void link_release(struct device *dev)
{
	struct drvio_link *link = to_drvio_link(dev);

	kfifo_free(&link->tx);
	kfree(link);
}

/* @minor: of dr-vio, which the peer has registered; -1: it has not */
static struct drvio_link *link_open(const struct drvio_link_ops *ops, void *priv,
				    const char *peer, int minor)
{
	struct drvio_link *link;
	int err;

	link = kzalloc(sizeof(*link), GFP_KERNEL);
	if (!link)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&link->node);
	INIT_LIST_HEAD(&link->requests);
	link->transport = ops->transport;
	strscpy(link->peer, peer, sizeof(link->peer));
	device_initialize(&link->dev);
	link->dev.class = &drvio_class;
	link->dev.type = &link_type;
	link->dev.release = link_release;

	err = kfifo_alloc(&link->tx, DRVIO_LINK_TX_BYTES, GFP_KERNEL);
	if (err)
		goto err_put;
	link->id = ida_alloc_max(&link_ida, DRVIO_LINKS - 1, GFP_KERNEL);
	if (link->id < 0) {
		err = link->id == -ENOSPC ? -EUSERS : link->id;
		goto err_put;
	}
	err = dev_set_name(&link->dev, "link%d", link->id);
	if (err)
		goto err_id;
	err = device_add(&link->dev);
	if (err)
		goto err_id;

	mutex_lock(&drvio_lock);
	link->ops = ops;
	link->priv = priv;
	list_add_tail(&link->node, &links);
	trace_drvio_link(dev_name(&link->dev), "opened");
	if (minor < 0)
		drvio_ds_start(&link->ds, &link_ds_ops, link, get_random_u32());
	else
		drvio_ds_start_registered(&link->ds, &link_ds_ops, link, minor);
	link_wake(link);
	mutex_unlock(&drvio_lock);
	return link;

err_id:
	ida_free(&link_ida, link->id);
err_put:
	put_device(&link->dev);
	return ERR_PTR(err);
}

struct drvio_link *drvio_link_open(const struct drvio_link_ops *ops, void *priv,
				   const char *peer)
{
	return link_open(ops, priv, peer, -1);
}
EXPORT_SYMBOL_GPL(drvio_link_open);

struct drvio_link *drvio_link_open_registered(const struct drvio_link_ops *ops,
					      void *priv, const char *peer, u16 minor)
{
	return link_open(ops, priv, peer, minor);
}
EXPORT_SYMBOL_GPL(drvio_link_open_registered);

void drvio_link_close(struct drvio_link *link)
{
	mutex_lock(&drvio_lock);
	trace_drvio_link(dev_name(&link->dev), "closed");
	link->ops = NULL;
	WRITE_ONCE(link->ds.state, DRVIO_DS_CLOSED);
	list_del_init(&link->node);
	link_drop_requests(link);
	if (link->spare)
		drvio_request_put(link->spare);
	link->spare = NULL;
	mutex_unlock(&drvio_lock);

	device_del(&link->dev);
	ida_free(&link_ida, link->id);
	put_device(&link->dev);
}
EXPORT_SYMBOL_GPL(drvio_link_close);

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What drvio.ko offers to the modules that find and bind targets
 * (drvio-virtio, drvio-sun4v, drvio-sim) and to the transports of links.
 *
 * Words: a DR device is what the (name, dev_id) of a request addresses.  It has
 * one or more targets, devices on a bus that the driver core binds.  A bus
 * finds targets, binds and parks them.  A link carries requests.
 */
#ifndef _DRVIO_DRVIO_H
#define _DRVIO_DRVIO_H

#include <linux/device.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>

#include <uapi/linux/drvio.h>

struct drvio_bus;
struct drvio_device;
struct drvio_link;
struct drvio_type;

/**
 * struct drvio_reason - why something was refused or failed
 * @text: NUL-terminated printable ASCII and newlines; empty: no reason
 *
 * The text goes to the control domain as it is: it names the device, the cause
 * and the remedy.
 */
struct drvio_reason {
	char text[DRVIO_REASON_MAX];
};

void drvio_reason_set(struct drvio_reason *why, const char *fmt, ...) __printf(2, 3);

/**
 * struct drvio_target - a device on a bus that belongs to a DR device
 * @dev: the bus's device; referenced while the target exists
 * @parent: its parent, referenced as well: a device that was removed points to it still
 * @ddev: the DR device that it belongs to
 * @node: in @ddev's list of targets
 * @hash: in the table of all targets
 * @ref: lists and running operations hold references
 * @index: N of the link targetN
 * @parked: unbound and held by the bus's parking driver; written by the bus's
 *	bind and unbind, read by anyone
 * @claim: the bus's own, valid between its claim and unclaim
 */
struct drvio_target {
	struct device *dev;
	struct device *parent;
	struct drvio_device *ddev;
	struct list_head node;
	struct hlist_node hash;
	struct kref ref;
	int index;
	bool parked;
	void *claim;
};

/**
 * enum drvio_claim_how - on whose behalf a target is claimed
 * @DRVIO_CLAIM_ASK: an UNCONFIGURE, to which userspace has agreed
 * @DRVIO_CLAIM_FORCE: a FORCE, which no user stops
 * @DRVIO_CLAIM_UNDO: a CONFIGURE that failed is undone.  Nobody has looked who
 *	has begun to use the target meanwhile: whatever may be use is
 */
enum drvio_claim_how {
	DRVIO_CLAIM_ASK,
	DRVIO_CLAIM_FORCE,
	DRVIO_CLAIM_UNDO,
};

/**
 * struct drvio_bus_ops - what a bus can do with a target
 *
 * All callbacks may sleep and are called without any lock of drvio held, never
 * two at the same time for targets of one DR device.
 *
 * @bind: release the target from parking where it is parked, and have its real
 *	driver bind it.  0 when it is bound in the end, also when it was bound
 *	before; -ENODEV when no driver wants it; -EAGAIN when the bus is not
 *	ready to bind it yet (it is called again); other errors are the
 *	driver's own.  A target that fails stays unbound, not parked.
 * @claim: the kernel's last look before an unbind.  0 when nothing uses the
 *	target, and nothing can begin to use it exclusively until unclaim;
 *	-EBUSY when it is in use, @why says by whom.  With DRVIO_CLAIM_FORCE:
 *	never -EBUSY; claims what can be claimed.  -EPERM when the guest would
 *	not survive the loss, so that not even force will do.
 * @unclaim: ends a successful claim; called after unbind or instead of it
 * @unbind: unbind the target from its driver and park it.  0 when parked.  On
 *	an error it is not parked and @why says what happened; whether it is
 *	still bound is found out with bound.
 * @bound: whether a real driver is bound; the parking driver does not count.
 *	May be called in any context that may sleep.
 * @known: whether the platform knows of a device that has no target, and @why it
 *	has none.  Takes no lock that is held while targets are added or removed.
 *	NULL: what has no target is not there
 */
struct drvio_bus_ops {
	int (*bind)(struct drvio_target *target, struct drvio_reason *why);
	int (*claim)(struct drvio_target *target, enum drvio_claim_how how,
		     struct drvio_reason *why);
	void (*unclaim)(struct drvio_target *target);
	int (*unbind)(struct drvio_target *target, struct drvio_reason *why);
	bool (*bound)(struct device *dev);
	bool (*known)(const char *name, u64 dev_id, struct drvio_reason *why);
};

/**
 * drvio_bus_register() - announce a bus
 * @name: "virtio", "sun4v", "sim": its name in /sys/class/drvio
 * @ops: its operations
 * @owner: the module that implements them; it is pinned while a request runs
 *
 * Return: the bus, or an ERR_PTR: -EEXIST when the name is taken, -ENOMEM.
 */
struct drvio_bus *drvio_bus_register(const char *name,
				     const struct drvio_bus_ops *ops,
				     struct module *owner);

/**
 * drvio_bus_unregister() - remove a bus and what is left of its DR devices
 * @bus: as registered
 *
 * No target may be added any more.  Parked devices are not touched.
 */
void drvio_bus_unregister(struct drvio_bus *bus);

struct drvio_type_desc;

/**
 * struct drvio_type_field - an attribute compatible_<field> of a type
 * @name: the attribute's whole name, "compatible_mtu"
 * @show: prints one value, or a set of them separated by spaces, and a newline
 */
struct drvio_type_field {
	const char *name;
	ssize_t (*show)(const struct drvio_type_desc *desc, char *buf);
};

/**
 * struct drvio_type_desc - a kind of DR device on a bus
 * @id: its folder's name in supported_types, unique on the bus
 * @name: as requests name it
 * @description: for people, one line
 * @device_api: "virtio-pci" and the like
 * @software_version: major.minor.bugfix of what matters to a migration
 * @targets: how many targets a device has at the most; 0: DRVIO_TARGETS
 * @compatible: fields, ended by one without a name; NULL: none
 * @groups: attributes of the type's DR devices, which find their target with
 *	drvio_device_get_target().  They are the type's dynamic_resources: what
 *	must be the same after a migration.  NULL: none
 * @clients: prints who is attached to the service that a device of the type
 *	provides: names of devices, separated by spaces, and a newline; finds the
 *	target as @groups do.  NULL: the type is not one of services
 * @available: how many more devices of the type can be added
 * @create: makes a device, from what was written to the attribute create;
 *	NULL: devices are made elsewhere
 */
struct drvio_type_desc {
	const char *id;
	const char *name;
	const char *description;
	const char *device_api;
	const char *software_version;
	unsigned int targets;
	const struct drvio_type_field *compatible;
	const struct attribute_group **groups;
	ssize_t (*clients)(struct device *dev, char *buf);
	unsigned int (*available)(const struct drvio_type_desc *desc);
	int (*create)(const struct drvio_type_desc *desc, const char *arg);
};

/**
 * drvio_type_register() - announce a type
 * @bus: whose it is
 * @desc: what it is; valid until the bus is unregistered
 *
 * A type stays until its bus goes.
 *
 * Return: the type, the one that is there already when its id is known, or an
 * ERR_PTR: -ENOMEM and what sysfs returns.
 */
struct drvio_type *drvio_type_register(struct drvio_bus *bus,
				       const struct drvio_type_desc *desc);

/**
 * drvio_device_get_target() - a target of a DR device
 * @dev: the DR device, as an attribute of @groups gets it
 *
 * Return: the device of its first target, referenced, or NULL when it has left.
 */
struct device *drvio_device_get_target(struct device *dev);

/**
 * drvio_target_lock() - take the device_lock of a target, as an attribute may
 * @dev: the target's device
 *
 * The removal of a DR device waits for the readers of its attributes, so these
 * do not wait for long.
 *
 * Return: 0; -EBUSY when it was not to be had for DRVIO_ATTR_WAIT_MS; -EINTR.
 */
int drvio_target_lock(struct device *dev);

/**
 * drvio_target_add() - a device came to the bus
 * @type: what it is
 * @dev_id: as requests address it
 * @dev: the device; drvio takes a reference
 * @booted: it was there before the bus was registered, so userspace has
 *	finished it: a CONFIGURE has nothing left to do
 *
 * Return: 0, or an error: -EEXIST when @dev is a target already, -EINVAL for a
 * type whose name cannot be a file name, -E2BIG with too many targets, -ENOMEM.
 */
int drvio_target_add(struct drvio_type *type, u64 dev_id, struct device *dev,
		     bool booted);

/**
 * drvio_target_remove() - a device is leaving the bus
 * @bus: where
 * @dev: the device
 *
 * A request on it is answered FAILURE / NOT_PRESENT.  Does not wait for one.
 * Unknown devices are ignored.
 */
void drvio_target_remove(struct drvio_bus *bus, struct device *dev);

/**
 * drvio_target_changed() - the driver core bound or unbound a device
 * @bus: where
 * @dev: the device
 *
 * Called from the bus notifier, whoever did it.  Unknown devices are ignored.
 */
void drvio_target_changed(struct drvio_bus *bus, struct device *dev);

/**
 * struct drvio_link_ops - what a transport does for its link
 * @transport: "chardev", "vsock" or "ldc"
 * @wake: messages can be taken with drvio_link_pull(), or there is room for
 *	input again, or the link was closed.  Called from any process context,
 *	with locks of drvio held: must neither sleep nor call back into drvio.
 */
struct drvio_link_ops {
	const char *transport;
	void (*wake)(void *priv);
};

/**
 * drvio_link_open() - begin a Domain Services session over a byte stream
 * @ops: the transport
 * @priv: the transport's own, handed to its callbacks
 * @peer: who is at the other end, for people; may be ""
 *
 * Return: the link, or an ERR_PTR: -EUSERS when all links are in use, -ENOMEM.
 */
struct drvio_link *drvio_link_open(const struct drvio_link_ops *ops, void *priv,
				   const char *peer);

/**
 * drvio_link_close() - the stream has ended
 * @link: as opened; not valid afterwards
 *
 * Requests that run go on; their answers are dropped.  The callbacks are not
 * called any more once this returns.
 */
void drvio_link_close(struct drvio_link *link);

/**
 * drvio_link_push() - bytes arrived from the peer
 * @link: as opened
 * @buf: the bytes, in pieces of any size
 * @len: how many
 *
 * Return: how many were taken, at least 1; -EAGAIN when the link takes no
 * input until it was drained (wake follows); -EPIPE when the link is closed
 * because of garbage, also garbage in this very call.
 */
ssize_t drvio_link_push(struct drvio_link *link, const void *buf, size_t len);

/**
 * drvio_link_pull() - take bytes for the peer
 * @link: as opened
 * @buf: where to put them
 * @len: how many at the most
 *
 * Return: how many there were; -EAGAIN: none now; 0: the link is closed.
 */
ssize_t drvio_link_pull(struct drvio_link *link, void *buf, size_t len);

/**
 * drvio_link_open_registered() - begin a session whose Domain Services are the
 *	transport's: dr-vio is registered, and only service data goes both ways
 * @ops: the transport
 * @priv: the transport's own, handed to its callbacks
 * @peer: who is at the other end, for people
 * @minor: minor version of dr-vio that the peer agreed
 *
 * drvio_link_push_data() and drvio_link_pull_data() take the place of
 * drvio_link_push() and drvio_link_pull().  The link is closed when the
 * registration ends.
 *
 * Return: the link, or an ERR_PTR: -EUSERS when all links are in use, -ENOMEM.
 */
struct drvio_link *drvio_link_open_registered(const struct drvio_link_ops *ops,
					      void *priv, const char *peer, u16 minor);

/**
 * drvio_link_push_data() - a message arrived from the peer
 * @link: as opened
 * @data: its service data, whole
 * @len: its length in bytes
 *
 * Return: 0; -EAGAIN when the link takes no input until it was drained (wake
 * follows); -ENOMEM.
 */
int drvio_link_push_data(struct drvio_link *link, const void *data, size_t len);

/**
 * drvio_link_pull_data() - take a message for the peer
 * @link: as opened
 * @data: where to put its service data
 * @size: room there, at least DRVIO_DS_MSG_MAX bytes
 *
 * Return: its length in bytes; -EAGAIN: there is none now.
 */
ssize_t drvio_link_pull_data(struct drvio_link *link, void *data, size_t size);

/* Whether drvio_link_pull() would return something else than -EAGAIN. */
bool drvio_link_can_pull(struct drvio_link *link);
/* Whether drvio_link_push() would return something else than -EAGAIN. */
bool drvio_link_can_push(struct drvio_link *link);

/**
 * drvio_link_set_carrier() - which bus device carries the link's bytes
 * @link: as opened
 * @name: the device's name ("virtio3")
 * @peer: who is at the other end, as far as is known now; NULL: as before
 *
 * That device is never unconfigured while the link is open.
 *
 * Return: 0, or -EINVAL for a name that is empty or not printable.
 */
int drvio_link_set_carrier(struct drvio_link *link, const char *name,
			   const char *peer);

/**
 * drvio_carrier_look() - whether a device above a target carries an open link
 * @carrier: that device; targets themselves are looked at before they are claimed
 * @dev: the target
 * @why: why the target cannot be unconfigured, not even by force
 *
 * Return: 0, or -EPERM when it does.
 */
int drvio_carrier_look(struct device *carrier, struct device *dev,
		       struct drvio_reason *why);

#endif /* _DRVIO_DRVIO_H */

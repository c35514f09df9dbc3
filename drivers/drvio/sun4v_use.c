// SPDX-License-Identifier: GPL-2.0
/*
 * What "in use" means for each kind of sun4v device.
 *
 * It is userspace that knows who uses a device, and drvio-helper that asks it.
 * The kernel looks where it can see more than userspace, or where nobody has
 * asked: disks are claimed; a service is in use as long as a client is connected
 * to it; and a device of which nobody knows what use means is in use.
 */
#include <linux/device.h>
#include <linux/err.h>

#include <asm/vio.h>

#include "claim.h"
#include "sun4v_bind.h"
#include "sun4v_park.h"
#include "sun4v_type.h"
#include "sun4v_use.h"
#include "use.h"

/**
 * struct clients - the ports of a service that clients are connected to
 * @service: one of them
 * @kind: its kind
 * @why: the table
 * @len: how much of it is written
 */
struct clients {
	const struct vio_dev *service;
	const struct sun4v_kind *kind;
	struct drvio_reason *why;
	size_t len;
};

static int list_client(struct device *dev, void *data)
{
	const struct vio_dev *vdev = to_vio_dev(dev);
	struct clients *c = data;

	if (strcmp(vdev->type, c->service->type) || vdev->dev_no != c->service->dev_no ||
	    !sun4v_bound(dev))
		return 0;
	c->len += scnprintf(c->why->text + c->len, sizeof(c->why->text) - c->len,
			    "%-14s  a client is connected through port %lu: remove it in the control domain (%s)\n",
			    dev_name(dev), vdev->port_id, c->kind->remove);
	return 0;
}

/* The shape that users of ldm know: a row for each user. */
static int refuse_service(struct vio_dev *vdev, const struct sun4v_kind *kind,
			  struct drvio_reason *why)
{
	struct clients c = { .service = vdev, .kind = kind, .why = why };

	c.len = scnprintf(why->text, sizeof(why->text), "%-14s  Information\n%-14s  -----------\n",
			  "Resource", "--------");
	bus_for_each_dev(vdev->dev.bus, NULL, &c, list_client);
	return -EBUSY;
}

static int look(struct vio_dev *vdev, const struct sun4v_kind *kind,
		enum drvio_claim_how how, struct drvio_reason *why)
{
	struct device *dev = &vdev->dev;

	if (how == DRVIO_CLAIM_FORCE || !sun4v_bound(dev))
		return 0;
	switch (kind->use) {
	case SUN4V_USE_NET:
		return drvio_use_net(dev, how, why);
	case SUN4V_USE_SERVICE:
		/* Undone at once, it has had no time for clients. */
		return how == DRVIO_CLAIM_UNDO ? 0 : refuse_service(vdev, kind, why);
	case SUN4V_USE_UNKNOWN:
		if (how == DRVIO_CLAIM_UNDO)
			return 0;
		drvio_reason_set(why,
				 "%s: nobody knows what \"in use\" means for a device of type %s; see that the guest does not need it, then unconfigure it by force",
				 dev_name(dev), kind->name);
		return -EBUSY;
	default:
		return 0;
	}
}

int sun4v_claim(struct drvio_target *target, enum drvio_claim_how how,
		struct drvio_reason *why)
{
	struct vio_dev *vdev = to_vio_dev(target->dev);
	struct drvio_claim *claim;
	int err;

	err = look(vdev, sun4v_kind_of(vdev), how, why);
	if (err)
		return err;
	claim = drvio_claim_take(target->dev, how == DRVIO_CLAIM_FORCE, why);
	if (IS_ERR(claim))
		return PTR_ERR(claim);
	target->claim = claim;
	return 0;
}

void sun4v_unclaim(struct drvio_target *target)
{
	drvio_claim_release(target->claim);
	target->claim = NULL;
}

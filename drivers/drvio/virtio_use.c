// SPDX-License-Identifier: GPL-2.0
/*
 * What "in use" means for each kind of virtio device.
 *
 * It is userspace that knows who uses a device, and drvio-helper that asks it.
 * The kernel looks where it can see more than userspace, or where nobody has
 * asked: a device of which nobody knows what use means is in use.
 */
#include <linux/device.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mem.h>

#include "compat.h"
#include "use.h"
#include "virtio_attr.h"
#include "virtio_bind.h"
#include "virtio_id.h"
#include "virtio_use.h"

static int look_at_net(struct virtio_device *vdev, enum drvio_claim_how how,
		       struct drvio_reason *why)
{
	return drvio_use_net(&vdev->dev, how, why);
}

/* Its driver leaves plugged memory to the guest, and nobody to give it back. */
static int look_at_mem(struct virtio_device *vdev, enum drvio_claim_how how,
		       struct drvio_reason *why)
{
	u64 plugged = 0;

	device_lock(&vdev->dev);
	if (virtio_bound(&vdev->dev))
		plugged = virtio_field_read(vdev, (struct virtio_field)
			VIRTIO_FIELD(virtio_mem_config, plugged_size, VIRTIO_LE64));
	device_unlock(&vdev->dev);
	if (!plugged)
		return 0;
	drvio_reason_set(why,
			 "%s: %llu bytes of its memory are plugged into the guest; request a size of 0 from the host first",
			 dev_name(&vdev->dev), plugged);
	return -EBUSY;
}

/**
 * struct virtio_use - what use means for a kind of device
 * @device: virtio device id
 * @look: finds users in the kernel; NULL: there is nothing to find but disks
 */
struct virtio_use {
	u32 device;
	int (*look)(struct virtio_device *vdev, enum drvio_claim_how how,
		    struct drvio_reason *why);
};

/* What is not in here may be in use in ways that nobody looks for. */
static const struct virtio_use uses[] = {
	/* Interfaces: addresses, routes, bridges, bonds */
	{ VIRTIO_ID_NET, look_at_net },
	/* Disks: mounts, swap, dm, md, openers; at any depth (claim.c) */
	{ VIRTIO_ID_BLOCK },
	{ VIRTIO_ID_SCSI },
	{ VIRTIO_ID_PMEM },
	/* Plugged memory */
	{ VIRTIO_ID_MEM, look_at_mem },
	/* Mounts, by their tag */
	{ VIRTIO_ID_FS },
	{ VIRTIO_ID_9P },
	/* Open device nodes: ports, hvc terminals, DRM, evdev, sound */
	{ VIRTIO_ID_CONSOLE },
	{ VIRTIO_ID_GPU },
	{ VIRTIO_ID_INPUT },
	{ VIRTIO_ID_SOUND },
	/* Connections */
	{ VIRTIO_ID_VSOCK },
	/* Algorithms, by their references */
	{ VIRTIO_ID_CRYPTO },
	/* Never in use: the kernel does without */
	{ VIRTIO_ID_RNG },
	{ VIRTIO_ID_BALLOON },
};

static const struct virtio_use *find_use(u32 device)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(uses); i++)
		if (uses[i].device == device)
			return &uses[i];
	return NULL;
}

int virtio_use_look(struct device *dev, enum drvio_claim_how how,
		    struct drvio_reason *why)
{
	struct virtio_device *vdev = dev_to_virtio(dev);
	const struct virtio_use *use = find_use(vdev->id.device);
	char name[VIRTIO_ID_NAME_MAX];

	if (how == DRVIO_CLAIM_FORCE || !virtio_bound(dev))
		return 0;
	if (use)
		return use->look ? use->look(vdev, how, why) : 0;
	/* It was bound by the CONFIGURE that is undone. */
	if (how == DRVIO_CLAIM_UNDO)
		return 0;
	virtio_id_name(vdev->id.device, name, sizeof(name));
	drvio_reason_set(why,
			 "%s: nobody knows what \"in use\" means for a device of type %s; see that the guest does not need it, then unconfigure it by force",
			 dev_name(dev), name);
	return -EBUSY;
}

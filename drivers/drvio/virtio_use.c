// SPDX-License-Identifier: GPL-2.0
/*
 * What "in use" means for each kind of virtio device.
 *
 * It is userspace that knows who uses a device, and drvio-helper that asks it.
 * The kernel looks where it can see more than userspace, or where nobody has
 * asked: a device of which nobody knows what use means is in use.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/stddef.h>
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

static u64 mem_field(struct virtio_device *vdev, unsigned int offset)
{
	return virtio_field_read(vdev, (struct virtio_field) {
				 .offset = offset, .number = VIRTIO_LE64 });
}

/*
 * Its driver leaves plugged memory to the guest, and nobody to give it back: the
 * guest would go on using what the host may take away.  Memory that is requested
 * may be plugged at any moment.
 */
static int look_at_mem(struct virtio_device *vdev, enum drvio_claim_how how,
		       struct drvio_reason *why)
{
	u64 plugged = 0, requested = 0;

	device_lock(&vdev->dev);
	if (virtio_bound(&vdev->dev)) {
		plugged = mem_field(vdev, offsetof(struct virtio_mem_config, plugged_size));
		requested = mem_field(vdev, offsetof(struct virtio_mem_config, requested_size));
	}
	device_unlock(&vdev->dev);
	if (!plugged && !requested)
		return 0;
	drvio_reason_set(why,
			 "%s: %llu bytes of its memory are plugged into the guest, and the host requests %llu: request a size of 0 from the host, and wait until the guest has given back its memory; not even force can do without",
			 dev_name(&vdev->dev), plugged, requested);
	/* The host changes neither while it waits for the undo of a CONFIGURE. */
	return -EPERM;
}

/*
 * How many users a driver has that each hold a reference to its module, or -1
 * where nobody counts them.  They are those of all devices that it has.
 */
static int module_users(struct virtio_device *vdev)
{
	int users = 0;

	device_lock(&vdev->dev);
	if (virtio_bound(&vdev->dev)) {
#ifdef CONFIG_MODULE_UNLOAD
		struct module *owner = vdev->dev.driver->owner;

		users = owner ? module_refcount(owner) : -1;
#else
		users = -1;
#endif
	}
	device_unlock(&vdev->dev);
	return users;
}

/*
 * The kernel unregisters algorithms only if nobody uses them, and its driver
 * frees what transforms still refer to.
 */
static int look_at_crypto(struct virtio_device *vdev, enum drvio_claim_how how,
			  struct drvio_reason *why)
{
	int users = module_users(vdev);

	if (users > 0) {
		drvio_reason_set(why,
				 "%s: %d references to the algorithms of module virtio_crypto, whichever of its devices has them (/proc/crypto): end what encrypts with them (IPsec, AF_ALG sockets); not even force can do without",
				 dev_name(&vdev->dev), users);
		return how == DRVIO_CLAIM_UNDO ? -EBUSY : -EPERM;
	}
	if (!users || how == DRVIO_CLAIM_FORCE)
		return 0;
	drvio_reason_set(why,
			 "%s: its driver is no module, so nobody counts who uses its algorithms; see that nothing does (/proc/crypto), then unconfigure it by force, which frees them all the same",
			 dev_name(&vdev->dev));
	return -EBUSY;
}

/* Its driver resets them. */
static int look_at_vsock(struct virtio_device *vdev, enum drvio_claim_how how,
			 struct drvio_reason *why)
{
	int users = how == DRVIO_CLAIM_FORCE ? 0 : module_users(vdev);

	if (!users)
		return 0;
	if (users < 0) {
		drvio_reason_set(why,
				 "%s: its driver is no module, so nobody counts the sockets connected over it; see that there are none (ss --vsock), then unconfigure it by force",
				 dev_name(&vdev->dev));
		return -EBUSY;
	}
	drvio_reason_set(why,
			 "%s: %d sockets of the guest are connected over it; close them (ss --vsock) first",
			 dev_name(&vdev->dev), users);
	return -EBUSY;
}

/**
 * struct virtio_use - what use means for a kind of device
 * @device: virtio device id
 * @look: finds users in the kernel, as virtio_use_look(), and says which of them
 *	not even force stops; NULL: there is nothing to find but disks
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
	/* Plugged memory, which nothing can do without */
	{ VIRTIO_ID_MEM, look_at_mem },
	/* Mounts, by their tag */
	{ VIRTIO_ID_FS },
	{ VIRTIO_ID_9P },
	/* Open device nodes: ports, hvc terminals, DRM, evdev, sound */
	{ VIRTIO_ID_CONSOLE },
	{ VIRTIO_ID_GPU },
	{ VIRTIO_ID_INPUT },
	{ VIRTIO_ID_SOUND },
	/* Connected sockets */
	{ VIRTIO_ID_VSOCK, look_at_vsock },
	/* Transforms of its algorithms, which nothing can do without */
	{ VIRTIO_ID_CRYPTO, look_at_crypto },
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

	if (!virtio_bound(dev))
		return 0;
	if (use)
		return use->look ? use->look(vdev, how, why) : 0;
	/* Forced, or it was bound by the CONFIGURE that is undone. */
	if (how != DRVIO_CLAIM_ASK)
		return 0;
	virtio_id_name(vdev->id.device, name, sizeof(name));
	drvio_reason_set(why,
			 "%s: nobody knows what \"in use\" means for a device of type %s; see that the guest does not need it, then unconfigure it by force",
			 dev_name(dev), name);
	return -EBUSY;
}

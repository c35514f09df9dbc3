// SPDX-License-Identifier: GPL-2.0
/*
 * Virtio devices without a host, below parents that the test guest does not
 * have: a channel subsystem, an MMIO region, something else.  They have no
 * queues and do nothing.
 *
 * The ids of the specification that they have (17, clock) have no driver in
 * Linux; id 0x2d has one here, whose probe fails as the parameter says.  As many
 * more of that kind as are asked for are devices of a channel subsystem.  The
 * sound card has its numbers, but no queues for a driver.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_snd.h>

#define FAKE_CLOCK	17
#define FAKE_UNKNOWN	0x2d
/* A feature that has no name, which every device offers and the driver takes. */
#define FAKE_FEATURE	7

static int probe_error;
module_param(probe_error, int, 0644);
MODULE_PARM_DESC(probe_error, "errno with which the driver of device id 0x2d fails; 0: it binds");

static unsigned int more;
module_param(more, uint, 0444);
MODULE_PARM_DESC(more, "how many more devices of id 0x2d there are");

struct fake_device {
	struct virtio_device vdev;
	u8 status;
};

#define to_fake_device(_vdev) container_of(_vdev, struct fake_device, vdev)

static void fake_get(struct virtio_device *vdev, unsigned int offset, void *buf,
		     unsigned int len)
{
	static const struct virtio_snd_config sound = {
		.jacks = cpu_to_le32(1),
		.streams = cpu_to_le32(2),
		.chmaps = cpu_to_le32(3),
	};

	memset(buf, 0, len);
	if (vdev->id.device == VIRTIO_ID_SOUND && offset < sizeof(sound))
		memcpy(buf, (const u8 *)&sound + offset,
		       min_t(size_t, len, sizeof(sound) - offset));
}

static u8 fake_get_status(struct virtio_device *vdev)
{
	return to_fake_device(vdev)->status;
}

static void fake_set_status(struct virtio_device *vdev, u8 status)
{
	to_fake_device(vdev)->status = status;
}

static void fake_reset(struct virtio_device *vdev)
{
	to_fake_device(vdev)->status = 0;
}

static u64 fake_get_features(struct virtio_device *vdev)
{
	return BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(FAKE_FEATURE);
}

static int fake_finalize_features(struct virtio_device *vdev)
{
	return 0;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static int fake_find_vqs(struct virtio_device *vdev, unsigned int n,
			 struct virtqueue *vqs[], vq_callback_t *callbacks[],
			 const char * const names[], const bool *ctx,
			 struct irq_affinity *desc)
#else
static int fake_find_vqs(struct virtio_device *vdev, unsigned int n,
			 struct virtqueue *vqs[], struct virtqueue_info infos[],
			 struct irq_affinity *desc)
#endif
{
	return -ENOENT;
}

static void fake_del_vqs(struct virtio_device *vdev)
{
}

/* As virtio_mmio says it, and as the others do. */
static const char *fake_bus_name(struct virtio_device *vdev)
{
	struct device *parent = vdev->dev.parent;

	return dev_is_platform(parent) ? to_platform_device(parent)->name : dev_name(parent);
}

static const struct virtio_config_ops fake_config_ops = {
	.get = fake_get,
	.get_status = fake_get_status,
	.set_status = fake_set_status,
	.reset = fake_reset,
	.get_features = fake_get_features,
	.finalize_features = fake_finalize_features,
	.find_vqs = fake_find_vqs,
	.del_vqs = fake_del_vqs,
	.bus_name = fake_bus_name,
};

static void fake_release(struct device *dev)
{
	kfree(to_fake_device(dev_to_virtio(dev)));
}

static struct fake_device *fake_add(struct device *parent, u32 id)
{
	struct fake_device *fake = kzalloc(sizeof(*fake), GFP_KERNEL);
	int err;

	if (!fake)
		return ERR_PTR(-ENOMEM);
	fake->vdev.dev.parent = parent;
	fake->vdev.dev.release = fake_release;
	fake->vdev.config = &fake_config_ops;
	fake->vdev.id.device = id;
	fake->vdev.id.vendor = 0x1af4;
	err = register_virtio_device(&fake->vdev);
	if (err) {
		put_device(&fake->vdev.dev);
		return ERR_PTR(err);
	}
	return fake;
}

static int fake_probe(struct virtio_device *vdev)
{
	return -probe_error;
}

static void fake_remove(struct virtio_device *vdev)
{
	virtio_reset_device(vdev);
}

static const struct virtio_device_id fake_ids[] = {
	{ FAKE_UNKNOWN, VIRTIO_DEV_ANY_ID },
	{}
};

static const unsigned int fake_features[] = { FAKE_FEATURE };

static struct virtio_driver fake_driver = {
	.driver.name = "fake_virtio",
	.driver.owner = THIS_MODULE,
	.id_table = fake_ids,
	.feature_table = fake_features,
	.feature_table_size = ARRAY_SIZE(fake_features),
	.probe = fake_probe,
	.remove = fake_remove,
};

/* The parents, and the device below each. */

static struct bus_type fake_ccw_bus = {
	.name = "ccw",
};

static void fake_parent_release(struct device *dev)
{
	kfree(dev);
}

static struct device *fake_ccw_parent(const char *name)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->bus = &fake_ccw_bus;
	dev->release = fake_parent_release;
	err = dev_set_name(dev, "%s", name);
	if (!err)
		err = device_register(dev);
	else
		device_initialize(dev);
	if (err) {
		put_device(dev);
		return ERR_PTR(err);
	}
	return dev;
}

static struct device *fake_mmio_parent(const char *name)
{
	struct resource mem = DEFINE_RES_MEM(0xe00000200ULL, 0x200);
	struct platform_device *pdev;

	pdev = platform_device_register_simple(name, 7, &mem, 1);
	return IS_ERR(pdev) ? ERR_CAST(pdev) : &pdev->dev;
}

static struct device *fake_root_parent(const char *name)
{
	return root_device_register(name);
}

static void fake_mmio_remove(struct device *dev)
{
	platform_device_unregister(to_platform_device(dev));
}

static const struct {
	struct device *(*add)(const char *name);
	void (*remove)(struct device *dev);
	const char *name;
	u32 id;
} places[] = {
	{ fake_ccw_parent, device_unregister, "0.3.00ab", FAKE_CLOCK },
	/* The id of the first, as another PCI domain would give it. */
	{ fake_ccw_parent, device_unregister, "00.3.00ab", FAKE_CLOCK },
	{ fake_ccw_parent, device_unregister, "fe.0.1234", FAKE_CLOCK },
	{ fake_ccw_parent, device_unregister, "css0", FAKE_CLOCK },
	{ fake_mmio_parent, fake_mmio_remove, "fake-mmio", FAKE_CLOCK },
	{ fake_root_parent, root_device_unregister, "fake-root", FAKE_UNKNOWN },
	{ fake_root_parent, root_device_unregister, "fake-sound", VIRTIO_ID_SOUND },
	/* Without the features that tell something of them; and no driver takes them. */
	{ fake_root_parent, root_device_unregister, "fake-nic", VIRTIO_ID_NET },
	{ fake_root_parent, root_device_unregister, "fake-console", VIRTIO_ID_CONSOLE },
	{ fake_root_parent, root_device_unregister, "fake-9p", VIRTIO_ID_9P },
};

static struct device *parents[ARRAY_SIZE(places)];
static struct fake_device *fakes[ARRAY_SIZE(places)];
/* Of those that are asked for beside the places, and how many were added. */
static struct device **more_parents;
static struct fake_device **more_fakes;
static unsigned int nmore;

static void fake_remove_all(unsigned int n)
{
	while (nmore--) {
		unregister_virtio_device(&more_fakes[nmore]->vdev);
		device_unregister(more_parents[nmore]);
	}
	kvfree(more_fakes);
	kvfree(more_parents);
	while (n--) {
		unregister_virtio_device(&fakes[n]->vdev);
		places[n].remove(parents[n]);
	}
}

static int fake_add_more(void)
{
	char name[16];

	more_parents = kvcalloc(more, sizeof(*more_parents), GFP_KERNEL);
	more_fakes = kvcalloc(more, sizeof(*more_fakes), GFP_KERNEL);
	if (!more_parents || !more_fakes)
		return -ENOMEM;
	for (; nmore < more; nmore++) {
		snprintf(name, sizeof(name), "0.1.%04x", nmore);
		more_parents[nmore] = fake_ccw_parent(name);
		if (IS_ERR(more_parents[nmore]))
			return PTR_ERR(more_parents[nmore]);
		more_fakes[nmore] = fake_add(more_parents[nmore], FAKE_UNKNOWN);
		if (IS_ERR(more_fakes[nmore])) {
			device_unregister(more_parents[nmore]);
			return PTR_ERR(more_fakes[nmore]);
		}
	}
	return 0;
}

static int __init fake_init(void)
{
	unsigned int i;
	int err;

	err = bus_register(&fake_ccw_bus);
	if (err)
		return err;
	err = register_virtio_driver(&fake_driver);
	if (err)
		goto err_bus;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		parents[i] = places[i].add(places[i].name);
		if (IS_ERR(parents[i])) {
			err = PTR_ERR(parents[i]);
			goto err_all;
		}
		fakes[i] = fake_add(parents[i], places[i].id);
		if (IS_ERR(fakes[i])) {
			err = PTR_ERR(fakes[i]);
			places[i].remove(parents[i]);
			goto err_all;
		}
	}
	err = fake_add_more();
	if (err)
		goto err_all;
	return 0;

err_all:
	fake_remove_all(i);
	unregister_virtio_driver(&fake_driver);
err_bus:
	bus_unregister(&fake_ccw_bus);
	return err;
}

static void __exit fake_exit(void)
{
	fake_remove_all(ARRAY_SIZE(places));
	unregister_virtio_driver(&fake_driver);
	bus_unregister(&fake_ccw_bus);
}

module_init(fake_init);
module_exit(fake_exit);

MODULE_DESCRIPTION("Virtio devices without a host, for the tests of drvio");
MODULE_LICENSE("GPL");

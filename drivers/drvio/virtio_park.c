// SPDX-License-Identifier: GPL-2.0
/*
 * The parking driver of the virtio bus.
 *
 * It matches nothing, so that nothing is ever bound to it but by bind.c, which asks
 * for no match; and it has no bind and unbind files.  A device that
 * is bound to it withstands the bind files of other drivers, drivers_probe,
 * modprobe and udev, since the driver core leaves a bound device alone.
 *
 * The control domain sees a parked device as one without a driver: its status
 * register is 0, so it does no DMA and raises no interrupt.
 */
#include <linux/pm.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include "compat.h"
#include "virtio_park.h"

static int park_probe(struct virtio_device *vdev)
{
	return 0;
}

/*
 * The core sets DRIVER_OK between probe and scan.  A running device without
 * anybody to take its interrupts would be a nuisance: stop it.
 */
static void park_scan(struct virtio_device *vdev)
{
	virtio_reset_device(vdev);
}

/* The core wants status 0 afterwards; after a resume it need not be. */
static void park_remove(struct virtio_device *vdev)
{
	virtio_reset_device(vdev);
}

/*
 * Suspend: the transport's resume brings the device up to DRIVER_OK, as in
 * probe, and has no hook of virtio_driver after that.  The virtio device itself
 * resumes after its parent, the transport, so here it can be stopped again.
 */
static int park_resume(struct device *dev)
{
	virtio_reset_device(dev_to_virtio(dev));
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(park_pm_ops, NULL, park_resume);

static const struct virtio_device_id park_ids[] = { {} };

struct virtio_driver virtio_park_driver = {
	.driver = {
		.name = "drvio-park",
		.owner = THIS_MODULE,
		.suppress_bind_attrs = true,
		.pm = pm_sleep_ptr(&park_pm_ops),
	},
	.id_table = park_ids,
	.probe = park_probe,
	.scan = park_scan,
	.remove = park_remove,
};

int virtio_park_init(void)
{
	return register_virtio_driver(&virtio_park_driver);
}

/* Parked devices are left without a driver: whoever comes first has them. */
void virtio_park_exit(void)
{
	unregister_virtio_driver(&virtio_park_driver);
}

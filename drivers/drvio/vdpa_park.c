// SPDX-License-Identifier: GPL-2.0
/*
 * The parking drivers.
 *
 * The vdpa bus matches every driver with every device, so the parking driver is
 * asked, too, and takes only what is being parked.  No trace is left of a probe
 * that refuses: nothing has touched the device.
 *
 * PCI matches drivers by their ids or by the driver_override of a function.  The
 * parking driver has no ids; while it binds a function it is the override.
 */
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "vdpa_park.h"
#include "vdpa_service.h"

#define PARK_NAME	"drvio-park"

static int park_probe(struct vdpa_device *vdev)
{
	return vdpa_service_get(&vdev->dev) == VDPA_SERVICE_PARKING ? 0 : -ENODEV;
}

struct vdpa_driver vdpa_park_driver = {
	.driver = {
		.name = PARK_NAME,
		.suppress_bind_attrs = true,
	},
	.probe = park_probe,
};

#ifdef CONFIG_PCI
static int park_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return vdpa_service_get(&pdev->dev) == VDPA_SERVICE_PARKING ? 0 : -ENODEV;
}

static void park_pci_remove(struct pci_dev *pdev)
{
}

static struct pci_driver pci_park_driver = {
	.name = PARK_NAME,
	.driver.suppress_bind_attrs = true,
	.probe = park_pci_probe,
	.remove = park_pci_remove,
};

static int park_pci(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	char *was = drvio_override_get(pdev);
	int err;

	if (!was)
		return -ENOMEM;
	err = drvio_override_set(pdev, PARK_NAME);
	if (err)
		goto out;
	err = device_driver_attach(&pci_park_driver.driver, dev);
	/* What is bound stays bound, whatever the override. */
	if (drvio_override_set(pdev, was))
		pci_warn(pdev, "drvio: driver_override is left at %s: write \"%s\" to it\n",
			 PARK_NAME, was);
out:
	kfree(was);
	return err;
}

static int park_pci_init(void)
{
	return pci_register_driver(&pci_park_driver);
}

static void park_pci_exit(void)
{
	pci_unregister_driver(&pci_park_driver);
}

struct device_driver *vdpa_park_driver_of(const struct device *dev)
{
	if (vdpa_is_device(dev))
		return &vdpa_park_driver.driver;
	return dev_is_pci(dev) ? &pci_park_driver.driver : NULL;
}
#else
static int park_pci(struct device *dev)
{
	return -ENODEV;
}

static int park_pci_init(void)
{
	return 0;
}

static void park_pci_exit(void)
{
}

struct device_driver *vdpa_park_driver_of(const struct device *dev)
{
	return vdpa_is_device(dev) ? &vdpa_park_driver.driver : NULL;
}
#endif

int vdpa_park(struct device *dev)
{
	int err;

	vdpa_service_set(dev, VDPA_SERVICE_PARKING);
	err = vdpa_is_device(dev) ? device_driver_attach(&vdpa_park_driver.driver, dev) :
				    park_pci(dev);
	vdpa_service_set(dev, VDPA_SERVICE_TAKEN);
	return err;
}

int vdpa_park_init(void)
{
	int err = vdpa_register_driver(&vdpa_park_driver);

	if (err)
		return err;
	err = park_pci_init();
	if (err)
		vdpa_unregister_driver(&vdpa_park_driver);
	return err;
}

/* Parked services are left without a driver: whoever comes first has them. */
void vdpa_park_exit(void)
{
	park_pci_exit();
	vdpa_unregister_driver(&vdpa_park_driver);
}

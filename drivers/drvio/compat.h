/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the kernels that the modules build against, 6.1 on.
 * The code is written for the newest; here older ones learn its calls.  In a
 * kernel tree this file goes away.
 */
#ifndef _DRVIO_COMPAT_H
#define _DRVIO_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/blkdev.h>

/* 6.5: an exclusive holder has operations. */
struct blk_holder_ops;

static inline int drvio_bd_prepare_to_claim(struct block_device *bdev,
					    void *holder,
					    const struct blk_holder_ops *hops)
{
	return bd_prepare_to_claim(bdev, holder);
}

#define bd_prepare_to_claim(bdev, holder, hops) \
	drvio_bd_prepare_to_claim(bdev, holder, hops)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
/* 6.4: attributes of a bus take it const. */
#define drvio_bus_const
#else
#define drvio_bus_const const
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
/* 6.11: so do matches their driver. */
#define drvio_drv_const
#else
#define drvio_drv_const const
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
/* 6.10: a trace event knows by itself where its strings come from. */
#define drvio_assign_str(dst, src) __assign_str(dst, src)
#else
#define drvio_assign_str(dst, src) __assign_str(dst)
#endif

#if IS_ENABLED(CONFIG_KUNIT)
#include <kunit/visibility.h>
#else
/* 6.2: what is exported to tests alone; earlier ones may lack the header. */
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#endif

#if IS_ENABLED(CONFIG_PCI)
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

/*
 * 7.0, and stable kernels from the middle of their lives on: the driver_override
 * is in struct device.  No version tells, so Kbuild has looked at the headers.
 * drvio_override_get() returns a copy to be freed, "" for none.
 */
#ifdef DRVIO_DEVICE_HAS_OVERRIDE
static inline char *drvio_override_get(struct pci_dev *pdev)
{
	char *name;

	spin_lock(&pdev->dev.driver_override.lock);
	name = kstrdup(pdev->dev.driver_override.name ?: "", GFP_ATOMIC);
	spin_unlock(&pdev->dev.driver_override.lock);
	return name;
}

static inline int drvio_override_set(struct pci_dev *pdev, const char *name)
{
	return device_set_driver_override(&pdev->dev, name);
}
#else
static inline char *drvio_override_get(struct pci_dev *pdev)
{
	char *name;

	device_lock(&pdev->dev);
	name = kstrdup(pdev->driver_override ?: "", GFP_KERNEL);
	device_unlock(&pdev->dev);
	return name;
}

static inline int drvio_override_set(struct pci_dev *pdev, const char *name)
{
	return driver_set_override(&pdev->dev, &pdev->driver_override, name, strlen(name));
}
#endif
#endif

#endif /* _DRVIO_COMPAT_H */

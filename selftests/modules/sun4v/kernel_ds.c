// SPDX-License-Identifier: GPL-2.0
/*
 * The patched ds.c as it is.  Its driver goes by another name, since the kernel
 * has a driver "ds" of its own, and takes the stage's port.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/reboot.h>

#include <asm/hypervisor.h>
#include <asm/mdesc.h>
#include <asm/vio.h>

#include "kernel.h"
#include "stage.h"

#undef fs_initcall
#define fs_initcall(init) int stage_ds_init(void) { return init(); }
#undef __init
#define __init
#undef MODULE_AUTHOR
#define MODULE_AUTHOR(x)
#undef MODULE_DESCRIPTION
#define MODULE_DESCRIPTION(x)
#undef MODULE_LICENSE
#define MODULE_LICENSE(x)
#undef MODULE_VERSION
#define MODULE_VERSION(x)

static int (*ds_real_probe)(struct vio_dev *vdev, const struct vio_device_id *id);

/* The kernel's own ds would take the port by its type. */
static int stage_ds_probe(struct vio_dev *vdev, const struct vio_device_id *id)
{
	strscpy(vdev->type, "domain-services-port", sizeof(vdev->type));
	return ds_real_probe(vdev, id);
}

static const struct vio_device_id stage_ds_match[] = {
	{ .type = "stage-ds-port" },
	{}
};

static int stage_register_ds(struct vio_driver *drv)
{
	drv->name = "stage-ds";
	drv->id_table = stage_ds_match;
	ds_real_probe = drv->probe;
	drv->probe = stage_ds_probe;
	drv->no_irq = true;
	return __vio_register_driver(drv, THIS_MODULE, KBUILD_MODNAME);
}

#undef vio_register_driver
#define vio_register_driver(drv) stage_register_ds(drv)

/* What the built-in services do and nobody here asks them to. */
#define mdesc_update()			stage_dev_update()
#define mdesc_populate_present_mask(m)	((void)(m))
#define mdesc_fill_in_cpu_data(m)	((void)(m))
#define fixup_irqs()			do { } while (0)
#define sun4v_reboot_data_set(ra, len)	((void)(ra), HV_EINVAL)
#define sun4v_mach_sir()		do { } while (0)
#define sun4v_mach_exit(code)		do { } while (0)
#define kimage_addr_to_ra(p)		((unsigned long)(p))
#define sun4v_get_version(group, major, minor) (HV_EINVAL)

#include "ds.c"

// SPDX-License-Identifier: GPL-2.0
/*
 * drvio-sim.ko: a simulated bus, so that every path of drvio can be tested on
 * any machine, faults included (sim_fault.c).  This file is the table of
 * contents, the bus, and the files that make and remove devices:
 *
 *	cd /sys/class/drvio/sim/supported_types/sim
 *	echo 0x2a > create				DEV_ID [TARGETS]
 *	echo 0x2a > /sys/bus/drvio-sim/del_device	DEV_ID
 *
 * gives, and takes away, the DR device sim@0x000000000000002a.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "sim.h"

static struct drvio_bus *sim_drvio;
static struct drvio_type *sim_type;

static unsigned int sim_available(const struct drvio_type_desc *desc)
{
	return sim_device_room();
}

static int sim_create(const struct drvio_type_desc *desc, const char *arg)
{
	unsigned int ntargets = 1;
	u64 dev_id;
	int end = 0;

	/* Nothing may follow but the end of the line. */
	if (sscanf(arg, "%lli %n%u %n", &dev_id, &end, &ntargets, &end) < 1 ||
	    arg[end]) {
		pr_err("\"%*pE\" is no device to create: write \"DEV_ID [TARGETS]\"\n",
		       (int)strlen(arg), arg);
		return -EINVAL;
	}
	return sim_device_create(dev_id, ntargets);
}

static ssize_t targets_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct device *target = drvio_device_get_target(dev);
	ssize_t len;

	if (!target)
		return -ENODEV;
	len = sysfs_emit(buf, "%u\n", to_sim_target(target)->sdev->ntargets);
	put_device(target);
	return len;
}
static DEVICE_ATTR_RO(targets);

static struct attribute *sim_device_attrs[] = {
	&dev_attr_targets.attr,
	NULL
};
ATTRIBUTE_GROUPS(sim_device);

static const struct drvio_type_desc sim_type_desc = {
	.id = SIM_TYPE,
	.name = SIM_TYPE,
	.description = "simulated device for tests",
	.device_api = "sim",
	.software_version = "1.0.0",
	.groups = sim_device_groups,
	.available = sim_available,
	.create = sim_create,
};

static ssize_t del_device_store(drvio_bus_const struct bus_type *bus,
				const char *buf, size_t count)
{
	u64 dev_id;
	int err;

	err = kstrtou64(buf, 0, &dev_id);
	if (!err)
		err = sim_device_remove_id(dev_id);
	return err ?: count;
}
static BUS_ATTR_WO(del_device);

static struct attribute *sim_bus_attrs[] = {
	&bus_attr_del_device.attr,
	NULL
};
ATTRIBUTE_GROUPS(sim_bus);

/* Nothing is ever bound to the parking driver but by us, who ask no match. */
static int sim_match(struct device *dev, drvio_drv_const struct device_driver *drv)
{
	return drv == &sim_driver;
}

struct bus_type sim_bus_type = {
	.name = "drvio-sim",
	.bus_groups = sim_bus_groups,
	.match = sim_match,
};

static void sim_add(struct sim_target *target)
{
	u64 dev_id = target->sdev->dev_id;
	int err;

	err = drvio_target_add(sim_type, dev_id, &target->dev, false);
	if (err)
		dev_err(&target->dev,
			"cannot offer it to the control domain as " SIM_TYPE "@"
			DRVIO_DEV_ID_FMT ": %pe\n", dev_id, ERR_PTR(err));
}

static int sim_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	struct device *dev = data;

	switch (event) {
	case BUS_NOTIFY_ADD_DEVICE:
		sim_add(to_sim_target(dev));
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
	case BUS_NOTIFY_UNBOUND_DRIVER:
		drvio_target_changed(sim_drvio, dev);
		break;
	case BUS_NOTIFY_DEL_DEVICE:
		drvio_target_remove(sim_drvio, dev);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block sim_nb = {
	.notifier_call = sim_notify,
};

static int __init drvio_sim_init(void)
{
	int err;

	sim_fault_init();

	err = bus_register(&sim_bus_type);
	if (err)
		goto err_fault;

	err = driver_register(&sim_driver);
	if (err)
		goto err_bus;

	err = driver_register(&sim_park_driver);
	if (err)
		goto err_driver;

	sim_drvio = drvio_bus_register("sim", &sim_bus_ops, THIS_MODULE);
	if (IS_ERR(sim_drvio)) {
		err = PTR_ERR(sim_drvio);
		goto err_park;
	}

	sim_type = drvio_type_register(sim_drvio, &sim_type_desc);
	if (IS_ERR(sim_type)) {
		err = PTR_ERR(sim_type);
		goto err_drvio;
	}

	err = bus_register_notifier(&sim_bus_type, &sim_nb);
	if (err)
		goto err_drvio;

	err = sim_device_init();
	if (err)
		goto err_notifier;

	return 0;

err_notifier:
	bus_unregister_notifier(&sim_bus_type, &sim_nb);
err_drvio:
	drvio_bus_unregister(sim_drvio);
err_park:
	driver_unregister(&sim_park_driver);
err_driver:
	driver_unregister(&sim_driver);
err_bus:
	bus_unregister(&sim_bus_type);
err_fault:
	sim_fault_exit();
	return err;
}

/* Whatever hangs or is about to vanish pins the module, as requests do. */
static void __exit drvio_sim_exit(void)
{
	bus_unregister_notifier(&sim_bus_type, &sim_nb);
	drvio_bus_unregister(sim_drvio);
	sim_device_exit();
	driver_unregister(&sim_park_driver);
	driver_unregister(&sim_driver);
	bus_unregister(&sim_bus_type);
	sim_fault_exit();
}

module_init(drvio_sim_init);
module_exit(drvio_sim_exit);

MODULE_DESCRIPTION("Simulated bus for the tests of drvio");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");

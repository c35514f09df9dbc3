// SPDX-License-Identifier: GPL-2.0
/*
 * drvio.ko: the dr-vio domain service.  This file is the table of contents.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

#include "core.h"
#include "device.h"

struct class drvio_class = {
	.name = DRVIO_CLASS,
};

/* States, requests, links, settings; core.h has the order of the locks. */
DEFINE_MUTEX(drvio_lock);
/* The coming and going of targets and DR devices, sysfs nodes included. */
DEFINE_MUTEX(drvio_targets_lock);
struct workqueue_struct *drvio_request_wq;
struct workqueue_struct *drvio_op_wq;

static int __init drvio_init(void)
{
	int err = -ENOMEM;

	drvio_request_wq = alloc_workqueue("drvio_request", WQ_UNBOUND,
					   DRVIO_LINKS * DRVIO_LINK_QUEUE);
	if (!drvio_request_wq)
		return err;

	drvio_op_wq = alloc_workqueue("drvio_op", WQ_UNBOUND,
				      DRVIO_LINKS * DRVIO_LINK_QUEUE);
	if (!drvio_op_wq)
		goto err_request_wq;

	err = class_register(&drvio_class);
	if (err)
		goto err_op_wq;

	err = drvio_service_init();
	if (err)
		goto err_class;

	err = drvio_chardev_init();
	if (err)
		goto err_service;

	return 0;

err_service:
	drvio_service_exit();
err_class:
	class_unregister(&drvio_class);
err_op_wq:
	destroy_workqueue(drvio_op_wq);
err_request_wq:
	destroy_workqueue(drvio_request_wq);
	return err;
}

/*
 * No link is open and no bus is registered: both pin this module.  What can be
 * left are requests whose link went away while they waited for a device.
 */
static void __exit drvio_exit(void)
{
	drvio_chardev_exit();
	drvio_device_stop_waiting();
	destroy_workqueue(drvio_request_wq);
	destroy_workqueue(drvio_op_wq);
	drvio_service_exit();
	class_unregister(&drvio_class);
}

module_init(drvio_init);
module_exit(drvio_exit);

MODULE_DESCRIPTION("dr-vio domain service: dynamic reconfiguration of virtual I/O devices");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");

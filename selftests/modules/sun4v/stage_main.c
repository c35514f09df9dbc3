// SPDX-License-Identifier: GPL-2.0
/*
 * sun4v_stage.ko: see stage.h.  What happens to ports is written to
 *
 *	/sys/module/sun4v_stage/parameters/change	now
 *	/sys/module/sun4v_stage/parameters/staged	with the next md-update
 *
 * It cannot be unloaded: neither can ds.c, which has a thread for ever.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "stage.h"

static int set_change(const char *line, const struct kernel_param *param)
{
	return stage_dev_change(line);
}

static int set_staged(const char *line, const struct kernel_param *param)
{
	return stage_dev_stage(line);
}

static const struct kernel_param_ops change_ops = { .set = set_change };
static const struct kernel_param_ops staged_ops = { .set = set_staged };

module_param_cb(change, &change_ops, NULL, 0200);
MODULE_PARM_DESC(change, "add|remove PORT-TYPE CFG-HANDLE ID NAME");
module_param_cb(staged, &staged_ops, NULL, 0200);
MODULE_PARM_DESC(staged, "the same, with the next md-update");

static int __init stage_init(void)
{
	int err;

	stage_hv_init();
	err = stage_ldc_init();
	if (err)
		return err;
	err = stage_dev_init();
	if (err)
		return err;
	err = stage_peer_init();
	if (err)
		goto err_dev;
	/* From here on there is no way back. */
	__module_get(THIS_MODULE);
	err = stage_ds_init();
	if (!err)
		err = stage_dev_add_ds();
	if (err)
		pr_err("sun4v_stage: no Domain Services: %d\n", err);
	return 0;

err_dev:
	stage_dev_exit();
	return err;
}
module_init(stage_init);

MODULE_DESCRIPTION("A logical domain without a hypervisor, for the tests of drvio-sun4v");
MODULE_LICENSE("GPL");

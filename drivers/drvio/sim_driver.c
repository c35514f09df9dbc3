// SPDX-License-Identifier: GPL-2.0
/*
 * The two drivers of the simulated bus, and what drvio does with its targets.
 * Binding, unbinding and parking go through the driver core as on a real bus.
 *
 * The operations also watch over drvio: it promises how it calls them.
 */
#include <linux/delay.h>
#include <linux/module.h>

#include "bind.h"
#include "sim.h"

/* Both are called with the device_lock held: the device can vanish only after. */

static int sim_probe(struct device *dev)
{
	struct sim_target *target = to_sim_target(dev);

	if (sim_fault_vanishes(target, SIM_AT_PROBE))
		sim_device_remove_async(target->sdev);
	sim_fault_delay(target, SIM_DELAY_BIND_MS, SIM_HANG_BIND);
	return sim_fault_errno(target, SIM_FAIL_BIND);
}

static int sim_remove(struct device *dev)
{
	struct sim_target *target = to_sim_target(dev);

	if (sim_fault_vanishes(target, SIM_AT_REMOVE))
		sim_device_remove_async(target->sdev);
	sim_fault_delay(target, SIM_DELAY_UNBIND_MS, SIM_HANG_UNBIND);
	return 0;
}

struct device_driver sim_driver = {
	.name = "sim",
	.bus = &sim_bus_type,
	.owner = THIS_MODULE,
	.probe = sim_probe,
	.remove = sim_remove,
};

static int sim_park_probe(struct device *dev)
{
	return sim_fault_errno(to_sim_target(dev), SIM_FAIL_PARK);
}

struct device_driver sim_park_driver = {
	.name = "sim-park",
	.bus = &sim_bus_type,
	.owner = THIS_MODULE,
	.suppress_bind_attrs = true,
	.probe = sim_park_probe,
};

static void sim_op_begin(struct sim_device *sdev)
{
	WARN(atomic_inc_return(&sdev->in_op) != 1,
	     "drvio-sim: two operations on one device at the same time\n");
}

static void sim_op_end(struct sim_device *sdev)
{
	atomic_dec(&sdev->in_op);
}

/* What unbinding wants; there is one driver, so binding needs no search for it. */
static const struct drvio_parking sim_parking = {
	.driver = &sim_park_driver,
};

static bool sim_bound(struct device *dev)
{
	return drvio_bound(&sim_parking, dev);
}

static int do_bind(struct sim_target *sim, struct drvio_target *target,
		   struct drvio_reason *why)
{
	struct device *dev = &sim->dev;
	int err;

	if (sim_fault_vanishes(sim, SIM_AT_BIND))
		sim_device_remove(sim->sdev);

	drvio_unpark(&sim_parking, target);
	err = drvio_bindable(target) ?: device_driver_attach(&sim_driver, dev);
	/* Somebody else has bound it: there is no other driver. */
	if (err == -EBUSY && sim_bound(dev))
		err = 0;
	if (err) {
		drvio_reason_set(why, "%s: driver %s does not take it: %pe",
				 dev_name(dev), sim_driver.name, ERR_PTR(err));
		return err;
	}
	if (sim_fault_vanishes(sim, SIM_AT_BOUND))
		sim_device_remove_async(sim->sdev);
	return 0;
}

static int sim_bind(struct drvio_target *target, struct drvio_reason *why)
{
	struct sim_target *sim = to_sim_target(target->dev);
	int err;

	sim_op_begin(sim->sdev);
	err = do_bind(sim, target, why);
	sim_op_end(sim->sdev);
	return err;
}

static int do_claim(struct sim_target *sim, enum drvio_claim_how how,
		    struct drvio_reason *why)
{
	if (sim_fault_vanishes(sim, SIM_AT_CLAIM))
		sim_device_remove(sim->sdev);
	return sim_fault_busy(sim, why) && how != DRVIO_CLAIM_FORCE ? -EBUSY : 0;
}

static int sim_claim(struct drvio_target *target, enum drvio_claim_how how,
		     struct drvio_reason *why)
{
	struct sim_target *sim = to_sim_target(target->dev);
	int err;

	sim_op_begin(sim->sdev);
	WARN(target->claim, "drvio-sim: claimed twice\n");
	err = do_claim(sim, how, why);
	if (!err)
		target->claim = sim;
	sim_op_end(sim->sdev);
	return err;
}

static void sim_unclaim(struct drvio_target *target)
{
	struct sim_target *sim = to_sim_target(target->dev);

	sim_op_begin(sim->sdev);
	WARN(target->claim != sim, "drvio-sim: unclaimed without a claim\n");
	target->claim = NULL;
	sim_op_end(sim->sdev);
}

static int do_unbind(struct sim_target *sim, struct drvio_target *target,
		     struct drvio_reason *why)
{
	int err;

	if (sim_fault_vanishes(sim, SIM_AT_UNBIND))
		sim_device_remove(sim->sdev);

	err = sim_fault_errno(sim, SIM_FAIL_UNBIND);
	if (err) {
		drvio_reason_set(why, "%s: driver %s does not let go: %pe",
				 dev_name(&sim->dev), sim_driver.name, ERR_PTR(err));
		return err;
	}
	return drvio_unbind(&sim_parking, target, why);
}

static int sim_unbind(struct drvio_target *target, struct drvio_reason *why)
{
	struct sim_target *sim = to_sim_target(target->dev);
	int err;

	sim_op_begin(sim->sdev);
	WARN(target->claim != sim, "drvio-sim: unbound without a claim\n");
	err = do_unbind(sim, target, why);
	sim_op_end(sim->sdev);
	return err;
}

const struct drvio_bus_ops sim_bus_ops = {
	.bind = sim_bind,
	.claim = sim_claim,
	.unclaim = sim_unclaim,
	.unbind = sim_unbind,
	.bound = sim_bound,
};

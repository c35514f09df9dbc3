/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a port is in use, as far as the kernel can see it.
 */
#ifndef _DRVIO_SUN4V_USE_H
#define _DRVIO_SUN4V_USE_H

#include "drvio.h"

/* As claim and unclaim of struct drvio_bus_ops. */
int sun4v_claim(struct drvio_target *target, enum drvio_claim_how how,
		struct drvio_reason *why);
void sun4v_unclaim(struct drvio_target *target);

#endif /* _DRVIO_SUN4V_USE_H */

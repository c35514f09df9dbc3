// SPDX-License-Identifier: GPL-2.0
/* Where drvio-helper finds things. */
#include "config.h"
#include "policy.h"

struct config config = {
	.sysfs = "/sys",
	.proc = "/proc",
	.dev = "/dev",
	.run = "/run/drvio",
	.fstab = "/etc/fstab",
	.policy = POLICY_FILE,
	.hooks = "/etc/drvio/hooks.d",
};

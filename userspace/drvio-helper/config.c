// SPDX-License-Identifier: GPL-2.0
/* Where drvio-helper finds things. */
#include "config.h"
#include "policy.h"

struct config config = {
	.sysfs = "/sys",
	.proc = "/proc",
	.dev = "/dev",
	.run = "/run/drvio",
	.state = "/var/lib/drvio",
	.fstab = "/etc/fstab",
	.policy = POLICY_FILE,
	.hooks = "/etc/drvio/hooks.d",
	.crypttab = "/etc/crypttab",
	.etab = "/var/lib/nfs/etab",
	.nbd = "/etc/nbd-server/config",
	.nbdtab = "/etc/nbdtab",
};

/* SPDX-License-Identifier: GPL-2.0 */
/* Interfaces below a target. */
#ifndef DRVIO_HELPER_NETDEV_H
#define DRVIO_HELPER_NETDEV_H

#include "job.h"

/* The undo of taking a link down and up; see struct step_ops. */
int netdev_down_undo(json_object *step, char **why);
int netdev_up_undo(json_object *step, char **why);

#endif /* DRVIO_HELPER_NETDEV_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* SCSI hosts below a target, whose disks appear on their own time. */
#ifndef DRVIO_HELPER_SCSI_H
#define DRVIO_HELPER_SCSI_H

#include "job.h"

/**
 * scsi_wait() - wait until the disks of new SCSI hosts are there
 * @job: the run
 *
 * The kernel does not tell when it has found all disks of a host: it is asked to
 * look once more, which waits for its own look, and then for what that adds, at
 * most as long as udev may take.
 */
void scsi_wait(struct job *job);

#endif /* DRVIO_HELPER_SCSI_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Names of logical volumes. */
#ifndef DRVIO_HELPER_LVM_H
#define DRVIO_HELPER_LVM_H

/**
 * lvm_name() - the name of a volume, from that of its device
 * @dm_name: "group--a-volume": hyphens in names are doubled
 *
 * Return: "group-a/volume", to be freed; NULL when it is none of a volume.
 */
char *lvm_name(const char *dm_name);

#endif /* DRVIO_HELPER_LVM_H */

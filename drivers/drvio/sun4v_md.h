/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine description, which the hypervisor has of the domain: which virtual
 * devices there are.
 */
#ifndef _DRVIO_SUN4V_MD_H
#define _DRVIO_SUN4V_MD_H

#include <linux/if_ether.h>
#include <linux/types.h>

struct vio_dev;

/**
 * sun4v_md_has() - whether the machine description has a virtual device
 * @name: name of its node, "network"
 * @cfg_handle: its cfg-handle
 *
 * Sees the description as it is now; an update may be on its way.  Takes no lock
 * that sleeps.
 */
bool sun4v_md_has(const char *name, u64 cfg_handle);

/**
 * sun4v_md_mac() - the MAC address of a virtual device
 * @name: name of its node, "network"
 * @cfg_handle: its cfg-handle
 * @mac: the address
 *
 * Return: whether the machine description has one.
 */
bool sun4v_md_mac(const char *name, u64 cfg_handle, u8 mac[ETH_ALEN]);

/**
 * sun4v_md_refresh() - make a port name its node as it is numbered now
 * @vdev: the port, whose driver is about to look there
 */
void sun4v_md_refresh(struct vio_dev *vdev);

#endif /* _DRVIO_SUN4V_MD_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The link to the control domain: dr-vio as a domain service, over each Domain
 * Services port of the vio bus.
 */
#ifndef _DRVIO_SUN4V_LINK_H
#define _DRVIO_SUN4V_LINK_H

struct device;

int sun4v_links_init(void);
void sun4v_links_exit(void);

/*
 * A Domain Services port was bound by its driver, or is about to be unbound.
 * Known and unknown ports, respectively, are ignored.
 */
void sun4v_link_add(struct device *dev);
void sun4v_link_remove(struct device *dev);

#endif /* _DRVIO_SUN4V_LINK_H */

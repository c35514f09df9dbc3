/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The link to the control domain: dr-vio as a domain service, over each Domain
 * Services port of the vio bus.
 */
#ifndef _DRVIO_SUN4V_LINK_H
#define _DRVIO_SUN4V_LINK_H

int sun4v_links_init(void);
void sun4v_links_exit(void);

#endif /* _DRVIO_SUN4V_LINK_H */

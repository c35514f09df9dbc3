/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vsock link: the control domain on the host connects to the guest.
 */
#ifndef _DRVIO_VSOCK_H
#define _DRVIO_VSOCK_H

/**
 * drvio_vsock_init() - listen
 *
 * A kernel without vsock, or a port that is taken, is no failure of the module:
 * the other links work.
 *
 * Return: 0, or -ENOMEM.
 */
int drvio_vsock_init(void);
void drvio_vsock_exit(void);

#endif /* _DRVIO_VSOCK_H */

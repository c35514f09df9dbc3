/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Joins an open virtio-serial port to /dev/drvio, one session of the kernel's
 * for each time that the host opens its end.
 */
#ifndef DRVIO_RELAY_RELAY_H
#define DRVIO_RELAY_RELAY_H

/**
 * relay_run() - join a port until it goes away or a signal asks to end
 * @port: the open port
 * @path: its name, for messages
 *
 * SIGTERM and SIGINT end it.  Logs what goes wrong.
 *
 * Return: the program's exit status: 0 when the port was unplugged or a signal
 * came, 1 on an error.
 */
int relay_run(int port, const char *path);

#endif

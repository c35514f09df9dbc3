/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's end of a virtio-serial port: finding it, opening it, and telling
 * whether the host has its end open.
 */
#ifndef DRVIO_RELAY_PORT_H
#define DRVIO_RELAY_PORT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * port_find() - the device node of the port org.drvio.0
 * @path: where to put it
 * @size: bytes there
 *
 * Looks for udev's link first, then in sysfs, where no udev runs.
 *
 * Return: false when there is no such port.
 */
bool port_find(char *path, size_t size);

/**
 * port_open() - open a port for reading and writing without blocking
 * @path: its device node
 *
 * Return: the file descriptor, or -1 with errno: EBUSY when another process
 * has it open, ENOTTY when @path is no virtio-serial port.
 */
int port_open(const char *path);

/* Whether the host's end is closed; also true once the port was unplugged. */
bool port_host_closed(int fd);

/**
 * port_carrier() - the virtio device that a port belongs to
 * @fd: the open port
 * @name: where to put the device's name, "virtio3"
 * @size: bytes there
 *
 * Return: false, with errno, when sysfs does not tell.
 */
bool port_carrier(int fd, char *name, size_t size);

#endif

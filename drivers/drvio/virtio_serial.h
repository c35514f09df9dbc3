/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The serial number of a virtio disk.  Only the device knows it, and only its
 * driver can ask: that is I/O, which may never end.
 */
#ifndef _DRVIO_VIRTIO_SERIAL_H
#define _DRVIO_VIRTIO_SERIAL_H

struct gendisk;

/* 20 bytes, as the specification has it, NUL included. */
#define VIRTIO_SERIAL_MAX	21

int virtio_serial_init(void);

/* No attribute is read any more; what hangs in I/O pins the module. */
void virtio_serial_exit(void);

/**
 * virtio_serial_read() - ask a disk for its serial number
 * @disk: the disk; it cannot go away meanwhile
 * @text: where to put it; "" when the disk has none
 *
 * Waits for DRVIO_ATTR_WAIT_MS at the most.  Readers of one disk share one
 * request, so that one that does not answer has one worker waiting for it.
 *
 * Return: 0; -ETIMEDOUT when the disk does not answer, -EINTR, -ENODEV when a
 * module is on its way out, -ENOMEM, what the driver returns.
 */
int virtio_serial_read(struct gendisk *disk, char text[VIRTIO_SERIAL_MAX]);

#endif /* _DRVIO_VIRTIO_SERIAL_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slots of PCI into which a device can be plugged while the guest runs.
 */
#ifndef _DRVIO_VIRTIO_SLOT_H
#define _DRVIO_VIRTIO_SLOT_H

struct kset;

/* Exported by the kernel, but in no header that a module can include. */
extern struct kset *pci_slots_kset;

/* Return: how many of them are empty. */
unsigned int virtio_slots_free(void);

#endif /* _DRVIO_VIRTIO_SLOT_H */

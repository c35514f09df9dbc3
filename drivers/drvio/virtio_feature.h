/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Feature bits of virtio devices: their names, and which of them this guest
 * makes use of.
 */
#ifndef _DRVIO_VIRTIO_FEATURE_H
#define _DRVIO_VIRTIO_FEATURE_H

#include <linux/types.h>

/**
 * virtio_feature_emit() - print a set of features for sysfs
 * @device: the virtio device id, which says what bits mean
 * @features: the set
 * @buf: a page
 *
 * One line: names as in the specification, lower case, without the prefix;
 * "bit<N>" for what has no name here.
 *
 * Return: the length.
 */
ssize_t virtio_feature_emit(u32 device, u64 features, char *buf);

/**
 * virtio_feature_supported() - what a device of a kind may negotiate here
 * @device: the virtio device id
 * @pci: whether it comes over PCI, which has features of its own
 *
 * Return: what the drivers that are loaded for it support, modern or legacy,
 * and what the rings and the transport do; 0 while no driver is loaded for it.
 */
u64 virtio_feature_supported(u32 device, bool pci);

#endif /* _DRVIO_VIRTIO_FEATURE_H */

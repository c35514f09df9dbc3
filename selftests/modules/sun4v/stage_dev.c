// SPDX-License-Identifier: GPL-2.0
/*
 * Ports on the vio bus, with drivers for them, as an update of the machine
 * description would bring them and take them away.
 *
 * The driver of a vdc-port makes a disk of 1 MiB that keeps nothing, that of the
 * first vnet-port of a device an interface that reaches nobody; a vsw-port's has
 * clients for as long as it is bound.  A port
 * whose id is 99 is refused by its driver; so is one that names another node of the
 * machine description than its own.
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <asm/vio.h>

#include "stage.h"

#define REFUSED_ID	99

static DEFINE_MUTEX(dev_lock);
/* Lines that wait for an md-update. */
static char staged[1024];

/* --- the drivers ---------------------------------------------------------- */

static void disk_submit_bio(struct bio *bio)
{
	if (bio_data_dir(bio) == READ)
		zero_fill_bio(bio);
	bio_endio(bio);
}

static const struct block_device_operations disk_ops = {
	.owner = THIS_MODULE,
	.submit_bio = disk_submit_bio,
};

static int disk_probe(struct vio_dev *vdev)
{
	struct gendisk *disk;
	int err;

	disk = blk_alloc_disk(NUMA_NO_NODE);
	if (!disk)
		return -ENOMEM;
	disk->fops = &disk_ops;
	snprintf(disk->disk_name, sizeof(disk->disk_name), "vdisk%llu", vdev->dev_no);
	set_capacity(disk, 2048);
	err = device_add_disk(&vdev->dev, disk, NULL);
	if (err) {
		put_disk(disk);
		return err;
	}
	dev_set_drvdata(&vdev->dev, disk);
	return 0;
}

static void disk_remove(struct vio_dev *vdev)
{
	struct gendisk *disk = dev_get_drvdata(&vdev->dev);

	del_gendisk(disk);
	put_disk(disk);
}

static netdev_tx_t net_xmit(struct sk_buff *skb, struct net_device *net)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops net_ops = {
	.ndo_start_xmit = net_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static int net_probe(struct vio_dev *vdev)
{
	struct net_device *net;
	u8 mac[ETH_ALEN];
	int err;

	/* One interface a device, whatever the number of its ports. */
	if (vdev->port_id)
		return 0;
	net = alloc_etherdev(0);
	if (!net)
		return -ENOMEM;
	SET_NETDEV_DEV(net, &vdev->dev);
	net->netdev_ops = &net_ops;
	u64_to_ether_addr(stage_md_mac(vdev->dev_no), mac);
	eth_hw_addr_set(net, mac);
	err = register_netdev(net);
	if (err) {
		free_netdev(net);
		return err;
	}
	dev_set_drvdata(&vdev->dev, net);
	return 0;
}

static void net_remove(struct vio_dev *vdev)
{
	struct net_device *net = dev_get_drvdata(&vdev->dev);

	unregister_netdev(net);
	free_netdev(net);
}

static int stage_probe(struct vio_dev *vdev, const struct vio_device_id *id)
{
	if (vdev->port_id == REFUSED_ID ||
	    vdev->mp != stage_md_port(vdev->dev_no, vdev->port_id))
		return -EIO;
	if (!strcmp(vdev->type, "vdc-port"))
		return disk_probe(vdev);
	if (!strcmp(vdev->type, "vnet-port"))
		return net_probe(vdev);
	return 0;
}

static void stage_remove(struct vio_dev *vdev)
{
	if (dev_get_drvdata(&vdev->dev) && !strcmp(vdev->type, "vdc-port"))
		disk_remove(vdev);
	else if (dev_get_drvdata(&vdev->dev))
		net_remove(vdev);
	dev_set_drvdata(&vdev->dev, NULL);
}

static const struct vio_device_id stage_match[] = {
	{ .type = "vnet-port" },
	{ .type = "vdc-port" },
	{ .type = "vsw-port" },
	{ .type = "vldc-port" },
	{}
};

static struct vio_driver stage_driver = {
	.name = "stage-port",
	.id_table = stage_match,
	.probe = stage_probe,
	.remove = stage_remove,
	.no_irq = true,
};

/* --- the ports ------------------------------------------------------------ */

static void dev_release(struct device *dev)
{
	kfree(to_vio_dev(dev));
}

static int dev_add(const char *type, u64 cfg_handle, u64 id)
{
	struct vio_dev *vdev = kzalloc(sizeof(*vdev), GFP_KERNEL);
	int err;

	if (!vdev)
		return -ENOMEM;
	strscpy(vdev->type, type, sizeof(vdev->type));
	vdev->dev_no = cfg_handle;
	vdev->port_id = id;
	vdev->channel_id = ~0UL;
	vdev->tx_ino = ~0UL;
	vdev->rx_ino = ~0UL;
	strscpy(vdev->node_name, "virtual-device-port", sizeof(vdev->node_name));
	vdev->md_node_info.vdev_port.id = id;
	vdev->md_node_info.vdev_port.parent_cfg_hdl = cfg_handle;
	vdev->mp = stage_md_port(cfg_handle, id);
	device_initialize(&vdev->dev);
	vdev->dev.bus = stage_driver.driver.bus;
	vdev->dev.release = dev_release;
	err = dev_set_name(&vdev->dev, "%s-%llu-%llu", type, cfg_handle, id);
	if (!strcmp(type, "stage-ds-port")) {
		/* The node of stage_md.c that has its id. */
		vdev->mp = 1;
		vdev->dev_no = 0;
		vdev->channel_id = STAGE_GUEST;
		vdev->tx_irq = STAGE_TX_IRQ(STAGE_GUEST);
		vdev->rx_irq = STAGE_RX_IRQ(STAGE_GUEST);
	}
	if (!err)
		err = device_add(&vdev->dev);
	if (err)
		put_device(&vdev->dev);
	return err;
}

int stage_dev_add_ds(void)
{
	return dev_add("stage-ds-port", 0, 0);
}

static int dev_remove(const char *type, u64 cfg_handle, u64 id)
{
	char name[64];
	struct device *dev;

	snprintf(name, sizeof(name), "%s-%llu-%llu", type, cfg_handle, id);
	dev = bus_find_device_by_name(stage_driver.driver.bus, NULL, name);
	if (!dev)
		return -ENODEV;
	device_unregister(dev);
	put_device(dev);
	return 0;
}

/* The node comes with the first port and goes with the last: ids count up from 0. */
static int dev_change(const char *line)
{
	char verb[8], type[32], name[64];
	u64 cfg_handle, id;

	if (sscanf(line, "%7s %31s %llu %llu %63s", verb, type, &cfg_handle, &id, name) != 5)
		return -EINVAL;
	stage_md_renumber();
	/* A node without a port. */
	if (!strcmp(type, "none"))
		return stage_md_add(name, cfg_handle);
	if (!strcmp(verb, "add")) {
		if (!id)
			stage_md_add(name, cfg_handle);
		return dev_add(type, cfg_handle, id);
	}
	if (strcmp(verb, "remove"))
		return -EINVAL;
	if (!id)
		stage_md_remove(name, cfg_handle);
	return dev_remove(type, cfg_handle, id);
}

int stage_dev_change(const char *line)
{
	int err;

	mutex_lock(&dev_lock);
	err = dev_change(line);
	mutex_unlock(&dev_lock);
	return err;
}

int stage_dev_stage(const char *line)
{
	int err = -ENOSPC;

	mutex_lock(&dev_lock);
	if (strlen(staged) + strlen(line) + 2 <= sizeof(staged)) {
		strcat(staged, line);
		strcat(staged, "\n");
		err = 0;
	}
	mutex_unlock(&dev_lock);
	return err;
}

/* What ds.c calls when the control domain announces an update. */
void stage_dev_update(void)
{
	char *rest = staged, *line;

	mutex_lock(&dev_lock);
	while ((line = strsep(&rest, "\n")) && *line)
		if (dev_change(line))
			pr_err("sun4v_stage: cannot do: %s\n", line);
	staged[0] = '\0';
	mutex_unlock(&dev_lock);
}

int stage_dev_init(void)
{
	return vio_register_driver(&stage_driver);
}

void stage_dev_exit(void)
{
	vio_unregister_driver(&stage_driver);
}

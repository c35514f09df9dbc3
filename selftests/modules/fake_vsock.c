// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio socket device, and as much of a host behind it as it takes to connect
 * to a port of the guest.  What the guest says is thrown away.
 *
 * Writing a port to the parameter "connect" connects to it from port 1000 of
 * the host, which is CID 2; writing 0 resets that connection.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_vsock.h>
#include <linux/vm_sockets.h>

#define FAKE_GUEST_CID	77
#define FAKE_HOST_PORT	1000
#define FAKE_QUEUES	3
#define FAKE_QUEUE_SIZE	16

enum { FAKE_RX, FAKE_TX, FAKE_EVENT };

static struct {
	struct device *parent;
	struct virtio_device *vdev;
	struct virtqueue *vqs[FAKE_QUEUES];
	u16 seen[FAKE_QUEUES];		/* how far the host has read avail */
	u32 port;			/* the guest's end of the connection */
	u8 status;
} fake;

static void fake_get(struct virtio_device *vdev, unsigned int offset, void *buf,
		     unsigned int len)
{
	struct virtio_vsock_config config = {
		.guest_cid = cpu_to_le64(FAKE_GUEST_CID),
	};

	memset(buf, 0, len);
	if (offset < sizeof(config))
		memcpy(buf, (u8 *)&config + offset, min_t(size_t, len, sizeof(config) - offset));
}

static u8 fake_get_status(struct virtio_device *vdev)
{
	return fake.status;
}

static void fake_set_status(struct virtio_device *vdev, u8 status)
{
	fake.status = status;
}

static void fake_reset(struct virtio_device *vdev)
{
	fake.status = 0;
	memset(fake.seen, 0, sizeof(fake.seen));
}

static u64 fake_get_features(struct virtio_device *vdev)
{
	return BIT_ULL(VIRTIO_F_VERSION_1);
}

static int fake_finalize_features(struct virtio_device *vdev)
{
	vring_transport_features(vdev);
	return 0;
}

static const char *fake_bus_name(struct virtio_device *vdev)
{
	return dev_name(vdev->dev.parent);
}

/*
 * Takes the next buffer of a queue, writes to it what there is to write, and
 * gives it back.  Returns whether there was one.  Buffers lie in the kernel's
 * own memory: without VIRTIO_F_ACCESS_PLATFORM addresses are physical.
 */
static bool fake_use_buffer(int queue, const void *data, size_t len)
{
	struct virtqueue *vq = fake.vqs[queue];
	const struct vring *ring = virtqueue_get_vring(vq);
	u16 used = le16_to_cpu((__force __le16)ring->used->idx);
	u16 head;

	if (fake.seen[queue] == le16_to_cpu((__force __le16)READ_ONCE(ring->avail->idx)))
		return false;
	/* The entry is there once the index says so. */
	smp_rmb();
	head = le16_to_cpu((__force __le16)ring->avail->ring[fake.seen[queue]++ % ring->num]);
	if (len)
		memcpy(phys_to_virt(le64_to_cpu((__force __le64)ring->desc[head].addr)), data, len);
	ring->used->ring[used % ring->num].id = (__force __virtio32)cpu_to_le32(head);
	ring->used->ring[used % ring->num].len = (__force __virtio32)cpu_to_le32(len);
	/* The index says that the entry is there. */
	smp_wmb();
	ring->used->idx = (__force __virtio16)cpu_to_le16(used + 1);
	return true;
}

static bool fake_notify(struct virtqueue *vq)
{
	bool any = false;

	if (vq->index != FAKE_TX)
		return true;
	while (fake_use_buffer(FAKE_TX, NULL, 0))
		any = true;
	if (any)
		vring_interrupt(0, vq);
	return true;
}

static void fake_del_vqs(struct virtio_device *vdev)
{
	int i;

	for (i = 0; i < FAKE_QUEUES; i++) {
		if (fake.vqs[i])
			vring_del_virtqueue(fake.vqs[i]);
		fake.vqs[i] = NULL;
	}
}

static int fake_add_vq(struct virtio_device *vdev, int i, vq_callback_t *callback,
		       const char *name)
{
	fake.vqs[i] = vring_create_virtqueue(i, FAKE_QUEUE_SIZE, PAGE_SIZE, vdev, true,
					     false, false, fake_notify, callback, name);
	if (fake.vqs[i])
		return 0;
	fake_del_vqs(vdev);
	return -ENOMEM;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static int fake_find_vqs(struct virtio_device *vdev, unsigned int n,
			 struct virtqueue *vqs[], vq_callback_t *callbacks[],
			 const char * const names[], const bool *ctx,
			 struct irq_affinity *desc)
#else
static int fake_find_vqs(struct virtio_device *vdev, unsigned int n,
			 struct virtqueue *vqs[], struct virtqueue_info infos[],
			 struct irq_affinity *desc)
#endif
{
	unsigned int i;
	int err;

	if (n != FAKE_QUEUES)
		return -EINVAL;
	for (i = 0; i < n; i++) {
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
		err = fake_add_vq(vdev, i, callbacks[i], names[i]);
#else
		err = fake_add_vq(vdev, i, infos[i].callback, infos[i].name);
#endif
		if (err)
			return err;
		vqs[i] = fake.vqs[i];
	}
	return 0;
}

static const struct virtio_config_ops fake_config_ops = {
	.get = fake_get,
	.get_status = fake_get_status,
	.set_status = fake_set_status,
	.reset = fake_reset,
	.find_vqs = fake_find_vqs,
	.del_vqs = fake_del_vqs,
	.get_features = fake_get_features,
	.finalize_features = fake_finalize_features,
	.bus_name = fake_bus_name,
};

static int fake_say(u16 op)
{
	struct virtio_vsock_hdr hdr = {
		.src_cid = cpu_to_le64(VMADDR_CID_HOST),
		.dst_cid = cpu_to_le64(FAKE_GUEST_CID),
		.src_port = cpu_to_le32(FAKE_HOST_PORT),
		.dst_port = cpu_to_le32(fake.port),
		.type = cpu_to_le16(VIRTIO_VSOCK_TYPE_STREAM),
		.op = cpu_to_le16(op),
		.buf_alloc = cpu_to_le32(65536),
	};

	if (!fake.vqs[FAKE_RX])
		return -ENOTCONN;
	if (!fake_use_buffer(FAKE_RX, &hdr, sizeof(hdr)))
		return -EAGAIN;
	vring_interrupt(0, fake.vqs[FAKE_RX]);
	return 0;
}

static int set_connect(const char *val, const struct kernel_param *kp)
{
	u32 port;
	int err = kstrtou32(val, 0, &port);

	if (err)
		return err;
	if (!port)
		return fake_say(VIRTIO_VSOCK_OP_RST);
	fake.port = port;
	return fake_say(VIRTIO_VSOCK_OP_REQUEST);
}

static const struct kernel_param_ops connect_ops = { .set = set_connect };
module_param_cb(connect, &connect_ops, NULL, 0200);
MODULE_PARM_DESC(connect, "port of the guest that the host connects to; 0: the connection is reset");

static void fake_release(struct device *dev)
{
	kfree(dev_to_virtio(dev));
}

static int __init fake_init(void)
{
	int err;

	fake.parent = root_device_register("fake-vsock");
	if (IS_ERR(fake.parent))
		return PTR_ERR(fake.parent);
	fake.vdev = kzalloc(sizeof(*fake.vdev), GFP_KERNEL);
	if (!fake.vdev) {
		err = -ENOMEM;
		goto err_parent;
	}
	fake.vdev->dev.parent = fake.parent;
	fake.vdev->dev.release = fake_release;
	fake.vdev->config = &fake_config_ops;
	fake.vdev->id.device = VIRTIO_ID_VSOCK;
	fake.vdev->id.vendor = 0x1af4;
	err = register_virtio_device(fake.vdev);
	if (!err)
		return 0;
	put_device(&fake.vdev->dev);
err_parent:
	root_device_unregister(fake.parent);
	return err;
}

static void __exit fake_exit(void)
{
	unregister_virtio_device(fake.vdev);
	root_device_unregister(fake.parent);
}

module_init(fake_init);
module_exit(fake_exit);

MODULE_DESCRIPTION("A virtio socket device and a host that connects, for the tests of drvio");
MODULE_LICENSE("GPL");

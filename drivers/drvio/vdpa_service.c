// SPDX-License-Identifier: GPL-2.0
/*
 * The list of services, and who their clients are.
 *
 * services_lock is taken inside of any device_lock, and nothing inside of it.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include "vdpa_park.h"
#include "vdpa_service.h"

/**
 * struct vdpa_service - a service
 * @node: in services
 * @dev: its device, which is there while this is in the list
 * @mgmt: who manages it; only compared
 * @state: what is done with it
 * @driver: the last driver that it was unbound from
 */
struct vdpa_service {
	struct list_head node;
	struct device *dev;
	struct device *mgmt;
	enum vdpa_service_state state;
	char driver[DRVIO_DRIVER_MAX];
};

static LIST_HEAD(services);
static DEFINE_MUTEX(services_lock);

static struct vdpa_service *service_find(struct device *dev)
{
	struct vdpa_service *service;

	lockdep_assert_held(&services_lock);
	list_for_each_entry(service, &services, node)
		if (service->dev == dev)
			return service;
	return NULL;
}

bool vdpa_is_device(const struct device *dev)
{
	return dev->bus == vdpa_park_driver.driver.bus;
}

bool vdpa_on_bus(const struct device *dev)
{
	return vdpa_park_driver_of(dev);
}

int vdpa_service_add(struct device *dev, struct device *mgmt)
{
	struct vdpa_service *service;
	int err = 0;

	mutex_lock(&services_lock);
	if (service_find(dev)) {
		err = -EEXIST;
		goto out;
	}
	service = kzalloc(sizeof(*service), GFP_KERNEL);
	if (!service) {
		err = -ENOMEM;
		goto out;
	}
	service->dev = dev;
	service->mgmt = mgmt;
	list_add_tail(&service->node, &services);
out:
	mutex_unlock(&services_lock);
	return err;
}

struct device *vdpa_service_del(struct device *dev)
{
	struct vdpa_service *service;
	struct device *mgmt = NULL;

	mutex_lock(&services_lock);
	service = service_find(dev);
	if (service) {
		mgmt = service->mgmt;
		list_del(&service->node);
	}
	mutex_unlock(&services_lock);
	kfree(service);
	return mgmt;
}

void vdpa_services_exit(void)
{
	struct vdpa_service *service, *next;

	/* The parking drivers may still be asked. */
	mutex_lock(&services_lock);
	list_for_each_entry_safe(service, next, &services, node)
		kfree(service);
	INIT_LIST_HEAD(&services);
	mutex_unlock(&services_lock);
}

void vdpa_service_set(struct device *dev, enum vdpa_service_state state)
{
	struct vdpa_service *service;

	mutex_lock(&services_lock);
	service = service_find(dev);
	if (service)
		service->state = state;
	mutex_unlock(&services_lock);
}

enum vdpa_service_state vdpa_service_get(struct device *dev)
{
	enum vdpa_service_state state = VDPA_SERVICE_FREE;
	struct vdpa_service *service;

	mutex_lock(&services_lock);
	service = service_find(dev);
	if (service)
		state = service->state;
	mutex_unlock(&services_lock);
	return state;
}

void vdpa_service_note_driver(struct device *dev)
{
	struct vdpa_service *service;

	device_lock(dev);
	mutex_lock(&services_lock);
	service = service_find(dev);
	if (service && dev->driver && dev->driver != vdpa_park_driver_of(dev))
		strscpy(service->driver, dev->driver->name, sizeof(service->driver));
	mutex_unlock(&services_lock);
	device_unlock(dev);
}

void vdpa_service_driver(struct device *dev, char *name)
{
	struct vdpa_service *service;

	mutex_lock(&services_lock);
	service = service_find(dev);
	strscpy(name, service ? service->driver : "", DRVIO_DRIVER_MAX);
	mutex_unlock(&services_lock);
}

/**
 * struct carrier_search - looking for a virtio device by what carries it
 * @carrier: the name of the vDPA device
 * @found: the virtio device, referenced
 */
struct carrier_search {
	const char *carrier;
	struct device *found;
};

static int match_carrier(struct device *dev, void *data)
{
	struct carrier_search *search = data;

	if (!dev->bus || strcmp(dev->bus->name, "virtio") ||
	    strcmp(virtio_bus_name(dev_to_virtio(dev)), search->carrier))
		return 0;
	search->found = get_device(dev);
	return 1;
}

/*
 * It is a child of what does the DMA, which is the vDPA device itself or the
 * function that manages it.  The driver's module stays: its exit would wait for
 * our lock to unbind this device.
 */
struct device *vdpa_service_virtio(struct vdpa_device *vdev)
{
	struct carrier_search search = { .carrier = dev_name(&vdev->dev) };

	if (!vdev->dev.driver || strcmp(vdev->dev.driver->name, "virtio_vdpa"))
		return NULL;
	device_for_each_child(vdpa_get_dma_dev(vdev), &search, match_carrier);
	return search.found;
}

struct device *vdpa_service_child(struct device *mgmt, unsigned int n)
{
	struct vdpa_service *service;
	struct device *found = NULL;

	mutex_lock(&services_lock);
	list_for_each_entry(service, &services, node) {
		if (service->mgmt == mgmt && !n--) {
			found = get_device(service->dev);
			break;
		}
	}
	mutex_unlock(&services_lock);
	return found;
}

/**
 * struct text - a line for sysfs
 * @buf: the page
 * @len: what is in it
 */
struct text {
	char *buf;
	int len;
};

static int add_name(struct device *dev, void *data)
{
	struct text *text = data;

	text->len += sysfs_emit_at(text->buf, text->len, "%s%s", text->len ? " " : "",
				   dev_name(dev));
	return 0;
}

/* What a driver other than virtio_vdpa has made of it: vhost-vdpa-0. */
static int add_other(struct device *dev, void *data)
{
	return dev->bus ? 0 : add_name(dev, data);
}

static int device_clients(struct device *dev, struct text *text)
{
	struct device *virtio;
	int err;

	err = drvio_target_lock(dev);
	if (err)
		return err;
	virtio = vdpa_service_virtio(dev_to_vdpa(dev));
	if (virtio)
		add_name(virtio, text);
	else if (dev->driver)
		device_for_each_child(dev, text, add_other);
	/* Not later: the lock keeps the module in whose code its release is. */
	put_device(virtio);
	device_unlock(dev);
	return 0;
}

static void add_children(struct device *mgmt, struct text *text)
{
	struct vdpa_service *service;

	mutex_lock(&services_lock);
	list_for_each_entry(service, &services, node)
		if (service->mgmt == mgmt)
			add_name(service->dev, text);
	mutex_unlock(&services_lock);
}

ssize_t vdpa_service_clients(struct device *dr, char *buf)
{
	struct device *dev = drvio_device_get_target(dr);
	struct text text = { .buf = buf };
	int err = 0;

	if (!dev)
		return -ENODEV;
	if (vdpa_is_device(dev))
		err = device_clients(dev, &text);
	else
		add_children(dev, &text);
	put_device(dev);
	return err ?: text.len + sysfs_emit_at(buf, text.len, "\n");
}

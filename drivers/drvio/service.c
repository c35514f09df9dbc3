// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/drvio/service: version, settings, the registered helper.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "core.h"
#include "service.h"
#include "stats.h"

static struct device *service_dev;
static char helper[DRVIO_HELPER_MAX];

static unsigned int ack_timeout_ms = DRVIO_ACK_TIMEOUT_MS;
static unsigned int appear_timeout_ms = DRVIO_APPEAR_TIMEOUT_MS;
static unsigned int bind_timeout_ms = DRVIO_BIND_TIMEOUT_MS;

unsigned int drvio_ack_timeout_ms(void)
{
	return READ_ONCE(ack_timeout_ms);
}

unsigned int drvio_appear_timeout_ms(void)
{
	return READ_ONCE(appear_timeout_ms);
}

unsigned int drvio_bind_timeout_ms(void)
{
	return READ_ONCE(bind_timeout_ms);
}

bool drvio_helper_registered(void)
{
	lockdep_assert_held(&drvio_lock);
	return helper[0];
}

static ssize_t version_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%d.%d\n", DRVIO_MAJOR, DRVIO_MINOR);
}
static DEVICE_ATTR_RO(version);

static ssize_t helper_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	ssize_t len;

	mutex_lock(&drvio_lock);
	len = sysfs_emit(buf, "%s\n", helper);
	mutex_unlock(&drvio_lock);
	return len;
}

/* One printable word; an empty line unregisters. */
static ssize_t helper_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	size_t len = count, i;

	if (len && buf[len - 1] == '\n')
		len--;
	if (len >= DRVIO_HELPER_MAX)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!isascii(buf[i]) || !isgraph(buf[i]))
			return -EINVAL;

	mutex_lock(&drvio_lock);
	memcpy(helper, buf, len);
	helper[len] = '\0';
	mutex_unlock(&drvio_lock);
	return count;
}
static DEVICE_ATTR_RW(helper);

static unsigned int *timeout_of(struct device_attribute *attr)
{
	return container_of(attr, struct dev_ext_attribute, attr)->var;
}

static ssize_t timeout_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(*timeout_of(attr)));
}

static ssize_t timeout_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	unsigned int ms;
	int err;

	err = kstrtouint(buf, 0, &ms);
	if (err)
		return err;
	if (ms < DRVIO_TIMEOUT_MIN_MS || ms > DRVIO_TIMEOUT_MAX_MS)
		return -ERANGE;
	mutex_lock(&drvio_lock);
	WRITE_ONCE(*timeout_of(attr), ms);
	mutex_unlock(&drvio_lock);
	return count;
}

static struct dev_ext_attribute attr_ack_timeout_ms = {
	__ATTR(ack_timeout_ms, 0644, timeout_show, timeout_store), &ack_timeout_ms
};

static struct dev_ext_attribute attr_appear_timeout_ms = {
	__ATTR(appear_timeout_ms, 0644, timeout_show, timeout_store), &appear_timeout_ms
};

static struct dev_ext_attribute attr_bind_timeout_ms = {
	__ATTR(bind_timeout_ms, 0644, timeout_show, timeout_store), &bind_timeout_ms
};

static struct attribute *service_attrs[] = {
	&dev_attr_version.attr,
	&dev_attr_helper.attr,
	&attr_ack_timeout_ms.attr.attr,
	&attr_appear_timeout_ms.attr.attr,
	&attr_bind_timeout_ms.attr.attr,
	NULL
};

static const struct attribute_group service_group = {
	.attrs = service_attrs,
};

static const struct attribute_group *service_groups[] = {
	&service_group,
	&drvio_stats_group,
	NULL
};

static const struct device_type service_type = {
	.name = "drvio_service",
	.groups = service_groups,
};

static void service_release(struct device *dev)
{
	kfree(dev);
}

/**
 * drvio_service_init() - create the service node
 *
 * Its add event makes udev start the helper, which registers.
 *
 * Return: 0 or -ENOMEM and what device_register() returns.
 */
int drvio_service_init(void)
{
	int err;

	drvio_stats_init();
	service_dev = kzalloc(sizeof(*service_dev), GFP_KERNEL);
	if (!service_dev) {
		err = -ENOMEM;
		goto err_stats;
	}
	device_initialize(service_dev);
	service_dev->class = &drvio_class;
	service_dev->type = &service_type;
	service_dev->release = service_release;
	err = dev_set_name(service_dev, "service");
	if (!err)
		err = device_add(service_dev);
	if (err)
		goto err_put;
	return 0;

err_put:
	put_device(service_dev);
err_stats:
	drvio_stats_exit();
	return err;
}

void drvio_service_exit(void)
{
	device_unregister(service_dev);
	drvio_stats_exit();
}

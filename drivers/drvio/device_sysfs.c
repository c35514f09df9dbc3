// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of a DR device, documented in Documentation/ABI/testing.
 */
#include <linux/ctype.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "device.h"
#include "request.h"
#include "type.h"

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct drvio_device *ddev = to_drvio_device(dev);
	enum drvio_state state;

	mutex_lock(&drvio_lock);
	state = ddev->state;
	mutex_unlock(&drvio_lock);
	return sysfs_emit(buf, "%s\n", drvio_state_name(state));
}
static DEVICE_ATTR_RO(state);

static ssize_t status_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct drvio_device *ddev = to_drvio_device(dev);
	u32 status;

	mutex_lock(&drvio_lock);
	status = drvio_device_status(ddev);
	mutex_unlock(&drvio_lock);
	return sysfs_emit(buf, "%s\n", drvio_status_name(status));
}
static DEVICE_ATTR_RO(status);

static ssize_t name_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n", to_drvio_device(dev)->name);
}
static DEVICE_ATTR_RO(name);

static ssize_t dev_id_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, DRVIO_DEV_ID_FMT "\n",
			  to_drvio_device(dev)->dev_id);
}
static DEVICE_ATTR_RO(dev_id);

static ssize_t hold_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct drvio_device *ddev = to_drvio_device(dev);
	ssize_t len;

	mutex_lock(&drvio_lock);
	len = sysfs_emit(buf, "%s\n", drvio_device_hold(ddev) ?: "");
	mutex_unlock(&drvio_lock);
	return len;
}

/* The text says why; an empty line releases.  It has no end until hold_ms is written. */
static ssize_t hold_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct drvio_device *ddev = to_drvio_device(dev);
	size_t len = count, i;
	char *hold = NULL;

	if (len && buf[len - 1] == '\n')
		len--;
	if (len >= DRVIO_HOLD_MAX)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!isascii(buf[i]) || !isprint(buf[i]))
			return -EINVAL;
	if (len) {
		hold = kstrndup(buf, len, GFP_KERNEL);
		if (!hold)
			return -ENOMEM;
	}
	mutex_lock(&drvio_lock);
	swap(hold, ddev->hold);
	ddev->hold_until = 0;
	mutex_unlock(&drvio_lock);
	kfree(hold);
	return count;
}
static DEVICE_ATTR_RW(hold);

static ssize_t hold_ms_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct drvio_device *ddev = to_drvio_device(dev);
	ssize_t len;
	s64 left;

	mutex_lock(&drvio_lock);
	if (drvio_device_hold(ddev) && ddev->hold_until) {
		left = ktime_ms_delta(ddev->hold_until, ktime_get_boottime());
		len = sysfs_emit(buf, "%lld\n", max_t(s64, left, 0));
	} else {
		len = sysfs_emit(buf, "\n");
	}
	mutex_unlock(&drvio_lock);
	return len;
}

/* Counted from now; 0: the hold has no end. */
static ssize_t hold_ms_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct drvio_device *ddev = to_drvio_device(dev);
	unsigned int ms;
	int err;

	err = kstrtouint(buf, 0, &ms);
	if (err)
		return err;
	mutex_lock(&drvio_lock);
	if (!drvio_device_hold(ddev))
		err = -ENOENT;
	else
		ddev->hold_until = ms ? ktime_add_ms(ktime_get_boottime(), ms) : 0;
	mutex_unlock(&drvio_lock);
	return err ?: count;
}
static DEVICE_ATTR_RW(hold_ms);

static ssize_t ack_store(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t count)
{
	char *line;
	int err;

	if (strnlen(buf, count) != count)
		return -EINVAL;
	line = kstrndup(buf, count, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	err = drvio_request_ack(to_drvio_device(dev), line);
	kfree(line);
	return err ?: count;
}
static DEVICE_ATTR_WO(ack);

static struct attribute *device_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_status.attr,
	&dev_attr_name.attr,
	&dev_attr_dev_id.attr,
	&dev_attr_hold.attr,
	&dev_attr_hold_ms.attr,
	&dev_attr_ack.attr,
	NULL
};

static const struct attribute_group device_group = {
	.attrs = device_attrs,
};

/*
 * request/: the current request, or the last one.  Each attribute is an empty
 * line while there is nothing to tell: before the first request, and for how
 * it ended until it has.
 */

typedef int (*request_print_fn)(const struct drvio_record *record, char *buf);

static ssize_t request_show(struct device *dev, char *buf, request_print_fn print)
{
	struct drvio_record record;
	ssize_t len;

	mutex_lock(&drvio_lock);
	record = drvio_request_record(to_drvio_device(dev));
	len = record.verb ? print(&record, buf) : sysfs_emit(buf, "\n");
	mutex_unlock(&drvio_lock);
	return len;
}

#define DRVIO_REQUEST_ATTR(_name, _print)					\
static ssize_t _name##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)		\
{										\
	return request_show(dev, buf, _print);					\
}										\
static DEVICE_ATTR_RO(_name)

static bool is_done(const struct drvio_record *record)
{
	return record->phase == DRVIO_PHASE_DONE;
}

static int print_number(const struct drvio_record *record, char *buf)
{
	return sysfs_emit(buf, "%llu\n", record->number);
}
DRVIO_REQUEST_ATTR(number, print_number);

static int print_verb(const struct drvio_record *record, char *buf)
{
	return sysfs_emit(buf, "%s\n", drvio_verb_name(record->verb));
}
DRVIO_REQUEST_ATTR(verb, print_verb);

static int print_phase(const struct drvio_record *record, char *buf)
{
	return sysfs_emit(buf, "%s\n", drvio_phase_name(record->phase));
}
DRVIO_REQUEST_ATTR(phase, print_phase);

static int print_cookie(const struct drvio_record *record, char *buf)
{
	if (!record->cookie)
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%016llx\n", record->cookie);
}
DRVIO_REQUEST_ATTR(cookie, print_cookie);

static int print_deadline_ms(const struct drvio_record *record, char *buf)
{
	return sysfs_emit(buf, "%u\n", record->deadline_ms);
}
DRVIO_REQUEST_ATTR(deadline_ms, print_deadline_ms);

static int print_result(const struct drvio_record *record, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  is_done(record) ? drvio_result_name(record->result) : "");
}
DRVIO_REQUEST_ATTR(result, print_result);

static int print_status(const struct drvio_record *record, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  is_done(record) ? drvio_status_name(record->status) : "");
}

/* The name of the group's attribute clashes with the device's. */
static ssize_t request_status_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return request_show(dev, buf, print_status);
}

static struct device_attribute dev_attr_request_status =
	__ATTR(status, 0444, request_status_show, NULL);

/* One line: a newline of the text is shown as \n, as in an ack. */
static int print_reason(const struct drvio_record *record, char *buf)
{
	const char *p;
	int len = 0;

	for (p = record->why; *p; p++) {
		if (*p == '\n')
			len += sysfs_emit_at(buf, len, "\\n");
		else if (*p == '\\')
			len += sysfs_emit_at(buf, len, "\\\\");
		else
			len += sysfs_emit_at(buf, len, "%c", *p);
	}
	return len + sysfs_emit_at(buf, len, "\n");
}
DRVIO_REQUEST_ATTR(reason, print_reason);

static int print_duration_us(const struct drvio_record *record, char *buf)
{
	return sysfs_emit(buf, "%lld\n", record->duration_us);
}
DRVIO_REQUEST_ATTR(duration_us, print_duration_us);

static struct attribute *request_attrs[] = {
	&dev_attr_number.attr,
	&dev_attr_verb.attr,
	&dev_attr_phase.attr,
	&dev_attr_cookie.attr,
	&dev_attr_deadline_ms.attr,
	&dev_attr_result.attr,
	&dev_attr_request_status.attr,
	&dev_attr_reason.attr,
	&dev_attr_duration_us.attr,
	NULL
};

static const struct attribute_group request_group = {
	.name = "request",
	.attrs = request_attrs,
};

/* Of services */

static ssize_t clients_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return to_drvio_device(dev)->type->desc->clients(dev, buf);
}
static DEVICE_ATTR_RO(clients);

static struct attribute *service_attrs[] = {
	&dev_attr_clients.attr,
	NULL
};

static umode_t service_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	struct drvio_device *ddev = to_drvio_device(kobj_to_dev(kobj));

	return ddev->type->desc->clients ? attr->mode : 0;
}

static const struct attribute_group service_group = {
	.attrs = service_attrs,
	.is_visible = service_visible,
};

static const struct attribute_group *device_groups[] = {
	&device_group,
	&service_group,
	&request_group,
	NULL
};

const struct device_type drvio_device_type = {
	.name = "drvio_device",
	.groups = device_groups,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * supported_types/<type-id>/ of a bus, in the manner of mdev_supported_types:
 * what management software compares before a guest moves, and where it learns
 * how many more devices of a type can be added.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "bus.h"
#include "core.h"
#include "device.h"
#include "type.h"

/**
 * struct drvio_type_attr - an attribute of a type's folder
 * @attr: the attribute
 * @show: prints its value
 * @store: takes a value; NULL when it is read only
 * @field: the field of compatible_<field>
 */
struct drvio_type_attr {
	struct attribute attr;
	ssize_t (*show)(struct drvio_type *type,
			const struct drvio_type_field *field, char *buf);
	ssize_t (*store)(struct drvio_type *type, const char *buf, size_t count);
	const struct drvio_type_field *field;
};

static ssize_t show_name(struct drvio_type *type,
			 const struct drvio_type_field *field, char *buf)
{
	return sysfs_emit(buf, "%s\n", type->desc->name);
}

static ssize_t show_description(struct drvio_type *type,
				const struct drvio_type_field *field, char *buf)
{
	return sysfs_emit(buf, "%s\n", type->desc->description);
}

static ssize_t show_device_api(struct drvio_type *type,
			       const struct drvio_type_field *field, char *buf)
{
	return sysfs_emit(buf, "%s\n", type->desc->device_api);
}

static ssize_t show_software_version(struct drvio_type *type,
				     const struct drvio_type_field *field,
				     char *buf)
{
	return sysfs_emit(buf, "%s\n", type->desc->software_version);
}

static ssize_t show_available_instances(struct drvio_type *type,
					const struct drvio_type_field *field,
					char *buf)
{
	return sysfs_emit(buf, "%u\n", type->desc->available(type->desc));
}

static ssize_t show_compatible_type(struct drvio_type *type,
				    const struct drvio_type_field *field, char *buf)
{
	return sysfs_emit(buf, "%s\n", type->desc->id);
}

static ssize_t show_compatible(struct drvio_type *type,
			       const struct drvio_type_field *field, char *buf)
{
	return field->show(type->desc, buf);
}

/* A set: names of the attributes that the type adds to its DR devices. */
static ssize_t show_dynamic_resources(struct drvio_type *type,
				      const struct drvio_type_field *field,
				      char *buf)
{
	const struct attribute_group **group = type->desc->groups;
	struct attribute **attr;
	int len = 0;

	for (; group && *group; group++)
		for (attr = (*group)->attrs; *attr; attr++)
			len += sysfs_emit_at(buf, len, "%s%s", len ? " " : "",
					     (*attr)->name);
	return len + sysfs_emit_at(buf, len, "\n");
}

static ssize_t store_create(struct drvio_type *type, const char *buf, size_t count)
{
	int err = type->desc->create(type->desc, buf);

	return err ?: count;
}

static const struct drvio_type_attr common_attrs[] = {
	{ { "name", 0444 }, show_name },
	{ { "description", 0444 }, show_description },
	{ { "device_api", 0444 }, show_device_api },
	{ { "software_version", 0444 }, show_software_version },
	{ { "available_instances", 0444 }, show_available_instances },
	{ { "compatible_type", 0444 }, show_compatible_type },
	{ { "dynamic_resources", 0444 }, show_dynamic_resources },
};

static const struct drvio_type_attr create_attr = {
	{ "create", 0200 }, NULL, store_create
};

static struct drvio_type *to_type(struct kobject *kobj)
{
	return container_of(kobj, struct drvio_type, kobj);
}

static ssize_t type_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct drvio_type_attr *ta = container_of(attr, struct drvio_type_attr, attr);

	return ta->show ? ta->show(to_type(kobj), ta->field, buf) : -EIO;
}

static ssize_t type_store(struct kobject *kobj, struct attribute *attr,
			  const char *buf, size_t count)
{
	struct drvio_type_attr *ta = container_of(attr, struct drvio_type_attr, attr);

	return ta->store ? ta->store(to_type(kobj), buf, count) : -EIO;
}

static const struct sysfs_ops type_sysfs_ops = {
	.show = type_show,
	.store = type_store,
};

static void type_release(struct kobject *kobj)
{
	struct drvio_type *type = to_type(kobj);

	kfree(type->attrs);
	kfree(type);
}

static const struct kobj_type type_ktype = {
	.sysfs_ops = &type_sysfs_ops,
	.release = type_release,
};

/* Adds the attributes; the folder's removal takes them along. */
static int type_add_attrs(struct drvio_type *type)
{
	const struct drvio_type_field *field = type->desc->compatible;
	unsigned int n = ARRAY_SIZE(common_attrs), i;
	int err;

	memcpy(type->attrs, common_attrs, sizeof(common_attrs));
	for (; field && field->name; field++, n++) {
		type->attrs[n].attr.name = field->name;
		type->attrs[n].attr.mode = 0444;
		type->attrs[n].show = show_compatible;
		type->attrs[n].field = field;
	}
	if (type->desc->create)
		type->attrs[n++] = create_attr;

	for (i = 0; i < n; i++) {
		sysfs_attr_init(&type->attrs[i].attr);
		err = sysfs_create_file(&type->kobj, &type->attrs[i].attr);
		if (err)
			return err;
	}
	return 0;
}

static struct drvio_type *type_create(struct drvio_bus *bus,
				      const struct drvio_type_desc *desc)
{
	const struct drvio_type_field *field = desc->compatible;
	unsigned int n = ARRAY_SIZE(common_attrs) + !!desc->create;
	struct drvio_type *type;
	int err = -ENOMEM;

	for (; field && field->name; field++)
		n++;
	type = kzalloc(sizeof(*type), GFP_KERNEL);
	if (!type)
		return ERR_PTR(-ENOMEM);
	kobject_init(&type->kobj, &type_ktype);
	INIT_LIST_HEAD(&type->node);
	type->bus = bus;
	type->desc = desc;
	type->attrs = kcalloc(n, sizeof(*type->attrs), GFP_KERNEL);
	if (!type->attrs)
		goto err_put;
	err = kobject_add(&type->kobj, bus->types, "%s", desc->id);
	if (err)
		goto err_put;
	err = type_add_attrs(type);
	if (err)
		goto err_del;
	type->devices = kobject_create_and_add("devices", &type->kobj);
	if (!type->devices) {
		err = -ENOMEM;
		goto err_del;
	}
	list_add_tail(&type->node, &bus->type_list);
	return type;

err_del:
	kobject_del(&type->kobj);
err_put:
	kobject_put(&type->kobj);
	return ERR_PTR(err);
}

struct drvio_type *drvio_type_register(struct drvio_bus *bus,
				       const struct drvio_type_desc *desc)
{
	struct drvio_type *type;

	mutex_lock(&drvio_targets_lock);
	list_for_each_entry(type, &bus->type_list, node)
		if (!strcmp(type->desc->id, desc->id))
			goto out;
	type = type_create(bus, desc);
out:
	mutex_unlock(&drvio_targets_lock);
	return type;
}
EXPORT_SYMBOL_GPL(drvio_type_register);

int drvio_types_init(struct drvio_bus *bus)
{
	INIT_LIST_HEAD(&bus->type_list);
	bus->types = kobject_create_and_add("supported_types", &bus->dev.kobj);
	return bus->types ? 0 : -ENOMEM;
}

/* The bus has no devices any more, and its module registers no more types. */
void drvio_types_exit(struct drvio_bus *bus)
{
	struct drvio_type *type, *next;

	list_for_each_entry_safe(type, next, &bus->type_list, node) {
		list_del_init(&type->node);
		kobject_put(type->devices);
		kobject_del(&type->kobj);
		kobject_put(&type->kobj);
	}
	kobject_put(bus->types);
}

int drvio_type_link(struct drvio_device *ddev)
{
	int err;

	lockdep_assert_held(&drvio_targets_lock);
	err = sysfs_create_link(&ddev->dev.kobj, &ddev->type->kobj, "type");
	if (err)
		return err;
	err = sysfs_create_link(ddev->type->devices, &ddev->dev.kobj,
				dev_name(&ddev->dev));
	if (err)
		sysfs_remove_link(&ddev->dev.kobj, "type");
	return err;
}

void drvio_type_unlink(struct drvio_device *ddev)
{
	lockdep_assert_held(&drvio_targets_lock);
	sysfs_remove_link(ddev->type->devices, dev_name(&ddev->dev));
	sysfs_remove_link(&ddev->dev.kobj, "type");
}

// SPDX-License-Identifier: GPL-2.0
/* The tree below /sys/class/drvio as JSON. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/drvio.h>

#include "escape.h"
#include "mem.h"
#include "sysfs.h"
#include "tree.h"

/* An attribute of sysfs has a page at the most. */
#define ATTR_MAX	4096

const char *tree_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

struct json_object *tree_member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	if (!json_object_is_type(value, json_type_object) &&
	    !json_object_is_type(value, json_type_array))
		return NULL;
	return value;
}

/* --- Attributes ------------------------------------------------------------ */

/* "" where it cannot be read. */
static void read_attr(char text[ATTR_MAX], const char *dir, const char *attr)
{
	sysfs_read(text, ATTR_MAX, "%s/%s", dir, attr);
	escape_printable(text);
}

static void add_attr(struct json_object *to, const char *dir, const char *attr)
{
	char text[ATTR_MAX];

	read_attr(text, dir, attr);
	ctl_add(to, attr, text);
}

/* null where it is no number. */
static void add_number(struct json_object *to, const char *dir, const char *attr)
{
	struct json_object *number = NULL;
	char text[ATTR_MAX], *end;
	unsigned long long n;

	read_attr(text, dir, attr);
	errno = 0;
	n = strtoull(text, &end, 10);
	if (isdigit((unsigned char)*text) && !*end && !errno)
		number = json_object_new_uint64(n);
	json_object_object_add(to, attr, number);
}

static struct json_object *words(const char *dir, const char *attr)
{
	struct json_object *list = json_object_new_array();
	char text[ATTR_MAX], *save = NULL, *word;

	read_attr(text, dir, attr);
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		json_object_array_add(list, json_object_new_string(word));
	return list;
}

/* --- Folders --------------------------------------------------------------- */

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

typedef void (*entry_fn)(const struct ctl *ctl, const char *dir, const char *name,
			 struct json_object *to);

/* Calls @fn for each name in @dir that begins with @prefix, in order. */
static void each_entry(const struct ctl *ctl, const char *dir, const char *prefix,
		       struct json_object *to, entry_fn fn)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, visible, versionsort);

	for (int i = 0; i < n; i++) {
		if (!strncmp(entries[i]->d_name, prefix, strlen(prefix)))
			fn(ctl, dir, entries[i]->d_name, to);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void class_path(const struct ctl *ctl, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/sys/class/" DRVIO_CLASS, ctl->root);
}

static bool node_is(const char *path, const char *devtype)
{
	char text[ATTR_MAX], *save = NULL, *line;

	sysfs_read(text, sizeof(text), "%s/uevent", path);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "DEVTYPE=", 8))
			return !strcmp(line + 8, devtype);
	}
	return false;
}

static char *join(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void add_name(const struct ctl *ctl, const char *dir, const char *name,
		     struct json_object *to)
{
	(void)ctl;
	(void)dir;
	json_object_array_add(to, json_object_new_string(name));
}

static void add_number_entry(const struct ctl *ctl, const char *dir, const char *name,
			     struct json_object *to)
{
	(void)ctl;
	add_number(to, dir, name);
}

static void add_statistics(const struct ctl *ctl, const char *path,
			   struct json_object *to)
{
	struct json_object *statistics = json_object_new_object();
	char *dir = join(path, "statistics");

	each_entry(ctl, dir, "", statistics, add_number_entry);
	json_object_object_add(to, "statistics", statistics);
	free(dir);
}

/* --- The service and its links --------------------------------------------- */

struct json_object *tree_service(const struct ctl *ctl)
{
	struct json_object *service;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/class/" DRVIO_CLASS "/service", ctl->root);
	if (!sysfs_exists("%s", path))
		return NULL;
	service = json_object_new_object();
	add_attr(service, path, "version");
	add_attr(service, path, "helper");
	add_number(service, path, "ack_timeout_ms");
	add_number(service, path, "appear_timeout_ms");
	add_number(service, path, "bind_timeout_ms");
	add_statistics(ctl, path, service);
	return service;
}

enum exit_code tree_present(struct ctl *ctl)
{
	if (sysfs_exists("%s/sys/class/" DRVIO_CLASS "/service", ctl->root))
		return EXIT_CODE_OK;
	return ctl_fail(ctl, EXIT_CODE_NOT_PRESENT,
			"%s/sys/class/" DRVIO_CLASS "/service is not there: load the module drvio-virtio",
			ctl->root);
}

static void add_link(const struct ctl *ctl, const char *dir, const char *name,
		     struct json_object *to)
{
	char *path = join(dir, name);
	struct json_object *link;

	if (node_is(path, "drvio_link")) {
		link = json_object_new_object();
		ctl_add(link, "link", name);
		add_attr(link, path, "transport");
		add_attr(link, path, "state");
		add_attr(link, path, "version");
		add_attr(link, path, "peer");
		add_statistics(ctl, path, link);
		json_object_array_add(to, link);
	}
	free(path);
}

struct json_object *tree_links(const struct ctl *ctl)
{
	struct json_object *links = json_object_new_array();
	char dir[PATH_MAX];

	class_path(ctl, dir);
	each_entry(ctl, dir, "link", links, add_link);
	return links;
}

/* --- Types ----------------------------------------------------------------- */

static void add_compatible(const struct ctl *ctl, const char *dir, const char *name,
			   struct json_object *to)
{
	(void)ctl;
	json_object_object_add(to, name, words(dir, name));
}

static void add_type(const struct ctl *ctl, const char *dir, const char *name,
		     struct json_object *to)
{
	struct json_object *type = json_object_new_object(), *compatible, *devices;
	char *path = join(dir, name), *folder;

	/* .../<bus>/supported_types/<type> */
	folder = xstrdup(dir);
	*strrchr(folder, '/') = '\0';
	ctl_add(type, "bus", strrchr(folder, '/') + 1);
	free(folder);

	ctl_add(type, "type", name);
	add_attr(type, path, "name");
	add_attr(type, path, "description");
	add_attr(type, path, "device_api");
	add_attr(type, path, "software_version");
	add_number(type, path, "available_instances");
	compatible = json_object_new_object();
	each_entry(ctl, path, "compatible_", compatible, add_compatible);
	json_object_object_add(type, "compatible", compatible);
	json_object_object_add(type, "dynamic_resources", words(path, "dynamic_resources"));
	devices = json_object_new_array();
	folder = join(path, "devices");
	each_entry(ctl, folder, "", devices, add_name);
	json_object_object_add(type, "devices", devices);
	json_object_array_add(to, type);
	free(folder);
	free(path);
}

static void add_bus_types(const struct ctl *ctl, const char *dir, const char *name,
			  struct json_object *to)
{
	char *path = join(dir, name), *types = join(path, "supported_types");

	if (node_is(path, "drvio_bus"))
		each_entry(ctl, types, "", to, add_type);
	free(types);
	free(path);
}

struct json_object *tree_types(const struct ctl *ctl)
{
	struct json_object *types = json_object_new_array();
	char dir[PATH_MAX];

	class_path(ctl, dir);
	each_entry(ctl, dir, "", types, add_bus_types);
	return types;
}

/* --- Devices --------------------------------------------------------------- */

static void add_target(const struct ctl *ctl, const char *dir, const char *name,
		       struct json_object *to)
{
	struct json_object *target;
	char text[NAME_MAX + 1];

	(void)ctl;
	if (!isdigit((unsigned char)name[strlen("target")]) ||
	    sysfs_link_name(text, sizeof(text), "%s/%s", dir, name))
		return;
	target = json_object_new_object();
	ctl_add(target, "target", text);
	sysfs_link_name(text, sizeof(text), "%s/%s/driver", dir, name);
	ctl_add(target, "driver", text);
	json_object_array_add(to, target);
}

/*
 * The disks, partitions and interfaces of the system, by where they are below
 * /sys/devices.  Read once: the program ends soon.
 */
struct node {
	const char *name;
	char *path;
};

static struct node *all_nodes;
static size_t nnodes;

static void read_node(const struct ctl *ctl, const char *dir, const char *name,
		      struct json_object *to)
{
	char *link = join(dir, name), *path = realpath(link, NULL);

	(void)ctl;
	(void)to;
	free(link);
	if (!path)
		return;
	all_nodes = xreallocarray(all_nodes, nnodes + 1, sizeof(*all_nodes));
	all_nodes[nnodes].path = path;
	all_nodes[nnodes++].name = strrchr(path, '/') + 1;
}

static void read_nodes(const struct ctl *ctl)
{
	static const char * const classes[] = { "block", "net" };
	static bool done;
	char dir[PATH_MAX];

	for (size_t i = 0; !done && i < 2; i++) {
		snprintf(dir, sizeof(dir), "%s/sys/class/%s", ctl->root, classes[i]);
		each_entry(ctl, dir, "", NULL, read_node);
	}
	done = true;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && path[n] == '/';
}

static void add_nodes(const struct ctl *ctl, const char *dir, const char *name,
		      struct json_object *to)
{
	char *link = join(dir, name), *path = realpath(link, NULL);

	read_nodes(ctl);
	for (size_t i = 0; path && i < nnodes; i++)
		if (is_below(all_nodes[i].path, path))
			json_object_array_add(to, json_object_new_string(all_nodes[i].name));
	free(path);
	free(link);
}

static struct json_object *read_resources(const char *path)
{
	struct json_object *names, *resources = json_object_new_object();
	char *type = join(path, "type");

	names = words(type, "dynamic_resources");
	for (size_t i = 0; i < json_object_array_length(names); i++)
		add_attr(resources, path,
			 json_object_get_string(json_object_array_get_idx(names, i)));
	json_object_put(names);
	free(type);
	return resources;
}

static struct json_object *read_request(const char *path)
{
	struct json_object *request = NULL;
	char *dir = join(path, "request");
	char text[ATTR_MAX];

	read_attr(text, dir, "verb");
	if (*text) {
		request = json_object_new_object();
		add_number(request, dir, "number");
		add_attr(request, dir, "verb");
		add_attr(request, dir, "phase");
		add_attr(request, dir, "cookie");
		add_number(request, dir, "deadline_ms");
		add_attr(request, dir, "result");
		add_attr(request, dir, "status");
		read_attr(text, dir, "reason");
		ctl_add(request, "reason", unescape(text));
		add_number(request, dir, "duration_us");
	}
	free(dir);
	return request;
}

struct json_object *tree_device(const struct ctl *ctl, const char *name)
{
	struct json_object *device, *targets, *nodes;
	char path[PATH_MAX], text[NAME_MAX + 1];

	if (!*name || *name == '.' || strchr(name, '/'))
		return NULL;
	snprintf(path, sizeof(path), "%s/sys/class/" DRVIO_CLASS "/%s", ctl->root, name);
	if (!node_is(path, "drvio_device"))
		return NULL;

	device = json_object_new_object();
	ctl_add(device, "device", name);
	add_attr(device, path, "name");
	add_attr(device, path, "dev_id");
	sysfs_link_name(text, sizeof(text), "%s/type", path);
	ctl_add(device, "type", text);
	add_attr(device, path, "state");
	add_attr(device, path, "status");
	add_attr(device, path, "hold");
	add_number(device, path, "hold_ms");
	targets = json_object_new_array();
	each_entry(ctl, path, "target", targets, add_target);
	json_object_object_add(device, "targets", targets);
	nodes = json_object_new_array();
	each_entry(ctl, path, "target", nodes, add_nodes);
	json_object_object_add(device, "nodes", nodes);
	json_object_object_add(device, "resources", read_resources(path));
	json_object_object_add(device, "request", read_request(path));
	return device;
}

static void add_device(const struct ctl *ctl, const char *dir, const char *name,
		       struct json_object *to)
{
	struct json_object *device = tree_device(ctl, name);

	(void)dir;
	if (device)
		json_object_array_add(to, device);
}

struct json_object *tree_devices(const struct ctl *ctl)
{
	struct json_object *devices = json_object_new_array();
	char dir[PATH_MAX];

	class_path(ctl, dir);
	each_entry(ctl, dir, "", devices, add_device);
	return devices;
}

void tree_export(const struct ctl *ctl, struct json_object *doc)
{
	json_object_object_add(doc, "service", tree_service(ctl));
	json_object_object_add(doc, "links", tree_links(ctl));
	json_object_object_add(doc, "types", tree_types(ctl));
	json_object_object_add(doc, "devices", tree_devices(ctl));
}

/* --- Finding a device ------------------------------------------------------ */

bool tree_parse(const char *word, char *name, size_t size, uint64_t *dev_id)
{
	const char *at = strrchr(word, '@');
	char *end;

	if (!at || at == word || (size_t)(at - word) >= size ||
	    !isdigit((unsigned char)at[1]))
		return false;
	errno = 0;
	*dev_id = strtoull(at + 1, &end, 0);
	if (*end || errno)
		return false;
	memcpy(name, word, (size_t)(at - word));
	name[at - word] = '\0';
	return true;
}

/* Whether a device has a target or a node that is called so. */
static bool device_has(struct json_object *device, const char *word)
{
	struct json_object *list = tree_member(device, "targets");

	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(word, tree_text(json_object_array_get_idx(list, i), "target")))
			return true;
	list = tree_member(device, "nodes");
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(word, json_object_get_string(json_object_array_get_idx(list, i))))
			return true;
	return false;
}

enum exit_code tree_find(struct ctl *ctl, const char *word,
			 char device[DEVICE_NAME_MAX])
{
	struct json_object *devices, *found;
	char name[DRVIO_NAME_MAX];
	enum exit_code code;
	uint64_t dev_id;

	code = tree_present(ctl);
	if (code)
		return code;
	if (tree_parse(word, name, sizeof(name), &dev_id)) {
		snprintf(device, DEVICE_NAME_MAX, "%s@" DRVIO_DEV_ID_FMT, name,
			 (unsigned long long)dev_id);
		found = tree_device(ctl, device);
		json_object_put(found);
		if (found)
			return EXIT_CODE_OK;
		return ctl_fail(ctl, EXIT_CODE_NOT_PRESENT,
				"%s: no such device; \"drvioctl list\" shows them", device);
	}
	if (!*word || *word == '.' || strchr(word, '/'))
		return ctl_usage(ctl, "\"%s\" is no name of a device", word);

	devices = tree_devices(ctl);
	code = EXIT_CODE_NOT_PRESENT;
	for (size_t i = 0; code && i < json_object_array_length(devices); i++) {
		found = json_object_array_get_idx(devices, i);
		if (!device_has(found, word))
			continue;
		snprintf(device, DEVICE_NAME_MAX, "%s", tree_text(found, "device"));
		code = EXIT_CODE_OK;
	}
	json_object_put(devices);
	if (!code)
		return EXIT_CODE_OK;
	return ctl_fail(ctl, code, "%s: no DR device is called so, nor has one such a target, disk or interface; \"drvioctl list\" shows them",
			word);
}

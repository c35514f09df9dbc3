// SPDX-License-Identifier: GPL-2.0
/* What an interface comes up with. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "netconf.h"
#include "sysfs.h"

#define NETWORKD_LINKS	"/run/systemd/netif/links"
/* Our drop-in of a .network file: behind those that others number. */
#define DROPIN_DIR	"/etc/systemd/network"
#define DROPIN_NAME	"90-drvioctl.conf"

#define NM_CONNECT_TRIES	20
#define NM_CONNECT_PAUSE_NS	(250 * 1000 * 1000)

enum manager {
	MANAGER_NONE,
	MANAGER_NETWORKD,
	MANAGER_NM,
	MANAGER_IFUPDOWN,
};

/**
 * struct netconf - who manages an interface
 * @manager: who
 * @file: networkd: the .network file; NetworkManager: the UUID of the connection;
 *	ifupdown: what ifquery prints of it
 */
struct netconf {
	enum manager manager;
	char *file;
};

static const struct {
	const char *networkd;	/* in the section [Link] of a .network file */
	const char *nm;
	enum policy_id policy;
} keys[] = {
	[NETCONF_MTU] = { "MTUBytes", "802-3-ethernet.mtu", POLICY_MTU },
	[NETCONF_LINK] = { "ActivationPolicy", "connection.autoconnect", POLICY_LINK },
};

/* The value of KEY= in a file of networkd's state; to be freed, NULL: none. */
static char *state_value(const char *path, const char *key)
{
	char *text = sysfs_read_file("%s", path), *save = NULL, *line, *value = NULL;
	size_t len = strlen(key);

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, key, len) && line[len] == '=' && line[len + 1])
			value = xstrdup(line + len + 1);
	free(text);
	return value;
}

static char *first_line(char *text)
{
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/*
 * The connection of an interface that NetworkManager manages: the one that is
 * active, or the first that it would have for it; "" for none.  Return: NULL, or the
 * UUID, to be freed.
 */
static char *nm_connection(const char *node)
{
	const char *argv[] = { "nmcli", "-g",
			       "GENERAL.STATE,GENERAL.CON-UUID,CONNECTIONS.AVAILABLE-CONNECTIONS",
			       "device", "show", node, NULL };
	char *output, *why = attr_run(argv, &output), *rest = output;
	char *state, *active, *other, *uuid = NULL;

	state = strsep(&rest, "\n");
	active = strsep(&rest, "\n");
	/* "UUID | name", one behind another */
	other = rest ? strtok(rest, " |\n") : NULL;
	/* 10 is "unmanaged" */
	if (!why && atoi(state) > 10 && active)
		uuid = xstrdup(*active || !other ? active : other);
	free(output);
	free(why);
	return uuid;
}

static struct netconf find_manager(const struct place *p)
{
	struct netconf conf = { MANAGER_NONE, NULL };
	const char *ifquery[] = { "ifquery", p->node, NULL };
	char index[32], *path, *output, *why;

	sysfs_read(index, sizeof(index), "%s/sys/class/net/%s/ifindex", p->ctl->root, p->node);
	path = xasprintf("%s" NETWORKD_LINKS "/%s", p->ctl->root, index);
	conf.file = state_value(path, "NETWORK_FILE");
	free(path);
	if (conf.file) {
		conf.manager = MANAGER_NETWORKD;
		return conf;
	}
	/* These tell of the running system only. */
	if (*p->ctl->root)
		return conf;
	if (sysfs_exists("/run/NetworkManager/NetworkManager.pid") ||
	    sysfs_exists("/run/NetworkManager/devices/%s", index)) {
		conf.file = nm_connection(p->node);
		if (conf.file) {
			conf.manager = MANAGER_NM;
			return conf;
		}
	}
	if (sysfs_exists("/etc/network/interfaces")) {
		why = attr_run(ifquery, &output);
		if (!why) {
			conf.manager = MANAGER_IFUPDOWN;
			conf.file = output;
			return conf;
		}
		free(output);
		free(why);
	}
	return conf;
}

/* --- systemd-networkd ------------------------------------------------------ */

struct reading {
	const char *name;
	char *value;
};

static int read_link_key(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;

	if (strcmp(section, "Link") || strcmp(name, r->name))
		return 1;
	free(r->value);
	r->value = xstrdup(value);
	return 1;
}

static char *dropin_dir(const struct place *p, const char *file)
{
	return xasprintf("%s" DROPIN_DIR "/%s.d", p->ctl->root, strrchr(file, '/') + 1);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && !strcmp(entry->d_name + len - 5, ".conf");
}

/* The last word on a key: the file, then the drop-ins in their order. */
static char *networkd_read(const struct place *p, const char *file, const char *key)
{
	struct reading r = { key, NULL };
	char *path = xasprintf("%s%s", p->ctl->root, file), *dir = dropin_dir(p, file);
	struct dirent **entries;
	int n;

	ini_parse(path, read_link_key, &r);
	free(path);
	n = scandir(dir, &entries, is_conf, by_name);
	for (int i = 0; i < n; i++) {
		path = xasprintf("%s/%s", dir, entries[i]->d_name);
		ini_parse(path, read_link_key, &r);
		free(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(dir);
	return r.value;
}

/* How many interfaces have this file. */
static unsigned int networkd_users(const struct place *p, const char *file)
{
	char *dir = xasprintf("%s" NETWORKD_LINKS, p->ctl->root);
	struct dirent **entries;
	unsigned int users = 0;
	int n = scandir(dir, &entries, NULL, NULL);

	for (int i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", dir, entries[i]->d_name);
		char *other = isdigit((unsigned char)entries[i]->d_name[0]) ?
			      state_value(path, "NETWORK_FILE") : NULL;

		users += other && !strcmp(other, file);
		free(other);
		free(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(dir);
	return users;
}

/* With the folders above it. */
static void make_dir(const char *dir)
{
	char *path = xstrdup(dir);

	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	mkdir(path, 0755);
	free(path);
}

/* Replaces a file in one step; an empty text removes it. */
static char *replace_file(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name), *tmp = xasprintf("%s/.%s.new", dir, name);
	char *why = NULL;
	FILE *file;

	if (!*text) {
		if (unlink(path) && errno != ENOENT)
			why = xasprintf("%s: %s", path, strerror(errno));
		rmdir(dir);
		goto out;
	}
	make_dir(dir);
	file = fopen(tmp, "we");
	if (!file || fputs(text, file) < 0 || fflush(file) || fsync(fileno(file)) ||
	    fchmod(fileno(file), 0644) || rename(tmp, path)) {
		why = xasprintf("%s: %s", path, strerror(errno));
		unlink(tmp);
	}
	if (file)
		fclose(file);
out:
	free(tmp);
	free(path);
	return why;
}

/* A line of the drop-in, "" for what is not set in it. */
static char *dropin_line(const char *path, enum netconf_key which, enum netconf_key key,
			 const char *value)
{
	struct reading r = { keys[which].networkd, NULL };
	char *line;

	if (which == key)
		r.value = xstrdup(value);
	else
		ini_parse(path, read_link_key, &r);
	line = r.value && *r.value ? xasprintf("%s=%s\n", r.name, r.value) : xstrdup("");
	free(r.value);
	return line;
}

static char *networkd_write(const struct place *p, const char *file, enum netconf_key key,
			    const char *value)
{
	unsigned int users = networkd_users(p, file);
	char *dir, *path, *mtu, *link, *text, *why;

	if (users > 1)
		return xasprintf("%s is the file of %u interfaces: give %s a .network file of its own, or change that one by hand",
				 file, users, p->node);
	dir = dropin_dir(p, file);
	path = xasprintf("%s/" DROPIN_NAME, dir);
	mtu = dropin_line(path, NETCONF_MTU, key, value);
	link = dropin_line(path, NETCONF_LINK, key, value);
	text = *mtu || *link ? xasprintf("# Written by drvioctl set.\n[Link]\n%s%s", mtu, link) :
			       xstrdup("");
	why = replace_file(dir, DROPIN_NAME, text);
	free(text);
	free(link);
	free(mtu);
	free(path);
	free(dir);
	return why;
}

/* --- All of them ----------------------------------------------------------- */

/* networkd's policies and NetworkManager's yes or no as up or down. */
static char *as_link(char *value)
{
	bool down = value && (!strcmp(value, "down") || !strcmp(value, "always-down") ||
			      !strcmp(value, "manual") || !strcmp(value, "no"));

	free(value);
	return xstrdup(down ? "down" : "up");
}

/* The value of "name: value" in what ifquery prints; NULL: none. */
static char *ifquery_value(const char *text, const char *name)
{
	const char *line = text;
	size_t len = strlen(name);

	while (line && *line) {
		if (!strncmp(line, name, len) && !strncmp(line + len, ": ", 2))
			return xasprintf("%.*s", (int)strcspn(line + len + 2, "\n"),
					 line + len + 2);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return NULL;
}

static char *nm_read(const char *uuid, const char *key)
{
	const char *argv[] = { "nmcli", "-g", key, "connection", "show", uuid, NULL };
	char *output, *why = attr_run(argv, &output);

	free(why);
	return first_line(output);
}

/* Whether ifupdown brings the interface up at boot. */
static bool ifupdown_auto(const char *node)
{
	const char *argv[] = { "ifquery", "--list", "--allow=auto", NULL };
	char *output, *why = attr_run(argv, &output), *save = NULL, *word;
	bool found = false;

	for (word = strtok_r(output, " \n", &save); word; word = strtok_r(NULL, " \n", &save))
		found |= !strcmp(word, node);
	free(output);
	free(why);
	return found;
}

char *netconf_get(const struct place *p, enum netconf_key key, char **where)
{
	struct netconf conf = find_manager(p);
	char *value = NULL;

	switch (conf.manager) {
	case MANAGER_NETWORKD:
		value = networkd_read(p, conf.file, keys[key].networkd);
		*where = xasprintf("networkd: %s", strrchr(conf.file, '/') + 1);
		break;
	case MANAGER_NM:
		value = *conf.file ? nm_read(conf.file, keys[key].nm) : xstrdup("no");
		*where = xasprintf("NetworkManager: %s", *conf.file ? conf.file : "no connection available");
		if (key == NETCONF_MTU && (!strcmp(value, "auto") || !strcmp(value, "0") || !*conf.file))
			*value = '\0';
		break;
	case MANAGER_IFUPDOWN:
		value = key == NETCONF_MTU ? ifquery_value(conf.file, "mtu") :
			xstrdup(ifupdown_auto(p->node) ? "up" : "down");
		*where = xstrdup("ifupdown");
		break;
	case MANAGER_NONE:
		value = attr_policy(p, keys[key].policy, where);
		if (value && key == NETCONF_MTU && !strcmp(value, "0"))
			*value = '\0';
		return value;
	}
	free(conf.file);
	if (key == NETCONF_LINK)
		return as_link(value);
	return value ? value : xstrdup("");
}

char *netconf_set(const struct place *p, enum netconf_key key, const char *value)
{
	struct netconf conf = find_manager(p);
	const char *nm[] = { "nmcli", "connection", "modify", conf.file, keys[key].nm,
			     key == NETCONF_MTU ? (*value ? value : "0") :
			     strcmp(value, "up") ? "no" : "yes", NULL };
	char *why = NULL;

	switch (conf.manager) {
	case MANAGER_NETWORKD:
		why = networkd_write(p, conf.file, key, value);
		break;
	case MANAGER_NM:
		why = *conf.file ? attr_run(nm, NULL) :
		      xasprintf("NetworkManager has no connection available for %s now: set its link up, or add one (nmcli connection add type ethernet ifname %s)",
				p->node, p->node);
		break;
	case MANAGER_IFUPDOWN:
		why = xasprintf("ifupdown manages %s: change its stanza in /etc/network/interfaces by hand",
				p->node);
		break;
	case MANAGER_NONE:
		return attr_set_policy(p, keys[key].policy, *value ? value : NULL);
	}
	free(conf.file);
	return why;
}

/*
 * NetworkManager leaves a link up that it has disconnected, and connects none that it
 * does not know to have a carrier yet.
 */
static char *nm_link_now(const char *const *nm, const char *const *ip, bool up)
{
	struct timespec pause = { .tv_nsec = NM_CONNECT_PAUSE_NS };
	char *why;

	if (!up) {
		free(attr_run(nm, NULL));
		return attr_run(ip, NULL);
	}
	why = attr_run(ip, NULL);
	if (why)
		return why;
	for (int left = NM_CONNECT_TRIES; (why = attr_run(nm, NULL)) && --left; free(why))
		nanosleep(&pause, NULL);
	return why;
}

char *netconf_link_now(const struct place *p, bool up)
{
	const char *networkd[] = { "networkctl", up ? "up" : "down", p->node, NULL };
	const char *nm[] = { "nmcli", "device", up ? "connect" : "disconnect", p->node, NULL };
	const char *ifupdown[] = { up ? "ifup" : "ifdown", p->node, NULL };
	const char *ip[] = { "ip", "link", "set", "dev", p->node, up ? "up" : "down", NULL };
	const char * const *argv[] = {
		[MANAGER_NONE] = ip,
		[MANAGER_NETWORKD] = networkd,
		[MANAGER_IFUPDOWN] = ifupdown,
	};
	struct netconf conf = find_manager(p);

	free(conf.file);
	return conf.manager == MANAGER_NM ? nm_link_now(nm, ip, up) :
					    attr_run(argv[conf.manager], NULL);
}

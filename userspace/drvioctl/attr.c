// SPDX-License-Identifier: GPL-2.0
/* The attributes that are there, and what they share. */
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "mem.h"
#include "run.h"

const struct attr * const attrs[] = {
	&hold_attr, &mtu_attr, &link_attr, &mount_attr, &swap_attr, NULL
};

/* What a mount or a network manager may take. */
#define RUN_MS	60000

char *attr_run(const char *const *argv, char **output)
{
	struct run run = { .argv = argv, .timeout_ms = RUN_MS };
	char *why = NULL;

	if (run_program(&run))
		why = xstrdup(run.why ? run.why : "failed");
	if (output)
		*output = xstrdup(run.output ? run.output : "");
	run_free(&run);
	return why;
}

char *attr_policy(const struct place *p, enum policy_id id, char **where)
{
	char *path = xasprintf("%s" POLICY_FILE, p->ctl->root), *why = NULL, *value = NULL;
	struct policy *policy = policy_read(path, &why);
	const char *section;

	if (policy) {
		value = xstrdup(policy_text(policy, p->device, id));
		section = policy_where(policy, p->device, id);
		*where = section ? xasprintf("drvio.conf [%s]", section) : xstrdup("default");
		policy_free(policy);
	} else {
		*where = why;
	}
	free(path);
	return value;
}

char *attr_set_policy(const struct place *p, enum policy_id id, const char *value)
{
	char *path = xasprintf("%s" POLICY_FILE, p->ctl->root);
	char *why = policy_set(path, p->device, id, value);

	free(path);
	return why;
}

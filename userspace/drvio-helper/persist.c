// SPDX-License-Identifier: GPL-2.0
/* What drvio.conf has for a device that comes up. */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "log.h"
#include "persist.h"
#include "run.h"
#include "sysfs.h"

/* udev gives interfaces their names meanwhile. */
#define SETTLE_S	"10"
#define RUN_MS		15000

void persist_hold(struct job *job)
{
	const char *text = policy_text(job->policy, job->req.dev, POLICY_HOLD);
	int err;

	if (!*text)
		return;
	err = sysfs_write(text, "%s/class/drvio/%s/hold", config.sysfs, job->req.dev);
	if (err)
		log_warn("%s: hold: %s", job->req.dev, strerror(-err));
	else
		log_info("%s: held: %s", job->req.dev, text);
}

static void run(const struct job *job, const char *const *argv)
{
	struct run run = { .argv = argv, .timeout_ms = RUN_MS };

	if (run_program(&run))
		log_warn("%s: %s: %s", job->req.dev, argv[0], run.why);
	run_free(&run);
}

/* The value of a key, NULL where drvio.conf does not have it. */
static const char *own_text(const struct job *job, enum policy_id id)
{
	return policy_where(job->policy, job->req.dev, id) ?
	       policy_text(job->policy, job->req.dev, id) : NULL;
}

static void boot_net(const struct job *job, const char *name)
{
	const char *mtu = own_text(job, POLICY_MTU), *link = own_text(job, POLICY_LINK);
	const char *set_mtu[] = { "ip", "link", "set", "dev", name, "mtu", mtu, NULL };
	const char *set_link[] = { "ip", "link", "set", "dev", name, link, NULL };

	if (mtu && strcmp(mtu, "0"))
		run(job, set_mtu);
	if (link)
		run(job, set_link);
}

enum exit_code persist_boot(const char *dev)
{
	static const char * const settle[] = { "udevadm", "settle", "--timeout=" SETTLE_S, NULL };
	enum exit_code code = EXIT_CODE_OK;
	struct job job;

	memset(&job, 0, sizeof(job));
	if (request_read(&job.req, dev)) {
		code = EXIT_CODE_NOT_PRESENT;
		goto out;
	}
	job.policy = policy_read(config.policy, &job.why);
	if (!job.policy) {
		log_err("%s", job.why);
		code = EXIT_CODE_USAGE;
		goto out;
	}
	persist_hold(&job);
	run(&job, settle);
	devtree_read(&job.tree, &job.req.targets);
	for (size_t i = 0; i < job.tree.n; i++)
		if (job.tree.nodes[i].kind == NODE_NET)
			boot_net(&job, job.tree.nodes[i].name);
out:
	job_end(&job);
	return code;
}

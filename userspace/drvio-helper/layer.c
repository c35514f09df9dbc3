// SPDX-License-Identifier: GPL-2.0
/* The kinds of block devices that stand on others, and what they share. */
#include <stdlib.h>
#include <string.h>

#include "blockdev.h"
#include "config.h"
#include "layer.h"
#include "log.h"
#include "run.h"

/* What nobody else knows is named, and left to the administrator. */
static bool other_is(const struct bdev *b)
{
	(void)b;
	return true;
}

static void other_describe(struct bdev *b)
{
	b->what = xasprintf("block device %s", b->name);
	b->remedy = xasprintf("take %s down", b->name);
}

static void other_look(struct job *job, const struct stack *stack, size_t i)
{
	const struct bdev *b = &stack->b[i];

	table_add(&job->blockers, b->path,
		  "%s, which drvio-helper does not know how to take down: %s",
		  b->what, b->remedy);
}

static int other_release(struct job *job, const struct stack *stack, size_t i)
{
	return job_fail(job, "%s: %s", stack->b[i].path, stack->b[i].remedy);
}

static const struct layer other_layer = {
	.name = "other",
	.policy = POLICY_NKEYS,
	.is = other_is,
	.describe = other_describe,
	.look = other_look,
	.release = other_release,
};

static const struct layer * const layers[] = {
	&lvm_layer, &crypt_layer, &multipath_layer, &dm_layer, &md_layer,
	&bcache_layer, &loop_layer, &other_layer,
};

const struct layer *layer_of(const struct bdev *b)
{
	size_t i = 0;

	while (!layers[i]->is(b))
		i++;
	return layers[i];
}

json_object *layer_step(struct job *job, const char *op, const struct bdev *b)
{
	json_object *step = json_object_new_object();

	step_add(step, "op", op);
	step_add(step, "name", b->dm_name ? b->dm_name : b->name);
	step_add(step, "path", b->path);
	blockdev_identify(step, &job->tree.nodes[b->node]);
	return step;
}

int layer_write(struct job *job, const struct bdev *b, json_object *step)
{
	if (!journal_step(job->journal, step))
		return 0;
	return job_fail(job, "%s: the journal could not be written: see the log of drvio-helper in the guest",
			b->path);
}

int layer_run(struct job *job, const char *const argv[], const char *input,
	      char **output, char **why)
{
	struct run run = {
		.argv = argv,
		.input = input,
		.timeout_ms = policy_number(job ? job->policy : NULL,
					    job ? job->req.dev : NULL,
					    POLICY_COMMAND_TIMEOUT),
	};
	/* Who only looks has no request. */
	bool answers = job && job->journal;
	int rc;

	if (answers)
		request_progress_begin(&job->req, argv[0]);
	rc = run_program(&run);
	if (answers)
		request_progress_end();
	log_debug("%s: %d%s%s", argv[0], rc, rc ? ": " : "", rc ? run.why : "");
	*why = rc ? xstrdup(run.why) : NULL;
	if (output)
		*output = xstrdup(run.output ? run.output : "");
	run_free(&run);
	return rc ? -1 : 0;
}

int layer_do(struct job *job, const char *what, const char *const argv[])
{
	char *why;
	int err;

	err = layer_run(job, argv, NULL, NULL, &why);
	if (err)
		job_fail(job, "%s: %s: %s", what, argv[0], why);
	free(why);
	return err;
}

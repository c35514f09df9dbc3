/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kinds of block devices that stand on others, behind one table of functions:
 * what it is, who keeps it from being taken down, taking it down, putting it
 * back. A kind is a file, and a line in layers[].
 */
#ifndef DRVIO_HELPER_LAYER_H
#define DRVIO_HELPER_LAYER_H

#include "job.h"
#include "stack.h"

/**
 * struct layer - a kind
 * @name: for messages
 * @policy: the key that lets it be taken down
 * @leg_policy: the key that lets it lose a leg
 * @is: whether a device is of this kind
 * @describe: sets its path, what and remedy
 * @keeps: whether it works on without those of its devices that go; NULL:
 *	never
 * @redundant: whether it could have, had it more of them; NULL: never
 * @look: adds a row for each reason why it cannot be taken down (FATE_GOES) or
 *	lose its legs (FATE_LEG), above those that all layers share; NULL: none
 * @release: takes it down, after everything above it
 * @drop: takes one device out of it that goes (FATE_LEG)
 *
 * The last two write each step into the journal first, and return 0, or -1 with
 * the job's why set. What is down already is no error.
 */
struct layer {
	const char *name;
	enum policy_id policy;
	enum policy_id leg_policy;
	bool (*is)(const struct bdev *b);
	void (*describe)(struct bdev *b);
	bool (*keeps)(const struct stack *stack, size_t i);
	bool (*redundant)(const struct stack *stack, size_t i);
	void (*look)(struct job *job, const struct stack *stack, size_t i);
	int (*release)(struct job *job, const struct stack *stack, size_t i);
	int (*drop)(struct job *job, const struct stack *stack, size_t i,
		    size_t lower);
};

/* The one that @is for a device, never NULL: the last knows nothing. */
const struct layer *layer_of(const struct bdev *b);

extern const struct layer lvm_layer, crypt_layer, multipath_layer, dm_layer,
			  md_layer, bcache_layer, loop_layer;

/* Before a forced release: what waits for a path that never comes is given up. */
void multipath_give_up(struct job *job, const struct bdev *b);

/*
 * Before a release: a loop device that the kernel detaches with its last user
 * stays until it is its turn. Return: 0, or -1 with the job's why set.
 */
int loop_hold(struct job *job, const struct stack *stack, size_t i);

/* The undo of what they do; see struct step_ops. */
int lvm_undo(json_object *step, char **why);
int lvm_activate_undo(json_object *step, char **why);
int crypt_undo(json_object *step, char **why);
int crypt_activate_undo(json_object *step, char **why);
int multipath_leg_undo(json_object *step, char **why);
int dm_undo(json_object *step, char **why);
int md_undo(json_object *step, char **why);
int md_leg_undo(json_object *step, char **why);
int bcache_undo(json_object *step, char **why);
int loop_undo(json_object *step, char **why);

/**
 * layer_step() - begin a step about a device
 * @job: the run
 * @op: the step's op
 * @b: the device; its disk, name and path go into the step
 *
 * Return: the step, for layer_write().
 */
json_object *layer_step(struct job *job, const char *op, const struct bdev *b);

/* Writes a step into the journal. Return: 0, or -1 with the job's why set. */
int layer_write(struct job *job, const struct bdev *b, json_object *step);

/**
 * layer_run() - run a program of the system for a step
 * @job: the run; NULL: an undo
 * @argv: program and arguments
 * @input: for its stdin, or NULL
 * @output: gets its stdout, to be freed; NULL: not wanted
 * @why: gets why it failed, to be freed
 *
 * Return: 0, or -1 with @why set.
 */
int layer_run(struct job *job, const char *const argv[], const char *input,
	      char **output, char **why);

/* As layer_run(), for a step of a job: on a failure its why is set from @what. */
int layer_do(struct job *job, const char *what, const char *const argv[]);

#define ARGV(...)	((const char *const[]){ __VA_ARGS__, NULL })

#endif /* DRVIO_HELPER_LAYER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a request has changed in the system, written down before it is done, so
 * that it can be put back: by this run, by the run for the event "undo", or by
 * the next run on the device after this one was killed.
 *
 * The file has one JSON object a line: a head, then a step a line. A last line
 * that is torn belongs to a step that was not begun.
 */
#ifndef DRVIO_HELPER_JOURNAL_H
#define DRVIO_HELPER_JOURNAL_H

#include <json-c/json.h>

#include "request.h"

struct journal;

/**
 * struct step_ops - how a kind of step is put back
 * @name: "op" of the step
 * @undo: puts it back; must succeed when it was put back or never done. With
 *	@why set, to be freed, when it returns -1
 */
struct step_ops {
	const char *name;
	int (*undo)(json_object *step, char **why);
};

/**
 * journal_lock() - become the only run that works on a device
 * @dev: the DR device
 *
 * Waits for another run to end. The lock falls with the process.
 *
 * Return: 0, or -1; the log says why.
 */
int journal_lock(const char *dev);

/* A child of the run must not hold the lock when the run ends. */
void journal_disown(void);

/* The run on a device ends: the lock falls, and its file goes. */
void journal_unlock(const char *dev);

/**
 * journal_begin() - begin to write down what a request changes
 * @req: the request
 *
 * Return: the journal, or NULL; the log says why.
 */
struct journal *journal_begin(const struct request *req);

/**
 * journal_step() - write a step down before it is done
 * @journal: the journal
 * @step: the step, taken over; has the string "op"
 *
 * Return: 0 once it is on storage, or -1; the log says why.
 */
int journal_step(struct journal *journal, json_object *step);

/**
 * journal_lasting_step() - as journal_step(), for what a boot does not put right
 * @journal: the journal
 * @step: the step, taken over; must tell what it is about without numbers and
 *	names that are others after a boot
 *
 * Return: 0 once it is on storage that outlives a boot, or -1.
 */
int journal_lasting_step(struct journal *journal, json_object *step);

/* Closes the journal; its file stays. */
void journal_end(struct journal *journal);

/**
 * journal_undo() - put back what the journal of a device says, last step first
 * @dev: the DR device
 * @cookie: only when the journal is of this request; NULL: of any
 * @ops: all kinds of steps, ends with a NULL name
 * @why: gets what could not be put back, to be freed; NULL when all was
 *
 * Afterwards the journal is gone, but for steps that could not be put back: the next
 * run on the device tries them again, and starts ("recover"), three of them but for
 * lasting steps. Without a journal nothing happens.
 *
 * Return: 0, or -1 when something could not be put back.
 */
int journal_undo(const char *dev, const char *cookie,
		 const struct step_ops *ops, char **why);

/**
 * journal_drop() - what the journal of a device says is to stay
 * @dev: the DR device
 * @cookie: only when the journal is of this request; NULL: of any
 */
void journal_drop(const char *dev, const char *cookie);

/* The devices that have a journal. */
void journal_devices(struct strv *devs);

/* Whether the journal of a device is of this request. */
bool journal_is_of(const char *dev, const char *cookie);

#endif /* DRVIO_HELPER_JOURNAL_H */

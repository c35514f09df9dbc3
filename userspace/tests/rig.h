/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A stage for drvio-manager, and for drvioctl as far as it asks: the program runs
 * as a child, the test plays the guest at the other end of its link, and QEMU at
 * the other end of its QMP socket.  The program does one thing after the other, so
 * a test reads as the conversation that it expects.
 *
 *	test (guest) === socketpair === drvio-manager === unix socket === test (QEMU)
 *
 * What does not happen within RIG_MS ends the test as a failure.
 */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <json-c/json.h>

#include "wire.h"

#define RIG_MS		10000
#define RIG_HANDLE	0x1234567800000001ULL

/**
 * struct rig - the stage
 * @dir: a directory of its own, with qmp.sock
 * @pid: the program
 * @out: its stdout
 * @err: its stderr
 * @guest: the guest's end of the link; -1 once closed
 * @qmp_listen: QEMU's listening socket
 * @qmp: the connection, once qmp_accept() took it
 * @id: of the QMP command that was read last
 * @number: req_num of the request that was read last
 * @buf: the message that was received last
 * @text: what the program printed, once it has ended
 * @errors: what it printed to stderr
 */
struct rig {
	char dir[64];
	pid_t pid;
	int out;
	int err;
	int guest;
	int qmp_listen;
	int qmp;
	int id;
	uint64_t number;
	uint8_t buf[DRVIO_DS_MSG_MAX];
	char text[16384];
	char errors[4096];
};

/* Starts drvio-manager with the link, and with QMP; then @arguments, NULL. */
void rig_start(struct rig *r, const char *arguments, ...) __attribute__((sentinel));

/* Starts drvioctl with the link, then @arguments, NULL.  It has no QMP. */
void rig_start_ctl(struct rig *r, const char *arguments, ...) __attribute__((sentinel));

/*
 * Waits for the end of the program.  A QMP command that the test did not expect
 * is a failure.  Return: its exit code.
 */
int rig_end(struct rig *r);

/* --- The guest ----------------------------------------------------------- */

void guest_send(struct rig *r, const struct drvio_ds_msg *msg);
void guest_send_bytes(struct rig *r, const void *bytes, size_t len);

/* The next message; it must be of type @type. */
struct drvio_ds_msg guest_expect(struct rig *r, uint32_t type);

/* The whole negotiation, as a guest begins it. */
void guest_up(struct rig *r);

/* Registers dr-vio and expects the acknowledgement. */
void guest_register(struct rig *r, uint64_t handle);

/* The next message must be a request; remembers its number. */
struct drvio_req guest_request(struct rig *r);

/* Answers the last request. */
void guest_answer(struct rig *r, uint32_t result, uint32_t status, const char *reason);

/* --- QEMU ---------------------------------------------------------------- */

/* Takes the connection and negotiates. */
void qmp_accept(struct rig *r);

/*
 * The next command must be @command.  Return: its arguments, which belong to the
 * caller; NULL when it has none.
 */
struct json_object *qmp_expect(struct rig *r, const char *command);

/* Answers the last command with {"return": @json}, or an error. */
void qmp_return(struct rig *r, const char *json);
void qmp_error(struct rig *r, const char *class, const char *desc);

/* Sends a line as it is. */
void qmp_line(struct rig *r, const char *json);

/* Expects a command, checks one of its arguments where @key is given, answers. */
void qmp_serve(struct rig *r, const char *command, const char *key, const char *value,
	       const char *json);

#endif

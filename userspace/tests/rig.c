// SPDX-License-Identifier: GPL-2.0
/* A stage for drvio-manager and drvioctl. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"
#include "stream.h"

#define ARGUMENTS_MAX	24

static struct rig *on_stage;

/* Ends the test: says why, and what the program said. */
static void __attribute__((noreturn, format(printf, 1, 2))) fatal(const char *fmt, ...)
{
	char said[2048];
	va_list ap;
	ssize_t n;

	fputs("# rig: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (on_stage) {
		kill(on_stage->pid, SIGKILL);
		waitpid(on_stage->pid, NULL, 0);
		n = read(on_stage->err, said, sizeof(said));
		if (n > 0)
			fprintf(stderr, "# the program said: %.*s\n", (int)n, said);
	}
	/* The harness takes every status but 0 and 4 for a failure. */
	exit(1);
}

static struct deadline soon(void)
{
	return deadline_in_ms(RIG_MS);
}

static void nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void listen_qmp(struct rig *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(r->dir, "/tmp/drvio-rig-XXXXXX");
	if (!mkdtemp(r->dir))
		fatal("mkdtemp: %s", strerror(errno));
	snprintf(a.sun_path, sizeof(a.sun_path), "%.64s/qmp.sock", r->dir);
	r->qmp_listen = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(r->qmp_listen, (struct sockaddr *)&a, sizeof(a)) || listen(r->qmp_listen, 1))
		fatal("%s: %s", a.sun_path, strerror(errno));
}

static void __attribute__((noreturn)) exec_program(char **argv, int out, int err)
{
	const char *build = getenv("DRVIO_BUILD");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", build ? build : ".", argv[0]);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execv(path, argv);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

static void start(struct rig *r, const char *program, const char *arguments, va_list ap)
{
	char link[16], qmp[128], *argv[ARGUMENTS_MAX];
	int link_pair[2], out[2], err[2], n = 0;
	const char *word;

	memset(r, 0, sizeof(*r));
	r->qmp = -1;
	signal(SIGPIPE, SIG_IGN);
	listen_qmp(r);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, link_pair) || pipe(out) || pipe(err))
		fatal("%s", strerror(errno));
	r->guest = link_pair[0];
	r->out = out[0];
	r->err = err[0];
	fcntl(r->guest, F_SETFD, FD_CLOEXEC);
	fcntl(r->out, F_SETFD, FD_CLOEXEC);
	fcntl(r->err, F_SETFD, FD_CLOEXEC);
	nonblock(r->guest);

	snprintf(link, sizeof(link), "fd:%d", link_pair[1]);
	snprintf(qmp, sizeof(qmp), "%s/qmp.sock", r->dir);
	argv[n++] = (char *)program;
	argv[n++] = (char *)"--link";
	argv[n++] = link;
	if (!strcmp(program, "drvio-manager")) {
		argv[n++] = (char *)"--qmp";
		argv[n++] = qmp;
	}
	for (word = arguments; word && n < ARGUMENTS_MAX - 1; word = va_arg(ap, const char *))
		argv[n++] = (char *)word;
	argv[n] = NULL;

	r->pid = fork();
	if (!r->pid)
		exec_program(argv, out[1], err[1]);
	on_stage = r;
	close(link_pair[1]);
	close(out[1]);
	close(err[1]);
}

void rig_start(struct rig *r, const char *arguments, ...)
{
	va_list ap;

	va_start(ap, arguments);
	start(r, "drvio-manager", arguments, ap);
	va_end(ap);
}

void rig_start_ctl(struct rig *r, const char *arguments, ...)
{
	va_list ap;

	va_start(ap, arguments);
	start(r, "drvioctl", arguments, ap);
	va_end(ap);
}

static void read_all(int fd, char *to, size_t size)
{
	struct deadline d = soon();
	size_t fill = 0;
	ssize_t n;

	nonblock(fd);
	while (fill < size - 1) {
		n = stream_receive(fd, to + fill, size - 1 - fill, &d);
		if (n < 0)
			fatal("the program does not end");
		if (!n)
			break;
		fill += (size_t)n;
	}
	to[fill] = '\0';
	close(fd);
}

int rig_end(struct rig *r)
{
	char path[128], unread[256];
	ssize_t n;
	int status;

	read_all(r->out, r->text, sizeof(r->text));
	read_all(r->err, r->errors, sizeof(r->errors));
	if (waitpid(r->pid, &status, 0) != r->pid)
		fatal("waitpid: %s", strerror(errno));
	on_stage = NULL;
	n = r->qmp >= 0 ? recv(r->qmp, unread, sizeof(unread), MSG_DONTWAIT) : 0;
	if (n > 0)
		fatal("qemu: nobody expected %.*s", (int)n, unread);
	snprintf(path, sizeof(path), "%s/qmp.sock", r->dir);
	unlink(path);
	rmdir(r->dir);
	if (r->guest >= 0)
		close(r->guest);
	if (r->qmp >= 0)
		close(r->qmp);
	close(r->qmp_listen);
	if (strstr(r->errors, "Sanitizer") || strstr(r->errors, "runtime error"))
		fatal("%s", r->errors);
	if (!WIFEXITED(status))
		fatal("signal %d ended the program: %s", WTERMSIG(status), r->errors);
	return WEXITSTATUS(status);
}

/* --- The guest ----------------------------------------------------------- */

void guest_send_bytes(struct rig *r, const void *bytes, size_t len)
{
	struct deadline d = soon();

	if (stream_send(r->guest, bytes, len, &d))
		fatal("guest: cannot send: %s", strerror(errno));
}

void guest_send(struct rig *r, const struct drvio_ds_msg *msg)
{
	uint8_t buf[DRVIO_DS_MSG_MAX];

	guest_send_bytes(r, buf, drvio_ds_encode(buf, sizeof(buf), msg));
}

static void receive(struct rig *r, void *to, size_t len, const char *what)
{
	struct deadline d = soon();
	ssize_t n;

	while (len) {
		n = stream_receive(r->guest, to, len, &d);
		if (n <= 0)
			fatal("guest: %s instead of %s", n ? strerror(errno) : "end of the link",
			      what);
		to = (char *)to + n;
		len -= (size_t)n;
	}
}

struct drvio_ds_msg guest_expect(struct rig *r, uint32_t type)
{
	const char *what = drvio_ds_type_name(type);
	struct drvio_ds_msg msg;
	size_t len;

	receive(r, r->buf, DRVIO_DS_HDR_LEN, what);
	len = drvio_ds_msg_len(r->buf);
	if (!len)
		fatal("guest: a message that is too long instead of %s", what);
	receive(r, r->buf + DRVIO_DS_HDR_LEN, len - DRVIO_DS_HDR_LEN, what);
	if (!drvio_ds_decode(&msg, r->buf, len))
		fatal("guest: a malformed message instead of %s", what);
	if (msg.type != type)
		fatal("guest: message %#x instead of %s", msg.type, what);
	return msg;
}

void guest_register(struct rig *r, uint64_t handle)
{
	struct drvio_ds_msg msg;

	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_REG_REQ,
		.handle = handle,
		.major = 1,
		.minor = 1,
		.svc_id = "dr-vio",
	});
	msg = guest_expect(r, DRVIO_DS_REG_ACK);
	if (msg.handle != handle || msg.minor != 1)
		fatal("guest: a wrong REG_ACK");
}

void guest_up(struct rig *r)
{
	guest_send(r, &(struct drvio_ds_msg) { .type = DRVIO_DS_INIT_REQ, .major = 1 });
	guest_expect(r, DRVIO_DS_INIT_ACK);
	guest_register(r, RIG_HANDLE);
}

struct drvio_req guest_request(struct rig *r)
{
	struct drvio_ds_msg msg = guest_expect(r, DRVIO_DS_DATA);
	struct drvio_req req;
	const char *wrong;

	wrong = drvio_req_decode(&req, msg.data, msg.data_len);
	if (wrong)
		fatal("guest: %s", wrong);
	r->number = req.number;
	return req;
}

void guest_answer(struct rig *r, uint32_t result, uint32_t status, const char *reason)
{
	uint8_t data[DRVIO_RESP_WIRE_MAX];
	size_t len;

	len = drvio_resp_encode(data, sizeof(data), &(struct drvio_resp) {
		.number = r->number,
		.result = result,
		.status = status,
		.reason = reason,
	});
	guest_send(r, &(struct drvio_ds_msg) {
		.type = DRVIO_DS_DATA,
		.handle = RIG_HANDLE,
		.data = data,
		.data_len = len,
	});
}

/* --- QEMU ---------------------------------------------------------------- */

void qmp_line(struct rig *r, const char *json)
{
	struct deadline d = soon();

	if (stream_send(r->qmp, json, strlen(json), &d) ||
	    stream_send(r->qmp, "\r\n", 2, &d))
		fatal("qemu: cannot send: %s", strerror(errno));
}

void qmp_accept(struct rig *r)
{
	struct pollfd p = { .fd = r->qmp_listen, .events = POLLIN };

	if (poll(&p, 1, RIG_MS) != 1)
		fatal("qemu: nobody connects");
	r->qmp = accept4(r->qmp_listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	qmp_line(r, "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}}, \"capabilities\": [\"oob\"]}}");
	qmp_serve(r, "qmp_capabilities", NULL, NULL, "{}");
}

/* A command is one JSON object; nothing follows it before we have answered. */
struct json_object *qmp_expect(struct rig *r, const char *command)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *object = NULL, *value, *arguments = NULL;
	struct deadline d = soon();
	char buf[4096];
	ssize_t n;

	while (!object) {
		n = stream_receive(r->qmp, buf, sizeof(buf), &d);
		if (n <= 0)
			fatal("qemu: %s instead of %s", n ? strerror(errno) : "end", command);
		object = json_tokener_parse_ex(tok, buf, (int)n);
		if (!object && json_tokener_get_error(tok) != json_tokener_continue)
			fatal("qemu: no JSON instead of %s", command);
	}
	json_tokener_free(tok);
	if (!json_object_object_get_ex(object, "execute", &value) ||
	    strcmp(json_object_get_string(value), command))
		fatal("qemu: %s instead of %s", json_object_to_json_string(object), command);
	r->id = json_object_object_get_ex(object, "id", &value) ? json_object_get_int(value) : 0;
	if (json_object_object_get_ex(object, "arguments", &arguments))
		json_object_get(arguments);
	json_object_put(object);
	return arguments;
}

void qmp_return(struct rig *r, const char *json)
{
	char line[8192];

	snprintf(line, sizeof(line), "{\"return\": %s, \"id\": %d}", json, r->id);
	qmp_line(r, line);
}

void qmp_error(struct rig *r, const char *class, const char *desc)
{
	char line[1024];

	snprintf(line, sizeof(line),
		 "{\"error\": {\"class\": \"%s\", \"desc\": \"%s\"}, \"id\": %d}",
		 class, desc, r->id);
	qmp_line(r, line);
}

void qmp_serve(struct rig *r, const char *command, const char *key, const char *value,
	       const char *json)
{
	struct json_object *arguments = qmp_expect(r, command), *found;

	if (key && (!json_object_object_get_ex(arguments, key, &found) ||
		    strcmp(json_object_get_string(found), value)))
		fatal("qemu: %s: %s is not %s in %s", command, key, value,
		      json_object_to_json_string(arguments));
	json_object_put(arguments);
	qmp_return(r, json);
}

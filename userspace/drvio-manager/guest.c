// SPDX-License-Identifier: GPL-2.0
/* Asking the guest. */
#include <errno.h>

#include "answer.h"
#include "device.h"
#include "guest.h"
#include "progress.h"

bool guest_connect(struct manager *m, struct outcome *o)
{
	struct deadline d = deadline_sooner(&m->deadline, m->listen_ms);
	enum session_error error;
	enum exit_code code = EXIT_CODE_NOT_LISTENING;

	if (m->connected)
		return true;
	progress_set("the guest to listen");
	error = session_open(&m->session, m->link, &d);
	if (error == SESSION_CONNECT && errno == EACCES)
		code = EXIT_CODE_PERMISSION;
	if (!error)
		error = session_establish(&m->session, &d);
	if (!error) {
		m->connected = true;
		return true;
	}
	if (error == SESSION_GARBAGE)
		code = EXIT_CODE_PROTOCOL;
	outcome_fail(o, code, "%s", m->session.why);
	if (error == SESSION_TIMEOUT)
		outcome_fail(o, code,
			     "%s on %s: no dr-vio session within %.3g s; look whether drvio-relay runs in the guest and its module drvio is loaded, and whether another program is connected to the link",
			     m->session.why, m->link, (double)m->listen_ms / 1000);
	session_close(&m->session);
	return false;
}

static bool no_answer(struct manager *m, enum session_error error, struct outcome *o)
{
	const char *why = error == SESSION_TIMEOUT ? "no answer in time" : m->session.why;
	enum exit_code code;
	const char *hint;

	code = answer_missing(error, &hint);
	return outcome_fail(o, code, "%s%s", why, hint);
}

bool guest_ask(struct manager *m, enum drvio_verb verb, struct outcome *o)
{
	enum session_error error;

	if (!guest_connect(m, o))
		return false;
	progress_set("the guest to %s " DEVICE_FMT, drvio_verb_name(verb),
		     DEVICE_ARGS(&o->device));
	error = session_establish(&m->session, &m->deadline);
	if (!error)
		error = session_call(&m->session, verb, o->device.name, o->device.dev_id,
				     &o->answer, &m->deadline);
	if (error) {
		/* What is late would be taken for the answer to the next one. */
		session_close(&m->session);
		m->connected = false;
		return no_answer(m, error, o);
	}
	o->answered = true;
	o->code = answer_code(verb, &o->answer);
	if (answer_contradicts(verb, &o->answer))
		return outcome_fail(o, EXIT_CODE_PROTOCOL,
				    "the guest contradicts itself: ok, but %s",
				    drvio_status_name(o->answer.status));
	return o->answer.result == DRVIO_OK;
}

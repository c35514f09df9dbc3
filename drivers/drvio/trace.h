/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: each transition of a request, a DR device, a link.
 *
 * Fields: "device" is the DR device's node, "number" the control domain's
 * req_num, states and phases the words of sysfs.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM drvio

#if !defined(_DRVIO_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _DRVIO_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

#include "compat.h"
#include "wire.h"

/* perf and trace-cmd print these by themselves, from their numbers. */
TRACE_DEFINE_ENUM(DRVIO_CONFIGURE);
TRACE_DEFINE_ENUM(DRVIO_UNCONFIGURE);
TRACE_DEFINE_ENUM(DRVIO_FORCE_UNCONFIG);
TRACE_DEFINE_ENUM(DRVIO_STATUS);
TRACE_DEFINE_ENUM(DRVIO_OK);
TRACE_DEFINE_ENUM(DRVIO_FAILURE);
TRACE_DEFINE_ENUM(DRVIO_BLOCKED);
TRACE_DEFINE_ENUM(DRVIO_NOT_IN_MD);
TRACE_DEFINE_ENUM(DRVIO_NOT_PRESENT);
TRACE_DEFINE_ENUM(DRVIO_UNCONFIGURED);
TRACE_DEFINE_ENUM(DRVIO_CONFIGURED);

#define drvio_print_verb(verb)						\
	__print_symbolic(verb,						\
			 { DRVIO_CONFIGURE, DRVIO_VERB_CONFIGURE },	\
			 { DRVIO_UNCONFIGURE, DRVIO_VERB_UNCONFIGURE },	\
			 { DRVIO_FORCE_UNCONFIG, DRVIO_VERB_FORCE_UNCONFIG }, \
			 { DRVIO_STATUS, DRVIO_VERB_STATUS })

#define drvio_print_result(result)					\
	__print_symbolic(result,					\
			 { DRVIO_OK, DRVIO_RESULT_OK },			\
			 { DRVIO_FAILURE, DRVIO_RESULT_FAILURE },	\
			 { DRVIO_BLOCKED, DRVIO_RESULT_BLOCKED },	\
			 { DRVIO_NOT_IN_MD, DRVIO_RESULT_NOT_IN_MD })

#define drvio_print_status(status)					\
	__print_symbolic(status,					\
			 { DRVIO_NOT_PRESENT, DRVIO_STATUS_NOT_PRESENT }, \
			 { DRVIO_UNCONFIGURED, DRVIO_STATE_UNCONFIGURED }, \
			 { DRVIO_CONFIGURED, DRVIO_STATE_CONFIGURED })

/* A request arrived on a link. */
TRACE_EVENT(drvio_request,
	TP_PROTO(const char *link, const struct drvio_req *req),
	TP_ARGS(link, req),
	TP_STRUCT__entry(
		__string(link, link)
		__string(name, req->name)
		__field(u64, dev_id)
		__field(u64, number)
		__field(u32, verb)
	),
	TP_fast_assign(
		drvio_assign_str(link, link);
		drvio_assign_str(name, req->name);
		__entry->dev_id = req->dev_id;
		__entry->number = req->number;
		__entry->verb = req->verb;
	),
	TP_printk("link=%s number=%llu verb=%s name=%s dev_id=0x%016llx",
		  __get_str(link), __entry->number,
		  drvio_print_verb(__entry->verb),
		  __get_str(name), __entry->dev_id)
);

/* A request went on to another phase. */
TRACE_EVENT(drvio_phase,
	TP_PROTO(const struct drvio_req *req, const char *phase),
	TP_ARGS(req, phase),
	TP_STRUCT__entry(
		__string(name, req->name)
		__field(u64, dev_id)
		__field(u64, number)
		__string(phase, phase)
	),
	TP_fast_assign(
		drvio_assign_str(name, req->name);
		__entry->dev_id = req->dev_id;
		__entry->number = req->number;
		drvio_assign_str(phase, phase);
	),
	TP_printk("number=%llu name=%s dev_id=0x%016llx phase=%s",
		  __entry->number, __get_str(name), __entry->dev_id,
		  __get_str(phase))
);

/* A request has its answer. */
TRACE_EVENT(drvio_answer,
	TP_PROTO(const struct drvio_req *req, u32 result, u32 status, s64 us),
	TP_ARGS(req, result, status, us),
	TP_STRUCT__entry(
		__string(name, req->name)
		__field(u64, dev_id)
		__field(u64, number)
		__field(u32, verb)
		__field(u32, result)
		__field(u32, status)
		__field(s64, us)
	),
	TP_fast_assign(
		drvio_assign_str(name, req->name);
		__entry->dev_id = req->dev_id;
		__entry->number = req->number;
		__entry->verb = req->verb;
		__entry->result = result;
		__entry->status = status;
		__entry->us = us;
	),
	TP_printk("number=%llu verb=%s name=%s dev_id=0x%016llx result=%s status=%s duration_us=%lld",
		  __entry->number, drvio_print_verb(__entry->verb),
		  __get_str(name), __entry->dev_id,
		  drvio_print_result(__entry->result),
		  drvio_print_status(__entry->status), __entry->us)
);

/* Userspace wrote an ack. */
TRACE_EVENT(drvio_ack,
	TP_PROTO(const char *device, const char *word, int err),
	TP_ARGS(device, word, err),
	TP_STRUCT__entry(
		__string(device, device)
		__string(word, word)
		__field(int, err)
	),
	TP_fast_assign(
		drvio_assign_str(device, device);
		drvio_assign_str(word, word);
		__entry->err = err;
	),
	TP_printk("device=%s ack=%s err=%d", __get_str(device),
		  __get_str(word), __entry->err)
);

/* A DR device changed its state; "absent" before it came and after it left. */
TRACE_EVENT(drvio_state,
	TP_PROTO(const char *device, const char *from, const char *to),
	TP_ARGS(device, from, to),
	TP_STRUCT__entry(
		__string(device, device)
		__string(from, from)
		__string(to, to)
	),
	TP_fast_assign(
		drvio_assign_str(device, device);
		drvio_assign_str(from, from);
		drvio_assign_str(to, to);
	),
	TP_printk("device=%s from=%s to=%s", __get_str(device),
		  __get_str(from), __get_str(to))
);

/* A uevent was sent. */
TRACE_EVENT(drvio_uevent,
	TP_PROTO(const char *device, const char *event, int err),
	TP_ARGS(device, event, err),
	TP_STRUCT__entry(
		__string(device, device)
		__string(event, event)
		__field(int, err)
	),
	TP_fast_assign(
		drvio_assign_str(device, device);
		drvio_assign_str(event, event);
		__entry->err = err;
	),
	TP_printk("device=%s event=%s err=%d", __get_str(device),
		  __get_str(event), __entry->err)
);

/* A link's session: opened, registered, restarted, garbage, closed. */
TRACE_EVENT(drvio_link,
	TP_PROTO(const char *link, const char *what),
	TP_ARGS(link, what),
	TP_STRUCT__entry(
		__string(link, link)
		__string(what, what)
	),
	TP_fast_assign(
		drvio_assign_str(link, link);
		drvio_assign_str(what, what);
	),
	TP_printk("link=%s %s", __get_str(link), __get_str(what))
);

#endif /* _DRVIO_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

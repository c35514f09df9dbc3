/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * dr-vio: dynamic reconfiguration of virtual I/O devices and services.
 *
 * This header is the manual of the interface.  It holds what crosses a
 * boundary: the messages on a link, the words in sysfs and uevents, and the
 * ioctls of /dev/drvio.
 *
 * The parts
 * =========
 *
 * A control domain asks a guest to configure, unconfigure, force-unconfigure
 * or report a virtual device or service.  It addresses a DR device by (name,
 * dev_id) and gets exactly one answer a request: result, status and a reason
 * that a person can read.
 *
 *      control domain                       guest
 *   +----------------+     link     +----------------------+  uevent  +------+
 *   | LDoms Manager, | -----------> | drvio.ko             | -------> | udev |
 *   | drvio-manager  | <----------- | bind, park, answer   |          +--+---+
 *   +----------------+    answer    +----------+-----------+             |
 *                                              ^   ack (sysfs)   +-------v------+
 *                                              +---------------- | drvio-helper |
 *                                                                +--------------+
 *
 * A link carries Domain Services (DS) messages: a byte stream written to and
 * read from /dev/drvio, a vsock stream, or an LDC channel.
 *
 * Domain Services, protocol 1.0
 * =============================
 *
 * Every message is a struct drvio_ds_hdr followed by its payload.  All
 * integers are big-endian on every link.  The life of a link:
 *
 *   guest                              control domain
 *     | INIT_REQ {1,0} ---------------------> |
 *     | <------------------------ INIT_ACK {0} |   (an INIT_REQ from the peer
 *     | REG_REQ {handle,1,1,"dr-vio"} ------> |    is answered at any time)
 *     | <-------------- REG_ACK {handle,minor} |
 *     | <--------------- DATA {handle,request} |
 *     | DATA {handle,response} -------------> |
 *
 * Fixed-size messages are sent at exactly the sizes of the structures below,
 * since some peers drop any other; longer ones are accepted.
 */
#ifndef _UAPI_LINUX_DRVIO_H
#define _UAPI_LINUX_DRVIO_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* The longest DS message, header included: the MTU of an LDC channel. */
#define DRVIO_DS_MSG_MAX	4096

/* DS message types (FWARC 2006/055). */
enum drvio_ds_type {
	DRVIO_DS_INIT_REQ	= 0x0,
	DRVIO_DS_INIT_ACK	= 0x1,
	DRVIO_DS_INIT_NACK	= 0x2,
	DRVIO_DS_REG_REQ	= 0x3,
	DRVIO_DS_REG_ACK	= 0x4,
	DRVIO_DS_REG_NACK	= 0x5,
	DRVIO_DS_UNREG_REQ	= 0x6,
	DRVIO_DS_UNREG_ACK	= 0x7,
	DRVIO_DS_UNREG_NACK	= 0x8,
	DRVIO_DS_DATA		= 0x9,
	DRVIO_DS_NACK		= 0xa,
};

/* Result codes of DRVIO_DS_REG_NACK and DRVIO_DS_NACK. */
enum drvio_ds_result {
	DRVIO_DS_OK		= 0,
	DRVIO_DS_REG_VER_NACK	= 1,
	DRVIO_DS_REG_DUP	= 2,
	DRVIO_DS_INV_HDL	= 3,
	DRVIO_DS_TYPE_UNKNOWN	= 4,
};

/* The version of Domain Services that both ends must speak. */
#define DRVIO_DS_MAJOR		1
#define DRVIO_DS_MINOR		0

/* A service id is at most this long, its NUL included. */
#define DRVIO_DS_SVC_ID_MAX	1024

/*
 * Handles.  A provider picks a handle that is not 0 and has neither bit set.
 * A REG_REQ that arrives with bit 31 set is a "ping": a client asks the
 * provider of that service to send its own REG_REQ (again).
 */
#define DRVIO_DS_HANDLE_PING	0x80000000ULL
#define DRVIO_DS_HANDLE_RSVD	0x40000000ULL

struct drvio_ds_hdr {
	__be32 type;		/* enum drvio_ds_type */
	__be32 len;		/* bytes of payload; excludes this header */
} __attribute__((packed));

struct drvio_ds_init_req {
	__be16 major;
	__be16 minor;
} __attribute__((packed));

struct drvio_ds_init_ack {
	__be16 minor;		/* the lower minor of both ends */
} __attribute__((packed));

struct drvio_ds_init_nack {
	__be16 major;		/* the closest supported; 0: none */
} __attribute__((packed));

struct drvio_ds_reg_req {
	__be64 handle;
	__be16 major;
	__be16 minor;
	char   svc_id[];	/* NUL-terminated */
} __attribute__((packed));

struct drvio_ds_reg_ack {
	__be64 handle;
	__be16 minor;
	__u8   pad[6];		/* sent as 0; may be missing when received */
} __attribute__((packed));

struct drvio_ds_reg_nack {
	__be64 handle;
	__be64 result;		/* enum drvio_ds_result */
	__be16 major;		/* the closest supported; 0: none */
	__u8   pad[6];		/* sent as 0; may be missing when received */
} __attribute__((packed));

/* UNREG_REQ, UNREG_ACK, UNREG_NACK, and the head of DATA. */
struct drvio_ds_handle {
	__be64 handle;
} __attribute__((packed));

struct drvio_ds_nack {
	__be64 handle;
	__be64 result;		/* enum drvio_ds_result */
} __attribute__((packed));

/*
 * dr-vio, version 1.1 (FWARC 2008/229, 2008/623)
 * ==============================================
 *
 * The service data of a DATA message is one struct drvio_msg_req from the
 * control domain, or one struct drvio_msg_resp from the guest.  Requests may
 * be pipelined; answers keep the order of the requests of one link.
 */
#define DRVIO_SVC_ID		"dr-vio"
#define DRVIO_MAJOR		1
#define DRVIO_MINOR		1

#define DRVIO_NAME_MAX		256	/* bytes of a device name, with its NUL */
#define DRVIO_REASON_MAX	1024	/* bytes of a reason, with its NUL */

/* A request is at least this long: an empty name still has its NUL. */
#define DRVIO_REQ_MIN		21
/* A response is padded with NULs to this length at least. */
#define DRVIO_RESP_MIN		24

enum drvio_verb {
	DRVIO_CONFIGURE		= 0x494f43,	/* 'IOC' */
	DRVIO_UNCONFIGURE	= 0x494f55,	/* 'IOU' */
	DRVIO_FORCE_UNCONFIG	= 0x494f46,	/* 'IOF' */
	DRVIO_STATUS		= 0x494f53,	/* 'IOS' */
};

enum drvio_result {
	DRVIO_OK		= 0,
	DRVIO_FAILURE		= 1,
	DRVIO_BLOCKED		= 2,	/* a forced unconfigure may succeed */
	DRVIO_NOT_IN_MD		= 3,	/* no such device on any bus */
};

/*
 * UNCONFIGURED promises the control domain that it may take the device away;
 * CONFIGURED that it must not.
 */
enum drvio_status {
	DRVIO_NOT_PRESENT	= 0,
	DRVIO_UNCONFIGURED	= 1,
	DRVIO_CONFIGURED	= 2,
};

struct drvio_msg_req {
	__be64 req_num;		/* echoed in the response */
	__be64 dev_id;
	__be32 msg_type;	/* enum drvio_verb */
	char   name[];		/* NUL-terminated */
} __attribute__((packed));

struct drvio_msg_resp {
	__be64 req_num;
	__be32 result;		/* enum drvio_result */
	__be32 status;		/* enum drvio_status */
	char   reason[];	/* NUL-terminated; a single NUL when none */
} __attribute__((packed));

/*
 * Identity on virtio
 * ==================
 *
 * name = "virtio-" and the device name of the virtio specification.  dev_id
 * is computed by the host from the topology that it chose itself:
 *
 *   bits 63..56  which of these:
 *   kind 1 PCI   55..48 hop count, 47..40 root bus number, 39..0 up to five
 *                devfn, first hop highest, the rest 0
 *   kind 2 MMIO  the low 56 bits of the base address
 *   kind 3 CCW   low 32 bits: cssid << 24 | ssid << 16 | devno
 *   kind 4 else  FNV-1a (64 bit) of the parent device's name, the low 56 bits
 *
 * On sun4v dev_id is the cfg-handle of the machine description node.
 */
#define DRVIO_ID_KIND_SHIFT	56
#define DRVIO_ID_KIND_PCI	1
#define DRVIO_ID_KIND_MMIO	2
#define DRVIO_ID_KIND_CCW	3
#define DRVIO_ID_KIND_OTHER	4
#define DRVIO_ID_PCI_HOPS_MAX	5

/*
 * sysfs and uevents
 * =================
 *
 * DR devices are /sys/class/drvio/<name>@<dev_id>, with dev_id as
 * DRVIO_DEV_ID_FMT.  Words in the attributes "state", "status",
 * "request/verb", "request/phase" and "request/result":
 */
#define DRVIO_CLASS		"drvio"
#define DRVIO_DEV_ID_FMT	"0x%016llx"

#define DRVIO_STATE_UNCONFIGURED	"unconfigured"
#define DRVIO_STATE_CONFIGURING		"configuring"
#define DRVIO_STATE_CONFIGURED		"configured"
#define DRVIO_STATE_UNCONFIGURING	"unconfiguring"

#define DRVIO_STATUS_NOT_PRESENT	"not-present"
/* "unconfigured" and "configured" are the words of the state. */

#define DRVIO_VERB_CONFIGURE		"configure"
#define DRVIO_VERB_UNCONFIGURE		"unconfigure"
#define DRVIO_VERB_FORCE_UNCONFIG	"force-unconfigure"
#define DRVIO_VERB_STATUS		"status"

#define DRVIO_RESULT_OK			"ok"
#define DRVIO_RESULT_FAILURE		"failure"
#define DRVIO_RESULT_BLOCKED		"blocked"
#define DRVIO_RESULT_NOT_IN_MD		"not-in-md"

/*
 * KOBJ_CHANGE uevents of a DR device carry these keys; all but the event can
 * be read from request/ too, so that a late starter misses nothing.
 *
 *   DRVIO_EVENT        request|undo|done|lost
 *   DRVIO_VERB         configure|unconfigure|force-unconfigure
 *   DRVIO_COOKIE       names this request in an ack
 *   DRVIO_REQ_NUM      req_num of the control domain
 *   DRVIO_TYPE         name of the request, "virtio-net"
 *   DRVIO_DEV_ID       as DRVIO_DEV_ID_FMT
 *   DRVIO_TARGETS      sysfs paths, space-separated
 *   DRVIO_DEADLINE_MS  milliseconds left until the request times out
 */
#define DRVIO_UEVENT_EVENT		"DRVIO_EVENT"
#define DRVIO_UEVENT_VERB		"DRVIO_VERB"
#define DRVIO_UEVENT_COOKIE		"DRVIO_COOKIE"
#define DRVIO_UEVENT_REQ_NUM		"DRVIO_REQ_NUM"
#define DRVIO_UEVENT_TYPE		"DRVIO_TYPE"
#define DRVIO_UEVENT_DEV_ID		"DRVIO_DEV_ID"
#define DRVIO_UEVENT_TARGETS		"DRVIO_TARGETS"
#define DRVIO_UEVENT_DEADLINE_MS	"DRVIO_DEADLINE_MS"

#define DRVIO_EVENT_REQUEST		"request"
#define DRVIO_EVENT_UNDO		"undo"
#define DRVIO_EVENT_DONE		"done"
#define DRVIO_EVENT_LOST		"lost"

/*
 * The ack: one line written to the attribute "ack" of the DR device,
 *
 *   <cookie> ok|blocked|failed|progress [text]
 *
 * The text becomes the reason of the answer: printable ASCII, a newline
 * written as the two characters \n, a backslash as \\, cut at 1023 bytes.
 * "progress" extends the deadline.  Errors: EINVAL malformed, ENOENT nothing
 * pending, ESTALE another request's cookie.
 */
#define DRVIO_ACK_OK			"ok"
#define DRVIO_ACK_BLOCKED		"blocked"
#define DRVIO_ACK_FAILED		"failed"
#define DRVIO_ACK_PROGRESS		"progress"

/*
 * /dev/drvio
 * ==========
 *
 * An open is one link and one DS session; write() takes and read() gives the
 * bytes of the stream, in pieces of any size.  read() returns 0 and write()
 * fails with EPIPE once the session was closed because the peer sent garbage:
 * open again for a new session.
 *
 * DRVIO_IOC_SET_CARRIER names the bus device that carries the stream's bytes
 * ("virtio3"): it shows in the link's attribute "peer", and that device is
 * never unconfigured while the link is open, since its answer could not be
 * sent.
 */
#define DRVIO_CARRIER_MAX	64

struct drvio_carrier {
	char name[DRVIO_CARRIER_MAX];	/* NUL-terminated device name */
};

#define DRVIO_IOC_SET_CARRIER	_IOW('d', 0x76, struct drvio_carrier)

/* The vsock port on which drvio-virtio.ko listens: 'd' << 8 | 'r'. */
#define DRVIO_VSOCK_PORT	25714

/* The name of the virtio-serial port that drvio-relay joins to /dev/drvio. */
#define DRVIO_VIRTIO_PORT	"org.drvio.0"

#endif /* _UAPI_LINUX_DRVIO_H */

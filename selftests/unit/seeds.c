// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the seed corpus of the fuzz targets: one file a seed, named by what it
 * holds, in DIR/fuzz_wire and DIR/fuzz_ds.  Usage: seeds DIR
 *
 * The bytes stand here by hand, so that they do not follow a codec that is
 * wrong.  Inputs that once made a target fail belong into corpus/ as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"

#define ID(n)		"\0\0\0\0\0\0\0" n
#define CLIENT		"\0\0\0\0\x80\0\0\5"
#define NET		"\1\2\0\x90\0\0\0\0"

#define INIT_REQ	HDR("\0", "\4") "\0\1\0\0"
#define INIT_ACK	HDR("\1", "\2") "\0\0"
#define INIT_NACK	HDR("\2", "\2") "\0\2"
#define PING		HDR("\3", "\x13") CLIENT "\0\1\0\1" "dr-vio\0"
#define REG_ACK(h)	HDR("\4", "\x10") ID(h) "\0\1" "\0\0\0\0\0\0"
#define REG_NACK(h)	HDR("\5", "\x18") ID(h) ID("\1") "\0\1" "\0\0\0\0\0\0"
#define UNREG_REQ(h)	HDR("\6", "\10") ID(h)
#define UNREG_ACK(h)	HDR("\7", "\10") ID(h)
#define UNREG_NACK(h)	HDR("\10", "\10") ID(h)
#define NACK(h, result)	HDR("\12", "\x10") ID(h) ID(result)

/* Service data of 31 bytes. */
#define REQUEST(verb)	ID("\1") NET "\0IO" verb "virtio-net\0"
#define DATA(h, verb)	HDR("\11", "\x27") ID(h) REQUEST(verb)

/* Names and reasons at their limits and beyond. */
#define N5		"nnnnn"
#define N10		N5 N5
#define N51		N10 N10 N10 N10 N10 "n"
#define N255		N51 N51 N51 N51 N51
#define N1023		N255 N255 N255 N255 "nnn"
#define N4080		N1023 N1023 N1023 N255 N255 N255 N51 N51 N51 N51 \
			N10 N10 N10 N10 "nn"

/* To the state in which requests come; the handle is 1. */
#define REGISTERED	INIT_ACK REG_ACK("\1")

/* fuzz_ds: how the stream is cut. */
#define WHOLE		"\0"
#define BYTEWISE	"\1"
#define UP_TO(n)	n

static const struct seed {
	const char *name;
	const char *bytes;
	size_t len;
} seeds[] = {
	{ "fuzz_wire/init_req", BYTES(INIT_REQ) },
	{ "fuzz_wire/init_ack", BYTES(INIT_ACK) },
	{ "fuzz_wire/init_nack", BYTES(INIT_NACK) },
	{ "fuzz_wire/reg_req", BYTES(PING) },
	{ "fuzz_wire/reg_req_padded",
	  BYTES(HDR("\3", "\x16") CLIENT "\0\1\0\1" "dr-vio\0\0\0\0") },
	{ "fuzz_wire/reg_req_unterminated",
	  BYTES(HDR("\3", "\x12") CLIENT "\0\1\0\1" "dr-vio") },
	{ "fuzz_wire/reg_req_1024",
	  BYTES("\0\0\0\3\0\0\4\14" CLIENT "\0\1\0\1" N1023 "\0") },
	{ "fuzz_wire/reg_req_1025",
	  BYTES("\0\0\0\3\0\0\4\15" CLIENT "\0\1\0\1" N1023 "n\0") },
	{ "fuzz_wire/reg_ack", BYTES(REG_ACK("\1")) },
	{ "fuzz_wire/reg_ack_short", BYTES(HDR("\4", "\12") ID("\1") "\0\1") },
	{ "fuzz_wire/reg_nack", BYTES(REG_NACK("\1")) },
	{ "fuzz_wire/reg_nack_short", BYTES(HDR("\5", "\x12") ID("\1") ID("\1") "\0\1") },
	{ "fuzz_wire/unreg_req", BYTES(UNREG_REQ("\1")) },
	{ "fuzz_wire/unreg_ack", BYTES(UNREG_ACK("\1")) },
	{ "fuzz_wire/unreg_nack", BYTES(UNREG_NACK("\1")) },
	{ "fuzz_wire/data", BYTES(DATA("\1", "C")) },
	{ "fuzz_wire/nack", BYTES(NACK("\1", "\3")) },
	{ "fuzz_wire/unknown_type", BYTES(HDR("\13", "\10") ID("\1")) },
	{ "fuzz_wire/oversized", BYTES("\0\0\0\11\0\0\x0f\xf9") },
	{ "fuzz_wire/request_configure", BYTES(REQUEST("C")) },
	{ "fuzz_wire/request_unconfigure", BYTES(REQUEST("U")) },
	{ "fuzz_wire/request_force", BYTES(REQUEST("F")) },
	{ "fuzz_wire/request_status", BYTES(REQUEST("S")) },
	{ "fuzz_wire/request_unterminated", BYTES(ID("\1") NET "\0IOC" "disk") },
	{ "fuzz_wire/request_empty_name", BYTES(ID("\1") NET "\0IOC" "\0") },
	{ "fuzz_wire/request_no_name", BYTES(ID("\1") NET "\0IOC") },
	{ "fuzz_wire/request_name_256", BYTES(ID("\1") NET "\0IOC" N255 "\0") },
	{ "fuzz_wire/request_name_257", BYTES(ID("\1") NET "\0IOC" N255 "n\0") },
	{ "fuzz_wire/response_ok", BYTES(ID("\1") "\0\0\0\0" "\0\0\0\2" "\0\0\0\0\0\0\0\0") },
	{ "fuzz_wire/response_reason",
	  BYTES(ID("\1") "\0\0\0\2" "\0\0\0\2" "/dev/vdb is mounted on /data\0") },
	{ "fuzz_wire/response_reason_1024",
	  BYTES(ID("\1") "\0\0\0\1" "\0\0\0\2" N1023 "\0") },
	{ "fuzz_wire/response_reason_1025",
	  BYTES(ID("\1") "\0\0\0\1" "\0\0\0\2" N1023 "n\0") },

	{ "fuzz_ds/request_whole", BYTES(WHOLE REGISTERED DATA("\1", "C")) },
	{ "fuzz_ds/request_bytewise", BYTES(BYTEWISE REGISTERED DATA("\1", "U")) },
	{ "fuzz_ds/requests_pipelined",
	  BYTES(UP_TO("\x40") REGISTERED DATA("\1", "S") DATA("\1", "F") DATA("\1", "S")) },
	{ "fuzz_ds/request_of_unknown_verb", BYTES(WHOLE REGISTERED DATA("\1", "X")) },
	{ "fuzz_ds/request_cut_short",
	  BYTES(WHOLE REGISTERED HDR("\11", "\14") ID("\1") "\0\0\0\1") },
	{ "fuzz_ds/data_with_wrong_handle", BYTES(UP_TO("\7") REGISTERED DATA("\2", "C")) },
	{ "fuzz_ds/data_before_registration", BYTES(WHOLE INIT_ACK DATA("\1", "C")) },
	{ "fuzz_ds/both_ends_init",
	  BYTES(UP_TO("\5") INIT_REQ INIT_ACK INIT_REQ REG_ACK("\1") DATA("\1", "S")) },
	{ "fuzz_ds/init_again_when_registered",
	  BYTES(WHOLE REGISTERED INIT_REQ INIT_ACK REG_ACK("\2") DATA("\2", "S")) },
	{ "fuzz_ds/init_of_major_2", BYTES(WHOLE HDR("\0", "\4") "\0\2\0\0" INIT_ACK) },
	{ "fuzz_ds/init_refused", BYTES(WHOLE INIT_NACK INIT_REQ) },
	{ "fuzz_ds/refused_then_init",
	  BYTES(WHOLE INIT_ACK REG_NACK("\1") INIT_REQ INIT_ACK REG_ACK("\2")) },
	{ "fuzz_ds/refused_then_ping", BYTES(WHOLE INIT_ACK REG_NACK("\1") PING REG_ACK("\2")) },
	{ "fuzz_ds/ping_when_registered",
	  BYTES(UP_TO("\x10") REGISTERED PING DATA("\1", "S") REG_ACK("\2") DATA("\2", "S")) },
	{ "fuzz_ds/unregistered",
	  BYTES(WHOLE REGISTERED UNREG_REQ("\2") UNREG_REQ("\1") DATA("\1", "S") PING) },
	{ "fuzz_ds/invalid_handle",
	  BYTES(WHOLE REGISTERED NACK("\1", "\3") REG_ACK("\2") DATA("\2", "S")) },
	{ "fuzz_ds/answers_nobody_asked_for",
	  BYTES(WHOLE REGISTERED INIT_ACK INIT_NACK REG_NACK("\1") UNREG_ACK("\1")
		UNREG_NACK("\1") NACK("\1", "\4")) },
	{ "fuzz_ds/service_of_others",
	  BYTES(WHOLE REGISTERED HDR("\3", "\x16") ID("\7") "\0\1\0\0" "md-update\0") },
	{ "fuzz_ds/unknown_type", BYTES(UP_TO("\3") REGISTERED HDR("\13", "\0")) },
	{ "fuzz_ds/oversized", BYTES(UP_TO("\4") REGISTERED "\0\0\0\11\0\0\x0f\xf9") },
	{ "fuzz_ds/longest",
	  BYTES(UP_TO("\xff") REGISTERED "\0\0\0\11\0\0\x0f\xf8" ID("\1") N4080) },
	{ "fuzz_ds/oversized_to_its_end",
	  BYTES(WHOLE REGISTERED "\0\0\0\11\0\0\x0f\xf9" ID("\1") N4080 "n") },
	{ "fuzz_ds/malformed", BYTES(WHOLE REGISTERED HDR("\12", "\4") "\0\0\0\0") },
	{ "fuzz_ds/little_endian", BYTES(WHOLE "\0\0\0\0\4\0\0\0\1\0\0\0") },
};

int main(int argc, char **argv)
{
	char path[4096];
	unsigned int i;
	FILE *f;

	if (argc != 2) {
		fprintf(stderr, "usage: seeds DIR\n");
		return 2;
	}
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		const struct seed *s = &seeds[i];

		snprintf(path, sizeof(path), "%s/%s", argv[1], s->name);
		f = fopen(path, "wb");
		if (!f || fwrite(s->bytes, 1, s->len, f) != s->len || fclose(f)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

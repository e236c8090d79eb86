/* A client of Linewatch for a control program: LWP/1, profile plc. SPDX-License-Identifier: Apache-2.0
 *
 * One file, C99 and POSIX sockets, nothing allocated, nothing that blocks. In ONE source file say
 *
 *     #define LINEWATCH_IMPLEMENTATION
 *     #include "linewatch.h"
 *
 * and in every scan of the control program
 *
 *     lw_message m;
 *     while (lw_scan(&client, now_ms, &m)) handle(&m);
 *     part_passes = have_result_of_this_part && result.verdict == 1 && lw_healthy(&client, now_ms);
 *
 * THE ONE RULE: a part passes only if a result for THIS part says verdict 1. Another verdict, no verdict,
 * no heartbeat, an unknown line: reject.
 *
 * A record is acknowledged by the lw_scan call after the one that handed it out, so what the program did
 * with it in between (say, stored client.last and client.log in retained memory) was done before Linewatch
 * may forget it. After a power cycle put both back with lw_init: no result is lost, and one that was handed
 * out before is not handed out again.
 */
#ifndef LINEWATCH_H
#define LINEWATCH_H

#include <stddef.h>
#include <stdint.h>

enum {
    LW_LINE_MAX = 240,  /* the longest line of the server, with its newline; constant in LWP/1 */
    LW_CREDIT = 16,     /* records that may be under way without acknowledgement */
    LW_HEARTBEAT = 1000 /* asked for, in ms */
};

typedef enum lw_kind {
    LW_RESULT,     /* one part was judged: seq job part verdict reason flags score cluster camera x y w h */
    LW_EVENT,      /* something happened to the station: code, severity, camera, a, b */
    LW_GAP,        /* seqs from..seq hold nothing: parts in flight that have no result are INVALID */
    LW_ACCEPTED,   /* trigger `id` was accepted as `job` */
    LW_REFUSED,    /* request `id` was refused with error `number`; a refused trigger is a reject */
    LW_RESYNC,     /* the log is another than the one known: parts in flight are INVALID */
    LW_RESTARTED,  /* same log, new run: hardware-triggered parts in flight are INVALID until they have a result */
    LW_DISCONNECTED /* the connection ended; it is made again by itself */
} lw_kind;

typedef struct lw_message {
    lw_kind kind;
    uint64_t seq, from, ts;
    uint32_t job, part, id, us, backlog;
    uint32_t score; /* 10000 is the threshold */
    int32_t encoder, a, b;
    uint16_t flags, cluster, x, y, w, h, code;
    int16_t number;
    uint8_t verdict, reason, camera, severity, why;
} lw_message;

/* Everything the client remembers, in the caller's memory. Read the first block, leave the rest alone. */
typedef struct lw_client {
    uint64_t last;     /* the newest record handed out; keep it over power cycles */
    char log[9];       /* the log it belongs to; keep it as well */
    uint8_t ready;     /* 1: a trigger would be accepted now, as of the last heartbeat */
    uint16_t settings; /* checksum of the inspection's settings: compare with the one you approved */
    uint16_t alarms;   /* alarm bits, as of the last heartbeat */
    uint32_t run;      /* number of the daemon's start */
    uint32_t unknown;  /* lines that were not understood; only counted, as LWP demands */

    const char *path, *name;
    int fd;
    uint8_t greeted, connecting, drop_line;
    uint16_t heartbeat, in_count, out_count, in_start;
    uint32_t next_id, backoff;
    uint64_t acked, heard_at, retry_at;
    char in[2 * LW_LINE_MAX], out[1024];
} lw_client;

/* Starts a client named `name` (1..24 of a-z 0-9 _ -) on the socket `path`. Both texts must stay.
 * `last` and `log` are what was kept, or 0 and "". */
void lw_init(lw_client *c, const char *path, const char *name, uint64_t last, const char *log);

/* Connects, reads and writes as far as it goes without waiting. Returns 1 and fills `m` if there is
 * something to handle, else 0. `now_ms` is any clock that only goes forward. */
int lw_scan(lw_client *c, uint64_t now_ms, lw_message *m);

/* 1 while lines arrive at least every three heartbeats. While 0: reject everything. */
int lw_healthy(const lw_client *c, uint64_t now_ms);

/* Asks for the inspection of part `part` with camera `camera`. Returns the request's id (> 0), which comes
 * back in LW_ACCEPTED or LW_REFUSED, or 0 if it could not be sent: then reject the part.
 * `deadline_ms` 0 leaves it to the settings. */
uint32_t lw_trigger(lw_client *c, unsigned camera, uint32_t part, unsigned deadline_ms);

/* Closes the connection. */
void lw_close(lw_client *c);

#endif

#ifdef LINEWATCH_IMPLEMENTATION

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void lw_init(lw_client *c, const char *path, const char *name, uint64_t last, const char *log)
{
    memset(c, 0, sizeof *c);
    c->path = path;
    c->name = name;
    c->last = last;
    c->acked = last;
    strncpy(c->log, log, sizeof c->log - 1);
    c->fd = -1;
    c->heartbeat = LW_HEARTBEAT;
    c->backoff = 200;
    c->next_id = 100;
}

void lw_close(lw_client *c)
{
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->greeted = c->connecting = c->drop_line = c->ready = 0;
    c->in_count = c->in_start = c->out_count = 0;
}

int lw_healthy(const lw_client *c, uint64_t now_ms)
{
    return c->greeted && now_ms - c->heard_at < 3u * c->heartbeat;
}

/* The digits after `key` (with its quotes and colon), or `missing`. Keys occur once in a line. */
static int64_t lw_number(const char *line, const char *key, int64_t missing)
{
    const char *at = strstr(line, key);
    int64_t value = 0, sign = 1;
    if (!at) return missing;
    at += strlen(key);
    if (*at == '-') sign = -1, at++;
    if (*at < '0' || *at > '9') return missing;
    while (*at >= '0' && *at <= '9' && value < INT64_C(900000000000000000)) value = value * 10 + (*at++ - '0');
    return sign * value;
}

/* Whether `line` is of type `type`: {"t":"TYPE" comes first in every line of the server. */
static int lw_is(const char *line, const char *type)
{
    size_t n = strlen(type);
    return strncmp(line, "{\"t\":\"", 6) == 0 && strncmp(line + 6, type, n) == 0 && line[6 + n] == '"';
}

static int lw_send(lw_client *c, const char *text)
{
    size_t n = strlen(text);
    if (c->fd < 0 || n > sizeof c->out - c->out_count) return 0;
    memcpy(c->out + c->out_count, text, n);
    c->out_count += (uint16_t)n;
    return 1;
}

static void lw_flush(lw_client *c)
{
    while (c->out_count) {
        ssize_t n = send(c->fd, c->out, c->out_count, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n <= 0) return; /* full, or lost: the next read tells */
        memmove(c->out, c->out + n, c->out_count - (size_t)n);
        c->out_count -= (uint16_t)n;
    }
}

static void lw_connect(lw_client *c, uint64_t now)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (now < c->retry_at) return;
    c->retry_at = now + c->backoff;
    c->backoff = c->backoff < 2500 ? 2 * c->backoff : 5000;
    if (strlen(c->path) >= sizeof address.sun_path) return;
    strcpy(address.sun_path, c->path);
    c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (c->fd < 0) return;
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
    fcntl(c->fd, F_SETFD, FD_CLOEXEC);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        lw_close(c);
        return;
    }
    c->heard_at = now;
}

/* The next whole line of the input, ended by 0, or NULL. A line over the limit is dropped to its end. */
static const char *lw_line(lw_client *c)
{
    for (;;) {
        char *start = c->in + c->in_start, *end = memchr(start, '\n', c->in_count - c->in_start);
        if (end) {
            int drop = c->drop_line;
            *end = 0;
            if (end > start && end[-1] == '\r') end[-1] = 0;
            c->in_start = (uint16_t)(end + 1 - c->in);
            c->drop_line = 0;
            if (!drop) return start;
            c->unknown++;
            continue;
        }
        memmove(c->in, start, c->in_count - c->in_start);
        c->in_count -= c->in_start;
        c->in_start = 0;
        if (c->in_count >= LW_LINE_MAX) c->drop_line = 1, c->in_count = 0;
        return NULL;
    }
}

static int lw_greet(lw_client *c, const char *line, lw_message *m)
{
    char text[400], log[9] = "";
    const char *at = strstr(line, "\"log\":\"");
    uint64_t last = (uint64_t)lw_number(line, "\"last\":", 0);
    uint32_t run = (uint32_t)lw_number(line, "\"run\":", 0);
    int foreign, restarted;

    if (lw_number(line, "\"proto\":", 0) != 1) return c->unknown++, 0;
    if (at) strncpy(log, at + 7, 8);
    foreign = strcmp(log, c->log) != 0 || c->last > last;
    restarted = c->run && run != c->run;
    c->run = run;
    c->settings = (uint16_t)lw_number(line, "\"cfg\":", 0);
    if (foreign) {
        memcpy(c->log, log, sizeof log);
        c->last = last;
    }
    c->acked = c->last;
    c->greeted = 1;
    c->backoff = 200;
    snprintf(text, sizeof text,
             "{\"op\":\"hello\",\"id\":1,\"name\":\"%s\",\"proto\":1,\"profile\":\"plc\",\"hb\":%d}\n"
             "{\"op\":\"sub\",\"id\":2,\"after\":%llu,\"credit\":%d}\n"
             "{\"op\":\"watch\",\"id\":3,\"ms\":%d}\n",
             c->name, LW_HEARTBEAT, (unsigned long long)c->last, LW_CREDIT, 3 * LW_HEARTBEAT);
    lw_send(c, text);
    if (!foreign && !restarted) return 0;
    m->kind = foreign ? LW_RESYNC : LW_RESTARTED;
    m->seq = c->last;
    return 1;
}

/* A record is news only above the last one: a repetition is acknowledged and not handed out. */
static int lw_record(lw_client *c, const char *line, lw_message *m)
{
    m->seq = (uint64_t)lw_number(line, "\"seq\":", 0);
    if (m->seq <= c->last) return 0;
    c->last = m->seq;
    m->ts = (uint64_t)lw_number(line, "\"ts\":", 0);
    m->camera = (uint8_t)lw_number(line, "\"cam\":", 0);
    m->flags = (uint16_t)lw_number(line, "\"fl\":", 0);
    m->backlog = (uint32_t)lw_number(line, "\"bk\":", 0);
    return 1;
}

/* 1..4; whatever else the line says is 4, INVALID, and never narrowed to something that could pass. */
static uint8_t lw_verdict(const char *line)
{
    int64_t verdict = lw_number(line, "\"v\":", 4);
    return verdict >= 1 && verdict <= 4 ? (uint8_t)verdict : 4;
}

static int lw_handle(lw_client *c, const char *line, lw_message *m)
{
    memset(m, 0, sizeof *m);
    if (lw_is(line, "r")) {
        m->kind = LW_RESULT;
        m->job = (uint32_t)lw_number(line, "\"job\":", 0);
        m->part = (uint32_t)lw_number(line, "\"pn\":", 0);
        m->verdict = lw_verdict(line);
        m->reason = (uint8_t)lw_number(line, "\"rs\":", 0);
        m->score = (uint32_t)lw_number(line, "\"sc\":", 0);
        m->cluster = (uint16_t)lw_number(line, "\"cl\":", 0);
        m->x = (uint16_t)lw_number(line, "\"x\":", 0);
        m->y = (uint16_t)lw_number(line, "\"y\":", 0);
        m->w = (uint16_t)lw_number(line, "\"w\":", 0);
        m->h = (uint16_t)lw_number(line, "\"h\":", 0);
        m->encoder = (int32_t)lw_number(line, "\"en\":", 0);
        m->us = (uint32_t)lw_number(line, "\"us\":", 0);
        return lw_record(c, line, m);
    }
    if (lw_is(line, "e")) {
        m->kind = LW_EVENT;
        m->code = (uint16_t)lw_number(line, "\"code\":", 0);
        m->severity = (uint8_t)lw_number(line, "\"sev\":", 0);
        m->a = (int32_t)lw_number(line, "\"a\":", 0);
        m->b = (int32_t)lw_number(line, "\"b\":", 0);
        return lw_record(c, line, m);
    }
    if (lw_is(line, "gap")) {
        m->kind = LW_GAP;
        m->from = (uint64_t)lw_number(line, "\"from\":", 0);
        m->why = (uint8_t)lw_number(line, "\"why\":", 0);
        return lw_record(c, line, m);
    }
    if (lw_is(line, "hb")) {
        c->ready = lw_number(line, "\"rdy\":", 0) == 1;
        c->settings = (uint16_t)lw_number(line, "\"cfg\":", 0);
        c->alarms = (uint16_t)lw_number(line, "\"al\":", 0);
        return 0;
    }
    if (lw_is(line, "ok")) {
        m->kind = LW_ACCEPTED;
        m->id = (uint32_t)lw_number(line, "\"id\":", 0);
        m->job = (uint32_t)lw_number(line, "\"job\":", 0);
        return m->job != 0;
    }
    if (lw_is(line, "err")) {
        m->kind = LW_REFUSED;
        m->id = (uint32_t)lw_number(line, "\"id\":", 0);
        m->number = (int16_t)lw_number(line, "\"num\":", 0);
        return 1;
    }
    if (lw_is(line, "hello")) return lw_greet(c, line, m);
    if (lw_is(line, "skip")) return lw_record(c, line, m), 0;
    if (!lw_is(line, "end") && !lw_is(line, "c") && !lw_is(line, "bye")) c->unknown++;
    return 0;
}

int lw_scan(lw_client *c, uint64_t now_ms, lw_message *m)
{
    if (c->fd < 0) lw_connect(c, now_ms);
    if (c->fd < 0) return 0;
    if (c->greeted && c->acked != c->last) {
        char text[64];
        snprintf(text, sizeof text, "{\"op\":\"ack\",\"id\":4,\"seq\":%llu}\n", (unsigned long long)c->last);
        if (lw_send(c, text)) c->acked = c->last;
    }
    lw_flush(c);
    for (;;) {
        const char *line;
        ssize_t n;
        while ((line = lw_line(c))) {
            c->heard_at = now_ms;
            if (*line && lw_handle(c, line, m)) return 1;
        }
        n = recv(c->fd, c->in + c->in_count, sizeof c->in - c->in_count, MSG_DONTWAIT);
        if (n > 0) {
            c->in_count += (uint16_t)n;
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
            && now_ms - c->heard_at < 3u * c->heartbeat) {
            lw_flush(c);
            return 0;
        }
        lw_close(c); /* ended, broken, or silent for three heartbeats */
        memset(m, 0, sizeof *m);
        m->kind = LW_DISCONNECTED;
        return 1;
    }
}

uint32_t lw_trigger(lw_client *c, unsigned camera, uint32_t part, unsigned deadline_ms)
{
    char text[128], deadline[32] = "";
    if (!c->greeted) return 0;
    if (deadline_ms) snprintf(deadline, sizeof deadline, ",\"deadline\":%u", deadline_ms);
    c->next_id = c->next_id < INT32_MAX ? c->next_id + 1 : 100;
    snprintf(text, sizeof text, "{\"op\":\"trigger\",\"id\":%u,\"cam\":%u,\"pn\":%u%s}\n", c->next_id, camera,
             (unsigned)part, deadline);
    if (!lw_send(c, text)) return 0;
    lw_flush(c);
    return c->next_id;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands in, answers out; oracle/channel.py is the other side.
 *
 * A command comes as its length in eight hexadecimal digits and its text; then stands a key, made for its answer alone.
 * That stays in the pipe while code under test runs, and so in nobody's memory: it is read when all has been said, and
 * the answer ends in its seal, over all its text and the key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#undef bool
#include "runtime.h"

static char buffer[1 << 16];
static unsigned int used;
static struct w_seal seal;

static void flush(void)
{
	unsigned int done = 0;

	w_seal_add(&seal, buffer, used);
	while (done < used) {
		long n = w_gate(SYS_write, 1, (long)(buffer + done), used - done);

		if (n <= 0)
			w_leave();
		done += (unsigned int)n;
	}
	used = 0;
}

static void print(const char *text, unsigned int n)
{
	if (used + n >= sizeof(buffer))
		flush();
	memcpy(buffer + used, text, n);
	used += n;
}

void w_print_word(const char *text) { print(text, (unsigned int)strlen(text)); }

void w_print_number(const char *key, long value)
{
	char text[96];

	snprintf(text, sizeof(text), "%s%ld", key, value);
	w_print_word(text);
}

/* Just so many bytes: what stands behind them is not for now, and nothing is for code under test. */
static void read_exactly(char *into, unsigned long n)
{
	if (w_running())
		w_leave();
	while (n) {
		long got = w_gate(SYS_read, 0, (long)into, (long)n);

		if (got <= 0)
			w_leave();
		into += got;
		n -= (unsigned long)got;
	}
}

void w_read_command(char *line, unsigned long size)
{
	char digits[9] = "";
	unsigned long n;

	read_exactly(digits, 8);
	n = strtoul(digits, NULL, 16);
	if (n >= size)
		w_leave();
	read_exactly(line, n);
	line[n] = 0;
	w_seal_start(&seal);
}

void w_end_answer(bool taken)
{
	char key[2 * W_SEAL], text[2 * W_SEAL];

	w_print_word(taken ? ".\n" : "?\n");
	flush();
	read_exactly(key, sizeof(key));
	w_seal_add(&seal, key, sizeof(key));
	w_seal_end(&seal, text);
	print(text, sizeof(text));
	w_print_word("\n");
	flush();
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runner of a pair: commands on standard input, answers on standard output ending in a line "." and their seal (pipes.c). */
#undef bool
#include "runtime.h"

int main(void)
{
	static char line[64 * W_MAX_SLOTS];

	w_allocate();
	w_catch();
	w_limit();
	for (;;) {
		w_read_command(line, sizeof(line));
		w_end_answer(w_answer(line));
	}
}

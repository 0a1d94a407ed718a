/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scenario as decimal numbers in a line, out and in; oracle/wire.py is the other side. */
#include <stdlib.h>
#include <string.h>
#undef bool
#include "runtime.h"

void w_print_scenario(const struct w_scenario *s)
{
	unsigned int i;

	w_print_number("", s->vma);
	w_print_number(" ", s->mm);
	w_print_number(" ", s->first);
	w_print_number(" ", s->nslots);
	w_print_number(" ", s->start);
	w_print_number(" ", s->end);
	w_print_number(" ", s->vma_first);
	w_print_number(" ", s->vma_end);
	w_print_number(" ", s->nfolios);
	w_print_number(" ", s->salt);
	for (i = 0; i < W_OPTIONS; i++)
		w_print_number(" ", s->option[i]);
	for (i = 0; i < s->nfolios; i++) {
		w_print_number(" ", s->folio[i].kind);
		w_print_number(" ", s->folio[i].order);
		w_print_number(" ", s->folio[i].bits);
		w_print_number(" ", s->folio[i].pfn);
	}
	for (i = 0; i < s->nslots; i++) {
		w_print_number(" ", s->slot[i].kind);
		w_print_number(" ", s->slot[i].bits);
		w_print_number(" ", s->slot[i].folio);
		w_print_number(" ", s->slot[i].index);
	}
	w_print_word("\n");
}

long w_number(const char **text) { return strtol(*text, (char **)text, 10); }

bool w_read_scenario(const char *text, struct w_scenario *s)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	s->vma = (unsigned int)w_number(&text);
	s->mm = (unsigned int)w_number(&text);
	s->first = (unsigned short)w_number(&text);
	s->nslots = (unsigned short)w_number(&text);
	s->start = (unsigned short)w_number(&text);
	s->end = (unsigned short)w_number(&text);
	s->vma_first = (unsigned short)w_number(&text);
	s->vma_end = (unsigned short)w_number(&text);
	s->nfolios = (unsigned short)w_number(&text);
	s->salt = (unsigned short)w_number(&text);
	if (s->nfolios > W_MAX_FOLIOS || s->first + s->nslots > W_MAX_SLOTS || s->start > s->end || s->end > W_MAX_SLOTS)
		return false;
	for (i = 0; i < W_OPTIONS; i++)
		s->option[i] = w_number(&text);
	for (i = 0; i < s->nfolios; i++) {
		s->folio[i].kind = (unsigned char)w_number(&text);
		s->folio[i].order = (unsigned char)w_number(&text);
		s->folio[i].bits = (unsigned short)w_number(&text);
		s->folio[i].pfn = (unsigned short)w_number(&text);
		if (s->folio[i].order > 9 || s->folio[i].pfn + (1U << s->folio[i].order) > W_NPAGES)
			return false;
	}
	for (i = 0; i < s->nslots; i++) {
		s->slot[i].kind = (unsigned char)w_number(&text);
		s->slot[i].bits = (unsigned char)w_number(&text);
		s->slot[i].folio = (unsigned short)w_number(&text);
		s->slot[i].index = (unsigned short)w_number(&text);
	}
	return true;
}

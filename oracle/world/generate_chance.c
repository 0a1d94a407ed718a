/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chance: what a seed and an index lead to, on all machines alike. */
#include "generate.h"

unsigned long w_rng;

void w_seed(unsigned long seed, unsigned long index)
{
	unsigned long z = seed * 0x9e3779b97f4a7c15UL + (index + 1) * 0xbf58476d1ce4e5b9UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	w_rng = (z ^ z >> 31) | 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What closes an answer: BLAKE2s (RFC 7693) with a digest of 16 bytes, which Python's hashlib has as well. */
#include <string.h>
#undef bool
#include "runtime.h"

#define BLOCK sizeof(((struct w_seal *)0)->block)

static const unsigned int start[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const unsigned char order[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 }, { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 }, { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 }, { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 }, { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static unsigned int turned(unsigned int word, unsigned int by) { return word >> by | word << (32 - by); }

static void mix(unsigned int *a, unsigned int *b, unsigned int *c, unsigned int *d, unsigned int first, unsigned int second)
{
	*a += *b + first;
	*d = turned(*d ^ *a, 16);
	*c += *d;
	*b = turned(*b ^ *c, 12);
	*a += *b + second;
	*d = turned(*d ^ *a, 8);
	*c += *d;
	*b = turned(*b ^ *c, 7);
}

static void compress(struct w_seal *s, bool last)
{
	unsigned int m[16], v[16], i, round;

	for (i = 0; i < 16; i++)
		m[i] = s->block[4 * i] | (unsigned int)s->block[4 * i + 1] << 8 | (unsigned int)s->block[4 * i + 2] << 16 |
			(unsigned int)s->block[4 * i + 3] << 24;
	memcpy(v, s->h, sizeof(s->h));
	memcpy(v + 8, start, sizeof(start));
	v[12] ^= (unsigned int)s->bytes;
	v[13] ^= (unsigned int)(s->bytes >> 32);
	if (last)
		v[14] = ~v[14];
	for (round = 0; round < 10; round++) {
		const unsigned char *o = order[round];

		for (i = 0; i < 4; i++)
			mix(&v[i], &v[4 + i], &v[8 + i], &v[12 + i], m[o[2 * i]], m[o[2 * i + 1]]);
		for (i = 0; i < 4; i++)
			mix(&v[i], &v[4 + (i + 1) % 4], &v[8 + (i + 2) % 4], &v[12 + (i + 3) % 4], m[o[8 + 2 * i]], m[o[9 + 2 * i]]);
	}
	for (i = 0; i < 8; i++)
		s->h[i] ^= v[i] ^ v[8 + i];
}

void w_seal_start(struct w_seal *s)
{
	memcpy(s->h, start, sizeof(start));
	s->h[0] ^= 0x01010000 ^ W_SEAL;
	s->bytes = s->used = 0;
}

void w_seal_add(struct w_seal *s, const char *data, unsigned long n)
{
	while (n) {
		unsigned long part = BLOCK - s->used < n ? BLOCK - s->used : n;

		/* The last block is another one than a full one, so that it waits for more. */
		if (!part) {
			compress(s, false);
			s->used = 0;
			continue;
		}
		memcpy(s->block + s->used, data, part);
		s->used += (unsigned int)part;
		s->bytes += part;
		data += part;
		n -= part;
	}
}

void w_seal_end(struct w_seal *s, char text[2 * W_SEAL])
{
	unsigned int i;

	memset(s->block + s->used, 0, BLOCK - s->used);
	compress(s, true);
	for (i = 0; i < 2 * W_SEAL; i++)
		text[i] = "0123456789abcdef"[s->h[i / 8] >> (i % 8 ^ 1) * 4 & 15];
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers for guests and VMMs, the same for the same seed (splitmix64).
 */
#ifndef SELFTEST_KVM_SDEI_RANDOM_H
#define SELFTEST_KVM_SDEI_RANDOM_H

#include <linux/types.h>

struct rng {
	u64	state;
};

static inline u64 rnd(struct rng *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline bool one_in(struct rng *r, unsigned int n)
{
	return rnd(r) % n == 0;
}

#endif /* SELFTEST_KVM_SDEI_RANDOM_H */

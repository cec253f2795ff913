// SPDX-License-Identifier: GPL-2.0
/*
 * Hold a pattern in every general and vector register of user space and see that
 * nothing changes one: what an interruption by an SDEI handler must not do. Only x28
 * moves, it counts the rounds of the loop.
 *
 *   regs		until SIGTERM; prints how often all of them were checked
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ROUNDS 100000

struct regs {
	uint64_t x[31], nzcv;
	uint64_t q[32][2];
};

_Static_assert(offsetof(struct regs, q) == 256, "spin() knows the offsets");

/* Load everything from @in, spin in->x[28] rounds, store everything to @out. */
void spin(const struct regs *in, struct regs *out);

#define TO30 "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30"

asm(
"spin:	sub	sp, sp, #192\n"
"	stp	x29, x30, [sp]\n"
"	stp	x19, x20, [sp, #16]\n"
"	stp	x21, x22, [sp, #32]\n"
"	stp	x23, x24, [sp, #48]\n"
"	stp	x25, x26, [sp, #64]\n"
"	stp	x27, x28, [sp, #80]\n"
"	stp	d8, d9, [sp, #96]\n"
"	stp	d10, d11, [sp, #112]\n"
"	stp	d12, d13, [sp, #128]\n"
"	stp	d14, d15, [sp, #144]\n"
"	str	x1, [sp, #160]\n"

"	.irp	n, 0," TO30 ",31\n"
"	ldr	q\\n, [x0, #(256 + 16 * \\n)]\n"
"	.endr\n"
"	ldr	x1, [x0, #248]\n"
"	msr	nzcv, x1\n"
"	.irp	n, " TO30 "\n"
"	ldr	x\\n, [x0, #(8 * \\n)]\n"
"	.endr\n"
"	ldr	x0, [x0]\n"

"1:	sub	x28, x28, #1\n"
"	cbnz	x28, 1b\n"

"	str	x0, [sp, #168]\n"
"	ldr	x0, [sp, #160]\n"
"	.irp	n, " TO30 "\n"
"	str	x\\n, [x0, #(8 * \\n)]\n"
"	.endr\n"
"	ldr	x1, [sp, #168]\n"
"	str	x1, [x0]\n"
"	mrs	x1, nzcv\n"
"	str	x1, [x0, #248]\n"
"	.irp	n, 0," TO30 ",31\n"
"	str	q\\n, [x0, #(256 + 16 * \\n)]\n"
"	.endr\n"

"	ldp	d14, d15, [sp, #144]\n"
"	ldp	d12, d13, [sp, #128]\n"
"	ldp	d10, d11, [sp, #112]\n"
"	ldp	d8, d9, [sp, #96]\n"
"	ldp	x27, x28, [sp, #80]\n"
"	ldp	x25, x26, [sp, #64]\n"
"	ldp	x23, x24, [sp, #48]\n"
"	ldp	x21, x22, [sp, #32]\n"
"	ldp	x19, x20, [sp, #16]\n"
"	ldp	x29, x30, [sp]\n"
"	add	sp, sp, #192\n"
"	ret\n");

static volatile sig_atomic_t ended;

static void end(int signal)
{
	ended = signal;
}

int main(void)
{
	struct regs in, out;
	uint64_t seed = 0x9e3779b97f4a7c15, *word = (uint64_t *)&in;
	unsigned long checks = 0;

	signal(SIGTERM, end);
	while (!ended) {
		for (size_t i = 0; i < sizeof(in) / sizeof(*word); i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			word[i] = seed;
		}
		in.x[28] = ROUNDS;
		in.nzcv &= 0xf0000000;
		spin(&in, &out);
		in.x[28] = 0;
		for (size_t i = 0; i < sizeof(in) / sizeof(*word); i++) {
			if (word[i] == ((uint64_t *)&out)[i])
				continue;
			printf("regs: word %zu (x0..x30, nzcv, q0..q31): %016lx became %016lx\n",
			       i, (long)word[i], (long)((uint64_t *)&out)[i]);
			return 1;
		}
		checks++;
	}
	printf("regs: %lu checks, all intact\n", checks);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The code whose registers sdei_stress_test watches.
 */
#ifndef SELFTEST_KVM_SDEI_STRESS_H
#define SELFTEST_KVM_SDEI_STRESS_H

#include "sdei_proof.h"

/*
 * A loop in which each instruction needs what the last ones left: x0-x29, NZCV, q0-q31
 * are sums of all that was there before, x30 counts, SP goes up and down.
 */
void sdei_point_mix(void);
extern char sdei_mix[], sdei_mix_end[], sdei_user_mix[], sdei_user_mix_end[];
asm(".pushsection .text\n"
	"	.macro	sdei_mix_v n\n"
	"	add	v\\n\\().2d, v\\n\\().2d, v31.2d\n"
	"	.endm\n"
	"	.macro	sdei_mix_loop\n"
	"1:	sub	sp, sp, #16\n"
	"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14\n"
	"	adcs	x\\n, x\\n, x29\n"
	"	.endr\n"
	"	cinc	x0, x0, mi\n"
	"	cinc	x1, x1, eq\n"
	"	cinc	x2, x2, vs\n"
	"	.irp	n, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28\n"
	"	adcs	x\\n, x\\n, x29\n"
	"	.endr\n"
	"	adcs	x29, x29, x0\n"
	"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	sdei_mix_v \\n\n"
	"	.endr\n"
	"	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
	"	sdei_mix_v \\n\n"
	"	.endr\n"
	"	add	v31.2d, v31.2d, v0.2d\n"
	"	add	sp, sp, #16\n"
	"	sub	x30, x30, #1\n"
	"	cbnz	x30, 1b\n"
	"	.endm\n"

	"sdei_point_mix:\n"
	"	sdei_probe_load\n"
	"sdei_mix:\n"
	"	sdei_mix_loop\n"
	"sdei_mix_end:\n"
	"	b	sdei_probe_end\n"

    /* For EL0: the VMM copies it to where that can run it */
	"sdei_user_mix:\n"
	"	sdei_mix_loop\n"
	"	svc	#0\n"
	"sdei_user_mix_end:\n"
	".popsection\n");

#endif /* SELFTEST_KVM_SDEI_STRESS_H */

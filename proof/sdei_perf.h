/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's assembly of sdei_perf_test, and the structure that it knows.
 */
#ifndef SELFTEST_KVM_SDEI_PERF_H
#define SELFTEST_KVM_SDEI_PERF_H

#include <stddef.h>

#include "kvm_util.h"

/*
 * A handler's argument, or in TPIDRRO_EL0 for an interrupt; the assembly knows
 * the offsets.
 */
struct perf_cpu {
	u64	stamp;		/* when the handler ran */
	u64	*left;		/* how many have to run yet, or NULL */
	u64	wake;		/* ICC_SGI1R_EL1, to tell vCPU 0 that none has */
	u64	round;
};

kvm_static_assert(offsetof(struct perf_cpu, left) == 8);
kvm_static_assert(offsetof(struct perf_cpu, wake) == 16);

void perf_handle_stamp(void);
void perf_handle(void);
void perf_handle_resume(void);
void perf_spin(void);
void perf_wfi(void);
extern char perf_vectors[];

/*
 * Handlers of event 0, and of an interrupt, as short as can be: some note when
 * they started, and tell vCPU 0 if they are the last to do so. The loops have
 * nothing in registers.
 */
asm(".pushsection .text\n"
	"	.macro	perf_count_down cpu, left, tmp, fail\n"
	"	cbz	\\left, 2f\n"
	"1:	ldaxr	\\tmp, [\\left]\n"
	"	sub	\\tmp, \\tmp, #1\n"
	"	stlxr	\\fail, \\tmp, [\\left]\n"
	"	cbnz	\\fail, 1b\n"
	"	cbnz	\\tmp, 2f\n"
	"	dsb	ish\n"
	"	ldr	\\tmp, [\\cpu, #16]\n"
	"	msr	s3_0_c12_c11_5, \\tmp\n"	/* ICC_SGI1R_EL1 */
	"	isb\n"
	"2:\n"
	"	.endm\n"

	"perf_handle_stamp:\n"
	"	mrs	x4, cntvct_el0\n"
	"	str	x4, [x1]\n"
	"	ldr	x5, [x1, #8]\n"
	"	perf_count_down x1, x5, x6, w7\n"
	"perf_handle:\n"
	"	mov	w0, #0x25\n"		/* SDEI_EVENT_COMPLETE */
	"	movk	w0, #0xc400, lsl #16\n"
	"	mov	x1, #0\n"
	"	hvc	#0\n"
	"	brk	#0\n"

	"perf_handle_resume:\n"
	"	mov	w0, #0x26\n"		/* SDEI_EVENT_COMPLETE_AND_RESUME */
	"	movk	w0, #0xc400, lsl #16\n"
	"	adr	x1, perf_resumed\n"
	"	hvc	#0\n"
	"	brk	#0\n"
	"perf_resumed:\n"
	"	eret\n"

	"perf_spin:\n"
	"	b	.\n"

	"perf_wfi:\n"
	"	wfi\n"
	"	b	perf_wfi\n"

	"perf_irq:\n"
	"	stp	x0, x1, [sp, #-32]!\n"
	"	mrs	x0, cntvct_el0\n"
	"	mrs	x1, tpidrro_el0\n"
	"	stp	x2, x3, [sp, #16]\n"
	"	str	x0, [x1]\n"
	"	mrs	x0, s3_0_c12_c12_0\n"	/* ICC_IAR1_EL1 */
	"	msr	s3_0_c12_c12_1, x0\n"	/* ICC_EOIR1_EL1 */
	"	ldr	x0, [x1, #8]\n"
	"	perf_count_down x1, x0, x2, w3\n"
	"	ldp	x2, x3, [sp, #16]\n"
	"	ldp	x0, x1, [sp], #32\n"
	"	eret\n"

	"	.balign	0x800\n"
	"perf_vectors:\n"
	"	.irp	offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380\n"
	"	.if	\\offset == 0x280\n"
	"	b	perf_irq\n"
	"	.else\n"
	"	b	vectors + \\offset\n"
	"	.endif\n"
	"	.balign	0x80\n"
	"	.endr\n"
	"	.balign	0x800\n"
	".popsection\n");

#endif /* SELFTEST_KVM_SDEI_PERF_H */

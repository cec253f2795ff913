/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's assembly of the SDEI tests, and the structures that it knows. Each
 * program includes all of it, once.
 */
#ifndef SELFTEST_KVM_SDEI_ASM_H
#define SELFTEST_KVM_SDEI_ASM_H

#include <stddef.h>

#include "kvm_util.h"

/* The library's exception vectors */
extern char vectors;

/* All that can be seen of a PE's state; the assembly below knows the offsets */
struct sdei_regs {
	u64	x[31];		/* 0x000 */
	u64	sp;		/* 0x0f8 */
	u64	sp_el0;		/* 0x100 */
	u64	elr;
	u64	spsr;		/* 0x110 */
	u64	esr;
	u64	far;		/* 0x120 */
	u64	nzcv;
	u64	daif;		/* 0x130 */
	u64	spsel;
	u64	current_el;	/* 0x140 */
	u64	reserved;
	u64	q[64];		/* 0x150 */
};

/*
 * An event handler, given to SDEI_EVENT_REGISTER as the event's argument. It
 * has its own stack: the interrupted SP is not necessarily one.
 */
struct sdei_handler {
	struct sdei_regs	regs;		/* at entry */
	u64			exit_fn;	/* 0x350, how to leave */
	u64			exit_arg;
	u64			smc;		/* 0x360 */
	u64			runs;
	void			(*fn)(struct sdei_handler *h);
	u64			reserved;
	u64			stack[1024];	/* 0x380 */
};

kvm_static_assert(offsetof(struct sdei_regs, sp) == 0xf8);
kvm_static_assert(offsetof(struct sdei_regs, q) == 0x150);
kvm_static_assert(sizeof(struct sdei_regs) == 0x350);
kvm_static_assert(offsetof(struct sdei_handler, exit_fn) == 0x350);
kvm_static_assert(offsetof(struct sdei_handler, smc) == 0x360);
kvm_static_assert(offsetof(struct sdei_handler, stack) == 0x380);
kvm_static_assert(sizeof(struct sdei_handler) == 0x2380);

/* Store and load registers of a struct sdei_regs */
asm("	.macro	sdei_stp_x2_x29 base\n"
	"	stp	x2, x3, [\\base, #0x10]\n"
	"	stp	x4, x5, [\\base, #0x20]\n"
	"	stp	x6, x7, [\\base, #0x30]\n"
	"	stp	x8, x9, [\\base, #0x40]\n"
	"	stp	x10, x11, [\\base, #0x50]\n"
	"	stp	x12, x13, [\\base, #0x60]\n"
	"	stp	x14, x15, [\\base, #0x70]\n"
	"	stp	x16, x17, [\\base, #0x80]\n"
	"	stp	x18, x19, [\\base, #0x90]\n"
	"	stp	x20, x21, [\\base, #0xa0]\n"
	"	stp	x22, x23, [\\base, #0xb0]\n"
	"	stp	x24, x25, [\\base, #0xc0]\n"
	"	stp	x26, x27, [\\base, #0xd0]\n"
	"	stp	x28, x29, [\\base, #0xe0]\n"
	"	.endm\n"
	"	.macro	sdei_ldp_x18_x30 base\n"
	"	ldp	x18, x19, [\\base, #0x90]\n"
	"	ldp	x20, x21, [\\base, #0xa0]\n"
	"	ldp	x22, x23, [\\base, #0xb0]\n"
	"	ldp	x24, x25, [\\base, #0xc0]\n"
	"	ldp	x26, x27, [\\base, #0xd0]\n"
	"	ldp	x28, x29, [\\base, #0xe0]\n"
	"	ldr	x30, [\\base, #0xf0]\n"
	"	.endm\n"
	"	.macro	sdei_all_q insn, base\n"
	"	\\insn	q0, q1, [\\base, #0x150]\n"
	"	\\insn	q2, q3, [\\base, #0x170]\n"
	"	\\insn	q4, q5, [\\base, #0x190]\n"
	"	\\insn	q6, q7, [\\base, #0x1b0]\n"
	"	\\insn	q8, q9, [\\base, #0x1d0]\n"
	"	\\insn	q10, q11, [\\base, #0x1f0]\n"
	"	\\insn	q12, q13, [\\base, #0x210]\n"
	"	\\insn	q14, q15, [\\base, #0x230]\n"
	"	\\insn	q16, q17, [\\base, #0x250]\n"
	"	\\insn	q18, q19, [\\base, #0x270]\n"
	"	\\insn	q20, q21, [\\base, #0x290]\n"
	"	\\insn	q22, q23, [\\base, #0x2b0]\n"
	"	\\insn	q24, q25, [\\base, #0x2d0]\n"
	"	\\insn	q26, q27, [\\base, #0x2f0]\n"
	"	\\insn	q28, q29, [\\base, #0x310]\n"
	"	\\insn	q30, q31, [\\base, #0x330]\n"
	"	.endm\n");

/* Make the call @fn with x1-x5 from @arg */
u64 sdei_call_hvc(u64 fn, const u64 *arg);
u64 sdei_call_smc(u64 fn, const u64 *arg);
asm(".pushsection .text\n"
	"	.macro	sdei_call_conduit conduit\n"
	"sdei_call_\\conduit:\n"
	"	mov	x9, x1\n"
	"	ldp	x1, x2, [x9]\n"
	"	ldp	x3, x4, [x9, #0x10]\n"
	"	ldr	x5, [x9, #0x20]\n"
	"	\\conduit	#0\n"
	"	ret\n"
	"	.endm\n"
	"	sdei_call_conduit hvc\n"
	"	sdei_call_conduit smc\n"
	".popsection\n");

/*
 * The entry point. Stores everything in the struct sdei_handler that is the
 * event's argument (x1), calls sdei_dispatch(), and leaves with the call that
 * is asked for, x0-x17 trashed: they are the dispatcher's to restore. The other
 * entry point can be told by x2.
 */
void sdei_entry(void);
void sdei_entry2(void);
void sdei_dispatch(struct sdei_handler *h);
void sdei_exit_refused(struct sdei_handler *h, u64 ret);
asm(".pushsection .text\n"
	".balign 16\n"
	".type sdei_entry2, %function\n"
	"sdei_entry2:\n"
	"	movn	x2, #0\n"
	".type sdei_entry, %function\n"
	"sdei_entry:\n"
	"	stp	x0, x1, [x1]\n"
	"	sdei_stp_x2_x29 x1\n"
	"	mov	x2, sp\n"
	"	stp	x30, x2, [x1, #0xf0]\n"
	"	mrs	x2, sp_el0\n"
	"	mrs	x3, elr_el1\n"
	"	stp	x2, x3, [x1, #0x100]\n"
	"	mrs	x2, spsr_el1\n"
	"	mrs	x3, esr_el1\n"
	"	stp	x2, x3, [x1, #0x110]\n"
	"	mrs	x2, far_el1\n"
	"	mrs	x3, nzcv\n"
	"	stp	x2, x3, [x1, #0x120]\n"
	"	mrs	x2, daif\n"
	"	mrs	x3, spsel\n"
	"	stp	x2, x3, [x1, #0x130]\n"
	"	mrs	x2, currentel\n"
	"	str	x2, [x1, #0x140]\n"
	"	sdei_all_q stp, x1\n"
	"	add	x2, x1, #0x2, lsl #12\n"
	"	add	x2, x2, #0x380\n"
	"	mov	sp, x2\n"
	"	mov	x19, x1\n"
	"	mov	x0, x1\n"
	"	bl	sdei_dispatch\n"
	"	sdei_all_q ldp, x19\n"
	"	mov	x17, x19\n"
	"	ldr	x2, [x17, #0xf8]\n"
	"	mov	sp, x2\n"
	"	sdei_ldp_x18_x30 x17\n"
	"	ldr	x0, [x17, #0x350]\n"
	"	ldr	x1, [x17, #0x358]\n"
	"	ldr	x2, [x17, #0x360]\n"
	"	.irp	n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16\n"
	"	movn	x\\n, #\\n\n"
	"	.endr\n"
	"	msr	nzcv, x3\n"
	"	cbnz	x2, 1f\n"
	"	hvc	#0\n"
	"	b	2f\n"
	"1:	smc	#0\n"
    /* Still here: the call was refused */
	"2:	mov	x1, x0\n"
	"	mov	x0, x17\n"
	"	add	x2, x17, #0x2, lsl #12\n"
	"	add	x2, x2, #0x380\n"
	"	mov	sp, x2\n"
	"	bl	sdei_exit_refused\n"
	".popsection\n");

/*
 * Registers before, and after. The assembly below loads @in, goes to a point
 * where an event comes, and stores @out at sdei_probe_end().
 */
struct sdei_probe {
	struct sdei_regs	in;
	struct sdei_regs	out;		/* 0x350 */
	u64			saved[14];	/* 0x6a0 */
};

kvm_static_assert(offsetof(struct sdei_probe, out) == 0x350);
kvm_static_assert(offsetof(struct sdei_probe, saved) == 0x6a0);

void sdei_probe(struct sdei_probe *probe, void (*point)(void));
void sdei_probe_end(void);
void sdei_point_hvc(void);
void sdei_after_hvc(void);
void sdei_point_smc(void);
void sdei_after_smc(void);
void sdei_point_spin(void);
void sdei_spin(void);
void sdei_point_wfi(void);
void sdei_wfi(void);
void sdei_point_wfe(void);
void sdei_wfe(void);
void sdei_point_eret(void);
void sdei_eret_spin(void);
extern char sdei_eret_vectors[];

asm(".pushsection .text\n"
	"	.macro	sdei_probe_load\n"
	"	ldr	x1, [x0, #0x128]\n"
	"	msr	nzcv, x1\n"
	"	sdei_all_q ldp, x0\n"
	"	ldp	x2, x3, [x0, #0x10]\n"
	"	ldp	x4, x5, [x0, #0x20]\n"
	"	ldp	x6, x7, [x0, #0x30]\n"
	"	ldp	x8, x9, [x0, #0x40]\n"
	"	ldp	x10, x11, [x0, #0x50]\n"
	"	ldp	x12, x13, [x0, #0x60]\n"
	"	ldp	x14, x15, [x0, #0x70]\n"
	"	ldp	x16, x17, [x0, #0x80]\n"
	"	sdei_ldp_x18_x30 x0\n"
	"	ldp	x0, x1, [x0]\n"
	"	.endm\n"

	"sdei_probe:\n"
	"	add	x2, x0, #0x6a0\n"
	"	stp	x19, x20, [x2]\n"
	"	stp	x21, x22, [x2, #0x10]\n"
	"	stp	x23, x24, [x2, #0x20]\n"
	"	stp	x25, x26, [x2, #0x30]\n"
	"	stp	x27, x28, [x2, #0x40]\n"
	"	stp	x29, x30, [x2, #0x50]\n"
	"	mov	x3, sp\n"
	"	str	x3, [x2, #0x60]\n"
	"	msr	tpidrro_el0, x0\n"
	"	ldp	x2, x3, [x0, #0x100]\n"
	"	msr	sp_el0, x2\n"
	"	msr	elr_el1, x3\n"
	"	ldp	x2, x3, [x0, #0x110]\n"
	"	msr	spsr_el1, x2\n"
	"	msr	esr_el1, x3\n"
	"	ldr	x2, [x0, #0x120]\n"
	"	msr	far_el1, x2\n"
	"	ldr	x2, [x0, #0x130]\n"
	"	msr	daif, x2\n"
	"	ldr	x2, [x0, #0xf8]\n"
	"	mov	sp, x2\n"
	"	br	x1\n"

	"sdei_point_hvc:\n"
	"	sdei_probe_load\n"
	"	hvc	#0\n"
	"sdei_after_hvc:\n"
	"	b	sdei_probe_end\n"
	"	brk	#0\n"

	"sdei_point_smc:\n"
	"	sdei_probe_load\n"
	"	smc	#0\n"
	"sdei_after_smc:\n"
	"	b	sdei_probe_end\n"
	"	brk	#0\n"

	"sdei_point_spin:\n"
	"	sdei_probe_load\n"
	"sdei_spin:\n"
	"	b	.\n"
	"	brk	#0\n"

	"sdei_point_wfi:\n"
	"	sdei_probe_load\n"
	"sdei_wfi:\n"
	"	wfi\n"
	"	b	sdei_wfi\n"
	"	brk	#0\n"

	"sdei_point_wfe:\n"
	"	sdei_probe_load\n"
	"sdei_wfe:\n"
	"	wfe\n"
	"	b	sdei_wfe\n"
	"	brk	#0\n"

	"sdei_point_eret:\n"
	"	sdei_probe_load\n"
	"	eret\n"
	"sdei_eret_spin:\n"
	"	nop\n"
	"	nop\n"
	"	b	.\n"
	"	brk	#0\n"

	"sdei_probe_end:\n"
	"	msr	tpidr_el0, x0\n"
	"	mrs	x0, tpidrro_el0\n"
	"	add	x0, x0, #0x350\n"
	"	str	x1, [x0, #0x08]\n"
	"	sdei_stp_x2_x29 x0\n"
	"	str	x30, [x0, #0xf0]\n"
	"	mrs	x1, tpidr_el0\n"
	"	str	x1, [x0]\n"
	"	mov	x1, sp\n"
	"	str	x1, [x0, #0xf8]\n"
	"	mrs	x1, nzcv\n"
	"	str	x1, [x0, #0x128]\n"
	"	mrs	x1, daif\n"
	"	mrs	x2, spsel\n"
	"	stp	x1, x2, [x0, #0x130]\n"
	"	mrs	x1, currentel\n"
	"	str	x1, [x0, #0x140]\n"
	"	msr	spsel, #1\n"
	"	mrs	x1, sp_el0\n"
	"	mrs	x2, elr_el1\n"
	"	stp	x1, x2, [x0, #0x100]\n"
	"	mrs	x1, spsr_el1\n"
	"	mrs	x2, esr_el1\n"
	"	stp	x1, x2, [x0, #0x110]\n"
	"	mrs	x1, far_el1\n"
	"	str	x1, [x0, #0x120]\n"
	"	sdei_all_q stp, x0\n"
	"	msr	daifset, #0xf\n"
	"	add	x0, x0, #0x350\n"
	"	ldp	x19, x20, [x0]\n"
	"	ldp	x21, x22, [x0, #0x10]\n"
	"	ldp	x23, x24, [x0, #0x20]\n"
	"	ldp	x25, x26, [x0, #0x30]\n"
	"	ldp	x27, x28, [x0, #0x40]\n"
	"	ldp	x29, x30, [x0, #0x50]\n"
	"	ldr	x1, [x0, #0x60]\n"
	"	mov	sp, x1\n"
	"	ret\n"

    /* What an interrupt handler does that has nothing to do */
	"	.balign 0x800\n"
	"sdei_eret_vectors:\n"
	"	.rept	16\n"
	"	eret\n"
	"	.balign	0x80\n"
	"	.endr\n"
	".popsection\n");

/* A call from code that keeps all registers, to leave a handler with */
void sdei_stub_hvc(void);
void sdei_stub_smc(void);
asm(".pushsection .text\n"
	"sdei_stub_hvc:\n"
	"	hvc	#0\n"
	"	brk	#0\n"
	"sdei_stub_smc:\n"
	"	smc	#0\n"
	"	brk	#0\n"
	".popsection\n");

/*
 * From the return of the first of three calls up to the last of them no handler
 * may start. The PC that it interrupts tells.
 */
struct sdei_window {
	u64	close[2];	/* function, x1 */
	u64	spins;
	u64	ret_close;
	u64	between[4];	/* 0x20: function, x1-x3 */
	u64	ret_between;	/* 0x40 */
	u64	ret_open;
	u64	open[2];	/* 0x50 */
};

kvm_static_assert(offsetof(struct sdei_window, between) == 0x20);
kvm_static_assert(offsetof(struct sdei_window, open) == 0x50);

void sdei_window(struct sdei_window *window);
extern char sdei_window_closed[], sdei_window_open[];
asm(".pushsection .text\n"
	"sdei_window:\n"
	"	mov	x9, x0\n"
	"	ldp	x0, x1, [x9]\n"
	"	hvc	#0\n"
	"sdei_window_closed:\n"
	"	str	x0, [x9, #0x18]\n"
	"	ldr	x10, [x9, #0x10]\n"
	"1:	subs	x10, x10, #1\n"
	"	b.ne	1b\n"
	"	ldp	x0, x1, [x9, #0x20]\n"
	"	ldp	x2, x3, [x9, #0x30]\n"
	"	mov	x4, #0\n"
	"	mov	x5, #0\n"
	"	hvc	#0\n"
	"	str	x0, [x9, #0x40]\n"
	"	ldp	x0, x1, [x9, #0x50]\n"
	"sdei_window_open:\n"
	"	hvc	#0\n"
	"	str	x0, [x9, #0x48]\n"
	"	ret\n"
	".popsection\n");

/* What a CPU starts with that is powered on: its MMU is off */
struct sdei_boot {
	u64	mair, tcr;
	u64	ttbr0, cpacr;	/* 0x10 */
	u64	vbar, tpidr;	/* 0x20 */
	u64	sp, entry;	/* 0x30 */
	u64	sctlr;		/* 0x40 */
};

kvm_static_assert(offsetof(struct sdei_boot, sctlr) == 0x40);

extern char sdei_boot_code[], sdei_boot_code_end[];
asm(".pushsection .text\n"
	"sdei_boot_code:\n"
	"	ldp	x1, x2, [x0]\n"
	"	msr	mair_el1, x1\n"
	"	msr	tcr_el1, x2\n"
	"	ldp	x1, x2, [x0, #0x10]\n"
	"	msr	ttbr0_el1, x1\n"
	"	msr	cpacr_el1, x2\n"
	"	ldp	x1, x2, [x0, #0x20]\n"
	"	msr	vbar_el1, x1\n"
	"	msr	tpidr_el1, x2\n"
	"	ldp	x1, x2, [x0, #0x30]\n"
	"	ldr	x3, [x0, #0x40]\n"
	"	isb\n"
	"	tlbi	vmalle1\n"
	"	dsb	ish\n"
	"	isb\n"
	"	msr	sctlr_el1, x3\n"
	"	isb\n"
	"	mov	sp, x1\n"
	"	br	x2\n"
	"sdei_boot_code_end:\n"
	".popsection\n");

#endif /* SELFTEST_KVM_SDEI_ASM_H */

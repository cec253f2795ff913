/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's assembly of the SDEI tests.
 */
#include "sdei.h"

	.macro	global name
	.globl	\name
\name:
	.endm

	.macro	x18_to_x30 insn, base
	.irp	n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	\insn	x\n, [\base, #8 * \n]
	.endr
	.endm

	.macro	x2_to_x30 insn, base
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
	\insn	x\n, [\base, #8 * \n]
	.endr
	x18_to_x30 \insn, \base
	.endm

	.macro	all_q insn, base
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\insn	q\n, [\base, #SDEI_REGS_Q + 16 * \n]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn	q\n, [\base, #SDEI_REGS_Q + 16 * \n]
	.endr
	.endm

	.macro	store_sysregs base, offset, regs:vararg
	.set	next, \offset
	.irp	reg, \regs
	mrs	x2, \reg
	str	x2, [\base, #next]
	.set	next, next + 8
	.endr
	.endm

	.macro	load_sysregs base, offset, regs:vararg
	.set	next, \offset
	.irp	reg, \regs
	ldr	x2, [\base, #next]
	msr	\reg, x2
	.set	next, next + 8
	.endr
	.endm

	/* All but x0 and x1 */
	.macro	store_regs base
	x2_to_x30 str, \base
	mov	x2, sp
	str	x2, [\base, #SDEI_REGS_SP]
	store_sysregs \base, SDEI_REGS_PSTATE, nzcv, daif, spsel, currentel
	/* SP_EL0 can be read with SP_EL1 only */
	msr	spsel, #1
	store_sysregs \base, SDEI_REGS_SYSREGS, sp_el0, elr_el1, spsr_el1, esr_el1, far_el1
	all_q	str, \base
	.endm

	.macro	callee_saved insn, base
	\insn	x19, x20, [\base]
	\insn	x21, x22, [\base, #0x10]
	\insn	x23, x24, [\base, #0x20]
	\insn	x25, x26, [\base, #0x30]
	\insn	x27, x28, [\base, #0x40]
	\insn	x29, x30, [\base, #0x50]
	.endm

/*
 * The entry point. Store everything in the struct sdei_handler that is the event's
 * argument (x1), call sdei_dispatch(), and leave with the call that it asks for, x0-x17
 * trashed: the dispatcher restores them.
 */
	.text
	.balign	4
global sdei_entry2
	mov	x2, #~0
global sdei_entry
	stp	x0, x1, [x1]
	store_regs x1
	mov	x2, #SDEI_HANDLER_STACK_END
	add	sp, x1, x2
	mov	x19, x1
	mov	x0, x1
	bl	sdei_dispatch
	all_q	ldr, x19
	mov	x17, x19
	ldr	x2, [x17, #SDEI_REGS_SP]
	mov	sp, x2
	x18_to_x30 ldr, x17
	add	x2, x17, #SDEI_HANDLER_EXIT
	ldp	x0, x1, [x2]
	ldr	x2, [x2, #0x10]
	.irp	n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	mov	x\n, #~\n
	.endr
	msr	nzcv, x3
	cbnz	x2, 1f
	hvc	#0
	b	2f
1:	smc	#0
	/* Still here: the call was refused */
2:	mov	x1, x0
	mov	x0, x17
	mov	x2, #SDEI_HANDLER_STACK_END
	add	sp, x0, x2
	bl	sdei_exit_refused

global sdei_stub_hvc
	hvc	#0
	brk	#0

/* x0: the struct sdei_probe, x1: one of the points below */
global sdei_probe
	add	x2, x0, #SDEI_PROBE_SAVED
	callee_saved stp, x2
	mov	x3, sp
	str	x3, [x2, #0x60]
	msr	tpidrro_el0, x0
	load_sysregs x0, SDEI_REGS_SYSREGS, sp_el0, elr_el1, spsr_el1, esr_el1, far_el1
	load_sysregs x0, SDEI_REGS_PSTATE + 8, daif
	ldr	x2, [x0, #SDEI_REGS_SP]
	mov	sp, x2
	br	x1

	.macro	point name
global sdei_point_\name
	load_sysregs x0, SDEI_REGS_PSTATE, nzcv
	all_q	ldr, x0
	x2_to_x30 ldr, x0
	ldp	x0, x1, [x0]
	.endm

	.macro	call_point insn
	point	\insn
	\insn	#0
global sdei_after_\insn
	b	sdei_probe_end
	brk	#0
	.endm

	.macro	wait_point insn
	point	\insn
global sdei_\insn
	\insn
	b	sdei_\insn
	brk	#0
	.endm

	call_point hvc
	call_point smc
	wait_point wfi
	wait_point wfe

	point	spin
global sdei_spin
	b	.
	brk	#0

	point	eret
	eret
global sdei_eret_spin
	nop
	nop
	b	.
	brk	#0

global sdei_probe_end
	msr	tpidr_el0, x0
	mrs	x0, tpidrro_el0
	add	x0, x0, #SDEI_PROBE_OUT
	str	x1, [x0, #0x08]
	store_regs x0
	mrs	x1, tpidr_el0
	str	x1, [x0]
	msr	daifset, #0xf
	add	x0, x0, #SDEI_PROBE_SAVED - SDEI_PROBE_OUT
	callee_saved ldp, x0
	ldr	x2, [x0, #0x60]
	mov	sp, x2
	ret

/* An interrupt handler that does nothing */
	.balign	0x800
global sdei_eret_vectors
	.rept	16
	eret
	.balign	0x80
	.endr

/* x0: the struct sdei_window */
global sdei_window
	mov	x9, x0
	ldr	x10, [x9, #0x78]
	mov	x4, #0
	ldp	x0, x1, [x9]
	hvc	#0
global sdei_window_closed
	str	x0, [x9, #0x60]
1:	subs	x10, x10, #1
	b.ne	1b
	ldp	x0, x1, [x9, #0x20]
	ldp	x2, x3, [x9, #0x30]
	hvc	#0
	str	x0, [x9, #0x68]
	ldp	x0, x1, [x9, #0x40]
global sdei_window_open
	hvc	#0
	str	x0, [x9, #0x70]
	ret

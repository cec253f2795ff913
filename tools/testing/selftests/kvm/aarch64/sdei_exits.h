/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The code that sdei_exits_test stops in: instruction by instruction, or at MMIO.
 */
#ifndef SELFTEST_KVM_SDEI_EXITS_H
#define SELFTEST_KVM_SDEI_EXITS_H

#include "sdei_asm.h"

/* What the handler reads and writes, by its argument; or MMIO */
struct step_io {
	u64	pstate, pc;
	u64	fn, arg;	/* 0x10 */
};

kvm_static_assert(offsetof(struct step_io, fn) == 0x10);

/*
 * Every instruction is known, so is the PC after each step. x4 counts those of the
 * interrupted code.
 */
void sdei_point_steps_hvc(void);
void sdei_point_steps_smc(void);
void sdei_step_handler_hvc(void);
void sdei_step_handler_smc(void);
extern char sdei_steps_hvc[], sdei_steps_smc[];
asm(".pushsection .text\n"
	"	.macro	sdei_steps conduit\n"
	"sdei_point_steps_\\conduit:\n"
	"	sdei_probe_load\n"
	"sdei_steps_\\conduit:\n"
	"	add	x4, x4, #1\n"
	"	add	x4, x4, #1\n"
	"	add	x4, x4, #1\n"
	"	add	x4, x4, #1\n"
	"	\\conduit	#0\n"
	"	add	x4, x4, #1\n"
	"	add	x4, x4, #1\n"
	"	b	sdei_probe_end\n"

	"sdei_step_handler_\\conduit:\n"
	"	str	x3, [x1]\n"
	"	str	x2, [x1, #0x8]\n"
	"	ldr	x0, [x1, #0x10]\n"
	"	ldr	x1, [x1, #0x18]\n"
	"	\\conduit	#0\n"
	"	brk	#0\n"
	"	.endm\n"
	"	sdei_steps hvc\n"
	"	sdei_steps smc\n"
".popsection\n");

#define STEPS_CALL		0x10
#define STEPS_BRANCH		0x1c
#define STEPS_ADDS		6
#define HANDLER_CALL		0x10

#define MMIO_STRIDE		0x100

/* For each register an access that uses it, by an address in x0, for that one in x1 */
extern char sdei_mmio_points[];
asm(".pushsection .text\n"
	"	.macro	sdei_mmio insn, reg, base\n"
	"	.balign	0x100\n"
	"	sdei_probe_load\n"
	"	\\insn	\\reg, [\\base]\n"
	"	b	sdei_probe_end\n"
	"	.endm\n"
	"	.macro	sdei_mmio_all insn, width\n"
	"	sdei_mmio \\insn, \\width\\()0, x1\n"
	"	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	sdei_mmio \\insn, \\width\\n, x0\n"
	"	.endr\n"
	"	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
	"	sdei_mmio \\insn, \\width\\n, x0\n"
	"	.endr\n"
	"	.endm\n"
	"	.balign	0x100\n"
	"sdei_mmio_points:\n"
	"	sdei_mmio_all ldr, x\n"
	"	sdei_mmio_all ldrh, w\n"
	"	sdei_mmio_all str, x\n"
	"	.balign	0x100\n"
".popsection\n");

#endif /* SELFTEST_KVM_SDEI_EXITS_H */

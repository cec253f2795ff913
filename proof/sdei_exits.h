/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The code that sdei_exits_test stops in, instruction by instruction, or at MMIO, and
 * what its tests have in common: the check of all registers, events that the VMM raises.
 */
#ifndef SELFTEST_KVM_SDEI_EXITS_H
#define SELFTEST_KVM_SDEI_EXITS_H

#include "sdei_proof.h"

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

#define MMIO_STRIDE		0x200

/* For each register an access that uses it, by an address in x0, for that one in x1 */
extern char sdei_mmio_points[];
asm(".pushsection .text\n"
	"	.macro	sdei_mmio insn, reg, base\n"
	"	.balign	0x200\n"
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
	"	.balign	0x200\n"
	"sdei_mmio_points:\n"
	"	sdei_mmio_all ldr, x\n"
	"	sdei_mmio_all ldrh, w\n"
	"	sdei_mmio_all str, x\n"
	"	.balign	0x200\n"
".popsection\n");

/* Not mapped to memory: MMIO for the VMM, 8 bytes for each register */
#define MMIO_PAGE		0x50000000UL

static struct sdei_probe probe __aligned(16);
static struct sdei_handler nmi_handler __aligned(16);

static u64 pattern(unsigned int i)
{
	return 0x1000100010001000UL * (i % 15 + 1) + 0xa5a0000 + i;
}

#define PROBE_PSTATE	(PSR_N_BIT | PSR_V_BIT | PSTATE_DAIF | PSR_MODE_EL1h)

/* All registers are as @probe.in says; those that an exception sets, as that one of @pc does */
static void check_probe(bool resumed, u64 pc)
{
	struct sdei_regs exp = probe.in;

	if (resumed) {
		exp.elr = pc;
		exp.spsr = PROBE_PSTATE;
	}
	sdei_check_x(&probe.out, &exp, 0, 4);
	sdei_check_regs(&probe.out, &exp);
	GUEST_ASSERT_EQ(probe.out.daif, exp.daif);
}

static void setup_both(void (*event)(struct sdei_handler *h), void (*nmi)(struct sdei_handler *h))
{
	nmi_handler.fn = nmi;
	GUEST_EXPECT(sdei(EVENT_REGISTER, SDEI_EVENT_NMI, (u64)sdei_entry,
			  (u64)&nmi_handler), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_NMI), SDEI_SUCCESS);
	sdei_setup(event);
}

static void raise_event(struct sdei_vm *v, unsigned int event)
{
	if (event == NMI)
		sdei_raise_nmi(v->vcpu[0]);
	else
		sdei_run_to(v->vcpu[1], UCALL_SYNC);
}

/* All tests that follow each other use one VM */
static void map_mmio(struct sdei_vm *v)
{
	static struct kvm_vm *mapped;

	if (mapped != v->vm)
		virt_map(v->vm, MMIO_PAGE, MMIO_PAGE, 1);
	mapped = v->vm;
}

#endif /* SELFTEST_KVM_SDEI_EXITS_H */

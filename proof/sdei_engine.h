/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that does what the VMM tells it, one instruction at a time: wherever it
 * finds itself, in an event's handler for instance, it stores all its registers in
 * the step that it has come to, loads others from there, and executes one
 * instruction. So the VMM sees all that happens at an instruction, and needs no exit
 * for it. Nothing is on a stack, no register is the engine's own but TPIDRRO_EL0 and
 * TPIDR_EL0: no event may come before that instruction.
 */
#ifndef SELFTEST_KVM_SDEI_ENGINE_H
#define SELFTEST_KVM_SDEI_ENGINE_H

#include "sdei_proof.h"
#include "sdei_model.h"

/* The instructions of a step */
enum engine_insn {
	ENGINE_HVC,
	ENGINE_SMC,
	ENGINE_WFI,
	ENGINE_SVC,		/* to a vector */
	ENGINE_EXIT,		/* to the VMM: a store to x0 */
};

/*
 * TPIDRRO_EL0 points to the next one. All that is needed for a step is in one place:
 * with emulation each page costs a walk after each hypercall.
 */
struct engine_step {
	struct model_regs	log;		/* where it came from */
	struct model_regs	in;		/* 0x120, SP and PC are not loaded */
	struct engine_step	*next;		/* 0x240 */
	u64			insn;
	u64			has_pstate;	/* 0x250, PAN, UAO, DIT and SSBS */
	u64			scratch[2];	/* 0x258 */
	u64			reserved[3];
};

kvm_static_assert(offsetof(struct model_regs, sp) == 0xf8);
kvm_static_assert(offsetof(struct model_regs, elr) == 0x110);
kvm_static_assert(offsetof(struct engine_step, in) == 0x120);
kvm_static_assert(offsetof(struct engine_step, next) == 0x240);
kvm_static_assert(offsetof(struct engine_step, scratch) == 0x258);
kvm_static_assert(sizeof(struct engine_step) == 0x280);

#define ENGINE_NR_ENTRIES	4
#define ENGINE_NR_RESUMES	4

/* Where the engine can find itself */
void engine_start(void);
void engine_after_hvc(void);
void engine_after_smc(void);
void engine_after_wfi(void);
void engine_after_svc(void);
void engine_after_exit(void);
extern char engine_entries[], engine_resumes[], engine_vectors[];
#define ENGINE_LABEL_SIZE	32

asm(".pushsection .text\n"
	"	.balign	1024\n"
	"	.macro	engine_label\n"
	"9:	msr	tpidr_el0, x0\n"
	"	mrs	x0, tpidrro_el0\n"
	"	str	x1, [x0, #0x258]\n"
	"	adr	x1, 9b\n"
	"	b	engine_land\n"
	"	.endm\n"
	"	.macro	engine_x3_x30 insn, base\n"
	"	\\insn	x3, x4, [\\base, #0x18]\n"
	"	\\insn	x5, x6, [\\base, #0x28]\n"
	"	\\insn	x7, x8, [\\base, #0x38]\n"
	"	\\insn	x9, x10, [\\base, #0x48]\n"
	"	\\insn	x11, x12, [\\base, #0x58]\n"
	"	\\insn	x13, x14, [\\base, #0x68]\n"
	"	\\insn	x15, x16, [\\base, #0x78]\n"
	"	\\insn	x17, x18, [\\base, #0x88]\n"
	"	\\insn	x19, x20, [\\base, #0x98]\n"
	"	\\insn	x21, x22, [\\base, #0xa8]\n"
	"	\\insn	x23, x24, [\\base, #0xb8]\n"
	"	\\insn	x25, x26, [\\base, #0xc8]\n"
	"	\\insn	x27, x28, [\\base, #0xd8]\n"
	"	\\insn	x29, x30, [\\base, #0xe8]\n"
	"	.endm\n"
	/* PAN, UAO, DIT, SSBS by the names that each assembler knows */
	"	.macro	engine_pstate do\n"
	"	\\do	s3_0_c4_c2_3\n"
	"	\\do	s3_0_c4_c2_4\n"
	"	\\do	s3_3_c4_c2_5\n"
	"	\\do	s3_3_c4_c2_6\n"
	"	.endm\n"
	"	.macro	engine_get reg\n"
	"	mrs	x3, \\reg\n"
	"	orr	x1, x1, x3\n"
	"	.endm\n"
	"	.macro	engine_put reg\n"
	"	msr	\\reg, x1\n"
	"	.endm\n"

	/* x0: the step, x1: where it was; they were in TPIDR_EL0 and scratch[0] */
	"engine_land:\n"
	"	str	x2, [x0, #0x260]\n"
	"	str	x1, [x0, #0x100]\n"
	"	engine_x3_x30 stp, x0\n"
	"	mrs	x1, tpidr_el0\n"
	"	ldr	x2, [x0, #0x258]\n"
	"	ldr	x3, [x0, #0x260]\n"
	"	stp	x1, x2, [x0]\n"
	"	mov	x1, sp\n"
	"	str	x3, [x0, #0x10]\n"
	"	str	x1, [x0, #0xf8]\n"
	"	mrs	x1, nzcv\n"
	"	engine_get daif\n"
	"	engine_get spsel\n"
	"	engine_get currentel\n"
	"	ldr	x4, [x0, #0x250]\n"
	"	cbz	x4, 1f\n"
	"	engine_pstate engine_get\n"
	"1:	str	x1, [x0, #0x108]\n"
	"	mrs	x1, elr_el1\n"
	"	mrs	x3, spsr_el1\n"
	"	stp	x1, x3, [x0, #0x110]\n"

	/* From here on without the bits that are not in the log: an exception sets some */
	"	mov	x1, #0x3c5\n"
	"	msr	spsr_el1, x1\n"
	"	adr	x1, 3f\n"
	"	msr	elr_el1, x1\n"
	"	eret\n"
	"3:	ldr	x1, [x0, #0x240]\n"
	"	msr	tpidrro_el0, x1\n"
	"	ldr	x5, [x0, #0x248]\n"
	"	add	x2, x0, #0x120\n"
	"	ldp	x1, x3, [x2, #0x110]\n"
	"	msr	elr_el1, x1\n"
	"	msr	spsr_el1, x3\n"
	"	ldr	x1, [x2, #0x108]\n"
	"	cbz	x4, 2f\n"
	"	engine_pstate engine_put\n"
	"2:	msr	nzcv, x1\n"
	"	msr	daif, x1\n"
	"	msr	spsel, x1\n"
	"	adr	x0, engine_insns\n"
	"	add	x0, x0, x5, lsl #6\n"
	"	engine_x3_x30 ldp, x2\n"
	"	br	x0\n"

	"	.macro	engine_insn name, insn:vararg\n"
	"	.balign	64\n"
	"	ldp	x0, x1, [x2]\n"
	"	ldr	x2, [x2, #0x10]\n"
	"	\\insn\n"
	"engine_after_\\name:\n"
	"	engine_label\n"
	"	.endm\n"
	"	.balign	64\n"
	"engine_insns:\n"
	"	engine_insn hvc, hvc #0\n"
	"	engine_insn smc, smc #0\n"
	"	engine_insn wfi, wfi\n"
	"	engine_insn svc, svc #0\n"
	"	engine_insn exit, str xzr, [x0]\n"

	"engine_start:\n"
	"	engine_label\n"
	"	.balign	32\n"
	"engine_entries:\n"
	"	.rept	4\n"
	"	engine_label\n"
	"	.balign	32\n"
	"	.endr\n"
	"engine_resumes:\n"
	"	.rept	4\n"
	"	engine_label\n"
	"	.balign	32\n"
	"	.endr\n"
	"	.balign	2048\n"
	"engine_vectors:\n"
	"	.rept	16\n"
	"	engine_label\n"
	"	.balign	128\n"
	"	.endr\n"
	".popsection\n");

static inline u64 engine_entry(unsigned int n)
{
	return (u64)engine_entries + n % ENGINE_NR_ENTRIES * ENGINE_LABEL_SIZE;
}

static inline u64 engine_resume(unsigned int n)
{
	return (u64)engine_resumes + n % ENGINE_NR_RESUMES * ENGINE_LABEL_SIZE;
}

/* Where a synchronous exception from EL1 is taken to */
static inline u64 engine_vector(u64 pstate)
{
	return (u64)engine_vectors + (pstate & 1 ? 0x200 : 0);
}

static inline bool engine_is_label(u64 pc)
{
	unsigned int i;

	for (i = 0; i < ENGINE_NR_ENTRIES; i++) {
		if (pc == engine_entry(i))
			return true;
	}
	for (i = 0; i < ENGINE_NR_RESUMES; i++) {
		if (pc == engine_resume(i))
			return true;
	}
	return pc == (u64)engine_start || pc == (u64)engine_after_hvc ||
	       pc == (u64)engine_after_smc || pc == (u64)engine_after_wfi ||
	       pc == (u64)engine_after_svc || pc == (u64)engine_after_exit;
}

#endif /* SELFTEST_KVM_SDEI_ENGINE_H */

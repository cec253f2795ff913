// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) and what else goes on when they are delivered: all
 * of PSTATE, interrupts, injected exceptions, MMIO in flight, single-stepping.
 * Most of it can't be timed by the guest: the VMM stops the target, lets another
 * vCPU signal to it, and sets the scene before the target runs again.
 */
#include "sdei.h"

#define EV			SDEI_EVENT_SW_SIGNALED

/* Nothing is mapped there: the aborts save the PSTATE that they find */
#define HANDLER_VA		0x60000000UL
#define INTERRUPTED_VA		0x60001000UL
#define RESUMED_VA		0x60002000UL

/* Not mapped to memory: MMIO for the VMM */
#define MMIO_PAGE		0x50000000UL

/* Exception classes, by names that are the same in all versions of the library */
#define EC_ILLEGAL_STATE	0x0e
#define EC_INST_ABORT_LOWER	0x20
#define EC_INST_ABORT		0x21
#define EC_DATA_ABORT		0x25
#define EC_STEP_LOWER		0x32

#define SCTLR_SPAN		BIT(23)
#define SCTLR_DSSBS		BIT(44)
#define MDSCR_SS		BIT(0)

/* PSTATE.PAN alone; SYS_PSTATE_PAN is not in all versions of the headers */
#define PAN_REG			sys_reg(3, 0, 4, 2, 3)

struct pstate_case {
	u64	pstate;		/* when the event comes */
	u64	needs;		/* bits of PSTATE that the CPU must have */
	u64	sctlr;		/* SPAN and DSSBS */
	bool	step;		/* of the guest's own */
	bool	resume_only;	/* it can't be gone back to */
};

static int aborts __sdei_guest;
static u64 features __sdei_guest;

static bool has(u64 reg, unsigned int shift)
{
	return (reg >> shift) & 0xf;
}

/* The bits of PSTATE that the CPU has beyond those of Armv8.0 */
static u64 read_features(void)
{
	u64 mmfr1 = read_sysreg_s(SYS_ID_AA64MMFR1_EL1);
	u64 mmfr2 = read_sysreg_s(SYS_ID_AA64MMFR2_EL1);
	u64 pfr0 = read_sysreg_s(SYS_ID_AA64PFR0_EL1);
	u64 pfr1 = read_sysreg_s(SYS_ID_AA64PFR1_EL1);

	return (has(mmfr1, ID_AA64MMFR1_EL1_PAN_SHIFT) ? PSR_PAN_BIT : 0) |
	       (has(mmfr2, ID_AA64MMFR2_EL1_UAO_SHIFT) ? PSR_UAO_BIT : 0) |
	       (has(pfr0, ID_AA64PFR0_EL1_DIT_SHIFT) ? PSR_DIT_BIT : 0) |
	       (has(pfr1, ID_AA64PFR1_EL1_SSBS_SHIFT) ? PSR_SSBS_BIT : 0) |
	       (has(pfr1, ID_AA64PFR1_EL1_BT_SHIFT) ? PSR_BTYPE_MASK : 0) |
	       (has(pfr1, ID_AA64PFR1_EL1_MTE_SHIFT) ? PSR_TCO_BIT : 0) |
	       ((pfr0 & 0xf) == 2 ? PSR_MODE32_BIT : 0);
}

/* What an exception to EL1 makes of PSTATE */
static u64 exception_pstate(const struct pstate_case *c)
{
	u64 pstate = c->pstate & (PSTATE_NZCV | PSR_PAN_BIT | PSR_DIT_BIT);

	if (!(c->sctlr & SCTLR_SPAN))
		pstate |= PSR_PAN_BIT & features;
	if (c->sctlr & SCTLR_DSSBS)
		pstate |= PSR_SSBS_BIT & features;

	return pstate | (PSR_TCO_BIT & features) | PSTATE_DAIF | PSR_MODE_EL1h;
}

static void leave_handler(struct ex_regs *regs, u64 fn, u64 arg)
{
	regs->regs[0] = fn;
	regs->regs[1] = arg;
	regs->pc = (u64)(sdei_smc() ? sdei_stub_smc : sdei_stub_hvc);
	regs->pstate = PSTATE_DAIF | PSR_MODE_EL1h;
}

static void check_handler_entry(struct ex_regs *regs, const struct pstate_case *c)
{
	GUEST_ASSERT_EQ(regs->pc, HANDLER_VA);
	GUEST_ASSERT_EQ(regs->regs[0], EV);
	GUEST_ASSERT_EQ(regs->regs[2], c->step ? SDEI_USER_PAGE : INTERRUPTED_VA);
	GUEST_ASSERT_EQ(regs->regs[3], c->pstate);
	GUEST_ASSERT_EQ(regs->pstate, exception_pstate(c));
}

static void handle_abort(struct ex_regs *regs)
{
	const struct pstate_case *c = sdei_test->data;

	switch (aborts++) {
	case 0:
		check_handler_entry(regs, c);
		leave_handler(regs, SDEI_1_0_FN_SDEI_EVENT_COMPLETE, 0);
		break;
	case 1:
		/* One instruction was stepped over; before it, if SS was lost */
		GUEST_ASSERT_EQ(regs->pc, c->step ? SDEI_USER_PAGE + 4 : INTERRUPTED_VA);
		GUEST_ASSERT_EQ(regs->pstate, c->pstate & ~PSTATE_SS);
		/* Once more, from the start */
		GUEST_SYNC(1);
		break;
	case 2:
		check_handler_entry(regs, c);
		leave_handler(regs, SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME,
			      RESUMED_VA);
		break;
	case 3:
		GUEST_ASSERT_EQ(regs->pc, RESUMED_VA);
		GUEST_ASSERT_EQ(regs->pstate, exception_pstate(c));
		GUEST_DONE();
		break;
	}
}

static void guest_pstate(void)
{
	const struct pstate_case *c = sdei_test->data;
	u64 sctlr = read_sysreg(sctlr_el1) & ~(SCTLR_SPAN | SCTLR_DSSBS);

	features = read_features();
	if (c->needs & ~features) {
		GUEST_PRINTF("no PSTATE bits %#lx\n", c->needs & ~features);
		GUEST_SYNC(SDEI_SYNC_SKIP);
	}
	if (c->resume_only)
		aborts = 2;

	write_sysreg(sctlr | c->sctlr, sctlr_el1);
	write_sysreg_s(0, SYS_OSLAR_EL1);
	write_sysreg(c->step ? MDSCR_SS : 0, mdscr_el1);
	isb();

	GUEST_EXPECT(sdei(EVENT_REGISTER, EV, HANDLER_VA), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(0);
	GUEST_FAIL("The handler wasn't entered");
}

static void guest_signaller(void)
{
	for (;;) {
		GUEST_EXPECT(sdei_signal(0), SDEI_SUCCESS);
		GUEST_SYNC(0);
	}
}

static void host_pstate(struct sdei_vm *v)
{
	const struct pstate_case *c = v->test->data;
	u32 *user_code = sdei_map_user_page(v);
	int i;

	/* nop; nop */
	user_code[0] = 0xd503201f;
	user_code[1] = 0xd503201f;

	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, EC_INST_ABORT, handle_abort);
	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, EC_ILLEGAL_STATE, handle_abort);
	vm_install_sync_handler(v->vm, VECTOR_SYNC_LOWER_64, EC_INST_ABORT_LOWER, handle_abort);
	vm_install_sync_handler(v->vm, VECTOR_SYNC_LOWER_64, EC_STEP_LOWER, handle_abort);

	/* Once for COMPLETE, once for COMPLETE_AND_RESUME */
	for (i = c->resume_only; i < 2; i++) {
		sdei_run_to(v->vcpu[0], UCALL_SYNC);
		sdei_run_to(v->vcpu[1], UCALL_SYNC);
		vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate), c->pstate);
		vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc),
			     c->step ? SDEI_USER_PAGE : INTERRUPTED_VA);
	}
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* SCTLR_EL1 counts as it is in the CPU, which KVM has not saved since it was written */
static u64 pan __sdei_guest;

static void handle_pan(struct sdei_handler *h)
{
	pan = read_sysreg_s(PAN_REG);
}

static void guest_sctlr(void)
{
	u64 sctlr = read_sysreg(sctlr_el1) | SCTLR_SPAN;
	int i;

	if (!(read_features() & PSR_PAN_BIT))
		sdei_skip("no PSTATE.PAN");

	sdei_setup(handle_pan);
	for (i = 0; i < 4; i++) {
		sctlr ^= SCTLR_SPAN;
		write_sysreg(sctlr, sctlr_el1);
		isb();
		GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
		GUEST_ASSERT_EQ(sdei_this_handler()->runs, i + 1);
		GUEST_ASSERT_EQ(pan, sctlr & SCTLR_SPAN ? 0 : PSR_PAN_BIT);
	}
	GUEST_DONE();
}

/* Stop the target and have it signalled */
static void host_signal_stopped(struct sdei_vm *v)
{
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
}

/* An external abort, injected by the VMM at the same time: it comes first */
static u64 abort_pc __sdei_guest, interrupted_pc __sdei_guest;

static void handle_data_abort(struct ex_regs *regs)
{
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	abort_pc = regs->pc;
}

static void guest_abort(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(NULL);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(abort_pc, interrupted_pc);
	GUEST_ASSERT_EQ(h->regs.x[2], (u64)&vectors + 0x200);
	GUEST_ASSERT_EQ(h->regs.elr, interrupted_pc);
	GUEST_ASSERT_EQ(h->regs.esr >> 26, EC_DATA_ABORT);
	GUEST_DONE();
}

static void host_abort(struct sdei_vm *v)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, EC_DATA_ABORT,
				handle_data_abort);
	host_signal_stopped(v);
	interrupted_pc = sdei_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc));
	sync_global_to_guest(v->vm, interrupted_pc);
	vcpu_ioctl(v->vcpu[0], KVM_SET_VCPU_EVENTS, &events);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* MMIO that the VMM completes later: into x0, which the handler gets as well */
static u64 mmio_context __sdei_guest;

static void handle_mmio(struct sdei_handler *h)
{
	mmio_context = sdei(EVENT_CONTEXT, 0);
}

static void guest_mmio(void)
{
	struct sdei_handler *h = sdei_this_handler();
	u64 data, pc;

	sdei_setup(handle_mmio);
	asm volatile("adr	%1, 1f\n"
		     "ldr	x0, [%2]\n"
		     "1:	mov	%0, x0\n"
		     : "=r"(data), "=&r"(pc) : "r"(MMIO_PAGE) : "x0");
	GUEST_SYNC_ARGS(0, data, 0, 0, 0);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(h->regs.x[0], EV);
	GUEST_ASSERT_EQ(h->regs.x[2], pc);
	GUEST_ASSERT_EQ(mmio_context, 0x0123456789abcdefUL);
	GUEST_DONE();
}

static void host_mmio(struct sdei_vm *v)
{
	struct kvm_run *run = v->vcpu[0]->run;
	u64 data = 0x0123456789abcdefUL;
	struct ucall uc;

	virt_map(v->vm, MMIO_PAGE, MMIO_PAGE, 1);
	vcpu_run(v->vcpu[0]);
	TEST_ASSERT(run->exit_reason == KVM_EXIT_MMIO && !run->mmio.is_write &&
		    run->mmio.phys_addr == MMIO_PAGE,
		    "unexpected exit %u", run->exit_reason);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	memcpy(run->mmio.data, &data, sizeof(data));
	TEST_ASSERT(sdei_vcpu_run(v->vcpu[0], &uc) == UCALL_SYNC && uc.args[2] == data,
		    "MMIO read %#lx", (unsigned long)uc.args[2]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* Single-stepped by the VMM: not to be seen by the guest */
static void guest_stepped(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(NULL);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(h->regs.x[3], PSTATE_DAIF | PSR_MODE_EL1h);
	GUEST_ASSERT_EQ(h->regs.daif, PSTATE_DAIF);
	GUEST_DONE();
}

static void host_stepped(struct sdei_vm *v)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
	};
	struct kvm_run *run = v->vcpu[0]->run;
	struct sdei_handler *h = addr_gva2hva(v->vm, (u64)&sdei_handler[0]);
	u64 pc, steps = 0;

	host_signal_stopped(v);
	pc = sdei_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc));
	vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate), PSTATE_DAIF | PSR_MODE_EL1h);
	vcpu_guest_debug_set(v->vcpu[0], &debug);

	/* Up to the end of the handler and one further */
	do {
		vcpu_run(v->vcpu[0]);
		TEST_ASSERT(run->exit_reason == KVM_EXIT_DEBUG, "exit %u after %lu steps",
			    run->exit_reason, (unsigned long)steps);
		steps++;
	} while (sdei_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc)) != pc + 4);

	TEST_ASSERT(h->runs == 1 && h->regs.x[2] == pc, "%lu runs, x2: %#lx, not %#lx",
		    (unsigned long)h->runs, (unsigned long)h->regs.x[2], (unsigned long)pc);
	debug.control = 0;
	vcpu_guest_debug_set(v->vcpu[0], &debug);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* Interrupts: an SGI of the target's own */
#define SGI			3

static u64 irqs __sdei_guest, irqs_in_handler __sdei_guest;

static void handle_irq(struct ex_regs *regs)
{
	unsigned int intid = gic_get_and_ack_irq();

	GUEST_ASSERT_EQ(intid, SGI);
	gic_set_eoi(intid);
	WRITE_ONCE(irqs, irqs + 1);
}

static void handle_with_irq_pending(struct sdei_handler *h)
{
	GUEST_ASSERT(!(h->regs.x[3] & PSR_I_BIT));
	GUEST_ASSERT(gic_irq_get_pending(SGI));
	sdei_delay();
	irqs_in_handler = READ_ONCE(irqs);
}

static void handle_and_raise_irq(struct sdei_handler *h)
{
	gic_irq_set_pending(SGI);
	handle_with_irq_pending(h);
}

static void irq_setup(void)
{
	gic_init(GIC_V3, SDEI_MAX_VCPUS);
	gic_irq_enable(SGI);
}

static void guest_irq_pending(void)
{
	local_irq_disable();
	irq_setup();
	sdei_setup(handle_with_irq_pending);
	gic_irq_set_pending(SGI);
	/* The VMM clears DAIF */
	GUEST_SYNC(0);
	sdei_wait_until(READ_ONCE(irqs));
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_ASSERT_EQ(irqs_in_handler, 0);
	GUEST_ASSERT_EQ(irqs, 1);
	GUEST_DONE();
}

static void guest_irq_in_handler(void)
{
	irq_setup();
	sdei_setup(handle_and_raise_irq);
	local_irq_enable();
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	sdei_wait_until(READ_ONCE(irqs));
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_ASSERT_EQ(irqs_in_handler, 0);
	GUEST_ASSERT_EQ(irqs, 1);
	GUEST_DONE();
}

static void host_irq(struct sdei_vm *v)
{
	if (!v->has_gic) {
		ksft_print_msg("no vGICv3\n");
		sdei_exit(KSFT_SKIP);
	}

	vm_install_exception_handler(v->vm, VECTOR_IRQ_CURRENT, handle_irq);
	if (v->test->guest[1]) {
		host_signal_stopped(v);
		vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate), PSR_MODE_EL1h);
	}
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

#define PSTATE(_name, _pstate, ...)					\
	{ __PSTATE(_name, _pstate, ##__VA_ARGS__) }
#define PSTATE_MTE(_name, _pstate, ...)					\
	{								\
		__PSTATE(_name, _pstate, ##__VA_ARGS__)			\
		.own_vm = true,						\
		.mte = true,						\
	}
#define __PSTATE(_name, _pstate, ...)					\
		.name = "Interrupted with " _name,			\
		.guest = { guest_pstate, guest_signaller },		\
		.host = host_pstate,					\
		.data = &(const struct pstate_case){			\
			.pstate = _pstate, ##__VA_ARGS__		\
		},
#define EL1h		(PSTATE_DAIF | PSR_MODE_EL1h)
#define EL0t		PSR_MODE_EL0t
#define SPAN		.sctlr = SCTLR_SPAN
#define NEEDS(_feature)	.needs = PSR_##_feature##_BIT

static const struct sdei_test tests[] = {
	PSTATE("NZCV 0000, DAIF 1111: NZCV kept, DAIF set, EL1h", EL1h, SPAN),
	PSTATE("NZCV 1010, DAIF 0000: NZCV kept, DAIF set, EL1h",
	       PSR_MODE_EL1h | PSR_N_BIT | PSR_C_BIT, SPAN),
	PSTATE("NZCV 0101, EL0: NZCV kept, DAIF set, EL1h", EL0t | PSR_Z_BIT | PSR_V_BIT, SPAN),
	PSTATE("PAN 0, SPAN 1: PAN 0 in the handler", EL1h, SPAN, NEEDS(PAN)),
	PSTATE("PAN 1, SPAN 1: PAN 1 in the handler", EL1h | PSR_PAN_BIT, SPAN, NEEDS(PAN)),
	PSTATE("PAN 0, SPAN 0: PAN 1 in the handler", EL1h, NEEDS(PAN)),
	PSTATE("PAN 1, SPAN 0: PAN 1 in the handler", EL1h | PSR_PAN_BIT, NEEDS(PAN)),
	PSTATE("PAN 0, SPAN 0, EL0: PAN 1 in the handler", EL0t, NEEDS(PAN)),
	PSTATE("DIT 1: DIT 1 in the handler", EL1h | PSR_DIT_BIT, SPAN, NEEDS(DIT)),
	PSTATE("DIT 0: DIT 0 in the handler", EL1h, SPAN, NEEDS(DIT)),
	PSTATE("UAO 1: UAO 0 in the handler, 1 after it", EL1h | PSR_UAO_BIT, SPAN, NEEDS(UAO)),
	PSTATE("SSBS 1, DSSBS 0: SSBS 0 in the handler, 1 after it",
	       EL1h | PSR_SSBS_BIT, SPAN, NEEDS(SSBS)),
	PSTATE("SSBS 0, DSSBS 1: SSBS 1 in the handler, 0 after it",
	       EL1h, .sctlr = SCTLR_SPAN | SCTLR_DSSBS, NEEDS(SSBS)),
	PSTATE("BTYPE 10: BTYPE 00 in the handler, 10 after it", EL1h | PSR_BTYPE_C, SPAN,
	       .needs = PSR_BTYPE_MASK),
	PSTATE("BTYPE 01, EL0: BTYPE 00 in the handler, 01 after it", EL0t | PSR_BTYPE_JC, SPAN,
	       .needs = PSR_BTYPE_MASK),
	PSTATE("IL 1: IL 0 in the handler, 1 after it", EL1h | PSTATE_IL, SPAN),
	PSTATE("SS 1, stepped by the guest: SS 0 in the handler, 1 after it", EL0t | PSTATE_SS,
	       SPAN, .step = true),
	PSTATE("EL0, AArch32, Q, GE, IT, E, T set: only NZCV is kept",
	       PSR_MODE32_BIT | PSR_N_BIT | PSR_V_BIT | 0x0e0ffe20, SPAN, NEEDS(MODE32),
	       .resume_only = true),
	PSTATE_MTE("TCO 0, MTE: TCO 1 in the handler, 0 after it", EL1h, SPAN, NEEDS(TCO)),
	PSTATE_MTE("TCO 1, MTE: TCO 1 in the handler and after it", EL1h | PSR_TCO_BIT, SPAN,
		   NEEDS(TCO)),
	{
		.name = "SPAN written 0, 1, 0, 1, each time SIGNAL(0, self): PAN 1, 0, 1, 0",
		.guest = { guest_sctlr },
	}, {
		.name = "An event and an external abort: the event at the abort's vector",
		.guest = { guest_abort, guest_signaller },
		.host = host_abort,
	}, {
		.name = "An event and a read of MMIO: the event after the read, with its result",
		.guest = { guest_mmio, guest_signaller },
		.host = host_mmio,
		.own_vm = true,
	}, {
		.name = "An event, single-stepped by the VMM: not to be seen in x3",
		.guest = { guest_stepped, guest_signaller },
		.host = host_stepped,
	}, {
		.name = "An event and an interrupt, DAIF clear: the interrupt after COMPLETE",
		.guest = { guest_irq_pending, guest_signaller },
		.host = host_irq,
		.own_vm = true,
	}, {
		.name = "An interrupt raised in the handler: taken after COMPLETE",
		.guest = { guest_irq_in_handler },
		.host = host_irq,
		.own_vm = true,
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}

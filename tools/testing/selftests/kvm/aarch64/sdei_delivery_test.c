// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery of SDEI events (Arm DEN0054C): to PEs that do anything at all when the
 * event comes, with every register and all of PSTATE checked at the entry of the
 * handler and after its completion; together with interrupts, injected exceptions,
 * MMIO in flight, single-stepping.
 */
#include "sdei.h"

/* Needs types of the headers above */
#include "gic.h"

/* Nothing is mapped there: the aborts save the PSTATE that they find */
#define HANDLER_VA		0x60000000UL
#define INTERRUPTED_VA		0x60001000UL
#define RESUMED_VA		0x60002000UL

#define SCTLR_SPAN		BIT(23)
#define MDSCR_SS		BIT(0)

/* A PE to be interrupted: where, and in which state */
struct point {
	void	(*point)(void);
	void	(*handler)(struct sdei_handler *h);	/* where it signals to itself */
	u64	pstate;
	u64	pc;		/* and up to @len bytes behind it */
	u64	len;
	bool	eret;		/* it gets there by an ERET */
	u64	vector;		/* where its interrupts go */
};

#define PSTATE_MASK							\
	(PSTATE_NZCV | PSTATE_SS | PSTATE_IL | PSTATE_DAIF |		\
	 PSR_MODE32_BIT | PSR_MODE_MASK)

static struct sdei_probe probe;
/* The registers of the interrupted code, as they must be in the handler and after it */
static struct sdei_regs interrupted;

static void probe_init(const struct point *point)
{
	struct sdei_regs *in = &probe.in;

	sdei_probe_fill(&probe);
	in->nzcv = point->pstate & PSTATE_NZCV;
	in->daif = point->pstate & PSTATE_DAIF;
	if (point->eret) {
		in->elr = point->pc;
		in->spsr = point->pstate;
		/* No interrupt must come before the ERET */
		in->daif = PSTATE_DAIF;
	}
	interrupted = *in;
}

static bool is_at(const struct point *point, u64 pc)
{
	return pc >= point->pc && pc <= point->pc + point->len;
}

static void check_el1h(const struct sdei_regs *regs)
{
	GUEST_ASSERT_EQ(regs->daif, PSTATE_DAIF);
	GUEST_ASSERT_EQ(regs->spsel, 1);
	GUEST_ASSERT_EQ(regs->current_el, 1 << 2);
}

static void check_entry(const struct sdei_regs *regs)
{
	const struct point *point = sdei_test->data;

	GUEST_ASSERT_EQ(regs->x[0], EV);
	GUEST_ASSERT_EQ(regs->x[1], (u64)sdei_this_handler());
	__GUEST_ASSERT(is_at(point, regs->x[2]), "x2: %#lx, not %#lx..%#lx", regs->x[2],
		       point->pc, point->pc + point->len);
	GUEST_ASSERT_EQ(regs->x[3] & PSTATE_MASK, point->pstate);
	sdei_check_regs(regs, &interrupted);
	check_el1h(regs);
	sdei_check_context(&interrupted, 0);
}

/* After SDEI_EVENT_COMPLETE_AND_RESUME, as after an exception to EL1 */
static void check_resumed(const struct sdei_regs *handler)
{
	struct sdei_regs exp = interrupted;

	exp.sp = handler->sp;
	exp.elr = handler->x[2];
	exp.spsr = handler->x[3];
	sdei_check_x(&probe.out, &exp, 0, 4);
	sdei_check_regs(&probe.out, &exp);
	check_el1h(&probe.out);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
}

/* A PE signals to itself. The context stays, whatever becomes of the event. */
static void handle_self(struct sdei_handler *h)
{
	check_entry(&h->regs);
	GUEST_EXPECT(sdei(EVENT_DISABLE, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_PENDING);
	sdei_check_context(&interrupted, 0);
}

/* The handler changes registers that the dispatcher does not restore */
static void handle_self_changes(struct sdei_handler *h)
{
	int i;

	check_entry(&h->regs);
	for (i = 18; i < ARRAY_SIZE(h->regs.x); i++)
		interrupted.x[i] = h->regs.x[i] ^= 0xff00ff00ff00ff00UL;
	interrupted.sp = h->regs.sp ^= 0xffff0;
	interrupted.elr ^= 0xffff0;
	interrupted.spsr ^= PSR_N_BIT;
	write_sysreg(interrupted.elr, elr_el1);
	write_sysreg(interrupted.spsr, spsr_el1);
}

static void handle_self_resume(struct sdei_handler *h)
{
	handle_self_changes(h);
	sdei_resume_at(h, h->regs.x[2]);
}

static void guest_self(void)
{
	const struct point *point = sdei_test->data;

	sdei_setup(point->handler);
	probe_init(point);
	/* The results of the call */
	memset(interrupted.x, 0, 4 * sizeof(u64));
	sdei_probe_signal(&probe, point->point);
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);

	if (point->handler == handle_self_resume) {
		check_resumed(&sdei_this_handler()->regs);
		return;
	}
	sdei_check_x(&probe.out, &interrupted, 0, 4);
	sdei_check_regs(&probe.out, &interrupted);
	GUEST_ASSERT_EQ(probe.out.daif, point->pstate & PSTATE_DAIF);
}

/*
 * A PE is signalled by another one: the first handler completes, or resumes at
 * a vector with an ERET, which must be the same to the interrupted code. The
 * second sees whether that is so, and ends it. The other PE can't know whether
 * this one has come to its point: an event that comes early doesn't count.
 */
#define MAX_EARLY	1000

static struct sdei_regs record[2];
static int ready, done, records, early;

static void handle_target(struct sdei_handler *h)
{
	const struct point *point = sdei_test->data;

	if (records == 2 || (!is_at(point, h->regs.x[2]) && ++early < MAX_EARLY))
		return;

	check_entry(&h->regs);
	record[records++] = h->regs;
	if (records == 2) {
		GUEST_ASSERT_EQ(record[1].x[3], record[0].x[3]);
		sdei_resume_at(h, (u64)sdei_probe_end);
	} else if (point->vector) {
		/* The ERET needs these */
		interrupted.elr = h->regs.x[2];
		interrupted.spsr = h->regs.x[3];
		sdei_resume_at(h, (u64)sdei_eret_vectors + point->vector);
	}
}

static void guest_target(void)
{
	const struct point *point = sdei_test->data;

	sdei_need_aarch32(point->pstate);
	sdei_setup(handle_target);
	probe_init(point);
	WRITE_ONCE(ready, 1);
	sdei_probe(&probe, point->point);
	check_resumed(&record[1]);
	WRITE_ONCE(done, 1);
}

static void guest_source(void)
{
	u64 runs;
	int i;

	sdei_setup(NULL);
	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		runs = sdei_runs(1);
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		/* The next one is for the code that is interrupted, not for the handler's */
		sdei_wait_until(sdei_runs(1) != runs || READ_ONCE(done));
		for (i = 0; i < 10; i++)
			sdei_any_call();
	}
	GUEST_ASSERT_EQ(sdei_own_runs(), 0);
}

/*
 * PSTATE: the VMM stops the target, lets another vCPU signal to it, and sets the scene
 * before the target runs again.
 */
struct pstate_case {
	u64	pstate;		/* when the event comes */
	u64	needs;		/* bits of PSTATE that the CPU must have */
	u64	sctlr;		/* SPAN and DSSBS */
	bool	step;		/* of the guest's own */
	bool	resume_only;	/* it can't be gone back to */
};

static int aborts;
static u64 features;

/* The bits of PSTATE that the CPU has beyond those of Armv8.0 */
static u64 read_features(void)
{
	u64 mmfr1 = read_sysreg_s(SYS_ID_AA64MMFR1_EL1);
	u64 mmfr2 = read_sysreg_s(SYS_ID_AA64MMFR2_EL1);
	u64 pfr0 = read_sysreg_s(SYS_ID_AA64PFR0_EL1);
	u64 pfr1 = read_sysreg_s(SYS_ID_AA64PFR1_EL1);

	return (FIELD_GET(ID_AA64MMFR1_EL1_PAN, mmfr1) ? PSR_PAN_BIT : 0) |
	       (FIELD_GET(ID_AA64MMFR2_EL1_UAO, mmfr2) ? PSR_UAO_BIT : 0) |
	       (FIELD_GET(ID_AA64PFR0_EL1_DIT, pfr0) ? PSR_DIT_BIT : 0) |
	       (FIELD_GET(ID_AA64PFR1_EL1_SSBS, pfr1) ? PSR_SSBS_BIT : 0) |
	       (FIELD_GET(ID_AA64PFR1_EL1_BT, pfr1) ? PSR_BTYPE_MASK : 0) |
	       (FIELD_GET(ID_AA64PFR1_EL1_MTE, pfr1) ? PSR_TCO_BIT : 0) |
	       (FIELD_GET(ID_AA64PFR0_EL1_EL0, pfr0) == 2 ? PSR_MODE32_BIT : 0);
}

/* What an exception to EL1 makes of PSTATE */
static u64 exception_pstate(const struct pstate_case *c)
{
	u64 pstate = c->pstate & (PSTATE_NZCV | PSR_PAN_BIT | PSR_DIT_BIT);

	if (!(c->sctlr & SCTLR_SPAN))
		pstate |= PSR_PAN_BIT & features;
	if (c->sctlr & SCTLR_ELx_DSSBS)
		pstate |= PSR_SSBS_BIT & features;

	return pstate | (PSR_TCO_BIT & features) | PSTATE_DAIF | PSR_MODE_EL1h;
}

static void leave_handler(struct ex_regs *regs, u64 fn, u64 arg)
{
	regs->regs[0] = fn;
	regs->regs[1] = arg;
	regs->pc = (u64)sdei_stub_hvc;
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
		leave_handler(regs, SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME, RESUMED_VA);
		break;
	case 3:
		GUEST_ASSERT_EQ(regs->pc, RESUMED_VA);
		GUEST_ASSERT_EQ(regs->pstate, exception_pstate(c));
		GUEST_DONE();
	}
}

static void guest_pstate(void)
{
	const struct pstate_case *c = sdei_test->data;
	u64 sctlr = read_sysreg(sctlr_el1) & ~(SCTLR_SPAN | SCTLR_ELx_DSSBS);

	features = read_features();
	if (c->needs & ~features)
		sdei_skip("no such bits in PSTATE");
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

/* Stop the target and have it signalled */
static void signal_stopped(struct sdei_vm *v)
{
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
}

static void host_pstate(struct sdei_vm *v)
{
	const struct pstate_case *c = v->test->data;
	int i;

	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_IABT_CUR, handle_abort);
	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_ILL, handle_abort);
	vm_install_sync_handler(v->vm, VECTOR_SYNC_LOWER_64, ESR_ELx_EC_IABT_LOW, handle_abort);
	vm_install_sync_handler(v->vm, VECTOR_SYNC_LOWER_64, ESR_ELx_EC_SOFTSTP_LOW, handle_abort);

	/* Once for COMPLETE, once for COMPLETE_AND_RESUME */
	for (i = c->resume_only; i < 2; i++) {
		signal_stopped(v);
		vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate), c->pstate);
		vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc),
			     c->step ? SDEI_USER_PAGE : INTERRUPTED_VA);
	}
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* SCTLR_EL1 counts as it is in the CPU, which KVM has not saved since it was written */
static void handle_pan(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(read_sysreg_s(SYS_PSTATE_PAN),
			read_sysreg(sctlr_el1) & SCTLR_SPAN ? 0 : PSR_PAN_BIT);
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
		sdei_signal_self();
		GUEST_ASSERT_EQ(sdei_own_runs(), i + 1);
	}
}

/* An external abort, injected by the VMM at the same time: it comes first */
static u64 interrupted_pc;

static void handle_data_abort(struct ex_regs *regs)
{
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
	GUEST_ASSERT_EQ(regs->pc, interrupted_pc);
}

static void guest_abort(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(NULL);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(h->regs.x[2], (u64)&vectors + 0x200);
	GUEST_ASSERT_EQ(h->regs.elr, interrupted_pc);
	GUEST_ASSERT_EQ(ESR_ELx_EC(h->regs.esr), ESR_ELx_EC_DABT_CUR);
}

static void host_abort(struct sdei_vm *v)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_DABT_CUR, handle_data_abort);
	signal_stopped(v);
	interrupted_pc = vcpu_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc));
	sync_global_to_guest(v->vm, interrupted_pc);
	vcpu_events_set(v->vcpu[0], &events);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* MMIO that the VMM completes later: into x0, which the handler gets as well */
#define MMIO_DATA		0x0123456789abcdefUL

static void handle_mmio(struct sdei_handler *h)
{
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), MMIO_DATA);
}

static void guest_mmio(void)
{
	struct sdei_handler *h = sdei_this_handler();
	u64 data, pc;

	sdei_setup(handle_mmio);
	asm volatile("adr	%1, 1f\n"
		     "ldr	x0, [%2]\n"
		     "1:	mov	%0, x0\n"
		     : "=r"(data), "=&r"(pc) : "r"(SDEI_MMIO_PAGE) : "x0");
	GUEST_ASSERT_EQ(data, MMIO_DATA);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(h->regs.x[0], EV);
	GUEST_ASSERT_EQ(h->regs.x[2], pc);
}

static void host_mmio(struct sdei_vm *v)
{
	struct kvm_run *run = v->vcpu[0]->run;
	u64 data = MMIO_DATA;

	virt_map(v->vm, SDEI_MMIO_PAGE, SDEI_MMIO_PAGE, 1);
	vcpu_run(v->vcpu[0]);
	TEST_ASSERT(run->exit_reason == KVM_EXIT_MMIO && !run->mmio.is_write &&
		    run->mmio.phys_addr == SDEI_MMIO_PAGE,
		    "unexpected exit %u", run->exit_reason);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	memcpy(run->mmio.data, &data, sizeof(data));
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* The guest must not see that the VMM single-steps it */
static void guest_stepped(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(NULL);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(h->regs.x[3], PSTATE_DAIF | PSR_MODE_EL1h);
	GUEST_ASSERT_EQ(h->regs.daif, PSTATE_DAIF);
}

static void host_stepped(struct sdei_vm *v)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
	};
	struct kvm_run *run = v->vcpu[0]->run;
	u64 pc;

	signal_stopped(v);
	pc = vcpu_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc));
	vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate), PSTATE_DAIF | PSR_MODE_EL1h);
	vcpu_guest_debug_set(v->vcpu[0], &debug);

	/* Up to the end of the handler and one further */
	do {
		vcpu_run(v->vcpu[0]);
		TEST_ASSERT_EQ(run->exit_reason, KVM_EXIT_DEBUG);
	} while (vcpu_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pc)) != pc + 4);

	TEST_ASSERT_EQ(sdei_guest_var(v, sdei_handler[0].runs), 1);
	TEST_ASSERT_EQ(sdei_guest_var(v, sdei_handler[0].regs.x[2]), pc);
	debug.control = 0;
	vcpu_guest_debug_set(v->vcpu[0], &debug);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/*
 * Interrupts, SGIs of the target's own, one pending before the event, one raised in its
 * handler: taken when DAIF is clear, and it is not.
 */
#define SGI_BEFORE		3
#define SGI_IN_HANDLER		4

static u64 irqs;

static void handle_irq(struct ex_regs *regs)
{
	gic_set_eoi(gic_get_and_ack_irq());
	WRITE_ONCE(irqs, irqs + 1);
}

static void handle_with_irqs(struct sdei_handler *h)
{
	GUEST_ASSERT(!(h->regs.x[3] & PSR_I_BIT));
	GUEST_ASSERT(gic_irq_get_pending(SGI_BEFORE));
	gic_irq_set_pending(SGI_IN_HANDLER);
	/* One that is not masked is taken before a second guest entry */
	sdei_any_call();
	GUEST_ASSERT_EQ(READ_ONCE(irqs), 0);
}

static void guest_irqs(void)
{
	local_irq_disable();
	sdei_gic_init();
	gic_irq_enable(SGI_BEFORE);
	gic_irq_enable(SGI_IN_HANDLER);
	sdei_setup(handle_with_irqs);
	gic_irq_set_pending(SGI_BEFORE);
	/* The VMM clears DAIF */
	GUEST_SYNC(0);
	sdei_wait_until(READ_ONCE(irqs) == 2);
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
}

static void host_irqs(struct sdei_vm *v)
{
	vm_install_exception_handler(v->vm, VECTOR_IRQ_CURRENT, handle_irq);
	signal_stopped(v);
	vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate), PSR_MODE_EL1h);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

#define POINT(_name, _pstate, _len, ...)				\
	(&(const struct point) {					\
		.point = sdei_point_##_name, .pstate = (_pstate) | PSR_MODE_EL1h, \
		.pc = (u64)sdei_##_name, .len = (_len), ##__VA_ARGS__	\
	})
#define ERET(_entry, _pstate, ...)					\
	(&(const struct point) {					\
		.point = sdei_point_eret, .pstate = _pstate,		\
		.pc = (u64)(_entry), .len = 8, .eret = true,		\
		##__VA_ARGS__						\
	})
#define IS_SMC_hvc	false
#define IS_SMC_smc	true
#define SELF(_name, _handler, _conduit, _pstate)			\
	{								\
		.name = _name, .host = sdei_run, .guest = { guest_self }, \
		.smc = { IS_SMC_##_conduit },				\
		.data = &(const struct point) {				\
			.handler = _handler,				\
			.point = sdei_point_##_conduit,			\
			.pstate = (_pstate) | PSR_MODE_EL1h,		\
			.pc = (u64)sdei_after_##_conduit,		\
		},							\
	}
#define TARGET(_name, _point)						\
	{								\
		.name = _name, .host = sdei_run, .data = _point,	\
		.guest = { guest_source, guest_target }, .smc = { false, true }, \
	}
#define PSTATE(...)		PSTATE_IN(false, __VA_ARGS__)
#define PSTATE_MTE(...)		PSTATE_IN(true, __VA_ARGS__)
#define PSTATE_IN(_mte, _name, _pstate, ...)				\
	{								\
		.name = _name, .host = host_pstate, .mte = _mte,	\
		.guest = { guest_pstate, sdei_signaller },		\
		.data = &(const struct pstate_case){ .pstate = _pstate, ##__VA_ARGS__ }, \
	}
#define EL1h		(PSTATE_DAIF | PSR_MODE_EL1h)
#define EL0t		PSR_MODE_EL0t
#define SPAN		.sctlr = SCTLR_SPAN
#define NEEDS(_feature)	.needs = PSR_##_feature##_BIT

static const struct sdei_test tests[] = {
	SELF("SIGNAL to itself by HVC, all registers", handle_self, hvc,
	     PSR_N_BIT | PSR_C_BIT | PSTATE_DAIF),
	SELF("SIGNAL to itself by SMC, all registers", handle_self, smc,
	     PSR_Z_BIT | PSR_V_BIT | PSTATE_DAIF),
	SELF("SIGNAL to itself with DAIF clear, set in the handler", handle_self, hvc, PSR_Z_BIT),
	SELF("COMPLETE by HVC keeps x18-x30, SP, ELR, SPSR", handle_self_changes, hvc, PSTATE_DAIF),
	SELF("COMPLETE by SMC keeps x18-x30, SP, ELR, SPSR", handle_self_changes, smc, PSTATE_DAIF),
	SELF("COMPLETE_AND_RESUME by HVC is like an exception", handle_self_resume, hvc,
	     PSR_N_BIT | PSR_V_BIT),
	SELF("COMPLETE_AND_RESUME by SMC is like an exception", handle_self_resume, smc, PSR_C_BIT),
	TARGET("at EL1h, DAIF set, it runs there", POINT(spin, PSR_N_BIT | PSTATE_DAIF, 0)),
	TARGET("at EL1h, DAIF clear, it runs there", POINT(spin, PSR_V_BIT, 0)),
	TARGET("in WFI, it wakes, runs, returns behind that",
	       POINT(wfi, PSR_Z_BIT | PSTATE_DAIF, 4)),
	TARGET("in WFE, it wakes, runs, returns behind that",
	       POINT(wfe, PSR_C_BIT | PSTATE_DAIF, 4)),
	TARGET("at EL1t, COMPLETE returns there",
	       ERET(sdei_eret_spin, PSR_N_BIT | PSTATE_DAIF | PSR_MODE_EL1t)),
	TARGET("at EL1h after an ERET, COMPLETE returns there",
	       ERET(sdei_eret_spin, PSR_Z_BIT | PSR_MODE_EL1h)),
	TARGET("at EL0, COMPLETE returns there", ERET(SDEI_USER_A64, PSR_C_BIT | PSR_MODE_EL0t)),
	TARGET("at EL0 in AArch32, COMPLETE returns there",
	       ERET(SDEI_USER_A32, PSR_V_BIT | PSR_MODE32_BIT)),
	TARGET("at EL1h, COMPLETE_AND_RESUME at vector 0x280, ERET",
	       POINT(spin, PSR_N_BIT | PSR_C_BIT, 0, .vector = 0x280)),
	TARGET("at EL0, COMPLETE_AND_RESUME at vector 0x480, ERET",
	       ERET(SDEI_USER_A64, PSR_V_BIT | PSR_MODE_EL0t, .vector = 0x480)),
	TARGET("at EL0 in AArch32, RESUME at vector 0x680, ERET",
	       ERET(SDEI_USER_A32, PSR_N_BIT | PSR_MODE32_BIT, .vector = 0x680)),
	PSTATE("NZCV 0000, DAIF 1111, the handler has NZCV 0000", EL1h, SPAN),
	PSTATE("NZCV 1010, DAIF 0000, the handler has NZCV, DAIF set",
	       PSR_MODE_EL1h | PSR_N_BIT | PSR_C_BIT, SPAN),
	PSTATE("NZCV 0101 at EL0, the handler has NZCV, DAIF set",
	       EL0t | PSR_Z_BIT | PSR_V_BIT, SPAN),
	PSTATE("PAN 0, SPAN 1, the handler has PAN 0", EL1h, SPAN, NEEDS(PAN)),
	PSTATE("PAN 1, SPAN 1, the handler has PAN 1", EL1h | PSR_PAN_BIT, SPAN, NEEDS(PAN)),
	PSTATE("PAN 0, SPAN 0, the handler has PAN 1", EL1h, NEEDS(PAN)),
	PSTATE("PAN 1, SPAN 0, the handler has PAN 1", EL1h | PSR_PAN_BIT, NEEDS(PAN)),
	PSTATE("PAN 0, SPAN 0 at EL0, the handler has PAN 1", EL0t, NEEDS(PAN)),
	PSTATE("DIT 1, the handler has DIT 1", EL1h | PSR_DIT_BIT, SPAN, NEEDS(DIT)),
	PSTATE("DIT 0, the handler has DIT 0", EL1h, SPAN, NEEDS(DIT)),
	PSTATE("UAO 1, the handler has UAO 0", EL1h | PSR_UAO_BIT, SPAN, NEEDS(UAO)),
	PSTATE("SSBS 1, DSSBS 0, the handler has SSBS 0", EL1h | PSR_SSBS_BIT, SPAN, NEEDS(SSBS)),
	PSTATE("SSBS 0, DSSBS 1, the handler has SSBS 1",
	       EL1h, .sctlr = SCTLR_SPAN | SCTLR_ELx_DSSBS, NEEDS(SSBS)),
	PSTATE("BTYPE 10, the handler has BTYPE 00", EL1h | PSR_BTYPE_C, SPAN,
	       .needs = PSR_BTYPE_MASK),
	PSTATE("BTYPE 01 at EL0, the handler has BTYPE 00", EL0t | PSR_BTYPE_JC, SPAN,
	       .needs = PSR_BTYPE_MASK),
	PSTATE("IL 1, the handler has IL 0", EL1h | PSTATE_IL, SPAN),
	PSTATE("SS 1, stepped by the guest, the handler has SS 0", EL0t | PSTATE_SS,
	       SPAN, .step = true),
	PSTATE("EL0 in AArch32, all bits set, only NZCV is kept",
	       PSR_MODE32_BIT | PSR_N_BIT | PSR_V_BIT | 0x0e0ffe20, SPAN, NEEDS(MODE32),
	       .resume_only = true),
	PSTATE_MTE("TCO 0, MTE, the handler has TCO 1", EL1h, SPAN, NEEDS(TCO)),
	PSTATE_MTE("TCO 1, MTE, the handler has TCO 1", EL1h | PSR_TCO_BIT, SPAN, NEEDS(TCO)),
	SDEI_TEST("SPAN just written, the handler has PAN as that says", sdei_run, guest_sctlr),
	SDEI_TEST("external abort, the event comes at its vector", host_abort,
		  guest_abort, sdei_signaller),
	SDEI_TEST("MMIO read, the event comes after it, with its result", host_mmio,
		  guest_mmio, sdei_signaller),
	SDEI_TEST("single-stepped by the VMM, x3 does not show it", host_stepped,
		  guest_stepped, sdei_signaller),
	SDEI_TEST("interrupts pending, raised in it, taken after COMPLETE", host_irqs,
		  guest_irqs, sdei_signaller),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery of SDEI events (Arm DEN0054C): to PEs that do anything at all when
 * the event comes, with every register checked at the entry of the handler and
 * after its completion.
 */
#include "sdei.h"

#define EV			SDEI_EVENT_SW_SIGNALED

/* Code for EL0, A64 and A32: nop; nop; b . */
#define USER_A64		(SDEI_USER_PAGE + 0x000)
#define USER_HVC		(SDEI_USER_PAGE + 0x080)
#define USER_SMC		(SDEI_USER_PAGE + 0x100)
#define USER_A32		(SDEI_USER_PAGE + 0x180)

static const u32 user_a64_code[] = { 0xd503201f, 0xd503201f, 0x14000000 };
static const u32 user_hvc_code[] = { 0xd4000002, 0x14000000 };
static const u32 user_smc_code[] = { 0xd4000003, 0x14000000 };
static const u32 user_a32_code[] = { 0xe320f000, 0xe320f000, 0xeafffffe };

static struct sdei_probe probe __sdei_guest __aligned(16);
static struct sdei_regs record[2] __sdei_guest;
static u64 context[2][SDEI_NR_CONTEXT_REGS] __sdei_guest;
static int ready __sdei_guest, done __sdei_guest;

/* A PE to be interrupted: where, and in which state */
struct point {
	void	(*point)(void);
	u64	pstate;
	u64	pc;		/* and up to @len bytes behind it */
	u64	len;
	bool	eret;		/* it gets there by an ERET */
	u64	vector;		/* where its interrupts go */
};

#define PSTATE_MASK							\
	(PSTATE_NZCV | PSTATE_SS | PSTATE_IL | PSTATE_DAIF |		\
	 PSR_MODE32_BIT | PSR_MODE_MASK)

static void probe_init(const struct point *point)
{
	struct sdei_regs *in = &probe.in;
	int i;

	for (i = 0; i < ARRAY_SIZE(in->x); i++)
		in->x[i] = 0x1000100010001000UL * (i % 15 + 1) + 0xa5a0000 + i;
	for (i = 0; i < ARRAY_SIZE(in->q); i++)
		in->q[i] = 0xf00df00d00000000UL + (i << 16) + i;

	in->sp = 0x1234567812345670;
	in->sp_el0 = 0x2345678923456780;
	in->elr = point->eret ? point->pc : 0x3456789a3456789c;
	in->spsr = point->eret ? point->pstate : 0x60000345;
	in->esr = 0x56000001;
	in->far = 0x4567890145678901;
	in->nzcv = point->pstate & PSTATE_NZCV;
	/* An ERET sets these, and no interrupt is to come before */
	in->daif = point->eret ? PSTATE_DAIF : point->pstate & PSTATE_DAIF;
}

/* @point is a call, interrupted on its way back */
static void probe_init_call(const struct point *point)
{
	probe_init(point);
	probe.in.x[0] = SDEI_1_0_FN_SDEI_EVENT_SIGNAL;
	probe.in.x[1] = EV;
	probe.in.x[2] = read_sysreg(mpidr_el1);
}

static bool is_call(const struct point *point)
{
	return point->point == sdei_point_hvc || point->point == sdei_point_smc;
}

static bool is_at(const struct point *point, u64 pc)
{
	return pc >= point->pc && pc <= point->pc + point->len;
}

static void check_regs(const struct sdei_regs *regs, const struct sdei_regs *exp,
		       unsigned int first, unsigned int nr)
{
	u64 mask = ~0UL;
	int i;

	/* AArch32 has the lower halves of x0-x14 */
	if (exp->spsr & PSR_MODE32_BIT)
		mask = (u32)~0;

	for (i = first; i < first + nr; i++) {
		__GUEST_ASSERT((regs->x[i] & mask) == (exp->x[i] & mask),
			       "x%u: %#lx, not %#lx", i, regs->x[i], exp->x[i]);
	}
}

static void check_q(const struct sdei_regs *regs, const struct sdei_regs *exp)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(regs->q); i++) {
		__GUEST_ASSERT(regs->q[i] == exp->q[i], "q%u, half %u: %#lx, not %#lx",
			       i / 2, i % 2, regs->q[i], exp->q[i]);
	}
}

/* All but x0-x3: what no entry of a handler changes */
static void check_unchanged(const struct sdei_regs *regs)
{
	const struct sdei_regs *in = &probe.in;

	check_regs(regs, in, 4, 27);
	check_q(regs, in);
	GUEST_ASSERT_EQ(regs->sp, in->sp);
	GUEST_ASSERT_EQ(regs->sp_el0, in->sp_el0);
	GUEST_ASSERT_EQ(regs->elr, in->elr);
	GUEST_ASSERT_EQ(regs->spsr, in->spsr);
	GUEST_ASSERT_EQ(regs->esr, in->esr);
	GUEST_ASSERT_EQ(regs->far, in->far);
	GUEST_ASSERT_EQ(regs->nzcv, in->nzcv);
}

static void check_entry(const struct point *point, const struct sdei_regs *regs)
{
	struct sdei_handler *h = sdei_this_handler();

	GUEST_ASSERT_EQ(regs->x[0], EV);
	GUEST_ASSERT_EQ(regs->x[1], (u64)h);
	__GUEST_ASSERT(is_at(point, regs->x[2]), "x2: %#lx, not %#lx..%#lx", regs->x[2],
		       point->pc, point->pc + point->len);
	GUEST_ASSERT_EQ(regs->x[3] & PSTATE_MASK, point->pstate);
	check_unchanged(regs);
	GUEST_ASSERT_EQ(regs->daif, PSTATE_DAIF);
	GUEST_ASSERT_EQ(regs->spsel, 1);
	GUEST_ASSERT_EQ(regs->current_el, 1 << 2);
}

static void check_context(const u64 *ctx)
{
	struct sdei_regs regs;
	int i;

	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
		regs.x[i] = ctx[i];
	check_regs(&regs, &probe.in, 4, SDEI_NR_CONTEXT_REGS - 4);
	if (!is_call(sdei_test->data))
		check_regs(&regs, &probe.in, 0, 4);
	else
		GUEST_ASSERT_EQ(ctx[0], SDEI_SUCCESS);
}

static void get_context(u64 *ctx)
{
	int i;

	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
		ctx[i] = sdei(EVENT_CONTEXT, i);
}

/* After SDEI_EVENT_COMPLETE_AND_RESUME, as after an exception to EL1 */
static void check_resumed(const struct sdei_regs *handler)
{
	struct sdei_regs exp = probe.in;
	int i;

	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
		exp.x[i] = context[0][i];
	check_regs(&probe.out, &exp, 0, ARRAY_SIZE(exp.x));
	check_q(&probe.out, &exp);
	GUEST_ASSERT_EQ(probe.out.sp, handler->sp);
	GUEST_ASSERT_EQ(probe.out.elr, handler->x[2]);
	GUEST_ASSERT_EQ(probe.out.spsr, handler->x[3]);
	GUEST_ASSERT_EQ(probe.out.esr, probe.in.esr);
	GUEST_ASSERT_EQ(probe.out.far, probe.in.far);
	GUEST_ASSERT_EQ(probe.out.nzcv, probe.in.nzcv);
	GUEST_ASSERT_EQ(probe.out.daif, PSTATE_DAIF);
	GUEST_ASSERT_EQ(probe.out.spsel, 1);
	GUEST_ASSERT_EQ(probe.out.current_el, 1 << 2);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
}

/* A PE signals to itself: one run, and back behind the call */
static void handle_self(struct sdei_handler *h)
{
	record[0] = h->regs;
	get_context(context[0]);
}

static void guest_self(void)
{
	const struct point *point = sdei_test->data;

	sdei_setup(handle_self);
	probe_init_call(point);
	sdei_probe(&probe, point->point);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	check_entry(point, &record[0]);
	check_context(context[0]);
	check_unchanged(&probe.out);
	GUEST_ASSERT_EQ(probe.out.x[0], SDEI_SUCCESS);
	GUEST_ASSERT_EQ(probe.out.x[1], context[0][1]);
	GUEST_ASSERT_EQ(probe.out.x[2], context[0][2]);
	GUEST_ASSERT_EQ(probe.out.x[3], context[0][3]);
	GUEST_ASSERT_EQ(probe.out.daif, point->pstate & PSTATE_DAIF);
	GUEST_DONE();
}

/* The handler's own changes of what is not the dispatcher's to restore */
static void handle_self_changes(struct sdei_handler *h)
{
	int i;

	handle_self(h);
	for (i = 18; i < ARRAY_SIZE(h->regs.x); i++)
		probe.in.x[i] = h->regs.x[i] ^= 0xff00ff00ff00ff00UL;
	probe.in.sp = h->regs.sp ^= 0xffff0;
	probe.in.elr ^= 0xffff0;
	probe.in.spsr ^= PSR_N_BIT;
	write_sysreg(probe.in.elr, elr_el1);
	write_sysreg(probe.in.spsr, spsr_el1);
}

static void guest_self_changes(void)
{
	const struct point *point = sdei_test->data;

	sdei_setup(handle_self_changes);
	probe_init_call(point);
	sdei_probe(&probe, point->point);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	check_unchanged(&probe.out);
	GUEST_ASSERT_EQ(probe.out.x[0], SDEI_SUCCESS);
	GUEST_DONE();
}

static void handle_self_resume(struct sdei_handler *h)
{
	handle_self_changes(h);
	sdei_resume_at(h, h->regs.x[2]);
}

static void guest_self_resume(void)
{
	const struct point *point = sdei_test->data;
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(handle_self_resume);
	probe_init_call(point);
	sdei_probe(&probe, point->point);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_ASSERT_EQ(probe.out.x[0], SDEI_SUCCESS);
	GUEST_ASSERT_EQ(h->regs.x[2], point->pc);
	check_resumed(&h->regs);
	GUEST_DONE();
}

static void handle_self_context(struct sdei_handler *h)
{
	GUEST_EXPECT(sdei(EVENT_DISABLE, EV), SDEI_SUCCESS);
	get_context(context[0]);
	GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_PENDING);
	get_context(context[1]);
}

static void guest_self_context(void)
{
	const struct point *point = sdei_test->data;

	sdei_setup(handle_self_context);
	probe_init_call(point);
	sdei_probe(&probe, point->point);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	check_context(context[0]);
	check_context(context[1]);
	check_unchanged(&probe.out);
	GUEST_DONE();
}

/*
 * A PE is signalled by another one: the first handler completes, or resumes at
 * a vector with an ERET, which must be the same to the interrupted code. The
 * second sees whether that is so, and ends it. The other PE can't know whether
 * this one has come to its point: an event that comes early doesn't count.
 */
#define MAX_EARLY	20

static int records __sdei_guest, early __sdei_guest;

static void handle_target(struct sdei_handler *h)
{
	const struct point *point = sdei_test->data;

	if (!is_at(point, h->regs.x[2]) && ++early < MAX_EARLY)
		return;

	record[records] = h->regs;
	get_context(context[records]);

	if (++records == 2)
		sdei_resume_at(h, (u64)sdei_probe_end);
	else if (point->vector)
		sdei_resume_at(h, (u64)sdei_eret_vectors + point->vector);
}

static void guest_target(void)
{
	const struct point *point = sdei_test->data;
	u64 pstate = point->pstate;

	if (pstate & PSR_MODE32_BIT &&
	    (read_sysreg(id_aa64pfr0_el1) & 0xf) != 2)
		sdei_skip("no AArch32 EL0");

	sdei_setup(handle_target);
	probe_init(point);
	WRITE_ONCE(ready, 1);
	sdei_probe(&probe, point->point);

	check_entry(point, &record[0]);
	check_context(context[0]);

	/* The ERET needed these */
	if (point->vector) {
		GUEST_ASSERT_EQ(record[1].elr, record[0].x[2]);
		GUEST_ASSERT_EQ(record[1].spsr, record[0].x[3]);
		record[1].elr = probe.in.elr;
		record[1].spsr = probe.in.spsr;
	}
	check_entry(point, &record[1]);
	GUEST_ASSERT_EQ(record[1].x[3], record[0].x[3]);
	check_context(context[1]);
	check_resumed(&record[1]);
	WRITE_ONCE(done, 1);
	GUEST_DONE();
}

static void guest_source(void)
{
	sdei_setup(NULL);
	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		sdei_delay();
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
	}
	GUEST_ASSERT_EQ(sdei_handler[0].runs, 0);
	GUEST_DONE();
}

static void host_map_user(struct sdei_vm *v)
{
	void *page = sdei_map_user_page(v);

	memcpy(page + USER_A64 - SDEI_USER_PAGE, user_a64_code, sizeof(user_a64_code));
	memcpy(page + USER_HVC - SDEI_USER_PAGE, user_hvc_code, sizeof(user_hvc_code));
	memcpy(page + USER_SMC - SDEI_USER_PAGE, user_smc_code, sizeof(user_smc_code));
	memcpy(page + USER_A32 - SDEI_USER_PAGE, user_a32_code, sizeof(user_a32_code));
}

static void host_run_user(struct sdei_vm *v)
{
	host_map_user(v);
	sdei_run(v);
}

/* At EL0, HVC and SMC are undefined, whatever is in x0 */
static u64 user_stack[1024] __aligned(16);

static void handle_user_undef(struct ex_regs *regs)
{
	const struct point *point = sdei_test->data;

	GUEST_ASSERT_EQ(regs->pc, point->pc);
	GUEST_ASSERT_EQ(regs->regs[0], SDEI_1_0_FN_SDEI_PE_UNMASK);
	regs->pc = (u64)sdei_probe_end;
	regs->pstate = PSTATE_DAIF | PSR_MODE_EL1h;
}

static void guest_user_call(void)
{
	const struct point *point = sdei_test->data;

	probe_init(point);
	probe.in.x[0] = SDEI_1_0_FN_SDEI_PE_UNMASK;
	probe.in.sp = (u64)user_stack + sizeof(user_stack);
	sdei_probe(&probe, sdei_point_eret);
	GUEST_ASSERT_EQ(probe.out.x[0], SDEI_1_0_FN_SDEI_PE_UNMASK);
	GUEST_EXPECT(sdei(PE_MASK), 0);
	GUEST_DONE();
}

static void host_user_call(struct sdei_vm *v)
{
	host_map_user(v);
	/* Exception class 0: unknown reason, an undefined instruction */
	vm_install_sync_handler(v->vm, VECTOR_SYNC_LOWER_64, 0, handle_user_undef);
	sdei_run(v);
}

#define EL1(_pstate)	((_pstate) | PSR_MODE_EL1h)
#define POINT(_name, _pstate, _len, ...)				\
	(&(const struct point) {					\
		.point = sdei_point_##_name, .pstate = _pstate,		\
		.pc = (u64)sdei_##_name, .len = (_len), ##__VA_ARGS__	\
	})
#define ERET(_entry, _pstate, ...)					\
	(&(const struct point) {					\
		.point = sdei_point_eret, .pstate = _pstate,		\
		.pc = (u64)(_entry), .len = 8, .eret = true,		\
		##__VA_ARGS__						\
	})
#define CALL_HVC(_pstate)						\
	.data = &(const struct point) {					\
		.point = sdei_point_hvc, .pstate = EL1(_pstate),	\
		.pc = (u64)sdei_after_hvc,				\
	}
#define CALL_SMC(_pstate)						\
	.smc = { true },						\
	.data = &(const struct point) {					\
		.point = sdei_point_smc, .pstate = EL1(_pstate),	\
		.pc = (u64)sdei_after_smc,				\
	}
#define TARGET(_name, _point)						\
	{								\
		.name = "Signalled from another PE " _name,		\
		.guest = { guest_source, guest_target },		\
		.smc = { false, true },					\
		.host = host_run_user,					\
		.data = _point,						\
	}

static const struct sdei_test tests[] = {
	{
		.name = "SIGNAL(0, self) by HVC: entry state, all registers back after COMPLETE",
		.guest = { guest_self },
		CALL_HVC(PSR_N_BIT | PSR_C_BIT | PSTATE_DAIF),
	}, {
		.name = "SIGNAL(0, self) by SMC: entry state, all registers back after COMPLETE",
		.guest = { guest_self },
		CALL_SMC(PSR_Z_BIT | PSR_V_BIT | PSTATE_DAIF),
	}, {
		.name = "SIGNAL(0, self) by HVC, DAIF clear: set in the handler, clear after it",
		.guest = { guest_self },
		CALL_HVC(PSR_Z_BIT),
	}, {
		.name = "COMPLETE by HVC: x18-x30, SP, ELR, SPSR stay as the handler left them",
		.guest = { guest_self_changes },
		CALL_HVC(PSTATE_DAIF),
	}, {
		.name = "COMPLETE by SMC: x18-x30, SP, ELR, SPSR stay as the handler left them",
		.guest = { guest_self_changes },
		CALL_SMC(PSTATE_DAIF),
	}, {
		.name = "COMPLETE_AND_RESUME(x2) by HVC: as an exception taken there, DAIF set",
		.guest = { guest_self_resume },
		CALL_HVC(PSR_N_BIT | PSR_V_BIT),
	}, {
		.name = "COMPLETE_AND_RESUME(x2) by SMC: as an exception taken there, DAIF set",
		.guest = { guest_self_resume },
		CALL_SMC(PSR_C_BIT),
	}, {
		.name = "CONTEXT(0..17) after DISABLE, after UNREGISTER: the interrupted x0-x17",
		.guest = { guest_self_context },
		CALL_HVC(PSTATE_DAIF),
	},
	TARGET("at EL1h, DAIF set: it runs there, nothing else changes",
	       POINT(spin, EL1(PSR_N_BIT | PSTATE_DAIF), 0)),
	TARGET("at EL1h, DAIF clear: it runs there, nothing else changes",
	       POINT(spin, EL1(PSR_V_BIT), 0)),
	TARGET("in WFI: it wakes, runs, and goes on behind the WFI",
	       POINT(wfi, EL1(PSR_Z_BIT | PSTATE_DAIF), 4)),
	TARGET("in WFE: it wakes, runs, and goes on behind the WFE",
	       POINT(wfe, EL1(PSR_C_BIT | PSTATE_DAIF), 4)),
	TARGET("at EL1t: x3 says so, COMPLETE goes back there",
	       ERET(sdei_eret_spin, PSR_N_BIT | PSTATE_DAIF | PSR_MODE_EL1t)),
	TARGET("at EL1h after an ERET: x3 says so, COMPLETE goes back there",
	       ERET(sdei_eret_spin, PSR_Z_BIT | PSR_MODE_EL1h)),
	TARGET("at EL0: x3 says so, COMPLETE goes back there",
	       ERET(USER_A64, PSR_C_BIT | PSR_MODE_EL0t)),
	TARGET("at EL0, AArch32: x3 says so, COMPLETE goes back there",
	       ERET(USER_A32, PSR_V_BIT | PSR_MODE32_BIT)),
	TARGET("at EL1h, COMPLETE_AND_RESUME(vector 0x280), ERET: back there",
	       POINT(spin, EL1(PSR_N_BIT | PSR_C_BIT), 0, .vector = 0x280)),
	TARGET("at EL0, COMPLETE_AND_RESUME(vector 0x480), ERET: back there",
	       ERET(USER_A64, PSR_V_BIT | PSR_MODE_EL0t, .vector = 0x480)),
	TARGET("at EL0, AArch32, COMPLETE_AND_RESUME(vector 0x680), ERET: back there",
	       ERET(USER_A32, PSR_N_BIT | PSR_MODE32_BIT, .vector = 0x680)),
	{
		.name = "HVC from EL0: undefined, no call",
		.guest = { guest_user_call },
		.host = host_user_call,
		.data = ERET(USER_HVC, PSR_MODE_EL0t),
	}, {
		.name = "SMC from EL0: undefined, no call",
		.guest = { guest_user_call },
		.host = host_user_call,
		.data = ERET(USER_SMC, PSR_MODE_EL0t),
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}

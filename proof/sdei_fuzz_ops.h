/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ops of sdei_fuzz_test: each draws what it does from its seed, does it to KVM and
 * to the model.
 */
#ifndef SELFTEST_KVM_SDEI_FUZZ_OPS_H
#define SELFTEST_KVM_SDEI_FUZZ_OPS_H

#include "sdei_fuzz.h"
#include "sdei_model_calls.h"

/*
 * Calls
 */

static u64 draw_event(struct rng *r)
{
	static const u32 other[] = { 1, 0x10000, MODEL_THIRD, 0x80000000, 0xffffffff };
	unsigned int n = rnd(r) % 32;

	if (n < 30)
		return arg32(r, model_events[n % MODEL_NR_EVENTS].number);
	return n == 30 ? arg32(r, other[rnd(r) % ARRAY_SIZE(other)]) : rnd(r);
}

static u64 draw_code(struct rng *r, u64 addr)
{
	return one_in(r, 16) ? addr + 1 + rnd(r) % 3 : addr;
}

static void draw_register(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_event(r);
	x[2] = one_in(r, 32) ? 0 : draw_code(r, engine_entry(rnd(r)));
	x[3] = rnd(r);
	x[4] = rnd(r) & 1;
	if (one_in(r, 16))
		x[4] ^= BIT_ULL(rnd(r) % 64);
}

static void draw_resume(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_code(r, engine_resume(rnd(r)));
}

static void draw_signal(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = one_in(r, 8) ? draw_event(r) : arg32(r, 0);
	x[2] = sdei_mpidr[one_in(r, 2) ? i : rnd(r) % NR_VCPUS];
	if (one_in(r, 2))
		x[2] ^= rnd(r) & ~MODEL_AFFINITY;
	if (one_in(r, 16))
		x[2] ^= BIT_ULL(rnd(r) % 40);
}

static void draw_info(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_event(r);
	x[2] = arg32(r, rnd(r) % 6);
}

static void draw_number(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = arg32(r, rnd(r) % 20);
	if (one_in(r, 8))
		x[1] ^= BIT_ULL(rnd(r) % 64);
}

static void draw_async_pf(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = rnd(r) % 4;
	x[2] = rnd(r) % 80;
	if (one_in(r, 8))
		x[1 + rnd(r) % 2] ^= BIT_ULL(rnd(r) % 64);
}

static void draw_event_only(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_event(r);
}

static const struct call {
	const char	*name;
	u32		id;
	unsigned int	weight;		/* of 200 */
	void		(*draw)(struct rng *r, unsigned int i, u64 *x);
} calls[] = {
#define SDEI(_name, _weight, _draw)	\
	{ #_name, MODEL_FN_BASE + MODEL_##_name, _weight, _draw }
	SDEI(VERSION, 1, NULL),
	SDEI(REGISTER, 22, draw_register),
	SDEI(ENABLE, 24, draw_event_only),
	SDEI(DISABLE, 5, draw_event_only),
	SDEI(CONTEXT, 10, draw_number),
	SDEI(COMPLETE, 20, NULL),
	SDEI(COMPLETE_AND_RESUME, 14, draw_resume),
	SDEI(UNREGISTER, 4, draw_event_only),
	SDEI(STATUS, 18, draw_event_only),
	SDEI(GET_INFO, 2, draw_info),
	SDEI(ROUTING_SET, 1, draw_event_only),
	SDEI(PE_MASK, 4, NULL),
	SDEI(PE_UNMASK, 20, NULL),
	SDEI(BIND, 2, draw_number),
	SDEI(RELEASE, 1, draw_event_only),
	SDEI(SIGNAL, 38, draw_signal),
	SDEI(FEATURES, 2, draw_number),
	SDEI(PRIVATE_RESET, 1, NULL),
	SDEI(SHARED_RESET, 1, NULL),
	{ "of no function", MODEL_FN_BASE + MODEL_NR_FNS, 4, draw_event_only },
	{ "with SMC32", MODEL_FN_BASE & ~BIT(30), 2, draw_event_only },
	{ "after the range", MODEL_FN_BASE + 0x30, 1, NULL },
	{ "PSCI_VERSION", PSCI_0_2_FN_PSCI_VERSION, 1, NULL },
	{ "ASYNC_PF", MODEL_ASYNC_PF_CALL, 2, draw_async_pf },
#undef SDEI
};

static const struct call *draw_call(struct rng *r, unsigned int i, u64 *x)
{
	unsigned int n = rnd(r) % 200;
	const struct call *call;

	for (call = calls; n >= call->weight; call++)
		n -= call->weight;

	x[0] = call->id;
	if (call->id == MODEL_FN_BASE + MODEL_NR_FNS)
		x[0] += rnd(r) % (MODEL_FN_LAST - x[0] + 1);
	if (call->id == (MODEL_FN_BASE & ~(u32)BIT(30)))
		x[0] += rnd(r) % MODEL_NR_FNS;
	x[0] = arg32(r, x[0]);
	if (call->draw)
		call->draw(r, i, x);
	return call;
}

/* Calls of others: all return x0, and clear x1-x3 */
static void model_other_call(struct fuzz *f, struct model_pe *pe, u64 ret)
{
	pe->regs.x[0] = (u32)pe->regs.x[0] == PSCI_0_2_FN_PSCI_VERSION ?
			f->mc->psci_version : ret;
	memset(&pe->regs.x[1], 0, 3 * sizeof(u64));
}

static struct engine_step *draw_call_step(struct fuzz *f, struct rng *r, void (**after)(void))
{
	bool smc = one_in(r, 2);

	*after = smc ? engine_after_smc : engine_after_hvc;
	return draw_step(f, r, smc ? ENGINE_SMC : ENGINE_HVC);
}

static void op_call(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	const struct call *call;
	struct engine_step *step;
	void (*after)(void);

	if (!get_batch(f, i))
		return;

	step = draw_call_step(f, r, &after);
	call = draw_call(r, i, step->in.x);
	model_step(f, step, after);
	if (!model_hypercall(&f->model, pe) && !model_async_pf(pe))
		model_other_call(f, pe, MODEL_NOT_SUPPORTED);
	expect_landing(f, pe);

	trace(f, "vCPU %u: %s %s(%#lx, %#lx, %#lx, %#lx): x0 %#lx at %s\n", i,
	      step->insn == ENGINE_SMC ? "SMC" : "HVC", call->name,
	      (unsigned long)step->in.x[1], (unsigned long)step->in.x[2],
	      (unsigned long)step->in.x[3], (unsigned long)step->in.x[4],
	      (unsigned long)pe->regs.x[0], pc_name(pe->regs.pc));
}

/* What the CPU itself makes of PSTATE, ELR_EL1 and SPSR_EL1 is what an event has to */
static void op_svc(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	struct model_regs *regs = &pe->regs;

	if (!get_batch(f, i))
		return;

	model_step(f, draw_step(f, r, ENGINE_SVC), engine_after_svc);
	regs->elr = regs->pc;
	regs->spsr = regs->pstate;
	regs->pc = engine_vector(regs->pstate);
	regs->pstate = model_exception_pstate(pe, regs->pstate);
	expect_landing(f, pe);
	trace(f, "vCPU %u: SVC: at %s\n", i, pc_name(regs->pc));
}

/*
 * Waiting, power and reset
 */

/* Nothing ends it, as what is pending then is not deliverable */
static void op_wfi(struct fuzz *f, unsigned int i, struct rng *r)
{
	if (!get_batch(f, i))
		return;

	model_step(f, draw_step(f, r, ENGINE_WFI), engine_after_wfi);
	trace(f, "vCPU %u: WFI\n", i);
	run_batch(f, OP_WFI);
}

static bool is_last_on(struct fuzz *f, unsigned int i)
{
	int j, nr_on = 0;

	for (j = 0; j < NR_VCPUS; j++)
		nr_on += f->model.pe[j].on;
	return nr_on == 1 && f->model.pe[i].on;
}

static void op_cpu_off(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct engine_step *step;
	void (*after)(void);

	if (is_last_on(f, i) || !get_batch(f, i))
		return;

	step = draw_call_step(f, r, &after);
	step->in.x[0] = arg32(r, FN_CPU_OFF);
	model_step(f, step, after);
	/* For a VMM that makes it run again without a CPU_ON */
	model_other_call(f, &f->model.pe[i], PSCI_RET_SUCCESS);
	model_cpu_off(&f->model.pe[i]);
	trace(f, "vCPU %u: CPU_OFF\n", i);
	run_batch(f, OP_CPU_OFF);
	check_vcpu(f, i);
}

/* Have a vCPU that is as after a reset start the engine, with @x0 in x0 */
static void boot_vcpu(struct fuzz *f, unsigned int i, u64 sctlr, u64 x0)
{
	struct machine *mc = f->mc;
	struct model_pe *pe = &f->model.pe[i];
	struct kvm_vcpu *vcpu = cur_vcpu(f, i);
	int j;

	for (j = 0; j < ARRAY_SIZE(boot_sysreg); j++)
		vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(boot_sysreg[j]), mc->boot[i][j]);
	vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_SCTLR_EL1), sctlr);
	vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_VBAR_EL1), (u64)engine_vectors);
	vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_TPIDRRO_EL0), (u64)programs[i]);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.sp), SP_EL0_VALUE);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(sp_el1), cur_vm(f)->sp[i]);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(elr_el1), 0);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(spsr[0]), 0);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), (u64)engine_start);

	memset(&pe->regs, 0, sizeof(pe->regs));
	pe->regs.x[0] = x0;
	pe->regs.pc = (u64)engine_start;
	pe->regs.pstate = RESET_PSTATE;
	pe->span = sctlr & SCTLR_SPAN;
	pe->dssbs = sctlr & SCTLR_DSSBS;
	f->io_pending[i] = false;
}

static u64 draw_sctlr(struct fuzz *f, struct rng *r)
{
	u64 bits = f->mc->has_pstate ? SCTLR_SPAN | SCTLR_DSSBS : 0;

	return (f->mc->sctlr & ~bits) | (rnd(r) & bits);
}

static void op_cpu_on(struct fuzz *f, unsigned int i, struct rng *r)
{
	unsigned int t = rnd(r) % NR_VCPUS;
	struct engine_step *step;
	struct kvm_vcpu *target;
	void (*after)(void);
	u64 entry, x0;
	bool was_on;

	if (f->model.pe[t].on)
		t = (t + 1) % NR_VCPUS;
	if (!get_batch(f, i))
		return;

	was_on = f->model.pe[t].on;
	step = draw_call_step(f, r, &after);
	step->in.x[0] = arg32(r, FN_CPU_ON);
	step->in.x[1] = sdei_mpidr[t] & MODEL_AFFINITY;
	entry = step->in.x[2] &= ~3ULL;
	x0 = step->in.x[3];
	model_step(f, step, after);
	model_other_call(f, &f->model.pe[i], was_on ? PSCI_RET_ALREADY_ON : PSCI_RET_SUCCESS);
	expect_landing(f, &f->model.pe[i]);
	trace(f, "vCPU %u: CPU_ON(vCPU %u), which is %s\n", i, t, was_on ? "on" : "off");
	if (was_on)
		return;

	flush(f);
	if (f->failed)
		return;
	target = cur_vcpu(f, t);
	if (is_stopped(f, t) || get_pc(f, t) != entry ||
	    vcpu_get_reg(target, ARM64_CORE_REG(regs.regs[0])) != x0)
		fail(f, "vCPU %u: is not powered on as asked for", t);
	model_reset(&f->model.pe[t]);
	check_vcpu(f, t);
	boot_vcpu(f, t, draw_sctlr(f, r), x0);
}

static void init_vcpu(struct fuzz *f, unsigned int i, u64 sctlr)
{
	struct sdei_vm *v = cur_vm(f);

	vcpu_ioctl(v->vcpu[i], KVM_ARM_VCPU_INIT, &v->vcpu[i]->init);
	boot_vcpu(f, i, sctlr, 0);
}

static void op_init(struct fuzz *f, unsigned int i, struct rng *r)
{
	flush(f);
	if (f->failed)
		return;
	complete_io(f, i);
	trace(f, "vCPU %u: KVM_ARM_VCPU_INIT\n", i);
	model_reset(&f->model.pe[i]);
	init_vcpu(f, i, draw_sctlr(f, r));
	check_vcpu(f, i);
}

/*
 * What the VMM does
 */

static void raise_nmi(struct fuzz *f, unsigned int i)
{
	int err = __vcpu_ioctl(cur_vcpu(f, i), KVM_NMI, NULL) ? errno : 0;
	int expected = -model_nmi(&f->model.pe[i]);

	trace(f, "vCPU %u: KVM_NMI: %s\n", i, strerror(expected));
	if (err != expected)
		fail(f, "vCPU %u: KVM_NMI: %s, not %s", i, strerror(err), strerror(expected));
}

/* The operator's NMI, or any event as a VMM has it pending that restores a guest */
static void op_nmi(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	unsigned int reg = MODEL_REG_STATE + MODEL_IDX_NMI;

	flush(f);
	if (f->failed)
		return;
	if (one_in(r, 2))
		complete_io(f, i);
	if (one_in(r, 2)) {
		raise_nmi(f, i);
	} else {
		reg = MODEL_REG_STATE + rnd(r) % MODEL_NR_EVENTS;
		poke_reg(f, i, reg, model_get_reg(&f->model, pe, reg) | MODEL_STATUS_PENDING);
	}
	check_reg(f, i, reg);
	check_reg(f, i, rnd(r) % MODEL_NR_REGS);
}

/*
 * A vCPU that the VMM stops loses nothing, and enters no handler, in KVM_RUN up to a signal
 * neither
 */
static void op_stop(struct fuzz *f, unsigned int i, struct rng *r)
{
	u64 pc;
	int err;

	if (is_last_on(f, i) || !f->model.pe[i].on)
		return;
	flush(f);
	if (f->failed)
		return;
	complete_io(f, i);
	pc = get_pc(f, i);
	trace(f, "vCPU %u: STOPPED\n", i);
	sdei_set_mp_state(cur_vcpu(f, i), KVM_MP_STATE_STOPPED);
	model_set_runnable(&f->model.pe[i], false);
	if (one_in(r, 2))
		raise_nmi(f, i);
	if (one_in(r, 2)) {
		err = run_once(f, i);
		if (err != EINTR)
			fail(f, "vCPU %u: KVM_RUN of a stopped vCPU: %s", i, strerror(err));
		if (get_pc(f, i) != pc)
			fail(f, "vCPU %u: is stopped, and went to %s", i, pc_name(get_pc(f, i)));
	}
	check_states(f, i);
}

static void op_start(struct fuzz *f, unsigned int i, struct rng *r)
{
	flush(f);
	if (f->failed)
		return;
	trace(f, "vCPU %u: RUNNABLE\n", i);
	sdei_set_mp_state(cur_vcpu(f, i), KVM_MP_STATE_RUNNABLE);
	model_set_runnable(&f->model.pe[i], true);
	check_states(f, i);
}

static u64 draw_reg_val(struct rng *r, u64 old)
{
	switch (rnd(r) % 8) {
	case 0:
		return rnd(r) % 17;
	case 1:
		return old;
	case 2:
		return old ^ BIT_ULL(rnd(r) % 64);
	case 3:
		return rnd(r) & 0xffffffff;
	case 4:
		return rnd(r);
	default:
		return old ^ BIT_ULL(rnd(r) % 4);
	}
}

static unsigned int draw_reg(struct rng *r)
{
	unsigned int n = rnd(r) % 16;

	if (n < MODEL_REG_CONTEXT)
		return n;
	if (n < 12)
		return MODEL_REG_STATE + n % MODEL_NR_EVENTS;
	if (n < 14)
		return MODEL_REG_CONTEXT_PSTATE(n % MODEL_NR_PRIORITIES);
	return rnd(r) % MODEL_NR_REGS;
}

/* The guest has no code but the engine's, and does not know each PSTATE */
static void make_runnable(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	int n;

	if (pe->no_sdei)
		return;
	for (n = 0; n < MODEL_NR_EVENTS; n++) {
		if (!engine_is_label(pe->event[n].entry))
			poke_reg(f, i, MODEL_REG_ENTRY + n, engine_entry(rnd(r)));
	}
	for (n = 0; n < MODEL_NR_PRIORITIES; n++) {
		if (!engine_is_label(pe->context[n].pc))
			poke_reg(f, i, MODEL_REG_CONTEXT_PC(n), engine_resume(rnd(r)));
		poke_reg(f, i, MODEL_REG_CONTEXT_PSTATE(n), draw_pstate(f, r));
	}
}

static void poke_regs(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	unsigned int reg, n = 1 + rnd(r) % 4;

	while (n--) {
		reg = draw_reg(r);
		/* Would not be what the other VM has */
		if (reg != MODEL_REG_VERSION || f->model.has_run)
			poke_reg(f, i, reg, draw_reg_val(r, model_get_reg(&f->model, pe, reg)));
		check_reg(f, i, reg);
	}
}

static void op_poke(struct fuzz *f, unsigned int i, struct rng *r)
{
	flush(f);
	if (f->failed)
		return;
	poke_regs(f, i, r);
	if (one_in(r, 8))
		check_vcpu(f, i);
	make_runnable(f, i, r);
}

/*
 * States that an event can have, for one or more of them, in any order: states in which one
 * event of each priority runs, or several, or with a RUNNING that is written alone
 */
static void op_states(struct fuzz *f, unsigned int i, struct rng *r)
{
	static const unsigned int states[] = { 0, 1, 3, 4, 5, 7, 9, 11, 13, 15 };
	unsigned int n = 1 + rnd(r) % MODEL_NR_EVENTS, event = rnd(r) % MODEL_NR_EVENTS;
	unsigned int step = one_in(r, 2) ? 1 : MODEL_NR_EVENTS - 1;

	flush(f);
	if (f->failed)
		return;
	while (n--) {
		poke_reg(f, i, MODEL_REG_STATE + event, states[rnd(r) % ARRAY_SIZE(states)]);
		check_states(f, i);
		event = (event + step) % MODEL_NR_EVENTS;
	}
	make_runnable(f, i, r);
}

static void op_check(struct fuzz *f, unsigned int i, struct rng *r)
{
	flush(f);
	for (i = 0; i < NR_VCPUS && !f->failed; i++)
		check_vcpu(f, i);
}

/* All that a vCPU has which is not as after boot_vcpu() */
static void move_core_regs(struct kvm_vcpu *to, struct kvm_vcpu *from)
{
	static const u64 id[] = {
		ARM64_CORE_REG(regs.pc), ARM64_CORE_REG(regs.pstate),
		ARM64_CORE_REG(elr_el1), ARM64_CORE_REG(spsr[0]),
	};
	u64 x0 = ARM64_CORE_REG(regs.regs[0]);
	u64 size = ARM64_CORE_REG(regs.regs[1]) - x0;
	int i;

	for (i = 0; i < 31; i++)
		vcpu_set_reg(to, x0 + i * size, vcpu_get_reg(from, x0 + i * size));
	for (i = 0; i < ARRAY_SIZE(id); i++)
		vcpu_set_reg(to, id[i], vcpu_get_reg(from, id[i]));
}

static void move_sdei_regs(struct fuzz *f, unsigned int i, struct kvm_vcpu *from, struct rng *r)
{
	/* Each register once, as these have no divisor in common with 48 or 51 */
	static const unsigned int steps[] = { 1, 5, 7, 47 };
	unsigned int step = steps[rnd(r) % ARRAY_SIZE(steps)];
	unsigned int n, first = rnd(r) % MODEL_NR_REGS;

	for (n = 0; n < MODEL_NR_REGS; n++) {
		u64 id = reg_id((first + n * step) % MODEL_NR_REGS);
		u64 val = vcpu_get_reg(from, id);
		int err = sdei_set_reg(cur_vcpu(f, i), id, val);

		if (err)
			fail(f, "vCPU %u: register %#x = %#lx in another VM: %s", i, (u16)id,
			     (unsigned long)val, strerror(err));
	}
}

/* Save all vCPUs and continue with those of the other VM */
static void op_move(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct sdei_vm *from = cur_vm(f);
	u64 sctlr;

	/* The other one has SDEI */
	if (f->mc->no_sdei)
		return;
	flush(f);
	if (f->failed)
		return;
	trace(f, "moved to another VM\n");
	for (i = 0; i < NR_VCPUS; i++)
		complete_io(f, i);

	f->mc->cur = !f->mc->cur;
	f->model.has_run = f->mc->ran[f->mc->cur];
	for (i = 0; i < NR_VCPUS; i++) {
		struct model_regs regs = f->model.pe[i].regs;

		sctlr = vcpu_get_reg(from->vcpu[i], KVM_ARM64_SYS_REG(SYS_SCTLR_EL1));
		init_vcpu(f, i, sctlr);
		f->model.pe[i].regs = regs;
		move_core_regs(cur_vcpu(f, i), from->vcpu[i]);
		move_sdei_regs(f, i, from->vcpu[i], r);
		model_move(&f->model.pe[i]);
		if (!f->model.pe[i].on)
			sdei_set_mp_state(cur_vcpu(f, i), KVM_MP_STATE_STOPPED);
		check_vcpu(f, i);
	}
}

static void (* const op_fn[NR_OPS])(struct fuzz *f, unsigned int i, struct rng *r) = {
	[OP_CALL]	= op_call,
	[OP_SVC]	= op_svc,
	[OP_NMI]	= op_nmi,
	[OP_POKE]	= op_poke,
	[OP_STATES]	= op_states,
	[OP_CHECK]	= op_check,
	[OP_WFI]	= op_wfi,
	[OP_STOP]	= op_stop,
	[OP_START]	= op_start,
	[OP_CPU_OFF]	= op_cpu_off,
	[OP_CPU_ON]	= op_cpu_on,
	[OP_INIT]	= op_init,
	[OP_MOVE]	= op_move,
};

#endif /* SELFTEST_KVM_SDEI_FUZZ_OPS_H */

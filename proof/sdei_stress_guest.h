/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of sdei_stress_test: PEs that send events to each other or to themselves, take
 * their interrupts, and watch the registers of what is interrupted.
 */
#ifndef SELFTEST_KVM_SDEI_STRESS_GUEST_H
#define SELFTEST_KVM_SDEI_STRESS_GUEST_H

#include "arch_timer.h"
#include "gic.h"
#include "sdei_random.h"
#include "sdei_proof.h"
#include "sdei_stress.h"

/* The virtual timer's interrupt, one sent by other PEs, one raised by the VMM */
#define TIMER			27
#define SGI			3
#define SPI			40

#define EC_SVC			0x15

#define TICK_USEC		2000
#define NR_LOOPS		1000
#define NR_MIXES		4

/* What the watched code is interrupted by */
enum { HIT_EVENT, HIT_NMI, HIT_TIMER, HIT_SGI, HIT_SPI, NR_HITS };

static struct cpu {
	struct sdei_probe	probe;
	struct sdei_regs	quiet;
	u64			stack[512];
	struct rng		rng;
	u64			period;
	u64			signals;	/* to it, after the call */
	u64			ticks;
	u64			rounds;
	u64			hits[NR_HITS];
	u64			resumed;
} cpus[SDEI_MAX_VCPUS] __aligned(16);

static struct sdei_handler nmi_handler[SDEI_MAX_VCPUS] __aligned(16);
static int ready;
/* Set by the VMM: handlers send no more events; it is over */
static int calm, stop;

/* The guest's own copy */
static u64 seed = 1;

static struct cpu *this_cpu(void)
{
	return &cpus[guest_get_vcpuid()];
}

static unsigned int nr_cpus(void)
{
	unsigned int nr = 0;

	while (nr < SDEI_MAX_VCPUS && sdei_test->guest[nr])
		nr++;
	return nr;
}

static void set_timer(struct cpu *c)
{
	timer_set_cval(VIRTUAL, timer_get_cntct(VIRTUAL) + c->period);
}

static void irq_setup(struct cpu *c, u64 usec)
{
	local_irq_disable();
	gic_init(GIC_V3, SDEI_MAX_VCPUS);
	gic_irq_enable(TIMER);
	gic_irq_enable(SGI);
	c->period = usec_to_cycles(usec);
	set_timer(c);
	timer_set_ctl(VIRTUAL, CTL_ENABLE);
}

static void start_together(void)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	sdei_wait_until(READ_ONCE(ready) == nr_cpus());
	local_irq_enable();
}

static void guest_end(void)
{
	local_irq_disable();
	timer_set_ctl(VIRTUAL, 0);
	GUEST_DONE();
}

static void signal_others(void)
{
	unsigned int i;

	for (i = 0; i < nr_cpus(); i++) {
		if (i == guest_get_vcpuid())
			continue;
		GUEST_EXPECT(sdei_signal(i), SDEI_SUCCESS);
		__atomic_fetch_add(&cpus[i].signals, 1, __ATOMIC_SEQ_CST);
	}
}

/*
 * Until the event is pending again for certain: each of the others may have made a
 * signal before that it counts only now.
 */
static void handle_feud(struct sdei_handler *h)
{
	struct cpu *c = this_cpu();
	u64 enough = READ_ONCE(c->signals) + nr_cpus();

	while (!READ_ONCE(calm) && READ_ONCE(c->signals) < enough)
		signal_others();
}

static void handle_for_ever(struct sdei_handler *h)
{
	if (!READ_ONCE(calm))
		sdei_signal_self();
}

static void take_ticks(void (*handler)(struct sdei_handler *h), void (*work)(void))
{
	struct cpu *c = this_cpu();

	irq_setup(c, TICK_USEC);
	sdei_setup(handler);
	start_together();
	while (!READ_ONCE(stop)) {
		work();
		WRITE_ONCE(c->rounds, c->rounds + 1);
	}
	guest_end();
}

static void guest_signals(void)
{
	take_ticks(NULL, signal_others);
}

static void guest_feud(void)
{
	take_ticks(handle_feud, signal_others);
}

static void signal_self(void)
{
	sdei_signal_self();
}

static void guest_for_ever(void)
{
	take_ticks(handle_for_ever, signal_self);
}

static void guest_works(void)
{
	take_ticks(NULL, cpu_relax);
}

static void handle_svc(struct ex_regs *regs)
{
	regs->pc = (u64)sdei_probe_end;
	regs->pstate = (regs->pstate & PSTATE_NZCV) | PSTATE_DAIF | PSR_MODE_EL1h;
}

static void count_hit(struct cpu *c, unsigned int by, u64 pc)
{
	if ((pc >= (u64)sdei_mix && pc < (u64)sdei_mix_end) ||
	    (pc >= SDEI_USER_PAGE &&
	     pc < SDEI_USER_PAGE + (sdei_user_mix_end - sdei_user_mix)))
		c->hits[by]++;
}

static void handle_irq(struct ex_regs *regs)
{
	unsigned int intid = gic_get_and_ack_irq();
	struct cpu *c = this_cpu();

	switch (intid) {
	case IAR_SPURIOUS:
		return;
	case TIMER:
		set_timer(c);
		WRITE_ONCE(c->ticks, c->ticks + 1);
		count_hit(c, HIT_TIMER, regs->pc);
		break;
	case SGI:
		count_hit(c, HIT_SGI, regs->pc);
		break;
	default:
		GUEST_ASSERT_EQ(intid, SPI);
		count_hit(c, HIT_SPI, regs->pc);
	}
	gic_set_eoi(intid);
}

/*
 * Every other one goes back by way of a vector, as to where an interrupt is taken. Not
 * where ELR_EL1 and SPSR_EL1 may be in use.
 */
static void handle_fire(struct sdei_handler *h)
{
	struct cpu *c = this_cpu();

	count_hit(c, h->regs.x[0] == EV ? HIT_EVENT : HIT_NMI, h->regs.x[2]);
	if (h->regs.x[3] & PSR_I_BIT || h->runs % 2)
		return;

	sdei_resume_at(h, (u64)sdei_eret_vectors + 0x280);
	c->resumed++;
}

/* At the others: signals, and interrupts */
static void fire(struct cpu *c)
{
	unsigned int target = rnd(&c->rng) % (nr_cpus() - 1);

	if (one_in(&c->rng, 2)) {
		GUEST_EXPECT(sdei_signal(target), SDEI_SUCCESS);
	} else {
		write_sysreg_s((u64)SGI << 24 | BIT(target), SYS_ICC_SGI1R_EL1);
		isb();
	}
}

struct mix {
	u64	pstate;
	bool	has_elr;	/* that, and SPSR_EL1, are the same again after it */
};

static const struct mix mixes[] = {
	{ PSR_MODE_EL1h | PSTATE_DAIF, true },
	{ PSR_MODE_EL1h, false },
	{ PSR_MODE_EL0t, true },
};

static void mix_init(struct cpu *c)
{
	struct sdei_regs *in = &c->probe.in;
	int i;

	for (i = 0; i < ARRAY_SIZE(in->x); i++)
		in->x[i] = rnd(&c->rng);
	for (i = 0; i < ARRAY_SIZE(in->q); i++)
		in->q[i] = rnd(&c->rng);
	in->x[30] = NR_LOOPS;
	in->sp = (u64)&c->stack[ARRAY_SIZE(c->stack)];
	in->sp_el0 = rnd(&c->rng) & ~0xfUL;
	in->esr = 0x56000001;
	in->far = rnd(&c->rng);
	in->nzcv = rnd(&c->rng) & PSTATE_NZCV;
}

static void run_mix(struct cpu *c, u64 pstate)
{
	struct sdei_regs *in = &c->probe.in;
	bool user = (pstate & PSR_MODE_MASK) == PSR_MODE_EL0t;

	in->elr = user ? SDEI_USER_PAGE : 0x3456789a3456789c;
	in->spsr = user ? pstate | in->nzcv : 0x60000345;
	/* Up to the ERET, with which they are gone */
	in->daif = user ? PSTATE_DAIF : pstate & PSTATE_DAIF;
	sdei_probe(&c->probe, user ? sdei_point_eret : sdei_point_mix);
}

static void check_mix(struct cpu *c, const struct mix *mix)
{
	const struct sdei_regs *out = &c->probe.out;
	struct sdei_regs exp = c->quiet;

	local_irq_disable();
	run_mix(c, mix->pstate);
	local_irq_enable();

	/* Interrupts change these */
	if (!mix->has_elr) {
		exp.elr = out->elr;
		exp.spsr = out->spsr;
	}
	sdei_check_x(out, &exp, 0, 4);
	sdei_check_regs(out, &exp);
	GUEST_ASSERT_EQ(out->daif, c->probe.in.daif);
	GUEST_ASSERT_EQ(out->spsel, exp.spsel);
	GUEST_ASSERT_EQ(out->current_el, exp.current_el);
}

/* Once with everything masked, to see what comes out of it, and then without that */
static void check_mixes(struct cpu *c, const struct mix *mix)
{
	int i;

	mix_init(c);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	local_irq_disable();
	run_mix(c, mix->pstate | PSTATE_DAIF);
	local_irq_enable();
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	c->quiet = c->probe.out;

	for (i = 0; i < NR_MIXES; i++)
		check_mix(c, mix);
}

static void fire_setup(struct cpu *c)
{
	unsigned int me = guest_get_vcpuid();

	c->rng.state = seed + me;
	nmi_handler[me].fn = handle_fire;
	irq_setup(c, TICK_USEC + me * 300);
	if (!me) {
		gic_irq_set_config(SPI, true);
		gic_irq_enable(SPI);
	}
	GUEST_EXPECT(sdei(EVENT_REGISTER, SDEI_EVENT_NMI, (u64)sdei_entry,
			  (u64)&nmi_handler[me]), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_NMI), SDEI_SUCCESS);
	sdei_setup(handle_fire);
	start_together();
}

static void guest_under_fire(void)
{
	struct cpu *c = this_cpu();
	int i;

	fire_setup(c);
	while (!READ_ONCE(stop)) {
		for (i = 0; i < ARRAY_SIZE(mixes); i++)
			check_mixes(c, &mixes[i]);
		for (i = rnd(&c->rng) % 8; i; i--)
			fire(c);
		WRITE_ONCE(c->rounds, c->rounds + 1);
	}
	guest_end();
}

static void guest_fires(void)
{
	struct cpu *c = this_cpu();

	fire_setup(c);
	while (!READ_ONCE(stop)) {
		fire(c);
		WRITE_ONCE(c->rounds, c->rounds + 1);
	}
	guest_end();
}

#endif /* SELFTEST_KVM_SDEI_STRESS_GUEST_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of sdei_perf_test: vCPU 0, which measures, one operation after another or
 * from the first signal until the last handler starts, and those that it signals.
 */
#ifndef SELFTEST_KVM_SDEI_PERF_GUEST_H
#define SELFTEST_KVM_SDEI_PERF_GUEST_H

#include "sdei_perf.h"
#include "sdei_proof.h"

/* Needs the types of the others */
#include "gic.h"

#define NR_ROUNDS		5
#define MMIO_GPA		0x40000000

/* Interrupts: measured, to vCPU 0 at the end, by the VMM */
#define SGI_PING		1
#define SGI_DONE		2
#define SPI_VMM			40

#define SYNC_SETTLE		1

struct perf_vm;

struct perf {
	const char	*name;
	const char	*to;			/* the other thing to compare it to */
	void		(*guest)(void);		/* what vCPU 0 runs */
	void		(*op)(void);		/* what it measures */
	void		(*send)(unsigned int vcpu);
	void		(*loop)(void);		/* where the other vCPUs are */
	void		(*entry)(void);		/* event 0's handler */
	void		(*fn)(struct sdei_handler *h);
	/* What the VMM does, if not to run all vCPUs */
	u64		(*host)(struct perf_vm *v);
	void		(*raise)(struct perf_vm *v);
	unsigned int	nr_vcpus;		/* 0: 1 */
	unsigned int	nr_signals;		/* 0: 1 */
	bool		needs_sdei;
	bool		user;			/* the dispatcher is in the VMM */
};

static int nr_iterations = 20;

/* The guest's own copies */
static const struct perf *perf;
static struct perf_cpu perf_cpu[SDEI_MAX_VCPUS];
static u64 perf_left, perf_round, perf_best;
static int perf_ready;

static inline u64 now(void)
{
	u64 ticks;

	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (ticks) : : "memory");
	return ticks;
}

static __always_inline u64 perf_call(u64 fn, u64 arg1, u64 arg2, u64 arg3)
{
	register u64 x0 asm("x0") = fn;
	register u64 x1 asm("x1") = arg1;
	register u64 x2 asm("x2") = arg2;
	register u64 x3 asm("x3") = arg3;
	register u64 x4 asm("x4") = 0;
	register u64 x5 asm("x5") = 0;

	asm volatile("hvc #0"
		     : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3), "+r" (x4), "+r" (x5)
		     : : "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
			 "x16", "x17", "memory");
	return x0;
}

#define sdei_op(_fn, _arg1, _arg2, _arg3)				\
	perf_call(SDEI_1_0_FN_SDEI_##_fn, (u64)(_arg1), (u64)(_arg2), (u64)(_arg3))

/* ICC_SGI1R_EL1; the vCPUs differ in Aff0 only */
static inline u64 sgi_to(unsigned int vcpu, unsigned int intid)
{
	return (u64)intid << 24 | BIT(vcpu);
}

static void op_psci_version(void)
{
	perf_call(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0);
}

static void op_mmio_read(void)
{
	__raw_readl((void *)MMIO_GPA);
}

static void op_version(void)
{
	sdei_op(VERSION, 0, 0, 0);
}

static void op_status(void)
{
	sdei_op(EVENT_STATUS, SDEI_EVENT_SW_SIGNALED, 0, 0);
}

static void op_context(void)
{
	sdei_op(EVENT_CONTEXT, 0, 0, 0);
}

static void send_signal(unsigned int vcpu)
{
	sdei_op(EVENT_SIGNAL, SDEI_EVENT_SW_SIGNALED, sdei_mpidr[vcpu], 0);
}

static void op_signal(void)
{
	send_signal(0);
}

static void send_sgi(unsigned int vcpu)
{
	write_sysreg_s(sgi_to(vcpu, SGI_PING), SYS_ICC_SGI1R_EL1);
	isb();
}

static void op_sgi(void)
{
	send_sgi(0);
}

static void register_event(u64 event, void *arg)
{
	GUEST_EXPECT(sdei_op(EVENT_REGISTER, event, perf->entry, arg), SDEI_SUCCESS);
	GUEST_EXPECT(sdei_op(EVENT_ENABLE, event, 0, 0), SDEI_SUCCESS);
}

static void setup_cpu(void)
{
	struct sdei_handler *h = sdei_this_handler();
	struct perf_cpu *cpu = &perf_cpu[guest_get_vcpuid()];
	void *arg = perf->fn ? (void *)h : cpu;

	gic_init(GIC_V3, perf->nr_vcpus ?: 1);
	gic_irq_enable(SGI_PING);
	gic_irq_enable(SGI_DONE);
	write_sysreg((u64)cpu, tpidrro_el0);
	write_sysreg((u64)perf_vectors, vbar_el1);
	isb();

	h->fn = perf->fn;
	if (perf->entry) {
		register_event(SDEI_EVENT_SW_SIGNALED, arg);
		GUEST_EXPECT(sdei_op(PE_UNMASK, 0, 0, 0), SDEI_SUCCESS);
	}
}

static void report(u64 ticks)
{
	if (!perf_best || ticks < perf_best)
		perf_best = ticks;
}

static void measure_op(struct sdei_handler *h)
{
	u64 start;
	int i, j;

	for (i = 0; i < NR_ROUNDS; i++) {
		start = now();
		for (j = 0; j < nr_iterations; j++)
			perf->op();
		report(now() - start);
	}
}

static void guest_op(void)
{
	setup_cpu();
	local_irq_enable();
	measure_op(NULL);
	GUEST_DONE();
}

static void guest_op_in_handler(void)
{
	setup_cpu();
	GUEST_EXPECT(sdei_op(EVENT_SIGNAL, SDEI_EVENT_SW_SIGNALED, sdei_mpidr[0], 0),
		     SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_DONE();
}

/* From the first signal until the last handler starts */
static u64 signal_all(void)
{
	u64 start, end = 0;
	unsigned int i;

	perf_left = perf->nr_vcpus - 1;
	perf_cpu[0].round = ++perf_round;
	dsb(ish);

	start = now();
	for (i = 1; i < perf->nr_vcpus; i++)
		perf->send(i);
	do
		wfi();
	while (gic_get_and_ack_irq() == IAR_SPURIOUS);
	gic_set_eoi(SGI_DONE);

	for (i = 1; i < perf->nr_vcpus; i++)
		end = max(end, READ_ONCE(perf_cpu[i].stamp));
	return end - start;
}

static void guest_sender(void)
{
	int i, j;
	u64 sum;

	setup_cpu();
	while (READ_ONCE(perf_ready) < perf->nr_vcpus - 1)
		GUEST_SYNC(SYNC_SETTLE);

	for (i = 0; i < NR_ROUNDS; i++) {
		sum = 0;
		for (j = 0; j < nr_iterations; j++) {
			GUEST_SYNC(SYNC_SETTLE);
			sum += signal_all();
		}
		report(sum);
	}
	GUEST_DONE();
}

static void guest_target(void)
{
	struct perf_cpu *cpu = &perf_cpu[guest_get_vcpuid()];

	cpu->left = &perf_left;
	cpu->wake = sgi_to(0, SGI_DONE);
	setup_cpu();
	__atomic_fetch_add(&perf_ready, 1, __ATOMIC_SEQ_CST);
	local_irq_enable();
	perf->loop();
}

/* Each vCPU that is signalled signals all others */
static void handle_all_to_all(struct sdei_handler *h)
{
	unsigned int i, id = guest_get_vcpuid();
	struct perf_cpu *cpu = &perf_cpu[id];

	if (cpu->round == READ_ONCE(perf_round))
		return;
	cpu->round = perf_round;

	for (i = 0; i < perf->nr_vcpus; i++) {
		if (i != id)
			send_signal(i);
	}
	cpu->stamp = now();
	if (!__atomic_sub_fetch(&perf_left, 1, __ATOMIC_SEQ_CST)) {
		write_sysreg_s(cpu->wake, SYS_ICC_SGI1R_EL1);
		isb();
	}
}

/* The VMM is what raises something */
static void guest_vmm_target(void)
{
	setup_cpu();
	gic_irq_set_config(SPI_VMM, true);
	gic_irq_enable(SPI_VMM);
	if (perf->entry)
		register_event(SDEI_EVENT_NMI, &perf_cpu[0]);
	WRITE_ONCE(perf_ready, 1);
	local_irq_enable();
	perf->loop();
}

#endif /* SELFTEST_KVM_SDEI_PERF_GUEST_H */

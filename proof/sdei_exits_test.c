// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) that come while the VMM has the vCPU: it single-steps the
 * guest, completes its MMIO, empties its dirty ring. sdei_delivery_test has the simplest
 * of these.
 */
#include <asm/barrier.h>

#include "sdei_exits.h"
#include "sdei_random.h"

/*
 * Single-stepped by the VMM
 */

#define VECTOR			((u64)sdei_eret_vectors + 0x280)

struct step_case {
	unsigned int	event;
	bool		self;		/* signalled by the stepped code, not in between */
	bool		resume;
	bool		in_handler;	/* not stepped before, and the handler does MMIO */
};

static struct step_io step_io;

static void guest_stepped(void)
{
	const struct step_case *c = sdei_test->data;
	u64 steps = (u64)(sdei_smc() ? sdei_steps_smc : sdei_steps_hvc);
	u64 number = c->event == NMI ? SDEI_EVENT_NMI : SDEI_EVENT_SW_SIGNALED;
	u64 pc = steps + (c->self ? STEPS_CALL + 4 : 8);

	GUEST_EXPECT(sdei(EVENT_REGISTER, number,
			  (u64)(sdei_smc() ? sdei_step_handler_smc : sdei_step_handler_hvc),
			  c->in_handler ? MMIO_PAGE : (u64)&step_io), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, number), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	step_io.fn = c->resume ? SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME :
				 SDEI_1_0_FN_SDEI_EVENT_COMPLETE;
	step_io.arg = c->resume ? VECTOR : SDEI_EV_HANDLED;

	sdei_probe_fill(&probe);
	probe.in.x[0] = c->self ? SDEI_1_0_FN_SDEI_EVENT_SIGNAL : SDEI_1_0_FN_SDEI_VERSION;
	probe.in.x[1] = number;
	probe.in.x[2] = sdei_mpidr[0];
	/* An exit: a ucall has a loop with exclusives, which can't be stepped through */
	READ_ONCE(*(u64 *)MMIO_PAGE);
	sdei_probe(&probe, sdei_smc() ? sdei_point_steps_smc : sdei_point_steps_hvc);

	probe.in.x[0] = c->self ? SDEI_SUCCESS : sdei(VERSION);
	probe.in.x[1] = 0;
	probe.in.x[2] = 0;
	probe.in.x[3] = 0;
	probe.in.x[4] += STEPS_ADDS;
	check_probe(c->resume, pc);
	if (!c->in_handler) {
		GUEST_ASSERT_EQ(step_io.pstate, PROBE_PSTATE);
		GUEST_ASSERT_EQ(step_io.pc, pc);
	}
	GUEST_EXPECT(sdei(EVENT_STATUS, number), ST_ENABLED);
	GUEST_DONE();
}

static void set_stepping(struct kvm_vcpu *vcpu, bool on)
{
	struct kvm_guest_debug debug = {
		.control = on ? KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP : 0,
	};

	vcpu_guest_debug_set(vcpu, &debug);
}

/* The handler's accesses, if they are MMIO */
static void complete_mmio(struct sdei_vm *v)
{
	const struct step_io *guest_io = addr_gva2hva(v->vm, (u64)&step_io);
	struct kvm_run *run = v->vcpu[0]->run;
	u64 data, offset = run->mmio.phys_addr - MMIO_PAGE;

	TEST_ASSERT(run->mmio.len == 8 && offset < sizeof(*guest_io) &&
		    run->mmio.is_write == (offset < offsetof(struct step_io, fn)),
		    "unexpected MMIO at %#lx", (unsigned long)run->mmio.phys_addr);
	if (run->mmio.is_write) {
		memcpy(&data, run->mmio.data, sizeof(data));
		TEST_ASSERT(offset || data == PROBE_PSTATE, "x3: %#lx, not %#lx",
			    (unsigned long)data, (unsigned long)PROBE_PSTATE);
	} else {
		memcpy(run->mmio.data, (void *)guest_io + offset, sizeof(data));
	}
}

static unsigned int nr_steps;

/* One step, return where it has come to */
static u64 step_once(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	struct ucall uc;
	u64 pstate;

	WRITE_ONCE(nr_steps, nr_steps + 1);
	vcpu_run(vcpu);
	if (vcpu->run->exit_reason == KVM_EXIT_MMIO &&
	    get_ucall(vcpu, &uc) == UCALL_NONE) {
		complete_mmio(v);
		vcpu_run(vcpu);
	}
	if (vcpu->run->exit_reason != KVM_EXIT_DEBUG && get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_DEBUG, "unexpected exit %u",
		    vcpu->run->exit_reason);

	pstate = vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.pstate));
	TEST_ASSERT(!(pstate & PSTATE_SS), "PSTATE.SS is set after a step");
	return vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.pc));
}

static void expect_step(struct sdei_vm *v, u64 to)
{
	u64 pc = step_once(v);

	TEST_ASSERT(pc == to, "a step to %#lx, not %#lx (the code is at %#lx, the handler at %#lx)",
		    (unsigned long)pc, (unsigned long)to,
		    (unsigned long)(v->test->smc[0] ? sdei_steps_smc : sdei_steps_hvc),
		    (unsigned long)(v->test->smc[0] ? sdei_step_handler_smc :
						      sdei_step_handler_hvc));
}

/* From @pc, one by one, up to @end */
static void expect_steps(struct sdei_vm *v, u64 pc, u64 end)
{
	while ((pc += 4) <= end)
		expect_step(v, pc);
}

/*
 * An SMC is stepped over by KVM. Linux 6.12 and earlier start a step anew at each entry
 * to the guest, unless it is the entry that does that: with an event it is not.
 */
static void need_smc_steps(struct sdei_vm *v)
{
	if (v->test->smc[0] && !ksft_min_kernel_version(6, 14)) {
		ksft_print_msg("no step is seen over an SMC and to another context\n");
		exit(KSFT_SKIP);
	}
}

/* Run up to the guest's own exit, and step from there */
static void start_steps(struct sdei_vm *v, u64 pc)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	struct ucall uc;
	unsigned int i;

	map_mmio(v);
	vcpu_run(vcpu);
	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_MMIO, "unexpected exit %u",
		    vcpu->run->exit_reason);
	set_stepping(vcpu, true);
	for (i = 0; step_once(v) != pc; i++)
		TEST_ASSERT(i < 1000, "%u steps, and not at %#lx", i, (unsigned long)pc);
}

static void finish_handler(struct sdei_vm *v, u64 pc, bool resume)
{
	if (resume)
		expect_step(v, VECTOR);
	expect_step(v, pc);
}

static void host_stepped(struct sdei_vm *v)
{
	u64 handler = (u64)(v->test->smc[0] ? sdei_step_handler_smc : sdei_step_handler_hvc);
	u64 steps = (u64)(v->test->smc[0] ? sdei_steps_smc : sdei_steps_hvc);
	const struct step_case *c = v->test->data;
	struct kvm_vcpu *vcpu = v->vcpu[0];

	need_smc_steps(v);
	start_steps(v, steps);
	if (!c->self) {
		expect_steps(v, steps, steps + 8);
		raise_event(v, c->event);
		/* It is taken, and its first instruction executed */
		expect_steps(v, handler, handler + HANDLER_CALL);
		finish_handler(v, steps + 8, c->resume);
		expect_steps(v, steps + 8, steps + STEPS_CALL + 4);
	} else {
		expect_steps(v, steps, steps + STEPS_CALL);
		/* The call is the step */
		expect_step(v, handler);
		expect_steps(v, handler, handler + HANDLER_CALL);
		finish_handler(v, steps + STEPS_CALL + 4, c->resume);
	}
	expect_steps(v, steps + STEPS_CALL + 4, steps + STEPS_BRANCH);
	expect_step(v, (u64)sdei_probe_end);

	set_stepping(vcpu, false);
	sdei_run_to(vcpu, UCALL_DONE);
}

/* It stops in the handler, or continues from there */
static void host_partly_stepped(struct sdei_vm *v)
{
	u64 handler = (u64)(v->test->smc[0] ? sdei_step_handler_smc : sdei_step_handler_hvc);
	u64 steps = (u64)(v->test->smc[0] ? sdei_steps_smc : sdei_steps_hvc);
	const struct step_case *c = v->test->data;
	struct kvm_vcpu *vcpu = v->vcpu[0];
	struct kvm_run *run = vcpu->run;

	if (c->in_handler)
		need_smc_steps(v);
	start_steps(v, steps);
	expect_steps(v, steps, steps + 8);
	raise_event(v, c->event);

	if (c->in_handler) {
		set_stepping(vcpu, false);
		vcpu_run(vcpu);
		TEST_ASSERT(run->exit_reason == KVM_EXIT_MMIO &&
			    vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.pc)) == handler,
			    "unexpected exit %u", run->exit_reason);
		complete_mmio(v);
		set_stepping(vcpu, true);
		expect_steps(v, handler, handler + HANDLER_CALL);
		finish_handler(v, steps + 8, c->resume);
		expect_steps(v, steps + 8, steps + 0xc);
	} else {
		expect_steps(v, handler, handler + HANDLER_CALL);
	}
	set_stepping(vcpu, false);
	sdei_run_to(vcpu, UCALL_DONE);
}

/*
 * Single-stepped, and another thread raises the NMI at any moment
 */

#define NR_ROUNDS		50

static void guest_stepped_and_raised(void)
{
	int i;

	GUEST_EXPECT(sdei(EVENT_REGISTER, SDEI_EVENT_NMI, (u64)sdei_step_handler_hvc,
			  (u64)&step_io), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_NMI), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	step_io.fn = SDEI_1_0_FN_SDEI_EVENT_COMPLETE;

	for (i = 0; i < NR_ROUNDS; i++) {
		sdei_probe_fill(&probe);
		probe.in.x[0] = SDEI_1_0_FN_SDEI_VERSION;
		READ_ONCE(*(u64 *)MMIO_PAGE);
		sdei_probe(&probe, sdei_point_steps_hvc);

		probe.in.x[0] = sdei(VERSION);
		memset(&probe.in.x[1], 0, 3 * sizeof(u64));
		probe.in.x[4] += STEPS_ADDS;
		check_probe(false, 0);
	}
	GUEST_DONE();
}

static bool raiser_stops;

/* However slow the host is: in between are more steps than the handler has */
static void *raise_nmis(void *vcpu)
{
	struct rng r = { 1 };
	unsigned int before;

	while (!READ_ONCE(raiser_stops)) {
		before = READ_ONCE(nr_steps);
		sdei_raise_nmi(vcpu);
		do
			usleep(rnd(&r) % 200);
		while (READ_ONCE(nr_steps) - before < 20 && !READ_ONCE(raiser_stops));
	}
	return NULL;
}

/*
 * Step through the code. A step executes its next instruction, or the first one of the
 * handler, or the next one there; after a call an NMI is taken at its end.
 */
static unsigned int expect_steps_and_nmis(struct sdei_vm *v)
{
	u64 handler = (u64)sdei_step_handler_hvc, steps = (u64)sdei_steps_hvc;
	u64 code = steps, pc = code, next, to;
	unsigned int runs = 0;

	while (pc != (u64)sdei_probe_end) {
		bool in_handler = pc != code;
		bool call = pc == (in_handler ? handler + HANDLER_CALL : steps + STEPS_CALL);

		if (in_handler)
			next = call ? code : pc + 4;
		else
			next = pc == steps + STEPS_BRANCH ? (u64)sdei_probe_end : pc + 4;

		to = step_once(v);
		TEST_ASSERT(to == next || (call && to == handler) ||
			    (!in_handler && to == handler + 4),
			    "a step from %#lx to %#lx (the code is at %#lx, the handler at %#lx)",
			    (unsigned long)pc, (unsigned long)to, (unsigned long)steps,
			    (unsigned long)handler);
		if (!in_handler && to != handler + 4)
			code = next;
		if (to == handler || (!in_handler && to == handler + 4))
			runs++;
		pc = to;
	}
	return runs;
}

static void host_stepped_and_raised(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	unsigned int i, runs = 0;
	pthread_t thread;

	for (i = 0; i < NR_ROUNDS; i++) {
		/* The guest has registered the NMI when it comes to its first MMIO */
		start_steps(v, (u64)sdei_steps_hvc);
		if (!i)
			TEST_ASSERT(!pthread_create(&thread, NULL, raise_nmis, vcpu),
				    "pthread_create() failed");
		runs += expect_steps_and_nmis(v);
		set_stepping(vcpu, false);
	}
	WRITE_ONCE(raiser_stops, true);
	pthread_join(thread, NULL);
	sdei_run_to(vcpu, UCALL_DONE);
	ksft_print_msg("%u NMIs\n", runs);
	TEST_ASSERT(runs, "No NMI");
}

/*
 * MMIO: an event comes while the VMM completes it
 */

enum { MMIO_READ, MMIO_READ_HALF, MMIO_WRITE };

struct mmio_case {
	unsigned int	access;
	bool		by_event[NR_EVENTS];
	bool		resume;
};

static void handle_mmio(struct sdei_handler *h)
{
	const struct mmio_case *c = sdei_test->data;

	/* Not with both events: the second one would interrupt the vector */
	if (c->resume)
		sdei_resume_at(h, VECTOR);
}

static u64 mmio_result(unsigned int access, unsigned int n)
{
	return access == MMIO_READ ? ~pattern(n) : 0x8000 + n;
}

static void check_mmio_handler(const struct sdei_handler *h, unsigned int runs, u64 pc)
{
	GUEST_ASSERT_EQ(h->runs, runs);
	if (runs) {
		GUEST_ASSERT_EQ(h->regs.x[2], pc);
		GUEST_ASSERT_EQ(h->regs.x[3], PROBE_PSTATE);
	}
}

static void guest_mmio(void)
{
	const struct mmio_case *c = sdei_test->data;
	const u32 *insn;
	unsigned int n;
	u64 point;

	setup_both(handle_mmio, handle_mmio);
	for (n = 0; n < ARRAY_SIZE(probe.in.x); n++) {
		point = (u64)sdei_mmio_points +
			(c->access * ARRAY_SIZE(probe.in.x) + n) * MMIO_STRIDE;
		sdei_probe_fill(&probe);
		probe.in.x[!n] = MMIO_PAGE + 8 * n;
		sdei_probe(&probe, (void *)point);

		if (c->access != MMIO_WRITE)
			probe.in.x[n] = mmio_result(c->access, n);
		/* Behind the access there is a branch, and then nothing */
		for (insn = (u32 *)point; insn[1] >> 26 != 5; insn++)
			;
		check_probe(c->resume, (u64)&insn[1]);
		check_mmio_handler(sdei_this_handler(), c->by_event[EV] * (n + 1), (u64)&insn[1]);
		check_mmio_handler(&nmi_handler, c->by_event[NMI] * (n + 1), (u64)&insn[1]);
	}
	GUEST_DONE();
}

static void host_mmio(struct sdei_vm *v)
{
	const struct mmio_case *c = v->test->data;
	struct kvm_run *run = v->vcpu[0]->run;
	unsigned int n, i;
	struct ucall uc;
	u64 data;

	map_mmio(v);
	for (n = 0; n < ARRAY_SIZE(probe.in.x); n++) {
		vcpu_run(v->vcpu[0]);
		if (get_ucall(v->vcpu[0], &uc) == UCALL_ABORT)
			REPORT_GUEST_ASSERT(uc);
		TEST_ASSERT(run->exit_reason == KVM_EXIT_MMIO &&
			    run->mmio.is_write == (c->access == MMIO_WRITE) &&
			    run->mmio.phys_addr == MMIO_PAGE + 8 * n,
			    "x%u: unexpected exit %u", n, run->exit_reason);

		for (i = 0; i < NR_EVENTS; i++) {
			if (c->by_event[i])
				raise_event(v, i);
		}

		if (run->mmio.is_write) {
			memcpy(&data, run->mmio.data, sizeof(data));
			TEST_ASSERT(data == pattern(n), "x%u: MMIO write of %#lx, not %#lx", n,
				    (unsigned long)data, (unsigned long)pattern(n));
		} else {
			data = mmio_result(c->access, n);
			memcpy(run->mmio.data, &data, run->mmio.len);
		}
	}
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/*
 * The dirty ring has room for less than the code writes, and than its handler does
 */

#define RING_GPA		0x48000000UL
#define RING_SLOT		2
#define RING_MIN_ENTRIES	256
#define RING_SPARE		44

/* The guest has its own copies: the ring is of a page at least, and one entry is a host page */
static u64 page_size;
static u32 ring_entries;
static u32 ring_pages;

static u64 *ring_page(unsigned int i)
{
	return (u64 *)(RING_GPA + i * page_size);
}

static void write_pages(unsigned int first)
{
	unsigned int i;

	for (i = first; i < first + ring_pages; i++)
		*ring_page(i) += 1;
}

static void handle_ring(struct sdei_handler *h)
{
	write_pages(h->runs * ring_pages);
}

static void guest_ring(void)
{
	unsigned int i;

	setup_both(handle_ring, NULL);
	write_pages(0);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 2);
	GUEST_ASSERT_EQ(nmi_handler.runs, 1);
	for (i = 0; i < 3 * ring_pages; i++)
		__GUEST_ASSERT(*ring_page(i) == 1, "page %u was written %lu times", i,
			       *ring_page(i));
	GUEST_DONE();
}

static void empty_ring(struct kvm_vcpu *vcpu, u32 *next)
{
	struct kvm_dirty_gfn *gfns = vcpu_map_dirty_ring(vcpu), *gfn;
	u32 nr = 0;

	for (;;) {
		gfn = &gfns[*next % ring_entries];
		/* Pairs with kvm_dirty_gfn_set_dirtied() */
		if (smp_load_acquire(&gfn->flags) != KVM_DIRTY_GFN_F_DIRTY)
			break;
		/* Pairs with kvm_dirty_gfn_harvested() */
		smp_store_release(&gfn->flags, KVM_DIRTY_GFN_F_RESET);
		(*next)++;
		nr++;
	}
	TEST_ASSERT(nr, "The ring is empty");
	TEST_ASSERT_EQ(kvm_vm_reset_dirty_ring(vcpu->vm), nr);
}

static bool run_until_full(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	vcpu_run(vcpu);
	if (vcpu->run->exit_reason == KVM_EXIT_DIRTY_RING_FULL)
		return true;
	if (get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT(uc.cmd == UCALL_DONE, "unexpected exit %u", vcpu->run->exit_reason);
	return false;
}

/* In each exit an event, which waits until the ring is emptied */
static void host_ring(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	u32 next = 0, raised = 0;
	u64 state, runs;

	while (run_until_full(vcpu)) {
		state = vcpu_get_reg(vcpu, KVM_REG_ARM_SDEI_EVENT_STATE(EV));
		runs = sdei_guest_var(v, sdei_handler[0].runs);
		if (runs == raised && raised < 2) {
			TEST_ASSERT(!!(state & EVENT_RUNNING) == raised, "state %#lx in run %lu",
				    (unsigned long)state, (unsigned long)runs);
			raise_event(v, EV);
			if (raised)
				raise_event(v, NMI);
			raised++;

			TEST_ASSERT(run_until_full(vcpu), "The vCPU runs with a full ring");
			state = vcpu_get_reg(vcpu, KVM_REG_ARM_SDEI_EVENT_STATE(EV));
			TEST_ASSERT(state & EVENT_PENDING, "The event is lost");
			TEST_ASSERT_EQ(sdei_guest_var(v, sdei_handler[0].runs), runs);
			TEST_ASSERT_EQ(sdei_guest_var(v, nmi_handler.runs), 0);
		}
		empty_ring(vcpu, &next);
	}
	TEST_ASSERT_EQ(raised, 2);
	ksft_print_msg("%u pages\n", next);
}

static const struct sdei_test ring_test = {
	.guest = { guest_ring, sdei_signaller },
	.host = host_ring,
};

/* It must be there before the vCPUs */
static void host_ring_vm(struct sdei_vm *unused)
{
	struct sdei_vm v = { .vm = vm_create(2) };
	unsigned int nr;

	if (!vm_check_cap(v.vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL)) {
		ksft_print_msg("no dirty ring\n");
		exit(KSFT_SKIP);
	}
	page_size = getpagesize();
	ring_entries = max_t(u32, RING_MIN_ENTRIES,
			     (page_size / sizeof(struct kvm_dirty_gfn)));
	ring_pages = ring_entries + RING_SPARE;
	vm_enable_dirty_ring(v.vm, ring_entries * sizeof(struct kvm_dirty_gfn));
	sdei_vm_add_vcpus(&v, 2);

	sync_global_to_guest(v.vm, page_size);
	sync_global_to_guest(v.vm, ring_pages);
	nr = vm_calc_num_guest_pages(v.vm->mode, 3 * ring_pages * page_size);
	vm_userspace_mem_region_add(v.vm, VM_MEM_SRC_ANONYMOUS, RING_GPA, RING_SLOT, nr,
				    KVM_MEM_LOG_DIRTY_PAGES);
	virt_map(v.vm, RING_GPA, RING_GPA, nr);
	sdei_vm_run(&v, &ring_test);
}

/* PSCI 0.1, for vCPUs without PSCI 0.2: its numbers are of no owner that SMCCC has */
static void guest_psci_0_1(void)
{
	const u64 on[5] = { ~0UL, (u64)guest_psci_0_1 };

	GUEST_EXPECT(sdei_call(KVM_PSCI_FN_CPU_ON, on), PSCI_RET_INVALID_PARAMS);
	GUEST_EXPECT(sdei(PE_MASK), 0);
	GUEST_DONE();
}

static void host_psci_0_1(struct sdei_vm *unused)
{
	struct kvm_vm *vm = vm_create(1);
	struct kvm_vcpu_init init;
	struct kvm_vcpu *vcpu;

	vm_ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	vcpu = aarch64_vcpu_add(vm, 0, &init, guest_psci_0_1);
	kvm_arch_vm_finalize_vcpus(vm);
	sync_global_to_guest(vm, sdei_test);
	sdei_run_to(vcpu, UCALL_DONE);
}

#define STEPPED(_name, _host, _smc, ...)				\
	{								\
		.name = "Single-stepped, " _name,			\
		.guest = { guest_stepped, sdei_signaller },		\
		.host = _host,						\
		.smc = { _smc },					\
		.data = &(const struct step_case){ __VA_ARGS__ },	\
	}
#define MMIO(_name, _access, ...)					\
	{								\
		.name = "MMIO " _name,					\
		.guest = { guest_mmio, sdei_signaller },		\
		.host = host_mmio,					\
		.data = &(const struct mmio_case){			\
			.access = _access, ##__VA_ARGS__		\
		},							\
	}

static const struct sdei_test tests[] = {
	STEPPED("an event, COMPLETE by HVC: each step, none twice", host_stepped, false,
		.event = EV),
	STEPPED("an event, COMPLETE by SMC: each step, none twice", host_stepped, true,
		.event = EV),
	STEPPED("an event, COMPLETE_AND_RESUME by HVC: each step, none twice", host_stepped, false,
		.event = EV, .resume = true),
	STEPPED("an event, COMPLETE_AND_RESUME by SMC: each step, none twice", host_stepped, true,
		.event = EV, .resume = true),
	STEPPED("an NMI by the VMM: each step, none twice", host_stepped, false, .event = NMI),
	STEPPED("SIGNAL(0, self) by HVC: its step ends at the handler", host_stepped, false,
		.event = EV, .self = true),
	STEPPED("SIGNAL(0, self) by SMC: its step ends at the handler", host_stepped, true,
		.event = EV, .self = true, .resume = true),
	STEPPED("up to COMPLETE: the rest at once", host_partly_stepped, false, .event = EV),
	STEPPED("up to COMPLETE_AND_RESUME by SMC: the rest at once", host_partly_stepped, true,
		.event = EV, .resume = true),
	STEPPED("from MMIO in the handler on: each step, none twice", host_partly_stepped, false,
		.event = EV, .in_handler = true),
	STEPPED("from MMIO in the NMI's handler on, by SMC: each step", host_partly_stepped, true,
		.event = NMI, .in_handler = true, .resume = true),
	{
		.name = "Single-stepped, NMIs by another thread: each step, none twice",
		.guest = { guest_stepped_and_raised },
		.host = host_stepped_and_raised,
	},
	MMIO("reads to x0-x30, an event by another PE: one run, the value in the register",
	     MMIO_READ, .by_event = { [EV] = true }),
	MMIO("reads to x0-x30, an event, COMPLETE_AND_RESUME: the value in the register",
	     MMIO_READ, .by_event = { [EV] = true }, .resume = true),
	MMIO("reads of 16 bits to w0-w30, the NMI by the VMM: the value in the register",
	     MMIO_READ_HALF, .by_event = { [NMI] = true }),
	MMIO("reads to x0-x30, both events: one run each, the value in the register",
	     MMIO_READ, .by_event = { true, true }),
	MMIO("writes of x0-x30, an event by another PE: one run, written once",
	     MMIO_WRITE, .by_event = { [EV] = true }),
	MMIO("writes of x0-x30, the NMI, COMPLETE_AND_RESUME: one run, written once",
	     MMIO_WRITE, .by_event = { [NMI] = true }, .resume = true),
	{
		.name = "Events and a full dirty ring, before, in the handler: they wait",
		.guest = { guest_ring, sdei_signaller },
		.host = host_ring_vm,
	},
	{
		.name = "vCPU without PSCI 0.2: PSCI 0.1 is called by its numbers, SDEI by its own",
		.host = host_psci_0_1,
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}

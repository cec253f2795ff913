// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the SDEI tests (Arm DEN0054C) have in common.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "arch_timer.h"
#include "sdei.h"

/* gic.h needs types of the headers above */
#include "gic.h"
#include "ucall.h"

#define SDEI_TIMEOUT_SEC	100

/* The virtual timer's interrupt */
#define TIMER_PPI		27

const struct sdei_test *sdei_test;
u64 sdei_mpidr[SDEI_MAX_VCPUS];
struct sdei_handler sdei_handler[SDEI_MAX_VCPUS];

/* No call has more than one result */
u64 sdei_call(u64 fn, const u64 *arg)
{
	struct arm_smccc_res res;

	if (sdei_smc())
		smccc_smc(fn, arg[0], arg[1], arg[2], arg[3], arg[4], 0, 0, &res);
	else
		smccc_hvc(fn, arg[0], arg[1], arg[2], arg[3], arg[4], 0, 0, &res);
	__GUEST_ASSERT(!(res.a1 | res.a2 | res.a3), "%#lx: x1 %#lx, x2 %#lx, x3 %#lx",
		       fn, res.a1, res.a2, res.a3);
	return res.a0;
}

/* Called by sdei_entry() */
void sdei_dispatch(struct sdei_handler *h)
{
	h->exit_fn = SDEI_1_0_FN_SDEI_EVENT_COMPLETE;
	h->exit_arg = SDEI_EV_HANDLED;
	h->smc = sdei_smc();
	WRITE_ONCE(h->runs, h->runs + 1);
	if (h->fn)
		h->fn(h);
}

void sdei_exit_refused(struct sdei_handler *h, u64 ret)
{
	GUEST_FAIL("Handler left with %#lx: %ld", h->exit_fn, (s64)ret);
}

/* Leave the handler with SDEI_EVENT_COMPLETE_AND_RESUME */
void sdei_resume_at(struct sdei_handler *h, u64 addr)
{
	h->exit_fn = SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME;
	h->exit_arg = addr;
}

/* Have @h handle @event on this vCPU, with @fn */
void sdei_register(u64 event, struct sdei_handler *h, void (*fn)(struct sdei_handler *h))
{
	h->fn = fn;
	GUEST_EXPECT(sdei(EVENT_REGISTER, event, (u64)sdei_entry, (u64)h), SDEI_SUCCESS);
}

/* Have @fn handle event 0 on this vCPU, enable it, and unmask */
void sdei_setup(void (*fn)(struct sdei_handler *h))
{
	sdei_register(EV, sdei_this_handler(), fn);
	GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

/* A guest prints only to say why its test is skipped */
void sdei_skip(const char *why)
{
	GUEST_PRINTF("%s", why);
}

void sdei_need_aarch32(u64 pstate)
{
	if (pstate & PSR_MODE32_BIT &&
	    FIELD_GET(ID_AA64PFR0_EL1_EL0, read_sysreg(id_aa64pfr0_el1)) != 2)
		sdei_skip("no AArch32 EL0");
}

void sdei_gic_init(void)
{
	if (!FIELD_GET(ID_AA64PFR0_EL1_GIC, read_sysreg(id_aa64pfr0_el1)))
		sdei_skip("no vGICv3");
	gic_init(GIC_V3, 1);
}

/* Other values in all registers, PSTATE.DAIF set */
void sdei_probe_fill(struct sdei_probe *probe)
{
	struct sdei_regs *in = &probe->in;
	int i;

	for (i = 0; i < ARRAY_SIZE(in->x); i++)
		in->x[i] = 0x1000100010001000UL * (i % 15 + 1) + 0xa5a0000 + i;
	for (i = 0; i < ARRAY_SIZE(in->q); i++)
		in->q[i] = 0xf00df00d00000000UL + (i << 16) + i;

	in->sp = 0x1234567812345670;
	in->sp_el0 = 0x2345678923456780;
	in->elr = 0x3456789a3456789c;
	in->spsr = 0x60000345;
	in->esr = 0x56000001;
	in->far = 0x4567890145678901;
	in->nzcv = PSR_N_BIT | PSR_V_BIT;
	in->daif = PSTATE_DAIF;
}

/* Signal to itself with the values that are there, @point is a call */
void sdei_probe_signal(struct sdei_probe *probe, void (*point)(void))
{
	probe->in.x[0] = SDEI_1_0_FN_SDEI_EVENT_SIGNAL;
	probe->in.x[1] = EV;
	probe->in.x[2] = read_sysreg(mpidr_el1);
	sdei_probe(probe, point);
	GUEST_ASSERT_EQ(probe->out.x[0], SDEI_SUCCESS);
}

void sdei_check_x(const struct sdei_regs *regs, const struct sdei_regs *exp,
		  unsigned int first, unsigned int nr)
{
	/* AArch32 has the lower halves of x0-x14 */
	u64 mask = exp->spsr & PSR_MODE32_BIT ? (u32)~0 : ~0UL;
	int i;

	for (i = first; i < first + nr; i++)
		__GUEST_ASSERT((regs->x[i] & mask) == (exp->x[i] & mask),
			       "x%u: %#lx, not %#lx", i, regs->x[i], exp->x[i]);
}

/* All but x0-x3 and PSTATE: what no entry of a handler changes, nor its completion */
void sdei_check_regs(const struct sdei_regs *regs, const struct sdei_regs *exp)
{
	int i;

	sdei_check_x(regs, exp, 4, 27);
	for (i = 0; i < ARRAY_SIZE(regs->q); i++)
		__GUEST_ASSERT(regs->q[i] == exp->q[i], "q%u, half %u: %#lx, not %#lx",
			       i / 2, i % 2, regs->q[i], exp->q[i]);
	GUEST_ASSERT_EQ(regs->sp, exp->sp);
	GUEST_ASSERT_EQ(regs->sp_el0, exp->sp_el0);
	GUEST_ASSERT_EQ(regs->elr, exp->elr);
	GUEST_ASSERT_EQ(regs->spsr, exp->spsr);
	GUEST_ASSERT_EQ(regs->esr, exp->esr);
	GUEST_ASSERT_EQ(regs->far, exp->far);
	GUEST_ASSERT_EQ(regs->nzcv, exp->nzcv);
}

/* In a handler: the context has these registers, but for the first ones */
void sdei_check_context(const struct sdei_regs *exp, unsigned int first)
{
	struct sdei_regs context;
	int i;

	for (i = first; i < SDEI_NR_CONTEXT_REGS; i++)
		context.x[i] = sdei(EVENT_CONTEXT, i);
	sdei_check_x(&context, exp, first, SDEI_NR_CONTEXT_REGS - first);
}

/* Sleep in WFI until the timer's interrupt is pending, and not wake all the time before */
void sdei_wfi_until_timer(void)
{
	u64 end = timer_get_cntct(VIRTUAL) + msec_to_cycles(50), wakes = 0;

	sdei_gic_init();
	gic_irq_enable(TIMER_PPI);
	timer_set_cval(VIRTUAL, end);
	timer_set_ctl(VIRTUAL, CTL_ENABLE);
	for (; timer_get_cntct(VIRTUAL) < end; wakes++)
		wfi();
	timer_set_ctl(VIRTUAL, 0);
	__GUEST_ASSERT(wakes < 20, "it woke %lu times", wakes);
}

/* A guest: signal to vCPU 0 each time that the VMM runs this one */
void sdei_signaller(void)
{
	for (;;) {
		GUEST_EXPECT(sdei_signal(0), SDEI_SUCCESS);
		GUEST_SYNC(0);
	}
}

void __noreturn sdei_skip_test(const char *why)
{
	ksft_print_msg("%s\n", why);
	exit(KSFT_SKIP);
}

/* Run a vCPU up to its next ucall or system event. A failure ends the test. */
u64 sdei_vcpu_run(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	u64 cmd;

	vcpu_run(vcpu);
	cmd = get_ucall(vcpu, uc);
	if (cmd == UCALL_ABORT)
		REPORT_GUEST_ASSERT(*uc);
	if (cmd == UCALL_PRINTF)
		sdei_skip_test(uc->buffer);
	TEST_ASSERT(cmd != UCALL_NONE || vcpu->run->exit_reason == KVM_EXIT_SYSTEM_EVENT,
		    "vCPU %u: unexpected exit %u", vcpu->id, vcpu->run->exit_reason);
	return cmd;
}

void sdei_run_to(struct kvm_vcpu *vcpu, u64 cmd)
{
	struct ucall uc;

	TEST_ASSERT_EQ(sdei_vcpu_run(vcpu, &uc), cmd);
}

static void *vcpu_thread(void *vcpu)
{
	sdei_run_to(vcpu, UCALL_DONE);
	return NULL;
}

pthread_t sdei_start_vcpu(struct kvm_vcpu *vcpu)
{
	pthread_t thread;

	kvm_pthread_create(&thread, NULL, vcpu_thread, vcpu);
	return thread;
}

/* Run all vCPUs at the same time until all are done */
void sdei_run(struct sdei_vm *v)
{
	pthread_t thread[SDEI_MAX_VCPUS];
	int i;

	for (i = 0; i < v->nr_vcpus; i++)
		thread[i] = sdei_start_vcpu(v->vcpu[i]);
	while (i--)
		kvm_pthread_join(thread[i], NULL);
}

/* Run one vCPU after the other until all are done */
void sdei_run_in_turn(struct sdei_vm *v)
{
	int i;

	for (i = 0; i < v->nr_vcpus; i++)
		sdei_run_to(v->vcpu[i], UCALL_DONE);
}

/* The vCPU runs in a thread of its own, and will come to a WFI */
void sdei_wait_until_blocked(struct kvm_vcpu *vcpu)
{
	while (!vcpu_get_stat(vcpu, blocking))
		usleep(100);
}

static struct kvm_run *run_to_end;

static void end_run(int sig)
{
	run_to_end->immediate_exit = 1;
}

/*
 * Run a vCPU that makes no ucall, until a signal ends that: after a longer time with
 * each call, on a busy host it may not have come into the guest.
 */
void sdei_run_for_a_while(struct kvm_vcpu *vcpu)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	static struct itimerspec after = { .it_value.tv_nsec = 1000000 };
	struct ucall uc;
	timer_t timer;
	int ret;

	run_to_end = vcpu->run;
	signal(SIGUSR1, end_run);
	TEST_ASSERT(!timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create() failed");
	TEST_ASSERT(!timer_settime(timer, 0, &after, NULL), "timer_settime() failed");
	ret = __vcpu_run(vcpu);
	if (!ret && get_ucall(vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT(ret == -1 && errno == EINTR, "KVM_RUN: %d, exit %u", ret,
		    vcpu->run->exit_reason);
	timer_delete(timer);
	vcpu->run->immediate_exit = 0;
	if (after.it_value.tv_nsec < 250000000)
		after.it_value.tv_nsec *= 2;
}

/* Run it until its PC is in that range */
void sdei_run_to_pc(struct kvm_vcpu *vcpu, u64 first, u64 last)
{
	u64 pc;

	do {
		sdei_run_for_a_while(vcpu);
		pc = vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.pc));
	} while (pc < first || pc > last);
}

/* Run a vCPU that is stopped, to no effect */
void sdei_run_stopped(struct kvm_vcpu *vcpu)
{
	u64 pc = vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.pc));

	/* Not ended before it began */
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	do
		sdei_run_for_a_while(vcpu);
	while (vcpu->run->exit_reason != KVM_EXIT_INTR);
	TEST_ASSERT_EQ(sdei_mp_state(vcpu), KVM_MP_STATE_STOPPED);
	TEST_ASSERT_EQ(vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.pc)), pc);
}

void sdei_set_mp_state(struct kvm_vcpu *vcpu, u32 state)
{
	struct kvm_mp_state mp_state = { .mp_state = state };

	vcpu_mp_state_set(vcpu, &mp_state);
}

u32 sdei_mp_state(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state mp_state;

	vcpu_mp_state_get(vcpu, &mp_state);
	return mp_state.mp_state;
}

/* A page to run code at EL0 from */
static void map_user_page(struct kvm_vm *vm)
{
	static const u32 a64[] = { 0xd503201f, 0xd503201f, 0x14000000 };
	static const u32 a32[] = { 0xe320f000, 0xe320f000, 0xeafffffe };
	u64 npages = vm_calc_num_guest_pages(vm->mode, getpagesize());
	void *page;

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SDEI_USER_PAGE, 1, npages, 0);
	virt_map(vm, SDEI_USER_PAGE, SDEI_USER_PAGE, npages);
	/* AP[2:1]: read-only, at EL0 as well */
	*virt_get_pte_hva(vm, SDEI_USER_PAGE) |= BIT(7) | BIT(6);

	page = addr_gpa2hva(vm, SDEI_USER_PAGE);
	memcpy(page, a64, sizeof(a64));
	memcpy(page + SDEI_USER_A32 - SDEI_USER_PAGE, a32, sizeof(a32));
}

void sdei_vm_add_vcpus(struct sdei_vm *v, unsigned int nr_vcpus)
{
	struct kvm_vcpu_init init;
	int i;

	/* The client is an EL1, whatever vCPUs have by default */
	vm_ioctl(v->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= BIT(KVM_ARM_VCPU_PSCI_0_2);

	v->nr_vcpus = nr_vcpus;
	for (i = 0; i < nr_vcpus; i++) {
		v->vcpu[i] = aarch64_vcpu_add(v->vm, i, &init, sdei_entry);
		v->sp[i] = vcpu_get_reg(v->vcpu[i], ARM64_CORE_REG(sp_el1));
		sdei_mpidr[i] = vcpu_get_reg(v->vcpu[i], KVM_ARM64_SYS_REG(SYS_MPIDR_EL1));
		vcpu_init_descriptor_tables(v->vcpu[i]);
	}
	vm_init_descriptor_tables(v->vm);
	sync_global_to_guest(v->vm, sdei_mpidr);
	map_user_page(v->vm);
	kvm_arch_vm_finalize_vcpus(v->vm);
}

void sdei_vm_create(struct sdei_vm *v, unsigned int nr_vcpus)
{
	v->vm = vm_create(nr_vcpus);
	sdei_vm_add_vcpus(v, nr_vcpus);
}

static void guest_main(void (*guest)(void))
{
	guest();
	GUEST_DONE();
}

/* Have a vCPU run @guest when it runs next, with all other registers as they are */
void sdei_vcpu_enter(struct kvm_vcpu *vcpu, void (*guest)(void))
{
	vcpu_args_set(vcpu, 1, guest);
	vcpu_arch_set_entry_point(vcpu, guest_main);
}

/* Reset a vCPU, as a VMM does when it resets its VM, to run @guest */
void sdei_vcpu_reset(struct sdei_vm *v, unsigned int i, void (*guest)(void))
{
	aarch64_vcpu_setup(v->vcpu[i], &v->vcpu[i]->init);
	vcpu_init_descriptor_tables(v->vcpu[i]);
	vcpu_set_reg(v->vcpu[i], ARM64_CORE_REG(sp_el1), v->sp[i]);
	sdei_vcpu_enter(v->vcpu[i], guest);
	sdei_set_mp_state(v->vcpu[i], KVM_MP_STATE_RUNNABLE);
}

void sdei_vm_run(struct sdei_vm *v, const struct sdei_test *test)
{
	int i;

	v->test = test;
	sdei_test = test;
	sync_global_to_guest(v->vm, sdei_test);
	for (i = 0; i < v->nr_vcpus; i++)
		sdei_vcpu_enter(v->vcpu[i], test->guest[i]);

	if (test->host)
		test->host(v);
	else
		sdei_run(v);
}

/* No SDEI for the VM */
void sdei_turn_off(struct kvm_vcpu *vcpu)
{
	u64 bmap = vcpu_get_reg(vcpu, KVM_REG_ARM_STD_BMAP);

	vcpu_set_reg(vcpu, KVM_REG_ARM_STD_BMAP, bmap & ~BIT(KVM_REG_ARM_STD_BIT_SDEI));
}

/* In a VM of its own, without memory */
struct kvm_vcpu *sdei_add_bare_vcpu(u32 features)
{
	struct kvm_vcpu *vcpu = __vm_vcpu_add(vm_create_barebones(), 0);
	struct kvm_vcpu_init init;

	vm_ioctl(vcpu->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= features | BIT(KVM_ARM_VCPU_PSCI_0_2);
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	return vcpu;
}

struct kvm_vcpu *sdei_add_aarch32_vcpu(void)
{
	if (!kvm_has_cap(KVM_CAP_ARM_EL1_32BIT))
		sdei_skip_test("no AArch32 EL1");
	return sdei_add_bare_vcpu(BIT(KVM_ARM_VCPU_EL1_32BIT));
}

void sdei_get_state(struct kvm_vcpu *vcpu, struct sdei_state *state)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	u64 i, n;

	memset(state, 0, sizeof(*state));
	for (i = 0; i < list->n; i++) {
		n = list->reg[i] - SDEI_REG(0);
		if (n >= SDEI_NR_IDS)
			continue;
		TEST_ASSERT(!state->is_reg[n], "register %#x is listed twice", 0x100 + (u32)n);
		state->is_reg[n] = true;
		state->val[n] = vcpu_get_reg(vcpu, SDEI_REG(n));
		state->nr++;
	}
	free(list);
}

unsigned int sdei_nr_events(struct kvm_vcpu *vcpu)
{
	struct sdei_state state;
	unsigned int nr = 0;

	sdei_get_state(vcpu, &state);
	while (nr < SDEI_MAX_EVENTS && state.is_reg[SDEI_STATE(nr) - SDEI_REG(0)])
		nr++;
	return nr;
}

void sdei_expect_state(struct kvm_vcpu *vcpu, const struct sdei_state *state)
{
	int n;

	for (n = 0; n < SDEI_NR_IDS; n++) {
		if (state->is_reg[n])
			sdei_expect_reg(vcpu, SDEI_REG(n), state->val[n]);
	}
}

void sdei_expect_reg(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	u64 now = vcpu_get_reg(vcpu, id);

	TEST_ASSERT(now == val, "register %#x: %#lx, not %#lx", (u16)id,
		    (unsigned long)now, (unsigned long)val);
}

void sdei_expect_set(struct kvm_vcpu *vcpu, u64 id, u64 val, int err)
{
	int now = __vcpu_set_reg(vcpu, id, val) ? errno : 0;

	TEST_ASSERT(now == err, "register %#x = %#lx: %s, not %s", (u16)id,
		    (unsigned long)val, strerror(now), strerror(err));
}

/* Copy guest memory, and correct the host address that the ucall has of itself */
static void copy_memory(struct sdei_vm *to, struct sdei_vm *from, const struct ucall *uc)
{
	struct userspace_mem_region *src, *dst;
	struct ucall *copy;
	int bkt;

	hash_for_each(from->vm->regions.slot_hash, bkt, src, slot_node) {
		dst = memslot2region(to->vm, src->region.slot);
		memcpy(dst->host_mem, src->host_mem, src->region.memory_size);
	}

	copy = addr_gpa2hva(to->vm, addr_hva2gpa(from->vm, uc->hva));
	copy->hva = copy;
}

/*
 * @run a VM with one vCPU, whose last exit is @uc, and copies of it: with all registers
 * that KVM lists, as a VMM without support for SDEI saves them, written in the order in
 * which they are listed, the other way round, and shuffled.
 */
void sdei_restore_and_run(struct sdei_vm *v, const struct ucall *uc, void (*run)(struct sdei_vm *v))
{
	struct kvm_reg_list *list = vcpu_get_reg_list(v->vcpu[0]);
	u64 i, n = list->n, (*val)[2] = calloc(n, sizeof(*val));
	struct sdei_state state;
	int order;

	for (i = 0; i < n; i++) {
		TEST_ASSERT(KVM_REG_SIZE(list->reg[i]) <= sizeof(*val) &&
			    !__vcpu_get_reg(v->vcpu[0], list->reg[i], val[i]),
			    "register %#lx: %s", (unsigned long)list->reg[i], strerror(errno));
	}
	sdei_get_state(v->vcpu[0], &state);

	for (order = 0; order < 3; order++) {
		struct sdei_vm to = { .test = v->test };

		sdei_vm_create(&to, 1);
		copy_memory(&to, v, uc);
		for (i = 0; i < n; i++) {
			/* Shuffled: each one once, as 1009 is a prime */
			u64 next = order == 0 ? i : order == 1 ? n - 1 - i : i * 1009 % n;
			struct kvm_one_reg reg = {
				.id = list->reg[next],
				.addr = (u64)val[next],
			};

			TEST_ASSERT(!__vcpu_ioctl(to.vcpu[0], KVM_SET_ONE_REG, &reg),
				    "register %#lx: %s", (unsigned long)reg.id, strerror(errno));
		}
		sdei_expect_state(to.vcpu[0], &state);
		run(&to);
		kvm_vm_free(to.vm);
	}
	run(v);
}

static void __noreturn run_test(const struct sdei_test *test)
{
	struct sdei_vm v = {};
	unsigned int nr = 1;

	/* A hang ends in SIGALRM */
	alarm(test->timeout ?: SDEI_TIMEOUT_SEC);
	if (test->mte)
		test_wants_mte();
	while (nr < SDEI_MAX_VCPUS && test->guest[nr])
		nr++;
	sdei_vm_create(&v, nr);
	sdei_vm_run(&v, test);
	kvm_vm_free(v.vm);
	exit(KSFT_PASS);
}

/* In a new VM all feature bits are set that KVM knows */
bool sdei_is_available(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&vcpu, sdei_entry);
	u64 bmap = vcpu_get_reg(vcpu, KVM_REG_ARM_STD_BMAP);

	kvm_vm_free(vm);
	return bmap & BIT(KVM_REG_ARM_STD_BIT_SDEI);
}

/* Where SDEI_REQUIRED is set, KVM must have it */
void __noreturn sdei_missing(const char *why)
{
	if (getenv("SDEI_REQUIRED"))
		ksft_exit_fail_msg("%s\n", why);
	ksft_exit_skip("%s\n", why);
}

/* Each test is a process, so that one that fails or hangs doesn't take the others with it */
int sdei_main(const struct sdei_test *tests, unsigned int nr)
{
	const struct sdei_test *test;
	int status;
	pid_t pid;

	/* No EL2 for the guest */
	setenv("NV", "0", 1);

	ksft_print_header();
	if (!sdei_is_available())
		sdei_missing("KVM has no SDEI");

	ksft_set_plan(nr);
	for (test = tests; test < tests + nr; test++) {
		fflush(stdout);
		pid = fork();
		TEST_ASSERT(pid >= 0, "fork() failed");
		if (!pid)
			run_test(test);

		TEST_ASSERT(waitpid(pid, &status, 0) == pid, "waitpid() failed");
		if (WIFSIGNALED(status))
			ksft_print_msg("%s\n", WTERMSIG(status) == SIGALRM ?
				       "timed out" : strsignal(WTERMSIG(status)));
		ksft_test_result_code(WIFEXITED(status) ? WEXITSTATUS(status) : KSFT_FAIL,
				      test->name, NULL);
	}
	ksft_finished();
}

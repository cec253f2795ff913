// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's critical SDEI event, the NMI that the VMM raises with KVM_NMI: whatever
 * the guest does, its handler runs next, and nests in the handler of event 0
 * (Arm DEN0054C).
 */
#include "sdei_script.h"

#define NMI			KVM_SDEI_EVENT_NMI
#define NMI_IDX			KVM_REG_ARM_SDEI_EVENT_IDX_NMI

/* GUEST_SYNC() with these: the VMM raises the NMI; sees that the guest has not registered */
#define SYNC_NMI		1
#define SYNC_REFUSED		2

static struct sdei_probe probe, nmi_probe;
static int ready;

/* All tests but one have a single PE, which has two handlers */
#define ev_handler	(&sdei_handler[0])
#define nmi_handler	(&sdei_handler[1])

static void setup_nmi(void (*fn)(struct sdei_handler *h))
{
	sdei_register(NMI, nmi_handler, fn);
	GUEST_EXPECT(sdei(EVENT_ENABLE, NMI), SDEI_SUCCESS);
}

static void setup_unmasked(void (*fn)(struct sdei_handler *h))
{
	setup_nmi(fn);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

static void expect_status(u64 ev, u64 nmi)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ev);
	GUEST_EXPECT(sdei(EVENT_STATUS, NMI), nmi);
}

/* After one more call, so that what was raised would have had its run */
static void expect_runs(u64 ev, u64 nmi)
{
	sdei_any_call();
	GUEST_ASSERT_EQ(READ_ONCE(ev_handler->runs), ev);
	GUEST_ASSERT_EQ(READ_ONCE(nmi_handler->runs), nmi);
}

static void expect_nmi(struct kvm_vcpu *vcpu, int err)
{
	int now = __vcpu_ioctl(vcpu, KVM_NMI, NULL) ? errno : 0;

	TEST_ASSERT(now == err, "KVM_NMI: %s, not %s", strerror(now), strerror(err));
}

static u64 run_with_nmis(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	u64 cmd;

	for (;;) {
		cmd = sdei_vcpu_run(vcpu, uc);
		if (cmd != UCALL_SYNC || !uc->args[1])
			return cmd;
		expect_nmi(vcpu, uc->args[1] == SYNC_NMI ? 0 : ENOENT);
	}
}

static void host_nmi(struct sdei_vm *v)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_with_nmis(v->vcpu[0], &uc), UCALL_DONE);
}

/* Another thread raises NMIs and does nothing else, the vCPU's is in KVM_RUN */
#define NR_NMIS			100

static void handle_daif(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(h->regs.x[3] & PSTATE_DAIF, PSTATE_DAIF);
}

static void guest_asleep(void)
{
	setup_unmasked(handle_daif);
	WRITE_ONCE(ready, 1);
	while (READ_ONCE(nmi_handler->runs) < NR_NMIS)
		wfi();
}

/* A vCPU that makes no exit of its own */
static void guest_busy(void)
{
	setup_unmasked(handle_daif);
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(nmi_handler->runs) == NR_NMIS);
}

static void host_other_thread(struct sdei_vm *v)
{
	pthread_t thread = sdei_start_vcpu(v->vcpu[0]);
	bool sleeps = v->test->guest[0] == guest_asleep;
	u64 i;

	while (!sdei_guest_var(v, ready))
		usleep(10);
	for (i = 0; i < NR_NMIS; i++) {
		if (sleeps)
			sdei_wait_until_blocked(v->vcpu[0]);
		expect_nmi(v->vcpu[0], 0);
		while (sdei_guest_var(v, nmi_handler->runs) == i)
			usleep(10);
		TEST_ASSERT_EQ(sdei_guest_var(v, nmi_handler->runs), i + 1);
	}
	kvm_pthread_join(thread, NULL);
}

/* In a loop without a call, with DAIF set, every register is as it was */
static void handle_end_spin(struct sdei_handler *h)
{
	GUEST_ASSERT_EQ(h->regs.x[2], (u64)sdei_spin);
	GUEST_ASSERT_EQ(h->regs.x[3] & (PSTATE_DAIF | PSR_MODE32_BIT | PSR_MODE_MASK),
			PSTATE_DAIF | PSR_MODE_EL1h);
	sdei_check_regs(&h->regs, &probe.in);
	sdei_resume_at(h, (u64)sdei_probe_end);
}

static void guest_spinning(void)
{
	setup_unmasked(handle_end_spin);
	sdei_probe_fill(&probe);
	sdei_probe(&probe, sdei_point_spin);
	expect_runs(0, 1);
}

static void host_spinning(struct sdei_vm *v)
{
	sdei_run_to_pc(v->vcpu[0], (u64)sdei_spin, (u64)sdei_spin);
	expect_nmi(v->vcpu[0], 0);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/*
 * The NMI nests in event 0's handler, between two calls of it: PE_MASK, and PE_UNMASK
 * with all registers filled. The VM is saved and restored there.
 */
static bool nmi_resumes;

static void handle_nested(struct sdei_handler *h)
{
	expect_runs(1, 1);
	expect_status(ST_ENABLED | ST_RUNNING, ST_ENABLED | ST_RUNNING);
	GUEST_SYNC(0);
	expect_status(ST_ENABLED | ST_RUNNING, ST_ENABLED | ST_RUNNING);
	sdei_check_context(&nmi_probe.in, 4);
	GUEST_ASSERT_EQ(h->regs.x[2], (u64)sdei_after_hvc);
	GUEST_ASSERT_EQ(h->regs.x[3] & (PSTATE_DAIF | PSR_MODE_MASK), PSTATE_DAIF | PSR_MODE_EL1h);
	if (nmi_resumes)
		sdei_resume_at(h, (u64)sdei_probe_end);
}

static void handle_nest(struct sdei_handler *h)
{
	u64 outer = read_sysreg(tpidrro_el0);
	int i;

	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_SYNC(SYNC_NMI);
	expect_runs(1, 0);
	sdei_probe_fill(&nmi_probe);
	for (i = 0; i < ARRAY_SIZE(nmi_probe.in.x); i++)
		nmi_probe.in.x[i] ^= ~0UL;
	nmi_probe.in.x[0] = SDEI_1_0_FN_SDEI_PE_UNMASK;
	sdei_probe(&nmi_probe, sdei_point_hvc);
	write_sysreg(outer, tpidrro_el0);

	GUEST_ASSERT_EQ(nmi_probe.out.x[0], SDEI_SUCCESS);
	if (nmi_resumes) {
		GUEST_ASSERT_EQ(nmi_probe.out.elr, nmi_handler->regs.x[2]);
		GUEST_ASSERT_EQ(nmi_probe.out.spsr, nmi_handler->regs.x[3]);
		nmi_probe.in.elr = nmi_probe.out.elr;
		nmi_probe.in.spsr = nmi_probe.out.spsr;
	}
	sdei_check_regs(&nmi_probe.out, &nmi_probe.in);
	expect_runs(1, 1);
	expect_status(ST_ENABLED | ST_RUNNING, ST_ENABLED);
	sdei_check_context(&probe.in, 4);
	write_sysreg(h->regs.elr, elr_el1);
	write_sysreg(h->regs.spsr, spsr_el1);
	write_sysreg(h->regs.esr, esr_el1);
	write_sysreg(h->regs.far, far_el1);
	write_sysreg(h->regs.sp_el0, sp_el0);
}

static void guest_nested(void)
{
	setup_nmi(handle_nested);
	sdei_setup(handle_nest);
	sdei_probe_fill(&probe);
	sdei_probe_signal(&probe, sdei_point_hvc);
	sdei_check_regs(&probe.out, &probe.in);
	expect_runs(1, 1);
	expect_status(ST_ENABLED, ST_ENABLED);
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
}

static void guest_nested_resume(void)
{
	nmi_resumes = true;
	guest_nested();
}

static void host_nested(struct sdei_vm *v)
{
	struct ucall uc;

	TEST_ASSERT_EQ(run_with_nmis(v->vcpu[0], &uc), UCALL_SYNC);
	sdei_restore_and_run(v, &uc, sdei_run_in_turn);
}

/* An NMI reaches only the vCPU that it is raised on */
static void guest_two(void)
{
	sdei_register(NMI, sdei_this_handler(), NULL);
	GUEST_EXPECT(sdei(EVENT_ENABLE, NMI), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(0);
	sdei_any_call();
	GUEST_ASSERT_EQ(sdei_own_runs(), guest_get_vcpuid());
}

static void host_two(struct sdei_vm *v)
{
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_run_to(v->vcpu[1], UCALL_SYNC);
	expect_nmi(v->vcpu[1], 0);
	sdei_run_in_turn(v);
}

/* The capability, and the errors of KVM_NMI */
static void host_cap(struct sdei_vm *v)
{
	TEST_ASSERT_EQ(kvm_check_cap(KVM_CAP_USER_NMI), 1);
	TEST_ASSERT_EQ(vm_check_cap(v->vm, KVM_CAP_USER_NMI), 1);
}

static void host_protected(struct sdei_vm *v)
{
	int kvm_fd = open_kvm_dev_path_or_exit();
	int vm_fd = ioctl(kvm_fd, KVM_CREATE_VM, KVM_VM_TYPE_ARM_PROTECTED);
	int vcpu_fd;

	if (vm_fd < 0)
		sdei_skip_test("no protected VMs");
	TEST_ASSERT_EQ(ioctl(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_NMI), 0);
	vcpu_fd = ioctl(vm_fd, KVM_CREATE_VCPU, 0);
	TEST_ASSERT(vcpu_fd < 0 || (ioctl(vcpu_fd, KVM_NMI) == -1 && errno == ENXIO),
		    "KVM_NMI: %s", strerror(errno));
}

static void host_no_init(struct sdei_vm *unused)
{
	expect_nmi(__vm_vcpu_add(vm_create_barebones(), 0), ENOENT);
}

static void host_aarch32_el1(struct sdei_vm *unused)
{
	expect_nmi(sdei_add_aarch32_vcpu(), ENXIO);
}

static void host_off(struct sdei_vm *v)
{
	expect_nmi(v->vcpu[0], ENOENT);
	sdei_turn_off(v->vcpu[0]);
	expect_nmi(v->vcpu[0], ENXIO);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	expect_nmi(v->vcpu[0], ENXIO);
}

/* KVM_ARM_VCPU_INIT and CPU_OFF drop it */
static void guest_reset(void)
{
	GUEST_EXPECT(sdei(EVENT_STATUS, NMI), 0);
	setup_unmasked(NULL);
	expect_runs(0, 0);
	GUEST_SYNC(0);
	psci(0_2_FN_CPU_OFF);
	GUEST_FAIL("CPU_OFF returned");
}

static void host_reset(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];

	sdei_run_to(vcpu, UCALL_SYNC);
	expect_nmi(vcpu, 0);
	sdei_vcpu_reset(v, 0, guest_reset);
	expect_nmi(vcpu, ENOENT);
	sdei_run_to(vcpu, UCALL_SYNC);
	do
		sdei_run_for_a_while(vcpu);
	while (sdei_mp_state(vcpu) != KVM_MP_STATE_STOPPED);
	expect_nmi(vcpu, ENOENT);
	sdei_vcpu_reset(v, 0, guest_reset);
	sdei_run_to(vcpu, UCALL_SYNC);
}

/* A vCPU that the VMM has stopped takes the NMI once it can run */
static void host_stopped(struct sdei_vm *v)
{
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	sdei_set_mp_state(v->vcpu[0], KVM_MP_STATE_STOPPED);
	expect_nmi(v->vcpu[0], 0);
	sdei_run_stopped(v->vcpu[0]);
	sdei_set_mp_state(v->vcpu[0], KVM_MP_STATE_RUNNABLE);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* As a VMM that restores what was pending, or running */
static void host_written(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	int i;

	sdei_run_to(vcpu, UCALL_SYNC);
	for (i = 0; i < 2; i++) {
		sdei_expect_set(vcpu, SDEI_STATE(EV), EVENT_REGISTERED | EVENT_RUNNING, 0);
		sdei_expect_set(vcpu, SDEI_STATE(NMI_IDX), EVENT_REGISTERED | EVENT_RUNNING, 0);
		sdei_expect_set(vcpu, SDEI_STATE(i), EVENT_READY, 0);
		sdei_expect_reg(vcpu, SDEI_STATE(i), EVENT_READY);
		sdei_expect_reg(vcpu, SDEI_STATE(!i), EVENT_REGISTERED | EVENT_RUNNING);
	}
	sdei_expect_set(vcpu, SDEI_STATE(EV), EVENT_READY, 0);
	sdei_expect_set(vcpu, SDEI_STATE(NMI_IDX), EVENT_READY | EVENT_PENDING, 0);
	sdei_run_to(vcpu, UCALL_DONE);
}

#define RAISE			SYNC(SYNC_NMI)
#define REFUSED			SYNC(SYNC_REFUSED)
#define RUN(_ev, _nmi)		RUNS(BOTH(_ev, _nmi))
#define STATUSES(_ev, _nmi)	BOTH_STATUS(BOTH(_ev, _nmi), NMI)
#define UNREGISTER_OF(_ret, _ev)	CALL(_ret, EVENT_UNREGISTER, _ev)

#define TEST(_name, ...)	NESTED(_name, NULL, NULL, __VA_ARGS__)
#define HOST(_name, _host, ...)						\
	SDEI_TEST_DATA(_name, SCRIPT(NULL, NULL, __VA_ARGS__), _host, guest_script)
#define NESTED(_name, _ev, _nmi, ...)					\
	SDEI_TEST_DATA(_name, SCRIPT(_ev, _nmi, __VA_ARGS__), host_nmi, guest_script)

static const struct sdei_test tests[] = {
	TEST("two events, calls for event 0 are nothing to the NMI",
	     REGISTER(OK, EV), STATUSES(ST_REGISTERED, 0), CALL(DENIED, EVENT_ENABLE, NMI),
	     CALL(DENIED, EVENT_DISABLE, NMI), UNREGISTER_OF(DENIED, NMI), REN_OF(NMI),
	     STATUSES(ST_REGISTERED, ST_ENABLED), ENABLE, DISABLE,
	     STATUSES(ST_REGISTERED, ST_ENABLED), UNREGISTER(OK), STATUSES(0, ST_ENABLED)),
	TEST("two events, calls for the NMI are nothing to event 0",
	     REGISTER(OK, NMI), STATUSES(0, ST_REGISTERED), CALL(DENIED, EVENT_ENABLE, EV),
	     CALL(DENIED, EVENT_DISABLE, EV), UNREGISTER(DENIED), REN,
	     STATUSES(ST_ENABLED, ST_REGISTERED), CALL(OK, EVENT_ENABLE, NMI),
	     CALL(OK, EVENT_DISABLE, NMI), STATUSES(ST_ENABLED, ST_REGISTERED),
	     UNREGISTER_OF(OK, NMI), STATUSES(ST_ENABLED, 0), REGISTER(OK, NMI),
	     CALL(OK, SHARED_RESET), STATUSES(ST_ENABLED, ST_REGISTERED),
	     CALL(OK, PRIVATE_RESET), STATUSES(0, 0)),
	TEST("the NMI, GET_INFO, SIGNAL, INTERRUPT_RELEASE",
	     CALL(SDEI_EVENT_TYPE_PRIVATE, EVENT_GET_INFO, NMI, SDEI_EVENT_INFO_EV_TYPE),
	     CALL(1, EVENT_GET_INFO, NMI, SDEI_EVENT_INFO_EV_SIGNALED),
	     CALL(SDEI_EVENT_PRIORITY_CRITICAL, EVENT_GET_INFO, NMI, SDEI_EVENT_INFO_EV_PRIORITY),
	     CALL(INVALID, INTERRUPT_RELEASE, NMI), REN, REN_OF(NMI), UNMASK,
	     CALL(INVALID, EVENT_SIGNAL, NMI, SELF), RUN(0, 0)),
	NESTED("in event 0's handler, calls for the NMI are as outside",
	       STEPS(UNREGISTER_OF(DENIED, NMI), REN_OF(NMI),
		     STATUSES(ST_ENABLED | ST_RUNNING, ST_ENABLED),
		     CALL(SDEI_EVENT_PRIORITY_CRITICAL, EVENT_GET_INFO, NMI,
			  SDEI_EVENT_INFO_EV_PRIORITY),
		     CALL(OK, EVENT_DISABLE, NMI), UNREGISTER_OF(OK, NMI), REN_OF(NMI),
		     CALL(DENIED, PRIVATE_RESET), STATUSES(ST_RUNNING, 0),
		     REGISTER(OK, NMI)), NULL,
	       REN, UNMASK, SIGNAL, RUN(1, 0), STATUSES(0, ST_REGISTERED)),
	TEST("NMI raised, one run, x0 is its number",
	     REN_OF(NMI), UNMASK, RAISE, RUN(0, 1), STATUSES(0, ST_ENABLED)),
	TEST("NMI raised twice, masked, one run after PE_UNMASK",
	     REN_OF(NMI), RAISE, RAISE, RUN(0, 0), UNMASK, RUN(0, 1)),
	TEST("NMI raised, disabled, one run after ENABLE",
	     REGISTER(OK, NMI), UNMASK, RAISE, RUN(0, 0), CALL(OK, EVENT_ENABLE, NMI), RUN(0, 1)),
	NESTED("NMI raised, not registered, ENOENT",
	       NULL, STEPS(UNREGISTER_OF(PENDING, NMI), REFUSED),
	       UNMASK, REFUSED, REN_OF(NMI), RUN(0, 0), RAISE, RUN(0, 1), REFUSED,
	       REN_OF(NMI), RUN(0, 1)),
	TEST("NMI raised, UNREGISTER or PRIVATE_RESET, no run",
	     REN_OF(NMI), RAISE, UNREGISTER_OF(OK, NMI), REN_OF(NMI), UNMASK, RUN(0, 0),
	     MASK(1), RAISE, CALL(OK, PRIVATE_RESET), REN_OF(NMI), UNMASK, RUN(0, 0)),
	SDEI_TEST("in WFI, an NMI wakes it, each has its run", host_other_thread, guest_asleep),
	SDEI_TEST("in a loop, each NMI has its run", host_other_thread, guest_busy),
	SDEI_TEST("in a loop, DAIF set, an NMI changes no register", host_spinning, guest_spinning),
	SDEI_TEST("in event 0's handler, an NMI nests", host_nested, guest_nested),
	SDEI_TEST("in event 0's handler, an NMI, COMPLETE_AND_RESUME", host_nested,
		  guest_nested_resume),
	NESTED("in the NMI's handler, SIGNAL, one run after COMPLETE",
	       NULL, STEPS(SIGNAL, RUN(0, 1), STATUSES(ST_ENABLED, ST_ENABLED | ST_RUNNING)),
	       REN, REN_OF(NMI), UNMASK, RAISE, RUN(1, 1), STATUSES(ST_ENABLED, ST_ENABLED)),
	NESTED("in the NMI's handler, an NMI, one run after COMPLETE",
	       NULL, STEPS(RAISE, RUN(0, 1)), REN, REN_OF(NMI), UNMASK, RAISE, RUN(0, 2)),
	NESTED("in the NMI's handler, UNREGISTER of event 0 is PENDING",
	       STEPS(RAISE, RUN(1, 1), STATUSES(ST_RUNNING, ST_ENABLED)),
	       STEPS(UNREGISTER(PENDING), STATUSES(ST_RUNNING, ST_ENABLED | ST_RUNNING)),
	       REN, REN_OF(NMI), UNMASK, SIGNAL, RUN(1, 1), STATUSES(0, ST_ENABLED)),
	NESTED("in event 0's handler, SIGNAL, NMI, one run after both",
	       STEPS(SIGNAL, RAISE, RUN(1, 1)), NULL, REN, REN_OF(NMI), UNMASK, SIGNAL, RUN(2, 1)),
	NESTED("both pending, PE_UNMASK, the NMI is first",
	       STEPS(RUN(1, 1)), STEPS(RUN(0, 1)),
	       REN, REN_OF(NMI), UNMASK, MASK(1), SIGNAL, RAISE, RUN(0, 0), UNMASK, RUN(1, 1)),
	NESTED("both pending, COMPLETE, the NMI is first",
	       STEPS(RUN(1, 2)), STEPS(SIGNAL, RAISE, RUN(0, 1)),
	       REN, REN_OF(NMI), UNMASK, RAISE, RUN(1, 2)),
	SDEI_TEST("two vCPUs, an NMI to one, one run there", host_two, guest_two, guest_two),
	SDEI_TEST("KVM_CAP_USER_NMI is 1", host_cap),
	SDEI_TEST("protected VM, KVM_CAP_USER_NMI is 0, KVM_NMI is ENXIO", host_protected),
	SDEI_TEST("before KVM_ARM_VCPU_INIT, KVM_NMI is ENOENT", host_no_init),
	SDEI_TEST("AArch32 EL1, KVM_NMI is ENXIO", host_aarch32_el1),
	HOST("feature bit cleared, KVM_NMI is ENXIO", host_off, STATUS(SDEI_NOT_SUPPORTED, NMI)),
	SDEI_TEST("KVM_ARM_VCPU_INIT, CPU_OFF, KVM_NMI is ENOENT", host_reset, guest_reset),
	HOST("KVM_MP_STATE_STOPPED, an NMI has no run until RUNNABLE", host_stopped,
	     REN_OF(NMI), UNMASK, SYNC(0), RUN(0, 1)),
	HOST("EVENT_STATE written, pending and running are the NMI's", host_written,
	     REN, REN_OF(NMI), UNMASK, SYNC(0), RUN(0, 1)),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}

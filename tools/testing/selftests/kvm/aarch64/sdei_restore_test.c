// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM that is saved in any state of an SDEI event, with every register that KVM
 * lists, continues in another one, in whatever order the registers are written.
 */
#include "sdei.h"

/*
 * The guest goes to a state of the event and the PE, stops for the VMM, and sees on
 * its way back that all is as it was.
 */
struct state {
	u64	event;
	bool	masked;
	u64	version;
};

static struct sdei_probe probe;
static bool stopped;

/* Pending, and nothing holds it back: only while the vCPU is stopped */
static bool is_deliverable(const struct state *s)
{
	return (s->event & EVENT_PENDING) && (s->event & EVENT_ENABLED) &&
	       !(s->event & EVENT_RUNNING) && !s->masked;
}

/* In the handler if the state has the event running: the rest of the way, and back */
static void stop(void)
{
	const struct state *s = sdei_test->data;

	if ((s->event & EVENT_RUNNING) && !(s->event & EVENT_REGISTERED))
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_PENDING);
	else if ((s->event & EVENT_REGISTERED) && !(s->event & EVENT_ENABLED))
		GUEST_EXPECT(sdei(EVENT_DISABLE, EV), SDEI_SUCCESS);
	if (s->masked)
		GUEST_EXPECT(sdei(PE_MASK), 1);
	if ((s->event & EVENT_PENDING) && !is_deliverable(s))
		sdei_signal_self();

	stopped = true;
	GUEST_SYNC(0);

	GUEST_EXPECT(sdei(VERSION), s->version);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), s->event & ~EVENT_PENDING);
	if (s->event & EVENT_RUNNING)
		sdei_check_context(&probe.in, 4);
	else
		GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(PE_MASK), !s->masked);
	if (s->event & EVENT_REGISTERED)
		GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

static void handle_state(struct sdei_handler *h)
{
	/* Or it was pending */
	if (!stopped)
		stop();
}

static void guest_state(void)
{
	const struct state *s = sdei_test->data;

	if (s->event)
		sdei_setup(handle_state);
	else
		GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);

	if (s->event & EVENT_RUNNING) {
		sdei_probe_fill(&probe);
		sdei_probe_signal(&probe, sdei_point_hvc);
		sdei_check_regs(&probe.out, &probe.in);
	} else {
		stop();
	}

	GUEST_ASSERT(stopped);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), s->event & EVENT_REGISTERED ? ST_ENABLED : 0);
	GUEST_EXPECT(sdei_own_runs(), !!(s->event & EVENT_RUNNING) + !!(s->event & EVENT_PENDING));
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(PE_MASK), 1);
}

/* The registers have what the guest made of them, not only what was written */
static void check_state(struct sdei_vm *v, const struct state *s)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	int n;

	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_VERSION, s->version);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_PE_STATE,
			s->masked ? KVM_REG_ARM_SDEI_PE_MASKED : 0);
	sdei_expect_reg(vcpu, SDEI_STATE(EV), s->event);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_EVENT_ENTRY(EV), s->event ? (u64)sdei_entry : 0);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_EVENT_ARG(EV), s->event ? (u64)&sdei_handler[0] : 0);
	if (!(s->event & EVENT_RUNNING))
		return;
	for (n = 0; n < SDEI_NR_CONTEXT_REGS; n++)
		sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_CONTEXT_X(0, n),
				n < 4 ? 0 : sdei_guest_var(v, probe.in.x[n]));
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_CONTEXT_PC(0), (u64)sdei_after_hvc);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_CONTEXT_PSTATE(0),
			sdei_guest_var(v, sdei_handler[0].regs.x[3]));
}

static void host_state(struct sdei_vm *v)
{
	const struct state *s = v->test->data;
	struct ucall uc;

	vcpu_set_reg(v->vcpu[0], KVM_REG_ARM_SDEI_VERSION, s->version);
	TEST_ASSERT_EQ(sdei_vcpu_run(v->vcpu[0], &uc), UCALL_SYNC);
	if (is_deliverable(s))
		sdei_expect_set(v->vcpu[0], SDEI_STATE(EV), s->event, 0);
	check_state(v, s);
	sdei_restore_and_run(v, &uc, sdei_run_in_turn);
}

/* Interrupted at EL0, where all registers have a pattern */
struct user {
	u64	entry, pstate;
};

static void handle_user(struct sdei_handler *h)
{
	GUEST_SYNC(0);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED | ST_RUNNING);
	sdei_check_context(&probe.in, 0);
}

static void guest_user(void)
{
	const struct user *user = sdei_test->data;

	sdei_need_aarch32(user->pstate);
	sdei_setup(handle_user);
	sdei_probe_fill(&probe);
	probe.in.elr = user->entry;
	probe.in.spsr = user->pstate;
	GUEST_SYNC(0);
	sdei_probe(&probe, sdei_point_eret);
}

static void run_to_user(struct sdei_vm *v)
{
	const struct user *user = v->test->data;
	u64 pstate, reg;
	int i;

	sdei_run_to_pc(v->vcpu[0], user->entry, user->entry + 8);
	pstate = vcpu_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate));
	TEST_ASSERT_EQ(pstate & (PSTATE_NZCV | PSTATE_DAIF | PSR_MODE32_BIT | PSR_MODE_MASK),
		       user->pstate);
	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++) {
		reg = vcpu_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.regs[i]));
		TEST_ASSERT_EQ((u32)reg, (u32)sdei_guest_var(v, probe.in.x[i]));
	}
	sdei_expect_reg(v->vcpu[0], SDEI_STATE(EV), EVENT_READY);
}

static void host_user(struct sdei_vm *v)
{
	struct ucall uc;

	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	run_to_user(v);
	sdei_expect_set(v->vcpu[0], SDEI_STATE(EV), EVENT_READY | EVENT_PENDING, 0);
	TEST_ASSERT_EQ(sdei_vcpu_run(v->vcpu[0], &uc), UCALL_SYNC);
	sdei_restore_and_run(v, &uc, run_to_user);
}

#define STATE(_name, _event, _masked, _version)				\
	SDEI_TEST_DATA(_name ", saved and restored",			\
		       (&(const struct state){ _event, _masked, _version }), \
		       host_state, guest_state)
#define UNMASKED(_name, _event)						\
	STATE(_name, _event, false, KVM_REG_ARM_SDEI_VERSION_1_1)
#define MASKED(_name, _event)						\
	STATE(_name ", masked", _event, true, KVM_REG_ARM_SDEI_VERSION_1_1)
#define USER(_name, _entry, _mode)					\
	SDEI_TEST_DATA(_name ", saved and restored in the handler",	\
		       (&(const struct user){ _entry, PSR_N_BIT | PSR_C_BIT | (_mode) }), \
		       host_user, guest_user)
#define PENDING			EVENT_PENDING
#define DISABLED		EVENT_REGISTERED
#define ENABLED			EVENT_READY
#define RUNNING			EVENT_RUNNING

static const struct sdei_test tests[] = {
	UNMASKED("not registered", 0),
	UNMASKED("disabled", DISABLED),
	UNMASKED("disabled, pending", DISABLED | PENDING),
	UNMASKED("enabled", ENABLED),
	UNMASKED("enabled, pending", ENABLED | PENDING),
	UNMASKED("running, unregistered", RUNNING),
	UNMASKED("running, disabled", RUNNING | DISABLED),
	UNMASKED("running, disabled, pending", RUNNING | DISABLED | PENDING),
	UNMASKED("running", RUNNING | ENABLED),
	UNMASKED("running, pending", RUNNING | ENABLED | PENDING),
	MASKED("not registered", 0),
	MASKED("disabled", DISABLED),
	MASKED("disabled, pending", DISABLED | PENDING),
	MASKED("enabled", ENABLED),
	MASKED("enabled, pending", ENABLED | PENDING),
	MASKED("running, unregistered", RUNNING),
	MASKED("running, disabled", RUNNING | DISABLED),
	MASKED("running, disabled, pending", RUNNING | DISABLED | PENDING),
	MASKED("running", RUNNING | ENABLED),
	MASKED("running, pending", RUNNING | ENABLED | PENDING),
	STATE("VERSION 1.0", 0, true, KVM_REG_ARM_SDEI_VERSION_1_0),
	USER("EL0 interrupted", SDEI_USER_A64, PSR_MODE_EL0t),
	USER("AArch32 EL0 interrupted", SDEI_USER_A32, PSR_MODE32_BIT),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}

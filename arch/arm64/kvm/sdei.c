// SPDX-License-Identifier: GPL-2.0-only
/*
 * Software Delegated Exception Interface (SDEI, Arm DEN0054C) for KVM guests
 *
 * KVM is the dispatcher, the guest's EL1 is the client. An event interrupts
 * the guest whatever PSTATE.DAIF says, and its handler ends with one of the
 * SDEI_EVENT_COMPLETE calls: a guest's NMI where there is no FEAT_NMI.
 */

#include <linux/arm-smccc.h>
#include <linux/arm_sdei.h>
#include <linux/bitops.h>
#include <linux/kvm_host.h>
#include <linux/nospec.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_sdei.h>

#include <kvm/arm_hypercalls.h>

#define CREATE_TRACE_POINTS
#include "trace_sdei.h"

/* The first interrupt that is not an SGI: only others can be bound */
#define SDEI_MIN_BINDABLE_INTID		16

#define SDEI_ALL_EVENTS			GENMASK(KVM_SDEI_NR_EVENTS - 1, 0)

static const u32 sdei_event_number[KVM_SDEI_NR_EVENTS] = {
	[KVM_SDEI_SW_SIGNALED]	= SDEI_EVENT_SW_SIGNALED,
	[KVM_SDEI_NMI]		= KVM_SDEI_EVENT_NMI,
};

/**
 * vcpu_has_sdei - whether a vCPU can have SDEI and its VM has it turned on
 * @vcpu: the vCPU
 *
 * The client of SDEI is an AArch64 EL1, without an EL2 of its own, and with
 * registers that the host can see and edit.
 *
 * Return: true if so. Once the VM has run this does not change.
 */
bool vcpu_has_sdei(struct kvm_vcpu *vcpu)
{
	return test_bit(KVM_REG_ARM_STD_BIT_SDEI,
			&vcpu->kvm->arch.smccc_feat.std_bmap) &&
	       !vcpu_el1_is_32bit(vcpu) && !vcpu_has_nv(vcpu) &&
	       !kvm_vm_is_protected(vcpu->kvm);
}

/*
 * The event of a set that goes first, or whose handler interrupted the others';
 * -1 if the set is empty.
 */
static int sdei_top_event(u32 events)
{
	return fls((events & KVM_SDEI_CRITICAL_EVENTS) ?: events) - 1;
}

/*
 * The event whose handler can be entered now, -1 if there is none: the one
 * place that says what is deliverable. State that the VMM wrote before it turned
 * SDEI off has no effect.
 */
static int sdei_next_event(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int running = sdei_top_event(kvm_sdei_running(sdei));
	int next = sdei_top_event(atomic_read(&sdei->pending) &
				  READ_ONCE(sdei->enabled));

	if (next < 0 || READ_ONCE(sdei->masked) || !vcpu_has_sdei(vcpu))
		return -1;

	if (running >= 0 &&
	    kvm_sdei_priority(next) <= kvm_sdei_priority(running))
		return -1;

	return next;
}

/* Called in the vCPU's own thread after any change that can make an event next */
static void sdei_update(struct kvm_vcpu *vcpu)
{
	if (kvm_sdei_deliverable(vcpu))
		kvm_make_request(KVM_REQ_SDEI, vcpu);
}

/*
 * The guest's registers can't be edited in place where the hypervisor has the
 * only current copy of them (pKVM, unless the guest trapped), or where PSTATE.SS
 * is the host's while the vCPU is loaded (the VMM single-steps the guest). A put
 * brings the guest's state back to memory, and the load after it makes the edits
 * count.
 */
static bool sdei_edit_begin(struct kvm_vcpu *vcpu)
{
	if (likely(!is_protected_kvm_enabled() && !vcpu->guest_debug))
		return false;

	preempt_disable();
	kvm_arch_vcpu_put(vcpu);

	return true;
}

static void sdei_edit_end(struct kvm_vcpu *vcpu, bool unloaded)
{
	if (likely(!unloaded))
		return;

	kvm_arch_vcpu_load(vcpu, smp_processor_id());
	preempt_enable();
}

/* PSTATE in a handler that interrupts @old, and where COMPLETE_AND_RESUME resumes */
static u64 sdei_exception_pstate(struct kvm_vcpu *vcpu, u64 old)
{
	/* What vcpu_read_sys_reg() finds only after a look at all registers */
	u64 sctlr = vcpu_get_flag(vcpu, SYSREGS_ON_CPU) ?
			read_sysreg_s(SYS_SCTLR_EL12) :
			__vcpu_sys_reg(vcpu, SCTLR_EL1);

	return kvm_exception_pstate(old, sctlr, kvm_has_mte(vcpu->kvm),
				    PSR_MODE_EL1h);
}

/* The event that x1 names, a 32-bit argument; -1 if there is none */
static int sdei_event_arg(struct kvm_vcpu *vcpu)
{
	u32 number = smccc_get_arg1(vcpu);
	int event;

	for (event = 0; event < KVM_SDEI_NR_EVENTS; event++) {
		if (sdei_event_number[event] == number)
			return event;
	}

	return -1;
}

static u64 kvm_sdei_event_register(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int event = sdei_event_arg(vcpu);
	u64 entry = smccc_get_arg2(vcpu);
	u64 flags = vcpu_get_reg(vcpu, 4);

	/* A private event has no use for the routing mode and the affinity */
	if (event < 0 || !entry || !IS_ALIGNED(entry, 4) ||
	    flags & ~(u64)SDEI_EVENT_REGISTER_RM_PE)
		return SDEI_INVALID_PARAMETERS;

	if ((sdei->registered | kvm_sdei_running(sdei)) & BIT(event))
		return SDEI_DENIED;

	sdei->handler[event].entry = entry;
	sdei->handler[event].arg = smccc_get_arg3(vcpu);

	/* What was raised for an earlier registration is not for this one */
	atomic_andnot(BIT(event), &sdei->pending);

	/*
	 * Pairs with sdei_make_pending(): an event raised for this registration
	 * must not be dropped with those.
	 */
	smp_store_release(&sdei->registered, sdei->registered | BIT(event));

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_event_enable(struct kvm_vcpu *vcpu, bool enable)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int event = sdei_event_arg(vcpu);

	if (event < 0)
		return SDEI_INVALID_PARAMETERS;

	if (!(sdei->registered & BIT(event)))
		return SDEI_DENIED;

	WRITE_ONCE(sdei->enabled, enable ? sdei->enabled | BIT(event) :
					   sdei->enabled & ~BIT(event));
	sdei_update(vcpu);

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_event_context(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int running = sdei_top_event(kvm_sdei_running(sdei));
	u32 param = smccc_get_arg1(vcpu);

	if (param >= KVM_SDEI_NR_REGS)
		return SDEI_INVALID_PARAMETERS;

	if (running < 0)
		return SDEI_DENIED;

	param = array_index_nospec(param, KVM_SDEI_NR_REGS);

	return sdei->context[kvm_sdei_priority(running)].regs[param];
}

/* @resume: at the address in x1, as if by an exception from what was interrupted */
static u64 kvm_sdei_event_complete(struct kvm_vcpu *vcpu, bool resume)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int running = sdei_top_event(kvm_sdei_running(sdei));
	u64 addr = smccc_get_arg1(vcpu);
	const struct kvm_sdei_context *ctx;
	unsigned int priority;
	bool unloaded;

	if (running < 0)
		return SDEI_DENIED;

	if (resume && !IS_ALIGNED(addr, 4))
		return SDEI_INVALID_PARAMETERS;

	priority = kvm_sdei_priority(running);
	ctx = &sdei->context[priority];

	/*
	 * KVM steps over an SMC, which traps before it executes. Do so now, not
	 * to skip an instruction of what was interrupted.
	 */
	kvm_adjust_pc(vcpu);

	unloaded = sdei_edit_begin(vcpu);
	memcpy(vcpu_gp_regs(vcpu)->regs, ctx->regs, sizeof(ctx->regs));
	if (resume) {
		vcpu_write_sys_reg(vcpu, ctx->pc, ELR_EL1);
		vcpu_write_sys_reg(vcpu, ctx->pstate, SPSR_EL1);
		*vcpu_pc(vcpu) = addr;
		*vcpu_cpsr(vcpu) = sdei_exception_pstate(vcpu, ctx->pstate);
	} else {
		*vcpu_pc(vcpu) = ctx->pc;
		*vcpu_cpsr(vcpu) = ctx->pstate;
	}
	sdei_edit_end(vcpu, unloaded);

	WRITE_ONCE(sdei->running[priority], 0);
	sdei_update(vcpu);

	trace_kvm_sdei_complete(vcpu->vcpu_id, sdei_event_number[running],
				*vcpu_pc(vcpu));

	return SDEI_SUCCESS;
}

static u64 sdei_unregister(struct kvm_vcpu *vcpu, u32 events)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	WRITE_ONCE(sdei->registered, sdei->registered & ~events);
	WRITE_ONCE(sdei->enabled, sdei->enabled & ~events);
	atomic_andnot(events, &sdei->pending);

	/* A handler that runs is not stopped, its event is gone when it completes */
	return kvm_sdei_running(sdei) & events ? SDEI_PENDING : SDEI_SUCCESS;
}

static u64 kvm_sdei_event_unregister(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int event = sdei_event_arg(vcpu);

	if (event < 0)
		return SDEI_INVALID_PARAMETERS;

	if (!((sdei->registered | kvm_sdei_running(sdei)) & BIT(event)))
		return SDEI_DENIED;

	return sdei_unregister(vcpu, BIT(event));
}

static u64 kvm_sdei_event_status(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int event = sdei_event_arg(vcpu);
	u64 status = 0;

	if (event < 0)
		return SDEI_INVALID_PARAMETERS;

	if (sdei->registered & BIT(event))
		status |= BIT(SDEI_EVENT_STATUS_REGISTERED);
	if (sdei->enabled & BIT(event))
		status |= BIT(SDEI_EVENT_STATUS_ENABLED);
	if (kvm_sdei_running(sdei) & BIT(event))
		status |= BIT(SDEI_EVENT_STATUS_RUNNING);

	return status;
}

static u64 kvm_sdei_event_get_info(struct kvm_vcpu *vcpu)
{
	int event = sdei_event_arg(vcpu);

	if (event < 0)
		return SDEI_INVALID_PARAMETERS;

	switch ((u32)smccc_get_arg2(vcpu)) {
	case SDEI_EVENT_INFO_EV_TYPE:
		return SDEI_EVENT_TYPE_PRIVATE;
	case SDEI_EVENT_INFO_EV_SIGNALED:
		/* 0 is "can be signalled by software" */
		return event != KVM_SDEI_SW_SIGNALED;
	case SDEI_EVENT_INFO_EV_PRIORITY:
		return kvm_sdei_priority(event);
	default:
		/* A private event has no routing information either */
		return SDEI_INVALID_PARAMETERS;
	}
}

/*
 * Make an event pending that @source signalled, the id of a vCPU or -1 for the
 * host. The vCPU is not kicked.
 */
static int sdei_make_pending(struct kvm_vcpu *vcpu, enum kvm_sdei_event event,
			     int source)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	/* Pairs with kvm_sdei_event_register() */
	if (!(smp_load_acquire(&sdei->registered) & BIT(event)))
		return -ENOENT;

	/* Before the vCPU can trace that it takes the event */
	trace_kvm_sdei_signal(vcpu->vcpu_id, sdei_event_number[event], source);

	/*
	 * A release, for the handler to see what the signaller wrote before,
	 * also if this event is taken together with an earlier one. The request
	 * orders it before the vCPU's own look at its state. It is made for a
	 * masked vCPU as well: looking at the mask here would race with the
	 * guest's changing it.
	 */
	atomic_fetch_or_release(BIT(event), &sdei->pending);
	kvm_make_request(KVM_REQ_SDEI, vcpu);

	return 0;
}

static u64 kvm_sdei_event_signal(struct kvm_vcpu *vcpu)
{
	u64 mpidr = smccc_get_arg2(vcpu) & MPIDR_HWID_BITMASK;
	struct kvm_vcpu *target = vcpu;

	/* A look-up takes longer than the rest of this call */
	if (mpidr != kvm_vcpu_get_mpidr_aff(vcpu))
		target = kvm_mpidr_to_vcpu(vcpu->kvm, mpidr);

	if (!target || sdei_event_arg(vcpu) != KVM_SDEI_SW_SIGNALED ||
	    sdei_make_pending(target, KVM_SDEI_SW_SIGNALED, vcpu->vcpu_id))
		return SDEI_INVALID_PARAMETERS;

	/* One that signals itself is out of the guest */
	if (target != vcpu)
		kvm_vcpu_kick(target);

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_features(struct kvm_vcpu *vcpu)
{
	switch ((u32)smccc_get_arg1(vcpu)) {
	case SDEI_FEATURE_RELATIVE_MODE:
		if (vcpu->kvm->arch.sdei_version < KVM_REG_ARM_SDEI_VERSION_1_1)
			return SDEI_INVALID_PARAMETERS;
		fallthrough;
	case SDEI_FEATURE_BIND_SLOTS:
		return 0;
	default:
		return SDEI_INVALID_PARAMETERS;
	}
}

/**
 * kvm_sdei_call - handle an SDEI call of a guest (DEN0054C section 5.1)
 * @vcpu: the calling vCPU, in its own thread
 *
 * Return: 1, to go back to the guest.
 */
int kvm_sdei_call(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	u64 val = SDEI_NOT_SUPPORTED;

	if (!vcpu_has_sdei(vcpu))
		goto out;

	switch (smccc_get_function(vcpu)) {
	case SDEI_1_0_FN_SDEI_VERSION:
		val = vcpu->kvm->arch.sdei_version;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_REGISTER:
		val = kvm_sdei_event_register(vcpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_ENABLE:
		val = kvm_sdei_event_enable(vcpu, true);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_DISABLE:
		val = kvm_sdei_event_enable(vcpu, false);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_CONTEXT:
		val = kvm_sdei_event_context(vcpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_COMPLETE:
		val = kvm_sdei_event_complete(vcpu, false);
		if (val == SDEI_SUCCESS)
			goto completed;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME:
		val = kvm_sdei_event_complete(vcpu, true);
		if (val == SDEI_SUCCESS)
			goto completed;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_UNREGISTER:
		val = kvm_sdei_event_unregister(vcpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_STATUS:
		val = kvm_sdei_event_status(vcpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_GET_INFO:
		val = kvm_sdei_event_get_info(vcpu);
		break;
	case SDEI_1_0_FN_SDEI_PE_MASK:
		/* Whether this call masked it */
		val = !sdei->masked;
		WRITE_ONCE(sdei->masked, true);
		break;
	case SDEI_1_0_FN_SDEI_PE_UNMASK:
		WRITE_ONCE(sdei->masked, false);
		sdei_update(vcpu);
		val = SDEI_SUCCESS;
		break;
	case SDEI_1_0_FN_SDEI_INTERRUPT_BIND:
		val = (u32)smccc_get_arg1(vcpu) < SDEI_MIN_BINDABLE_INTID ?
			SDEI_INVALID_PARAMETERS : SDEI_OUT_OF_RESOURCE;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_ROUTING_SET:
	case SDEI_1_0_FN_SDEI_INTERRUPT_RELEASE:
		/* There are no shared events, and no interrupts are bound */
		val = SDEI_INVALID_PARAMETERS;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_SIGNAL:
		val = kvm_sdei_event_signal(vcpu);
		break;
	case SDEI_1_0_FN_SDEI_FEATURES:
		val = kvm_sdei_features(vcpu);
		break;
	case SDEI_1_0_FN_SDEI_PRIVATE_RESET:
		val = sdei_unregister(vcpu, SDEI_ALL_EVENTS) ? SDEI_DENIED :
							       SDEI_SUCCESS;
		break;
	case SDEI_1_0_FN_SDEI_SHARED_RESET:
		/* Nothing to reset */
		val = SDEI_SUCCESS;
		break;
	}

out:
	smccc_set_retval(vcpu, val, 0, 0, 0);
completed:
	/* Without a look at all requests, as there is on the way to the guest */
	if (kvm_check_request(KVM_REQ_SDEI, vcpu))
		kvm_sdei_deliver(vcpu);

	return 1;
}

/**
 * kvm_sdei_raise - make an event pending on a vCPU
 * @vcpu: the target, of a VM that the caller keeps from going away
 * @event: the event
 *
 * The handler runs once the vCPU has the event enabled, is not masked and runs
 * no handler of the same or a higher priority; a vCPU that waits in WFI is
 * woken for that, one that is powered off is not. An event that is pending
 * already stays so: the handler runs once.
 *
 * Context: any but NMI, with or without the vCPU's mutex.
 * Return: 0, or -ENOENT if the guest has not registered the event.
 */
int kvm_sdei_raise(struct kvm_vcpu *vcpu, enum kvm_sdei_event event)
{
	int ret = sdei_make_pending(vcpu, event, -1);

	if (!ret)
		kvm_vcpu_kick(vcpu);

	return ret;
}

/**
 * kvm_sdei_nmi - raise the operator's NMI (KVM_NMI)
 * @vcpu: the vCPU
 *
 * Context: process context, without the vCPU's mutex, which is not to be had
 * while the vCPU runs.
 * Return: 0, -ENOENT if the guest has not registered the event, or -ENXIO if the
 * vCPU has no SDEI.
 */
int kvm_sdei_nmi(struct kvm_vcpu *vcpu)
{
	if (!vcpu_has_sdei(vcpu))
		return -ENXIO;

	return kvm_sdei_raise(vcpu, KVM_SDEI_NMI);
}

/**
 * kvm_sdei_deliverable - whether an event waits that the vCPU may take now
 * @vcpu: the vCPU
 *
 * Return: true if so, which ends a WFI.
 */
bool kvm_sdei_deliverable(struct kvm_vcpu *vcpu)
{
	return sdei_next_event(vcpu) >= 0;
}

/**
 * kvm_sdei_deliver - enter the handler of the next event (DEN0054C section 5.2)
 * @vcpu: the vCPU, loaded, able to run, in its own thread
 *
 * Handles KVM_REQ_SDEI. Does nothing if no event is deliverable: any change to
 * that makes the request again.
 */
void kvm_sdei_deliver(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int event = sdei_next_event(vcpu);
	struct kvm_sdei_context *ctx;
	unsigned int priority;
	bool unloaded;

	if (event < 0)
		return;

	/* Commit them first: the event is taken at the next instruction boundary */
	kvm_adjust_pc(vcpu);

	priority = kvm_sdei_priority(event);
	ctx = &sdei->context[priority];

	atomic_andnot(BIT(event), &sdei->pending);
	WRITE_ONCE(sdei->running[priority], BIT(event));

	/* x4-x30, SP, FP/SIMD, ELR_EL1 and SPSR_EL1 are live: left alone */
	unloaded = sdei_edit_begin(vcpu);
	memcpy(ctx->regs, vcpu_gp_regs(vcpu)->regs, sizeof(ctx->regs));
	ctx->pc = *vcpu_pc(vcpu);
	ctx->pstate = *vcpu_cpsr(vcpu);

	vcpu_set_reg(vcpu, 0, sdei_event_number[event]);
	vcpu_set_reg(vcpu, 1, sdei->handler[event].arg);
	vcpu_set_reg(vcpu, 2, ctx->pc);
	vcpu_set_reg(vcpu, 3, ctx->pstate);
	*vcpu_pc(vcpu) = sdei->handler[event].entry;
	*vcpu_cpsr(vcpu) = sdei_exception_pstate(vcpu, ctx->pstate);
	sdei_edit_end(vcpu, unloaded);

	vcpu->stat.sdei_events++;
	trace_kvm_sdei_deliver(vcpu->vcpu_id, sdei_event_number[event], ctx->pc);
}

/**
 * kvm_sdei_reset_vcpu - reset the SDEI state of a vCPU
 * @vcpu: the vCPU, in its own thread or not running
 *
 * On reset, and once PSCI powered it off, a vCPU is masked and has no event
 * registered, pending or running. A handler that was running is forgotten,
 * the guest may power its CPU off from there.
 */
void kvm_sdei_reset_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int i;

	sdei_unregister(vcpu, SDEI_ALL_EVENTS);
	for (i = 0; i < KVM_SDEI_NR_PRIORITIES; i++)
		WRITE_ONCE(sdei->running[i], 0);
	WRITE_ONCE(sdei->masked, true);
	memset(sdei->handler, 0, sizeof(sdei->handler));
	memset(sdei->context, 0, sizeof(sdei->context));
}

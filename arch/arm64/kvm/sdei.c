// SPDX-License-Identifier: GPL-2.0-only
/*
 * Software Delegated Exception Interface (SDEI, Arm DEN0054C) for KVM guests
 *
 * KVM is the dispatcher, the guest's EL1 is the client. An event interrupts
 * the guest regardless of PSTATE.DAIF, which makes it an NMI for guests without
 * FEAT_NMI. Its handler returns with one of the SDEI_EVENT_COMPLETE calls.
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

/* SGIs can't be bound, this is the first INTID after them */
#define SDEI_MIN_BINDABLE_INTID		16

static const u32 sdei_event_number[KVM_SDEI_NR_EVENTS] = {
	[KVM_SDEI_SW_SIGNALED]	= SDEI_EVENT_SW_SIGNALED,
	[KVM_SDEI_NMI]		= KVM_SDEI_EVENT_NMI,
};

/**
 * vcpu_has_sdei - whether a vCPU has SDEI
 * @vcpu: the vCPU
 *
 * Its VM has SDEI turned on, and its client can be served: an AArch64 EL1
 * without EL2, whose registers the host can access.
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

/* The event of a set that is delivered first, -1 if the set is empty */
static int sdei_top_event(u32 events)
{
	return fls((events & KVM_SDEI_CRITICAL_EVENTS) ?: events) - 1;
}

/* The highest priority at which a handler runs, -1 if none does */
static int sdei_running_priority(struct kvm_vcpu_sdei *sdei)
{
	int priority = KVM_SDEI_NR_PRIORITIES;

	while (--priority >= 0 && !READ_ONCE(sdei->running[priority]))
		;

	return priority;
}

/*
 * The event whose handler can be entered now, -1 if there is none. This alone
 * decides what is deliverable. State that the VMM wrote before it turned SDEI
 * off must have no effect.
 */
static int sdei_next_event(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int next = sdei_top_event(atomic_read(&sdei->pending) &
				  READ_ONCE(sdei->enabled));

	if (next < 0 || READ_ONCE(sdei->masked) ||
	    kvm_sdei_priority(next) <= sdei_running_priority(sdei) ||
	    !vcpu_has_sdei(vcpu))
		return -1;

	return next;
}

/* For the vCPU's own thread, after a change that can make an event deliverable */
static void sdei_update(struct kvm_vcpu *vcpu)
{
	if (kvm_sdei_deliverable(vcpu))
		kvm_make_request(KVM_REQ_SDEI, vcpu);
}

/*
 * While the VMM single-steps the guest, PSTATE.SS is the host's as long as the
 * vCPU is loaded. Under pKVM the hypervisor may have the only current copy of
 * the registers, after any exit but a trap. Put the vCPU around an edit in both
 * cases. Under pKVM COMPLETE could do without, as it always follows a trap, but
 * that isn't worth a special case.
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

/* PSTATE after an exception to EL1h from @old */
static u64 sdei_exception_pstate(struct kvm_vcpu *vcpu, u64 old)
{
	/*
	 * As vcpu_read_sys_reg(), but without looking up where the register
	 * lives. Preempt-safe: a switch in between reloads the same value.
	 */
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

	/* The routing mode and the affinity are ignored for private events */
	if (event < 0 || !entry || !IS_ALIGNED(entry, 4) ||
	    flags & ~(u64)SDEI_EVENT_REGISTER_RM_PE)
		return SDEI_INVALID_PARAMETERS;

	if ((sdei->registered | kvm_sdei_running(sdei)) & BIT(event))
		return SDEI_DENIED;

	sdei->handler[event].entry = entry;
	sdei->handler[event].arg = smccc_get_arg3(vcpu);

	/* Drop what was raised for an earlier registration */
	atomic_andnot(BIT(event), &sdei->pending);

	/*
	 * Pairs with the acquire in sdei_make_pending(): what is raised for this
	 * registration is set after the line above, which must not drop it.
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
	int priority = sdei_running_priority(sdei);
	u32 param = smccc_get_arg1(vcpu);

	if (param >= KVM_SDEI_NR_REGS)
		return SDEI_INVALID_PARAMETERS;

	if (priority < 0)
		return SDEI_DENIED;

	param = array_index_nospec(param, KVM_SDEI_NR_REGS);

	return sdei->context[priority].regs[param];
}

/* With @resume the guest resumes at the address in x1, as after an exception */
static u64 kvm_sdei_event_complete(struct kvm_vcpu *vcpu, bool resume)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int priority = sdei_running_priority(sdei);
	u64 addr = smccc_get_arg1(vcpu);
	const struct kvm_sdei_context *ctx;
	bool unloaded;
	int event;

	if (priority < 0)
		return SDEI_DENIED;

	if (resume && !IS_ALIGNED(addr, 4))
		return SDEI_INVALID_PARAMETERS;

	event = __ffs(sdei->running[priority]);
	ctx = &sdei->context[priority];

	/*
	 * After an SMC KVM still has to step over it. Do that now: later it would
	 * skip an instruction of the interrupted code.
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

	trace_kvm_sdei_complete(vcpu->vcpu_id, sdei_event_number[event],
				*vcpu_pc(vcpu));

	return SDEI_SUCCESS;
}

static u64 sdei_unregister(struct kvm_vcpu *vcpu, u32 events)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	WRITE_ONCE(sdei->registered, sdei->registered & ~events);
	WRITE_ONCE(sdei->enabled, sdei->enabled & ~events);
	atomic_andnot(events, &sdei->pending);

	/* A running handler carries on, its event stays running until it completes */
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
		/* Private events have no routing information */
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
	 * Make the request even if the vCPU is masked: testing the mask here would
	 * race with the guest. The request orders the pending bit before the vCPU
	 * evaluates its state. The release, which void atomics don't have, is for
	 * a signal that merges with an earlier one: the handler must see what this
	 * signaller wrote.
	 */
	atomic_fetch_or_release(BIT(event), &sdei->pending);
	kvm_make_request(KVM_REQ_SDEI, vcpu);

	return 0;
}

static u64 kvm_sdei_event_signal(struct kvm_vcpu *vcpu)
{
	u64 mpidr = smccc_get_arg2(vcpu) & MPIDR_HWID_BITMASK;
	struct kvm_vcpu *target = vcpu;

	/* Spare the look-up for a vCPU that signals itself */
	if (mpidr != kvm_vcpu_get_mpidr_aff(vcpu))
		target = kvm_mpidr_to_vcpu(vcpu->kvm, mpidr);

	if (!target || sdei_event_arg(vcpu) != KVM_SDEI_SW_SIGNALED ||
	    sdei_make_pending(target, KVM_SDEI_SW_SIGNALED, vcpu->vcpu_id))
		return SDEI_INVALID_PARAMETERS;

	/* The caller itself is out of the guest and needs no kick */
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
	u32 fn = smccc_get_function(vcpu);
	u64 val = SDEI_NOT_SUPPORTED;

	if (!vcpu_has_sdei(vcpu))
		goto out;

	switch (fn) {
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
	case SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME:
		val = kvm_sdei_event_complete(vcpu,
					      fn == SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME);
		/* The registers are those of the interrupted code now */
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
		val = sdei_unregister(vcpu, ~0) ? SDEI_DENIED : SDEI_SUCCESS;
		break;
	case SDEI_1_0_FN_SDEI_SHARED_RESET:
		/* Nothing to reset */
		val = SDEI_SUCCESS;
		break;
	}

out:
	smccc_set_retval(vcpu, val, 0, 0, 0);
completed:
	/* Cheaper here than after a walk through all requests */
	kvm_sdei_deliver(vcpu);

	return 1;
}

/**
 * kvm_sdei_raise - make an event pending on a vCPU
 * @vcpu: the target, the caller holds a reference to its VM
 * @event: the event
 *
 * The handler runs once the vCPU has the event enabled, is not masked and runs
 * no handler of the same or a higher priority; a vCPU that waits in WFI is
 * woken for that, one that is powered off is not. An event that is pending
 * already stays so: the handler runs once.
 *
 * Context: any but NMI. Does not take the vCPU's mutex, which KVM_RUN holds.
 * Return: 0, -ENOENT if the guest has not registered the event, or -ENXIO if the
 * vCPU has no SDEI.
 */
int kvm_sdei_raise(struct kvm_vcpu *vcpu, enum kvm_sdei_event event)
{
	int ret = -ENXIO;

	if (vcpu_has_sdei(vcpu))
		ret = sdei_make_pending(vcpu, event, -1);
	if (!ret)
		kvm_vcpu_kick(vcpu);

	return ret;
}

/**
 * kvm_sdei_deliverable - whether a pending event can be delivered now
 * @vcpu: the vCPU
 *
 * Return: true if so, which ends a WFI.
 */
bool kvm_sdei_deliverable(struct kvm_vcpu *vcpu)
{
	return sdei_next_event(vcpu) >= 0;
}

/**
 * kvm_sdei_deliver - handle KVM_REQ_SDEI: enter the handler of the next event
 * @vcpu: the vCPU, loaded, in its own thread
 *
 * Does nothing if no event is deliverable; whatever makes one deliverable makes
 * the request again.
 */
void kvm_sdei_deliver(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	struct kvm_sdei_context *ctx;
	unsigned int priority;
	bool unloaded;
	int event;

	/* A vCPU that is about to sleep keeps the request until it can run */
	if (kvm_test_request(KVM_REQ_SLEEP, vcpu) ||
	    !kvm_check_request(KVM_REQ_SDEI, vcpu))
		return;

	event = sdei_next_event(vcpu);
	if (event < 0)
		return;

	/* The event comes after a pending exception or PC increment */
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
 * registered, pending or running. This includes a running handler: the guest
 * may power its CPU off from within one.
 */
void kvm_sdei_reset_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int i;

	sdei_unregister(vcpu, ~0);
	for (i = 0; i < KVM_SDEI_NR_PRIORITIES; i++)
		WRITE_ONCE(sdei->running[i], 0);
	WRITE_ONCE(sdei->masked, true);
	memset(sdei->handler, 0, sizeof(sdei->handler));
	memset(sdei->context, 0, sizeof(sdei->context));
}

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

/*
 * In the order of enum kvm_sdei_event. The order by priority makes the last
 * event of a set the one to deliver first, and the last running one the one
 * that interrupted the others.
 */
static const struct {
	u32	number;
	u8	priority;
	bool	signalable;	/* by the guest, with SDEI_EVENT_SIGNAL */
} sdei_events[KVM_SDEI_NR_EVENTS] = {
	[KVM_SDEI_SW_SIGNALED] = {
		.number		= SDEI_EVENT_SW_SIGNALED,
		.priority	= SDEI_EVENT_PRIORITY_NORMAL,
		.signalable	= true,
	},
	[KVM_SDEI_NMI] = {
		.number		= KVM_SDEI_EVENT_NMI,
		.priority	= SDEI_EVENT_PRIORITY_CRITICAL,
	},
};

/* The event of the highest priority in a set, -1 if the set is empty */
static int sdei_top_event(u32 events)
{
	return fls(events) - 1;
}

/*
 * The event whose handler is to be entered now, -1 if there is none: the one
 * place that says what is deliverable (DEN0054C section 6.2).
 */
static int sdei_next_event(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int running = sdei_top_event(READ_ONCE(sdei->running));
	int next = sdei_top_event(atomic_read(&sdei->pending) &
				  READ_ONCE(sdei->enabled));

	if (next < 0 || READ_ONCE(sdei->masked))
		return -1;

	if (running >= 0 &&
	    sdei_events[next].priority <= sdei_events[running].priority)
		return -1;

	return next;
}

/* To be called by the vCPU's own thread after what may make an event next */
static void sdei_update(struct kvm_vcpu *vcpu)
{
	if (kvm_sdei_deliverable(vcpu))
		kvm_make_request(KVM_REQ_SDEI, vcpu);
}

/* What the guest is to see of an emulated instruction or an injected exception */
static void sdei_commit(struct kvm_vcpu *vcpu)
{
	if (vcpu_get_flag(vcpu, PENDING_EXCEPTION) ||
	    vcpu_get_flag(vcpu, INCREMENT_PC))
		kvm_call_hyp(__kvm_adjust_pc, vcpu);
}

/*
 * Editing the guest's registers in place is not enough where the hypervisor
 * has the only current copy of them (pKVM), nor where PSTATE.SS is the host's
 * while the vCPU is loaded (the VMM single-steps the guest). A put brings the
 * guest's state back to memory, and the load after it makes the edits count.
 */
static bool sdei_edit_unloaded(struct kvm_vcpu *vcpu)
{
	return is_protected_kvm_enabled() || vcpu->guest_debug;
}

static void sdei_edit_begin(struct kvm_vcpu *vcpu)
{
	if (!sdei_edit_unloaded(vcpu))
		return;

	preempt_disable();
	kvm_arch_vcpu_put(vcpu);
}

static void sdei_edit_end(struct kvm_vcpu *vcpu)
{
	if (!sdei_edit_unloaded(vcpu))
		return;

	kvm_arch_vcpu_load(vcpu, smp_processor_id());
	preempt_enable();
}

/*
 * PSTATE as an exception from @old to EL1h leaves it (ARM DDI 0487, D1.3.1).
 * SPSR_ELx has the bits that survive in the same place for AArch32 and
 * AArch64, so that it does not matter which of them was interrupted.
 */
static u64 sdei_exception_pstate(struct kvm_vcpu *vcpu, u64 old)
{
	u64 sctlr = vcpu_read_sys_reg(vcpu, SCTLR_EL1);
	u64 new = PSR_MODE_EL1h |
		  PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT;

	new |= old & (PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT |
		      PSR_DIT_BIT | PSR_PAN_BIT);
	if (!(sctlr & SCTLR_EL1_SPAN))
		new |= PSR_PAN_BIT;
	if (sctlr & SCTLR_ELx_DSSBS)
		new |= PSR_SSBS_BIT;
	if (kvm_has_mte(vcpu->kvm))
		new |= PSR_TCO_BIT;

	return new;
}

static u64 kvm_sdei_version(struct kvm_vcpu *vcpu, unsigned int event)
{
	return vcpu->kvm->arch.sdei_version;
}

static u64 kvm_sdei_event_register(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	u64 entry = smccc_get_arg2(vcpu);
	u64 flags = vcpu_get_reg(vcpu, 4);

	/* A private event has no use for the routing mode and the affinity */
	if (!entry || !IS_ALIGNED(entry, 4) ||
	    flags & ~(u64)SDEI_EVENT_REGISTER_RM_PE)
		return SDEI_INVALID_PARAMETERS;

	if ((sdei->registered | sdei->running) & BIT(event))
		return SDEI_DENIED;

	sdei->handler[event].entry = entry;
	sdei->handler[event].arg = smccc_get_arg3(vcpu);

	/* What was raised for an earlier registration is not for this one */
	atomic_andnot(BIT(event), &sdei->pending);

	/*
	 * Pairs with kvm_sdei_raise(): an event raised for this registration
	 * must not be dropped with those.
	 */
	smp_store_release(&sdei->registered, sdei->registered | BIT(event));

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_event_enable(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	if (!(sdei->registered & BIT(event)))
		return SDEI_DENIED;

	WRITE_ONCE(sdei->enabled, sdei->enabled | BIT(event));
	sdei_update(vcpu);

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_event_disable(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	if (!(sdei->registered & BIT(event)))
		return SDEI_DENIED;

	WRITE_ONCE(sdei->enabled, sdei->enabled & ~BIT(event));

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_event_context(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int running = sdei_top_event(sdei->running);
	u32 param = smccc_get_arg1(vcpu);

	if (param >= KVM_SDEI_NR_REGS)
		return SDEI_INVALID_PARAMETERS;

	if (running < 0)
		return SDEI_DENIED;

	param = array_index_nospec(param, KVM_SDEI_NR_REGS);

	return sdei->context[sdei_events[running].priority].regs[param];
}

/* Resume at @resume, as if by an exception from what was interrupted, or NULL */
static u64 sdei_complete(struct kvm_vcpu *vcpu, const u64 *resume)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int running = sdei_top_event(sdei->running);
	const struct kvm_sdei_context *ctx;

	if (running < 0)
		return SDEI_DENIED;

	if (resume && !IS_ALIGNED(*resume, 4))
		return SDEI_INVALID_PARAMETERS;

	/*
	 * For the step over an SMC, which is trapped before it executes: where it
	 * goes to is void, but a VMM that single-steps the guest is to see it.
	 */
	sdei_commit(vcpu);

	ctx = &sdei->context[sdei_events[running].priority];

	sdei_edit_begin(vcpu);
	memcpy(vcpu_gp_regs(vcpu)->regs, ctx->regs, sizeof(ctx->regs));
	if (resume) {
		vcpu_write_sys_reg(vcpu, ctx->pc, ELR_EL1);
		vcpu_write_sys_reg(vcpu, ctx->pstate, SPSR_EL1);
		*vcpu_pc(vcpu) = *resume;
		*vcpu_cpsr(vcpu) = sdei_exception_pstate(vcpu, ctx->pstate);
	} else {
		*vcpu_pc(vcpu) = ctx->pc;
		*vcpu_cpsr(vcpu) = ctx->pstate;
	}
	sdei_edit_end(vcpu);

	WRITE_ONCE(sdei->running, sdei->running & ~BIT(running));
	sdei_update(vcpu);

	trace_kvm_sdei_complete(vcpu->vcpu_id, sdei_events[running].number,
				*vcpu_pc(vcpu));

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_event_complete(struct kvm_vcpu *vcpu, unsigned int event)
{
	return sdei_complete(vcpu, NULL);
}

static u64 kvm_sdei_event_complete_and_resume(struct kvm_vcpu *vcpu,
					      unsigned int event)
{
	u64 resume = smccc_get_arg1(vcpu);

	return sdei_complete(vcpu, &resume);
}

static u64 sdei_unregister(struct kvm_vcpu *vcpu, u32 events)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	WRITE_ONCE(sdei->registered, sdei->registered & ~events);
	WRITE_ONCE(sdei->enabled, sdei->enabled & ~events);
	atomic_andnot(events, &sdei->pending);

	/* A running handler goes on, its event is gone when it completes */
	return sdei->running & events ? SDEI_PENDING : SDEI_SUCCESS;
}

static u64 kvm_sdei_event_unregister(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	if (!((sdei->registered | sdei->running) & BIT(event)))
		return SDEI_DENIED;

	return sdei_unregister(vcpu, BIT(event));
}

static u64 kvm_sdei_event_status(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	u64 status = 0;

	if (sdei->registered & BIT(event))
		status |= BIT(SDEI_EVENT_STATUS_REGISTERED);
	if (sdei->enabled & BIT(event))
		status |= BIT(SDEI_EVENT_STATUS_ENABLED);
	if (sdei->running & BIT(event))
		status |= BIT(SDEI_EVENT_STATUS_RUNNING);

	return status;
}

static u64 kvm_sdei_event_get_info(struct kvm_vcpu *vcpu, unsigned int event)
{
	switch ((u32)smccc_get_arg2(vcpu)) {
	case SDEI_EVENT_INFO_EV_TYPE:
		return SDEI_EVENT_TYPE_PRIVATE;
	case SDEI_EVENT_INFO_EV_SIGNALED:
		/* 0 is "can be signalled by software" */
		return !sdei_events[event].signalable;
	case SDEI_EVENT_INFO_EV_PRIORITY:
		return sdei_events[event].priority;
	default:
		/* A private event has no routing information either */
		return SDEI_INVALID_PARAMETERS;
	}
}

static u64 kvm_sdei_pe_mask(struct kvm_vcpu *vcpu, unsigned int event)
{
	bool was_masked = vcpu->arch.sdei.masked;

	WRITE_ONCE(vcpu->arch.sdei.masked, true);

	return !was_masked;
}

static u64 kvm_sdei_pe_unmask(struct kvm_vcpu *vcpu, unsigned int event)
{
	WRITE_ONCE(vcpu->arch.sdei.masked, false);
	sdei_update(vcpu);

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_interrupt_bind(struct kvm_vcpu *vcpu, unsigned int event)
{
	u32 intid = smccc_get_arg1(vcpu);

	return intid < SDEI_MIN_BINDABLE_INTID ? SDEI_INVALID_PARAMETERS :
						 SDEI_OUT_OF_RESOURCE;
}

static u64 kvm_sdei_event_signal(struct kvm_vcpu *vcpu, unsigned int event)
{
	u64 mpidr = smccc_get_arg2(vcpu) & MPIDR_HWID_BITMASK;
	struct kvm_vcpu *target = vcpu;

	/* A look-up takes longer than the rest of this call */
	if (mpidr != kvm_vcpu_get_mpidr_aff(vcpu))
		target = kvm_mpidr_to_vcpu(vcpu->kvm, mpidr);

	if (!sdei_events[event].signalable || !target ||
	    kvm_sdei_raise(target, event))
		return SDEI_INVALID_PARAMETERS;

	return SDEI_SUCCESS;
}

static u64 kvm_sdei_features(struct kvm_vcpu *vcpu, unsigned int event)
{
	switch ((u32)smccc_get_arg1(vcpu)) {
	case SDEI_FEATURE_RELATIVE_MODE:
		if (vcpu->kvm->arch.sdei_version < KVM_SDEI_VERSION_1_1)
			return SDEI_INVALID_PARAMETERS;
		fallthrough;
	case SDEI_FEATURE_BIND_SLOTS:
		return 0;
	default:
		return SDEI_INVALID_PARAMETERS;
	}
}

static u64 kvm_sdei_private_reset(struct kvm_vcpu *vcpu, unsigned int event)
{
	if (sdei_unregister(vcpu, GENMASK(KVM_SDEI_NR_EVENTS - 1, 0)))
		return SDEI_DENIED;

	return SDEI_SUCCESS;
}

/* There are no shared events and no bound interrupts to reset */
static u64 kvm_sdei_shared_reset(struct kvm_vcpu *vcpu, unsigned int event)
{
	return SDEI_SUCCESS;
}

/* For calls on shared events or bound interrupts: there are none */
static u64 kvm_sdei_invalid(struct kvm_vcpu *vcpu, unsigned int event)
{
	return SDEI_INVALID_PARAMETERS;
}

#define SDEI_CALL(_name, _fn, ...)					\
	[SDEI_1_0_FN_SDEI_##_name - SDEI_1_0_FN_BASE] =			\
		{ .fn = _fn, ##__VA_ARGS__ }

/* The calls of DEN0054C section 5.1, the event of x1 looked up where it is one */
static const struct sdei_call {
	u64	(*fn)(struct kvm_vcpu *vcpu, unsigned int event);
	bool	takes_event;
	bool	no_result;	/* on success, the caller is not returned to */
} sdei_calls[] = {
	SDEI_CALL(VERSION, kvm_sdei_version),
	SDEI_CALL(EVENT_REGISTER, kvm_sdei_event_register, .takes_event = true),
	SDEI_CALL(EVENT_ENABLE, kvm_sdei_event_enable, .takes_event = true),
	SDEI_CALL(EVENT_DISABLE, kvm_sdei_event_disable, .takes_event = true),
	SDEI_CALL(EVENT_CONTEXT, kvm_sdei_event_context),
	SDEI_CALL(EVENT_COMPLETE, kvm_sdei_event_complete, .no_result = true),
	SDEI_CALL(EVENT_COMPLETE_AND_RESUME, kvm_sdei_event_complete_and_resume,
		  .no_result = true),
	SDEI_CALL(EVENT_UNREGISTER, kvm_sdei_event_unregister, .takes_event = true),
	SDEI_CALL(EVENT_STATUS, kvm_sdei_event_status, .takes_event = true),
	SDEI_CALL(EVENT_GET_INFO, kvm_sdei_event_get_info, .takes_event = true),
	SDEI_CALL(EVENT_ROUTING_SET, kvm_sdei_invalid),
	SDEI_CALL(PE_MASK, kvm_sdei_pe_mask),
	SDEI_CALL(PE_UNMASK, kvm_sdei_pe_unmask),
	SDEI_CALL(INTERRUPT_BIND, kvm_sdei_interrupt_bind),
	SDEI_CALL(INTERRUPT_RELEASE, kvm_sdei_invalid),
	SDEI_CALL(EVENT_SIGNAL, kvm_sdei_event_signal, .takes_event = true),
	SDEI_CALL(FEATURES, kvm_sdei_features),
	SDEI_CALL(PRIVATE_RESET, kvm_sdei_private_reset),
	SDEI_CALL(SHARED_RESET, kvm_sdei_shared_reset),
};

static bool sdei_find_event(u32 number, unsigned int *event)
{
	for (*event = 0; *event < KVM_SDEI_NR_EVENTS; (*event)++) {
		if (sdei_events[*event].number == number)
			return true;
	}

	return false;
}

/**
 * kvm_sdei_call - handle an SDEI call of a guest (DEN0054C section 5.1)
 * @vcpu: the calling vCPU, which has SDEI
 *
 * Return: 1, to go back to the guest.
 */
int kvm_sdei_call(struct kvm_vcpu *vcpu)
{
	u32 fn = smccc_get_function(vcpu) - SDEI_1_0_FN_BASE;
	u64 ret = SDEI_NOT_SUPPORTED;
	const struct sdei_call *call;
	unsigned int event = 0;

	if (fn >= ARRAY_SIZE(sdei_calls))
		goto out;

	call = &sdei_calls[array_index_nospec(fn, ARRAY_SIZE(sdei_calls))];

	/* The number is a 32-bit argument */
	if (call->takes_event &&
	    !sdei_find_event(smccc_get_arg1(vcpu), &event))
		ret = SDEI_INVALID_PARAMETERS;
	else
		ret = call->fn(vcpu, event);

	if (call->no_result && ret == SDEI_SUCCESS)
		return 1;
out:
	smccc_set_retval(vcpu, ret, 0, 0, 0);
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
 * Return: 0, or -EINVAL if the guest has not registered the event.
 */
int kvm_sdei_raise(struct kvm_vcpu *vcpu, enum kvm_sdei_event event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;

	/* Pairs with kvm_sdei_event_register() */
	if (!(smp_load_acquire(&sdei->registered) & BIT(event)))
		return -EINVAL;

	/* Before the vCPU can trace that it takes the event */
	trace_kvm_sdei_signal(vcpu->vcpu_id, sdei_events[event].number,
			      /* As of its last exit, or older: only shown */
			      data_race(*vcpu_pc(vcpu)));

	/*
	 * A release, for the handler to see what the signaller wrote before,
	 * also if this event is taken together with an earlier one. The request
	 * orders it before the vCPU's own look at its state. It is made for a
	 * masked vCPU as well: looking at the mask here would race with the
	 * guest's changing it.
	 */
	atomic_fetch_or_release(BIT(event), &sdei->pending);
	kvm_make_request(KVM_REQ_SDEI, vcpu);
	/* One that signals itself is out of the guest */
	if (vcpu != kvm_get_running_vcpu())
		kvm_vcpu_kick(vcpu);

	return 0;
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

/*
 * Whether a guest could have brought the vCPU into its state. A VMM that writes
 * the pseudo-registers one by one can leave it in another one.
 */
static bool sdei_valid(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int i;

	for (i = 0; i < KVM_SDEI_NR_EVENTS; i++) {
		const struct kvm_sdei_context *ctx =
			&sdei->context[sdei_events[i].priority];

		if (sdei->registered & BIT(i) && !sdei->handler[i].entry)
			return false;

		/* AArch32 has a PC of 32 bits */
		if (sdei->running & BIT(i) && ctx->pstate & PSR_MODE32_BIT &&
		    upper_32_bits(ctx->pc))
			return false;
	}

	return true;
}

/**
 * kvm_sdei_deliver - enter the handler of the next event (DEN0054C section 5.2)
 * @vcpu: the vCPU, loaded, in its own thread and about to enter the guest
 *
 * Handles KVM_REQ_SDEI. Does nothing if no event is deliverable: what changes
 * that makes the request anew.
 *
 * Return: 1 to enter the guest, or -EINVAL if the VMM left the pseudo-registers
 * in a state that can't be.
 */
int kvm_sdei_deliver(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	int event = sdei_next_event(vcpu);
	struct kvm_sdei_context *ctx;

	if (!sdei_valid(vcpu)) {
		/* Not before the VMM has mended it */
		kvm_make_request(KVM_REQ_SDEI, vcpu);
		return -EINVAL;
	}

	if (event < 0)
		return 1;

	/* That happened before: the event interrupts the instruction that comes next */
	sdei_commit(vcpu);

	atomic_andnot(BIT(event), &sdei->pending);
	WRITE_ONCE(sdei->running, sdei->running | BIT(event));

	ctx = &sdei->context[sdei_events[event].priority];

	/* x4-x30, SP, FP/SIMD, ELR_EL1 and SPSR_EL1 are live: left alone */
	sdei_edit_begin(vcpu);
	memcpy(ctx->regs, vcpu_gp_regs(vcpu)->regs, sizeof(ctx->regs));
	ctx->pc = *vcpu_pc(vcpu);
	ctx->pstate = *vcpu_cpsr(vcpu);

	vcpu_set_reg(vcpu, 0, sdei_events[event].number);
	vcpu_set_reg(vcpu, 1, sdei->handler[event].arg);
	vcpu_set_reg(vcpu, 2, ctx->pc);
	vcpu_set_reg(vcpu, 3, ctx->pstate);
	*vcpu_pc(vcpu) = sdei->handler[event].entry;
	*vcpu_cpsr(vcpu) = sdei_exception_pstate(vcpu, ctx->pstate);
	sdei_edit_end(vcpu);

	vcpu->stat.sdei_events++;
	trace_kvm_sdei_deliver(vcpu->vcpu_id, sdei_events[event].number, ctx->pc);

	return 1;
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

	sdei_unregister(vcpu, GENMASK(KVM_SDEI_NR_EVENTS - 1, 0));
	WRITE_ONCE(sdei->running, 0);
	WRITE_ONCE(sdei->masked, true);
	memset(sdei->handler, 0, sizeof(sdei->handler));
	memset(sdei->context, 0, sizeof(sdei->context));
}

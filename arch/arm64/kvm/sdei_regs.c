// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SDEI state of a vCPU as firmware pseudo-registers
 *
 * With these a VMM saves, restores and migrates a guest that uses SDEI, whenever
 * the vCPU is not in KVM_RUN.
 */

#include <linux/kvm_host.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_sdei.h>

#define SDEI_EVENT_STATE_MASK						\
	(KVM_REG_ARM_SDEI_EVENT_REGISTERED |				\
	 KVM_REG_ARM_SDEI_EVENT_ENABLED |				\
	 KVM_REG_ARM_SDEI_EVENT_RUNNING |				\
	 KVM_REG_ARM_SDEI_EVENT_PENDING)

/* A saved context as registers: x0-x17, then these */
#define SDEI_CONTEXT_PC		KVM_SDEI_NR_REGS
#define SDEI_CONTEXT_PSTATE	(KVM_SDEI_NR_REGS + 1)
#define SDEI_CONTEXT_NR_REGS	(KVM_SDEI_NR_REGS + 2)

static u64 sdei_get_version(struct kvm_vcpu *vcpu, unsigned int n)
{
	/* Another vCPU's thread may write it */
	return READ_ONCE(vcpu->kvm->arch.sdei_version);
}

static int sdei_set_version(struct kvm_vcpu *vcpu, unsigned int n, u64 val)
{
	struct kvm *kvm = vcpu->kvm;
	int ret = 0;

	if (val != KVM_REG_ARM_SDEI_VERSION_1_0 &&
	    val != KVM_REG_ARM_SDEI_VERSION_1_1)
		return -EINVAL;

	mutex_lock(&kvm->arch.config_lock);
	if (!kvm_vm_has_ran_once(kvm))
		WRITE_ONCE(kvm->arch.sdei_version, val);
	else if (val != kvm->arch.sdei_version)
		ret = -EBUSY;
	mutex_unlock(&kvm->arch.config_lock);

	return ret;
}

static u64 sdei_get_pe_state(struct kvm_vcpu *vcpu, unsigned int n)
{
	return vcpu->arch.sdei.masked ? KVM_REG_ARM_SDEI_PE_MASKED : 0;
}

static int sdei_set_pe_state(struct kvm_vcpu *vcpu, unsigned int n, u64 val)
{
	if (val & ~KVM_REG_ARM_SDEI_PE_MASKED)
		return -EINVAL;

	WRITE_ONCE(vcpu->arch.sdei.masked, val & KVM_REG_ARM_SDEI_PE_MASKED);

	return 0;
}

static u64 sdei_get_event_state(struct kvm_vcpu *vcpu, unsigned int event)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	u64 val = 0;

	if (sdei->registered & BIT(event))
		val |= KVM_REG_ARM_SDEI_EVENT_REGISTERED;
	if (sdei->enabled & BIT(event))
		val |= KVM_REG_ARM_SDEI_EVENT_ENABLED;
	if (kvm_sdei_running(sdei) & BIT(event))
		val |= KVM_REG_ARM_SDEI_EVENT_RUNNING;
	/* A raise that raced with unregistering may have left its bit */
	if (sdei->registered & atomic_read(&sdei->pending) & BIT(event))
		val |= KVM_REG_ARM_SDEI_EVENT_PENDING;

	return val;
}

static u32 sdei_assign(u32 events, unsigned int event, bool set)
{
	return set ? events | BIT(event) : events & ~BIT(event);
}

static int sdei_set_event_state(struct kvm_vcpu *vcpu, unsigned int event,
				u64 val)
{
	struct kvm_vcpu_sdei *sdei = &vcpu->arch.sdei;
	u32 *running = &sdei->running[kvm_sdei_priority(event)];

	if (val & ~SDEI_EVENT_STATE_MASK)
		return -EINVAL;

	/* Only an event that is registered is enabled or pending */
	if (!(val & KVM_REG_ARM_SDEI_EVENT_REGISTERED) &&
	    val & (KVM_REG_ARM_SDEI_EVENT_ENABLED |
		   KVM_REG_ARM_SDEI_EVENT_PENDING))
		return -EINVAL;

	/*
	 * Don't clear the pending bit of a registered event: it may have been
	 * raised since the VMM read the register. A bit that is left over from
	 * before the registration doesn't count.
	 */
	if (!(sdei->registered & BIT(event)))
		atomic_andnot(BIT(event), &sdei->pending);

	WRITE_ONCE(sdei->enabled,
		   sdei_assign(sdei->enabled, event,
			       val & KVM_REG_ARM_SDEI_EVENT_ENABLED));
	/* At each priority at most one event runs: the one written last */
	if (val & KVM_REG_ARM_SDEI_EVENT_RUNNING)
		WRITE_ONCE(*running, BIT(event));
	else
		WRITE_ONCE(*running, *running & ~BIT(event));
	/* Pairs with the acquire in sdei_make_pending() */
	smp_store_release(&sdei->registered,
			  sdei_assign(sdei->registered, event,
				      val & KVM_REG_ARM_SDEI_EVENT_REGISTERED));

	/* The vCPU does not run: no kick, and kvm_sdei_set_reg() makes the request */
	if (val & KVM_REG_ARM_SDEI_EVENT_PENDING)
		atomic_or(BIT(event), &sdei->pending);

	return 0;
}

static u64 sdei_get_event_entry(struct kvm_vcpu *vcpu, unsigned int event)
{
	return vcpu->arch.sdei.handler[event].entry;
}

static int sdei_set_event_entry(struct kvm_vcpu *vcpu, unsigned int event,
				u64 val)
{
	if (!IS_ALIGNED(val, 4))
		return -EINVAL;

	vcpu->arch.sdei.handler[event].entry = val;

	return 0;
}

static u64 sdei_get_event_arg(struct kvm_vcpu *vcpu, unsigned int event)
{
	return vcpu->arch.sdei.handler[event].arg;
}

static int sdei_set_event_arg(struct kvm_vcpu *vcpu, unsigned int event,
			      u64 val)
{
	vcpu->arch.sdei.handler[event].arg = val;

	return 0;
}

/* As in set_core_reg(), only the mode matters to the host */
static bool sdei_valid_pstate(u64 pstate)
{
	switch (pstate & PSR_AA32_MODE_MASK) {
	case PSR_AA32_MODE_USR:
		return kvm_supports_32bit_el0();
	case PSR_MODE_EL0t:
	case PSR_MODE_EL1t:
	case PSR_MODE_EL1h:
		return true;
	default:
		return false;
	}
}

static u64 *sdei_context_reg(struct kvm_vcpu *vcpu, unsigned int n)
{
	struct kvm_sdei_context *ctx =
		&vcpu->arch.sdei.context[n / SDEI_CONTEXT_NR_REGS];

	switch (n % SDEI_CONTEXT_NR_REGS) {
	case SDEI_CONTEXT_PC:
		return &ctx->pc;
	case SDEI_CONTEXT_PSTATE:
		return &ctx->pstate;
	default:
		return &ctx->regs[n % SDEI_CONTEXT_NR_REGS];
	}
}

static u64 sdei_get_context(struct kvm_vcpu *vcpu, unsigned int n)
{
	return *sdei_context_reg(vcpu, n);
}

static int sdei_set_context(struct kvm_vcpu *vcpu, unsigned int n, u64 val)
{
	if (n % SDEI_CONTEXT_NR_REGS == SDEI_CONTEXT_PSTATE &&
	    !sdei_valid_pstate(val))
		return -EINVAL;

	*sdei_context_reg(vcpu, n) = val;

	return 0;
}

/* Ranges of registers with consecutive ids */
static const struct sdei_regs {
	u64		id;
	unsigned int	nr;
	u64		(*get)(struct kvm_vcpu *vcpu, unsigned int n);
	int		(*set)(struct kvm_vcpu *vcpu, unsigned int n, u64 val);
} sdei_regs[] = {
	{ KVM_REG_ARM_SDEI_VERSION, 1, sdei_get_version, sdei_set_version },
	{ KVM_REG_ARM_SDEI_PE_STATE, 1, sdei_get_pe_state, sdei_set_pe_state },
	{ KVM_REG_ARM_SDEI_EVENT_STATE(0), KVM_SDEI_NR_EVENTS,
	  sdei_get_event_state, sdei_set_event_state },
	{ KVM_REG_ARM_SDEI_EVENT_ENTRY(0), KVM_SDEI_NR_EVENTS,
	  sdei_get_event_entry, sdei_set_event_entry },
	{ KVM_REG_ARM_SDEI_EVENT_ARG(0), KVM_SDEI_NR_EVENTS,
	  sdei_get_event_arg, sdei_set_event_arg },
	{ KVM_REG_ARM_SDEI_CONTEXT_X(0, 0),
	  KVM_SDEI_NR_PRIORITIES * SDEI_CONTEXT_NR_REGS,
	  sdei_get_context, sdei_set_context },
};

static const struct sdei_regs *sdei_find_regs(u64 id, unsigned int *n)
{
	const struct sdei_regs *regs;

	for (regs = sdei_regs; regs < sdei_regs + ARRAY_SIZE(sdei_regs); regs++) {
		if (id >= regs->id && id - regs->id < regs->nr) {
			*n = array_index_nospec(id - regs->id, regs->nr);
			return regs;
		}
	}

	return NULL;
}

/**
 * kvm_sdei_num_regs - the number of SDEI pseudo-registers of a vCPU
 *
 * Return: how many there are.
 */
unsigned int kvm_sdei_num_regs(void)
{
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(sdei_regs); i++)
		nr += sdei_regs[i].nr;

	return nr;
}

/**
 * kvm_sdei_copy_reg_indices - write the ids of the SDEI pseudo-registers
 * @uindices: user memory with room for kvm_sdei_num_regs() ids
 *
 * Return: 0, or -EFAULT.
 */
int kvm_sdei_copy_reg_indices(u64 __user *uindices)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(sdei_regs); i++) {
		for (n = 0; n < sdei_regs[i].nr; n++) {
			if (put_user(sdei_regs[i].id + n, uindices++))
				return -EFAULT;
		}
	}

	return 0;
}

/**
 * kvm_sdei_get_reg - read an SDEI pseudo-register
 * @vcpu: the vCPU, not running
 * @id: the id of the register
 * @val: where to put its value
 *
 * Return: 0, or -ENOENT if there is no such register.
 */
int kvm_sdei_get_reg(struct kvm_vcpu *vcpu, u64 id, u64 *val)
{
	const struct sdei_regs *regs;
	unsigned int n;

	regs = sdei_find_regs(id, &n);
	if (!regs)
		return -ENOENT;

	*val = regs->get(vcpu, n);

	return 0;
}

/**
 * kvm_sdei_set_reg - write an SDEI pseudo-register
 * @vcpu: the vCPU, not running
 * @id: the id of the register
 * @val: its value
 *
 * The registers can be written in any order.
 *
 * Return: 0, or with nothing changed -ENOENT if there is no such register,
 * -EINVAL if the value is not valid, or -EBUSY if the VM has run and the value
 * can no longer change.
 */
int kvm_sdei_set_reg(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	const struct sdei_regs *regs;
	unsigned int n;
	int ret;

	regs = sdei_find_regs(id, &n);
	if (!regs)
		return -ENOENT;

	/*
	 * A VMM may write back what it read before it turned SDEI off, as QEMU
	 * does for a guest from a host without SDEI.
	 */
	if (!vcpu_has_sdei(vcpu))
		return val == regs->get(vcpu, n) ? 0 : -EINVAL;

	ret = regs->set(vcpu, n, val);
	if (!ret)
		kvm_make_request(KVM_REQ_SDEI, vcpu);

	return ret;
}

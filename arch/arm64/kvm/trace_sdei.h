/* SPDX-License-Identifier: GPL-2.0-only */
#if !defined(_TRACE_SDEI_ARM64_KVM_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SDEI_ARM64_KVM_H

#include <linux/tracepoint.h>

#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm

/* An event is made pending, by the vCPU @source, or by the host if that is -1 */
TRACE_EVENT(kvm_sdei_signal,
	    TP_PROTO(unsigned int vcpu_id, u32 event, int source),
	    TP_ARGS(vcpu_id, event, source),

	    TP_STRUCT__entry(__field(unsigned int, vcpu_id)
			     __field(u32, event)
			     __field(int, source)
	    ),

	    TP_fast_assign(__entry->vcpu_id = vcpu_id;
			   __entry->event = event;
			   __entry->source = source;
	    ),

	    TP_printk("VCPU: %u, event: 0x%08x, source: %d",
		      __entry->vcpu_id, __entry->event, __entry->source)
);

DECLARE_EVENT_CLASS(kvm_sdei_handler,
		    TP_PROTO(unsigned int vcpu_id, u32 event, unsigned long pc),
		    TP_ARGS(vcpu_id, event, pc),

		    TP_STRUCT__entry(__field(unsigned int, vcpu_id)
				     __field(u32, event)
				     __field(unsigned long, pc)
		    ),

		    TP_fast_assign(__entry->vcpu_id = vcpu_id;
				   __entry->event = event;
				   __entry->pc = pc;
		    ),

		    TP_printk("VCPU: %u, event: 0x%08x, PC: 0x%016lx",
			      __entry->vcpu_id, __entry->event, __entry->pc)
);

/* The handler is entered, the PC is the interrupted one */
DEFINE_EVENT(kvm_sdei_handler, kvm_sdei_deliver,
	     TP_PROTO(unsigned int vcpu_id, u32 event, unsigned long pc),
	     TP_ARGS(vcpu_id, event, pc));

/* The handler is left, the PC is where the guest resumes */
DEFINE_EVENT(kvm_sdei_handler, kvm_sdei_complete,
	     TP_PROTO(unsigned int vcpu_id, u32 event, unsigned long pc),
	     TP_ARGS(vcpu_id, event, pc));

#endif /* _TRACE_SDEI_ARM64_KVM_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace_sdei

/* This part must be outside protection */
#include <trace/define_trace.h>

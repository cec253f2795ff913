// SPDX-License-Identifier: GPL-2.0-only
/* What SDEI takes of memory: the sizes of these are read from the object. */
#include <linux/kvm_host.h>

char bytes_per_vcpu[sizeof_field(struct kvm_vcpu, arch.sdei)];
char bytes_per_vm[sizeof_field(struct kvm, arch.sdei_version)];

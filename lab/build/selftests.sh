#!/bin/bash
# Build the static KVM selftests: the kernel's own that the series could break, and
# those that it brings.
. "$(dirname "$0")/lib.sh"

tests=("$SELFTESTS"/{hypercalls,smccc_filter,psci_test,vgic_irq,debug-exceptions}
	get-reg-list steal_time kvm_create_max_vcpus)
folder=$LINUX/tools/testing/selftests/kvm
for test in "$folder/$SELFTESTS"/sdei*_test.c; do
	[ ! -f "$test" ] || tests+=("$SELFTESTS/$(basename "$test" .c)")
done
mkdir -p "$OUT/selftests/tools"

# No short paths by ccache: the tests' dependency files must name what make calls them.
build() {
	local -x CCACHE_BASEDIR=
	"${KMAKE[@]}" -C "$LINUX" "O=$OUT/obj" headers &&
	"${KMAKE[@]}" -C "$folder" "OUTPUT=$OUT/selftests" abs_objdir="$OUT/selftests" \
		"KHDR_INCLUDES=-isystem $OUT/obj/usr/include" "LDFLAGS=-static -pthread" \
		"${tests[@]/#/$OUT/selftests/}"
}
step "building the KVM selftests" selftests build
printf '%s\n' "${tests[@]}" >"$OUT/selftests/list"

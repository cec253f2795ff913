#!/bin/bash
# Build the static KVM selftests, in build/BASE/selftests: the kernel's own that the series
# could break, those that it brings, and the programs of proof/, with the same library. The
# last two are built from the tree of $MAIN for all bases: what they test is the same.
#   "list" as argument: only print their names; "own": of those that this series brings
. "$(dirname "$0")/../common.sh"

tests=("$SELFTESTS"/{hypercalls,smccc_filter,psci_test,vgic_irq,debug-exceptions}
	get-reg-list steal_time kvm_create_max_vcpus)
folder=$LINUX/tools/testing/selftests/kvm own=$LINUX/tools/testing/selftests/kvm/$SELFTESTS
main=''; [ "$BASE" = "$MAIN" ] || [ -n "$PATCHES" ] || main=$MAIN	# whose programs these are
if [ ! -d "$folder" ] || [ -n "$main" ]; then own=tools/testing/selftests/kvm/aarch64; fi
new=()
for test in "$own"/{sdei*,late_page,async_pf}_test.c; do
	[ ! -f "$test" ] || new+=("$SELFTESTS/$(basename "$test" .c)")
done
own() { sed -n "\,^--- /dev/null,{n;s,^+++ b/.*/arm64/\(.*_test\)\.c,$SELFTESTS/\1,p}" "$PATCH_DIR"/*.patch; }
if [ "${1:-}" = own ]; then own; exit; fi
# Without a tree yet, another series has its tests in its patches alone.
if [ ! -d "$folder" ] && [ "$SERIES" != sdei ]; then mapfile -t -O ${#new[@]} new < <(own); fi
proof=()	# needs all that its series brings
for test in proof/*_test.c; do
	case $test in proof/async_pf*) needs=late_page.h ;; *) needs=sdei_nmi_test.c ;; esac
	[ ! -f "$own/$needs" ] || proof+=("${test%.c}")
done
new+=(${proof[@]+"${proof[@]}"})
if [ "${1:-}" = list ]; then printf '%s\n' "${tests[@]}" ${new[@]+"${new[@]}"}; exit; fi

mkdir -p "$OUT/selftests/tools" "$OUT/selftests/proof" "$OUT/selftests/$SELFTESTS"
if [ -n "$main" ]; then
	# Without the kernel of that base, which is not needed
	"${MAKE:-make}" --no-print-directory tree BASE="$main" KDIR=
	BASE=$main KDIR='' "$0"
	rm -f "$OUT/selftests/$SELFTESTS"/sdei* "$OUT"/selftests/proof/*
	cp "build/$main${FLAVOUR:+-$FLAVOUR}/selftests/arm64"/sdei*_test "$OUT/selftests/$SELFTESTS/"
	cp "build/$main${FLAVOUR:+-$FLAVOUR}/selftests/proof"/*_test "$OUT/selftests/proof/"
	proof=()
else
	tests+=(${new[@]+"${new[@]}"})
	new=()
fi
# No short paths by ccache: the tests' dependency files must name what make calls them. proof/
# is found by VPATH; no arm64 program of the kernel's own is in TEST_GEN_PROGS_EXTENDED.
build() {
	local -x CCACHE_BASEDIR=
	"${KMAKE[@]}" -C "$LINUX" "O=$OUT/obj" headers &&
	"${KMAKE[@]}" -C "$folder" "OUTPUT=$OUT/selftests" abs_objdir="$OUT/selftests" \
		"KHDR_INCLUDES=-isystem $OUT/obj/usr/include" "LDFLAGS=-static -pthread" \
		"VPATH=$ROOT" "TEST_GEN_PROGS_EXTENDED_$SELFTESTS=${proof[*]-}" \
		"EXTRA_CFLAGS=-I$ROOT/spec/model $SELFTEST_CFLAGS" "${tests[@]/#/$OUT/selftests/}"
}
step "building the KVM selftests" selftests build
printf '%s\n' "${tests[@]}" ${new[@]+"${new[@]}"} >"$OUT/selftests/list"

#!/bin/bash
# Walk the series: with each patch, from the first on, the kernel and the selftests build,
# the files that it touches without a warning (W=1; gcc and clang), and the selftests that
# exist by then pass, on $MAIN. checkpatch is check.sh's.
#   N="6 7" limits it to those patches, by number
. "$(dirname "$0")/../common.sh"

lab/build/packages.sh clang-19 lld-19 llvm-19
lab/build/fetch.sh
lab/build/tree.sh

# The compilers' objects, of nothing but KVM, in folders of their own.
warnings() { # NAME VARIABLE...: make's variables
	local objects=() make=(make ARCH=arm64 "-j$JOBS" -C "$LINUX" "O=$OUT/obj-$1" "${@:2}")
	mapfile -t objects < <(git -C "$LINUX" diff --name-only HEAD^ HEAD -- 'arch/arm64/kvm/*.c' 'virt/kvm/*.c' | sed 's/c$/o/')
	mkdir -p "$OUT/obj-$1"
	cp "$OUT/obj/.config" "$OUT/obj-$1/.config"
	"${make[@]}" olddefconfig prepare && rm -f "${objects[@]/#/$OUT/obj-$1/}" &&
	"${make[@]}" W=1 arch/arm64/kvm/ 2>&1 | tee "$OUT/obj-$1/log" || return
	# A touched file is compiled whatever it had been; what is wrong with others, or known, is not ours.
	[ ${#objects[@]} = 0 ] || ! grep 'warning:' "$OUT/obj-$1/log" |
		grep -F -f <(printf '%s\n' "${objects[@]/%.o/.c:}") | grep -vFf "$known"
}

total=$(grep -c -v '^#' "$PATCH_DIR/series")
for PATCHES in ${N:-$(seq "$total")}; do
	export PATCHES
	lab/build/fetch.sh
	lab/build/tree.sh
	. lab/common.sh
	say "$PATCHES of $total: $(git -C "$LINUX" log -1 --format=%s)"
	lab/build/kernel.sh
	step "W=1 with gcc" w1-gcc warnings gcc CROSS_COMPILE=aarch64-linux-gnu- "CC=ccache aarch64-linux-gnu-gcc"
	step "W=1 with clang" w1-clang warnings clang LLVM=-19 "CC=ccache clang-19"
	lab/build/selftests.sh
	[ "$BASE" != "$MAIN" ] || SUITES=vhe-selftests lab/run/test.sh
done
[ "$BASE" != "$MAIN" ] || and_passes=' and passes its selftests'
say "Each of the patches builds without a warning${and_passes:-}."

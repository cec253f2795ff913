#!/bin/bash
# Which lines and branches of the series in the kernel do the selftests and the fuzzer not
# reach, in any mode of the host? Those of sdei.c, sdei_regs.c and the lines added to other
# files; exceptions, beside this, names the ones that can't be reached, and why.
#   MODES="vhe nvhe protected"
export FLAVOUR=gcov
. "$(dirname "$0")/../../common.sh"

lab/build/kernel.sh
lab/build/selftests.sh
lab/build/rootfs.sh
new_run coverage

# The tests, once more with the trace events on for some, and what the kernel counted.
job="
cd /lab/selftests
for test in $(grep -v '_perf_test' "$OUT/selftests/list" | tr '\n' ' '); do
	sh /lab/host/frame 600 \$test ./\$test
done
echo 1 >/sys/kernel/tracing/events/kvm/enable
sh /lab/host/frame 600 sdei_nmi_test ./$SELFTESTS/sdei_nmi_test
echo 0 >/sys/kernel/tracing/events/kvm/enable
mkdir /tmp/gcov
for file in \$(find /sys/kernel/debug/gcov -name '*.gcda'); do
	cat \$file >/tmp/gcov/\${file##*/}
done
echo == gcda
tar -C /tmp/gcov -c . | base64"

rm -rf "$OUT/coverage"
for mode in ${MODES:-vhe nvhe protected}; do
	to=$OUT/coverage/$mode
	mkdir -p "$to"
	step "running the selftests ($mode)" "coverage-$mode-boot" lab/run/boot.sh -q -m "$mode" -n "coverage-$mode" -t 3600 "$job"
	failed=$(grep '^not ok' "$RUN_DIR/coverage-$mode.out" || :)
	[ -z "$failed" ] || say "$failed"
	sed '1,/^== gcda/d; /^exit/d' "$RUN_DIR/coverage-$mode.out" | base64 -d | tar -C "$to" -x
	# Sums over the modes
	if [ -d "$OUT/coverage/all" ]; then
		aarch64-linux-gnu-gcov-tool merge -o "$OUT/coverage/sum" "$OUT/coverage/all" "$to"
		rm -r "$OUT/coverage/all"
		mv "$OUT/coverage/sum" "$OUT/coverage/all"
	else
		cp -r "$to" "$OUT/coverage/all"
	fi
done

cd "$OUT/coverage/all"
: >../added
for data in *.gcda; do
	source=arch/arm64/kvm/${data%.gcda}.c
	cp "$OUT/obj/${source%.c}.gcno" .
	# Each number of a line that the series adds
	git -C "$LINUX" diff -U0 refs/lab/base HEAD -- "$source" | awk -v file="$source" '/^@@/ {
		split($3, at, "[+,]"); n = at[3] == "" ? 1 : at[3]
		for (i = 0; i < n; i++) print file "\t" at[2] + i
	}' >>../added
	(cd "$OUT/obj" && aarch64-linux-gnu-gcov -b -c -t -o "$OUT/coverage/all" "$OUT/coverage/all/$data") >"${data%.gcda}.gcov" 2>/dev/null
done
awk -v base="$LINUX/" -f "$ROOT/lab/tools/coverage/coverage.awk" ../added "$ROOT/lab/tools/coverage/exceptions" ./*.gcov

#!/bin/bash
# Count what SDEI costs, in instructions, on the emulated host with VHE and with nVHE, with
# the series and without, and compare that with the budgets beside this.
# README.md says how to read it.
#   ITERATIONS=N: how often to do each in a round   MODES="vhe nvhe"
#   QUICK=yes: only what has a budget, which is what make test does
# Result: build/BASE/bench.tsv, the same as a table (bench.md) and as a plot (bench.svg).
. "$(dirname "$0")/../../common.sh"

rows=() name=bench
if [ -n "${QUICK:-}" ]; then
	name=bench-quick ITERATIONS=${ITERATIONS:-20}
	mapfile -t rows < <(awk '/^[^#]/ { sub(/.*:/, "", $4); print $1; print $4 }' lab/tools/bench/budgets | sort -u)
else
	lab/build/packages.sh gnuplot-nox
	PATCHES=0 lab/build/fetch.sh
	PATCHES=0 lab/build/tree.sh
	PATCHES=0 lab/build/kernel.sh
	lab/build/rootfs.sh
fi
new_run bench
result=$OUT/$name.tsv
ITERATIONS=${ITERATIONS:-100}
MODES=${MODES:-vhe nvhe}

# Not before the VMM that lab/host/init starts has come up, which would count: a disk takes
# real time, and here a sleep takes none.
ready='until ls -d /sys/kernel/debug/kvm/*-* >/tmp/vm 2>&1; do usleep 10000; done; sleep 1'

count() { # KERNEL MODE IMAGE
	step -c '^[a-z]' 36 "counting, $1 kernel, $2" "$name-$1-$2" lab/run/boot.sh -c -m "$2" -n "$name-$1-$2" \
		-t 2400 -k "$3" "$ready; /lab/selftests/proof/sdei_perf_test -i $ITERATIONS ${rows[*]-}"
	grep -q '^# counter: .* instruction' "$RUN_DIR/$name-$1-$2.out" || die "its counter does not count instructions"
	awk -v OFS='\t' -v kernel="$1" -v mode="$2" '
		/^[a-z].* [0-9]/ && !/^exit:/ { print kernel, mode, $1, $2, $3, $4, $5 }' "$RUN_DIR/$name-$1-$2.out" >>"$result.new"
}

# The compiler's command for a file of KVM, for another file: the sizes of its variables.
sizes() {
	local command
	command=$(sed -n 's/^savedcmd_[^ ]* := //; T; s/;.*//; s/ -Wp,-MMD,[^ ]*//p' "$OUT/obj/arch/arm64/kvm/.sdei.o.cmd")
	(cd "$OUT/obj" && eval "${command% -c -o *} -c -o $OUT/bench-sizes.o $ROOT/lab/tools/bench/sizes.c")
	aarch64-linux-gnu-nm -S -t d "$OUT/bench-sizes.o" | awk -v OFS='\t' '
		$4 ~ /^bytes_/ { print "memory", "-", $4, $2 + 0 }' >>"$result.new"
	aarch64-linux-gnu-size "$OUT"/obj/arch/arm64/kvm/{sdei,sdei_regs}.o | awk -v OFS='\t' '
		NR > 1 { sub(/.*\//, "", $6); print "memory", "-", "text_" $6, $1 }' >>"$result.new"
}

printf '# Linux %s, %s, %s times\n# %s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$BASE" "$(git describe --always --dirty)" "$ITERATIONS" \
	kernel mode what instructions x_psci x_other other >"$result.new"
for mode in $MODES; do
	count patched "$mode" "$OUT/obj/arch/arm64/boot/Image"
	count pristine "$mode" "$OUT-pristine/obj/arch/arm64/boot/Image"
done
# Do figures repeat? That is what a difference has to exceed.
[ -n "${QUICK:-}" ] || count again "${MODES%% *}" "$OUT/obj/arch/arm64/boot/Image"
sizes
mv "$result.new" "$result"

if [ -z "${QUICK:-}" ]; then
	awk -f lab/tools/bench/table.awk "$result" | tee "$OUT/bench.md"
	for mode in $MODES; do awk -v mode="$mode" -f lab/tools/bench/plot.awk "$result" >"$OUT/bench-$mode.dat"; done
	gnuplot -e "base='$BASE'; modes='$MODES'; folder='$OUT'" lab/tools/bench/plot.gp
	say "result: ${result#"$ROOT"/}, table and plot: ${OUT#"$ROOT"/}/bench.{md,svg}"
fi
echo "== bench"
start=$SECONDS rc=0
awk -f lab/tools/bench/budgets.awk lab/tools/bench/budgets "$result" || rc=$?
echo "== exit $rc after $((SECONDS - start)) s"
exit "$rc"

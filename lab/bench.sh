#!/bin/bash
# Count what SDEI costs, in instructions, on the emulated host with VHE and with nVHE,
# with the series and without; compare that with the budgets of lab/bench/budgets, and with
# the last time. lab/bench/README.md says how to read it.
#   ITERATIONS=N: how often to do each in a round   MODES="vhe nvhe"
# Result: build/BASE/bench.tsv (kernel, mode, what, instructions, times the smallest
# hypercall, times what it is compared with), and its plot bench.svg.
. "$(dirname "$0")/lib.sh"

result=$OUT/bench.tsv
ITERATIONS=${ITERATIONS:-100}
MODES=${MODES:-vhe nvhe}

lab/packages.sh gnuplot-nox
pristine=$OUT-pristine
PATCHES=0 lab/fetch.sh
PATCHES=0 lab/tree.sh
PATCHES=0 lab/kernel.sh
lab/rootfs.sh

count() { # KERNEL MODE IMAGE
	step -c '^[a-z]' 36 "counting, $1 kernel, $2" "bench-$1-$2" lab/boot.sh -c -m "$2" -n "bench-$1-$2" \
		-t 2400 -k "$3" "/lab/selftests/$SELFTESTS/sdei_perf_test -i $ITERATIONS"
	grep -q '^# counter: 1000000000 ' "$LOGS/bench-$1-$2.out" || die "its counter does not count instructions"
	awk -v OFS='\t' -v kernel="$1" -v mode="$2" '
		/^[a-z].* [0-9]/ && !/^exit:/ { print kernel, mode, $1, $2, $3, $4, $5 }' "$LOGS/bench-$1-$2.out" >>"$result.new"
}

# The compiler's command for a file of KVM, for another file: the sizes of its variables.
sizes() {
	local command
	command=$(sed -n 's/^savedcmd_[^ ]* := //; T; s/;.*//; s/ -Wp,-MMD,[^ ]*//p' "$OUT/obj/arch/arm64/kvm/.sdei.o.cmd")
	(cd "$OUT/obj" && eval "${command% -c -o *} -c -o $OUT/bench-sizes.o $ROOT/lab/bench/sizes.c")
	aarch64-linux-gnu-nm -S -t d "$OUT/bench-sizes.o" | awk -v OFS='\t' '
		$4 ~ /^bytes_/ { print "memory", "-", $4, $2 + 0 }' >>"$result.new"
	aarch64-linux-gnu-size "$OUT"/obj/arch/arm64/kvm/{sdei,sdei_regs}.o | awk -v OFS='\t' '
		NR > 1 { sub(/.*\//, "", $6); print "memory", "-", "text_" $6, $1 }' >>"$result.new"
}

printf '# %s\t%s\t%s\t%s\t%s\t%s\t%s\n' kernel mode what instructions x_psci x_other other >"$result.new"
for mode in $MODES; do
	count patched "$mode" "$OUT/obj/arch/arm64/boot/Image"
	count pristine "$mode" "$pristine/obj/arch/arm64/boot/Image"
done
sizes

if [ -f "$result" ]; then
	# How far apart two runs are: that is what a difference has to exceed.
	awk -F '\t' 'FNR == NR { last[$1, $2, $3] = $4; next }
		/^[^#]/ && last[$1, $2, $3] > 0 {
			n++; d = $4 / last[$1, $2, $3] - 1; d = d < 0 ? -d : d
			if (d > 0.01) over++
			if (d > most) { most = d; what = $1 " " $2 " " $3 }
		}
		END { printf "Against the last time: %d of %d figures differ by more than 1 %%, at most %.2f %% (%s)\n",
			over, n, most * 100, what }' "$result" "$result.new"
	mv "$result" "$OUT/bench.last.tsv"
fi
mv "$result.new" "$result"

# The plot: everything in units of the smallest hypercall.
awk -F '\t' '$1 == "patched" && $3 !~ /_[248]$/ && $3 !~ /psci/ {
		if (!($3 in vhe) && !($3 in nvhe)) order[++n] = $3
		if ($2 == "vhe") vhe[$3] = $5; else nvhe[$3] = $5
	}
	END { for (i = 1; i <= n; i++) print order[i], vhe[order[i]] + 0, nvhe[order[i]] + 0 }' "$result" >"$OUT/bench.dat"
gnuplot -e "data='$OUT/bench.dat'; image='$OUT/bench.svg'" lab/bench/plot.gp

# On screen: what it costs, and against what.
awk -F '\t' '$1 == "pristine" { pristine[$2, $3] = $4 }
	$1 == "memory" { memory = memory sprintf("  %-26s %9d bytes\n", $3, $4) }
	$1 == "patched" { patched[++n] = $0 }
	END {
		for (i = 1; i <= n; i++) {
			split(patched[i], f)
			printf "  %-5s %-20s %8.0f instructions %7.3f x psci_version", f[2], f[3], f[4], f[5]
			if (f[6] != "") printf " %7.3f x %s", f[6], f[7]
			if (p = pristine[f[2], f[3]]) printf " %7.3f x pristine", f[4] / p
			print ""
		}
		printf "%s", memory
	}' "$result"
say "Budgets:"
rc=0
awk -f lab/bench.awk lab/bench/budgets "$result" || rc=$?
say "result: ${result#"$ROOT"/}, plot: ${OUT#"$ROOT"/}/bench.svg"
[ "$rc" = 0 ] || say "FAILED a budget is broken"
exit "$rc"

#!/bin/bash
# Which mutants of KVM's SDEI code do the selftests not notice? One kernel has all of
# lab/tools/mutants/list in it, and a parameter of its module kvm chooses one.
#   N="3 17 ..." limits it to those, by number; PARALLEL=2 emulated hosts at a time.
export FLAVOUR=mutants
. "$(dirname "$0")/../../common.sh"

list=lab/tools/mutants/list
grep -v '^#\|^$' "$list" >"$OUT/list"
total=$(wc -l <"$OUT/list")

# A copy of the tree in hard links, but for the files that the mutants are in.
files=(arch/arm64/kvm/{sdei,sdei_regs,arm,hypercalls,reset}.c arch/arm64/include/asm/kvm_{sdei,emulate}.h)
copy() {
	mkdir -p "$OUT/linux" &&
	rsync -a --delete --link-dest="$TREE/linux" "${files[@]/#/--exclude=/}" "$TREE/linux/" "$OUT/linux/" &&
	(cd "$TREE/linux" && awk -v to="$OUT/mutated" -f "$ROOT/lab/tools/mutants/mutate.awk" "$ROOT/$list" "${files[@]}") &&
	rsync -a --checksum --no-times "$OUT/mutated/" "$OUT/linux/"
}
step "making $total mutants" mutants-copy copy
lab/build/kernel.sh
lab/build/selftests.sh
lab/build/rootfs.sh
new_run mutants

# The mutants of one mode, or every PARALLEL-th of them, until each has a result. A host that
# hangs or ends is a result as well; the others continue in a new one.
hunt() { # MODE NAME N...
	local mode=$1 name=mutants-$2 pid last size took
	shift 2
	# Started with &, the host is not interrupted by itself.
	trap '[ -z "${pid:-}" ] || kill "$pid" 2>/dev/null; exit 130' INT TERM
	while [ $# -gt 0 ]; do
		took=$(cat "$OUT/took.$mode" 2>/dev/null || :)
		lab/run/boot.sh -q -m "$mode" -n "$name" -t 7200 "echo '$took' >/tmp/took
			[ '$took' ] || rm /tmp/took
			sh /lab/host/try-mutants $*" >"$RUN_DIR/$name.boot" 2>&1 &
		pid=$! size=-1
		while kill -0 $pid 2>/dev/null; do
			for _ in {1..240}; do kill -0 $pid 2>/dev/null || break; sleep 1; done
			[ "$(wc -c <"$RUN_DIR/$name.out")" != "$size" ] || kill $pid 2>/dev/null || :
			size=$(wc -c <"$RUN_DIR/$name.out")
		done
		wait $pid || :
		last=$(awk -v results="$OUT/results" '
			/^mutant / { n = $2 }
			/^(caught|survived)/ && n { print n "\t" $0 >>results; done = n; n = 0 }
			END {
				if (n) { print n "\tit brought the host down" >>results; done = n }
				print done
			}' "$RUN_DIR/$name.out")
		grep '^# .* took' "$RUN_DIR/$name.out" >"$OUT/took.$mode" || echo "$took" >"$OUT/took.$mode"
		[ -n "$last" ] || { tail -n 20 "$RUN_DIR/$name.boot" "$RUN_DIR/$name.out"; return 1; }
		while [ "$1" != "$last" ]; do shift; done
		shift
	done
}

hosts=${PARALLEL:-2} pids=()
: >"$OUT/results"
rm -f "$OUT"/took.*
say "Hunting for mutants, in $hosts hosts at a time"
for mode in vhe nvhe protected; do
	# Those that may survive come last: they take longest.
	mapfile -t numbers < <(awk -F'\t' -v mode="$mode" -v some=" ${N:-} " \
		'($4 == "" ? "vhe" : $4) == mode && (some == "  " || index(some, " " NR " ")) { print NR, $5 != "" }' \
		"$OUT/list" | sort -s -n -k 2 | cut -d' ' -f1)
	slices=1; [ "$mode" != vhe ] || slices=$hosts
	for ((i = 0; i < slices; i++)); do
		slice=()
		for ((j = i; j < ${#numbers[@]}; j += slices)); do slice+=("${numbers[j]}"); done
		[ ${#slice[@]} != 0 ] || continue
		[ "$(jobs -rp | wc -l)" -lt "$hosts" ] || wait -n || :
		hunt "$mode" "$mode$i" "${slice[@]}" &
		pids+=($!)
	done
done
rc=0
for pid in "${pids[@]}"; do wait "$pid" || rc=1; done

awk -F'\t' '
	FNR == NR { result[$1] = $2; next }
	!(FNR in result) { next }
	{
		printf "%3d %s: %s -> %s%s\n", FNR, $1, $2, $3 == "" ? "nothing" : $3, $4 == "" ? "" : " (" $4 ")"
		caught = result[FNR] != "survived"
		if (caught && $5 != "") note = ", though: " $5
		else if (caught) note = ""
		else if ($5 != "") note = ": " $5
		else note = ", and there is no reason for it: FAILED"
		print "    " result[FNR] note
		n++; if (caught) c++; else if ($5 != "") r++; else bad++
	}
	END {
		printf "%d mutants: %d caught, %d survived for a reason, %d for none\n", n, c, r, bad
		exit bad > 0
	}' "$OUT/results" "$OUT/list" || rc=1
[ "$rc" = 0 ]

#!/bin/bash
# Run one suite of `make test` and report on it: static, or MODE-selftests, MODE-guests,
# MODE-leaks with a mode of lab/boot.sh, or pair-KERNEL: scenarios between two hosts, the
# second one with the kernel of build/KERNEL, or bench: what SDEI costs. Appends its counts
# to the file $COUNTS.
#   TESTS="name ..." limits it to those test programs.
. "$(dirname "$0")/lib.sh"

suite=$1 label="$BASE${FLAVOUR:+-$FLAVOUR} $1" mode=${1%-*} append='' names=() job=$'export PATH=$PATH:/lab/host\n' job2=''
# LONG: scenarios that have a short cut and a long one choose by it, and those of one mode
# of the host only run in all of them.
slower=$(flavour_says slower 1)
limit=$((240 * slower))
if [ -n "${LONG:-}" ]; then job+=$'export LONG=1\n' limit=$((1200 * slower)); fi
COUNTS=${COUNTS:-/dev/null}
report=$(mktemp)
trap 'rm -f "$report"' EXIT

add() { # SECONDS NAME COMMAND
	case " ${TESTS:-$2} " in *" $2 "*) ;; *) return 0 ;; esac
	names+=("$2")
	job+="sh /lab/host/run $1 $2 $3"$'\n'
}

case $suite in
static) add 0 check '' ;;
bench) add 0 bench '' ;;
*-selftests)
	while read -r test; do
		args='' time=400
		case $BASE$FLAVOUR$PATCHES/$suite/$test in
		# A million steps take a minute: on one host, the others have a tenth.
		"$MAIN"/vhe-*/sdei_fuzz_test) args=' -n 1000000' ;;
		# For ten minutes
		"$MAIN"/*/sdei_stress_test) [ -z "${LONG:-}" ] || args=' -t 600' time=1000 ;;
		# Ten times as many single steps are half a minute and more of nothing new.
		*/debug-exceptions) [ -n "${LONG:-}" ] || args=' -i 1000' ;;
		# What it says on a busy machine means nothing: it is make bench's.
		*_perf_test) [ -n "${TESTS:-}" ] || continue ;;
		esac
		add $((time * slower)) "$(basename "$test")" "/lab/selftests/$test$args"
	done <"$OUT/selftests/list"
	;;
*-guests)
	for test in tests/*.sh; do
		# Some say "only: MODE", to save time: the mode of the host is little to them.
		only=$(sed -n 's/^# only: //p' "$test")
		case ${only:-$mode} in "$mode") ;; vhe) [ -n "${LONG:-}" ] || continue ;; *) continue ;; esac
		name=$(basename "$test" .sh)
		add "$limit" "$name" "sh /lab/tests/$name.sh"
	done
	;;
pair-*)
	mode=vhe job+=$'ifconfig eth0 10.0.0.1 up\n' job2=${job/.1 up/.2 up}
	for test in tests/*.sh; do
		grep -qx "# only: $suite" "$test" || continue
		name=$(basename "$test" .sh)
		add "$limit" "$name" "sh /lab/tests/$name.sh"
		names+=("$name-there")
		job2+="sh /lab/host/run $limit $name-there sh /lab/tests/$name.sh there"$'\n'
	done
	;;
*-leaks)
	append=kmemleak=on
	for test in tests/*.sh; do
		grep -qx "# only: leaks" "$test" || continue
		name=$(basename "$test" .sh)
		# Hundreds of VMMs one after another, and kmemleak looks at all memory.
		add $((limit * 3)) "$name" "sh /lab/tests/$name.sh"
	done
	;;
*) die "no suite '$suite'" ;;
esac
case "${#names[@]} ${TESTS:-}" in '0 host-log') ;; 0*) exit 0 ;; esac

printf '%-6s %s\n' .. "$label"
: >"$LOGS/$suite.out"
case $suite in
static) lab/check.sh >"$LOGS/static.out" 2>&1 || : ;;
bench) QUICK=yes lab/bench.sh >"$LOGS/bench.out" 2>&1 || : ;;
*)
	# The last test of every host: did all that leave a trace in its kernel's log?
	TESTS=host-log add $((60 * slower)) host-log "sh /lab/host/clean-log $mode"
	if [ -n "$job2" ]; then
		LINK=$(mktemp -d)
		export LINK
		trap 'kill ${second:-} 2>/dev/null || :; rm -rf "$report" "$LINK"' EXIT
		lab/boot.sh -q -l 2 -k "build/${suite#pair-}/obj/arch/arm64/boot/Image" -n "$suite.2" \
			-t $((limit * 6)) "$job2" >/dev/null 2>&1 &
		second=$! pair=(-l 1)
	fi
	lab/boot.sh -q ${pair[@]+"${pair[@]}"} -m "$mode" -n "$suite" -t $((limit * 6)) -a "$append" "$job" >"$report" 2>&1 || :
	wait
	[ -z "$job2" ] || cat "$LOGS/$suite.2.out" >>"$LOGS/$suite.out"
	;;
esac
awk -f lab/tap.awk -v label="$label" -v expect="${names[*]}" -v counts="$COUNTS" \
	-v all="${LOGS#"$ROOT"/}/$suite.out" "$LOGS/$suite.out" >>"$report"

# Is each case that the selftests are said to show among their results? Some are of CPU
# features that all but -cpu max lack, some of later patches.
if [ "$suite/$CPU${TESTS:-}$PATCHES" = vhe-selftests/max ]; then
	result='1 0 0'
	awk -v label="$label" -f lab/cases.awk "$LOGS/$suite.out" spec/rules.md spec/cases >>"$report" || result='0 1 0'
	echo "$result" >>"$COUNTS"
fi
cat "$report"

#!/bin/bash
# Run one suite of `make test` and report on it: static, or MODE-selftests, MODE-guests,
# MODE-leaks with a mode of lab/run/boot.sh, or pair-KERNEL: scenarios between two hosts, the
# second one with the kernel of build/KERNEL, or bench: what SDEI costs. Appends its counts
# to the file $COUNTS.
#   suite.sh [-n] SUITE     -n: only print the names of what would run
#   TESTS="name ..." limits it to those test programs, OWN=own to those that the series brings.
. "$(dirname "$0")/../common.sh"

TESTS=${TESTS:-$FLAVOUR_TESTS}
only_list='' own=${OWN:-}
if [ "$1" = -n ]; then only_list=yes; shift; fi
series=''; [ "$SERIES" = sdei ] || series=$SERIES
suite=$1 label="$BASE${series:+-$series}${FLAVOUR:+-$FLAVOUR} $1" mode=${1%-*} append='' names=() job=$'export PATH=$PATH:/lab/host\n' job2=''
# LONG: scenarios that have a short cut and a long one choose by it.
limit=1440 longest=0	# seconds, of all and of one
if [ -n "${LONG:-}" ]; then job+=$'export LONG=1\n' limit=7200; fi
COUNTS=${COUNTS:-/dev/null}

add() { # SECONDS NAME COMMAND
	case " ${TESTS:-$2} " in *" $2 "*) ;; *) return 0 ;; esac
	names+=("$2")
	[ "$1" -le "$longest" ] || longest=$1
	job+="sh /lab/host/frame $(($1 * SLOWER)) $2 $3"$'\n'
}
# The scenarios that scenarios/list has for this base in this kind of host: a mode, leaks,
# pair-KERNEL.
add_scenarios() {
	local name seconds list
	list=$(awk -v base="$BASE" -v host="$1" -v long="${LONG:-}" -f lab/run/scenarios.awk "scenarios/list${series:+.$series}")
	while read -r name seconds; do
		[ -n "$name" ] || continue
		add "$seconds" "$name" "sh /lab/scenarios/$name.sh"
		[ "${names[*]: -1}" = "$name" ] || continue
		case $suite in
		pair-*)
			names+=("$name-there")
			job2+="sh /lab/host/frame $((seconds * SLOWER)) $name-there sh /lab/scenarios/$name.sh there"$'\n'
			;;
		esac
	done <<<"$list"
}

case $suite in
static) add 0 check '' ;;
bench) add 0 bench '' ;;
*-selftests)
	while read -r test; do
		args='' time=400
		case $BASE$FLAVOUR$PATCHES/$suite/$test in
		# A million steps take a minute: on one host, the others have a tenth.
		"$MAIN"/vhe-*/sdei_fuzz_test|"$MAIN"third/*/sdei_fuzz_test) args=' -n 1000000' ;;
		# For ten minutes
		"$MAIN"/*/sdei_stress_test) [ -z "${LONG:-}" ] || args=' -t 600' time=1000 ;;
		# Ten times as many single steps are half a minute and more of nothing new.
		*/debug-exceptions) [ -n "${LONG:-}" ] || args=' -i 1000' ;;
		# What it says on a busy machine means nothing: it is make bench's.
		*_perf_test) [ -n "${TESTS:-}" ] || continue ;;
		esac
		add "$time" "$(basename "$test")" "/lab/selftests/$test$args"
	done < <(lab/build/selftests.sh "${own:-list}")
	;;
*-guests) add_scenarios "$mode" ;;
pair-*)
	mode=vhe job+=$'ifconfig eth0 10.0.0.1 up\n' job2=${job/.1 up/.2 up}
	add_scenarios "$suite"
	;;
*-leaks)
	append=kmemleak=on
	add_scenarios leaks
	;;
*) die "no suite '$suite'" ;;
esac
if [ -n "$only_list" ]; then
	[ ${#names[@]} = 0 ] || { say "$label:"; say "${names[*]}" | fold -s -w 90 | sed 's/^/    /'; }
	exit 0
fi
case "${#names[@]} ${TESTS:-}" in '0 host-log') ;; 0*) exit 0 ;; esac

limit=$(((limit + longest) * SLOWER))
report=$(mktemp)
trap 'rm -f "$report"' EXIT
new_run "$suite"
printf '%-6s %s\n' .. "$label"
: >"$RUN_DIR/$suite.out"
case $suite in
static) lab/tools/check.sh >"$RUN_DIR/static.out" 2>&1 || : ;;
bench) QUICK=yes lab/tools/bench/count.sh >"$RUN_DIR/bench.out" 2>&1 || : ;;
*)
	# The last test of every host: did all that leave a trace in its kernel's log?
	TESTS=host-log add 60 host-log "sh /lab/host/clean-log $mode"
	if [ -n "$job2" ]; then
		LINK=$(mktemp -d)
		export LINK
		trap 'kill ${second:-} 2>/dev/null || :; rm -rf "$report" "$LINK"' EXIT
		lab/run/boot.sh -q -l 2 -k "build/${suite#pair-}/obj/arch/arm64/boot/Image" -n "$suite.2" \
			-t "$limit" "$job2" >/dev/null 2>&1 &
		second=$! pair=(-l 1)
	fi
	lab/run/boot.sh -q ${pair[@]+"${pair[@]}"} -m "$mode" -n "$suite" -t "$limit" -a "$append" "$job" >"$report" 2>&1 || :
	wait
	[ -z "$job2" ] || cat "$RUN_DIR/$suite.2.out" >>"$RUN_DIR/$suite.out"
	;;
esac
awk -f lab/run/tap.awk -v label="$label" -v expect="${names[*]}" -v counts="$COUNTS" \
	-v all="${RUN_DIR#"$ROOT"/}/$suite.out" "$RUN_DIR/$suite.out" >>"$report"

# Is each case that the selftests are said to show among their results? Some are of CPU
# features that all but -cpu max lack, some of later patches.
if [ "$suite/$CPU${TESTS:-}$PATCHES$own" = vhe-selftests/max ]; then
	result='1 0 0'
	awk -v label="$label" -f lab/run/cases.awk "$RUN_DIR/$suite.out" spec/rules.md spec/cases >>"$report" || result='0 1 0'
	echo "$result" >>"$COUNTS"
fi
cat "$report"

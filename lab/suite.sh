#!/bin/bash
# Run one suite of `make test` and report on it: static, or MODE-selftests, MODE-guests,
# MODE-leaks or MODE-long with a mode of lab/boot.sh. Appends its counts to the file $COUNTS.
#   TESTS="name ..." limits it to those test programs.
. "$(dirname "$0")/lib.sh"

suite=$1 mode=${1%-*} append='' names=() job=$'export PATH=$PATH:/lab/host\n'
# LONG: scenarios that have a short cut and a long one choose by it.
limit=240
if [ -n "${LONG:-}" ]; then job+=$'export LONG=1\n' limit=1200; fi
COUNTS=${COUNTS:-/dev/null}
report=$(mktemp)
trap 'rm -f "$report"' EXIT

add() { # SECONDS NAME COMMAND
	case " ${TESTS:-$2} " in *" $2 "*) ;; *) return 0 ;; esac
	names+=("$2")
	job+="sh /lab/host/run $1 $2 $3"$'\n'
}

case $suite in
static) names=(check) ;;
*-selftests)
	while read -r test; do
		add 400 "$(basename "$test")" "/lab/selftests/$test"
	done <"$OUT/selftests/list"
	;;
*-guests|*-long)
	for test in tests/*.sh; do
		name=$(basename "$test" .sh)
		# Some say "only: vhe", to save time: the mode of the host is nothing to them;
		# some "only: long", for make test-long.
		only=$(sed -n 's/^# only: //p' "$test")
		case $suite in
		*-long) [ "$only" = long ] ;;
		*) [ "${only:-$mode}" = "$mode" ] ;;
		esac || continue
		add "$limit" "$name" "sh /lab/tests/$name.sh"
	done
	;;
*-leaks)
	append=kmemleak=on
	add 300 leaks "sh /lab/tests/leaks.sh"
	;;
*) die "no suite '$suite'" ;;
esac
case "${#names[@]} ${TESTS:-}" in '0 host-log') ;; 0*) exit 0 ;; esac

printf '%-6s %s\n' .. "$suite"
: >"$LOGS/$suite.out"
if [ "$suite" != static ]; then
	# The last test of every host: did all that leave a trace in its kernel's log?
	TESTS=host-log
	add 20 host-log "sh /lab/host/clean-log $mode"
	lab/boot.sh -q -m "$mode" -n "$suite" -t $((limit * 4)) -a "$append" "$job" >"$report" 2>&1 || :
else
	lab/check.sh >"$LOGS/static.out" 2>&1 || :
fi
awk -f lab/tap.awk -v label="$suite" -v expect="${names[*]}" -v counts="$COUNTS" \
	-v all="${LOGS#"$ROOT"/}/$suite.out" "$LOGS/$suite.out" >>"$report"
cat "$report"

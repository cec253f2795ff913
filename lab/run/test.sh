#!/bin/bash
# Prove it, on each base that is named: test.sh [-n] [BASE|BASE/SERIES...]
#   -n: only print what would run; fails if that is nothing
#   BASE/SERIES: what a series on top of the main one brings, with its kernel
#   SUITES="..." limits it to some suites (lab/run/suite.sh), TESTS="..." to some programs.
#   PARALLEL=3 is how many suites run at a time.
. "$(dirname "$0")/../common.sh"

only_list=''
if [ "${1:-}" = -n ]; then only_list=yes; shift; fi
[ $# -gt 0 ] || set -- "$BASE"
# One more kernel where there is time and nothing is named: with a third event.
third=''
[ -z "${LONG:-}" ] || [ -n "$FLAVOUR$KDIR${SUITES:-}${TESTS:-}" ] || [ "$CPU/$SERIES" != max/sdei ] || third=yes
prepare() { # BASE[/SERIES] [-n]
	case $1 in
	*/*) BASE=${1%/*} SERIES=${1#*/} OWN=own lab/run/prepare.sh "${@:2}" ;;
	*) BASE=$1 lab/run/prepare.sh "${@:2}" ;;
	esac
}
if [ -n "$only_list" ]; then
	list=$(for base; do prepare "$base" -n; done
		[ -z "$third" ] || FLAVOUR=third lab/run/prepare.sh -n)
	[ -n "$list" ] || [ "${TESTS:-}" = host-log ] ||
		die "nothing matches${SUITES:+ SUITES=\"$SUITES\"}${TESTS:+ TESTS=\"$TESTS\"}: see make list, with LONG=1 for make test-long"
	say "$list"
	exit
fi

COUNTS=$(mktemp) QUEUE=$(mktemp) RUN=${RUN:-$(date +%Y%m%d-%H%M%S)-test}
export COUNTS QUEUE RUN
trap 'rm -f "$COUNTS" "$QUEUE"' EXIT
broke() {
	say "FAILED $*, see above"
	echo 0 1 0 >>"$COUNTS"
}
for base; do
	# Nothing to run there, as for make, which has not built it then
	what=$(prepare "$base" -n) && [ -z "$what" ] && [ "${TESTS:-}" != host-log ] && continue
	prepare "$base" || broke "to make ready for the tests of $base"
done
[ -z "$third" ] || FLAVOUR=third lab/run/prepare.sh || broke "to make ready for the tests of flavour third"

# One more than CPUs, on a small machine: a guest waits now and then.
PARALLEL=${PARALLEL:-3} start=$SECONDS
say "Testing, $PARALLEL suites at a time:"
xargs -r -P "$PARALLEL" -L 1 env <"$QUEUE" || broke "a suite"
say "in $((SECONDS - start)) s"

read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$COUNTS")
if [ "$skipped" -gt 0 ]; then
	say "$passed passed, $failed failed, $skipped skipped"
else
	say "$passed passed, $failed failed"
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]

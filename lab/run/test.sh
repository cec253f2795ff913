#!/bin/bash
# Prove it, on each base that is named: test.sh [BASE...]
#   SUITES="..." limits it to some suites (lab/suite.sh), TESTS="..." to some programs.
#   HOSTS=3 is how many suites run at a time.
. "$(dirname "$0")/lib.sh"

COUNTS=$(mktemp) QUEUE=$(mktemp)
export COUNTS QUEUE
trap 'rm -f "$COUNTS" "$QUEUE"' EXIT
broke() {
	say "FAILED $*, see above"
	echo 0 1 0 >>"$COUNTS"
}
[ $# -gt 0 ] || set -- "$BASE"
for base; do
	BASE=$base lab/suites.sh || broke "to make ready for the tests of $base"
done

# One more than CPUs, on a small machine: a guest waits now and then.
HOSTS=${HOSTS:-3} start=$SECONDS
say "Testing, $HOSTS suites at a time:"
xargs -r -P "$HOSTS" -L 1 env <"$QUEUE" || broke "a suite"
say "in $((SECONDS - start)) s"

read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$COUNTS")
if [ "$skipped" -gt 0 ]; then
	say "$passed passed, $failed failed, $skipped skipped"
else
	say "$passed passed, $failed failed"
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]

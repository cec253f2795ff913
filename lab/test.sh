#!/bin/bash
# Prove it, on each base that is named: test.sh [BASE...]
#   SUITES="..." limits it to some suites (lab/suite.sh), TESTS="..." to some programs.
. "$(dirname "$0")/lib.sh"

COUNTS=$(mktemp)
export COUNTS
trap 'rm -f "$COUNTS"' EXIT
[ $# -gt 0 ] || set -- "$BASE"
for base; do
	BASE=$base lab/suites.sh || {
		say "FAILED the tests of $base broke, see above"
		echo 0 1 0 >>"$COUNTS"
	}
done

read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$COUNTS")
if [ "$skipped" -gt 0 ]; then
	say "$passed passed, $failed failed, $skipped skipped"
else
	say "$passed passed, $failed failed"
fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]

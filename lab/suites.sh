#!/bin/bash
# Run the suites of `make test` for one base: static checks, selftests and guest scenarios,
# in every mode of the host. Appends its counts to the file $COUNTS.
. "$(dirname "$0")/lib.sh"

# A base that is not the main one may name fewer. The long ones first, to end at one time.
SUITES=${SUITES:-$(flavour_says suites)}
: "${SUITES:=vhe-guests protected-selftests protected-guests static nvhe-selftests nvhe-guests vhe-selftests vhe-leaks pair-$BASE-pristine bench}"
# On another CPU than max: what depends on it, and what it can do.
case $CPU in
max) cannot=none ;;
cortex-a35|cortex-a53|cortex-a57|cortex-a72) cannot='static|bench|pair-*|vhe-*' ;;	# ARMv8.0
*) cannot='static|bench|pair-*' ;;
esac
shopt -s extglob
# shellcheck disable=SC2086
SUITES=$(for suite in $SUITES; do [[ $suite == @($cannot) ]] || echo "$suite"; done)
start=$SECONDS
case $SUITES in
*-guests*)
	if [ "$GUEST_OUT" = "$OUT" ]; then
		lab/kernel.sh nosdei
	else
		BASE=$GUEST KDIR='' FLAVOUR='' lab/kernel.sh nosdei
	fi
	;;
esac
case $SUITES in
*-pristine*|*bench*)
	say "The kernel without the series:"
	PATCHES=0 lab/fetch.sh && PATCHES=0 lab/tree.sh && PATCHES=0 lab/kernel.sh
	;;
esac
lab/rootfs.sh

# Two emulated hosts side by side: a guest mostly waits.
say "Testing $BASE${FLAVOUR:+-$FLAVOUR}, CPU $CPU, ${HOSTS:-2} suites at a time: ${SUITES//$'\n'/ }"
# shellcheck disable=SC2086
printf '%s\n' $SUITES | xargs -P "${HOSTS:-2}" -n 1 lab/suite.sh || {
	say "FAILED a suite broke, see above"
	echo 0 1 0 >>"$COUNTS"
}

# Is each case that the selftests are said to show among their results? Some are of CPU
# features that all but -cpu max lack, some of later patches.
if [ -z "${TESTS:-}$PATCHES" ] && [ "$CPU" = max ] && grep -qx vhe-selftests <<<"$SUITES"; then
	if awk -f lab/cases.awk "$LOGS/vhe-selftests.out" tests/cases; then
		echo 1 0 0 >>"$COUNTS"
	else
		echo 0 1 0 >>"$COUNTS"
	fi
fi
say "in $((SECONDS - start)) s; logs: ${LOGS#"$ROOT"/}"

#!/bin/bash
# Make ready for the suites of `make test` on one base, static checks, selftests and guest
# scenarios in every mode of the host, and append a line for each to the file $QUEUE.
#   prepare.sh -n: only print what each would run
#   OWN=own: only what $SERIES brings, in the suites that its settings name
. "$(dirname "$0")/../common.sh"

# A base that is not the main one may name fewer. The long ones first, to end at one time.
SUITES=${SUITES:-$FLAVOUR_SUITES}
: "${SUITES:=vhe-guests protected-selftests protected-guests static nvhe-selftests nvhe-guests vhe-selftests vhe-leaks pair-$BASE-pristine bench}"
# On another CPU than max: what depends on it, and what it can do.
case $CPU in
max) cannot=none ;;
cortex-a35|cortex-a53|cortex-a57|cortex-a72) cannot='static|bench|pair-*|vhe-*' ;;	# ARMv8.0
*) cannot='static|bench|pair-*' ;;
esac
[ -z "${OWN:-}" ] || cannot+="|!(${FLAVOUR_SUITES// /|})"
shopt -s extglob
# shellcheck disable=SC2086
SUITES=$(for suite in $SUITES; do [[ $suite == @($cannot) ]] || echo "$suite"; done)
if [ "${1:-}" = -n ]; then
	for suite in $SUITES; do lab/run/suite.sh -n "$suite"; done
	exit
fi
case $SERIES/$SUITES in
sdei/*-guests*)
	if [ "$GUEST_OUT" = "$OUT" ]; then
		lab/build/kernel.sh nosdei
	else
		BASE=$GUEST KDIR='' FLAVOUR='' lab/build/kernel.sh nosdei
	fi
	say "The guests' kernel with the patches for its client:"
	for script in fetch tree kernel; do
		BASE=$GUEST KDIR='' FLAVOUR='' SERIES=client "lab/build/$script.sh"
	done
	# Some scenarios of make test-long have further kernels in their guests.
	users=${TESTS:-*} users=${users// /.sh scenarios/}
	# shellcheck disable=SC2086
	wanted() { [ -n "${LONG:-}" ] && grep -qs "Image\.$1" scenarios/$users.sh; }
	! wanted field || BASE=$GUEST KDIR='' FLAVOUR=field lab/build/kernel.sh
	if wanted client-undrained; then
		for script in tree kernel; do
			BASE=$GUEST KDIR='' FLAVOUR=undrained SERIES=client "lab/build/$script.sh"
		done
	fi
	;;
esac
case $SUITES in
*-pristine*|*bench*)
	say "The kernel without the series:"
	PATCHES=0 lab/build/fetch.sh && PATCHES=0 lab/build/tree.sh && PATCHES=0 lab/build/kernel.sh
	;;
esac
lab/build/rootfs.sh
[ -z "${LONG:-}" ] || lab/build/libvirt.sh
new_run test
say "To test: ${OUT##*/}, CPU $CPU: ${SUITES//$'\n'/ }; logs: ${RUN_DIR#"$ROOT"/}"
# shellcheck disable=SC2086
printf "BASE=$BASE SERIES=$SERIES FLAVOUR=$FLAVOUR OWN=${OWN:-} lab/run/suite.sh %s\n" $SUITES >>"$QUEUE"

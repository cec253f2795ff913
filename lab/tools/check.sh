#!/bin/bash
# The static checks, as TAP: style, warnings, documentation, the lab's own scripts.
. "$(dirname "$0")/../common.sh"

number=0 failed=0
# check TEXT COMMAND...: passes if COMMAND succeeds and prints nothing that matters.
check() {
	local text=$1 out
	shift
	number=$((number + 1))
	if out=$("$@" 2>&1); then
		echo "ok $number $text"
	else
		echo "not ok $number $text"
		printf '%s\n' "$out" | tail -n 60 | sed 's/^/# /'
		failed=1
	fi
}
quiet() { # COMMAND: passes if it succeeds and prints nothing at all
	local out rc=0
	out=$("$@" 2>&1) || rc=1
	[ -z "$out" ] || { printf '%s\n' "$out"; rc=1; }
	return $rc
}

# once NAME COMMAND...: COMMAND NAME... that passed is not done again until the kernel's commits,
# its configuration, this script or what is known has changed.
once() {
	local stamp=$OUT/obj-check/$1.passed
	! stamped "$stamp" "$state" || return 0
	"$2" "$1" "${@:3}" && echo "$state" >"$stamp"
}

# --strict, but MAINTAINERS has the new files' folders, who sends the series signs it off, and
# the base has no history to look up the commit that a Fixes: tag names.
checkpatch() {
	cd "$LINUX" && quiet scripts/checkpatch.pl --strict --no-signoff --terse --no-summary \
		--show-types --ignore FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID "${@:2}"
}

# Objects compiled in a folder of their own: W=1 would have the kernel built again.
make=("${KMAKE[@]}" -C "$LINUX" "O=$OUT/obj-check")
prepare() {
	cp "$OUT/obj/.config" "$OUT/obj-check/.config"
	"${make[@]}" olddefconfig prepare >"$LOGS/check-prepare.log" 2>&1 ||
		{ tail -n 20 "$LOGS/check-prepare.log"; return 1; }
}
# compile LOG VARIABLE... FILE.c: whether this gives no warning about FILE.c. What sparse
# says about mpidr_data in arm.c is not the series' doing, and MODULE_PARM_DESC() and the like are
# beyond it.
compile() {
	local log=$LOGS/check-$1.log file=${!#} rc=0 target
	target=${file%.c}.o
	rm -f "$OUT/obj-check/$target"
	# Code of the hypervisor has no object of its own: VHE's folder compiles it. The architecture
	# compiles KVM's generic code.
	case $file in
	arch/arm64/kvm/hyp/*) target=arch/arm64/kvm/hyp/vhe/ ;;
	virt/kvm/*) target=arch/arm64/kvm/../../../$target ;;
	esac
	set -- "${@:2:$#-2}"
	"${make[@]}" "$@" "$target" >"$log" 2>&1 || rc=$?
	[ "$rc" = 0 ] || { tail -n 20 "$log"; return 1; }
	! sed 's,/vhe/\.\./,/,' "$log" | grep -E "(warning|error):.*" | grep -F "$file" |
		grep -v -e 'different address spaces' -e 'bad constant expression' | grep -vFf "$known"
}
# Sparse of Debian 12 and 13 does not know typeof_unqual, without which Linux $BASE does
# not let it run; typeof is near enough.
sparse='CHECK=sparse -D__typeof_unqual__=__typeof__'

documentation() { # no warning about a page that the series adds or edits
	rm -rf "$OUT/obj-check/Documentation"
	"${make[@]}" htmldocs SPHINXDIRS=virt/kvm >"$LOGS/check-htmldocs.log" 2>&1 ||
		{ tail -n 20 "$LOGS/check-htmldocs.log"; return 1; }
	for page in "${pages[@]}"; do
		page=$(basename "$page" .rst).html
		find "$OUT/obj-check/Documentation/output" -name "$page" | grep -q . ||
			{ echo "no $page came out"; return 1; }
	done
	! grep -E 'WARNING|ERROR|CRITICAL' "$LOGS/check-htmldocs.log" | grep -F "${pages[@]/#/-e}" |
		grep -vFf "$known"
}

# The node that an administrator adds to a guest's tree. Its binding in Linux is a text, with
# no schema for dtbs_check to look at.
fragment() {
	{ echo '/dts-v1/; / {'; sed -n '/^    firmware {/,/^    };/p' README.md; echo '};'; } |
		dtc -q -Wno-unit_address_vs_reg -I dts -O dtb -o "$OUT/obj-check/fragment.dtb" &&
	[ "$(fdtget "$OUT/obj-check/fragment.dtb" /firmware/sdei compatible)" = arm,sdei-1.0 ]
}

links() { # with the kernel's own files, where they are those of the default base
	if [ "$BASE$KDIR" = "$MAIN" ]; then lab/tools/check-links "$LINUX"; else lab/tools/check-links; fi
}

model() { # the tests of the model that sdei_fuzz_test compares KVM with, for 2 and 3 events
	local events
	for events in 2 3; do
		gcc -Wall -Wextra -Werror "-DMODEL_NR_EVENTS=$events" -o "$OUT/model-test" spec/model/model-test.c &&
		"$OUT/model-test" || return
	done
}

# Each file that MAINTAINERS says SDEI has is there, and so on.
maintainers() {
	! (cd "$LINUX" && scripts/get_maintainer.pl --self-test=sections,patterns 2>&1) | grep -i sdei
}

# Each scenario has a line in the list, each line its scenario, each base a column.
scenarios() {
	local base
	for base in bases/*; do
		awk -v base="${base#bases/}" -v host=vhe -f lab/run/scenarios.awk scenarios/list >"$OUT/obj-check/scenarios" || return
	done
	diff <(awk 'FNR == 1 { head = 0 } /^#/ || !NF || !head++ { next } { print $1 }' scenarios/list scenarios/list.* | sort) \
		<(for file in scenarios/*.sh; do basename "$file" .sh; done | sort)
}

# The QEMU series: the page for other VMMs has the code that is run, QEMU's copy of the kernel's
# header has what the kernel's has.
# shellcheck disable=SC2016
example() {
	diff <(sed -n '/^\/\* ---- for the VMM/,/^\/\* ---- for the show/p' vmm/example.c | sed '1,2d;$d' | sed '$d') \
		<(sed -n '/^```c/,/^```/p' vmm/README.md | sed '1d;$d')
}
headers() {
	local name='\(#define\|\)[[:space:]]KVM_\(REG_ARM_\(STD_BIT_\)\?\)\?SDEI'
	diff <(grep "^$name" "$LINUX/arch/arm64/include/uapi/asm/kvm.h") \
		<(sed -n "/^+$name/s/^+//p" vmm/qemu/linux-headers-*.patch)
}

start=$SECONDS
mkdir -p "$OUT/obj-check"
echo "== check"
base=$(git -C "$LINUX" rev-parse refs/lab/base)
state=$(SALT=$(git -C "$LINUX" rev-parse HEAD) checksum "$OUT/obj/.config" lab/tools/check.sh "$known")
changed() { git -C "$LINUX" diff --name-only --no-renames "--diff-filter=$1" "$base" HEAD -- "${@:2}"; }
mapfile -t sources < <(changed AM 'arch/arm64/kvm/*.c' 'virt/kvm/*.c')
mapfile -t new < <(changed A 'arch/*.[ch]' 'include/*.h')
mapfile -t pages < <(changed AM 'Documentation/*.rst')

# With make test the main series has looked at the mails of the others: see below.
if [ -z "${OWN:-}" ]; then
	check "git am takes the series" lab/build/series.sh
	for mail in "$OUT"/series/*.patch; do
		case $mail in */0000-*|*'*'*) continue ;; esac
		check "checkpatch: ${mail##*/}" once "checkpatch-$(basename "$mail" .patch)" checkpatch "$mail"
	done
fi
# The other series: they are for one base alone.
mails() { # SERIES
	for script in fetch tree series; do
		KDIR='' FLAVOUR='' PATCHES='' SERIES=$1 "lab/build/$script.sh" || return
	done
}
for series in $([ "$BASE/$SERIES" != "$MAIN/sdei" ] || echo client async-pf); do
	check "git am takes the series $series" mails "$series"
	for mail in "build/$MAIN-$series/series"/*.patch; do
		case $mail in */0000-*|*'*'*) continue ;; esac
		check "checkpatch: $series/${mail##*/}" checkpatch - "$ROOT/$mail"
	done
done
check "the kernel tree is ready to compile parts of it" once prepare prepare
for source in ${sources[@]+"${sources[@]}"}; do
	check "W=1: $source" once "w1-${source##*/}" compile W=1 "$source"
	check "sparse: $source" once "sparse-${source##*/}" compile C=2 "$sparse" "$source"
done
for file in ${new[@]+"${new[@]}"}; do
	check "kernel-doc: $file" quiet "$LINUX/scripts/kernel-doc" -none -Wall "$LINUX/$file"
done
[ ${#pages[@]} = 0 ] || check "htmldocs: ${pages[*]##*/}" once htmldocs documentation
finish() {
	echo "1..$number"
	echo "== exit $failed after $((SECONDS - start)) s"
	[ "$failed" = 0 ]
}
# The rest is about the main series, and about the project.
[ "$SERIES" = sdei ] || { finish; exit; }
check "checkpatch: proof, spec/model" checkpatch '' -f "$ROOT"/proof/*.[ch] "$ROOT"/spec/model/*.h
if [ "$BASE" = "$MAIN" ]; then
	check "MAINTAINERS: get_maintainer.pl's self-test" once maintainers maintainers
	check "git am and QEMU's checkpatch take the QEMU series" lab/build/qemu-series.sh
	check "QEMU's headers have the kernel's names" headers
	check "vmm/README.md has the example that is run" example
fi
check "dtc: README.md's device-tree fragment" quiet fragment
mapfile -t texts < <(git ls-files | grep -v -e ^COPYING -e ^spec/cases)
[ ${#texts[@]} -gt 0 ] || die "git does not list this project's files"
check "codespell: ${#texts[@]} files" quiet codespell -L filp "${texts[@]}"
check "spec: rules and cases agree" quiet awk -f lab/run/cases.awk spec/rules.md spec/cases
check "what the texts point to is there" quiet links
check "the reference model of SDEI" model
check "scenarios/list has each scenario" scenarios
mapfile -t scripts < <(git ls-files '*.sh' .ci/run lab/tools/check-links lab/host lab/guest/linux/init lab/guest/linux/functions lab/kit/run 'lab/build/flavours/*/settings' 'patches/*/settings' |
	grep -v '\.c$')
check "shellcheck: ${#scripts[@]} scripts" shellcheck -x -P SCRIPTDIR "${scripts[@]}"
finish

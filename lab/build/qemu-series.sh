#!/bin/bash
# Write the mail-ready QEMU series to build/qemu/series: without the patches for the lab only.
# See that git am takes it, and QEMU's checkpatch.
. "$(dirname "$0")/../common.sh"

lab/build/qemu-tree.sh
QEMU=$ROOT/build/qemu
git() { command git -C "$QEMU/src" "$@"; }
base=$(git rev-parse refs/lab/base)
new=$QEMU/series.new am=$QEMU/am
rm -rf "$new" "$am"
git worktree prune
git worktree add -q --no-checkout --detach "$am" "$base"
trap 'git worktree remove --force "$am"' EXIT
mapfile -t mails < <(sed '/^#/d; /^lab /d; s,^,vmm/qemu/,' vmm/qemu/series)
(
	sed -n 's,^diff --git a/\(.*\)/[^/]* b/.*,\1,p' "${mails[@]}" | sort -u |
		command git -C "$am" sparse-checkout set --stdin
	command git -C "$am" checkout -q --detach "$base"
	command git -C "$am" -c user.name="KVM SDEI series" -c user.email=series@localhost am -q "${mails[@]/#/$ROOT/}"
	command git -C "$am" format-patch -q --no-signature --base="$base" --cover-letter -o "$new" "$base"
) >"$LOGS/qemu-am.log" 2>&1 || { tail -n 20 "$LOGS/qemu-am.log"; die "git am refuses the series: ${LOGS#"$ROOT"/}/qemu-am.log"; }
python3 - "$new/0000-cover-letter.patch" vmm/qemu/cover-letter.txt <<'END'
import sys
mail, text = sys.argv[1], open(sys.argv[2]).read()
subject, _, body = text.partition("\n")
whole = open(mail).read().replace("*** SUBJECT HERE ***", subject.strip())
open(mail, "w").write(whole.replace("*** BLURB HERE ***", body.strip()))
END

# Who sends the series signs it off. The headers are Linux's, once it has the other series.
for mail in "$new"/000[1-9]-*.patch; do
	(cd "$QEMU/src" && scripts/checkpatch.pl --no-signoff --terse --no-summary "$mail") |
		grep -v -e 'are you using scripts/update-linux-headers.sh?$' -e '^$' || continue
	die "checkpatch of QEMU complains"
done
rm -rf "$QEMU/series"
mv "$new" "$QEMU/series"
say "  qemu-series: $(find "$QEMU/series" -name '*.patch' | wc -l) mails in build/qemu/series; git am and checkpatch take them"

#!/bin/bash
# Write the mail-ready series to build/BASE/series, and see that git am takes it. git send-email
# sends the mails to whom get_maintainer.pl names for the whole series; patches/SERIES/mail has
# more options for git format-patch, one a line: --cc=SOMEBODY adds a recipient.
. "$(dirname "$0")/../common.sh"

linux() { git -C "$LINUX" "$@"; }
base=$(linux rev-parse refs/lab/base)
tip=$(linux rev-parse refs/lab/made)
[ "$base" != "$tip" ] || { rm -rf "$OUT/series"; say "  series: $PATCH_DIR/series is empty"; exit 0; }

# The maintainers as --to=, reviewers and lists as --cc=
recipients() {
	linux diff "$base" "$tip" | (cd "$LINUX" && scripts/get_maintainer.pl --nogit --nogit-fallback --nofixes --roles) |
		awk 'match($0, /^([^<]*<[^>]*>|[^ ]*)/) {
			print (/ \((maintainer|supporter)/ ? "--to=" : "--cc=") substr($0, 1, RLENGTH)
		}'
}

new=$OUT/series.new
rm -rf "$new"
options=() letter=$PATCH_DIR/cover-letter.txt
[ ! -r "$PATCH_DIR/mail" ] || mapfile -t options < <(grep -v '^#' "$PATCH_DIR/mail")
[ ! -r "$letter" ] || options+=(--cover-letter)
mapfile -t -O ${#options[@]} options < <(recipients)
linux format-patch -q --no-signature --base="$base" "${options[@]}" -o "$new" "$base..$tip"
if [ -r "$letter" ]; then
	python3 - "$new/0000-cover-letter.patch" "$letter" <<-'END'
	import sys
	mail, text = sys.argv[1], open(sys.argv[2]).read()
	subject, _, body = text.partition("\n")
	whole = open(mail).read().replace("*** SUBJECT HERE ***", subject.strip())
	open(mail, "w").write(whole.replace("*** BLURB HERE ***", body.strip()))
	END
fi

# "# RFC from: NAME" in the series: that mail and those after it are marked as such.
rfc=$(sed -n 's/^# RFC from: //p' "$PATCH_DIR/series")
if [ -n "$rfc" ]; then
	first=$(grep -v '^#' "$PATCH_DIR/series" | grep -nxF "$rfc" | cut -d: -f1)
	[ -n "$first" ] || die "$PATCH_DIR/series marks $rfc, and does not name it"
	for mail in "$new"/*.patch; do
		number=${mail##*/} number=${number%%-*}
		[ "$((10#$number))" -lt "$first" ] || sed -i '1,/^$/s/^Subject: \[PATCH/Subject: [RFC PATCH/' "$mail"
	done
fi

# A second work tree with only the folders that the series touches.
am=$OUT/am
rm -rf "$am" "$OUT/series"
linux worktree prune
linux worktree add -q --no-checkout --detach "$am" "$base"
(
	mapfile -t mails < <(find "$new" -name '*.patch' ! -name '0000-*' | sort)
	cd "$am"
	git diff --name-only "$base" "$tip" | xargs -n 1 dirname | sort -u | xargs git sparse-checkout set
	git checkout -q --detach "$base"
	git -c user.name=lab -c user.email=lab@localhost am -q "${mails[@]}"
) >"$LOGS/am.log" 2>&1 || { tail -n 20 "$LOGS/am.log"; die "git am refuses the series: ${LOGS#"$ROOT"/}/am.log"; }
[ "$(git -C "$am" rev-parse 'HEAD^{tree}')" = "$(linux rev-parse "$tip^{tree}")" ] ||
	die "git am gives another tree than lab/build/tree.sh"
linux worktree remove --force "$am"
mv "$new" "$OUT/series"
say "  series: $(find "$OUT/series" -name '*.patch' | wc -l) mails in ${OUT#"$ROOT"/}/series; git am takes them"

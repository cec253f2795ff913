#!/bin/bash
# Take the commits made in build/BASE/linux back into patches/SERIES/ and the new files. A file is new when a commit of the series adds it; its last content counts.
# From another base than $MAIN only the new files come back, and bases/BASE/SERIES/*.diff:
# the edits to those files in which they are not the same text as in patches/SERIES/.
. "$(dirname "$0")/../common.sh"

git() { command git -C "$LINUX" "$@"; }
base=$(git rev-parse -q --verify refs/lab/base) || die "no tree yet: make tree"
[ -z "$(git status --porcelain)" ] ||
	die "uncommitted changes in ${LINUX#"$ROOT"/}: commit them to the patch they belong to
(git commit --fixup=COMMIT -a && git rebase -i --autosquash refs/lab/base)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/patches"
selftests=tools/testing/selftests/kvm
git diff --name-only --no-renames --diff-filter=A "$base" HEAD >"$work/new"
[ -z "$(git diff --name-only --no-renames --diff-filter=D "$base" HEAD)" ] ||
	say "note: the series deletes files"

# The patch of this name already has that subject; a new one is named after it.
name_of() {
	local file
	for file in "$PATCH_DIR"/*.patch; do
		if [ -f "$file" ] && [ "$(command git mailinfo --no-scissors /dev/null /dev/null <"$file" |
				sed -n 's/^Subject: //p')" = "$2" ]; then
			basename "$file"; return
		fi
	done
	git log -1 --format=%f.patch "$1"
}

# The edits of $commit to $changed that are not those of $patch, with which line numbers
# and checksums don't count.
edits() { # FILE
	awk -v header="diff --git a/$1 b/$1" '/^diff --git /{ on = $0 == header }
		on && !/^index / { sub(/^@@ .*/, "@@"); print }'
}
own_hunks() {
	local file own=() diff=$DIFF_DIR/${patch%.patch}.diff
	[ -r "$PATCH_DIR/$patch" ] || die "$subject: no such patch; new ones are made in build/$MAIN/linux"
	for file in $changed; do
		git diff --no-renames --no-color "$commit^" "$commit" -- "$file" | edits "$file" >"$work/here"
		for_base <"$PATCH_DIR/$patch" | edits "$file" | cmp -s - "$work/here" || own+=("$file")
	done
	: >"$work/diff"
	[ ${#own[@]} = 0 ] ||
		git diff --no-renames --no-color --abbrev=12 "$commit^" "$commit" -- "${own[@]}" >"$work/diff"
	if [ -s "$work/diff" ]; then
		cmp -s "$work/diff" "$diff" || { mkdir -p "$DIFF_DIR" && cp "$work/diff" "$diff"; say "  updated $diff"; }
	elif [ -f "$diff" ]; then
		rm "$diff"
		say "  removed $diff"
	fi
}

sed -n '/^#/p;/^[^#]/q' "$PATCH_DIR/series" >"$work/series" 2>/dev/null || :
for commit in $(git rev-list --reverse "$base..HEAD"); do
	subject=$(git log -1 --format=%s "$commit")
	patch=$(name_of "$commit" "$subject")
	changed=$(git diff --name-only --no-renames "$commit^" "$commit" | grep -vxFf "$work/new" || :)
	[ "$BASE" = "$MAIN" ] || own_hunks
	{
		printf 'From: %s\nSubject: [PATCH] %s\n\n' "KVM SDEI series <series@localhost>" "$subject"
		git log -1 --format=%b "$commit"
		echo ---
		# shellcheck disable=SC2086
		[ -z "$changed" ] || { echo; git diff --no-renames --no-color --abbrev=12 "$commit^" "$commit" -- $changed; }
	} >"$work/patches/$patch"
	line=$patch
	for file in $(git diff --name-only --no-renames --diff-filter=A "$commit^" "$commit"); do
		grep -qxF "$file" "$work/new" || continue
		path=${file/#$selftests\/$SELFTESTS\//$selftests/aarch64/}
		mkdir -p "$(dirname "$path")"
		git show "HEAD:$file" | cmp -s - "$path" || { git show "HEAD:$file" >"$path"; say "  updated $path"; }
		line+=" $path"
	done
	echo "$line" >>"$work/series"
done

# refs/lab/made stays: lab/build/tree.sh sees whether what was taken back gives this tree.
[ "$BASE" = "$MAIN" ] || exit 0

for file in "$PATCH_DIR"/*.patch; do
	[ ! -f "$file" ] || [ -f "$work/patches/${file##*/}" ] || { rm "$file"; say "  removed $file"; }
done
for file in "$work"/patches/*.patch "$work/series"; do
	[ -f "$file" ] || continue
	cmp -s "$file" "$PATCH_DIR/${file##*/}" || { cp "$file" "$PATCH_DIR/"; say "  updated $PATCH_DIR/${file##*/}"; }
done
git update-ref refs/lab/made HEAD
say "  refresh: $(git rev-list --count "$base..HEAD") patches taken back"

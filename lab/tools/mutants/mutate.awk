# Put all mutants of the list into the source files that their functions are in:
#   awk -v to=FOLDER -f mutate.awk list FILE...
# writes each FILE with them as FOLDER/FILE. A mutant is a changed copy of its function; the
# function itself asks sdei_mutant, a parameter of module kvm, which one is to be called. Code
# at EL2 that is linked by itself (nVHE, pKVM) has no such parameter, and no mutants.

function die(text) { print "error: " text >"/dev/stderr"; failed = 1; exit 1 }
# White space makes no difference: the functions have no line that the preprocessor reads.
function plain(text) { gsub(/[ \t\n]+/, " ", text); return text }

FNR == 1 { files++ }
files == 1 && (/^#/ || /^$/) { next }
files == 1 {
	if (split($0, field, "\t") < 3) die("line " FNR " of " FILENAME ": a field is missing")
	of[++mutants] = field[1]; from[mutants] = plain(field[2]); by[mutants] = plain(field[3])
	wanted[field[1]] = 1
	next
}

FNR == 1 { out = to "/" FILENAME; system("mkdir -p '" to "/" FILENAME "' && rmdir '" out "'"); asked = 0 }
# The first line of a function that mutants are wanted of: its type, name and (
/^[a-z].*\(/ && !/;$/ {
	name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
	if (name in wanted) { head = ""; inside = 1 }
}
inside == 1 && /^{/ { inside = 2; body = ""; next }
inside == 1 { head = head $0 "\n"; if (/;$/) { inside = 0; printf "%s", head >out }; next }
inside == 2 && /^}/ { copies(); inside = 0; next }
inside == 2 { sub(/^[ \t]*\/\/.*/, ""); body = body $0 "\n"; next }
{ print >out }

function copies(    m, at, text, before, type, n, i, arg, args, calls) {
	wanted[name] = 2
	if (!asked++)
		print "#ifdef __KVM_NVHE_HYPERVISOR__\n#define sdei_mutant 0\n#else\n" \
		      "extern int sdei_mutant;\n#endif" >out
	before = plain(head); type = before
	sub("[ *]*" name "\\(.*", "", type)
	sub(/^[^(]*\(/, "", before); sub(/\) *$/, "", before)
	n = split(before, arg, ",")
	for (i = 1; i <= n; i++) {
		sub(/.*[ *]/, "", arg[i])
		if (arg[i] != "void") args = args (args == "" ? "" : ", ") arg[i]
	}
	before = plain(head "{\n" body)
	for (m = 1; m <= mutants; m++) if (of[m] == name) {
		text = before
		at = index(text, from[m])
		if (!at) die("mutant " m ": " name "() has no " from[m])
		if (index(substr(text, at + 1), from[m])) die("mutant " m ": " name "() has more than one " from[m])
		text = substr(text, 1, at - 1) by[m] substr(text, at + length(from[m]))
		sub(name "\\(", name "_mutant" m "(", text)
		sub(/^static /, "", text)
		print "static " text "}" >out
		calls = calls "\tif (sdei_mutant == " m ")" \
			(type ~ /void$/ ? " {\n\t\t" name "_mutant" m "(" args ");\n\t\treturn;\n\t}\n" : \
					  "\n\t\treturn " name "_mutant" m "(" args ");\n")
	}
	# Declarations come first in a block: the function's own are in an inner one.
	printf "%s{\n%s\t{\n%s\t}\n}\n", head, calls, body >out
}

END {
	if (failed) exit 1
	for (name in wanted) if (wanted[name] != 2) die("no function " name "() in these files")
	out = to "/arch/arm64/kvm/sdei.c"
	print "#include <linux/moduleparam.h>\nint sdei_mutant;\nmodule_param(sdei_mutant, int, 0644);" >out
}

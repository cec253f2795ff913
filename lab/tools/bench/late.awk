# What late-work has printed, as data for late.gp: how much a guest gets done whose CPU waits for
# pages, takes interrupts meanwhile, or is told about them, as multiples of the first.
#   awk -f late.awk build/7.3-async-pf/runs/latest/vhe-guests.out

/^# (waits|interrupts|told): (1|4|alone): touched / {
	sub(/:$/, "", $2); sub(/:$/, "", $3)
	touched[$2, $3] = $5; computed[$2, $3] = $7; worst[$2, $3] = $9
}

function row(text, value, tasks) {
	if (value["waits", tasks] > 0)
		printf "\"%s\" 1 %.3f %.3f\n", text, value["interrupts", tasks] / value["waits", tasks],
			value["told", tasks] / value["waits", tasks]
}

END {
	row("another task's work,\\n1 touches pages", computed, 1)
	row("another task's work,\\n4 touch pages", computed, 4)
	row("pages brought in\\nfor 4 tasks", touched, 4)
	row("a 1 ms sleeper's worst\\ngap, 4 touch pages", worst, 4)
	row("pages brought in\\nfor a task alone", touched, "alone")
}

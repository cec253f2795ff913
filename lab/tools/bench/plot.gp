# What SDEI costs, in units of the smallest hypercall: a panel for each mode of the host.
#   gnuplot -e "base='7.3'; modes='vhe nvhe'; folder='build/7.3'" plot.gp
set terminal svg size 900,800 font 'sans,14' background 'white'
set output folder.'/bench.svg'
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set datafile missing '-'
set logscale y 2
set yrange [0.7:80]
set format y '%g x'
set grid ytics
set xtics scale 0
set ytics scale 0.5
set key outside center top horizontal reverse Left samplen 2
set bmargin 3.5
set multiplot layout words(modes),1 title \
	'SDEI for KVM guests, Linux '.base.': instructions, in units of the smallest hypercall'
do for [mode in modes] {
	data = folder.'/bench-'.mode.'.dat'
	set title 'host in mode '.mode offset 0,-0.8
	plot data using 2:xtic(1) title 'an interrupt' linecolor rgb '#888a85', \
	     '' using 3 title 'SDEI by KVM' linecolor rgb '#3465a4', \
	     '' using 4 title 'SDEI by the VMM' linecolor rgb '#f57900', \
	     for [i = 2:4] '' using ($0 + (i - 3) * 0.25):i:(sprintf('%.1f', column(i))) \
		with labels offset 0,0.5 font ',11' notitle
	unset key
}

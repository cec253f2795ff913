# What a guest with one CPU gets done while its tasks touch pages that come 50 ms late.
#   gnuplot -e "data='late.dat'; out='late.svg'" late.gp
set terminal svg size 900,420 font 'sans,14' background 'white'
set output out
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set yrange [0:*]
set xrange [-0.6:4.6]
set format y '%g x'
set grid ytics
set xtics scale 0 font ',11'
set ytics scale 0.5
set key outside center top horizontal reverse Left samplen 2
set bmargin 3.5
set title 'one CPU, pages that come 50 ms late: as multiples of what it was with a CPU that waits'
plot data using 2:xtic(1) title 'the CPU waits' linecolor rgb '#888a85', \
     '' using 3 title 'it takes interrupts' linecolor rgb '#3465a4', \
     '' using 4 title 'the guest is told' linecolor rgb '#f57900', \
     for [i = 2:4] '' using ($0 + (i - 3) * 0.25):i:(sprintf('%.2g', column(i))) \
	with labels offset 0,0.5 font ',11' notitle

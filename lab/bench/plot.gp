# What SDEI costs, in units of the smallest hypercall: VHE and nVHE side by side.
set terminal svg size 1100,620 font 'sans,13' background 'white'
set output image
set title 'SDEI for KVM guests: instructions, in units of the smallest hypercall (PSCI\_VERSION)'
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set boxwidth 0.95
set logscale y 2
set yrange [0.5:*]
set grid ytics
set ylabel 'times PSCI\_VERSION'
set xtics rotate by -45 noenhanced
set key top left
plot data using 2:xtic(1) title 'VHE' linecolor rgb '#3465a4', \
     '' using 3 title 'nVHE' linecolor rgb '#f57900'

// How long an evaluation takes, for bench/cel.ts.
package main

import (
	"slices"
	"syscall"
	"time"
)

const (
	samples = 11
	sample  = 20 * time.Millisecond
	// low is the sample that is told: one of the fastest, for what disturbs only adds.
	low = 2
)

// nanoseconds is the CPU time of one run, the garbage collector's included, after as long a time of warming up as is measured.
func nanoseconds(run func()) float64 {
	rounds := 1
	for {
		if took := timed(run, rounds); took >= sample {
			break
		}
		rounds *= 2
	}
	taken := make([]float64, samples)
	for i := range taken {
		taken[i] = float64(timed(run, rounds).Nanoseconds()) / float64(rounds)
	}
	slices.Sort(taken)
	return taken[low]
}

func timed(run func(), rounds int) time.Duration {
	before := cpuTime()
	for range rounds {
		run()
	}
	return cpuTime() - before
}

func cpuTime() time.Duration {
	usage := syscall.Rusage{}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

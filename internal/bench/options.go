// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"io"
	"time"
)

// Options say how much is measured.
type Options struct {
	Dir     string        // on the disk that is measured
	Binary  string        // openline itself
	Records int           // for sustained throughput and memory; default 100,000
	Affairs int           // records of the busy line; default 100,000
	Only    []string      // of affairs and console, both on the busy line; empty: everything
	Browser string        // folder with playwright-core, for what is measured in a browser
	Starts  int           // default 20
	Desks   int           // consoles open at once; default 200
	Outage  time.Duration // default 10 s
	// Rest is how long a station is left alone before its memory is looked at:
	// it gives back what a burst took once it has been quiet for three seconds.
	// Default 10 s.
	Rest time.Duration
	Long bool // measures recovery after ten minutes as well
	Out  io.Writer
}

// fill sets what is left open.
func (o *Options) fill() {
	if o.Records == 0 {
		o.Records = 100_000
	}
	if o.Affairs == 0 {
		o.Affairs = 100_000
	}
	if o.Starts == 0 {
		o.Starts = 20
	}
	if o.Desks == 0 {
		o.Desks = 200
	}
	if o.Outage == 0 {
		o.Outage = 10 * time.Second
	}
	if o.Rest == 0 {
		o.Rest = 10 * time.Second
	}
}

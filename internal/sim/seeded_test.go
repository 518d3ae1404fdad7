// SPDX-License-Identifier: Apache-2.0

//go:build faults

package sim

import (
	"testing"

	"openline/internal/station"
)

// TestSeeded is the test of the tester: each bug seeded on purpose is found
// within a thousand histories.
func TestSeeded(t *testing.T) {
	for name, fault := range map[string]station.Fault{
		"a receipt before the commit":       station.FaultReceiptBeforeCommit,
		"a send before the save":            station.FaultSendBeforeSave,
		"a restore without a generation":    station.FaultRestoreWithoutGeneration,
		"a lost resend":                     station.FaultLostResend,
		"a body missing behind its receipt": station.FaultBodyMissing,
		"time taken from the peer":          station.FaultPeerTime,
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(1000) {
				if r := Run(seed, Options{Fault: fault}); r.Violation != "" {
					t.Logf("found by seed %d: %s", seed, r.Violation)
					return
				}
			}
			t.Error("not found within 1,000 histories")
		})
	}
}

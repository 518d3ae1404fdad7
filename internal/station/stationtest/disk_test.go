// SPDX-License-Identifier: Apache-2.0

package stationtest

import (
	"testing"

	"openline/identity"
	"openline/internal/store"
	"openline/internal/store/storetest"
)

// modelled is the disk as the contract suite of stores sees it: what the
// simulation stands on is held to what the real one promises.
type modelled struct{ *Disk }

func (d modelled) Load(identity.LineID) (store.Saved, error) { return d.Disk.Load(), nil }
func (d modelled) Reader(identity.LineID) storetest.Reader   { return d.Disk }
func (d modelled) Reopen(*testing.T) storetest.Disk          { return modelled{d.Clone()} }

func TestTheModelKeepsTheContractOfAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Disk { return modelled{NewDisk()} })
}

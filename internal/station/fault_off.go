// SPDX-License-Identifier: Apache-2.0

//go:build !faults

package station

func (s *Station) faulty(Fault) bool { return false }

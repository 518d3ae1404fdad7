// SPDX-License-Identifier: Apache-2.0

// Package stationtest gives tests what a station stands on: an agreement,
// station cards, keys and a disk.
//
// Keys come in two kinds behind one type: real ones, and keyed tags that
// cost a hash, so that a hundred thousand histories can be simulated. A tag
// is as good as a signature among those who do not know its key; nobody in a
// simulation forges.
//
// The [Disk] is a model of a store: a batch is on it whole or not at all,
// and a copy of it is a backup. It is for tests only.
//
// Specification: spec/station.md.
package stationtest

// SPDX-License-Identifier: Apache-2.0

// Package typed reads the parameters of a phrase as a person types them.
//
// Invariants:
//
//   - What is read is of its kind.
//   - A mistake says how the parameter is written.
//
// Specification: spec/catalogue.md section 4.
package typed

// SPDX-License-Identifier: Apache-2.0

package catalogue

// AffairsFiles are the files of the extension "affairs": meetings, forums,
// counterparts, positions, suspension, movements. Parties that want it name
// its files in their agreement.
func AffairsFiles() (map[string][]byte, error) { return filesIn("data/affairs") }

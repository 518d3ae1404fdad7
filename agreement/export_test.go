// SPDX-License-Identifier: Apache-2.0

package agreement

// Unseen is open to the tests, which draft by a room above this one.
var Unseen = unseen

// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// In Korean no particle that depends on the letter before it stands after
// what is put in, nor both forms of one in brackets.
func TestKoreanParticles(t *testing.T) {
	b, err := os.ReadFile("data/active.ko.toml")
	if err != nil {
		t.Fatal(err)
	}
	varies := regexp.MustCompile(`\}\}(은|는|이|가|을|를|과|와|으로|로|이라|라)([ .,;:")]|$)|\((은|는|이|가|을|를|과|와|으|이)\)`)
	for line := range strings.Lines(string(b)) {
		if varies.MatchString(line) {
			t.Errorf("%q in %s", varies.FindString(line), line)
		}
	}
}

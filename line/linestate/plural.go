// SPDX-License-Identifier: Apache-2.0

package linestate

// pluralForms are the CLDR plural categories that whole numbers take, by
// rule (CLDR 48, supplemental/plurals).
var pluralForms = map[string][]string{
	"none":    {"other"},                              // zh, ko, ja
	"english": {"one", "other"},                       // en
	"french":  {"one", "many", "other"},               // fr
	"spanish": {"one", "many", "other"},               // es
	"russian": {"one", "few", "many"},                 // ru
	"arabic":  {"one", "two", "few", "many", "other"}, // ar; zero is said by "none"
}

// plural is the category of a whole number above 0.
func plural(rule string, n int) string {
	tens, hundreds := n%10, n%100
	switch {
	case rule == "english" && n == 1, rule == "french" && n <= 1, rule == "spanish" && n == 1, rule == "arabic" && n == 1,
		rule == "russian" && tens == 1 && hundreds != 11:
		return "one"
	case rule == "arabic" && n == 2:
		return "two"
	case rule == "arabic" && hundreds >= 3 && hundreds <= 10,
		rule == "russian" && tens >= 2 && tens <= 4 && (hundreds < 12 || hundreds > 14):
		return "few"
	case rule == "russian", rule == "arabic" && hundreds >= 11, (rule == "french" || rule == "spanish") && n%1_000_000 == 0:
		return "many"
	}
	return "other"
}

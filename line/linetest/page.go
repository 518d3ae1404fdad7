// SPDX-License-Identifier: Apache-2.0

package linetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"openline/record"
)

// Page writes a value with its parties by label and its lists sorted, so that
// pages of one history under several numberings can be compared. Only what is
// exported counts.
func (w *World) Page(v any, swap map[string]string) string {
	return w.page(reflect.ValueOf(v), swap)
}

func (w *World) page(v reflect.Value, swap map[string]string) string {
	if v.Type() == reflect.TypeFor[record.PartyNo]() {
		return w.label(record.PartyNo(v.Uint()), swap)
	}
	var parts []string
	switch v.Kind() {
	case reflect.Interface:
		return w.page(v.Elem(), swap)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				parts = append(parts, f.Name+":"+w.page(v.Field(i), swap))
			}
		}
		return "{" + strings.Join(parts, " ") + "}"
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			parts = append(parts, w.page(v.Index(i), swap))
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, "\n ") + "]"
	case reflect.Map:
		for k, e := range v.Seq2() {
			parts = append(parts, w.page(k, swap)+"="+w.page(e, swap))
		}
		slices.Sort(parts)
		return "(" + strings.Join(parts, " ") + ")"
	}
	return fmt.Sprint(v.Interface())
}

func (w *World) label(p record.PartyNo, swap map[string]string) string {
	i := slices.Index(w.Numbers, p)
	if i < 0 {
		return "-"
	}
	if s := swap[Labels[i]]; s != "" {
		return s
	}
	return Labels[i]
}

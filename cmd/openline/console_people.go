// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/console"
	"openline/internal/console/passkey"
	"openline/internal/console/roll"
	"openline/internal/home"
)

type sitterOut struct {
	Person       string   `json:"person"`
	Roles        []string `json:"roles"`
	Certificates []string `json:"certificates"`
	OIDC         []string `json:"oidc"`
}

func (a *app) consoleRolesCommand() *cobra.Command {
	var none bool
	c := &cobra.Command{
		Use:   "roles [NAME ROLE…]",
		Short: "Show who may sit at the console as what, or set it for one person",
		Long: `Show who may sit at the console as what, or set the roles of one person: watch,
officer, principal, protocol, translator, operator, auditor; --none takes them
all. It holds from the next request on: who sits in a role that is taken away
sits no more. Certificates and names at an issuer by which a person is known
are written in console/people.toml.`,
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			if len(args) > 0 {
				if err := setRoles(h, args[0], args[1:], none); err != nil {
					return err
				}
			}
			return a.showRoll(h)
		},
	}
	c.Flags().BoolVar(&none, "none", false, "the person holds no role any more")
	return a.jsonFlag(c)
}

func setRoles(h *home.Home, person string, roles []string, none bool) error {
	if none != (len(roles) == 0) {
		return usageError("name the roles the person holds, or --none: openline console roles NAME ROLE…")
	}
	for _, r := range roles {
		if !slices.Contains(console.Roles(), console.Role(r)) {
			return usageError(fmt.Sprintf("there is no role %.40q; there are %v", r, console.Roles()))
		}
	}
	people, err := h.People()
	if err != nil {
		return err
	}
	if !slices.Contains(people, person) && !none {
		return fmt.Errorf("%.40q is not a person of %s; there are %v (openline people add NAME)", person, h.Party(), people)
	}
	return roll.Dir(h.ConsoleFiles()).Change(func(r *roll.Roll) {
		p := r.Person[person]
		p.Roles = slices.Clone(roles)
		r.Person[person] = p
	})
}

func (a *app) showRoll(h *home.Home) error {
	all, err := roll.Dir(h.ConsoleFiles()).Read()
	if err != nil {
		return err
	}
	out := []sitterOut{}
	var words strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all.Person)) {
		p := all.Person[name]
		out = append(out, sitterOut{name, append([]string{}, p.Roles...), append([]string{}, p.Certificates...), append([]string{}, p.Issued...)})
		fmt.Fprintf(&words, "%s: %s\n", name, cmp.Or(strings.Join(p.Roles, ", "), "no role"))
		for _, is := range append(slices.Clone(p.Certificates), p.Issued...) {
			fmt.Fprintf(&words, "  known by %s\n", is)
		}
	}
	if len(out) == 0 {
		words.WriteString("Nobody may sit at the console yet: openline console link NAME ROLE\n")
	}
	return a.print(out, words.String())
}

type passkeyOut struct {
	ID     string     `json:"id"`
	Person string     `json:"person"`
	Label  string     `json:"label"`
	Made   time.Time  `json:"made"`
	Used   *time.Time `json:"used"`
	State  string     `json:"state"` // opens, revoked, copied
}

func (a *app) consolePasskeysCommand() *cobra.Command {
	c := a.jsonFlag(&cobra.Command{
		Use:   "passkeys",
		Short: "Show the passkeys that open the console",
		Args:  exactly(0, "it takes no argument: openline console passkeys"),
		RunE: func(*cobra.Command, []string) error {
			d, err := a.passkeys()
			if err != nil {
				return err
			}
			return a.showPasskeys(d)
		},
	})
	c.AddCommand(a.jsonFlag(&cobra.Command{
		Use:   "revoke ID",
		Short: "Revoke a passkey for good; who sits by it sits no more",
		Args:  exactly(1, "name a passkey by the beginning of its id: openline console passkeys revoke ID"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := a.passkeys()
			if err != nil {
				return err
			}
			p, err := d.Find(args[0])
			if err != nil {
				return err
			}
			if err := d.Revoke(p.ID); err != nil {
				return err
			}
			return a.showPasskeys(d)
		},
	}))
	return c
}

func (a *app) passkeys() (passkey.Dir, error) {
	h, err := a.home()
	if err != nil {
		return "", err
	}
	return passkey.Dir(filepath.Join(h.ConsoleFiles(), passkey.Folder)), nil
}

func (a *app) showPasskeys(d passkey.Dir) error {
	list, err := d.List("")
	if err != nil {
		return err
	}
	out := []passkeyOut{}
	var words strings.Builder
	for _, p := range list {
		o := passkeyOut{ID: p.ID, Person: p.Person, Label: p.Label, Made: p.Made, State: "opens"}
		used := "not used yet"
		if !p.Used.IsZero() {
			o.Used, used = &p.Used, "last used "+p.Used.UTC().Format("2006-01-02 15:04Z")
		}
		switch {
		case p.Revoked:
			o.State = "revoked"
		case p.Copied:
			o.State = "copied"
		}
		out = append(out, o)
		fmt.Fprintf(&words, "%s  %-7s  %s, made %s, %s  %q\n", p.Short(), o.State, p.Person, p.Made.UTC().Format("2006-01-02 15:04Z"), used, p.Label)
	}
	if len(out) == 0 {
		words.WriteString("There is no passkey yet: who enters by a one-time link makes one.\n")
	}
	return a.print(out, words.String())
}

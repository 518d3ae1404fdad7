// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/console/ca"
	"openline/internal/home"
)

type authorityOut struct {
	File        string   `json:"file"`
	Fingerprint string   `json:"fingerprint"`
	Words       string   `json:"words"`
	Names       []string `json:"names"`
	Until       string   `json:"until"`
}

func (a *app) consoleCACommand() *cobra.Command {
	var again bool
	c := &cobra.Command{
		Use:   "ca",
		Short: "Make or show the authority that vouches for the console's names",
		Long: `Make or show the authority that vouches for the console's names
(console_names in station.toml). It can vouch for these names and for no
others. Import its certificate into each browser and compare the fingerprint.
Its key is sealed as the station's keys are. --again makes a new one, which
everybody imports anew. Start the station anew afterwards.`,
		Args: exactly(0, "it takes no argument: openline console ca"),
		RunE: func(*cobra.Command, []string) error {
			h, err := a.home()
			if err != nil {
				return err
			}
			cert, err := a.authority(h, again)
			if err != nil {
				return err
			}
			file := filepath.Join(h.ConsoleFiles(), ca.CertFile)
			out := authorityOut{file, ca.Fingerprint(cert), ca.Spoken(cert).String(), h.Settings.ConsoleNamed(), cert.NotAfter.UTC().Format(time.DateOnly)}
			return a.print(out, fmt.Sprintf("Import this file into each browser, as an authority for web sites:\n  %s\nIt vouches for %s alone, until %s.\nCompare the fingerprint (SHA-256):\n  %s\nThe same, to read aloud:\n  %s\n",
				out.File, strings.Join(out.Names, ", "), out.Until, out.Fingerprint, out.Words))
		},
	}
	c.Flags().BoolVar(&again, "again", false, "make a new authority in the place of the one there is")
	a.secrets.stationFlags(c)
	return a.jsonFlag(c)
}

func (a *app) authority(h *home.Home, again bool) (*x509.Certificate, error) {
	names := h.Settings.ConsoleNamed()
	if !h.Settings.ConsoleTLS() {
		return nil, errors.New("station.toml gives the console no names; write console = \"0.0.0.0:8443\" and console_names = [\"desk.example\"]")
	}
	cert, err := ca.Read(h.ConsoleFiles())
	switch {
	case errors.Is(err, ca.ErrNone) || again:
		lock, err := a.stationLock(false)
		if err != nil {
			return nil, err
		}
		return ca.Create(h.ConsoleFiles(), string(h.Party()), names, lock, time.Now())
	case err != nil:
		return nil, err
	}
	return cert, ca.Vouches(cert, names)
}

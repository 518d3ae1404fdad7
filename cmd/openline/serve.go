// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/boot"
	"openline/internal/home"
)

func (a *app) serveCommand() *cobra.Command {
	var level string
	c := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Run the station",
		Long: `Run the station until it is told to end (an interrupt, or SIGTERM). It prints one
line that begins with READY once it answers; what it has to tell goes to standard
error. The secret of its keys is asked for, or comes from ` + envStation + `,
--secret-file or --secret-fd.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("name one directory: openline serve DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var lv slog.Level
			if err := lv.UnmarshalText([]byte(level)); err != nil {
				return usageError("--log is debug, info, warn or error")
			}
			h, err := a.home(args...)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(a.io.err, &slog.HandlerOptions{Level: lv}))
			return a.serve(cmd.Context(), h, log)
		},
	}
	c.Flags().StringVar(&level, "log", "info", "what to tell: debug, info, warn or error")
	a.secrets.stationFlags(c)
	return a.jsonFlag(c)
}

func (a *app) serve(ctx context.Context, h *home.Home, log *slog.Logger) error {
	ids, err := h.Lines()
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return errors.New("no line is open here yet; open one with openline agreement open FILE")
	}
	lock, err := a.stationLock(false)
	if err != nil {
		return err
	}
	s, err := boot.Start(h, lock, boot.Options{Log: log, Version: buildVersion()})
	if err != nil {
		return err
	}
	addr := s.Host.Addr()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- s.Run(ctx)
		stop()
	}()
	if answers(ctx, h) == nil {
		if err := a.ready(h, addr, len(ids)); err != nil {
			stop()
			return errors.Join(err, <-ended)
		}
	}
	return <-ended
}

type readyOut struct {
	Ready  bool   `json:"ready"`
	Party  string `json:"party"`
	Listen string `json:"listen"`
	Socket string `json:"socket"`
	Lines  int    `json:"lines"`
}

func (a *app) ready(h *home.Home, addr string, lines int) error {
	words := fmt.Sprintf("READY %s, listening on %s, lines: %d\n", h.Party(), addr, lines)
	if addr == "" {
		words = fmt.Sprintf("READY %s, dialing only, lines: %d\n", h.Party(), lines)
	}
	return a.print(readyOut{true, string(h.Party()), addr, h.Socket(), lines}, words)
}

// answers waits until the station answers on its socket.
func answers(ctx context.Context, h *home.Home) error {
	c := api.NewClient(h.Socket())
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		if _, err := c.Health(ctx); err == nil {
			tick.Stop()
			return nil
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package flock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrHeld: another process has it.
var ErrHeld = errors.New("held by another process")

// Lock is held until it is closed.
type Lock struct{ f *os.File }

// Acquire locks an existing file or directory, without waiting.
func Acquire(path string) (*Lock, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s: %w", path, ErrHeld)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &Lock{f}, nil
}

// Close lets go of the lock.
func (l *Lock) Close() error { return l.f.Close() }

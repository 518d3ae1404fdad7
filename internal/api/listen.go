// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// SocketFile is the name of the socket in a station's directory.
const SocketFile = "openline.sock"

// maxSocketPath is what the system takes (107 bytes), less what a longer
// name of the same place needs.
const maxSocketPath = 100

// socket is a listening socket with its place.
type socket struct {
	net.Listener
	path string
}

// listen opens the socket for its owner alone: it is made in a directory
// nobody else can enter and moved to its place, so that it is never open to
// others, not for a moment. A socket that is there already is left over: the
// station holds the lock of its directory.
func listen(path string) (*socket, error) {
	if st, err := os.Lstat(path); err == nil && st.Mode().Type() != fs.ModeSocket {
		return nil, fmt.Errorf("%s is in the way of the station's socket; move it elsewhere", path)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".socket-")
	if err != nil {
		return nil, fmt.Errorf("the station's socket: %w", err)
	}
	defer os.Remove(dir)
	fresh := filepath.Join(dir, "s")
	l, err := listenAt(fresh)
	if err != nil {
		return nil, fmt.Errorf("the station's socket: %w", err)
	}
	err = os.Chmod(fresh, 0o600)
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return nil, fmt.Errorf("the station's socket: %w", errors.Join(err, l.Close(), os.Remove(fresh)))
	}
	return &socket{l, path}, nil
}

func listenAt(path string) (net.Listener, error) {
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	return l, nil
}

// remove takes the socket away; one that is gone already is as well.
func (s *socket) remove() error {
	if err := os.Remove(s.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// shorten gives a name of a socket that fits the system's bound: a long one
// is reached through its directory, held open until done.
func shorten(path string) (short string, done func(), err error) {
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	// Nothing was written to a directory: closing it cannot lose anything.
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { _ = dir.Close() }, nil
}

func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	var d net.Dialer
	return d.DialContext(ctx, "unix", short)
}

func baseContext(ctx context.Context) func(net.Listener) context.Context {
	return func(net.Listener) context.Context { return ctx }
}

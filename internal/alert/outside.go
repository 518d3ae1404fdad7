// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// outside is a client that calls addresses of the open internet only: what a
// browser gives for its push service is the browser's word, and no way into
// the party's own network. What goes by a proxy is the proxy's to allow.
func outside() *http.Client {
	c := NewClient()
	straight := &http.Transport{
		DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second, Control: notInside}).DialContext,
	}
	c.Transport = parted{c.Transport, straight}
	return c
}

// parted sends by the proxy what has one, and straight what has none.
type parted struct{ proxied, straight http.RoundTripper }

func (p parted) RoundTrip(r *http.Request) (*http.Response, error) {
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		return p.proxied.RoundTrip(r)
	}
	return p.straight.RoundTrip(r)
}

// notInside looks at the address that is dialed, after its name was looked up.
func notInside(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := at.Addr().Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() || shared.Contains(ip) || mapped.Contains(ip) {
		return fmt.Errorf("%s is an inner address; a push service is outside (alerts.toml: [push] inside = true calls it all the same)", ip)
	}
	return nil
}

// Addresses that lead inside by another way: those of carriers (RFC 6598), and
// of IPv4 behind IPv6 (RFC 6052).
var (
	shared = netip.MustParsePrefix("100.64.0.0/10")
	mapped = netip.MustParsePrefix("64:ff9b::/16")
)

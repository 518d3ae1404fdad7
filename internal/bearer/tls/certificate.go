// SPDX-License-Identifier: Apache-2.0

package tls

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// cardOID marks the extension that holds a station card. It is in the arc
// joint-iso-itu-t(2) example(999), where nothing is registered: only
// stations that know each other's cards ever read it.
var cardOID = asn1.ObjectIdentifier{2, 999, 20210521, 1}

// maxCard bounds the extension of a peer's certificate.
const maxCard = 32 << 10

// NewCertificate makes a self-signed certificate for a session key that
// carries a card. It does not expire by the wall clock: the card's
// generation does that.
func NewCertificate(key ed25519.PrivateKey, card []byte) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber:    big.NewInt(1),
		Subject:         pkix.Name{CommonName: "openline station"},
		NotBefore:       time.Unix(0, 0),
		NotAfter:        time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		ExtraExtensions: []pkix.Extension{{Id: cardOID, Value: card}},
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("session certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// Card reads the card and session key of a peer's certificate. Nothing of it
// is verified here but the certificate's own signature.
func Card(cert *x509.Certificate) (card []byte, key ed25519.PublicKey, err error) {
	key, ok := cert.PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, nil, errors.New("the peer's certificate is not for an Ed25519 key")
	}
	if err := cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature); err != nil {
		return nil, nil, fmt.Errorf("the peer's certificate is not signed by its own key: %w", err)
	}
	for _, e := range cert.Extensions {
		if e.Id.Equal(cardOID) && len(e.Value) <= maxCard {
			return e.Value, key, nil
		}
	}
	return nil, nil, errors.New("the peer's certificate carries no station card")
}

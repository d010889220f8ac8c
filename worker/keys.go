// This file reads the keys that payloads are sealed with, and keeps them out of
// sight.

package worker

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// keyBytes is the length of a key: AES-256.
const keyBytes = 32

// keyID keeps ids readable, and shorter than a key: whoever swaps id and key in
// the setting gets an error that does not print the key as an id.
var keyID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$`)

// Keys are the payload keys of an installation. The first one encrypts, all of
// them decrypt. However Keys are printed, only the ids show: those are no
// secrets, as every sealed payload names its own in plain text.
//
// To rotate, append the new key on every worker and API, wait until all of them
// run with it, and only then move it to the front. A worker that meets a
// payload sealed with a key it lacks stops working on that stay until it has
// the key (see Mode), so nothing is lost if the order was wrong.
type Keys struct {
	ids []string
	// ciphers hold the key behind a pointer: fmt prints an address for it even
	// where Keys lie in an unexported field, on which it calls no methods.
	ciphers map[string]cipher.AEAD
	// prints is the first key's for prints of codes, behind a pointer as well.
	prints *[keyBytes]byte
}

// ParseKeys reads "id:key", or several with commas between. A key is 32 random
// bytes in standard base64, as `openssl rand -base64 32` prints them. Errors
// name the entry by its id, or by its place where it has no proper id; they
// never hold a key.
func ParseKeys(s string) (Keys, error) {
	if strings.TrimSpace(s) == "" {
		return Keys{}, errors.New("no payload key is given: want id:key, the key being 32 bytes in base64 (openssl rand -base64 32)")
	}
	keys := Keys{ciphers: map[string]cipher.AEAD{}}
	for i, entry := range strings.Split(s, ",") {
		id, aead, prints, err := parseKey(strings.TrimSpace(entry))
		if err != nil {
			return Keys{}, fmt.Errorf("payload key %d: %w", i+1, err)
		}
		if _, twice := keys.ciphers[id]; twice {
			return Keys{}, fmt.Errorf("payload key %d: the id %q is given twice", i+1, id)
		}
		keys.ids = append(keys.ids, id)
		keys.ciphers[id] = aead
		if keys.prints == nil {
			keys.prints = prints
		}
	}
	return keys, nil
}

// PrintKey keys the prints by which a lock's front desk knows codes. It is made of
// the first key, so that a rotation changes it: prints then differ once, which
// costs a read of every entry.
func (k Keys) PrintKey() []byte {
	if k.prints == nil {
		return nil
	}
	return k.prints[:]
}

func parseKey(entry string) (string, cipher.AEAD, *[keyBytes]byte, error) {
	id, encoded, found := strings.Cut(entry, ":")
	if !found || !keyID.MatchString(id) {
		return "", nil, nil, errors.New("does not begin with an id and a colon; an id has at most 32 letters, digits, dots, dashes and underscores")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return "", nil, nil, fmt.Errorf("the key %q is not standard base64", id)
	}
	if len(key) != keyBytes {
		return "", nil, nil, fmt.Errorf("the key %q has %d bytes, want %d", id, len(key), keyBytes)
	}
	aead, err := newAEAD(key)
	if err != nil {
		return "", nil, nil, fmt.Errorf("the key %q: %w", id, err)
	}
	derived, err := hkdf.Key(sha256.New, key, nil, "keystay: prints of codes", keyBytes)
	if err != nil {
		return "", nil, nil, fmt.Errorf("the key %q: %w", id, err)
	}
	return id, aead, (*[keyBytes]byte)(derived), nil
}

// newAEAD is AES-256-GCM with a random nonce in front of each ciphertext. 96
// random bits are safe for 2^32 payloads per key (NIST SP 800-38D §8.3), which
// is more than an installation writes in a key's life.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// IDs are the key ids, the encrypting one first.
func (k Keys) IDs() []string { return append([]string(nil), k.ids...) }

// String lists the ids and no key.
func (k Keys) String() string {
	if len(k.ids) == 0 {
		return "no payload keys"
	}
	return "payload keys " + strings.Join(k.ids, ", ")
}

// Format prints String under every verb.
func (k Keys) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

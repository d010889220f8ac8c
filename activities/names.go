// This file says what an authorization of ours is called on the lock, and how
// a name is recognised as ours.

package activities

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
)

// DefaultMark is the prefix of every name that Keystay writes on a lock. Two
// installations that share a lock need different marks.
const DefaultMark = "K-"

const (
	// maxMark keeps mark + key + "." + suffix within Nuki's 20 bytes.
	maxMark = 3
	// maxPlainKey is the longest reservation id that is written as it is.
	maxPlainKey = 13
	keyHead     = 5
	keyHash     = 7
)

// ValidMark reports whether mark can begin a name on a lock: one to three plain
// characters.
func ValidMark(mark string) bool {
	return mark != "" && len(mark) <= maxMark && isPlain(mark)
}

// Key is what a reservation is called on a lock, without the mark: its id
// where that has at most 13 plain characters, else five characters of it, a
// dash and seven of its hash. It never holds a guest's name.
func Key(reservationID string) string {
	if len(reservationID) <= maxPlainKey && isPlain(reservationID) {
		return reservationID
	}
	sum := sha256.Sum256([]byte(reservationID))
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:keyHash]
	return plainHead(reservationID) + "-" + hash
}

// Name is the name of a reservation's n-th authorization: mark and key, and
// ".n" from the second on. It has at most 20 ASCII bytes, Nuki's limit for
// keypad codes.
func Name(mark, key string, n int) string {
	if n == 0 {
		return mark + key
	}
	return mark + key + "." + strconv.Itoa(n)
}

// KeyInName returns the key that a name on a lock carries. ok is false for a
// name that is not whole: without our mark, or with a suffix that is no number.
func KeyInName(mark, name string) (key string, ok bool) {
	key, found := strings.CutPrefix(name, mark)
	if !found || key == "" {
		return "", false
	}
	head, suffix, dotted := strings.Cut(key, ".")
	if !dotted {
		return key, true
	}
	n, err := strconv.Atoi(suffix)
	if err != nil || n < 1 || head == "" || strconv.Itoa(n) != suffix {
		return "", false
	}
	return head, true
}

// NameNumber is the n that made a name; 0 for the first and for foreign names.
func NameNumber(mark, name string) int {
	if _, ok := KeyInName(mark, name); !ok {
		return 0
	}
	_, suffix, _ := strings.Cut(name, ".")
	n, _ := strconv.Atoi(suffix)
	return n
}

func isPlain(s string) bool {
	for i := range len(s) {
		if !plainByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func plainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// plainHead is the first five bytes of an id, anything unusual replaced by "_".
func plainHead(id string) string {
	head := []byte("_____")
	for i := range min(len(id), keyHead) {
		if plainByte(id[i]) {
			head[i] = id[i]
		}
	}
	return string(head)
}

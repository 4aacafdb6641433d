package configserver

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An HMAC proves who has sent a document, and that it was sent just now and for the first
// time. Both ends have the same. The document then travels in an envelope, a line of
// ASCII before it, inside the same frame:
//
//	slogsuite-hmac-sha256 TIME NONCE MAC\n
//
// TIME is milliseconds since 1970 in decimal, NONCE 32 and MAC 64 lower-case
// hexadecimal digits, with one space between. The MAC is HMAC-SHA256 (RFC 2104, FIPS 180-4) with Key
// over that line, with Audience in the place of the MAC, and the document:
//
//	slogsuite-hmac-sha256 TIME NONCE AUDIENCE\nDOCUMENT
//
// It hides nothing: for that there is TLS.
type HMAC struct {
	// Key is secret and random, of 16 bytes at least; better are 32.
	Key []byte

	// Audience says for whom the document is, such as the name of a service and its host. What
	// was sent to one server is worth nothing at another that has the same key
	// and another Audience. It is empty, or one line.
	Audience string

	// Window is how far TIME may be from the server's clock, either way; 0 is a
	// minute. A server remembers the nonces of that time, and refuses what is older than itself:
	// who sends with a clock that is behind is refused for so long after a start.
	// It has no meaning for a sender.
	Window time.Duration
}

// The parts of an envelope's line.
const (
	envelopeName  = "slogsuite-hmac-sha256"
	nonceLen      = 16
	minKey        = 16
	maxTimeDigits = 15
)

// check returns all that is wrong with the fields.
func (h *HMAC) check() error {
	var errs []error
	if len(h.Key) < minKey {
		errs = append(errs, fmt.Errorf("HMAC.Key has %d bytes, which is less than %d", len(h.Key), minKey))
	}
	if strings.ContainsAny(h.Audience, "\r\n") {
		errs = append(errs, fmt.Errorf("HMAC.Audience %q is more than a line", h.Audience))
	}
	if h.Window < 0 {
		errs = append(errs, fmt.Errorf("HMAC.Window is negative: %v", h.Window))
	}
	return errors.Join(errs...)
}

// A nonce tells documents apart that were sent in the same millisecond.
type nonce [nonceLen]byte

// seal returns the document in a new envelope.
func (h *HMAC) seal(document []byte, now time.Time) []byte {
	var n nonce
	rand.Read(n[:]) // never fails
	return h.sealAs(document, now.UnixMilli(), n)
}

func (h *HMAC) sealAs(document []byte, milli int64, n nonce) []byte {
	head := fmt.Sprintf("%s %d %x ", envelopeName, milli, n)
	sealed := fmt.Appendf(nil, "%s%x\n", head, h.mac(head, document))
	return append(sealed, document...)
}

// mac returns the MAC of a document behind a line that begins so.
func (h *HMAC) mac(head string, document []byte) []byte {
	m := hmac.New(sha256.New, h.Key)
	m.Write([]byte(head))
	m.Write([]byte(h.Audience))
	m.Write([]byte{'\n'})
	m.Write(document)
	return m.Sum(nil)
}

// An envelope is what came in one whose MAC is right.
type envelope struct {
	milli    int64
	nonce    nonce
	document []byte
}

// open returns what is in an envelope, if its MAC is right. Of time and nonce it says
// nothing.
func (h *HMAC) open(sealed []byte) (e envelope, err error) {
	line, document, ok := bytes.Cut(sealed, []byte{'\n'})
	fields := strings.Split(string(line[:min(len(line), 200)]), " ")
	if !ok || len(fields) != 4 || fields[0] != envelopeName {
		return e, errors.New("it is in no HMAC envelope, which this server requires")
	}
	var mac [sha256.Size]byte
	milli, errTime := parseMilli(fields[1])
	errNonce := parseHex(e.nonce[:], fields[2])
	errMAC := parseHex(mac[:], fields[3])
	if err := errors.Join(errTime, errNonce, errMAC); err != nil {
		return e, fmt.Errorf("its HMAC envelope is malformed: %w", err)
	}
	head := string(line[:len(line)-len(fields[3])])
	if !hmac.Equal(mac[:], h.mac(head, document)) {
		return e, errors.New("its HMAC is wrong: another key, another audience, or the document was changed on its way")
	}
	e.milli, e.document = milli, document
	return e, nil
}

// parseMilli reads a time in the only form that it is written in.
func parseMilli(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || len(text) > maxTimeDigits || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("the time %q is no number of milliseconds", text)
	}
	return n, nil
}

// parseHex fills dst.
func parseHex(dst []byte, text string) error {
	if len(text) == hex.EncodedLen(len(dst)) && strings.ToLower(text) == text {
		if _, err := hex.Decode(dst, []byte(text)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is not %d lower-case hexadecimal digits", text, hex.EncodedLen(len(dst)))
}

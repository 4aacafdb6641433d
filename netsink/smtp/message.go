package smtp

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// message returns a mail as RFC 5322 has it, in ASCII. Nothing of a record is in its header.
func (s *sender) message(d *digest) []byte {
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", s.envelope.from.String())
	header("To", addresses(s.envelope.to))
	header("Subject", mime.QEncoding.Encode("utf-8", fmt.Sprintf("%s (%s)", s.o.Subject, records(uint64(len(d.lines))+d.more))))
	header("Date", time.Now().Format(time.RFC1123Z))
	_, domain, _ := strings.Cut(s.envelope.from.Address, "@")
	header("Message-ID", "<"+rand.Text()+"@"+domain+">")
	header("Auto-Submitted", "auto-generated")
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b) // writing to a buffer can't fail
	for _, line := range d.lines {
		_, _ = q.Write([]byte(line + "\r\n"))
	}
	if d.more > 0 {
		_, _ = fmt.Fprintf(q, "\r\n... and %s more.\r\n", records(d.more))
	}
	_ = q.Close()
	return b.Bytes()
}

// addresses puts each on a line of its own, so that none gets too long.
func addresses(list []*mail.Address) string {
	var texts []string
	for _, a := range list {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, ",\r\n ")
}

func records(n uint64) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

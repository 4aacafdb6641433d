package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Write writes p to stderr.
func (d *daemon) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return len(p), nil
	}
	return d.stderr.Write(p)
}

// say prints a line on stderr.
func (d *daemon) say(format string, args ...any) { fmt.Fprint(d, said(format, args...)) }

// sayLast prints the last line: who has not ended yet, such as a file that opens late, is not heard any more.
func (d *daemon) sayLast(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	fmt.Fprint(d.stderr, said(format, args...))
}

// said returns a line of slogd's.
func said(format string, args ...any) string {
	return fmt.Sprintf("slogd: %s\n", oneLine(fmt.Sprintf(format, args...)))
}

// maxTold is how many errors are told in a second: peers may make as many as they
// like.
const maxTold = 10

// trouble tells of an error.
func (d *daemon) trouble(err error) {
	unspoken, ok := d.admit()
	switch {
	case !ok:
	case unspoken > 0:
		d.say("%v (and %d errors before it that were not told)", err, unspoken)
	default:
		d.say("%v", err)
	}
}

func (d *daemon) admit() (unspoken int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); now.Sub(d.since) >= time.Second {
		d.since, d.told = now, 0
	}
	if d.told++; d.told > maxTold {
		d.unspoken++
		return 0, false
	}
	unspoken, d.unspoken = d.unspoken, 0
	return unspoken, true
}

// rest tells how many errors were not told.
func (d *daemon) rest() {
	d.mu.Lock()
	n := d.unspoken
	d.unspoken = 0
	d.mu.Unlock()
	if n > 0 {
		d.say("%d errors were not told", n)
	}
}

// oneLine returns text with what could break or steer a line made visible.
func oneLine(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\n", "; ") {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

package netsink

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"
)

// All that is wrong is told at once, each with its name and value.
func TestValidation(t *testing.T) {
	for _, c := range []struct {
		network, address string
		o                Options
		want             string // separated by |
	}{
		{"ip", "127.0.0.1:9", Options{}, `network "ip" is none of tcp, tcp4, tcp6, unix, udp, udp4, udp6, unixgram`},
		{"", "127.0.0.1:9", Options{}, `network ""`},
		{"tcp", "", Options{}, `the address "": missing port`},
		{"tcp", "host", Options{}, `the address "host": address host: missing port in address`},
		{"udp", "host:0", Options{}, `the address "host:0" has no port from 1 to 65535`},
		{"tcp", "host:65536", Options{}, `the address "host:65536" has no port`},
		{"tcp", "host:", Options{}, `the address "host:" has no port`},
		{"unix", "", Options{}, `the address "" is no name of a socket`},
		{"unixgram", "a\x00b", Options{}, `the address "a\x00b" is no name of a socket`},
		{"tcp", "h:1", Options{Protocol: 2}, "Options.Protocol is unknown: 2"},
		{"tcp", "h:1", Options{Overflow: -1}, "Options.Overflow is unknown: -1"},
		{"tcp", "h:1", Options{BufferBytes: 4099}, "Options.BufferBytes 4099 is too small for a record: the least is 4100"},
		{"tcp", "h:1", Options{MaxRecordBytes: 4095}, "Options.MaxRecordBytes 4095 is too small for a record: the least is 4096"},
		{"tcp", "h:1", Options{MaxRecordBytes: 1<<30 + 1}, "Options.MaxRecordBytes 1073741825 is more than a frame carries: the most is 1073741824"},
		{"tcp", "h:1", Options{MaxRecordBytes: 4 << 20}, "Options.MaxRecordBytes 4194304 does not fit into BufferBytes 4194304 with its 4 of header"},
		{"udp4", "h:1", Options{MaxRecordBytes: 65504}, "Options.MaxRecordBytes 65504 is more than a datagram carries: the most is 65503"},
		{"tcp", "h:1", Options{RetryMin: time.Minute, RetryMax: time.Second}, "Options.RetryMax 1s is less than RetryMin 1m0s"},
		{"tcp", "h:1", Options{RetryFactor: 0.5}, "Options.RetryFactor is not from 1 to 1000: 0.5"},
		{"udp", "h:1", Options{TLS: &tls.Config{}}, `Options.TLS is set, and there is none for the network "udp"`},
		{"tcp", "h:1", Options{TLS: &tls.Config{MaxVersion: tls.VersionTLS12}}, "Options.TLS.MaxVersion TLS 1.2 is less than TLS 1.3"},
		{"unix", "/s", Options{TLS: &tls.Config{}}, `Options.TLS.ServerName is empty, and the address "/s" has no host`},
		{"unix", "/a:b", Options{TLS: &tls.Config{}}, `the address "/a:b" has no host`},
		{"nope", "h:1", Options{
			Protocol: 9, Overflow: 9, BufferBytes: -1, MaxRecordBytes: -2, FlushInterval: -3, DialTimeout: -4, WriteTimeout: -5,
			CloseTimeout: -6, RetryMin: -7, RetryMax: -8, RetryFactor: -9, Window: -10, TLS: &tls.Config{MaxVersion: tls.VersionTLS10},
		}, `network "nope"|Protocol is unknown: 9|Overflow is unknown: 9|BufferBytes is negative: -1|MaxRecordBytes is negative: -2|` +
			`FlushInterval is negative: -3ns|DialTimeout is negative: -4ns|WriteTimeout is negative: -5ns|CloseTimeout is negative: -6ns|` +
			`RetryMin is negative: -7ns|RetryMax is negative: -8ns|RetryFactor is not from 1 to 1000: -9|Window is negative: -10|TLS 1.0`},
	} {
		h, err := NewHandler(c.network, c.address, c.o)
		if err == nil || h != nil {
			t.Errorf("%s %s %+v was taken", c.network, c.address, c.o)
			continue
		}
		wants := strings.Split(c.want, "|")
		for _, w := range wants {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%v: does not say %q", err, w)
			}
		}
		if lines := strings.Count(err.Error(), "\n") + 1; lines != len(wants) {
			t.Errorf("%v: %d faults, not %d", err, lines, len(wants))
		}
	}
	if s := ourGoroutines(); s != "" {
		t.Errorf("goroutines are left:\n%s", s)
	}
}

func TestDefaults(t *testing.T) {
	o, err := Options{}.withDefaults("tcp", "h:1")
	if err != nil {
		t.Fatal(err)
	}
	if o.BufferBytes != 4<<20 || o.MaxRecordBytes != 1<<20 || o.MaxWait != time.Second || o.DialTimeout != 5*time.Second ||
		o.WriteTimeout != 30*time.Second || o.CloseTimeout != 5*time.Second || o.RetryMin != time.Second || o.RetryMax != 30*time.Second ||
		o.RetryFactor != 2 || o.Window != 64<<20 || o.Dial == nil || o.FlushInterval != 0 {
		t.Errorf("%+v", o)
	}
	for _, c := range []struct {
		network string
		o       Options
		want    int
	}{
		{"udp", Options{}, 65_000}, {"unixgram", Options{}, 65_000}, {"tcp", Options{BufferBytes: 8192}, 8188},
		{"udp", Options{BufferBytes: 8192}, 8188}, {"tcp", Options{MaxRecordBytes: 5000}, 5000},
	} {
		if o, err := c.o.withDefaults(c.network, "h:1"); err != nil && c.network != "unixgram" || o.MaxRecordBytes != c.want && err == nil {
			t.Errorf("%+v: MaxRecordBytes is %d, %v", c, o.MaxRecordBytes, err)
		}
	}
	config := &tls.Config{}
	if o, err = (Options{TLS: config}).withDefaults("tcp", "example.org:1"); err != nil {
		t.Fatal(err)
	}
	if o.TLS.ServerName != "example.org" || o.TLS.MinVersion != tls.VersionTLS13 || config.ServerName != "" {
		t.Errorf("%q, %x", o.TLS.ServerName, o.TLS.MinVersion)
	}
	if o, err = (Options{RetryMin: time.Hour, MaxWait: -1}).withDefaults("tcp", "h:1"); err != nil || o.RetryMax != time.Hour || o.MaxWait != -1 {
		t.Errorf("%v: RetryMax %v, MaxWait %v", err, o.RetryMax, o.MaxWait)
	}
}

package config

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/slogsuite/slogsuite/netsink"
)

// netKinds are those of package netsink.
func netKinds() []*Kind {
	return []*Kind{
		netKind("socket", "logging.handlers.SocketHandler", "Sends to a server by TCP, or through a Unix socket, as Python's pickles or JSON.", "tcp", "unix"),
		netKind("datagram", "logging.handlers.DatagramHandler", "Sends datagrams, by UDP or through a Unix socket.", "udp", "unixgram"),
	}
}

func netKind(name, class, doc, network, local string) *Kind {
	k := &Kind{Name: name, Classes: []string{class}, Args: []string{"host", "port"}, Doc: doc, Options: netOptions}
	k.Check = func(a *Args) error {
		h, err := openNet(a, network, local)
		if err != nil {
			return err
		}
		return h.Close(context.Background()) // it has no connection before the first record
	}
	k.Handler = func(a *Args) (slog.Handler, error) {
		h, err := openNet(a, network, local)
		if err != nil {
			return nil, err
		}
		return h, nil
	}
	return k
}

var netOptions = []Option{
	{Name: "host", Type: TypeText, Doc: "the server's name or address; without a port, the name of a Unix socket"},
	{Name: "port", Type: TypeInt, Doc: "the server's port"},
	{Name: "path", Type: TypePath, Doc: "the name of a Unix socket, in place of host and port"},
	{Name: "protocol", Type: TypeText, Default: "pickle", Choices: []string{"pickle", "json"}, Doc: "what is sent: Python's pickles, which any receiver of Python's reads, or JSON"},
	{Name: "tls", Type: TypeBool, Default: "false", Doc: "connect by TLS"},
	{Name: "tls_ca", Type: TypePath, Doc: "a file of certificates, in PEM, that the server's must lead to; else the system's"},
	{Name: "tls_cert", Type: TypePath, Doc: "a file with our certificate, in PEM"},
	{Name: "tls_key", Type: TypePath, Doc: "a file with its key, in PEM"},
	{Name: "tls_server_name", Type: TypeText, Doc: "the name in the server's certificate, if it is not the host"},
	{Name: "buffer_bytes", Type: TypeSize, Default: "4194304", Doc: "how much memory may hold records that have not been sent"},
	{Name: "max_record_bytes", Type: TypeSize, Doc: "how long a record may be; its longest texts are cut. 1 MiB if not given, 65000 for datagrams"},
	{Name: "overflow", Type: TypeText, Default: "block", Choices: []string{"block", "drop_new", "drop_old"}, Doc: "what becomes of a record that comes while the buffer is full"},
	{Name: "max_wait", Type: TypeDuration, Default: "1s", Doc: "how long callers wait with \"block\""},
	{Name: "fail_down", Type: TypeBool, Default: "false", Doc: "refuse records while the last attempt to connect has failed, so that a failover gives them to its next handler"},
	{Name: "flush_interval", Type: TypeDuration, Default: "0s", Doc: "how long a record may wait for others to be sent with"},
	{Name: "dial_timeout", Type: TypeDuration, Default: "5s", Doc: "how long making a connection may take"},
	{Name: "write_timeout", Type: TypeDuration, Default: "30s", Doc: "how long a peer may take nothing"},
	{Name: "close_timeout", Type: TypeDuration, Default: "5s", Doc: "how long closing may take"},
	{Name: "retry_min", Python: "retryStart", Type: TypeDuration, Default: "1s", Doc: "the pause after a connection failed"},
	{Name: "retry_max", Python: "retryMax", Type: TypeDuration, Default: "30s", Doc: "the longest pause"},
	{Name: "retry_factor", Python: "retryFactor", Type: TypeFloat, Default: "2", Doc: "what each further pause is multiplied by"},
	{Name: "window", Type: TypeSize, Default: "16777216", Doc: "how many bytes may be on their way when a connection breaks"},
}

// netAddress returns the network and address that the options name.
func netAddress(a *Args, network, local string) (string, string, error) {
	host, port := a.Text("host"), a.Int("port")
	switch {
	case a.Has("path") && (a.Has("host") || a.Has("port")):
		return "", "", errors.New("path excludes host and port")
	case a.Has("path"):
		return local, a.Path("path"), nil
	case !a.Has("host"):
		return "", "", errors.New("it needs host and port, or path")
	case !a.Has("port") && a.root != "":
		return local, confined(a.root, host), nil
	case !a.Has("port"):
		return local, host, nil
	case port < 0 || port > 65535:
		return "", "", fmt.Errorf("port: %d is none", port)
	}
	return network, net.JoinHostPort(host, strconv.FormatInt(port, 10)), nil
}

func openNet(a *Args, network, local string) (*netsink.Handler, error) {
	network, address, err := netAddress(a, network, local)
	if err != nil {
		return nil, err
	}
	o := netsink.Options{
		BufferBytes: int(a.Int("buffer_bytes")), MaxRecordBytes: int(a.Int("max_record_bytes")), MaxWait: a.Duration("max_wait"),
		FailDown: a.Bool("fail_down"), FlushInterval: a.Duration("flush_interval"), DialTimeout: a.Duration("dial_timeout"), WriteTimeout: a.Duration("write_timeout"),
		CloseTimeout: a.Duration("close_timeout"), RetryMin: a.Duration("retry_min"), RetryMax: a.Duration("retry_max"), RetryFactor: a.Float("retry_factor"),
		Window: int(a.Int("window")), OnError: a.OnError,
	}
	o.Overflow = map[string]netsink.Overflow{"block": netsink.Block, "drop_new": netsink.DropNew, "drop_old": netsink.DropOld}[a.Text("overflow")]
	if a.Text("protocol") == "json" {
		o.Protocol = netsink.JSON
	}
	if o.TLS, err = tlsConfig(a); err != nil {
		return nil, err
	}
	return netsink.NewHandler(network, address, o)
}

// tlsConfig returns what the options say of TLS, nil for none. The files are read, and no more.
func tlsConfig(a *Args) (*tls.Config, error) {
	if !a.Bool("tls") {
		for _, name := range []string{"tls_ca", "tls_cert", "tls_key", "tls_server_name"} {
			if a.Has(name) {
				return nil, fmt.Errorf("%s needs tls", name)
			}
		}
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: a.Text("tls_server_name")}
	if a.Has("tls_ca") {
		pem, err := a.read("tls_ca")
		if err != nil {
			return nil, err
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls_ca: %s has no certificate", a.Path("tls_ca"))
		}
	}
	if a.Has("tls_cert") != a.Has("tls_key") {
		return nil, errors.New("tls_cert and tls_key need each other")
	}
	if a.Has("tls_cert") {
		cert, err := keyPair(a)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{cert}
	}
	return c, nil
}

func keyPair(a *Args) (tls.Certificate, error) {
	cert, err := a.read("tls_cert")
	key, errKey := a.read("tls_key")
	if err := errors.Join(err, errKey); err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return pair, fmt.Errorf("tls_cert: %w", err)
	}
	return pair, nil
}

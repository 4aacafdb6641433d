package config

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"

	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/smtp"
	"github.com/slogsuite/slogsuite/netsink/webhook"
)

// all is the level of handlers that have one of their own: what a document gives is around them.
const all = slog.Level(math.MinInt)

// farKinds send to people and to servers of others.
func farKinds() []*Kind { return []*Kind{smtpKind(), webhookKind()} }

// A closer is a handler that does nothing before the first record.
type closer interface {
	slog.Handler
	Close(context.Context) error
}

// checked has a kind checked by making its handler, which opens nothing.
func checked[H closer](k *Kind, make func(*Args) (H, error)) *Kind {
	k.Check = func(a *Args) error {
		h, err := make(a)
		if err != nil {
			return err
		}
		return h.Close(context.Background())
	}
	k.Handler = func(a *Args) (slog.Handler, error) {
		h, err := make(a)
		if err != nil {
			return nil, err
		}
		return h, nil
	}
	return k
}

func smtpKind() *Kind {
	return checked(&Kind{
		Name: "smtp", Classes: []string{"logging.handlers.SMTPHandler"},
		Args: []string{"mailhost", "fromaddr", "toaddrs", "subject", "credentials", "secure", "timeout"},
		Doc:  "Sends mails: what comes within an interval is one mail, where Python's SMTPHandler sends one for each record.",
		Options: []Option{
			{Name: "mailhost", Type: TypeAddress, Required: true, Doc: "the server, as \"host:port\" or [host, port]; the port is 25 if not given"},
			{Name: "from", Python: "fromaddr", Type: TypeText, Required: true, Doc: "the sender's address"},
			{Name: "to", Python: "toaddrs", Type: TypeTexts, Required: true, Doc: "the addresses to send to"},
			{Name: "subject", Type: TypeText, Doc: "the subject; how many records there are is added"},
			{Name: "credentials", Type: TypeTexts, Doc: "user and password"},
			{Name: "secure", Type: TypeTexts, Doc: "an empty list changes to TLS, as security: starttls does; certificates of Python's can't be given here"},
			{Name: "security", Type: TypeText, Choices: []string{"starttls", "tls", "plain"}, Doc: "how the connection is protected: \"plain\" if neither this nor secure is given, as in Python"},
			{Name: "interval", Type: TypeDuration, Default: "10s", Doc: "how long a record waits for others"},
			{Name: "pause", Type: TypeDuration, Default: "1m", Doc: "how long there is no other mail after one"},
			{Name: "max_records", Type: TypeInt, Default: "1000", Doc: "how many records a mail may have"},
			{Name: "max_bytes", Type: TypeSize, Default: "262144", Doc: "how long their text may be"},
			{Name: "retry_min", Type: TypeDuration, Default: "10s", Doc: "the pause after a mail could not be sent"},
			{Name: "retry_max", Type: TypeDuration, Default: "10m", Doc: "the longest pause"},
			{Name: "timeout", Type: TypeDuration, Default: "30s", Doc: "how long the sending of a mail may take"},
			{Name: "close_timeout", Type: TypeDuration, Default: "10s", Doc: "how long closing may take"},
		},
	}, openSMTP)
}

func openSMTP(a *Args) (*smtp.Handler, error) {
	o := smtp.Options{
		Level: all, Formatter: a.Formatter, From: a.Text("from"), To: a.Texts("to"), Subject: a.Text("subject"), Security: smtp.Plain,
		Interval: a.Duration("interval"), Pause: a.Duration("pause"), MaxRecords: int(a.Int("max_records")), MaxBytes: int(a.Int("max_bytes")),
		RetryMin: a.Duration("retry_min"), RetryMax: a.Duration("retry_max"), Timeout: a.Duration("timeout"), CloseTimeout: a.Duration("close_timeout"),
		OnError: a.OnError,
	}
	if a.Has("credentials") {
		who := a.Texts("credentials")
		if len(who) != 2 {
			return nil, fmt.Errorf("credentials: they are two texts, user and password, and here are %d", len(who))
		}
		o.Username, o.Password = who[0], who[1]
	}
	if a.Has("secure") {
		if n := len(a.Texts("secure")); n > 0 {
			return nil, fmt.Errorf("secure: it must be empty; a certificate of ours can't be given here")
		}
		o.Security = smtp.StartTLS
	}
	if a.Has("security") {
		o.Security = map[string]smtp.Security{"starttls": smtp.StartTLS, "tls": smtp.TLS, "plain": smtp.Plain}[a.Text("security")]
	}
	return smtp.NewHandler(a.Address("mailhost", "25"), o)
}

func webhookKind() *Kind {
	return checked(&Kind{
		Name: "webhook", Doc: "Sends batches by HTTP, as lines of JSON or an array.",
		Options: []Option{
			{Name: "url", Type: TypeText, Required: true, Doc: "where they are sent to, by POST"},
			{Name: "format", Type: TypeText, Default: "lines", Choices: []string{"lines", "array"}, Doc: "how records stand in the body"},
			{Name: "content_type", Type: TypeText, Doc: "the body's type, if not that of the format"},
			{Name: "header", Type: TypeTable, Doc: "what is sent with each request, as {Authorization: \"Bearer ...\"}"},
			{Name: "gzip", Type: TypeBool, Default: "false", Doc: "compress bodies"},
			{Name: "batch_records", Type: TypeInt, Default: "500", Doc: "how many records are sent at once"},
			{Name: "batch_bytes", Type: TypeSize, Default: "524288", Doc: "how long they may be in all"},
			{Name: "interval", Type: TypeDuration, Default: "1s", Doc: "how long a record may wait for others"},
			{Name: "buffer_bytes", Type: TypeSize, Default: "4194304", Doc: "how much memory may hold records that the server has not taken"},
			overflowOption,
			{Name: "max_wait", Type: TypeDuration, Default: "1s", Doc: "how long callers wait with \"block\""},
			{Name: "retry_min", Type: TypeDuration, Default: "1s", Doc: "the pause after a request failed"},
			{Name: "retry_max", Type: TypeDuration, Default: "30s", Doc: "the longest pause"},
			{Name: "retry_after_max", Type: TypeDuration, Default: "5m", Doc: "the longest pause that a server may ask for"},
			{Name: "max_attempts", Type: TypeInt, Default: "0", Doc: "how often a batch is sent before it is dropped; 0 is as often as it takes"},
			{Name: "request_timeout", Type: TypeDuration, Default: "10s", Doc: "how long a request may take"},
			{Name: "close_timeout", Type: TypeDuration, Default: "5s", Doc: "how long closing may take"},
		},
	}, openWebhook)
}

func openWebhook(a *Args) (*webhook.Handler, error) {
	header, err := textTable(a, "header")
	if err != nil {
		return nil, err
	}
	o := webhook.Options{
		Level: all, Formatter: a.Formatter, ContentType: a.Text("content_type"), Header: http.Header{}, Gzip: a.Bool("gzip"),
		BatchRecords: int(a.Int("batch_records")), BatchBytes: int(a.Int("batch_bytes")), Interval: a.Duration("interval"),
		BufferBytes: int(a.Int("buffer_bytes")), MaxWait: a.Duration("max_wait"), RetryMin: a.Duration("retry_min"), RetryMax: a.Duration("retry_max"),
		RetryAfterMax: a.Duration("retry_after_max"), MaxAttempts: int(a.Int("max_attempts")), RequestTimeout: a.Duration("request_timeout"),
		CloseTimeout: a.Duration("close_timeout"), OnError: a.OnError,
	}
	o.Overflow = map[string]netsink.Overflow{"block": netsink.Block, "drop_new": netsink.DropNew, "drop_old": netsink.DropOld}[a.Text("overflow")]
	if a.Text("format") == "array" {
		o.Format = webhook.Array
	}
	for key, v := range header {
		o.Header.Set(key, v)
	}
	return webhook.NewHandler(a.Text("url"), o)
}

package interoptest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lmittmann/tint"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
	"google.golang.org/protobuf/proto"
)

// A line is a record as somebody's handler put it out: its message, and its attrs with dotted
// keys as "key=value", sorted.
type line struct {
	level, message string
	attrs          []string
}

func (l line) String() string {
	return strings.Join(append([]string{l.level, l.message}, l.attrs...), " ")
}

// A peer makes a handler, and a function that returns what it put out.
type peer func(t *testing.T) (slog.Handler, func() []line)

var peers = map[string]peer{"zapslog": openZap, "zerolog": openZerolog, "tint": openTint, "otelslog": openOtel}

// buffer may be read while others write.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// lines returns what was written, a line each.
func (b *buffer) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Split(strings.TrimSuffix(b.buf.String(), "\n"), "\n")
}

func openZap(t *testing.T) (slog.Handler, func() []line) {
	var buf buffer
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg", LevelKey: "level", EncodeLevel: zapcore.CapitalLevelEncoder})
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(&buf)), zapcore.DebugLevel)
	return zapslog.NewHandler(core), func() []line { return jsonLines(t, buf.lines(), "msg") }
}

func openZerolog(t *testing.T) (slog.Handler, func() []line) {
	var buf buffer
	return zerolog.NewSlogHandler(zerolog.New(&buf)), func() []line { return jsonLines(t, buf.lines(), "message") }
}

// jsonLines reads lines of JSON whose messages have the given key.
func jsonLines(t *testing.T, texts []string, messageKey string) []line {
	var lines []line
	for _, text := range texts {
		if text == "" {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Errorf("%v: %s", err, text)
			continue
		}
		l := line{level: strings.ToUpper(fmt.Sprint(m["level"])), message: fmt.Sprint(m[messageKey])}
		delete(m, "level")
		delete(m, messageKey)
		delete(m, "time")
		flatten("", m, &l.attrs)
		slices.Sort(l.attrs)
		lines = append(lines, l)
	}
	return lines
}

func flatten(prefix string, m map[string]any, attrs *[]string) {
	for key, v := range m {
		if group, ok := v.(map[string]any); ok {
			flatten(prefix+key+".", group, attrs)
		} else {
			*attrs = append(*attrs, fmt.Sprintf("%s%s=%v", prefix, key, v))
		}
	}
}

// openTint reads tint's text back: "INF message key=value", without spaces in values.
func openTint(*testing.T) (slog.Handler, func() []line) {
	var buf buffer
	names := map[string]string{"DBG": "DEBUG", "INF": "INFO", "WRN": "WARN", "ERR": "ERROR"}
	h := tint.NewTextHandler(&buf, &tint.Options{NoColor: true, Level: slog.LevelDebug, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	return h, func() []line {
		var lines []line
		for _, text := range buf.lines() {
			if fields := strings.Fields(text); len(fields) > 1 {
				slices.Sort(fields[2:])
				lines = append(lines, line{names[fields[0]], fields[1], fields[2:]})
			}
		}
		return lines
	}
}

// openOtel sends by OTLP over HTTP to a receiver on the loopback.
func openOtel(t *testing.T) (slog.Handler, func() []line) {
	var mu sync.Mutex
	var lines []line
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collector.ExportLogsServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &request)
		}
		if err != nil {
			t.Errorf("the receiver: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, otlpLines(&request)...)
	}))
	t.Cleanup(server.Close)
	ctx := context.Background()
	exporter, err := otlploghttp.New(ctx, otlploghttp.WithEndpointURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter, sdklog.WithMaxQueueSize(100_000), sdklog.WithExportInterval(time.Hour))))
	t.Cleanup(func() { _ = provider.Shutdown(ctx) })
	return otelslog.NewHandler("interop", otelslog.WithLoggerProvider(provider)), func() []line {
		if err := provider.ForceFlush(ctx); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(lines)
	}
}

func otlpLines(request *collector.ExportLogsServiceRequest) (lines []line) {
	for _, resource := range request.GetResourceLogs() {
		for _, scope := range resource.GetScopeLogs() {
			for _, r := range scope.GetLogRecords() {
				l := line{level: r.GetSeverityText(), message: r.GetBody().GetStringValue()}
				flattenOTLP("", r.GetAttributes(), &l.attrs)
				slices.Sort(l.attrs)
				lines = append(lines, l)
			}
		}
	}
	return lines
}

func flattenOTLP(prefix string, members []*common.KeyValue, attrs *[]string) {
	for _, kv := range members {
		key := prefix + kv.GetKey()
		switch v := kv.GetValue().GetValue().(type) {
		case *common.AnyValue_KvlistValue:
			flattenOTLP(key+".", v.KvlistValue.GetValues(), attrs)
		case *common.AnyValue_StringValue:
			*attrs = append(*attrs, key+"="+v.StringValue)
		case *common.AnyValue_IntValue:
			*attrs = append(*attrs, fmt.Sprintf("%s=%d", key, v.IntValue))
		default:
			*attrs = append(*attrs, fmt.Sprintf("%s=%v", key, v))
		}
	}
}

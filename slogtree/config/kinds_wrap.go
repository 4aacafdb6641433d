package config

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// wrapperKinds are handlers that feed others.
func wrapperKinds() []*Kind {
	return []*Kind{queueKind(), sampleKind(), dedupKind(), rateLimitKind(), redactKind(), failoverKind(), flightKind(), routerKind(), retryKind(), recoverKind()}
}

// targetOption is the handler that a wrapper feeds.
var targetOption = Option{Name: "target", Type: TypeHandler, Required: true, Doc: "the handler that gets the records"}

func queueKind() *Kind {
	return &Kind{
		Name: "queue", Classes: []string{"logging.handlers.QueueHandler"},
		Doc: "Hands records to a goroutine of its own, which passes them on. A QueueHandler of Python's needs its handlers named, and is started at once.",
		Options: []Option{
			{Name: "handlers", Type: TypeHandlers, Required: true, Doc: "the handlers that get the records"},
			{Name: "respect_handler_level", Type: TypeBool, Default: "false", Doc: "ask for the levels of these"},
			{Name: "records", Type: TypeInt, Default: "4096", Doc: "how many records may be held"},
			{Name: "bytes", Type: TypeSize, Default: "67108864", Doc: "how long the texts of the records held may be in all"},
			overflowOption,
			{Name: "discard_below", Type: TypeLevel, Doc: "drop records below this level while less than a fifth of the room is free"},
			{Name: "max_wait", Type: TypeDuration, Default: "0s", Doc: "how long callers wait with \"block\"; 0 is as long as it takes"},
		},
		ignoresLevel: func(a *Args) bool { return !a.Bool("respect_handler_level") },
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewQueue(handlers.NewFanout(a.Handlers("handlers")...), handlers.QueueOptions{
				Records: int(a.Int("records")), Bytes: int(a.Int("bytes")), Overflow: overflowOf(a),
				DiscardBelow: a.Level("discard_below"), MaxWait: a.Duration("max_wait"), OnError: a.OnError,
			}), nil
		},
	}
}

var overflowOption = Option{Name: "overflow", Type: TypeText, Default: "block", Choices: []string{"block", "drop_new", "drop_old"}, Doc: "what becomes of a record that comes while it is full"}

func overflowOf(a *Args) handlers.Overflow {
	return map[string]handlers.Overflow{"block": handlers.Block, "drop_new": handlers.DropNew, "drop_old": handlers.DropOld}[a.Text("overflow")]
}

func sampleKind() *Kind {
	return &Kind{
		Name: "sample", Doc: "Passes on the first records of each message in an interval, and every so-many-th.",
		Options: []Option{
			targetOption,
			{Name: "interval", Type: TypeDuration, Default: "1s", Doc: "how long records of one message are counted together"},
			{Name: "first", Type: TypeInt, Default: "100", Doc: "how many of one message pass in each interval"},
			{Name: "thereafter", Type: TypeInt, Default: "0", Doc: "beyond them each record of that number passes; 0 lets none pass"},
			{Name: "always_level", Type: TypeLevel, Default: "ERROR", Doc: "the level from which all pass"},
		},
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewSample(a.Handler("target"), handlers.SampleOptions{
				Interval: a.Duration("interval"), First: int(a.Int("first")), Thereafter: int(a.Int("thereafter")), Level: a.Level("always_level"),
			}), nil
		},
	}
}

func dedupKind() *Kind {
	return &Kind{
		Name: "dedup", Doc: "Holds repeated records back, and tells how many there were.",
		Options: []Option{
			targetOption,
			{Name: "interval", Type: TypeDuration, Default: "10s", Doc: "how long records like one are held back"},
			{Name: "keys", Type: TypeInt, Default: "1", Doc: "how many different records are remembered"},
		},
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewDedup(a.Handler("target"), handlers.DedupOptions{Interval: a.Duration("interval"), Keys: int(a.Int("keys")), OnError: a.OnError}), nil
		},
	}
}

func rateLimitKind() *Kind {
	return &Kind{
		Name: "rate_limit", Doc: "Drops what comes too fast; each level has its own limit.",
		Options: []Option{
			targetOption,
			{Name: "every", Type: TypeDuration, Default: "10ms", Doc: "the time for one record, on the average"},
			{Name: "burst", Type: TypeInt, Default: "0", Doc: "how many pass at once; 0 is as many as in a second"},
			{Name: "keys", Type: TypeInt, Default: "1000", Doc: "how many keys have a limit of their own"},
			{Name: "always_level", Type: TypeLevel, Default: "ERROR", Doc: "the level from which all pass"},
		},
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewRateLimit(a.Handler("target"), handlers.RateLimitOptions{
				Every: a.Duration("every"), Burst: int(a.Int("burst")), Keys: int(a.Int("keys")), Level: a.Level("always_level"),
			}), nil
		},
	}
}

func redactKind() *Kind {
	return &Kind{
		Name: "redact", Doc: "Hides secrets, by the names of attrs and by patterns.",
		Options: []Option{
			targetOption,
			{Name: "keys", Type: TypeTexts, Doc: "names of attrs whose values are hidden, as \"password\", \"*token\", \"request.header.cookie\"; without it, what DefaultRedactKeys has"},
			{Name: "patterns", Type: TypeTexts, Doc: "regular expressions of what is hidden in texts"},
			{Name: "replacement", Type: TypeText, Default: "[REDACTED]", Doc: "what stands for it"},
		},
		Check: func(a *Args) error {
			_, err := patternsOf(a)
			return err
		},
		Handler: func(a *Args) (slog.Handler, error) {
			patterns, err := patternsOf(a)
			if err != nil {
				return nil, err
			}
			return handlers.NewRedact(a.Handler("target"), handlers.RedactOptions{Keys: a.Texts("keys"), Patterns: patterns, Replacement: a.Text("replacement"), OnError: a.OnError}), nil
		},
	}
}

func failoverKind() *Kind {
	return &Kind{
		Name: "failover", Doc: "Hands each record to the first of some handlers that takes it.",
		Options: []Option{
			{Name: "handlers", Type: TypeHandlers, Required: true, Doc: "the handlers, the first one first"},
			{Name: "retry_min", Type: TypeDuration, Default: "1s", Doc: "how long a handler that has failed is left alone; doubled with each failure"},
			{Name: "retry_max", Type: TypeDuration, Default: "1m", Doc: "the longest such pause"},
		},
		Check: atLeastOne,
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewFailover(handlers.FailoverOptions{RetryMin: a.Duration("retry_min"), RetryMax: a.Duration("retry_max"), OnError: a.OnError}, a.Handlers("handlers")...), nil
		},
	}
}

func atLeastOne(a *Args) error {
	if _, v := a.option("handlers", TypeHandlers); v == nil || len(v.([]string)) == 0 {
		return errors.New("handlers: there must be one at least")
	}
	return nil
}

func flightKind() *Kind {
	return &Kind{
		Name: "flight_recorder", Doc: "Keeps back the records of a request, and shows them when something goes wrong in it.",
		Options: []Option{
			targetOption,
			{Name: "hold", Type: TypeLevel, Default: "INFO", Doc: "the level below which records are kept back"},
			{Name: "trigger", Type: TypeLevel, Default: "ERROR", Doc: "the level from which a record has those kept back shown"},
			{Name: "slow", Type: TypeDuration, Default: "0s", Doc: "how long a request takes that is shown at its end; 0 shows none for that"},
			{Name: "records", Type: TypeInt, Default: "1000", Doc: "how many are kept of a request"},
			{Name: "bytes", Type: TypeSize, Default: "67108864", Doc: "how long the texts of all that is kept may be"},
		},
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewFlightRecorder(a.Handler("target"), handlers.FlightOptions{
				Hold: a.Level("hold"), Trigger: a.Level("trigger"), Slow: a.Duration("slow"), Records: int(a.Int("records")), Bytes: int(a.Int("bytes")),
				OnError: a.OnError,
			}), nil
		},
	}
}

func routerKind() *Kind {
	return &Kind{
		Name: "router", Doc: "Hands each record to the handlers whose conditions it meets.",
		Options: []Option{
			{Name: "handlers", Type: TypeHandlers, Required: true, Doc: "the handlers, in the order in which they are asked"},
			{Name: "routes", Type: TypeTable, Doc: "for the names of these their conditions, as {errors: {level: ERROR}, audit: {logger: app.audit, key: user}}: level, below, logger, key, value. Without any a handler takes all"},
			{Name: "all", Type: TypeBool, Default: "false", Doc: "a record goes to each that takes it, not to the first alone"},
			{Name: "default", Type: TypeHandler, Doc: "the handler of records that none takes; else they are dropped"},
		},
		Check: func(a *Args) error {
			_, err := routesOf(a, nil)
			return errors.Join(atLeastOne(a), err)
		},
		Handler: func(a *Args) (slog.Handler, error) {
			routes, err := routesOf(a, a.Handlers("handlers"))
			if err != nil {
				return nil, err
			}
			o := handlers.RouterOptions{All: a.Bool("all")}
			if a.Has("default") {
				o.Default = a.Handler("default")
			}
			return handlers.NewRouter(o, routes...), nil
		},
	}
}

// routesOf returns the routes to the handlers, or to none if the document is only checked.
func routesOf(a *Args, to []slog.Handler) (routes []handlers.Route, err error) {
	_, v := a.option("handlers", TypeHandlers)
	names, _ := v.([]string)
	conditions := a.Table("routes")
	for i, name := range names {
		r := handlers.Route{}
		if given, ok := conditions[name].(map[string]any); ok {
			if r, err = routeOf(name, given); err != nil {
				return nil, err
			}
		} else if conditions[name] != nil {
			return nil, fmt.Errorf("routes.%s: it must be a table", name)
		}
		if to != nil {
			r.To = to[i]
		}
		routes = append(routes, r)
	}
	for name := range conditions {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("routes: %q is not among handlers", name)
		}
	}
	return routes, nil
}

// routeOf returns a route by its conditions.
func routeOf(name string, given map[string]any) (r handlers.Route, err error) {
	for _, key := range slices.Sorted(maps.Keys(given)) {
		text, isText := given[key].(string)
		switch {
		case !isText && key != "value":
			err = fmt.Errorf("it must be text")
		case key == "level" || key == "below":
			var level slog.Level
			level, err = formatters.ParseLevel(text)
			if key == "level" {
				r.Level = level
			} else {
				r.Below = level
			}
		case key == "logger":
			r.Logger = text
		case key == "key":
			r.Attr.Key = text
		case key == "value":
			r.Attr.Value = slog.AnyValue(given[key])
		default:
			err = errors.New("there is no such condition; there are level, below, logger, key and value")
		}
		if err != nil {
			return r, fmt.Errorf("routes.%s.%s: %w", name, key, err)
		}
	}
	if _, ok := given["value"]; ok && r.Attr.Key == "" {
		return r, fmt.Errorf("routes.%s: value needs key", name)
	}
	return r, nil
}

func retryKind() *Kind {
	return &Kind{
		Name: "retry", Doc: "Tries again what another handler fails to take.",
		Options: []Option{
			targetOption,
			{Name: "attempts", Type: TypeInt, Default: "3", Doc: "how often a record is tried in all"},
			{Name: "pause", Type: TypeDuration, Default: "100ms", Doc: "the first pause; each further one is twice as long"},
			{Name: "max_wait", Type: TypeDuration, Default: "1s", Doc: "how long the pauses of one record may be in all"},
		},
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewRetry(a.Handler("target"), handlers.RetryOptions{Attempts: int(a.Int("attempts")), Pause: a.Duration("pause"), MaxWait: a.Duration("max_wait"), OnError: a.OnError}), nil
		},
	}
}

func recoverKind() *Kind {
	return &Kind{
		Name: "recover", Doc: "Makes errors of another handler's panics.", Options: []Option{targetOption},
		Handler: func(a *Args) (slog.Handler, error) { return handlers.NewRecover(a.Handler("target")), nil },
	}
}

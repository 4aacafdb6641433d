package literal

import (
	"maps"
	"slices"
	"strings"
)

// constants are the names that stand for numbers where fileConfig evaluates
// its expressions, which is inside of module logging: levels, and what
// logging.handlers defines.
var constants = map[string]int64{
	"NOTSET": 0, "DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "CRITICAL": 50, "FATAL": 50,

	"handlers.DEFAULT_HTTP_LOGGING_PORT":  9022,
	"handlers.DEFAULT_SOAP_LOGGING_PORT":  9023,
	"handlers.DEFAULT_TCP_LOGGING_PORT":   9020,
	"handlers.DEFAULT_UDP_LOGGING_PORT":   9021,
	"handlers.SYSLOG_TCP_PORT":            514,
	"handlers.SYSLOG_UDP_PORT":            514,
	"handlers.SysLogHandler.LOG_EMERG":    0,
	"handlers.SysLogHandler.LOG_KERN":     0,
	"handlers.SysLogHandler.LOG_ALERT":    1,
	"handlers.SysLogHandler.LOG_USER":     1,
	"handlers.SysLogHandler.LOG_CRIT":     2,
	"handlers.SysLogHandler.LOG_MAIL":     2,
	"handlers.SysLogHandler.LOG_DAEMON":   3,
	"handlers.SysLogHandler.LOG_ERR":      3,
	"handlers.SysLogHandler.LOG_AUTH":     4,
	"handlers.SysLogHandler.LOG_WARNING":  4,
	"handlers.SysLogHandler.LOG_NOTICE":   5,
	"handlers.SysLogHandler.LOG_SYSLOG":   5,
	"handlers.SysLogHandler.LOG_INFO":     6,
	"handlers.SysLogHandler.LOG_LPR":      6,
	"handlers.SysLogHandler.LOG_DEBUG":    7,
	"handlers.SysLogHandler.LOG_NEWS":     7,
	"handlers.SysLogHandler.LOG_UUCP":     8,
	"handlers.SysLogHandler.LOG_CRON":     9,
	"handlers.SysLogHandler.LOG_AUTHPRIV": 10,
	"handlers.SysLogHandler.LOG_FTP":      11,
	"handlers.SysLogHandler.LOG_NTP":      12,
	"handlers.SysLogHandler.LOG_SECURITY": 13,
	"handlers.SysLogHandler.LOG_CONSOLE":  14,
	"handlers.SysLogHandler.LOG_SOLCRON":  15,
	"handlers.SysLogHandler.LOG_LOCAL0":   16,
	"handlers.SysLogHandler.LOG_LOCAL1":   17,
	"handlers.SysLogHandler.LOG_LOCAL2":   18,
	"handlers.SysLogHandler.LOG_LOCAL3":   19,
	"handlers.SysLogHandler.LOG_LOCAL4":   20,
	"handlers.SysLogHandler.LOG_LOCAL5":   21,
	"handlers.SysLogHandler.LOG_LOCAL6":   22,
	"handlers.SysLogHandler.LOG_LOCAL7":   23,
}

// Constants returns the names that stand for numbers, sorted.
func Constants() []string { return slices.Sorted(maps.Keys(constants)) }

// named returns what a dotted name stands for.
func named(dotted string) (any, bool) {
	if n := Name(dotted); slices.Contains(streams, n) {
		return n, true
	}
	v, ok := constants[dotted]
	return v, ok
}

// meant returns the name that was meant by an unknown one, if that is clear.
func meant(dotted string) string {
	short := lastPart(dotted)
	for _, k := range append(Constants(), string(streams[0]), string(streams[1]), "None", "True", "False") {
		if strings.EqualFold(lastPart(k), short) {
			return k
		}
	}
	return ""
}

func lastPart(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

// isOperatorWord reports whether a word is an operator, as it may follow a
// value.
func isOperatorWord(word string) bool {
	return slices.Contains([]string{"and", "else", "for", "if", "in", "is", "not", "or", "async"}, word)
}

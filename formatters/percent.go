package formatters

// Percent returns a Formatter for a format in Python's % style, such as
//
//	%(asctime)s %(name)-12s %(levelname)-8s %(message)s
//
// It mirrors logging.Formatter(fmt, datefmt, style='%'). An empty format means
// "%(message)s". A format is text with fields, of the form %(key)s. The key is
// one of these:
//
//	name             the logger's name; root if there is none
//	levelname        the level's name, such as INFO
//	levelno          the level's number on Python's scale, as PythonLevel gives it
//	message, msg     the record's message
//	asctime          the time, as Options.DateFmt says
//	created          the time in seconds since 1970, with a fraction
//	msecs            the milliseconds within the time's second, 0 to 999
//	relativeCreated  the milliseconds since the program's start, with a fraction
//	pathname         the source file where the record was made
//	filename         its last element
//	module           its last element without the extension
//	lineno           the line in it
//	funcName         the function, without its package
//	process          the process's id
//	processName      MainProcess, unless an Origin says something else
//	thread           0, unless an Origin says something else
//	threadName       MainThread, unless an Origin says something else
//	taskName         None, unless an Origin says something else
//	exc_info         the message of the error given by [Exc], or None
//	exc_text         the Origin's, or None
//	stack_info       the Origin's, or None
//	args             (), as a record of slog has no arguments
//	attrs            all attrs that no other field prints, as key=value
//
// Any other key is that of an attr: %(user)s prints the attr user, and
// %(req.ip)s the attr ip in the group req. Without such an attr, a field
// prints its value in [Options].Defaults, or else %!user(MISSING). If the
// format has no %(attrs)s, the attrs that no field prints stand at the line's
// end:
//
//	%(levelname)s %(req.ip)s %(message)s
//	INFO 127.0.0.1 served status=200 req.path=/x
//
// What comes after the key is as with Python's % operator, and much as with
// package fmt: flags (-, 0, +, space and #), a width, a precision and the
// conversion. That is s for the value as text, r for text in quotes, a for r
// in ASCII, d, i or u for a number without its fraction, x, X and o for whole
// numbers, e, f, g, E, F and G for all numbers, and c for a character:
// %(name)-12s fills a column of twelve, %(took).3f prints a duration in
// seconds, %(status)05d adds zeros. A percent sign is %%.
//
// The text of an error given by [Exc], and what an [Origin] says of exception
// and stack, come after the line, on lines of their own.
//
// The error is a [*FormatError]. It is returned for what CPython's Formatter
// refuses, and for fields that no record can fill. With [Options.NoValidate]
// there is no error.
func Percent(format string, opts *Options) (Formatter, error) {
	if format == "" {
		format = "%(message)s"
	}
	return newTemplate('%', format, opts, parsePercent)
}
